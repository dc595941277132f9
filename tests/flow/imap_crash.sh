#!/bin/sh
# Messages by IMAP over TLS, while the server dies 5 times and the collector 5 times in between: every
# message is stored, read and filed once. 4,000 messages; 10,000 with LONG=1.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs imap_crash root dovecot openssl python3 psql
start_work
messages=4000
[ -z "${LONG:-}" ] || messages=10000
deaths=10 # of both, in turn
stop_own() {
	[ -z "${collector:-}" ] || kill -9 "$collector" 2>/dev/null
}

# The collector, an hour later each time: than the leases of the one before.
hour=10
start_collector() {
	hour=$((hour + 1))
	"$build/pingyi" --office "$work/office" --as staff --now "2026-03-0$((3 + hour / 24))T$((hour % 24)):00" \
		collect >>"$work/collect.log" 2>&1 &
	collector=$!
	starts=$((${starts:-0} + 1))
}
count() {
	query "SELECT count(*) FROM message"
}
# Waits until so many messages are stored, or the collector has ended.
wait_stored() {
	while [ "$(count)" -lt "$1" ] && kill -0 "$collector" 2>/dev/null; do
		sleep 0.02
	done
}

start_mailbox imap || exit 1
make_enterprises $messages >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
query "SELECT l.number, m.message_id, m.recipient FROM mailing m JOIN letter l ON l.id = m.letter_id
	ORDER BY m.id" >"$work/numbers"
mail=$work/dovecot/mail
python3 - "$work/numbers" "$mail/new" >"$work/sums" <<'PY'
import hashlib, sys
for i, line in enumerate(open(sys.argv[1])):
    number, message_id, sender = line.split()
    text = (f"From: {sender}\nTo: rhj@office.example\nSubject: Re: 【{number}】\n"
            f"Message-ID: <answer-{i}@firm.example>\nIn-Reply-To: {message_id}\n"
            "Date: Mon, 02 Mar 2026 10:00:00 +0800\nContent-Type: text/plain; charset=utf-8\n\n"
            "办税厅排队两小时。\n" + "\n" * (i % 50 * 400)).encode()
    with open(f"{sys.argv[2]}/{1772413200 + i}.{i}.firm", "wb") as out:
        out.write(text)
    print(hashlib.sha256(text.replace(b"\n", b"\r\n")).hexdigest())
PY
chown -R nobody:nogroup "$mail"
setting "source inbox" url "imaps://localhost:$imaps_port"
setting "source inbox" ca_file "$work/cert.pem"

begun=$(date +%s%N)
start_collector
servers=0 collectors=0 death=0
while [ $death -lt $deaths ]; do
	death=$((death + 1))
	wait_stored $((messages * death / (deaths + 1)))
	if [ $((death % 2)) -eq 1 ]; then
		[ "$(count)" -lt $messages ] && servers=$((servers + 1))
		kill_dovecot
		run_dovecot || exit 1
	else
		kill -9 "$collector" 2>/dev/null
		wait "$collector" 2>/dev/null
		[ $? -eq 137 ] && collectors=$((collectors + 1))
		start_collector
	fi
done
wait "$collector"
last=$?
collector=""
took=$((($(date +%s%N) - begun) / 1000000))
echo "imap_crash: $messages messages, $servers deaths of the server, $collectors of the collector, $starts collectors, $took ms" >&2
check "the server died 5 times before the end" same $servers 5
check "the collector died 5 times before the end" same $collectors 5
check "the last one came to its end by itself" same $last 0
start_collector
wait "$collector"
check "one more finds nothing new" grep -q "^0 new messages ($messages known, 0 too large)" \
	"$work/collect.log"
collector=""
check "every message is stored once, every byte of it" same \
	"$(query "SELECT encode(sha256, 'hex') FROM message ORDER BY 1" | md5sum)" \
	"$(sort "$work/sums" | md5sum)"
check "its pieces are whole" same "$(query "SELECT count(*) FROM message m WHERE m.sha256 =
	(SELECT sha256(string_agg(bytes, '' ORDER BY seq)) FROM message_piece p WHERE p.message_id = m.id)")" \
	$messages
check "each has one place" same "$(query "SELECT count(*), count(DISTINCT uid), count(DISTINCT message_id)
	FROM message_place")" "$messages	$messages	$messages"
check "each is filed to its letter, once" same "$(query "SELECT count(*), count(DISTINCT message_id),
	count(DISTINCT response_id) FROM answer")" "$messages	$messages	$messages"
check "none waits or is broken" same "$(query "SELECT count(*) FROM message WHERE state <> 'filed'")" 0
check "the server holds all of them still" same "$(find "$mail/new" "$mail/cur" -type f | wc -l)" $messages
