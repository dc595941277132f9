# shellcheck shell=sh
# Sourced by the flow tests that need mail servers: starts real ones on loopback, under a temporary
# folder, with configurations of their own. Nothing of the system's is touched.
#
# $work is the test's folder, $build the build folder.

export PINGYI_LANG=en
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
now=2026-03-02T09:00

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

# pingyi…: in the office of the test, by its staff.
pingyi() {
	"$build/pingyi" --office "$work/office" --as staff --now "$now" "$@"
}

# The office, with its database kept up until close_office, so that query can look into it.
make_office() {
	"$build/pingyi" init "$work/office" --seed "$1" >"$work/init.log" 2>&1 || return 1
	flock -s "$work/office/cluster.users" sleep 3600 &
	office_holder=$!
	sleep 0.2
	"$build/pingyi" --office "$work/office" account list >/dev/null 2>&1 || return 1
	office_socket=$(sed -n 's/^socket=//p' "$work/office/cluster")
}

close_office() {
	[ -n "${office_holder:-}" ] || return 0
	kill "$office_holder"
	wait "$office_holder" 2>/dev/null
	office_holder=""
	"$build/pingyi" --office "$work/office" account list >/dev/null 2>&1
}

# query SQL: rows with columns separated by tabs.
query() {
	PGOPTIONS='-c search_path=pingyi' psql -X -q -A -t -F "	" -h "$office_socket" \
		-U pingyi_admin -d pingyi -c "$1"
}

# setting GROUP NAME VALUE: changes pingyi.conf (the group must be there).
setting() {
	python3 - "$work/office/pingyi.conf" "$@" <<'PY'
import sys
path, group, name, value = sys.argv[1:]
lines, here, done = [], False, False
for line in open(path, encoding="utf-8").read().splitlines():
    if line.startswith("["):
        if here and not done:
            lines.append(f"{name} = {value}")
            done = True
        here = line == f"[{group}]"
    elif here and line.split("=")[0].strip() == name:
        line, done = f"{name} = {value}", True
    lines.append(line)
if not done:
    lines += ([] if here else [f"[{group}]"]) + [f"{name} = {value}"]
open(path, "w", encoding="utf-8").write("\n".join(lines) + "\n")
PY
}

# A certificate for localhost and 127.0.0.1, by itself: $work/cert.pem, $work/key.pem.
make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
}

# start_dovecot: the user rhj@office.example with the password geheim, a Maildir in
# $work/dovecot/mail; ports in $imap_port (plain and STARTTLS) and $imaps_port.
start_dovecot() {
	imap_port=$(free_port)
	imaps_port=$(free_port)
	mkdir -p "$work/dovecot/mail/cur" "$work/dovecot/mail/new" "$work/dovecot/mail/tmp"
	echo 'rhj@office.example:{PLAIN}geheim' >"$work/dovecot/passwd"
	chmod 644 "$work/dovecot/passwd"
	chown -R nobody:nogroup "$work/dovecot/mail"
	cat >"$work/dovecot.conf" <<CONF
base_dir = $work/dovecot/run
state_dir = $work/dovecot/state
log_path = $work/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <$work/cert.pem
ssl_key = <$work/key.pem
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:$work/dovecot/mail
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
service anvil {
  chroot =
}
CONF
	dovecot -F -c "$work/dovecot.conf" &
	dovecot_pid=$!
	wait_port "$imap_port"
}

stop_dovecot() {
	[ -n "${dovecot_pid:-}" ] || return 0
	kill "$dovecot_pid"
	wait "$dovecot_pid" 2>/dev/null
	dovecot_pid=""
}
