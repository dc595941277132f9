# shellcheck shell=sh disable=SC2154,SC2034
# Sourced by the flow tests that need mail servers: starts real ones on loopback, under a temporary
# folder, with configurations of their own. Nothing of the system's is touched.
#
# $work is the test's folder, $build the build folder, $here the folder of this file.

export PINGYI_LANG=en
export SHELL=/bin/sh # script(1) runs a command with it: the same one everywhere
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
now=2026-03-02T09:00

# needs NAME PROGRAM…: ends the test, loudly, where one is missing; "root" is who may run a Dovecot
# or a Postfix of his own.
needs() {
	needs_name=$1
	shift
	for program in "$@"; do
		if [ "$program" = root ]; then
			[ "$(id -u)" -eq 0 ] && continue
			echo "SKIP $needs_name: servers of its own need root"
			exit 0
		fi
		command -v "$program" >/dev/null || {
			echo "SKIP $needs_name: no $program"
			exit 0
		}
	done
}

# start_work: the test's folder, that servers of other users may look into. When the test ends, what
# was started here ends, and the folder goes; what the test itself started, its stop_own ends.
start_work() {
	work=$(mktemp -d)
	chmod 755 "$work"
	trap end_work EXIT
}
stop_own() {
	:
}
end_work() {
	stop_own
	stop_pages
	stop_link
	stop_scripted
	stop_sink
	stop_postfix
	close_office
	stop_dovecot
	rm -rf "$work"
}

# stop_process PID: ends what was started here; "": nothing.
stop_process() {
	[ -n "$1" ] || return 0
	kill "$1"
	wait "$1" 2>/dev/null || :
}

# A port that nobody listens on.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_port PORT: until somebody listens, at most 20 s.
wait_port() {
	turn=0
	until python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' \
		"$1" 2>/dev/null; do
		turn=$((turn + 1))
		[ $turn -lt 100 ] || return 1
		sleep 0.2
	done
}

# wait_file FILE: until there is something in it, at most 10 s.
wait_file() {
	turn=0
	until [ -s "$1" ]; do
		turn=$((turn + 1))
		[ $turn -lt 200 ] || return 1
		sleep 0.05
	done
}

# check NAME COMMAND…: "ok" when the command succeeds.
check() {
	name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
	fi
}

# Whether two texts are the same; shows them when not.
same() {
	[ "$1" = "$2" ] || {
		printf 'expected: %s\ngot: %s\n' "$2" "$1" >&2
		return 1
	}
}

# told CODE WORDS COMMAND…: it ends with the code, and its stderr has the words; its stdout is in
# $work/out.
told() {
	told_code=$1 told_words=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	same $? "$told_code" && grep -qF -e "$told_words" "$work/err" && return 0
	cat "$work/err" >&2
	return 1
}

# pingyi…: in the office of the test, by its staff.
pingyi() {
	"$build/pingyi" --office "$work/office" --as staff --now "$now" "$@"
}

# ask WORDS COMMAND…: pingyi as staff on a terminal, until it has asked that; what it shows is in
# $work/shown.
ask() {
	ask_words=$1
	shift
	rm -f "$work/answer"
	mkfifo "$work/answer"
	: >"$work/shown"
	# --foreground: below a shell that stays, timeout would take the command away from the terminal
	script -qec "timeout --foreground 60 '$build/pingyi' --office '$work/office' --as staff --now $now $*" /dev/null \
		<"$work/answer" >"$work/shown" 2>&1 &
	asked=$!
	exec 3>"$work/answer"
	turn=0
	until grep -q -F -e "$ask_words" "$work/shown" || [ $turn -ge 200 ]; do
		turn=$((turn + 1))
		sleep 0.05
	done
}

# answer WORD: to what was asked; its exit code is in $code.
answer() {
	(echo "$1" >&3) 2>/dev/null # in a shell of its own: where nobody asks, it gets SIGPIPE
	wait "$asked"
	code=$?
	exec 3>&-
}

