#!/bin/sh
# Messages come in by POP3 from a real Dovecot: in plain, by STLS and by TLS; every byte, once; the
# server keeps them unless told to delete, and deletes nothing that is not stored.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs pop3 root dovecot /usr/lib/dovecot/pop3 openssl python3 psql
pop3=yes
start_work

# Invented messages, some made to confuse a client: lines of dots, answers of a server, a NUL, a bare
# CR, a line of 3 MB, no end of line at the end (POP3 ends every line). Prints the sha256 of each as
# POP3 will show it.
make_messages() { # FIRST COUNT
	python3 - "$mail/new" "$@" <<'PY'
import hashlib, os, sys
folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
odd = [b".\n..\n.QUIT\n.\r\n", b"+OK\n-ERR\n", "评议：办税厅排队两小时\n".encode("gb18030"),
       b"no end of line", b".", b"x" * 3000000 + b"\n", b"a\rb\n", (b"y" * 76 + b"\n") * 30000,
       b"a\0b\n"]
for i in range(first, first + count):
    text = (f"From: a{i}@firm.example\nTo: rhj@office.example\nSubject: n{i}\n"
            f"Message-ID: <{i}@firm.example>\n\n").encode() + odd[i % len(odd)]
    with open(f"{folder}/17000{i:05}.M{i}.test", "wb") as out:
        out.write(text)
    shown = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    print(hashlib.sha256(shown if shown.endswith(b"\n") else shown + b"\r\n").hexdigest())
PY
	chown -R nobody:nogroup "$mail"
}
stored() {
	query "SELECT encode(sha256, 'hex') FROM message ORDER BY 1"
}
# How many messages the mailbox holds.
held_there() {
	find "$mail/new" "$mail/cur" -type f | wc -l
}

start_mailbox pop3 || exit 1
mail=$work/dovecot/mail

setting "source inbox" url "pop3://127.0.0.1:$pop3_port"
setting "source inbox" starttls off
make_messages 0 27 >"$work/sums"
check "plain: fetches" pingyi collect
check "plain: every byte of every message" same "$(stored)" "$(sort "$work/sums")"
check "plain: the server keeps them" same "$(held_there)" 27
check "a second time nothing is new" same "$(pingyi collect 2>&1 | cut -d';' -f1)" \
	"0 new messages (27 known, 0 too large)"
check "the place is login, host and UIDL" same "$(query "SELECT count(DISTINCT p.uid) FROM message m
	JOIN message_place p ON p.message_id = m.id WHERE m.channel = 'pop3'
	AND p.account = 'rhj@office.example@127.0.0.1' AND p.mailbox = 'INBOX'")" 27

setting "source inbox" starttls required
pingyi collect >/dev/null 2>"$work/err"
check "STLS: an unknown certificate is refused" same $? 73
setting "source inbox" ca_file "$work/cert.pem"
make_messages 27 3 >>"$work/sums"
check "STLS: fetches" pingyi collect
check "STLS: every byte" same "$(stored)" "$(sort "$work/sums")"

setting "source inbox" url "pop3s://localhost:$pop3s_port"
setting "source inbox" after delete
make_messages 30 9 >>"$work/sums"
check "TLS: fetches" pingyi collect
check "TLS: every byte" same "$(stored)" "$(sort "$work/sums")"
check "delete: what is stored is gone, known or new" same "$(held_there)" 0

make_messages 39 5 >>"$work/sums"
query "ALTER TABLE message ADD CONSTRAINT full_disk CHECK (size < 1000)" >/dev/null 2>&1 ||
	query "ALTER TABLE message ADD CONSTRAINT full_disk CHECK (size < 1000) NOT VALID"
pingyi collect >/dev/null 2>"$work/err"
check "what cannot be stored is an error" [ $? -ne 0 ]
check "… and nothing is deleted" same "$(held_there)" 5
query "ALTER TABLE message DROP CONSTRAINT full_disk"
check "later it is fetched" pingyi collect
check "… every byte, once" same "$(stored)" "$(sort "$work/sums")"
check "… and deleted" same "$(held_there)" 0

setting "source inbox" after "move elsewhere"
pingyi collect >/dev/null 2>"$work/err"
check "what POP3 cannot do is told" grep -q 'keep or delete' "$work/err"
setting "source inbox" after keep
printf 'wrong-secret\n' >"$work/office/mailbox-password"
pingyi collect >/dev/null 2>"$work/err"
check "a wrong password is refused" same $? 73
check "… in the server's words" grep -q 'refused the login: -ERR \[AUTH\]' "$work/err"
check "… and not shown" same "$(grep -c 'wrong-secret' "$work/err")" 0
