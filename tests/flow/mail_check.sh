#!/bin/sh
# `pingyi mail check` against a real relay (Postfix, which OpenDKIM signs for), a real mailbox
# (Dovecot) and a real name server (dnsmasq); in a world where all is right, and in worse ones.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs mail_check root postfix dovecot dnsmasq opendkim opendkim-genkey openssl python3
start_work
stop_own() {
	stop_opendkim
	stop_dns
}

# start_dns FILE: a name server on 127.0.0.1:$dns_port that knows what FILE says (dnsmasq.conf), and
# that there is nothing else below .example and in the networks of documentation.
start_dns() {
	dns_port=$(free_port)
	dnsmasq -k -C "$1" -u nobody -p "$dns_port" -a 127.0.0.1 -z -R -h -x "" \
		--local=/example/ --local=/in-addr.arpa/ --local=/ip6.arpa/ --log-facility=- \
		>"$work/dns.log" 2>&1 &
	dns_pid=$!
	wait_port "$dns_port"
}

stop_dns() {
	stop_process "${dns_pid:-}"
	dns_pid=""
}

# start_opendkim DOMAIN SELECTOR: signs letters of the domain that come to Postfix, which asks it at
# $milter_port; its key is $work/dkim/SELECTOR.private, the record to publish is in SELECTOR.txt.
start_opendkim() {
	milter_port=$(free_port)
	mkdir -p "$work/dkim"
	opendkim-genkey -b 2048 -d "$1" -s "$2" -D "$work/dkim" || return 1
	cat >"$work/opendkim.conf" <<CONF
Domain $1
Selector $2
KeyFile $work/dkim/$2.private
Socket inet:$milter_port@127.0.0.1
Mode s
Canonicalization relaxed/simple
OversignHeaders From
InternalHosts 127.0.0.1
RequireSafeKeys no
Background no
Syslog no
CONF
	opendkim -f -x "$work/opendkim.conf" >"$work/opendkim.log" 2>&1 &
	opendkim_pid=$!
	wait_port "$milter_port"
}

stop_opendkim() {
	[ -n "${opendkim_pid:-}" ] || return 0
	# its first SIGTERM may get lost while a connection is open
	turn=0
	while kill "$opendkim_pid" 2>/dev/null && [ $turn -lt 20 ]; do
		turn=$((turn + 1))
		sleep 0.2
	done
	kill -9 "$opendkim_pid" 2>/dev/null
	wait "$opendkim_pid" 2>/dev/null
	opendkim_pid=""
}

# check_mail OPTION…: the command, its output in $work/out, its exit code in $code.
check_mail() {
	"$build/pingyi" --office "$work/office" mail check --resolver "127.0.0.1:$dns_port" "$@" \
		>"$work/out" 2>"$work/err"
	code=$?
}
# mark NAME: how a finding of $work/out (JSON) is marked, "" when there is none.
mark() {
	python3 - "$work/out" "$1" <<'PY'
import json, sys
found = [f["mark"] for f in json.load(open(sys.argv[1]))["findings"] if f["name"] == sys.argv[2]]
print(*found)
PY
}
# member NAME MEMBER: another member of a finding; NAME "" is the report itself.
member() {
	python3 - "$work/out" "$@" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
found = [f for f in report["findings"] if f["name"] == sys.argv[2]] if sys.argv[2] else [report]
print(*[f[sys.argv[3]] for f in found], sep="\n")
PY
}
marks() {
	for one in "$@"; do
		printf '%s ' "$(mark "$one")"
	done
}
# Whether no line is wider than 80 columns, records (which are copied) aside.
narrow() {
	python3 - "$work/out" <<'PY'
import sys, unicodedata
for line in open(sys.argv[1], encoding="utf-8"):
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    if width > 80 and " IN " not in line:
        sys.exit(f"{width}: {line}")
PY
}
delivered() {
	find "$work/dovecot/mail/new" "$work/dovecot/mail/cur" -type f | wc -l
}
# The strings of a zone file's record, as dnsmasq takes them.
strings() {
	python3 -c 'import re, sys
print(",".join(re.findall("\"[^\"]*\"", open(sys.argv[1]).read())))' "$1"
}

