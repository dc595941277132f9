#!/bin/sh
# kill -9 at random moments. `pingyi send`: no letter is lost; one arrives twice at most for each
# kill, with the same Message-ID. `pingyi collect`: every message is stored, read and filed once.
# Up to 8 kills each, 60 with LONG=1; SEED repeats a run.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
[ "$(id -u)" -eq 0 ] || {
	echo "SKIP crash: smtp-sink as another user needs root"
	exit 0
}
for program in smtp-sink python3 psql; do
	command -v $program >/dev/null || {
		echo "SKIP crash: no $program"
		exit 0
	}
done
kills=8
[ -z "${LONG:-}" ] || kills=60
letters=$((kills * 220))
messages=$((kills * 120)) # few enough that some kills meet the reading, not the storing
seed=${SEED:-$(date +%s)}
work=$(mktemp -d)
chmod 755 "$work"
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
finish() {
	stop_sink
	close_office
	rm -rf "$work"
}
trap finish EXIT

# The minutes of the test's clock: each run is later than the leases of the one before.
minute=0
tick() {
	minute=$((minute + 60))
	now=$(date -d "2026-03-02 09:00 UTC + $minute minutes" -u +%Y-%m-%dT%H:%M)
}

# killed COMMAND…: starts it again and again and kills it, $kills times in all unless a fast machine
# comes to the end before, each a random part of $span_ms after its start; then lets it come to its
# end. Prints how often it was killed.
killed() {
	done_kills=0
	while [ $done_kills -lt "$kills" ]; do
		tick
		"$build/pingyi" --office "$work/office" --as staff --now "$now" "$@" \
			>>"$work/killed.log" 2>&1 &
		victim=$!
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		sleep "$(awk "BEGIN { print (30 + $seed / 65536 % $span_ms) / 1000 }")"
		kill -9 $victim 2>/dev/null
		wait $victim 2>/dev/null
		[ $? -eq 137 ] || break # it had come to its end
		done_kills=$((done_kills + 1))
	done
	tick
	"$build/pingyi" --office "$work/office" --as staff --now "$now" "$@" >>"$work/killed.log" 2>&1 ||
		echo "the last run failed" >>"$work/killed.log"
	echo $done_kills
}

make_office "crash $seed" || exit 1
echo "seed $seed" >&2
python3 - $letters >"$work/enterprises.csv" <<'PY'
import sys
print("企业名称,层别,邮箱")
for i in range(int(sys.argv[1])):
    print(f"东澄试验企业{i:05}号,贸易餐饮企业,e{i}@firm{i}.example")
PY
{
	pingyi enterprise import "$work/enterprises.csv" &&
		pingyi round new 2026-1 --title 2026 --closes 2026-12-31 &&
		pingyi round release 2026-1 --yes
} >"$work/round.log" 2>&1 || {
	cat "$work/round.log" >&2
	exit 1
}

start_sink -4
setting mail destination "smtp://127.0.0.1:$sink_port"
setting mail starttls off
setting mail from rhj@office.example
span_ms=${SPAN_MS:-600}
killed send --yes >"$work/kills"
sent_kills=$(cat "$work/kills")
stop_sink
# What arrived whole: the Message-ID of each dump that has its last boundary.
python3 - "$work/sink" >"$work/arrived" <<'PY'
import os, re, sys
for name in os.listdir(sys.argv[1]):
    text = open(os.path.join(sys.argv[1], name), "rb").read()
    frame = re.search(rb'boundary="(=_m_[^"]*)"', text)
    if frame and b"--" + frame[1] + b"--\n" in text:
        print(re.search(rb"(?m)^Message-ID: (.*)$", text)[1].decode())
PY
query "SELECT message_id FROM mailing" | LC_ALL=C sort >"$work/ledger"
LC_ALL=C sort -u "$work/arrived" >"$work/arrived.once"
twice=$(($(wc -l <"$work/arrived") - $(wc -l <"$work/arrived.once")))
doubts=$(query "SELECT count(*) FROM attempt WHERE outcome = 'doubtful'")
echo "send: $letters letters, $sent_kills kills, $doubts in doubt, $twice arrived twice" >&2
check "send: it was killed" [ "$sent_kills" -ge $((kills / 2)) ]
check "send: every letter is on the ledger" same "$(wc -l <"$work/ledger")" "$letters"
check "send: no letter is lost, none is unknown" diff "$work/ledger" "$work/arrived.once"
check "send: none arrived three times" same \
	"$(LC_ALL=C sort "$work/arrived" | uniq -c | awk '$1 > 2' | wc -l)" 0
check "send: at most one a kill arrived twice" [ "$twice" -le "$sent_kills" ]
check "send: the ledger calls those doubtful" [ "$twice" -le "$doubts" ]
check "send: at most one a kill is doubtful" [ "$doubts" -le "$sent_kills" ]
check "send: in the end all are sent" same \
	"$(query "SELECT count(*) FROM mailing WHERE state = 'sent'")" "$letters"

# An answer to some letters, in a Maildir.
query "SELECT l.number, m.message_id, m.recipient FROM mailing m JOIN letter l ON l.id = m.letter_id
	ORDER BY m.id LIMIT $messages" >"$work/numbers"
python3 - "$work/numbers" "$work/office/inbox" <<'PY'
import sys
for i, line in enumerate(open(sys.argv[1])):
    number, message_id, sender = line.split()
    with open(f"{sys.argv[2]}/new/{1772413200 + i}.{i}.firm", "w", encoding="utf-8") as out:
        out.write(f"From: {sender}\nTo: rhj@office.example\nSubject: Re: 【{number}】\n"
                  f"Message-ID: <answer-{i}@firm.example>\nIn-Reply-To: {message_id}\n"
                  "Date: Mon, 02 Mar 2026 10:00:00 +0800\n"
                  "Content-Type: text/plain; charset=utf-8\n\n办税厅排队两小时。\n")
PY
span_ms=${SPAN_MS:-600}
killed collect >"$work/kills"
taken_kills=$(cat "$work/kills")
echo "collect: $messages messages, $taken_kills kills" >&2
check "collect: it was killed" [ "$taken_kills" -ge $((kills / 2)) ]
check "collect: every message is stored once" same "$(query "SELECT count(*),
	count(DISTINCT sha256) FROM message")" "$messages	$messages"
check "collect: every byte of it" same "$(query "SELECT count(*) FROM message m WHERE m.size =
	(SELECT sum(length(bytes)) FROM message_piece p WHERE p.message_id = m.id)")" "$messages"
check "collect: all are marked as taken" same \
	"$(find "$work/office/inbox/new" -type f | wc -l) $(find "$work/office/inbox/cur" -type f | wc -l)" \
	"0 $messages"
check "collect: each is filed, once" same "$(query "SELECT count(*), count(DISTINCT message_id),
	count(DISTINCT response_id) FROM answer")" "$messages	$messages	$messages"
check "collect: none waits or is broken" same \
	"$(query "SELECT count(*) FROM message WHERE state <> 'filed'")" 0
now=2026-12-30T09:00
pingyi run 2>>"$work/killed.log"
check "the seals hold" pingyi db verify
tail -n 5 "$work/killed.log" >&2
