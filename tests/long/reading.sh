#!/bin/sh
# The figures of reading over the corpora, each beside its goal, and the differences from Python's
# `email`. $1: the build folder. What is measured is printed; what is below its goal fails.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1

# told NAME COMMAND…: its lines as they are, but for SKIP; fails as the command does.
told() {
	name=$1
	shift
	if lines=$("$@" 2>&1); then
		echo "$lines" | sed -E '/^SKIP /!s/^/# /'
		! echo "$lines" | grep -qv '^SKIP ' || echo "ok $name"
	else
		echo "$lines"
		echo "not ok $name"
	fi
}
told "figures of reading" python3 measure_reading.py "$build"
told "differences from Python's email" python3 differ_reading.py "$build"
