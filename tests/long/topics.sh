#!/bin/sh
# The classifier on seven topics: the lexicon alone, taught, and the learning curve, each beside its
# goal. $1: the build folder. What misses its goal fails.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
name="figures of the classifier on seven topics"
if lines=$(python3 measure_topics.py "$build" 2>&1); then
	echo "$lines" | sed -E '/^SKIP /!s/^/# /'
	! echo "$lines" | grep -qv '^SKIP ' || echo "ok $name"
else
	echo "$lines"
	echo "not ok $name"
fi