# The office, with its database kept up until close_office, so that query can look into it. Its links
# point elsewhere, so that letters may leave by a relay.
make_office() {
	"$build/pingyi" init "$work/office" --seed "$1" >"$work/init.log" 2>&1 || return 1
	setting office public_url https://opinion.office.example
	(
		flock -s 9
		exec sleep 3600
	) 9<"$work/office/cluster.users" >/dev/null 2>&1 &
	office_holder=$!
	sleep 0.2
	"$build/pingyi" --office "$work/office" account list >/dev/null 2>&1 || return 1
	office_socket=$(sed -n 's/^socket=//p' "$work/office/cluster")
}

# A released round of the demo's enterprises.
make_round() {
	{
		pingyi enterprise import "$here/../demo/enterprises-utf8.csv" &&
			pingyi round new 2026-1 --title 2026 --closes 2026-03-31 &&
			pingyi round release 2026-1 --yes
	} >"$work/round.log" 2>&1 || {
		cat "$work/round.log" >&2
		return 1
	}
}

close_office() {
	[ -n "${office_holder:-}" ] || return 0
	stop_process "$office_holder"
	office_holder=""
	"$build/pingyi" --office "$work/office" account list >/dev/null 2>&1
	rmdir "$office_socket" 2>/dev/null
}

# start_pages: what the office serves, at $url (without a slash at its end).
start_pages() {
	"$build/pingyi" --office "$work/office" --now "$now" serve --no-run --listen 127.0.0.1:0 \
		>"$work/url" 2>"$work/serve.err" &
	pages_pid=$!
	wait_file "$work/url" || return 1
	url=$(head -n 1 "$work/url")
	url=${url%/}
}

stop_pages() {
	stop_process "${pages_pid:-}"
	pages_pid=""
}

# query SQL: rows with columns separated by tabs.
query() {
	PGOPTIONS='-c search_path=pingyi' psql -X -q -A -t -F "	" -h "$office_socket" \
		-U pingyi_admin -d pingyi -c "$1"
}

# setting GROUP NAME VALUE: changes pingyi.conf; a group that is not there is added.
setting() {
	GROUP="[$1]" NAME=$2 LINE="$2 = $3" awk '
		function put() { if (here && !done) { print ENVIRON["LINE"]; done = 1 } }
		/^\[/ { put(); here = $0 == ENVIRON["GROUP"]; found += here }
		here && $0 ~ "^" ENVIRON["NAME"] "[ \t]*=" { if (!done) print ENVIRON["LINE"]; done = 1; next }
		{ print }
		END { put(); if (!found) print ENVIRON["GROUP"] "\n" ENVIRON["LINE"] }' \
		"$work/office/pingyi.conf" >"$work/pingyi.conf.new" &&
		cat "$work/pingyi.conf.new" >"$work/office/pingyi.conf"
}

# A certificate for localhost and 127.0.0.1, by itself: $work/cert.pem, $work/key.pem.
make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
}

# start_dovecot: the user rhj@office.example with the password geheim, a Maildir in
# $work/dovecot/mail (or what $mail_location says, which may be in $work/dovecot); ports in $imap_port (plain and STARTTLS), $imaps_port and $auth_port (logins
# for Postfix); with $pop3=yes also $pop3_port and $pop3s_port. After stop_dovecot or kill_dovecot,
# run_dovecot starts it again as it was.
start_dovecot() {
	imap_port=$(free_port)
	pop3_port=$(free_port)
	pop3s_port=$(free_port)
	imaps_port=$(free_port)
	auth_port=$(free_port)
	mkdir -p "$work/dovecot/mail/cur" "$work/dovecot/mail/new" "$work/dovecot/mail/tmp"
	echo 'rhj@office.example:{PLAIN}geheim' >"$work/dovecot/passwd"
	chmod 644 "$work/dovecot/passwd"
	chown -R nobody:nogroup "$work/dovecot/mail"
	cat >"$work/dovecot.conf" <<CONF
base_dir = $work/dovecot/run
state_dir = $work/dovecot/state
log_path = $work/dovecot.log
protocols = imap${pop3:+ pop3}
listen = 127.0.0.1
ssl = yes
ssl_cert = <$work/cert.pem
ssl_key = <$work/key.pem
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = ${mail_location:-maildir:$work/dovecot/mail}
mbox_write_locks = fcntl
default_process_limit = 10
default_client_limit = 100
passdb {
  driver = passwd-file
  args = $work/dovecot/passwd
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/dovecot/mail
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
    ssl = yes
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = $auth_port
  }
}
service anvil {
  chroot =
}
CONF
	[ -z "${pop3:-}" ] || cat >>"$work/dovecot.conf" <<CONF
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = $pop3_port
  }
  inet_listener pop3s {
    port = $pop3s_port
    ssl = yes
  }
}
CONF
	run_dovecot
}

