#!/bin/sh
# Measures against the goals: every tests/bench/goal_*.sh that names a wanted one. run.sh BUILD, with
# ONLY=S1,S2 for some goals. A line a goal, separated by tabs: id, what, ours, peer, ratio, goal, ok
# or short; lines with # tell about machine and rounds. Exits with 0 also where a goal is missed, with
# 1 where a benchmark did not work.
set -u
build=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
only=$(echo "${ONLY:-}" | tr ',;' '  ')
export BENCH_ONLY="$only"
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
trap 'exit 130' INT TERM

# goals_of FILE: the ids on its second line.
goals_of() {
	sed -n '2s/^# goals: *//p' "$1" | tr ',' ' '
}

# asked IDS WANTED: whether one of IDS is wanted; S5 asks for S5c too.
asked() {
	for id in $1; do
		case " $2 " in "  " | *" $id "* | *" ${id%[a-z]} "*) return 0 ;; esac
	done
	return 1
}

# shown: of a script's output the comments and the lines of wanted goals.
shown() {
	while IFS= read -r line; do
		case $line in
		'#'*) echo "$line" ;;
		*) asked "$(echo "$line" | cut -f 1)" "$only" && echo "$line" ;;
		esac
	done
}

# The time that fdatasync takes after a page was written where the benchmarks work.
sync_time() {
	python3 - "${TMPDIR:-/var/tmp}" <<'PY'
import os, statistics, sys, tempfile, time
with tempfile.TemporaryFile(dir=sys.argv[1]) as file:
    times = []
    for _ in range(300):
        os.pwrite(file.fileno(), os.urandom(8192), 0)
        start = time.monotonic()
        os.fdatasync(file.fileno())
        times.append(time.monotonic() - start)
print(f"{statistics.median(times) * 1e6:.0f} µs")
PY
}

machine() {
	echo "# $("$build/pingyi" --version 2>/dev/null | head -n 1)," \
		"commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
	echo "# $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
		"$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
		"Linux $(uname -r), load $(cut -d ' ' -f 1 /proc/loadavg)"
	set -- /usr/lib/postgresql/*/bin/postgres
	eval "newest=\${$#}"
	# shellcheck disable=SC2154
	echo "# $("$newest" --version)," \
		"Postfix $(postconf -h mail_version 2>/dev/null || echo none)," \
		"libcurl $(pkg-config --modversion libcurl)," \
		"nodemailer $(sed -n 's/.*"nodemailer": "\(.*\)".*/\1/p' package.json)," \
		"$(python3 --version), node $(node --version 2>/dev/null || echo none)"
	echo "# work below ${TMPDIR:-/var/tmp}: $(df --output=fstype "${TMPDIR:-/var/tmp}" | tail -n 1)," \
		"fdatasync $(sync_time)"
	printf '# id\twhat\tours\tpeer\tratio\tgoal\t\n'
}

machine
broken=""
ran=0
for script in ./goal_*.sh; do
	[ -x "$script" ] || continue
	asked "$(goals_of "$script")" "$only" || continue
	ran=$((ran + 1))
	# the pipe's status is that of shown: the script's own is kept in a file
	{
		"$script" "$build"
		echo $? >"$log/status"
	} | shown
	[ "$(cat "$log/status")" -eq 0 ] || broken="$broken ${script#./}"
done
[ $ran -gt 0 ] || {
	echo "bench: no benchmark is for ${ONLY:-anything}" >&2
	exit 1
}
[ -z "$broken" ] || {
	echo "bench: did not work:$broken" >&2
	exit 1
}
