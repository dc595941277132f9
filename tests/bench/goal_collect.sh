#!/bin/sh
# goals: I1 I2 I3
# Collecting. I1: messages stored as every source stores them, beside COPY BINARY of the same rows into
# the same tables. I2: the demo's answers many times over, from a Maildir to sorted opinions, beside
# GMime that only reads the same files; the collector has one core and PostgreSQL the other, GMime one.
# I3: two collectors with their database on both cores beside one with its database on one. After each
# run the database says that every message is there and what became of it.
#
#	BENCH_STORED   messages of I1 (20,000)
#	BENCH_COPIES   how often I2 and I3 take each of the demo's answers (100)
#	BENCH_ROUNDS   rounds (5)

# shellcheck source=tests/bench/bench.sh
. "$(dirname "$0")/bench.sh"
# shellcheck source=tests/flow/servers.sh
. "$here/../flow/servers.sh"
# shellcheck source=tests/bench/send.sh
. "$here/send.sh"
clean_up() {
	close_office
}

stored=${BENCH_STORED:-20000}
copies=${BENCH_COPIES:-100}
rounds=${BENCH_ROUNDS:-5}
bytes=700 # of a message of I1
demo=$here/../demo

# empty: nothing has come back yet.
empty() {
	admin "$here/collected.sql" >"$work/reset.log" 2>&1 || broke "$(cat "$work/reset.log")"
}

# cores LIST: PostgreSQL's, of the connections to come.
cores() {
	taskset -a -c -p "$1" "$postmaster" >/dev/null || broke "taskset"
}

# rate NAME COMMAND…: the messages a second that a program prints, as a line of a file.
rate() {
	name=$1
	shift
	"$@" >"$work/rate" 2>"$work/rate.err" || broke "$*: $(cat "$work/rate.err")"
	cat "$work/rate" >>"$work/$name.rate"
	there=$(query 'SELECT count(*) FROM message m JOIN message_piece p ON p.message_id = m.id
		JOIN message_place USING (message_id)')
	[ "$there" -eq "$stored" ] || broke "$name: $there of $stored messages are there"
}

# I1.
storing() {
	hold_office bench
	connection="host=$office_socket user=pingyi_admin dbname=pingyi"
	for round in $(seq "$rounds"); do
		empty
		rate store "$build/bench/store_bench" "$connection" "$stored" $bytes "$round$stored"
		empty
		rate copy "$build/bench/copy_bench" "$connection" "$stored" $bytes "$round$stored"
		note "I1, round $round: stored $(tail -n 1 "$work/store.rate")/s," \
			"copied $(tail -n 1 "$work/copy.rate")/s"
	done
	close_office
	ratios "$work/store.rate" "$work/copy.rate" >"$work/ratios"
	goal I1 "stored idempotently ÷ COPY BINARY, messages/s" "$(median "$work/store.rate")" \
		"$(median "$work/copy.rate")" "$(median "$work/ratios")" 0.7+
}

# open_demo: the demo's office, its letters sent, as on the day before the answers were fetched.
open_demo() {
	now=2026-03-02T09:00
	hold_office pingyi-demo
	{
		pingyi enterprise import "$demo/enterprises.csv" &&
			pingyi round new 2026-1 --title 2026年第一轮营商环境征求意见 --closes 2026-03-31 &&
			pingyi round release 2026-1 --yes && pingyi send --yes
	} >"$work/demo.log" 2>&1 || broke "the demo's round: $(tail -n 3 "$work/demo.log")"
	now=2026-03-12T09:00
	# without the one from an address that nobody knows: only the first of its copies answers the letter
	mkdir "$work/replies"
	find "$demo/replies" -name '*.eml' ! -name '*-other-address.eml' -exec cp {} "$work/replies" \;
	answers=$(find "$work/replies" -name '*.eml' | wc -l)
	filed=$(awk -F '\t' '$1 ~ /^replies\// && $1 !~ /-other-address/ && ($3 == "filed" || $3 == "late")' \
		"$demo/expected.tsv" | wc -l)
}

# mailboxes NAME…: fresh Maildirs that share the copies.
mailboxes() {
	rm -rf "$work/mail"
	for box in "$@"; do
		mkdir -p "$work/mail/$box/new" "$work/mail/$box/cur" "$work/mail/$box/tmp"
	done
	"$python" "$here/copies.py" "$copies" "$work"/replies/*.eml "$work"/mail/*/new
}

# spent PID: the CPU seconds of a process's children that have ended.
spent() {
	sed 's/.*) //' "/proc/$1/stat" | awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }'
}

