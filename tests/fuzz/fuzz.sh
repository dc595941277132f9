#!/bin/sh
# Fuzzes each target one after another: fuzz.sh BUILD MINUTES, with ONLY=html,imap for some. MINUTES
# are of CPU, for each target. Inputs that reach new code gather in BUILD/corpus/<target>/, starting
# from tests/fuzz/seeds/<target>/. A finding is minimised into tests/fuzz/found/<target>/, ends its
# target and fails. Prints a line a target.
#
# merge in place of MINUTES keeps in seeds/ what the gathered inputs reach beyond it, the small ones; they
# have hashes for names, while those made by hand say what they are.
set -u
build=$(realpath "$1")
minutes=$2
cd "$(dirname "$0")" || exit 1
here=$PWD
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
trap 'exit 130' INT TERM
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}" \
	UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}" \
	LSAN_OPTIONS="suppressions=$here/../leaks.supp:print_suppressions=0"

seed_max=2048 # bytes of an input that is kept
kept_max=80   # inputs that are kept of one merge, the smallest
# of an input, of all memory, of one allocation (MB), and the seconds that an input may take
bounds="-max_len=65536 -rss_limit_mb=1536 -malloc_limit_mb=600 -timeout=20 -print_final_stats=1"
failed=0

# minimised TARGET FINDING: in its place, where it gets smaller.
minimised() {
	# shellcheck disable=SC2086
	nice -n 10 "$build/fuzz/$1" $bounds -minimize_crash=1 -max_total_time=60 \
		-exact_artifact_path="$log/small" "$2" >/dev/null 2>&1
	[ ! -s "$log/small" ] || mv "$log/small" "$2"
}

# fuzzed TARGET SECONDS: until so much CPU time is used, or something is found.
fuzzed() {
	mkdir -p "$build/corpus/$1" "$here/found/$1"
	left=$2
	runs=0
	while [ "$left" -gt 1 ]; do
		# shellcheck disable=SC2086
		figures=$(python3 "$here/../bench/measure.py" "$log/$1" nice -n 10 "$build/fuzz/$1" \
			$bounds -max_total_time="$left" -artifact_prefix="$here/found/$1/" \
			"$build/corpus/$1" "$here/seeds/$1") || return 1
		used=$(echo "$figures" | awk '{ printf "%d", $2 + 0.5 }')
		runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log/$1")))
		[ "$used" -gt 0 ] || used=1
		left=$((left - used))
	done
}

# told TARGET: what a finished one reached.
told() {
	echo "ok fuzz $1: $runs runs," \
		"$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$log/$1" | tail -n 1) edges," \
		"$(find "$build/corpus/$1" -type f | wc -l) inputs gathered, nothing found"
}

# merged TARGET: small inputs that reach what the seeds do not.
merged() {
	mkdir -p "$build/corpus/$1" "$log/small.$1"
	find "$build/corpus/$1" -type f -size -"$((seed_max + 1))c" -exec cp {} "$log/small.$1" \;
	mkdir "$log/merged.$1"
	# shellcheck disable=SC2086
	nice -n 10 "$build/fuzz/$1" $bounds -set_cover_merge=1 "$log/merged.$1" "$here/seeds/$1" \
		"$log/small.$1" >"$log/$1" 2>&1 || return 1
	find "$log/merged.$1" -type f -printf '%s\t%p\n' | sort -n | head -n $kept_max | cut -f 2 |
		xargs -r cp -n -t "$here/seeds/$1"
	echo "$1: $(find "$here/seeds/$1" -type f | wc -l) seeds," \
		"$(du -sb "$here/seeds/$1" | cut -f 1) bytes"
}

for source in target_*.c; do
	target=${source#target_}
	target=${target%.c}
	case ",${ONLY:-$target}," in *",$target,"*) ;; *) continue ;; esac
	if [ "$minutes" = merge ]; then
		merged "$target" || failed=1
	elif fuzzed "$target" $((minutes * 60)); then
		told "$target"
	else
		failed=1
		tail -n 60 "$log/$target"
		for finding in "$here/found/$target"/*-*; do
			[ ! -f "$finding" ] || minimised "$target" "$finding"
		done
		echo "not ok fuzz $target: see tests/fuzz/found/$target/"
	fi
done
exit $failed
