#!/bin/sh
# Every input that is kept of each fuzz target (tests/fuzz/seeds/) is read: what was found once is
# not found again.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../fuzz" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for source in target_*.c; do
	target=${source#target_}
	target=${target%.c}
	if count=$(timeout 120 "$build/fuzz/$target" "seeds/$target"/* 2>"$log") &&
		[ "$count" -gt 0 ]; then
		echo "ok seeds $target ($count)"
	else
		echo "not ok seeds $target"
		tail -n 40 "$log" >&2
	fi
done