# start_mailbox NAME: an office, and a Dovecot that knows whom it will say that it is.
start_mailbox() {
	make_certificate
	make_office "$1" || return 1
	printf 'geheim\n' >"$work/office/mailbox-password"
	chmod 600 "$work/office/mailbox-password"
	start_dovecot || return 1
	[ -z "${pop3:-}" ] || wait_port "$pop3s_port" || return 1
	setting "source inbox" user rhj@office.example
	setting "source inbox" password_file mailbox-password
}

run_dovecot() {
	dovecot -F -c "$work/dovecot.conf" &
	dovecot_pid=$!
	wait_port "$imap_port"
}

# kill_dovecot: all of it at once, as when a machine loses its power.
kill_dovecot() {
	dovecot_children=$(ps -o pid= --ppid "$dovecot_pid")
	# shellcheck disable=SC2086
	kill -9 "$dovecot_pid" $dovecot_children 2>/dev/null
	wait "$dovecot_pid" 2>/dev/null
	rm -rf "$work/dovecot/run"
	dovecot_pid=""
}

stop_dovecot() {
	stop_process "${dovecot_pid:-}"
	dovecot_pid=""
}

# run_postfix MAIN MASTER: a Postfix alone in $work/postfix that knows nobody, with these lines of
# main.cf and of master.cf (who listens, who delivers) besides.
run_postfix() {
	mkdir -p "$work/postfix/etc" "$work/postfix/queue" "$work/postfix/data"
	chown postfix "$work/postfix/data"
	cat >"$work/postfix/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $work/postfix/queue
data_directory = $work/postfix/data
maillog_file = $work/postfix.log
maillog_file_prefixes = $work
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_transport = error:nobody is local
$1
CONF
	cat >"$work/postfix/etc/master.cf" <<CONF
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
$2
CONF
	postfix -c "$work/postfix/etc" start >"$work/postfix.start" 2>&1 || {
		cat "$work/postfix.start" >&2
		return 1
	}
	postfix_runs=yes
}

# start_postfix: takes letters by STARTTLS on $smtp_port and by TLS on $smtps_port from who logs in
# (as at Dovecot, which must run), and puts all of them into the Maildir $work/delivered/all; with
# $home, a folder in $work, into that one. Rules for recipients ("a@b 450 4.2.0 words") stand in
# $work/access. $main_cf and $master_cf hold more lines of main.cf and master.cf.
start_postfix() {
	smtp_port=$(free_port)
	smtps_port=$(free_port)
	mkdir -p "$work/delivered"
	chown nobody:nogroup "$work/delivered"
	touch "$work/access"
	base=$work/delivered
	[ -z "${home:-}" ] || base=$work
	run_postfix "virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:${home:-all}/
virtual_mailbox_base = $base
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtpd_tls_cert_file = $work/cert.pem
smtpd_tls_key_file = $work/key.pem
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$auth_port
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:$work/access
${main_cf:-}" "127.0.0.1:$smtp_port inet n - n - - smtpd
127.0.0.1:$smtps_port inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
tlsmgr unix - - n 1000? 1 tlsmgr
virtual unix - n n - - virtual
${master_cf:-}" && wait_port "$smtp_port"
}

stop_postfix() {
	[ -n "${postfix_runs:-}" ] || return 0
	postfix -c "$work/postfix/etc" stop >/dev/null 2>&1
	postfix_runs=""
}

# start_sink OPTION…: takes letters without login on $sink_port; a dump of each in $work/sink.
start_sink() {
	sink_port=$(free_port)
	mkdir -p "$work/sink"
	chmod 777 "$work/sink"
	(cd "$work/sink" && exec smtp-sink -u nobody -d %s. "$@" "127.0.0.1:$sink_port" 100) \
		2>"$work/sink.err" &
	sink_pid=$!
	wait_port "$sink_port"
}

