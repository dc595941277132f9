#!/bin/sh
# Runs every test against the build in $1: unit tests (Check programs), layers, and the flow tests
# (tests/flow/*.sh, each given the build folder); with LONG=1 also tests/long/*.sh, whose lines with #
# are shown. A flow test prints "ok NAME", "not ok NAME",
# "known NAME" (a failure that is known and named) or "SKIP NAME: why" a line. Ends with the line
# "N passed, N failed".
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0 known=0
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
export CK_VERBOSITY=normal LC_ALL=C.UTF-8 PINGYI_LANG="${PINGYI_LANG:-zh}"
[ "$build" != "${build%-san}" ] && export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" \
	UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}" \
	LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$PWD/tests/leaks.supp:print_suppressions=0}"

for test in "$build"/unit/test_*; do
	case $test in *.d) continue ;; esac
	name=$(basename "$test")
	"$test" >"$log/$name" 2>&1
	code=$?
	grep '^known ' "$log/$name"
	grep '^SKIP ' "$log/$name"
	known=$((known + $(grep -c '^known ' "$log/$name")))
	skipped=$((skipped + $(grep -c '^SKIP ' "$log/$name")))
	counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' \
		"$log/$name" | awk '{ c += $1; f += $2 + $3 } END { print c + 0, f + 0 }')
	checks=${counts% *} bad=${counts#* }
	if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	if [ "$bad" -ne 0 ]; then
		echo "not ok $name"
		sed 's/^/  | /' "$log/$name"
	else
		echo "ok $name ($checks)"
	fi
	passed=$((passed + checks - (bad < checks ? bad : checks)))
	failed=$((failed + bad))
done

for test in tests/check_*.sh tests/flow/*.sh tests/long/*.sh; do
	if [ ! -x "$test" ]; then
		# what others source has no first line of its own
		head -n 1 "$test" | grep -q '^#!' || continue
		echo "not ok $test (it cannot be executed)"
		failed=$((failed + 1))
		continue
	fi
	case $test in tests/long/*) [ -n "${LONG:-}" ] || continue ;; esac
	name=$(basename "$test" .sh)
	started=$(date +%s)
	"$test" "$build" >"$log/$name" 2>"$log/$name.err"
	code=$?
	ok=$(grep -c '^ok ' "$log/$name")
	bad=$(grep -c '^not ok ' "$log/$name")
	skip=$(grep -c '^SKIP ' "$log/$name")
	grep -E '^(SKIP|known|not ok|#) ' "$log/$name"
	if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "not ok $name (exit $code)"
	fi
	if [ "$bad" -ne 0 ]; then
		tail -n 40 "$log/$name" "$log/$name.err" | sed 's/^/  | /'
	elif [ "$ok" -eq 0 ] && [ "$skip" -eq 0 ]; then
		echo "not ok $name: it tested nothing"
		bad=1
	else
		echo "ok $name ($ok, $(($(date +%s) - started)) s)"
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	known=$((known + $(grep -c '^known ' "$log/$name")))
done

[ "$known" -gt 0 ] && echo "$known known failures (named above)"
[ "$skipped" -gt 0 ] && echo "$skipped skipped (named above)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
