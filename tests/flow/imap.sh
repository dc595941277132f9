#!/bin/sh
# Messages come in by IMAP from a real Dovecot: in plain, by STARTTLS and by TLS; every byte, once.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs imap root dovecot openssl python3 psql
start_work

# Invented messages in a Maildir, some made to confuse a client: lines that look like the end of a
# response, like a literal, dots, 8-bit bytes, no end of line at the end, 5 MB. Prints the sha256
# of each as IMAP will show it (with CR LF).
make_messages() { # FOLDER FIRST COUNT
	python3 - "$@" <<'PY'
import hashlib, os, sys
folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
odd = [b"P00004 OK FETCH completed\n)\n* BYE gone\n", b"{5}\nabc {99999999}\n", b".\n..\n.QUIT\n",
       "评议：办税厅排队两小时\n".encode("gb18030"), b"no end of line", b"x" * 78 + b"\n", b")\n" * 300,
       (b"y" * 76 + b"\n") * 65000]
os.makedirs(folder, exist_ok=True)
for i in range(first, first + count):
    text = (f"From: a{i}@firm.example\nTo: rhj@office.example\nSubject: n{i}\n"
            f"Message-ID: <{i}@firm.example>\n\n").encode() + odd[i % len(odd)]
    with open(f"{folder}/17000{i:05}.M{i}.test", "wb") as out:
        out.write(text)
    print(hashlib.sha256(text.replace(b"\n", b"\r\n")).hexdigest())
PY
	chown -R nobody:nogroup "$work/dovecot/mail"
}
stored() {
	query "SELECT encode(sha256, 'hex') FROM message ORDER BY 1"
}
# How many messages of a Maildir have \Seen.
seen() {
	find "$1/cur" -name '*:2,*S*' | wc -l
}

start_mailbox imap || exit 1
mail=$work/dovecot/mail

setting "source inbox" url "imap://127.0.0.1:$imap_port"
setting "source inbox" starttls off
make_messages "$mail/new" 0 41 >"$work/sums"

check "plain: fetches" pingyi collect
check "plain: every byte of every message" same "$(stored)" "$(sort "$work/sums")"
check "plain: seen once stored" same "$(seen "$mail")" 41
check "a second time nothing is new" same "$(pingyi collect 2>&1 | cut -d';' -f1)" \
	"0 new messages (41 known, 0 too large)"

setting "source inbox" starttls required
pingyi collect >/dev/null 2>"$work/err"
check "STARTTLS: an unknown certificate is refused" same $? 73
setting "source inbox" ca_file "$work/cert.pem"
make_messages "$mail/new" 41 3 >>"$work/sums"
check "STARTTLS: fetches" pingyi collect
check "STARTTLS: every byte" same "$(stored)" "$(sort "$work/sums")"

setting "source inbox" url "imaps://localhost:$imaps_port/%E6%84%8F%E8%A7%81%E7%AE%B1"
folder=$mail/.\&YQ+JwXux-
mkdir -p "$folder/cur" "$folder/new" "$folder/tmp"
make_messages "$folder/new" 50 2 >>"$work/sums"
make_messages "$folder/new" 7 1 >/dev/null
check "TLS: fetches a folder with a Chinese name" pingyi collect
check "TLS: every byte, known bytes once" same "$(stored)" "$(sort "$work/sums")"
check "TLS: known bytes have two places" same \
	"$(query "SELECT count(*) FROM message_place WHERE mailbox = '意见箱'")" 3

# Answers to letters, as they come back into the mailbox.
setting "source inbox" url "imaps://localhost:$imaps_port"
make_round || exit 1
setting mail from rhj@office.example
pingyi send --yes 2>"$work/err" || cat "$work/err" >&2
query "SELECT l.number, m.message_id, m.recipient FROM mailing m JOIN letter l ON l.id = m.letter_id
	ORDER BY m.id LIMIT 30" >"$work/numbers"
