#!/bin/sh
# What dies at random moments. `pingyi send`: the sender is killed (-9), the database too, the link to
# the relay is cut; no letter is lost, no more arrive twice than were in the window, with the same
# Message-ID, and the ledger knows them. `pingyi collect`, killed: every message is stored, read and
# filed once. 800 letters and as many kills of the sender as happen; 10,000 and 20 with LONG=1. SEED
# repeats a run.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
kills=8
[ -z "${LONG:-}" ] || kills=60
messages=$((kills * 120)) # few enough that some kills meet the reading, not the storing
letters=800 delay_ms=25 least=4 most=10
[ -z "${LONG:-}" ] || letters=10000 delay_ms=5 least=20 most=20
seed=${SEED:-$(date +%s)}
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs crash root smtp-sink python3 psql
start_work
stop_own() {
	[ -z "${sender:-}" ] || kill -9 "$sender" 2>/dev/null
}

# The minutes of the test's clock: each run is later than the leases of the one before.
minute=$((30 * 24 * 60)) # after the sending
tick() {
	minute=$((minute + 60))
	now=$(date -d "2026-03-02 09:00 UTC + $minute minutes" -u +%Y-%m-%dT%H:%M)
}

# killed COMMAND…: runs it $kills times and kills it, by turns a moment after its start (what has come
# in is stored and filed by hundreds, so that it has few places to be met at) and some way on from where
# the last one came; then lets it come to its end. Prints how often it was killed.
killed() {
	done_kills=0
	while [ $done_kills -lt "$kills" ]; do
		tick
		random 1 $((2 * messages / kills))
		goal=$(($(collected) + number))
		random 10 150
		moment=0.$(printf %03d $number)
		"$build/pingyi" --office "$work/office" --as staff --now "$now" "$@" \
			>>"$work/killed.log" 2>&1 &
		victim=$!
		if [ $((done_kills % 2)) -eq 0 ]; then
			sleep "$moment"
		else
			while is_running $victim && [ "$(collected)" -lt $goal ]; do
				sleep 0.01
			done
		fi
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

# How far collecting has come: a message counts when it is stored, and when it is filed.
collected() {
	query "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM answer)" 2>/dev/null || echo 0
}

# random FROM TO: a number between.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	number=$(($1 + seed / 65536 % ($2 - $1)))
}
start_sender() {
	"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes \
		>>"$work/killed.log" 2>&1 &
	sender=$!
}
is_running() { # PID: and no zombie
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	"" | Z*) return 1 ;;
	esac
}
# Whether all letters have gone out, as far as can be said while the database may be away.
all_gone() {
	[ "$(query "SELECT count(*) FROM dispatch WHERE due_at <= '$now+08'" 2>/dev/null)" = 0 ]
}
postmaster() {
	head -n 1 "$(sed -n 's/^data=//p' "$work/office/cluster")/postmaster.pid"
}

make_office "crash $seed" || exit 1
echo "seed $seed" >&2
make_enterprises $letters >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
start_sink -4
start_link "$sink_port" $delay_ms
setting mail destination "smtp://127.0.0.1:$link_port"
setting mail starttls off
setting mail from rhj@office.example
connections=4 window=1 # as they come

# The kills in the order of this run: three of the database and three of the link among the first.
plan=$(python3 - "$seed" $((most - 4)) <<'PY'
import random, sys
random.seed(int(sys.argv[1]))
first = ["sender"] * 4 + ["database"] * 3 + ["link"] * 3
random.shuffle(first)
print(*first, *["sender"] * int(sys.argv[2]))
PY
)
sender_kills=0 database_kills=0 link_kills=0 ended=0
for victim in $plan; do
	while :; do
		{ [ -n "${sender:-}" ] && is_running "$sender"; } || start_sender
		random 60 $((letters / 20 + 300))
		sleep "$(awk "BEGIN { print $number / 1000 }")"
		if is_running "$sender" || all_gone || [ $ended -ge 20 ]; then
			break
		fi
		ended=$((ended + 1)) # by itself: that is no death of this plan
	done
	is_running "$sender" || break
	case $victim in
	sender)
		kill -9 "$sender"
		wait "$sender" 2>/dev/null
		sender_kills=$((sender_kills + 1))
		;;
	database)
		signal=KILL
		[ $database_kills -ne 1 ] || signal=QUIT # an immediate shutdown
		kill -$signal "$(postmaster)"
		database_kills=$((database_kills + 1))
		;;
	link)
		cut_link
		link_kills=$((link_kills + 1))
		;;
	esac