make_certificate
"$build/pingyi" init "$work/office" --seed check >"$work/init.log" 2>&1 || exit 1
start_opendkim office.example py || exit 1
cat >"$work/good.conf" <<CONF
host-record=relay.example,203.0.113.5
ptr-record=5.113.0.203.in-addr.arpa,relay.example
txt-record=office.example,"unrelated=1"
txt-record=office.example,"v=spf1 include:spf.example -all"
txt-record=spf.example,"v=spf1 ip4:203.0.113.0/29 ~all"
mx-host=office.example,relay.example,10
txt-record=_dmarc.office.example,"v=DMARC1; p=none; rua=mailto:rhj@office.example"
txt-record=py._domainkey.office.example,$(strings "$work/dkim/py.txt")
mx-host=bounce.example,relay.example,10
txt-record=bounce.example,"v=spf1 mx -all"
CONF
cat >"$work/bad.conf" <<CONF
host-record=relay.example,203.0.113.5
ptr-record=5.113.0.203.in-addr.arpa,other.example
host-record=other.example,203.0.113.6
txt-record=office.example,"v=spf1 a:relay.example -all"
txt-record=loop.example,"v=spf1 include:loop.example -all"
txt-record=py._domainkey.office.example,"v=DKIM1; k=rsa; p="
CONF
start_dns "$work/good.conf" || exit 1

check_mail --json
check "a folder: no relay to check, no error" same "$code" 0
check "a folder: said so" same "$(marks relay.login domain.name)" "warning warning "

start_dovecot || exit 1
home=dovecot/mail
: >"$work/senders"
# max_use: each connection reads the rules anew
# shellcheck disable=SC2034
main_cf="max_use = 1
smtpd_sender_restrictions = check_sender_access regexp:$work/senders
smtpd_milters = inet:127.0.0.1:$milter_port
milter_default_action = tempfail"
start_postfix || exit 1
printf 'geheim\n' >"$work/office/secret"
chmod 600 "$work/office/secret"
setting mail destination "smtp://127.0.0.1:$smtp_port"
setting mail from rhj@office.example
setting mail user rhj@office.example
setting mail password_file secret
setting mail ca_file "$work/cert.pem"
setting "source inbox" url "imaps://localhost:$imaps_port"
setting "source inbox" user rhj@office.example
setting "source inbox" password_file secret
setting "source inbox" ca_file "$work/cert.pem"

# All is right.
check_mail --json --no-send
check "links to this machine: nothing would leave, it says" same "$code$(mark relay.links)$(member "" next |
	grep -c public_url)" 0warning1
setting office public_url https://opinion.office.example
check_mail --json
check "good: no error" same "$code" 0
check "good: the letter goes and comes" same \
	"$(marks relay.login letter.sent letter.came letter.message_id letter.references)" \
	"good good good good good "
check "good: TLS is named" grep -q 'TLSv1\.[23], logged in' "$work/out"
check "good: the domain" same \
	"$(marks domain.spf domain.dkim domain.dmarc domain.ptr domain.mx)" \
	"good good good good good "
check "good: the key's length" grep -q 'rsa, 2048 bits: py._domainkey.office.example' "$work/out"
check "good: VERP would work" same "$(marks verp.plus verp.setting)" "good warning "
check "good: it says so last" same "$(member "" next)" "Set verp = plus under [mail]."
check "good: three letters in all" same "$(delivered)" 3
check "good: none is marked as seen" same "$(find "$work/dovecot/mail/cur" -name '*S*' | wc -l)" 0
setting mail verp plus
setting "source inbox" url "maildir:$work/dovecot/mail"
check_mail --json
check "plus: right as set, by a Maildir too" same "$code$(mark verp.setting)" 0good
check "plus: nothing is left to do" same "$(member "" next)" \
	"nothing has to be mended; pingyi send sends."
setting mail verp domain
setting mail bounce_domain bounce.example
setting "source inbox" url "imaps://localhost:$imaps_port"
check_mail --json
check "domain: right as set" same "$code$(mark verp.setting)$(mark domain.mx)" "0goodgood good"
check "domain: SPF is the bounces' one" grep -q 'by “mx” (1 of 10 look-ups): v=spf1 mx -all' "$work/out"
setting mail bounce_domain ""
setting mail verp off

# The second relay: its login too, where there is one.
check "second: without one nothing is said of it" same "$(mark second.login)" ""
setting "mail second" destination "smtp://127.0.0.1:$smtp_port"
setting "mail second" user rhj@office.example
setting "mail second" password_file secret
setting "mail second" ca_file "$work/cert.pem"
came=$(delivered)
check_mail --json --no-send
check "second: logged in to" same "$code$(marks relay.login second.login second.offers)" "0good good note "
check_mail
check "second: under a heading of its own, after the first" same "$code$(grep -c 'logged in as rhj' "$work/out")$(
	sed -n '/logged in as/,$p' "$work/out" | grep -c 'Second relay')" 021
