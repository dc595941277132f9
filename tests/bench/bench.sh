# shellcheck shell=sh disable=SC2034
# Sourced by tests/bench/goal_*.sh, which run.sh calls with the build folder. Gives them the build
# folder in $build, their own in $here, and a work folder on a real disk in $work, removed at the end
# after clean_up, where a script defines one.
#
# A goal script's second line is "# goals: ID…". It prints what goal and note print and nothing else,
# and ends with 0 also where a goal is missed: only a benchmark that did not work is an error.
set -eu
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/var/tmp}/pingyi-bench.XXXXXX")
chmod 755 "$work"
clean_up() {
	:
}
finish() {
	set +e
	clean_up
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# wanted ID…: whether one of these is asked for: BENCH_ONLY, all when it is empty. S5 asks for S5c too.
wanted() {
	[ -n "${BENCH_ONLY:-}" ] || return 0
	for id in "$@"; do
		case " $BENCH_ONLY " in *" $id "* | *" ${id%[a-z]} "*) return 0 ;; esac
	done
	return 1
}

# note WORDS…: for who reads the figures; no goal.
note() {
	echo "# $*"
}

# broke WORDS…: the benchmark did not work, so that its figures are worth nothing.
broke() {
	echo "bench: $*" >&2
	exit 1
}

# median FILE: of one number a line.
median() {
	sort -n "$1" | awk '{ v[NR] = $1 }
		END { if (!NR) exit 1; print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# ratios FILE FILE: the quotient of each round's two figures, a line each.
ratios() {
	paste "$1" "$2" | awk '{ print $1 / $2 }'
}

# goal ID WHAT OURS PEER RATIO GOAL: prints the line of a goal; "-" for PEER and RATIO where there is
# none. GOAL is "NUMBER+" (at least) or "NUMBER-" (at most), compared with RATIO, else with OURS.
goal() {
	awk -v OFS='\t' -v id="$1" -v what="$2" -v ours="$3" -v peer="$4" -v ratio="$5" -v goal="$6" '
		function shown(x) {
			return x == "-" ? x : sprintf(x >= 1000 ? "%.0f" : x >= 100 ? "%.1f" : "%.2f", x)
		}
		BEGIN {
			most = goal ~ /-$/
			bound = substr(goal, 1, length(goal) - 1)
			got = (ratio == "-" ? ours : ratio) + 0
			print id, what, shown(ours), shown(peer), shown(ratio), bound,
				(most ? got <= bound + 0 : got >= bound + 0) ? "ok" : "short"
		}'
}
