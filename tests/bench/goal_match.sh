#!/bin/sh
# goals: C1 C2 C3
# Sorting. C1: 2,000 keywords found in Chinese texts beside Hyperscan, on one core. C2: CPU of one text
# of 1.1 KB, from bytes to opinions with reasons, on one core. C3: a million opinions classified and stored
# by two `pingyi classify`, PostgreSQL beside them on the same two cores; no goal, its rate and peak
# memory are told.
#
#	BENCH_TEXTS      a file with a text a line for C1 and C2 (the teddy corpus below ../shared, where it is
#	                 there, else texts made of tests/gold/tune.tsv)
#	BENCH_SENTENCES  what C3's answers are made of (tests/gold/tune.tsv)
#	BENCH_OPINIONS   of C3 (1,000,000)
#	BENCH_ROUNDS     rounds (5)

# shellcheck source=tests/bench/bench.sh
. "$(dirname "$0")/bench.sh"
# shellcheck source=tests/flow/servers.sh
. "$here/../flow/servers.sh"
# shellcheck source=tests/bench/send.sh
. "$here/send.sh"
clean_up() {
	close_office
}

rounds=${BENCH_ROUNDS:-5}
opinions=${BENCH_OPINIONS:-1000000}
sentences=${BENCH_SENTENCES:-$here/../gold/tune.tsv}

# some_texts: sets $texts.
some_texts() {
	texts=${BENCH_TEXTS:-}
	[ -z "$texts" ] || return 0
	texts=$work/texts
	for up in ../.. ../../.. ../../../..; do
		teddy=$here/$up/shared/corpora/teddy
		if [ -f "$teddy/train.tsv" ]; then
			cut -f 2 "$teddy/train.tsv" "$teddy/dev.tsv" >"$texts"
			note "texts: the teddy corpus"
			return 0
		fi
	done
	"$python" "$here/texts.py" 3000 1100 "$sentences" >"$texts" || broke "no texts"
	note "texts: made of $(basename "$sentences")"
}

# C1.
matching() {
	taskset -c 0 "$build/bench/match_bench" "$texts" 2000 "$rounds" >"$work/match" ||
		broke "match_bench"
	{
		read -r count bytes words matches built compiled
		note "C1: $words words, $count texts, $bytes bytes, $matches matches;" \
			"built in $built ms, compiled in $compiled ms"
		while read -r many each peer; do
			note "C1: a text at a time $each MB/s, many at once $many, Hyperscan $peer"
			echo "$each" >>"$work/each"
			echo "$peer" >>"$work/peer"
		done
	} <"$work/match"
	ratios "$work/each" "$work/peer" >"$work/ratios"
	goal C1 "2,000 keywords in Chinese ÷ Hyperscan, MB/s" "$(median "$work/each")" \
		"$(median "$work/peer")" "$(median "$work/ratios")" 2.0+
}

# C2.
sorting() {
	taskset -c 0 "$build/bench/classify_bench" "$texts" "$rounds" >"$work/classify" ||
		broke "classify_bench"
	note "C2: texts, bytes, opinions, reasons: $(head -n 1 "$work/classify")"
	tail -n +2 "$work/classify" >"$work/cost"
	goal C2 "a text of 1.1 KB sorted with reasons, µs CPU" "$(median "$work/cost")" - - 20-
}

# C3.
storing() {
	form=--no-form
	open_office "$opinions" 1000
	admin "$here/answers.sql" answers="$opinions" \
		texts="$("$python" "$here/texts.py" 300 0 "$sentences")" >"$work/answers.log" 2>&1 ||
		broke "no answers: $(cat "$work/answers.log")"
	now=2026-03-12T09:00
	# shellcheck disable=SC2016
	measure --postgres "$postmaster" "$work/run.log" sh -c 'for worker in 1 2; do
			"$0" --office "$1" --as staff --now "$2" classify || kill $$ &
		done
		wait' "$build/pingyi" "$work/office" "$now"
	query 'SELECT (SELECT count(*) FROM answer WHERE sorted_at IS NULL),
		(SELECT count(*) FROM opinion), (SELECT count(*) FROM opinion_department)' >"$work/stored"
	IFS='	' read -r unsorted stored departments <"$work/stored"
	[ "$unsorted" -eq 0 ] || broke "$unsorted answers are not sorted: $(cat "$work/run.log")"
	[ "$stored" -ge "$opinions" ] || broke "$stored opinions are stored, not $opinions"
	note "C3: $opinions answers, $stored opinions with $departments departments in $wall s:" \
		"$(awk "BEGIN { printf \"%.0f\", $stored / $wall }") opinions/s;" \
		"CPU $cpu s, PostgreSQL's $database s; peak of a worker $((peak / 1024)) MB"
}

if wanted C1 C2; then
	some_texts
	! wanted C1 || matching
	! wanted C2 || sorting
fi
! wanted C3 || storing
