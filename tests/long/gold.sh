#!/bin/sh
# Whose business sentences of enterprises are (tests/gold/README): figures of those that are tuned
# on, with HOLD=1 also of those kept apart. Below 90 % of departments right fails. Beside it, without
# a goal, the agreement with departments guessed from replies (tests/gold/silver.py). $1: the build folder.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../gold" || exit 1
# Each response is a process, and a sanitized one takes half a second: there it is about faults.
every=1
case $build in *-san) every=20 ;; esac

# told NAME COMMAND…: its lines as comments, but for SKIP; fails as the command does.
told() {
	name=$1
	shift
	if lines=$("$@" 2>&1); then
		! echo "$lines" | grep -qv '^SKIP ' || echo "ok $name"
	else
		echo "not ok $name"
	fi
	echo "$lines" | sed -E "/^SKIP /!s/^/# $name: /"
}
told "departments of tune" python3 judge.py tune.tsv "$build" --goal 0.90 --every "$every"
[ -z "${HOLD:-}" ] || told "departments of hold" python3 judge.py hold.tsv "$build" --goal 0.90 --every "$every"
told "departments of replies" python3 silver.py "$build" "$every"
