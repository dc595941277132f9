#!/bin/sh
# Runs every test against the build in $1, JOBS at once (as many as there are processors): unit tests
# (Check programs), layers, and the flow tests (tests/flow/*.sh); with LONG=1 also tests/long/*.sh. What
# each one says is told when it ends (run_one.sh). Ends with the line "N passed, N failed".
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
trap 'exit 130' INT TERM
export CK_VERBOSITY=normal LC_ALL=C.UTF-8 PINGYI_LANG="${PINGYI_LANG:-zh}"
[ "$build" != "${build%-san}" ] && export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" \
	UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}" \
	LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$PWD/tests/leaks.supp:print_suppressions=0}"

# Of scripts the largest first: they take longest. What others source has no first line of its own.
{
	find "$build/unit" -type f -name 'test_*' ! -name '*.d' | sort
	ls tests/check_*.sh
	# shellcheck disable=SC2046,SC2012
	ls -S $(awk 'FNR == 1 && /^#!/ { print FILENAME }' tests/flow/*.sh ${LONG:+tests/long/*.sh})
} >"$log/tests"
xargs -P "${JOBS:-$(nproc)}" -n 1 tests/run_one.sh "$build" "$log" <"$log/tests"

ran=$(find "$log" -name '*.count' | wc -l)
listed=$(wc -l <"$log/tests")
[ "$ran" -eq "$listed" ] || echo "not ok: $((listed - ran)) of $listed tests did not end"
find "$log" -name '*.count' -exec cat {} + | awk -v lost=$((listed - ran)) '
	{ passed += $1; failed += $2; skipped += $3; known += $4 }
	END {
		failed += lost
		if (known) print known " known failures (named above)"
		if (skipped) print skipped " skipped (named above)"
		print passed + 0 " passed, " failed + 0 " failed"
		exit failed > 0 || passed == 0
	}'
