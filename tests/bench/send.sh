# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by goal_send.sh and goal_collect.sh after bench.sh and the flow tests' servers.sh ($work, $build,
# $here; setting, query, free_port, wait_port): the office that sends, the servers that take, and the runs.

from=rhj@office.example
to=office1@firm1.example # of the peers, who send one letter to one address
connections=${BENCH_CONNECTIONS:-16}
python=$(python3 -c 'import sys; print(sys.executable)') # itself, not a shim that starts it

# admin FILE NAME=VALUE…: runs a file of SQL on the office's database.
admin() {
	file=$1
	shift
	for value in "$@"; do
		set -- "$@" -v "$value"
		shift
	done
	PGOPTIONS='-c search_path=pingyi -c client_min_messages=warning' psql -X -q \
		-v ON_ERROR_STOP=1 -h "$office_socket" -U pingyi_admin -d pingyi "$@" -f "$file"
}

# hold_office SEED: a new office with its database up. $postmaster is the database's process.
hold_office() {
	rm -rf "$work/office"
	"$build/pingyi" init "$work/office" --seed "$1" >"$work/init.log" 2>&1 ||
		broke "init: $(cat "$work/init.log")"
	"$build/pingyi" --office "$work/office" db hold >"$work/hold.log" 2>&1 &
	office_holder=$!
	office_socket=""
	turn=0
	until office_socket=$(sed -n 's/^socket=//p' "$work/office/cluster" 2>/dev/null) &&
		[ -n "$office_socket" ] && query 'SELECT 1' >/dev/null 2>&1; do
		turn=$((turn + 1))
		[ $turn -lt 200 ] || broke "the office's database did not come up: $(cat "$work/hold.log")"
		sleep 0.1
	done
	postmaster=$(head -n 1 "$(sed -n 's/^data=//p' "$work/office/cluster")/postmaster.pid")
}

# open_office LETTERS [DOMAINS]: a new office with a released round of so many letters to so many domains
# (1,000), all due.
open_office() {
	hold_office bench
	setting mail from "$from"
	setting mail starttls off
	setting office public_url https://opinion.office.example
	only_if_known mail connections "$connections"
	only_if_known mail window 1
	admin "$here/enterprises.sql" letters="$1" domains="${2:-1000}" || broke "no enterprises"
	form=""
	! pingyi round new --help | grep -q -e --no-form || form=--no-form
	release_start=$(date +%s)
	# shellcheck disable=SC2086
	{
		pingyi round new 2026-1 --title 2026年第一轮征求意见 --closes 2026-03-31 \
			--letter "$here/letter.xhtml" $form && pingyi round release 2026-1 --yes
	} >"$work/round.log" 2>&1 || broke "the round: $(cat "$work/round.log")"
	note "$1 letters released in $(($(date +%s) - release_start)) s"
}

# only_if_known GROUP NAME VALUE: sets what the office's pingyi.conf speaks of.
only_if_known() {
	! grep -q "^[# ]*$2 *=" "$work/office/pingyi.conf" || setting "$@"
}

# reset LETTERS: so many are due again.
reset() {
	admin "$here/reset.sql" letters="$1" >"$work/reset.log" 2>&1 ||
		broke "reset.sql: $(cat "$work/reset.log")"
}

# measure OPTION… COMMAND…: runs it; sets $wall (s), $cpu (s), $peak (kB), $database (s of CPU).
measure() {
	"$python" "$here/measure.py" "$@" >"$work/measured" ||
		broke "$(tail -n 3 "$work/run.log") ($*)"
	IFS='	' read -r wall cpu peak database <"$work/measured"
}

# send_due LETTERS [OPTION…]: the office sends what is due, which is so many; measured.
send_due() {
	due=$1
	shift
	measure "$@" --postgres "$postmaster" "$work/run.log" "$build/pingyi" --office "$work/office" \
		--as staff --now "$now" send --yes
	sent=$(query "SELECT count(*) FROM mailing WHERE state = 'sent'")
	[ "$sent" -eq "$due" ] || broke "the ledger says $sent of $due sent: $(tail -n 3 "$work/run.log")"
}