done
[ -z "$sender" ] || wait "$sender"
# A sender that died is buried at once by the next on its host; what was deferred comes later.
pingyi send --yes >>"$work/killed.log" 2>&1
held=$(held)
living=$(query "SELECT count(*) FROM sender WHERE ended_at IS NULL")
turn=0
until [ "$(states)" = "$letters sent" ] || [ $turn -ge 6 ]; do
	turn=$((turn + 1))
	now=2026-03-0$((2 + turn))T09:00
	pingyi send --yes >>"$work/killed.log" 2>&1
done
sender=""
stop_link
stop_sink

arrived >"$work/arrived"
query "SELECT message_id FROM mailing" | LC_ALL=C sort >"$work/ledger"
LC_ALL=C sort -u "$work/arrived" >"$work/arrived.once"
uniq -d "$work/arrived" >"$work/twice"
query "SELECT DISTINCT message_id FROM mailing m JOIN attempt a ON a.mailing_id = m.id
	WHERE a.outcome = 'doubtful'" | LC_ALL=C sort >"$work/doubtful"
deaths=$((sender_kills + database_kills + link_kills))
twice=$(($(wc -l <"$work/arrived") - $(wc -l <"$work/arrived.once")))
echo "send: $letters letters; killed: $sender_kills senders, $database_kills databases," \
	"$link_kills links; $ended ended by themselves; $(wc -l <"$work/doubtful") in doubt, $twice arrived twice" >&2
check "send: senders were killed" [ "$sender_kills" -ge $least ]
check "send: the database and the link, three times each" same "$database_kills $link_kills" "3 3"
check "send: the dead are buried by the next" same "$held $living" "0 0"
check "send: every letter is on the ledger" same "$(wc -l <"$work/ledger")" "$letters"
check "send: no letter is lost, none is unknown" diff "$work/ledger" "$work/arrived.once"
check "send: no more arrived twice than were in the window" \
	[ "$twice" -le $((deaths * connections * window)) ]
check "send: the ledger calls each of those doubtful" same \
	"$(LC_ALL=C comm -23 "$work/twice" "$work/doubtful")" ""
check "send: in the end all are sent" same "$(states)" "$letters sent"
check "send: none was refused or lost a try for nothing" same \
	"$(query "SELECT count(*) FROM attempt WHERE outcome IN ('failed', 'cancelled')")" 0
now=2026-03-20T09:00
pingyi run 2>>"$work/killed.log"
check "send: the seals hold" pingyi db verify

# An answer to each letter of another round, in a Maildir.
setting mail destination maildir:outbox
make_enterprises $messages >"$work/enterprises.csv"
{
	pingyi enterprise import "$work/enterprises.csv" &&
		pingyi round new 2026-2 --title 2026 --closes 2026-12-31 --no-form &&
		pingyi round release 2026-2 --yes
} >>"$work/round.log" 2>&1 || cat "$work/round.log" >&2
query "SELECT l.number, m.message_id, m.recipient FROM mailing m JOIN letter l ON l.id = m.letter_id
	JOIN round r ON r.id = l.round_id WHERE r.code = '2026-2' ORDER BY m.id LIMIT $messages" \
	>"$work/numbers"
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
killed collect >"$work/kills"
taken_kills=$(cat "$work/kills")
echo "collect: $messages messages, $taken_kills kills" >&2
check "collect: it was killed" [ "$taken_kills" -ge $((kills / 4)) ] # as often as it can be met
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
