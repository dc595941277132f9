#!/bin/sh
# Whatever a server does: the message is clear, in both languages, and nothing is lost: with a good
# server every letter arrives. What no real server does, a scripted one does.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs faults python3 psql openssl
start_work

all=12
make_office faults || exit 1
make_enterprises $all >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
setting mail from rhj@office.example
setting mail answer_seconds 1
query "SELECT message_id FROM mailing" | LC_ALL=C sort >"$work/wanted"

# What has arrived anywhere, sorted.
came() {
	cat "$work"/one/letters/* 2>/dev/null | tr -d '\r' | sed -n 's/^Message-ID: //p' | LC_ALL=C sort
}
# sends LANGUAGE: the code in $code, what it said in $work/err.
sends() {
	PINGYI_LANG=$1 pingyi send --yes 2>"$work/err"
	code=$?
}
shows() { # FILE WORDS: whether it has them; they may be several kinds, one of which is enough: a|b
	grep -q -E -e "$2" "$1" || {
		cat "$1" >&2
		return 1
	}
}
fresh() {
	stop_scripted
	forget_scripted one
	all_due
	now=2026-03-02T09:00
}
# rescue NAME: with a good server everything arrives; once, but for what was in doubt.
rescue() {
	stop_scripted
	setting mail user ""
	setting mail starttls off
	start_scripted one
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	for hour in 10 18; do
		now=2026-03-02T$hour:00
		[ "$(states)" = "$all sent" ] || sends en
	done
	check "$1: then all are sent" same "$(states)" "$all sent"
	came >"$work/came"
	uniq "$work/came" >"$work/once"
	check "$1: every letter arrives" diff "$work/wanted" "$work/once"
	check "$1: none twice but what was in doubt" same "$(uniq -d "$work/came" | while read -r id; do
		query "SELECT 'x' FROM mailing WHERE message_id = '$id' AND doubts = 0"
	done)" ""
	check "$1: nothing is in hand" same "$(held)" 0
}

# --- no way to the server: no letter is tried ---
# closed NAME CODE ENGLISH CHINESE: what was set up keeps the connection from opening.
closed() {
	sends en
	check "$1: the error's kind" same "$code" "$2"
	check "$1: a clear message" shows "$work/err" "$3"
	sends zh
	check "$1: in Chinese, too" shows "$work/err" "$4"
	check "$1: it names no password" sh -c "! grep -q geheim '$work/err'"
	check "$1: no letter has lost a try" same "$(query "SELECT count(*) FROM attempt") $(states)" "0 $all due"
}
printf 'geheim\n' >"$work/office/smtp-password"
chmod 600 "$work/office/smtp-password"
setting mail password_file smtp-password
setting mail starttls off

fresh
start_scripted one login=rhj@office.example:other
setting mail destination "smtp://127.0.0.1:$scripted_port"
setting mail user rhj@office.example
closed "wrong password" 73 "refused the login: 535 5.7.8 wrong user or password" \
	"拒绝登录：535 5.7.8 wrong user or password"
rescue "wrong password"

# QQ's words for it name every reason there may be; what is said of people and passwords is not told.
fresh
start_scripted one login=rhj@office.example:other \
	"denied=535 Login fail for rhj@office.example (geheim): login frequency limited"
setting mail destination "smtp://127.0.0.1:$scripted_port"
setting mail user rhj@office.example
closed "wrong password, repeated" 73 "refused the login: 535$" "拒绝登录：535$"
fresh
start_scripted one login=rhj@office.example:other \
	"denied=535 Login fail for rhj@office.example: login frequency limited"
setting mail destination "smtp://127.0.0.1:$scripted_port"
closed "wrong password at QQ" 73 "refused the login: 535 Login fail for … login" "拒绝登录：535 Login fail for …"
setting mail user ""

fresh
setting mail destination "smtp://no-such-host.invalid"
closed "unknown host" 75 "its name is not known \(Could not resolve host" "找不到这个主机名"

fresh
setting mail destination "smtp://127.0.0.1:$(free_port)"
closed "refused connection" 75 "nobody answers there" "对方没有接受连接"
rescue "refused connection"

make_certificate
cp "$work/cert.pem" "$work/good.pem"
cp "$work/key.pem" "$work/good.key"
openssl x509 -in "$work/cert.pem" -signkey "$work/key.pem" -days -1 -out "$work/expired.pem" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example \
	-addext 'subjectAltName=DNS:other.example' -keyout "$work/other.key" -out "$work/other.pem" 2>/dev/null
for tls in on start; do
	scheme=smtps
	[ $tls = on ] || scheme=smtp
	setting mail starttls required

	fresh
	start_scripted one tls=$tls cert="$work/expired.pem" key="$work/good.key"
	setting mail destination "$scheme://localhost:$scripted_port"
	setting mail ca_file "$work/expired.pem"
	setting mail starttls required
	closed "expired certificate ($scheme)" 73 "not to be trusted .*expired" "证书不可信"

	fresh
	start_scripted one tls=$tls cert="$work/other.pem" key="$work/other.key"
	setting mail destination "$scheme://localhost:$scripted_port"
	setting mail ca_file "$work/other.pem"
	closed "certificate of another name ($scheme)" 73 "not to be trusted .*(name|match)" "证书不可信"

	fresh
	start_scripted one tls=$tls cert="$work/good.pem" key="$work/good.key"
	setting mail destination "$scheme://localhost:$scripted_port"
	setting mail ca_file "$work/other.pem"
	closed "unknown certificate ($scheme)" 73 "not to be trusted .*self.signed" "证书不可信"
	setting mail ca_file "$work/no-such-file.pem"
	closed "ca_file that is not there ($scheme)" 65 "ca_file cannot be read" "无法读取 ca_file"
	setting mail ca_file "$work/good.pem"
	sends en
	check "good certificate ($scheme): all are sent" same "$code $(states)" "0 $all sent"
done
fresh
start_scripted one
setting mail destination "smtp://127.0.0.1:$scripted_port"
closed "no STARTTLS" 73 "no encryption \(STARTTLS\)" "不支持加密"
setting mail ca_file ""
setting mail starttls off

for fault in hang close reset 421 rubbish; do
	for place in connect ehlo; do
		fresh
		start_scripted one fault=$fault@$place
		setting mail destination "smtp://127.0.0.1:$scripted_port"
		case $fault in
		hang) words="did not answer in time" chinese="没有按时应答" ;;
		close | reset) words="reached: it closed the connection$" chinese="：对方断开了连接$" ;;
		421) words="refused the connection: 421 4.3.2 the server is going down$" \
			chinese="拒绝了连接：421 4.3.2 the server is going down$" ;;
		rubbish) words="not as a mail server does \(评议 what is this\?\)" \
			chinese="不像邮件服务器 \(评议 what is this\?\)" ;;
		esac
		closed "$fault at $place" 75 "$words" "$chinese"
	done
done
rescue "no greeting"

# What it says for us alone to read: whether later is another matter.
while IFS='	' read -r option code; do
	fresh
	start_scripted one "$option"
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	closed "$option" "$code" "refused the connection: ${option#*=}" "拒绝了连接：${option#*=}"
done <<'END'
greeting=550 Connection frequency limited, see http://service.mail.qq.com/	75
greeting=554 5.7.1 you are on a list	73
greeting=451 4.7.0 not now	75
ehlo=550 5.7.1 not with that name	73
ehlo=450 4.7.1 not now	75
END

# --- the server goes wrong with letters, twice, and then is good again ---
# FAULT, what the ledger says of the letters it met, in English and in Chinese; "long" is for LONG=1.
count=0
while IFS='	' read -r fault outcome english chinese when; do
	[ -z "$when" ] || [ -n "${LONG:-}" ] || continue
	fresh
	count=$((count + 1))
	language=en words=$english
	[ $((count % 2)) -eq 0 ] || language=zh words=$chinese
	start_scripted one "fault=$fault" times=2
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	sends $language
	check "$fault: the run goes on with the others" same "$code" 0
	check "$fault: two letters are met, the others are sent" same "$(states)" \
		"2 $outcome, $((all - 2)) sent"
	query "SELECT concat_ws(' ', code, words) FROM attempt WHERE outcome = '$outcome'" >"$work/words"
	check "$fault: the ledger says why ($language)" shows "$work/words" "$words"
	rescue "$fault"
done <<'END'
close@mail	deferred	connection to the mail server was lost	与邮件服务器的连接
reset@rcpt	deferred	connection to the mail server was lost	与邮件服务器的连接	long
close@data	deferred	connection to the mail server was lost	与邮件服务器的连接	long
close@body	doubtful	connection to the mail server was lost	与邮件服务器的连接
reset@end	doubtful	connection to the mail server was lost	与邮件服务器的连接	long
close@taken	doubtful	connection to the mail server was lost	与邮件服务器的连接
hang@mail	deferred	did not answer in time	没有按时应答
hang@taken	doubtful	did not answer in time	没有按时应答	long
rubbish@mail	deferred	not SMTP	不是 SMTP	long
rubbish@end	doubtful	not SMTP	不是 SMTP
endless@rcpt	deferred	not SMTP	不是 SMTP	long
nul@data	deferred	too long or damaged	过长或已损坏
surplus@mail	deferred	do not fit	不符|不对应|对不上	long
421@mail	deferred	421 4.3.2 the server is going down	421 4.3.2 the server is going down
421@rcpt	deferred	421 4.3.2 the server is going down	421 4.3.2 the server is going down	long
421@data	deferred	421 4.3.2 the server is going down	421 4.3.2 the server is going down	long
421@end	deferred	421 4.3.2 the server is going down	421 4.3.2 the server is going down
END

# Between two letters it costs none of them a try.
setting mail connections 1
for fault in close@mail 421@rcpt; do
	fresh
	start_scripted one "fault=$fault" after=4 times=1
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	sends en
	check "$fault between letters: all are sent" same "$code $(states)" "0 $all sent"
	check "$fault between letters: with one try each" same "$(query "SELECT count(*) FROM attempt")" "$all"
	check "$fault between letters: it was met" grep -q "^fault" "$work/one/log"
done

setting mail connections 4

# --- a server that is never good again: it is left alone after a while, with a reason ---
for fault in close@mail rubbish@end 421@data; do
	[ $fault != 421@data ] || [ -n "${LONG:-}" ] || continue
	fresh
	start_scripted one "fault=$fault"
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	sends en
	check "always $fault: it gives up and says why" same "$code $(grep -c 'closed 5 connections in a row' \
		"$work/err")" "75 1"
	check "always $fault: five letters were tried, none is lost" same \
		"$(query "SELECT count(*), count(*) FILTER (WHERE state = 'due'), count(*) FILTER
			(WHERE state = 'failed') FROM mailing")" "$all	$((all - 5))	0"
	rescue "always $fault"
done

# Accepts and then drops the connection after each letter; with 421, without.
for last in 1 2; do
	fresh
	start_scripted one last=$last
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	sends en
	check "$last letters a connection: all are sent" same "$code $(states)" "0 $all sent"
	check "$last letters a connection: each once" same "$(came | uniq -d)" ""
done

# A large letter over TLS to a server that stops reading for a while.
fresh
start_scripted one tls=on cert="$work/good.pem" key="$work/good.key" nap=300
setting mail destination "smtps://localhost:$scripted_port"
setting mail ca_file "$work/good.pem"
query "INSERT INTO attachment (round_id, name, type, bytes, added_at) SELECT id, 'photos.bin',
	'application/octet-stream', (SELECT string_agg(sha256(g::text::bytea), '')
		FROM generate_series(1, 60000) g), now() FROM round" >/dev/null
started=$(date +%s)
sends en
check "a large letter: all are sent" same "$code $(states)" "0 $all sent"
check "a large letter: as fast as it is read" [ $(($(date +%s) - started)) -le 12 ]
check "a large letter: every byte" same "$(python3 - "$work/one/letters" <<'PY'
import email, hashlib, os, sys
wanted = b"".join(hashlib.sha256(str(g).encode()).digest() for g in range(1, 60001))
good = 0
for name in os.listdir(sys.argv[1]):
    message = email.message_from_bytes(open(os.path.join(sys.argv[1], name), "rb").read())
    good += any(p.get_payload(decode=True) == wanted for p in message.walk() if not p.is_multipart())
print(good)
PY
)" $all
pingyi run 2>"$work/err"
