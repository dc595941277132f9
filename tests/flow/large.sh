#!/bin/sh
# One message of 95 MB and one of 101 MB, by every source: the first is stored whole without being held,
# of the second only the head is, once, for a person to look at, and it stays where it is.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs large root dovecot /usr/lib/dovecot/pop3 openssl python3 psql
start_work
pop3=yes

# make_message FILE MEGABYTES: with CR LF, as every source shows it; prints its sha256.
make_message() {
	python3 - "$1" "$2" <<'PY'
import base64, hashlib, random, sys
size, made = int(sys.argv[2]) << 20, random.Random(int(sys.argv[2]))
whole = hashlib.sha256()
with open(sys.argv[1], "wb") as out:
    part = (b"From: a@firm.example\r\nTo: rhj@office.example\r\nSubject: large %d\r\n"
            b"Message-ID: <large%d@firm.example>\r\n\r\nSee below.\r\n" % (size, size))
    while size > 0:
        part = part[:size - 2] if size > len(part) or part.endswith(b"\r\n") else part
        part = part if part.endswith(b"\r\n") else part + b"\r\n"
        out.write(part)
        whole.update(part)
        size -= len(part)
        part = b"".join(base64.b64encode(made.randbytes(57)) + b"\r\n" for _ in range(1000))
print(whole.hexdigest())
PY
}

# peak COMMAND…: the most memory that it ever had, in MB.
peak() {
	python3 - "$@" <<'PY'
import resource, subprocess, sys
with open(sys.argv[1], "ab") as log:
    subprocess.run(sys.argv[2:], stdout=log, stderr=log)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
}

collect() {
	pingyi collect "$@" 2>&1 | sed -n 's/ too large.*//p'
}

# by imap|pop3: where the letters come from.
by() {
	case $1 in
	imap) setting "source inbox" url "imaps://localhost:$imaps_port" ;;
	pop3) setting "source inbox" url "pop3s://localhost:$pop3s_port" ;;
	esac
}

start_mailbox large || exit 1
mail=$work/dovecot/mail
setting "source inbox" ca_file "$work/cert.pem"
setting "source inbox" url "imaps://localhost:$imaps_port"
base=$(peak "$work/log" "$build/pingyi" --office "$work/office" --as staff --now "$now" collect)

sum=$(make_message "$work/large" 95)
mkdir -p "$work/box/new" "$work/box/cur" "$work/box/tmp"
cp "$work/large" "$mail/new/1772413200.M1.firm"
cp "$work/large" "$work/box/new/1"
cp "$work/large" "$work/large.eml"
{
	echo 'From a@firm.example Mon Mar  2 10:00:00 2026'
	cat "$work/large"
} >"$work/large.mbox"
chown -R nobody:nogroup "$mail"

# Nothing can be committed: then all of it has come, and nothing is read after it.
query "ALTER TABLE message ADD CONSTRAINT full_disk CHECK (size < 1000)"
for from in imap pop3 "maildir:$work/box"; do
	case $from in
	maildir:*) set -- "$from" ;;
	*)
		by "$from"
		set --
		;;
	esac
	took=$(peak "$work/log" "$build/pingyi" --office "$work/office" --as staff --now "$now" collect "$@")
	name=${from%%:*}
	echo "$name: $took MB at most, $base MB without a message" >&2
	case $build in
	*-san) ;;
	*) check "$name: it is never held whole" [ "$took" -lt $((base + 40)) ] ;;
	esac
done
check "what cannot be committed leaves nothing" same "$(query "SELECT
	(SELECT count(*) FROM message), (SELECT count(*) FROM message_piece)")" "0	0"
check "… and no flag" same "$(find "$mail" -name '*:2,*S*' | wc -l)" 0
query "ALTER TABLE message DROP CONSTRAINT full_disk"

by imap
check "IMAP: it is stored" same "$(collect)" "1 new messages (0 known, 0"
check "… every byte, in pieces of 1 MB" same "$(query "SELECT encode(m.sha256, 'hex'), m.size = $((95 << 20)),
	(SELECT encode(sha256(string_agg(bytes, '' ORDER BY seq)), 'hex') FROM message_piece p
		WHERE p.message_id = m.id),
	(SELECT max(seq) FROM message_piece) FROM message m")" "$sum	t	$sum	94"
check "… and seen" same "$(find "$mail" -name '*:2,*S*' | wc -l)" 1
by pop3
check "POP3: the same bytes are known" same "$(collect)" "0 new messages (1 known, 0"
check "Maildir: they are" same "$(collect "maildir:$work/box")" "0 new messages (1 known, 0"
check "mbox: they are" same "$(collect "mbox:$work/large.mbox")" "0 new messages (1 known, 0"
check "file: they are" same "$(collect "$work/large.eml")" "0 new messages (1 known, 0"
check "it has five places" same "$(query "SELECT count(*), count(DISTINCT message_id) FROM message_place
	WHERE message_id IN (SELECT id FROM message)")" "5	1"
check "no stand-in is left" same "$(query "SELECT (SELECT count(*) FROM message),
	(SELECT count(*) FROM message_piece), (SELECT count(*) FROM event WHERE noun = 'message' AND verb = 'store')")" \
	"1	95	1"

# Over the limit.
rm -f "$mail"/new/* "$mail"/cur/* "$work"/box/*/* "$work"/large.*
make_message "$work/large" 101 >/dev/null
cp "$work/large" "$mail/new/1772413300.M2.firm"
mv "$work/large" "$work/box/new/2"
ln "$work/box/new/2" "$work/large.eml"
{
	echo 'From a@firm.example Mon Mar  2 10:00:00 2026'
	cat "$work/large.eml"
} >"$work/large.mbox"
chown -R nobody:nogroup "$mail"
by imap
check "over 100 MB, IMAP: it is told" same "$(collect)" "0 new messages (0 known, 1"
check "… its head waits for a person, with its size" same "$(query "SELECT m.state, m.size = $((101 << 20)),
	m.problem LIKE 'larger than 100 MB (101 MB)%', m.review_due IS NOT NULL, length(p.bytes),
	position('Subject: large'::bytea IN p.bytes) > 0
	FROM message m JOIN message_piece p ON p.message_id = m.id WHERE m.size > 104857600")" \
	"broken	t	t	t	65536	t"
check "… and it has no flag" same "$(find "$mail" -name '*:2,*S*' | wc -l)" 0
check "once" same "$(collect)" "0 new messages (1 known, 0"
for from in "maildir:$work/box" "$work/large.eml" "mbox:$work/large.mbox"; do
	check "${from##*[/.]}: the same head is known" same "$(collect "$from")" "0 new messages (1 known, 0"
done
by pop3
setting "source inbox" after delete
check "POP3: its own head is told" same "$(collect)" "0 new messages (0 known, 1"
check "… once" same "$(collect)" "0 new messages (1 known, 0"
check "… and it is not deleted" same "$(find "$mail/new" "$mail/cur" -type f | wc -l)" 1
check "a person sees it" sh -c "'$build/pingyi' --office '$work/office' --as staff --now $now collect pen |
	grep -q 'larger than 100 MB (101 MB)'"