# send_peer NAME PORT LETTERS [OPTION]: a peer sends so many copies of the letter; measured.
send_peer() {
	case $1 in
	smtp-source) set -- smtp-source -4 -d ${4:+"$4"} -s "$connections" -m "$3" -f "$from" -t "$to" \
		-F "$work/letter.eml" "127.0.0.1:$2" ;;
	nodemailer) set -- node "$here/peer_nodemailer.js" "$2" "$3" "$work/letter.eml" "$from" "$to" ;;
	smtplib) set -- "$python" "$here/peer_smtplib.py" "$2" "$3" "$work/letter.eml" "$from" "$to" ;;
	esac
	measure "$work/run.log" "$@"
}

# take_letter: one of the office's letters as the peers send it: $work/letter.eml.
take_letter() {
	setting mail destination maildir:probe
	reset 1
	pingyi send --yes >"$work/run.log" 2>&1 || broke "$(cat "$work/run.log")"
	cp "$work"/office/probe/new/* "$work/letter.eml"
	size=$(sed 's/$/\r/' "$work/letter.eml" | wc -c)
	note "a letter is $size bytes$([ "$size" -ge 3500 ] && [ "$size" -le 4500 ] ||
		echo ', and should be 3,500 to 4,500')"
}

# open_sink LETTERS: a fresh smtp-sink on $sink_port, which ends by itself at the letter after so many.
open_sink() {
	sink_port=$(free_port)
	user=""
	[ "$(id -u)" -ne 0 ] || user="-u nobody"
	# shellcheck disable=SC2086
	smtp-sink -4 $user -M $(($1 + 1)) "127.0.0.1:$sink_port" 100 2>"$work/sink.err" &
	sink_pid=$!
	wait_port "$sink_port" || broke "smtp-sink: $(cat "$work/sink.err")"
}

# close_sink: whether it took what open_sink was told, no more and no less: it must be there still, and
# gone after one letter more.
close_sink() {
	kill -0 "$sink_pid" 2>/dev/null || broke "more letters came to smtp-sink than were sent"
	smtp-source -4 -f "$from" -t "$to" -l 100 "127.0.0.1:$sink_port" 2>/dev/null || :
	turn=0
	while kill -0 "$sink_pid" 2>/dev/null; do
		turn=$((turn + 1))
		[ $turn -lt 50 ] || broke "letters are missing at smtp-sink"
		sleep 0.1
	done
	wait "$sink_pid" 2>/dev/null || :
	sink_pid=""
}

# open_proxy PORT DELAY_MS: the latency proxy before that port, on $proxy_port.
open_proxy() {
	rm -f "$work/proxy.port"
	"$build/bench/latency_proxy" "$1" "$2" >"$work/proxy.port" &
	proxy_pid=$!
	turn=0
	until [ -s "$work/proxy.port" ]; do
		turn=$((turn + 1))
		[ $turn -lt 50 ] || broke "the latency proxy did not start"
		sleep 0.1
	done
	proxy_port=$(cat "$work/proxy.port")
}

close_proxy() {
	stop_process "${proxy_pid:-}"
	proxy_pid=""
}

# open_postfix: a Postfix of its own on $postfix_port, as it comes but for what keeps it alone here: it
# queues on disk as ever and then throws away. As root only.
open_postfix() {
	postfix_port=$(free_port)
	run_postfix "mynetworks = 127.0.0.0/8
default_transport = discard:
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject" \
		"127.0.0.1:$postfix_port inet n - n - - smtpd
discard unix - - n - - discard" || broke "Postfix did not start"
	wait_port "$postfix_port" || broke "Postfix: $(cat "$work/postfix.start" "$work/postfix.log")"
}

# drained LETTERS: waits until Postfix has thrown away so many since the last call.
postfix_seen=0
drained() {
	turn=0
	until taken=$(grep -c 'status=sent' "$work/postfix.log") &&
		[ $((taken - postfix_seen)) -ge "$1" ]; do
		turn=$((turn + 1))
		[ $turn -lt 600 ] || broke "Postfix has $((taken - postfix_seen)) of $1 letters"
		sleep 0.2
	done
	[ $((taken - postfix_seen)) -eq "$1" ] || broke "Postfix has more than $1 letters"
	postfix_seen=$taken
}