check "second: three letters in all, as without one" same "$(delivered)" $((came + 3))
printf 'wrong-secret\n' >"$work/office/secret2"
chmod 600 "$work/office/secret2"
setting "mail second" password_file secret2
check_mail --json --no-send
check "second: a wrong password is an error" same "$code$(marks relay.login second.login)" "73good failed "
check "… with the server's words" same "$(member second.login text | grep -c 'refused the login: 535')" 1
check "… and whose it is" same "$(member second.login advice | grep -c '\[mail second\]')" 1
check "… which is not shown" same "$(cat "$work/out" "$work/err" | grep -c -e wrong-secret)" 0
setting "mail second" destination maildir:second
check_mail --json --no-send
check "second: a folder is none" same "$code$(mark second.login)" 0warning
setting "mail second" destination http://relay.example
check_mail --json --no-send
check "second: a wrong setting is named" same "$code$(grep -c '\[mail second\] destination' "$work/err")" 651
setting "mail second" destination ""

letter=$(grep -rl 'Subject: Mail check' "$work/dovecot/mail" | head -n 1)
# The signature is one that others can verify.
if /usr/bin/python3 -c 'import dkim' 2>/dev/null; then
	check "OpenDKIM's signature verifies" /usr/bin/python3 - "$letter" "$work/dkim/py.txt" <<'PY'
import dkim, re, sys
# as it stood on the wire; Return-Path and the like stand above the signature
message = open(sys.argv[1], "rb").read().replace(b"\n", b"\r\n")
key = "".join(re.findall('"([^"]*)"', open(sys.argv[2]).read())).encode()
good = dkim.verify(message, dnsfunc=lambda name, timeout=5: key)
bad = dkim.verify(message.replace(b"Subject: Mail", b"Subject: Nail"),
                  dnsfunc=lambda name, timeout=5: key)
sys.exit(0 if good and not bad else 1)
PY
else
	echo "SKIP mail_check: no python3-dkim: the signature is not verified"
fi

check "collecting takes it for no answer" grep -q '"kind": *"auto-reply"' <<KIND
$("$build/pingyi" read "$letter")
KIND

# What is not to be seen or sent.
before=$(delivered)
check_mail --no-send
check "--no-send: nothing is sent" same "$code$(delivered)" "0$before"
check "--no-send: without a letter the selector is unknown" grep -q 'no selector is known' "$work/out"
setting mail dkim_selector py
check_mail --no-send --json
check "--no-send: a selector by setting" same "$(mark domain.dkim)" good
check_mail --wait 0 --json
check "--wait 0: nobody waits" same "$code$(mark letter.came)$(mark verp.setting)" 0notegood
check_mail --to another@office.example --json --wait 3
check "--to: sent there, not waited for" same "$code$(marks letter.sent letter.came)" "0good note "
check_mail --wait x
check "a wrong number is refused" same "$code" 64
check_mail --wait -1
check "a wait below nothing is refused" same "$code" 65
"$build/pingyi" --office "$work/office" mail check --resolver localhost --no-send >/dev/null 2>&1
check "a resolver that is no address is refused" same $? 65
"$build/pingyi" --office "$work/office" mail 2>/dev/null
check "without its verb it says how" same $? 65

# On a terminal of 80 columns, in both languages.
check_mail --no-send
check "80 columns, English" narrow
PINGYI_LANG=zh
export PINGYI_LANG
check_mail
check "80 columns, Chinese" narrow
check "the last line says what to do" same "$(tail -n 1 "$work/out")" "下一步：请把 [mail] verp 设成 plus。"
PINGYI_LANG=en
check "no password is shown" same "$(grep -c geheim "$work/out" "$work/err" | cut -d: -f2 | sort -u)" 0

# The records are missing or wrong.
stop_dns
start_dns "$work/bad.conf" || exit 1
check_mail --json
check "bad records: no error" same "$code" 0
check "bad records: each is judged" same \
	"$(marks domain.spf domain.dkim domain.dmarc domain.ptr domain.mx)" \
	"good failed failed failed failed "
check "bad records: DMARC to publish" same "$(member domain.dmarc record)" \
	'_dmarc.office.example. IN TXT "v=DMARC1; p=none; rua=mailto:rhj@office.example"'
check "bad records: PTR to publish" same "$(member domain.ptr record)" \
	"5.113.0.203.in-addr.arpa. IN PTR relay.example."
