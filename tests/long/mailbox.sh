#!/bin/sh
# How soon a mailbox of 100,000 messages of 1 to 3 KB begins to come in by IMAP from a Dovecot, a Maildir
# and an mbox: one that the server has never looked at, one whose collector was killed, and one that is
# known but for a message. $1: the build folder; MESSAGES=N for fewer.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")/../flow
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs mailbox root dovecot openssl python3 psql
messages=${MESSAGES:-100000}
collector=""
stop_own() {
	[ -z "$collector" ] || kill -9 "$collector" 2>/dev/null
}

# make_mailbox maildir|mbox FIRST COUNT: messages, behind those that are there.
make_mailbox() {
	python3 - "$work/dovecot" "$@" <<'PY'
import os, sys
folder, kind, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
words = "办税厅排队两小时，窗口太少，希望改进。\n"
box = open(folder + "/inbox", "ab") if kind == "mbox" else None
for i in range(first, first + count):
    text = (f"From: a{i}@firm{i}.example\nTo: rhj@office.example\nSubject: n{i}\n"
            f"Message-ID: <{i}@firm.example>\nDate: Mon, 02 Mar 2026 10:00:00 +0800\n"
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            + words * (15 + i % 35)).encode()
    if box:
        box.write(f"From a{i}@firm.example Mon Mar  2 10:00:00 2026\n".encode() + text + b"\n")
        continue
    with open(f"{folder}/mail/new/{1772413200 + i}.M{i}.firm", "wb") as out:
        out.write(text)
PY
	chown -R nobody:nogroup "$work/dovecot/mail"
	[ ! -e "$work/dovecot/inbox" ] || chown nobody:nogroup "$work/dovecot/inbox"
}

# select_ms: how long the server takes to open the mailbox, whoever asks.
select_ms() {
	python3 - "$imap_port" <<'PY'
import imaplib, sys, time
session = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
session.login("rhj@office.example", "geheim")
begun = time.monotonic()
session.select("INBOX")
print(round((time.monotonic() - begun) * 1000))
session.logout()
PY
}

# empty_mailbox: as if the server had never seen it.
empty_mailbox() {
	rm -rf "$work/dovecot/mail" "$work/dovecot/home" "$work/dovecot/inbox"
	mkdir -p "$work/dovecot/mail/new" "$work/dovecot/mail/cur" "$work/dovecot/mail/tmp" "$work/dovecot/home"
	chown nobody:nogroup "$work/dovecot" "$work/dovecot/home"
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}
count() {
	query "SELECT count(*) FROM message"
}

# collect_until COUNT: a collector, until so many messages are stored; then it is killed. Sets $first
# and $all: the milliseconds until there was one more than before, and until there were so many.
collect_until() {
	before=$(count)
	begun=$(now_ms)
	first=""
	"$build/pingyi" --office "$work/office" --as staff --now "$now" collect >"$work/collect.log" 2>&1 &
	collector=$!
	stored=$before
	while [ "$stored" -lt "$1" ] && kill -0 "$collector" 2>/dev/null; do
		stored=$(count)
		[ -n "$first" ] || [ "$stored" -le "$before" ] || first=$(($(now_ms) - begun))
		sleep 0.05
	done
	all=$(($(now_ms) - begun))
	kill -9 "$collector" 2>/dev/null
	wait "$collector" 2>/dev/null
	collector=""
	[ -n "$first" ] || {
		cat "$work/collect.log" >&2
		first=999999
	}
}

for kind in maildir mbox; do
	start_work
	mail_location=""
	[ $kind = maildir ] || mail_location=mbox:$work/dovecot/home:INBOX=$work/dovecot/inbox
	empty_mailbox
	make_mailbox $kind 0 "$messages"
	start_mailbox mailbox || exit 1
	opens=$(select_ms)
	empty_mailbox
	make_mailbox $kind 0 "$messages"
	setting "source inbox" url "imaps://localhost:$imaps_port"
	setting "source inbox" ca_file "$work/cert.pem"

	collect_until $((messages / 50))
	echo "# $kind, $messages messages, new to the server, which opens them in $opens ms: the first stored after $first ms"
	# what else this machine does counts for both
	bound=$((opens * 2 + 5000))
	check "$kind: it begins when the server has opened it" [ "$first" -le $bound ]
	collect_until $(($(count) + messages / 50))
	echo "# $kind, after a kill: the next stored after $first ms"
	check "$kind: it goes on as soon" [ "$first" -le $bound ]
	before=$(count)
	collect_until "$messages"
	echo "# $kind: $(((messages - before) * 1000 / (all + 1))) stored a second, to the end"
	check "$kind: every message is stored" same "$(count)" "$messages"
	make_mailbox $kind "$messages" 1
	collect_until $((messages + 1))
	echo "# $kind, all known but one: that one stored after $first ms"
	check "$kind: a new one comes as soon" [ "$first" -le $bound ]
	check "$kind: each has one place" same "$(query "SELECT count(*), count(DISTINCT uid) FROM message_place")" \
		"$((messages + 1))	$((messages + 1))"
	end_work
done
