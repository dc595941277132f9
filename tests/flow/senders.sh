#!/bin/sh
# Several senders at once on one ledger: each letter goes once; what one held that was killed goes by
# the others' hands; one that was stopped for too long sends nothing more when it wakes.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs senders root smtp-sink python3 psql
start_work
senders=""
stop_own() {
	for pid in $senders; do
		kill -9 "$pid" 2>/dev/null
	done
}

letters=2000
make_office senders || exit 1
make_enterprises $letters >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
setting mail from rhj@office.example
setting mail starttls off

# fresh DELAY_MS: all is due again; an empty sink behind a link with that delay.
fresh() {
	stop_link
	stop_sink
	rm -rf "$work/sink"
	all_due
	now=2026-03-02T09:00
	start_sink -4
	start_link "$sink_port" "$1"
	setting mail destination "smtp://127.0.0.1:$link_port"
}
# start_senders COUNT: their numbers in $senders, what they say in $work/sender.N.
start_senders() {
	senders=""
	for i in $(seq "$1"); do
		"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes \
			2>"$work/sender.$i" &
		senders="$senders $!"
	done
}
# How often letters arrived: "2000 once, 3 twice".
arrivals() {
	arrived | uniq -c | awk '{ n[$1]++ } END { printf "%d once, %d twice, %d more\n", n[1], n[2],
		length(n) - (1 in n) - (2 in n) }'
}
wait_for() { # COUNT: letters at the sink
	turn=0
	until [ "$(find "$work/sink" -type f | wc -l)" -ge "$1" ] || [ $turn -ge 200 ]; do
		turn=$((turn + 1))
		sleep 0.05
	done
}

for count in 2 4; do
	fresh 1
	start_senders $count
	good=0
	for pid in $senders; do
		wait "$pid" && good=$((good + 1))
	done
	senders=""
	check "$count senders: all come to a good end" same $good $count
	check "$count senders: all are sent" same "$(states)" "$letters sent"
	check "$count senders: each letter once" same "$(arrivals)" "$letters once, 0 twice, 0 more"
	check "$count senders: each has one try" same "$(query "SELECT count(*) FROM attempt")" $letters
	check "$count senders: each had its share" same \
		"$(query "SELECT count(DISTINCT sender_id) FROM attempt")" $count
	check "$count senders: nothing is in hand" same "$(held)" 0
	sum=$(sed -n 's/^\([0-9]*\) sent, 0 deferred, 0 failed, 0 doubtful$/\1/p' "$work"/sender.* |
		awk '{ n += $1 } END { print n }')
	check "$count senders: each tells its own" same "$sum" $letters
	rm -f "$work"/sender.*
done

# One of four is killed; what it held goes by the next one's hands at once.
fresh 5
start_senders 4
wait_for 200
# shellcheck disable=SC2086
victim=$(echo $senders | cut -d' ' -f2)
kill -9 "$victim"
for pid in $senders; do
	wait "$pid" 2>/dev/null
done
senders=""
dead=$(query "SELECT id FROM sender WHERE ended_at IS NULL")
left=$(held)
noted=$(noted) # of these; the next one enters it in the ledger
check "killed: one has not ended" same "$(echo "$dead" | wc -w)" 1
check "killed: the others sent the rest" same "$(states)" "$left due, $((letters - left)) sent"
pingyi send --yes 2>"$work/err"
check "killed: the next buries it and sends what it held" same "$? $(held) $(states)" "0 0 $letters sent"
doubts=$(query "SELECT count(*) FROM attempt WHERE outcome = 'doubtful' AND sender_id = $dead")
check "killed: what was not noted was in doubt" same "$doubts" "$((left - noted))"
check "killed: none is lost" same "$(arrived | sort -u | wc -l)" $letters
twice=$(arrived | uniq -d | wc -l)
check "killed: no more than its window came twice" [ "$twice" -le 4 ]
check "killed: none came more often" same "$(arrivals)" "$((letters - twice)) once, $twice twice, 0 more"
check "killed: its lease tells who did what" same "$(query "SELECT count(*) FROM attempt
	WHERE sender_id = $dead AND outcome = 'sent'")" \
	"$((letters - left + noted - $(query "SELECT count(*) FROM attempt WHERE outcome = 'sent'
		AND sender_id NOT IN ($dead, (SELECT max(id) FROM sender))")))"

# One is stopped for longer than its lease; the others take over; it wakes and sends nothing.
fresh 5
start_senders 1
sleeper=$(echo "$senders" | tr -d ' ')
wait_for 200
kill -STOP "$sleeper"
slept=$(date +%s)
left=$(held)
noted=$(noted)
now=2026-03-02T10:00
pingyi send --yes 2>"$work/err"
check "stopped: another takes over what it held" same "$? $(states)" "0 $letters sent"
check "stopped: what was not noted was in doubt" same \
	"$(query "SELECT count(*) FROM attempt WHERE outcome = 'doubtful'")" "$((left - noted))"
arrived >"$work/before"
until [ $(($(date +%s) - slept)) -ge 6 ]; do
	sleep 0.2
done
kill -CONT "$sleeper"
wait "$sleeper"
check "stopped: awake, it ends" same $? 69
senders=""
check "stopped: and says why" grep -q "others took over" "$work/sender.1"
arrived >"$work/after"
check "stopped: it has sent nothing more" diff "$work/before" "$work/after"
check "stopped: none is lost" same "$(sort -u "$work/after" | wc -l)" $letters
check "stopped: no more than its window came twice" [ "$(uniq -d "$work/after" | wc -l)" -le 4 ]
check "stopped: the ledger stays as it was" same "$(states) $(held)" "$letters sent 0"
now=2026-03-02T11:00
pingyi run 2>"$work/err"
check "the seals hold" pingyi db verify
