# Sourced by flow tests: $build, a work folder that goes away, and an office in it. Not run itself.
# shellcheck shell=sh disable=SC2034
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
pids=""
finish() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	data=$(sed -n 's/^data=//p' "$work"/*/cluster 2>/dev/null)
	for folder in $data; do
		case $folder in */pingyi/*) rm -rf "$folder" ;; esac
	done
	rm -rf "$work"
}
trap finish EXIT
failed=0
# check NAME COMMAND…: ok when it succeeds
check() {
	name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		failed=1
	fi
}
office=$work/office
now=2026-03-02T09:00
p() {
	"$build/pingyi" --office "$office" --as staff --now "$now" "$@"
}
sql() {
	p db shell -c "COPY ($1) TO STDOUT"
}