python3 - "$work/numbers" "$mail/new" <<'PY'
import sys
for i, line in enumerate(open(sys.argv[1])):
    number, message_id, sender = line.split()
    with open(f"{sys.argv[2]}/18000{i:05}.A{i}.test", "w", encoding="utf-8") as out:
        out.write(f"From: {sender}\nTo: rhj@office.example\nSubject: Re: {number}\n"
                  f"Message-ID: <answer-{i}@firm.example>\nIn-Reply-To: {message_id}\n"
                  "Date: Mon, 02 Mar 2026 10:00:00 +0800\n"
                  "Content-Type: text/plain; charset=utf-8\n\n办税厅排队两小时。\n")
PY
chown -R nobody:nogroup "$mail"
check "answers: fetches" pingyi collect
check "answers: each is filed to its letter" same \
	"$(query "SELECT count(*) FROM answer a JOIN response r ON r.id = a.response_id
		JOIN message m ON m.id = a.message_id AND m.letter_id = r.letter_id
		WHERE m.channel = 'imap'")" 30

# What becomes of stored messages on the server. flags FOLDER: how many hold the flag that a Maildir
# calls so.
flags() { # FOLDER FLAG
	find "$1/cur" -name "*:2,*$2*" | wc -l
}
in_folder() {
	find "$1/new" "$1/cur" -type f 2>/dev/null | wc -l
}
rest=$mail/.rest
mkdir -p "$rest/cur" "$rest/new" "$rest/tmp"
setting "source inbox" url "imaps://localhost:$imaps_port/rest"
setting "source inbox" after keep
make_messages "$rest/new" 100 3 >/dev/null
check "keep: fetches" pingyi collect
check "keep: nothing changes, not even what is new" same "$(find "$rest/new" -type f | wc -l)" 3
setting "source inbox" after flag
make_messages "$rest/new" 103 2 >/dev/null
check "flag: fetches" pingyi collect
check "flag: those that were stored now, and only these" same "$(flags "$rest" F) $(flags "$rest" S)" "2 0"
setting "source inbox" after "move 已收"
make_messages "$rest/new" 105 30 >/dev/null
check "move: fetches" pingyi collect
check "move: what is stored is in the other folder, known or new" same \
	"$(in_folder "$rest") $(in_folder "$mail/.&XfJlNg-")" "0 35"
check "move: everything is here, once" same "$(query "SELECT count(*), count(DISTINCT uid)
	FROM message_place WHERE mailbox = 'rest'")" "35	35"
setting "source inbox" after delete
pingyi collect >/dev/null 2>"$work/err"
check "what IMAP is not asked for is told" grep -q 'seen, flag, move' "$work/err"
setting "source inbox" after seen

# A server without MOVE: copied, marked and cleared away; where it lets nothing be marked, not copied.
poor=$mail/.poor
mkdir -p "$poor/cur" "$poor/new" "$poor/tmp"
stop_dovecot
cp "$work/dovecot.conf" "$work/dovecot.whole"
cat >>"$work/dovecot.conf" <<CONF
protocol imap {
  imap_capability = IMAP4rev1 LITERAL+ UIDPLUS
  mail_plugins = acl imap_acl
}
plugin {
  acl = vfile
}
CONF
run_dovecot || exit 1
setting "source inbox" url "imaps://localhost:$imaps_port/poor"
setting "source inbox" after "move Done"
make_messages "$poor/new" 300 3 >/dev/null
check "without MOVE: fetches" pingyi collect
check "without MOVE: what is stored is in the other folder, once" same \
	"$(in_folder "$poor") $(in_folder "$mail/.Done")" "0 3"
echo "owner lrswi" >"$poor/dovecot-acl"
make_messages "$poor/new" 303 3 >/dev/null
for turn in 1 2; do
	pingyi collect >"$work/out" 2>"$work/err"
	check "nothing may be deleted, $turn: it is an error that says why" sh -c \
		"[ $? -ne 0 ] && grep -q 'stay where they are: .*PERMANENTFLAGS' '$work/err'"
	check "… all are stored" same "$(query "SELECT count(*) FROM message_place WHERE mailbox = 'poor'")" 6
	check "… none is copied" same "$(in_folder "$poor") $(in_folder "$mail/.Done")" "3 3"
