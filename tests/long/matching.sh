#!/bin/sh
# The matcher finds in real texts what a plain search finds. $1: the build folder. The texts are those of
# ../shared/corpora/teddy, where they are there.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
for up in ../.. ../../.. ../../../..; do
	texts=$up/shared/corpora/teddy/train.tsv
	[ ! -f "$texts" ] || break
done
if [ ! -f "$texts" ]; then
	echo "SKIP matching of real texts: no shared/corpora/teddy/train.tsv"
elif said=$(MATCHER_TEXTS=$texts "$build/unit/test_matcher" 2>&1); then
	echo "ok matching of real texts"
else
	echo "$said" >&2
	echo "not ok matching of real texts"
fi
