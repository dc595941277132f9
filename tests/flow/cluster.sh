#!/bin/sh
# The private PostgreSQL: as root and as an ordinary user, in a deep folder with spaces and Chinese
# in its name, two commands at once, after kill -9 of the postmaster, after a full disk was freed;
# and nothing is left running. $1: the build folder.
set -u
. "$(dirname "$0")/office.sh"
unset PINGYI_LANG
chmod 755 "$work"

running() { # DATA: whether a server runs on it
	pgrep -f -- "-D $1" >/dev/null
}
data_of() {
	path=$(sed -n 's/^data=//p' "$1/cluster")
	case $path in
	/*) echo "$path" ;;
	*) echo "$1/$path" ;;
	esac
}
not() { ! "$@"; }
quiet() { "$@" >/dev/null 2>&1; }

office="$work/很深 的/一个 文件夹/里面有 空格 和 很长很长很长很长很长很长很长很长很长很长的名字/办公室"
mkdir -p "$(dirname "$office")"
check "an office is made in a deep folder with spaces and Chinese" \
	quiet "$build/pingyi" --now "$now" init "$office" --seed x
data=$(data_of "$office")
check "its server has ended" not running "$data"
check "it is used" quiet p account list
check "its socket is nobody else's" sh -c "! find /tmp /run -maxdepth 2 -name '.s.PGSQL*' -perm /077 -newer '$office/key' 2>/dev/null | grep -q pingyi"

# two at once, ten times
bad=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	p account list >/dev/null 2>"$work/err1" &
	one=$!
	p account list >/dev/null 2>"$work/err2" &
	two=$!
	wait $one || bad=1
	wait $two || bad=1
done
[ "$bad" = 0 ] || cat "$work/err1" "$work/err2"
check "two commands at once, ten times" test "$bad" = 0
check "nothing is left running after them" not running "$data"

# kill -9 of the postmaster while it is held; and of the holder
"$build/pingyi" --office "$office" --now "$now" db hold &
pids=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	running "$data" && break
	sleep 0.2
done
sleep 0.3
kill -9 "$(head -n 1 "$data/postmaster.pid")"
sleep 0.5
check "after kill -9 of the postmaster it comes up again" quiet p account list
kill "$pids" 2>/dev/null
wait "$pids" 2>/dev/null
"$build/pingyi" --office "$office" --now "$now" db hold &
pids=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	running "$data" && break
	sleep 0.2
done
sleep 0.3
kill -9 "$pids"
wait "$pids" 2>/dev/null
pids=""
check "a server that a killed command left behind is used" quiet p account list
check "and stopped" not running "$data"

# as an ordinary user
if [ "$(id -u)" -eq 0 ] && getent passwd nobody >/dev/null; then
	cp "$build/pingyi" "$work/pingyi"
	chmod 755 "$work/pingyi"
	mkdir "$work/user"
	chown nobody "$work/user"
	as_user() {
		(cd / && setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$work/user" PATH="$PATH" \
			"$work/pingyi" --office "$work/user/办公室" --as staff --now "$now" "$@")
	}
	check "an ordinary user makes an office" sh -c 'cd / && setpriv --reuid nobody --regid nogroup --clear-groups \
		env HOME="$1/user" PATH="$PATH" "$1/pingyi" init "$1/user/办公室" --seed y >/dev/null 2>&1' - "$work"
	check "and uses it" quiet as_user account list
	check "in its own folder" test -f "$work/user/办公室/postgres/PG_VERSION"
	check "nothing of it is left running" not running "$(data_of "$work/user/办公室")"
else
	echo "SKIP cluster: as another user needs root"
fi

# a full disk
if [ "$(id -u)" -eq 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=160m,mode=755 pingyi-test "$work/disk" 2>/dev/null; then
	office=$work/disk/office
	"$build/pingyi" --now "$now" init "$office" --seed z >/dev/null 2>&1
	p enterprise import "$root/tests/demo/enterprises.csv" 2>/dev/null
	dd if=/dev/zero of="$work/disk/full" bs=1M 2>/dev/null
	p round new 2026-1 --title 满盘 --closes 2026-03-31 >/dev/null 2>"$work/full.err"
	p round release --yes >/dev/null 2>>"$work/full.err"
	code=$?
	rm "$work/disk/full"
	check "after a full disk was freed it works again" quiet p enterprise list
	[ "$(p round list 2>/dev/null | wc -l)" = 1 ] || p round new 2026-1 --title 满盘 --closes 2026-03-31 2>/dev/null
	[ "$code" = 0 ] || p round release --yes 2>/dev/null
	check "nothing is half done" test "$(sql "SELECT count(*) FROM letter")" = 120
	check "and nothing is left running" not running "$(data_of "$office")"
	umount "$work/disk"
else
	echo "SKIP cluster: a full disk needs the right to mount one"
fi
exit "$failed"
