#!/bin/sh
# Messages of a Maildir are stored many at once: the same bytes twice, an empty file, one of several
# pieces, names that are odd; every one once, byte for byte.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
start_work

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
check "a folder that is a Maildir is one, unasked" sh -c "'$build/pingyi' --office '$work/office' --now $now \
	collect '$box' 2>&1 | grep -q '^0 new messages (34 known'"
mkdir -p "$work/letters" "$work/nothing"
printf 'From: b@firm.example\nSubject: capitals\n\nwords\n' >"$work/letters/ONE.EML"
echo words >"$work/letters/notes.txt"
for n in 1 2; do
	printf 'From b@firm.example Mon Mar  2 09:00:00 2026\nFrom: b@firm.example\nSubject: %s\n\nwords\n\n' "mbox $n"
done >"$work/some.mbox"
taken() { # what collect says of a source
	pingyi collect "$1" 2>&1 | sed -n 's/ too large.*//p'
}
check "a folder: .EML is .eml" same "$(taken "$work/letters")" "1 new messages (0 known, 0"
check "a file that begins as an mbox is one" same "$(taken "$work/some.mbox")" "2 new messages (0 known, 0"
check "again nothing is new" same "$(taken "$work/some.mbox")" "0 new messages (2 known, 0"
pingyi collect "$work/nothing" 2>"$work/err"
check "a folder without messages is told" [ $? -eq 65 ]
check "… with what it looks for" grep -q 'nothing holds no mail message: neither .eml files nor a Maildir' "$work/err"

check "the large one has its pieces" same "$(query 'SELECT max(seq) FROM message_piece')" 3
