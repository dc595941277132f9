#!/bin/sh
# Whose business sentences of enterprises are (tests/gold/README): figures of those that are tuned on,
# with HOLD=1 also of those kept apart. Below 90 % of departments right fails. $1: the build
# folder.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../gold" || exit 1

# judge NAME: its figures
judge() {
	if lines=$(python3 judge.py "$1.tsv" "$build" --goal 0.90 2>&1); then
		echo "ok departments of $1"
	else
		echo "not ok departments of $1"
	fi
	echo "$lines" | sed "s/^/# $1: /"
}
judge tune
[ -z "${HOLD:-}" ] || judge hold
