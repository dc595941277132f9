#!/bin/sh
# Whose business sentences of enterprises are (tests/gold/README): figures of the half that is tuned
# on, with HOLD=1 also of the half kept apart. Below 90 % of departments right fails. $1: the build
# folder.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../gold" || exit 1

# half NAME: its figures
half() {
	if lines=$(python3 judge.py "$1.tsv" "$build" --goal 0.90 2>&1); then
		echo "ok departments of $1"
	else
		echo "not ok departments of $1"
	fi
	echo "$lines" | sed "s/^/# $1: /"
}
half tune
[ -z "${HOLD:-}" ] || half hold
