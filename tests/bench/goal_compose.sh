#!/bin/sh
# goals: S5c
# Composing alone: the CPU that a letter of 3.5-4.5 KB takes from its template, without attachments,
# on one core: the median of rounds of 200,000 letters (compose_bench.c).
#
#	BENCH_COMPOSED   letters a round (200,000)
#	BENCH_ROUNDS     rounds (5)
set -eu
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d "${TMPDIR:-/var/tmp}/pingyi-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
case ",${ONLY:-S5c}," in *,S5c,* | *,S5,*) ;; *) exit 0 ;; esac

figures=$("$build/bench/compose_bench" "$work/office" "$here/letter.xhtml" \
	"${BENCH_COMPOSED:-200000}" "${BENCH_ROUNDS:-5}")
bytes=${figures% *} cost=${figures#* }
if [ "$bytes" -lt 3500 ] || [ "$bytes" -gt 4608 ]; then
	echo "goal_compose: the letter has $bytes bytes, not 3.5-4.5 KB" >&2
	exit 1
fi
echo "# S5c: a letter of $bytes bytes"
printf 'S5c\tcomposing alone, µs CPU a letter\t%s\t-\t-\t10\t%s\n' "$cost" \
	"$(awk "BEGIN { print $cost <= 10 ? \"ok\" : \"short\" }")"
