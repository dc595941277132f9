#!/bin/sh
# goals: S1 S2 S3 S4 S5 S7
# Sending: pingyi send with its ledger beside the clients that have none. Ours is timed as a whole
# process, from a ledger with all letters due to a ledger with all letters sent; a peer as a whole
# process too. All run in turn, and every run's server is a fresh one. After each run the ledger
# and the server say that all letters arrived, each once.
#
#	BENCH_LETTERS   letters a run without latency (40,000); the slower settings take a part of it
#	BENCH_ROUNDS    rounds (5)
#	BENCH_MILLION   letters of S7's round (1,000,000)

# shellcheck source=tests/bench/bench.sh
. "$(dirname "$0")/bench.sh"
# shellcheck source=tests/flow/servers.sh
. "$here/../flow/servers.sh"
# shellcheck source=tests/bench/send.sh
. "$here/send.sh"
clean_up() {
	stop_sink
	close_proxy
	stop_postfix
	close_office
}

letters=${BENCH_LETTERS:-40000}
rounds=${BENCH_ROUNDS:-5}
million=${BENCH_MILLION:-1000000}
delay_ms=5

# part DIVISOR: of the letters of a run.
part() {
	echo $((letters / $1 > 0 ? letters / $1 : 1))
}

# keep NAME LETTERS: the last run's rate and CPU a letter (µs), and the database's, as lines of files;
# and its words for the note of the round.
keep() {
	awk "BEGIN { print $2 / $wall }" >>"$work/$1.rate"
	awk "BEGIN { print $cpu * 1e6 / $2 }" >>"$work/$1.cpu"
	awk "BEGIN { print $database * 1e6 / $2 }" >>"$work/$1.database"
	words="$words, ${1#*.} $(awk "BEGIN { printf \"%.0f/s\", $2 / $wall }")"
}

# said ROUND: the note of a round.
said() {
	note "$1: ${words#, }"
	words=""
}
words=""

# rates ID WHAT OURS PEER GOAL: the goal's line from the rates of two runs.
rates() {
	ratios "$work/$3.rate" "$work/$4.rate" >"$work/ratios"
	goal "$1" "$2, letters/s" "$(median "$work/$3.rate")" "$(median "$work/$4.rate")" \
		"$(median "$work/ratios")" "$5"
}

# S1, S4, S5: smtp-sink without delay.
bare() {
	! wanted S4 || (cd "$here" && npm ci --silent) >&2 || broke "npm ci, for nodemailer"
	few=$(part 2)
	for round in $(seq "$rounds"); do
		reset "$letters"
		open_sink "$letters"
		setting mail destination "smtp://127.0.0.1:$sink_port"
		send_due "$letters"
		keep bare.pingyi "$letters"
		close_sink
		open_sink "$letters"
		send_peer smtp-source "$sink_port" "$letters"
		keep bare.smtp-source "$letters"
		close_sink
		for peer in nodemailer smtplib; do
			wanted S4 || continue
			open_sink "$few"
			send_peer $peer "$sink_port" "$few"
			keep bare.$peer "$few"
			close_sink
		done
		said "S1 S4 S5, round $round"
	done
	! wanted S1 || rates S1 "ledger and sender ÷ smtp-source, no delay" bare.pingyi bare.smtp-source 0.8+
	if wanted S4; then
		rates S4 "the same ÷ nodemailer, pool of 16, raw" bare.pingyi bare.nodemailer 4+
		rates S4 "the same ÷ Python smtplib, one connection" bare.pingyi bare.smtplib 2+
	fi
	wanted S5 || return 0
	note "S5: beside its own, pingyi's letter costs PostgreSQL" \
		"$(median "$work/bare.pingyi.database" | cut -d . -f 1) µs of CPU"
	ratios "$work/bare.pingyi.cpu" "$work/bare.smtp-source.cpu" >"$work/ratios"
	goal S5 "CPU a letter ÷ smtp-source's, µs" "$(median "$work/bare.pingyi.cpu")" \
		"$(median "$work/bare.smtp-source.cpu")" "$(median "$work/ratios")" 1.0-
}

# S2: the latency proxy before smtp-sink.
latency() {
	"$python" "$here/check_latency.py" "$build/bench/latency_proxy" $delay_ms ||
		broke "the latency proxy"
	many=$(part 2)
	few=$(part 4)
	for round in $(seq "$rounds"); do
		reset "$many"
		open_sink "$many"
		open_proxy "$sink_port" $delay_ms
		setting mail destination "smtp://127.0.0.1:$proxy_port"
		send_due "$many"
		keep latency.pingyi "$many"
		close_proxy
		close_sink
		open_sink "$few"
		open_proxy "$sink_port" $delay_ms
		send_peer smtp-source "$proxy_port" "$few"
		keep latency.smtp-source "$few"
		close_proxy
		close_sink
		said "S2, round $round"
	done
	rates S2 "the same, $delay_ms ms latency, 16 connections" latency.pingyi latency.smtp-source 3.0+
}

# real_run WHO: some letters to Postfix by one of the two.
real_run() {
	if [ "$1" = pingyi ]; then
		reset "$some"
		send_due "$some"
	else
		send_peer smtp-source "$postfix_port" "$some" -N
	fi
	keep "real.$1" "$some"
	drained "$some"
}

# S3: a real Postfix. What it does for a letter depends on whether it knows the address and the domain
# already: so all letters of both go to addresses of their own (-N) at one domain. What it costs varies
# by a third from run to run: so the runs are short and many, and each begins as often as the other.
real() {
	[ "$(id -u)" -eq 0 ] || {
		note "S3: not measured, for a Postfix of one's own needs root"
		return 0
	}
	some=$(part 8)
	open_office "$some" 1
	open_postfix
	setting mail destination "smtp://127.0.0.1:$postfix_port"
	send_peer smtp-source "$postfix_port" 200 # starts its processes
	drained 200
	for round in $(seq $((3 * rounds))); do
		if [ $((round % 2)) -eq 0 ]; then
			real_run pingyi
			real_run smtp-source
		else
			real_run smtp-source
			real_run pingyi
		fi
		said "S3, round $round"
	done
	stop_postfix
	close_office
	rates S3 "the same, real Postfix" real.pingyi real.smtp-source 0.95+
}

# S7: the memory of a large round; one run, for memory is not a matter of luck.
large() {
	open_office "$million"
	reset "$million"
	open_sink "$million"
	setting mail destination "smtp://127.0.0.1:$sink_port"
	send_due "$million" --peak
	close_sink
	note "S7: $million letters in $wall s, $cpu s of CPU; PostgreSQL $database s of CPU"
	goal S7 "peak memory over $million letters, MB" "$(awk "BEGIN { print $peak * 1.024 / 1000 }")" - - 32-
	close_office
}

if wanted S1 S2 S3 S4 S5; then
	open_office "$letters"
	take_letter
	! wanted S1 S4 S5 || bare
	! wanted S2 || latency
	close_office
	! wanted S3 || real
fi
! wanted S7 || large