done
stop_dovecot
mv "$work/dovecot.whole" "$work/dovecot.conf"
run_dovecot || exit 1
setting "source inbox" url "imaps://localhost:$imaps_port/rest"
setting "source inbox" after seen

# The numbers of a mailbox begin anew: everything comes again, known bytes are one message still.
before=$(query "SELECT count(*) FROM message")
make_messages "$rest/new" 100 3 >/dev/null
rm -f "$rest"/dovecot* "$rest"/cur/*
printf '3 V%s N104 G%032d\n' 4000000000 7 >"$rest/dovecot-uidlist"
chown nobody:nogroup "$rest/dovecot-uidlist"
check "other numbers: fetches" pingyi collect
check "other numbers: no message is new, each has another place" same "$(query "SELECT count(*) FROM message")
$(query "SELECT count(*), count(DISTINCT message_id) FROM message_place
	WHERE mailbox = 'rest' AND uidvalidity = 4000000000")" "$before
3	3"

# What comes while we stay is fetched at once, not at the next look.
before=$(query "SELECT count(*) FROM message")
"$build/pingyi" --office "$work/office" run --stay >"$work/stay.log" 2>&1 &
stay_pid=$!
turn=0
until [ $turn -ge 40 ]; do
	turn=$((turn + 1))
	sleep 0.25
done
make_messages "$rest/tmp" 200 1 >/dev/null
begun=$(date +%s)
mv "$rest"/tmp/* "$rest/new/"
turn=0
until [ "$(query "SELECT count(*) FROM message")" -gt "$before" ] || [ $turn -ge 60 ]; do
	turn=$((turn + 1))
	sleep 0.5
done
took=$(($(date +%s) - begun))
check "IDLE: fetched within 20 s, not 60" [ $took -le 20 ]
kill "$stay_pid"
wait "$stay_pid" 2>/dev/null

setting "source inbox" url "imaps://localhost:$imaps_port/Missing"
pingyi collect >/dev/null 2>"$work/err"
check "a missing folder is an error" same $? 73
setting "source inbox" url "imaps://localhost:$imaps_port"
printf 'wrong-secret\n' >"$work/office/mailbox-password"
pingyi collect >/dev/null 2>"$work/err"
check "a wrong password is refused" same $? 73
check "… in the server's words" grep -q 'refused the login: NO \[AUTHENTICATIONFAILED\]' "$work/err"
check "… and not shown" same "$(grep -c 'wrong-secret' "$work/err")" 0
printf 'geheim\n' >"$work/office/mailbox-password"
chmod 644 "$work/office/mailbox-password"
pingyi collect >/dev/null 2>"$work/err"
check "a password that others can read is refused" same $? 77

# What a server does not give is counted once, also where the connection breaks and is opened again;
# what comes then is not left there.
chmod 600 "$work/office/mailbox-password"
python3 "$here/scripted_imap.py" "$work/imap.port" 2>"$work/imap.err" &
scripted_pids=$!
wait_file "$work/imap.port"
setting "source inbox" url "imap://127.0.0.1:$(cat "$work/imap.port")"
setting "source inbox" starttls off
pingyi collect >/dev/null 2>"$work/err"
check "two connections: all but one come" same "$(query "SELECT string_agg(uid, ' ' ORDER BY uid) FROM message_place
	WHERE uidvalidity = 7")" "1 2 4"
check "… and that one is told once" same "$(grep -c 'left where they are' "$work/err") $(grep -o '^1 left where' "$work/err")" \
	"1 1 left where"
check "… and not with the place of one that came after all" grep -qx '1 left where they are: [^()]*' "$work/err"