# take CORES MAILBOX…: a worker a mailbox, together on these cores, from files to sorted opinions; sets
# $wall.
take() {
	on=$1
	shift
	begun=$(date +%s.%N)
	ours=$(spent $$)
	theirs=$(spent "$postmaster")
	workers=""
	for box in "$@"; do
		{
			taskset -c "$on" "$build/pingyi" --office "$work/office" --as staff --now "$now" \
				collect "maildir:$work/mail/$box" &&
				taskset -c "$on" "$build/pingyi" --office "$work/office" --as staff \
					--now "$now" classify
		} >"$work/take.$box" 2>&1 &
		workers="$workers $!"
	done
	for worker in $workers; do
		wait "$worker" || broke "a worker: $(cat "$work"/take.*)"
	done
	wall=$(awk "BEGIN { print $(date +%s.%N) - $begun }")
	cpu=$(awk "BEGIN { n = $answers * $copies / 1000
		printf \"ms of CPU a message: ours %.2f, PostgreSQL's %.2f\", ($(spent $$) - $ours) / n,
			($(spent "$postmaster") - $theirs) / n }")
	came=$(query "SELECT count(*), count(*) FILTER (WHERE state = 'filed'),
		count(*) FILTER (WHERE state = 'stored') FROM message" | tr '\t' ' ')
	[ "$came" = "$((answers * copies)) $((filed * copies)) 0" ] ||
		broke "of $((answers * copies)) messages and $((filed * copies)) answers came: $came"
	[ "$(query 'SELECT count(*) FROM answer WHERE sorted_at IS NULL')" -eq 0 ] ||
		broke "answers are not sorted"
}

# kept NAME: the last run's messages a second.
kept() {
	awk "BEGIN { print $answers * $copies / $wall }" >>"$work/$1.rate"
}

# I2.
reading() {
	for round in $(seq "$rounds"); do
		empty
		mailboxes a
		taskset -c 0 "$build/bench/gmime_bench" "$work/mail/a/new" >>"$work/gmime.rate" ||
			broke "GMime"
		cores 1
		take 0 a
		kept read
		note "I2, round $round: collected $(tail -n 1 "$work/read.rate")/s," \
			"GMime alone $(tail -n 1 "$work/gmime.rate")/s; $cpu"
	done
	ratios "$work/read.rate" "$work/gmime.rate" >"$work/ratios"
	goal I2 "Maildir to sorted opinions ÷ GMime reading, messages/s" "$(median "$work/read.rate")" \
		"$(median "$work/gmime.rate")" "$(median "$work/ratios")" 0.5+
}

# I3.
sharing() {
	for round in $(seq "$rounds"); do
		empty
		mailboxes a
		cores 0
		take 0 a
		kept one
		empty
		mailboxes a b
		cores 0,1
		take 0,1 a b
		kept two
		note "I3, round $round: two $(tail -n 1 "$work/two.rate")/s," \
			"one $(tail -n 1 "$work/one.rate")/s"
	done
	ratios "$work/two.rate" "$work/one.rate" >"$work/ratios"
	goal I3 "two workers ÷ one on one core, messages/s" "$(median "$work/two.rate")" \
		"$(median "$work/one.rate")" "$(median "$work/ratios")" 1.6+
}

! wanted I1 || storing
if wanted I2 I3; then
	[ "$(nproc)" -ge 2 ] || broke "I2 and I3 need two cores"
	open_demo
	! wanted I2 || reading
	! wanted I3 || sharing
fi