stop_sink() {
	stop_process "${sink_pid:-}"
	sink_pid=""
}

# start_scripted NAME OPTION=VALUE…: a server that does what it is told (scripted_smtp.py), on
# $scripted_port; what it took and saw is in $work/NAME.
start_scripted() {
	scripted_name=$1
	shift
	mkdir -p "$work/$scripted_name"
	rm -f "$work/$scripted_name/port"
	python3 "$here/scripted_smtp.py" "$work/$scripted_name" "$@" 2>"$work/$scripted_name/err" &
	scripted_pids="${scripted_pids:-} $!"
	wait_file "$work/$scripted_name/port" || return 1
	scripted_port=$(cat "$work/$scripted_name/port")
}

# stop_scripted: all of them.
stop_scripted() {
	for pid in ${scripted_pids:-}; do
		stop_process "$pid"
	done
	scripted_pids=""
}

# forget_scripted NAME…: what they took.
forget_scripted() {
	for name in "$@"; do
		rm -rf "${work:?}/$name"
	done
}

# make_round_of FILE: a released round of the enterprises in a file.
make_round_of() {
	{
		pingyi enterprise import "$1" &&
			pingyi round new 2026-1 --title 2026 --closes 2026-12-31 --no-form &&
			pingyi round release 2026-1 --yes
	} >"$work/round.log" 2>&1 || {
		cat "$work/round.log" >&2
		return 1
	}
}

# make_enterprises COUNT: as many of firm0.example, firm1.example …, one each.
make_enterprises() {
	python3 - "$1" <<'PY'
import sys
print("企业名称,层别,邮箱")
for i in range(int(sys.argv[1])):
    print(f"东澄试验企业{i:05}号,贸易餐饮企业,e{i}@firm{i}.example")
PY
}

# All mails are due again, as if nothing had been tried.
all_due() {
	query "DELETE FROM attempt; DELETE FROM domain_pace; DELETE FROM send_gate;
		UPDATE sender SET ended_at = lease_until WHERE ended_at IS NULL;
		UPDATE mailing SET state = 'due', tries = 0, doubts = 0, code = NULL, words = NULL,
			sent_at = NULL;
		DELETE FROM event WHERE noun = 'sender' AND id NOT IN (SELECT event_id FROM seal_event);
		DELETE FROM dispatch;
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, created_at FROM mailing" >/dev/null
}

# held: how many mails a sender has in hand, or had when it died.
held() {
	query "SELECT count(*) FROM dispatch WHERE sender_id IS NOT NULL"
}

# noted: of how many of these it is known how they ended, although the ledger does not say so yet.
noted() {
	query "SELECT coalesce(sum(cardinality(mailings)), 0) FROM journal"
}

# How many mails are in each state, "120 sent".
states() {
	query "SELECT string_agg(n || ' ' || state, ', ' ORDER BY state)
		FROM (SELECT state, count(*) AS n FROM mailing GROUP BY state) s"
}

# start_link PORT DELAY_MS: a link to that port on $link_port, which cut_link resets.
start_link() {
	rm -f "$work/link.port"
	python3 "$here/link.py" "$1" "$2" "$work/link.port" 2>"$work/link.err" &
	link_pid=$!
	wait_file "$work/link.port" || return 1
	link_port=$(cat "$work/link.port")
}

cut_link() {
	kill -USR1 "$link_pid"
}

stop_link() {
	stop_process "${link_pid:-}"
	link_pid=""
}

# arrived: the Message-ID of each letter that smtp-sink took whole, a line each, sorted.
arrived() {
	python3 - "$work/sink" <<'PY' | LC_ALL=C sort
import os, re, sys
for name in os.listdir(sys.argv[1]):
    text = open(os.path.join(sys.argv[1], name), "rb").read()
    head = re.search(rb"(?m)^Content-Type:[^\n]*(\n[ \t][^\n]*)*", text)
    frame = head and re.search(rb'boundary="?([^";\n]+)', head[0])
    if frame and b"--" + frame[1] + b"--\n" in text:
        print(re.search(rb"(?m)^Message-ID: (.*)$", text)[1].decode())
PY
}