check "bad records: DKIM revoked" grep -q 'key at py._domainkey.office.example is revoked' "$work/out"
check_mail --no-send --json --outgoing 203.0.113.77
check "another address: SPF refuses it" same "$(mark domain.spf)" failed
check "another address: what to publish" same "$(member domain.spf record)" \
	'office.example. IN TXT "v=spf1 a:relay.example ip4:203.0.113.77 -all"'
setting mail from rhj@none.example
check_mail --no-send --json
check "no record: SPF to publish" same "$(member domain.spf record)" \
	'none.example. IN TXT "v=spf1 ip4:203.0.113.5 -all"'
setting mail from rhj@loop.example
check_mail --no-send --json
check "a loop: ends, and is wrong" same "$code$(mark domain.spf)" 0failed
setting mail from rhj@163.com
check_mail --no-send --json
check "a public provider's domain: nothing to publish" same "$(marks domain.name domain.spf)" "note  "
setting mail from rhj@office.example
stop_dns
start=$(date +%s)
check_mail --no-send --json
check "no name server: said, in time" same \
	"$code$(mark domain.spf)$([ $(($(date +%s) - start)) -le 20 ] && echo soon)" 0warningsoon
start_dns "$work/good.conf" || exit 1

# Relays that refuse.
printf '/\\+/ REJECT 5.7.1 only your own address\n' >"$work/senders"
check_mail --json
check "VERP refused: off is right, no error" same "$code$(marks verp.plus verp.setting)" "0note good "
setting mail verp plus
check_mail --json
check "VERP refused though set: an error" same "$code$(mark verp.setting)" 73failed
check "… with what to do" same "$(member verp.setting advice)" "Set verp = off under [mail]."
setting mail verp off
printf '/./ REJECT 5.7.1 not you\n' >"$work/senders"
check_mail --json
check "sender refused: an error, and the domain all the same" same \
	"$code$(marks letter.sent domain.spf)" "73failed good "
: >"$work/senders"
printf 'rhj@office.example 550 5.1.1 no such mailbox\n' >"$work/access"
check_mail --json
check "recipient refused: an error" same "$code$(mark letter.sent)" 73failed
: >"$work/access"
printf 'wrong-secret\n' >"$work/office/secret"
check_mail --json
check "a wrong password: an error, and the domain all the same" same \
	"$code$(marks relay.login domain.dmarc)" "73failed good "
check "… which is not shown" same \
	"$(grep -c wrong-secret "$work/out" "$work/err" | cut -d: -f2 | sort -u)" 0
printf 'geheim\n' >"$work/office/secret"
setting "source inbox" user nobody@office.example
check_mail --json
check "the mailbox refuses us: an error, the letter goes all the same" same \
	"$code$(marks source.login letter.sent letter.came)" "73failed good note "

# The recipe of docs/relays.md: its own lines, with ports and folders of the test.
block() {
	awk -v fence='```' '$0 == fence { shown = 0 } shown; $0 == fence kind { shown = 1 }' \
		kind="$1" "$here/../../docs/relays.md"
}
stop_postfix
stop_opendkim
milter_port=$(free_port)
block opendkim.conf | sed "s#/etc/dkimkeys#$work/dkim#; s#8891@#$milter_port@#; s#^UserID.*#RequireSafeKeys no#
	s#^Syslog.*#Background no#" >"$work/opendkim.conf"
check "recipe: OpenDKIM takes its configuration" opendkim -n -x "$work/opendkim.conf"
opendkim -f -x "$work/opendkim.conf" >>"$work/opendkim.log" 2>&1 &
opendkim_pid=$!
wait_port "$milter_port" || exit 1
# shellcheck disable=SC2034
main_cf="$(block main.cf | sed "s#:8891#:$milter_port#; s#^inet_interfaces.*#inet_interfaces = 127.0.0.1#")
smtpd_tls_security_level = may"
# shellcheck disable=SC2034
master_cf='slow unix - - n - - smtp'
start_postfix || exit 1
check "recipe: Postfix knows every parameter" same \
	"$(postconf -c "$work/postfix/etc" -n 2>&1 | grep -c 'unused parameter')" 0
setting mail destination "smtp://127.0.0.1:$smtp_port"
setting mail starttls off
setting mail user ""
setting mail password_file ""
setting "source inbox" user rhj@office.example
check_mail --json
check "recipe: without a login, signed, comes in" same \
	"$code$(marks relay.login letter.sent letter.came domain.dkim)" "0good good good good "
