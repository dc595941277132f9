#!/bin/sh
# Runs the test $3 against the build in $1, and tells all at once what it said, so that tests that run at
# the same time do not mix; leaves its counts (passed, failed, skipped, known) in the folder $2. A script
# prints "ok NAME", "not ok NAME", "known NAME" (a failure that is known and named), "SKIP NAME: why" or
# "# figures" a line.
set -u
build=$1 log=$2 test=$3
name=$(basename "$test" .sh)
out=$log/$name.out err=$log/$name.err

# count PATTERN: lines of what it printed.
count() {
	grep -c "^$1 " "$out"
}

# A Check program: what it found stands in its last line.
unit() {
	"$test" >"$out" 2>"$err"
	code=$?
	counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' \
		"$out" | awk '{ c += $1; f += $2 + $3 } END { print c + 0, f + 0 }')
	bad=${counts#* }
	ok=$((${counts% *} - bad))
	said=$ok
}

script() {
	started=$(date +%s)
	"$test" "$build" >"$out" 2>"$err"
	code=$?
	ok=$(count ok)
	bad=$(count 'not ok')
	grep -E '^(not ok|#) ' "$out"
	said="$ok, $(($(date +%s) - started)) s"
}

run() {
	case $test in
	*.sh) script ;;
	*) unit ;;
	esac
	skip=$(count SKIP)
	known=$(count known)
	grep -E '^(SKIP|known) ' "$out"
	if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "not ok $name (exit $code)"
	elif [ $((ok + bad + skip)) -eq 0 ]; then
		bad=1
		echo "not ok $name: it tested nothing"
	elif [ "$bad" -eq 0 ]; then
		echo "ok $name ($said)"
	else
		echo "not ok $name ($bad)"
	fi
	[ "$bad" -eq 0 ] || tail -n 40 "$out" "$err" | sed 's/^/  | /'
	echo "$ok $bad $skip $known" >"$log/$name.count"
}
run >"$log/$name.said"
flock "$log/tests" cat "$log/$name.said"
