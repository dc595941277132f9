#!/bin/sh
# Messages of a Maildir are stored many at once: the same bytes twice, an empty file, one of several
# pieces, names that are odd; every one once, byte for byte.
set -u
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
trap 'close_office; rm -rf "$work"' EXIT

make_office maildir || {
	echo "not ok an office"
	exit 1
}
box="$work/box"
mkdir -p "$box/new" "$box/cur" "$box/tmp"
for n in $(seq 1 30); do
	printf 'From: a@firm.example\nSubject: %d\n\nwords\n' "$n" >"$box/new/$n"
done
cp "$box/new/7" "$box/new/seven, again"
cp "$box/new/8" "$box/new/8\"\\,{}NULL"
: >"$box/new/empty"
{
	printf 'From: a@firm.example\nSubject: large\n\n'
	head -c 2500000 /dev/urandom | base64
} >"$box/new/15-large"

said() {
	pingyi collect "maildir:$box" 2>&1 | sed -n 's/ too large.*//p'
}
check "all are stored, the same bytes once" same "$(said)" "32 new messages (2 known, 0"
check "a second time nothing is new" same "$(said)" "0 new messages (34 known, 0"
check "every place is kept" same "$(query 'SELECT count(*) FROM message_place')" 34
check "each is an event" same "$(query "SELECT count(*) FROM event WHERE noun = 'message'
	AND verb = 'store'")" 32
check "the bytes are whole" same "$(query "SELECT count(*) FROM message m WHERE sha256 = (SELECT
	sha256(string_agg(p.bytes, '' ORDER BY p.seq)) FROM message_piece p WHERE p.message_id = m.id)
	AND size = (SELECT sum(length(p.bytes)) FROM message_piece p WHERE p.message_id = m.id)")" 32
check "the large one has its pieces" same "$(query 'SELECT max(seq) FROM message_piece')" 3
