#!/bin/sh
# What the sender takes care of: a second relay, limits and holds of domains, the brake, limits and
# stops by hand and by signal, what it asks and shows on a terminal, hours, links that lead nowhere. The
# relay is a scripted one.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs send python3 psql script
start_work
stop_own() {
	stop_process "${stages:-}"
}

# fresh [NAME OPTION=VALUE…]: all is due again, and there is one new server, the destination.
fresh() {
	stop_scripted
	forget_scripted one two
	all_due
	now=2026-03-02T09:00
	[ $# -eq 0 ] || {
		start_scripted "$@"
		setting mail destination "smtp://127.0.0.1:$scripted_port"
	}
}
took() { # NAME: how many letters a server took
	find "$work/$1/letters" -type f 2>/dev/null | wc -l
}
# later SECONDS: the clock, so much after the start.
later() {
	now=$(date -u -d "2026-03-02 09:00 UTC + $1 seconds" +%Y-%m-%dT%H:%M:%S)
}
sends() { # runs it, the code in $code, what it said in $work/err
	pingyi send --yes "$@" 2>"$work/err"
	code=$?
}
said() { # WORDS: among what it said
	grep -q -F -e "$1" "$work/err" || {
		cat "$work/err" >&2
		return 1
	}
}
# until_true WORDS…: the command succeeds, at most 10 s.
until_true() {
	turn=0
	until "$@"; do
		turn=$((turn + 1))
		[ $turn -lt 200 ] || return 1
		sleep 0.05
	done
}
all_are_sent() {
	[ "$(states)" = "$all sent" ]
}
# The addressees of the letters that servers took, twice where they came twice.
recipients() {
	for name in "$@"; do
		cat "$work/$name"/letters/* 2>/dev/null | sed -n 's/^X-Envelope: [^ ]* //p'
	done | LC_ALL=C sort
}
# CPU that a process took until now, in hundredths of a second.
cpu() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

make_office send || exit 1
{
	make_enterprises 100
	for i in 0 1 2 3 4 5 6 7 8 9; do
		echo "慢吞吞企业$i号,贸易餐饮企业,s$i@slow.example"
	done
} >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
setting mail from rhj@office.example
setting mail starttls off
setting mail stop_at_percent 0
all=110

# --- the second relay ---
start_scripted two
second="smtp://127.0.0.1:$scripted_port"
fresh one
setting mail destination "smtp://127.0.0.1:1"
start_scripted two
second="smtp://127.0.0.1:$scripted_port"
setting "mail second" destination "$second"
setting "mail second" starttls off
sends
check "second relay: takes over when the first is away" same "$code $(states)" "0 $all sent"
check "second relay: no try is counted for the first" same "$(query "SELECT count(*) FROM attempt")" $all
check "second relay: each letter once" same "$(recipients two)" \
	"$(query "SELECT recipient FROM mailing" | LC_ALL=C sort)"

fresh one 'sender=550 5.7.1 not yours'
start_scripted two
setting "mail second" destination "smtp://127.0.0.1:$scripted_port"
sends
check "second relay: takes over when the first refuses the sender" same "$code $(states)" "0 $all sent"
check "second relay: one letter was tried at the first" same \
	"$(query "SELECT count(*) FROM attempt WHERE outcome = 'deferred'")" 1
check "second relay: the first was asked once" same "$(grep -c 'sender refused' "$work/one/log")" 1

# The first one takes some and then no more, while several connections are busy.
fresh one fault=421@mail after=30
start_scripted two
setting "mail second" destination "smtp://127.0.0.1:$scripted_port"
sends
deferred=$(query "SELECT count(*) FROM mailing WHERE state = 'deferred'")
check "second relay: takes over in the midst" same "$code $(states)" \
	"0 $deferred deferred, $((all - deferred)) sent"
check "second relay: few are deferred by the change" [ "$deferred" -le 10 ]
check "second relay: each letter once, of both" same "$(recipients one two | uniq -d)" ""
check "second relay: as many as are sent" same "$(recipients one two | wc -l)" $((all - deferred))

fresh one 'sender=550 5.7.1 not yours'
start_scripted two 'sender=550 5.7.1 nor ours'
setting "mail second" destination "smtp://127.0.0.1:$scripted_port"
sends
check "second relay: when both refuse us, it ends and says why" same "$code" 75
check "second relay: with the words" said "nor ours"
check "second relay: one try at each" same "$(states)" "2 deferred, $((all - 2)) due"
setting "mail second" destination ""

# --- a relay that wants a rest ---
# rests MOST: what $work/err and the ledger say of one: no more than so many were tried, and one at least.
rests() {
	tried=$(query "SELECT count(*) FROM attempt WHERE outcome = 'deferred'")
	check "$words: it ends, and says that it is for now" same "$code $(grep -c 'goes on after 09:0[12]:' "$work/err")" "75 1"
	check "$words: with what the relay said" said "($words)"
	check "$words: few are tried, none is lost" [ "$tried" -ge 1 -a "$tried" -le "$1" ]
	check "$words: the others have lost no try" same "$(states)" "$tried deferred, $((all - tried)) due"
	check "$words: nothing is in hand" same "$(held)" 0
}
while IFS='	' read -r option words most; do
	fresh one "$option$words"
	sends
	rests "$most"
	later 30
	sends
	check "$words: nobody asks before it is over" same "$code $(query "SELECT count(*) FROM attempt") $(grep -c \
		'goes on after 09:0[12]:' "$work/err")" "75 $tried 1"
	later 90
	sends
	check "$words: then somebody does, and it rests for longer" same "$code $(grep -c \
		'goes on after 09:03:' "$work/err")" "75 1"
	stop_scripted
	start_scripted one
	# it is another port, and the same relay
	query "UPDATE domain_pace SET domain = 'relay 1 smtp://127.0.0.1:$scripted_port' WHERE domain LIKE 'relay %'" >/dev/null
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	later 4000
	sends
	check "$words: in the end all are sent" same "$code $(states)" "0 $all sent"
	check "$words: each once" same "$(recipients one | uniq -d)" ""
	check "$words: and it is forgotten" same "$(query "SELECT strikes, hold_until FROM domain_pace
		WHERE domain LIKE 'relay %'")" "0	"
done <<'END'
sender=	452 4.3.1 Insufficient system storage	1
sender=	550 Domain frequency limited	1
rcpt=@:	550 Connection frequency limited	4
rcpt=@:	451 4.3.0 queue file write error	1
rcpt=@:	450 4.7.1 not now	4
END

# In the midst, over several connections.
words="450 4.7.1 slow down"
fresh one "sender=$words" after=30
sends
tried=$(query "SELECT count(*) FROM attempt WHERE outcome = 'deferred'")
check "rest in the midst: few are tried" [ "$code" -eq 75 -a "$tried" -le 8 -a "$(took one)" -ge 30 ]
check "rest in the midst: the others have lost no try" same "$(states)" \
	"$tried deferred, $((all - tried - $(took one))) due, $(took one) sent"

sends
check "rest in the midst: nobody asks before it is over" same "$code" 75
check "rest in the midst: a person ends it" pingyi send --resume 2>"$work/err"
stop_scripted
start_scripted one
query "UPDATE domain_pace SET domain = 'relay 1 smtp://127.0.0.1:$scripted_port' WHERE domain LIKE 'relay %'" >/dev/null
setting mail destination "smtp://127.0.0.1:$scripted_port"
sends
check "rest in the midst: the others are sent at once" same "$(query "SELECT count(*) FROM mailing
	WHERE state = 'due'")" 0

# A second one goes on at once, and is begun with while the first rests.
for option in "sender=452 4.3.1 no room" "rcpt=@:550 Connection frequency limited"; do
	fresh one "$option"
	start_scripted two
	setting "mail second" destination "smtp://127.0.0.1:$scripted_port"
	sends
	waits=$((all - $(took two)))
	check "${option#*=}: the second relay takes over" [ "$code" -eq 0 -a $waits -le 4 ]
	connections=$(grep -c connection "$work/one/log")
	later 30
	query "UPDATE dispatch SET due_at = '2026-03-02 09:00:00+08'; DELETE FROM domain_pace WHERE domain NOT LIKE 'relay %'" >/dev/null
	sends
	check "${option#*=}: the first is left alone while it rests" same \
		"$code $(states) $(grep -c connection "$work/one/log")" "0 $all sent $connections"
	check "${option#*=}: each once" same "$(recipients two | uniq -d)" ""
done
fresh one 'sender=452 4.3.1 no room'
start_scripted two 'sender=452 4.3.1 nor here'
setting "mail second" destination "smtp://127.0.0.1:$scripted_port"
sends
check "rest of both: it ends, with one try at each" same "$code $(states)" "75 2 deferred, $((all - 2)) due"
check "rest of both: with the words" said "nor here"
setting "mail second" destination ""

# Domains that are gone, and what was tried before, say nothing of the relay.
for option in "rcpt=@:450 4.1.2 Domain not found" "rcpt=@:450 4.4.3 no such host"; do
	fresh one "$option"
	sends
	check "${option#*=}: is about each domain" [ "$code" -eq 0 -a "$(query "SELECT count(*) FROM attempt")" -gt 90 ]
done
fresh one "rcpt=@:450 try later"
query "UPDATE mailing SET tries = 1" >/dev/null
sends
check "tried before: is about each domain" [ "$code" -eq 0 -a "$(query "SELECT count(*) FROM attempt")" -gt 90 ]

# --- limits of domains ---
fresh one slow=15
setting mail domain_at_once 1
setting "domain slow.example" at_once 2
sends
check "at once: all are sent" same "$code $(states)" "0 $all sent"
check "at once: two at most where two are allowed" same \
	"$(grep '^most slow.example' "$work/one/log" | tail -n 1)" "most slow.example 2"
check "at once: one elsewhere" same \
	"$(grep '^most' "$work/one/log" | grep -v slow.example | cut -d' ' -f3 | sort -u)" 1

# Eighty letters to one slow domain come first; the others need not wait for them.
fresh one slow=20
setting "domain slow.example" at_once 1
setting mail domain_at_once 0
query "UPDATE mailing SET domain = 'slow.example' WHERE id <= (SELECT min(id) + 79 FROM mailing)" >/dev/null
sends
check "at once: all are sent, also those that had to wait" same "$code $(states)" "0 $all sent"
check "at once: others do not wait for a slow domain" [ "$(sed -n 's/^letter \([0-9]*\) e[89][0-9]@.*/\1/p' \
	"$work/one/log" | sort -n | tail -n 1)" -lt 60 ]
query "UPDATE mailing SET domain = split_part(recipient, '@', 2)" >/dev/null
setting "domain slow.example" at_once 0

fresh one
setting "domain slow.example" per_hour 4
sends
check "per hour: so many and no more" same "$code $(states)" "0 6 due, $((all - 6)) sent"
check "per hour: none is tried in vain" same "$(query "SELECT count(*) FROM attempt")" $((all - 6))
later 700
sends
check "per hour: nor in the same hour" same "$(states)" "6 due, $((all - 6)) sent"
later 3700
sends
check "per hour: more in the next" same "$(states)" "2 due, $((all - 2)) sent"
setting "domain slow.example" per_hour 0

# --- domains that want a rest ---
for words in "450 4.7.1 too much" "550 Domain frequency limited"; do
	fresh one "rcpt=@slow.example:$words"
	sends
	tried=$(query "SELECT count(*) FROM attempt WHERE outcome <> 'sent'")
	check "$words: the others are sent" same "$(states)" "$tried deferred, $((10 - tried)) due, 100 sent"
	check "$words: few are tried" [ "$tried" -le 8 ]
	check "$words: the domain is held for a minute" same "$(query "SELECT domain, strikes FROM domain_pace
		WHERE hold_until BETWEEN '2026-03-02 09:00:59+08' AND '2026-03-02 09:01:10+08'")" "slow.example	1"
	later 30
	sends
	check "$words: nothing is tried before it is over" same \
		"$(query "SELECT count(*) FROM attempt WHERE outcome <> 'sent'")" "$tried"
	later 90
	sends
	check "$words: then it is, and held for longer" same \
		"$(query "SELECT strikes, hold_until > '2026-03-02 09:03:20+08' FROM domain_pace")" "2	t"
	check "$words: no address is marked" same "$(query "SELECT count(*) FROM mailing WHERE state = 'failed'")" 0
	stop_scripted
	start_scripted one
	setting mail destination "smtp://127.0.0.1:$scripted_port"
	later 4000
	sends
	check "$words: in the end all are sent" same "$code $(states)" "0 $all sent"
	check "$words: and the domain is free" same "$(query "SELECT strikes, hold_until FROM domain_pace")" "0	"
done

# --- the brake ---
fresh one 'rcpt=e1:550 5.1.1 no such mailbox'
setting mail stop_at_percent 5
sends
tried=$(query "SELECT count(*) FROM attempt")
check "brake: it stops by itself" [ "$code" -eq 69 ]
check "brake: and says why" said "sending stopped by itself"
check "brake: not before 50 were tried, and soon after" [ "$tried" -ge 50 ]
check "brake: soon after" [ "$tried" -le 60 ]
check "brake: nothing is in hand" same "$(held)" 0
sends
check "brake: the gate is closed" [ "$code" -eq 69 ]
check "brake: and says why" said "refused for good"
check "brake: nothing was sent" same "$(query "SELECT count(*) FROM attempt")" "$tried"
pingyi run 2>"$work/err"
check "brake: nor by the rounds that run makes" same "$(query "SELECT count(*) FROM attempt")" "$tried"
later 60
check "brake: resumed by a person" pingyi send --resume
sends
check "brake: earlier refusals count no more" same "$(states)" "11 failed, $((all - 11)) sent"
setting mail stop_at_percent 0

# --- by hand ---
fresh one
sends --limit 7
check "--limit: seven" same "$code $(states)" "0 $((all - 7)) due, 7 sent"
sends --limit 7
check "--limit: and seven more" same "$code $(states)" "0 $((all - 14)) due, 14 sent"
check "--limit: nothing stays in hand" same \
	"$(held)" 0
pingyi send --dry-run 2>"$work/err"
check "--dry-run: says what, sends nothing" same "$(took one) $(grep -c "96 letters" "$work/err")" "14 1"
for options in "--list failed --yes" "--letter PY-22222222 --yes" "--status --yes" "--list sent --pause" \
	"--round 2026-1 --yes" "--round no-such --yes" "2026-1 --yes" "--enterprise 东澄试验企业00042号 --yes" \
	"--why 等通知 --yes" "--limit 3 --resume" "--to-self me@office.example --dry-run" \
	"--to-self me@office.example --yes" "--to-self me@office.example --limit 1" "--to-self me@office.example --status" \
	"--to-self me@office.example 2026-1" "--pause --dry-run" "--pause --yes" "--pause --round 2026-1" "--pause --resume" \
	"--pause 2026-1" "--resume --dry-run" "--resume --why 好了" "--status --dry-run" "--status --enterprise 东澄试验企业00042号" \
	"--status 2026-1 --round 2026-1" "--status --limit 1"; do
	# shellcheck disable=SC2086
	pingyi send $options >/dev/null 2>"$work/err"
	check "$options: is a mistake, and nothing leaves" same "$? $(grep -c -e --to-self "$work/err") $(took one)" \
		"65 1 14"
done
check "and nothing is paused by one" same "$(query "SELECT count(*) FROM send_gate")" 0
for number in 0 -1 1.5 many 99999999999; do
	sends --limit $number
	check "--limit $number: is a mistake, and nothing leaves" same "$code $(grep -c -e '--limit' "$work/err") $(took one)" \
		"65 1 14"
done
check "--list alone: shows, sends nothing" same "$(pingyi send --list sent </dev/null 2>/dev/null | wc -l) $(took one)" "14 14"
check "--list of a round that is not there" same "$(pingyi send --list sent --round no-such 2>&1 | grep -c no-such)" 1
pingyi send </dev/null 2>"$work/err"
check "without --yes and a terminal: nothing" same "$? $(took one)" "65 14"

fresh one slow=30
# shellcheck disable=SC1111
due="Round 2026-1 “2026”: $all letters to e0@firm0.example, e1@firm1.example, e2@firm2.example, …"
for word in 109 "" y; do
	ask "to send them" send
	check "on a terminal: round, count and the first three" grep -q -F "$due" "$work/shown"
	check "on a terminal: the relay" grep -q -F "Through: smtp://127.0.0.1:$scripted_port" "$work/shown"
	answer "$word"
	# shellcheck disable=SC1111
	check "on a terminal, “$word”: nothing leaves" same "$code $(states) $(grep -c 'nothing was sent' "$work/shown")" \
		"69 $all due 1"
done
ask "Type their number (5) to send them" send --limit 5
answer 5
check "on a terminal: with --limit, that many" same "$code $(states)" "0 $((all - 5)) due, 5 sent"
ask "Type their number ($((all - 5))) to send them" send
answer $((all - 5))
check "on a terminal, the right number: all leave" same "$code $(states) $(took one)" "0 $all sent $all"
check "progress: how many of how many, how fast, how much longer" \
	grep -qE "[1-9][0-9]* of $((all - 5)), [1-9][0-9]* a second, 0:0[0-9] left" "$work/shown"

fresh one
pingyi send --to-self me@office.example --enterprise 东澄试验企业00042号 2>"$work/err"
check "--to-self: one letter" same "$? $(recipients one)" "0 me@office.example"
check "--to-self: that enterprise's" grep -q "$(query "SELECT l.number FROM letter l JOIN enterprise e
	ON e.id = l.enterprise_id WHERE e.name = '东澄试验企业00042号'")" "$work/one/letters/1"
check "--to-self: on no ledger" same "$(query "SELECT count(*) FROM attempt") $(states)" "0 $all due"
pingyi round new 2026-2 --title 二 --closes 2026-12-31 --no-form 2>/dev/null
pingyi send --to-self me@office.example --round 2026-2 2>"$work/err"
check "--to-self: a draft's letter too" same "$? $(took one)" "0 2"
check "--to-self: and the draft is none the wiser" same \
	"$(query "SELECT state, (SELECT count(*) FROM letter WHERE round_id = r.id) FROM round r
		WHERE code = '2026-2'")" "draft	0"
printf 'for one alone\n' >"$work/own.txt"
pingyi round new 2026-3 --title 三 --closes 2026-12-31 2>/dev/null
pingyi round attach 2026-3 "$work/own.txt" --enterprise 东澄试验企业00042号 2>/dev/null
pingyi send --to-self me@office.example --round 2026-3 --enterprise 东澄试验企业00042号 2>"$work/err"
check "--to-self: a draft's letter has the form, and what goes to this one alone" same \
	"$? $(grep -c -i '^content-disposition: attachment' "$work/one/letters/3")" "0 2"
pingyi send --to-self me 2>"$work/err"
# shellcheck disable=SC1111
check "--to-self: what is no address is said before" same "$? $(grep -c '“me” is no mail address' "$work/err") $(took one)" "65 1 3"
pingyi send --pause 2>/dev/null
setting mail hours 17:00-18:00
pingyi send --to-self me@office.example 2>"$work/err"
check "--to-self: while sending is paused, and at any hour" same "$? $(took one)" "0 4"
setting mail hours ""
pingyi send --resume 2>/dev/null
relay=$(sed -n 's/^destination *= *smtp/smtp/p' "$work/office/pingyi.conf" | head -n 1)
setting mail destination maildir:outbox
pingyi send --to-self me@office.example 2>"$work/err"
check "--to-self: a folder is no mail" said "was not sent: [mail] destination is a folder"
setting mail destination "$relay"
query "DELETE FROM attachment; DELETE FROM round WHERE code = '2026-3'" >/dev/null
stop_scripted
pingyi send --to-self me@office.example 2>"$work/err"
check "--to-self: says when the relay is away" same "$? $(grep -c 'could not be reached' "$work/err")" "75 1"

# --- pause, resume, signals ---
fresh one
check "--pause" pingyi send --pause --why 等通知
sends
check "paused: nothing leaves" same "$([ $code -eq 69 ] && took one)" 0
check "paused: and it says why" said 等通知
pingyi run 2>"$work/err"
check "paused: nor by run" same "$? $(took one)" "0 0"
# shellcheck disable=SC1111
check "paused: run says so, without the words of who did" same "$(cat "$work/err")" \
	'stage=send held="sending is paused; “pingyi send --status” says why"'
check "--resume" pingyi send --resume
sends
check "resumed: all leave" same "$code $(states)" "0 $all sent"

fresh one slow=100
"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes 2>"$work/err" &
sender=$!
sleep 1
pingyi send --pause 2>/dev/null
wait $sender
check "paused from elsewhere: a sender that runs ends" same "$? $(grep -c 'is paused' "$work/err")" "69 1"
check "paused from elsewhere: what was under way is recorded" same \
	"$(query "SELECT count(*) FROM mailing WHERE state = 'sent'")" "$(took one)"
check "paused from elsewhere: some are left" [ "$(took one)" -lt $all ]
check "paused from elsewhere: none is in doubt or in hand" same \
	"$(held) $(query "SELECT count(*) FROM mailing WHERE doubts > 0")" "0 0"

fresh one slow=50
"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes 2>"$work/err" &
sender=$!
sleep 0.7
kill -USR1 $sender
sleep 0.5
before=$(took one)
used=$(cpu $sender)
sleep 1.5
check "SIGUSR1: nothing more leaves" same "$(took one)" "$before"
check "SIGUSR1: some had left, not all" [ "$before" -gt 0 ]
check "SIGUSR1: some had left, not all" [ "$before" -lt $all ]
check "SIGUSR1: it sleeps" [ $(($(cpu $sender) - used)) -le 3 ]
kill -USR2 $sender
wait $sender
check "SIGUSR2: it goes on to the end" same "$? $(states)" "0 $all sent"

for signal in INT TERM; do
	fresh one slow=100
	"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes 2>"$work/err" &
	sender=$!
	sleep 0.8
	kill -$signal $sender
	wait $sender
	check "SIG$signal: it ends and says so" same "$? $(grep -c 'what is left is due' "$work/err")" "69 1"
	check "SIG$signal: what was under way is recorded" same "$(states)" \
		"$((all - $(took one))) due, $(took one) sent"
	check "SIG$signal: nothing is in hand" same \
		"$(held)" 0
done

# What sends beside other work: its other stages go on, so the pause ends the sending only.
has_sealed() {
	[ "$(query "SELECT ended_at IS NOT NULL AND problem IS NULL FROM job WHERE name = 'seal'")" = t ]
}
for command in "run --stay" "serve --listen 127.0.0.1:0"; do
	fresh one slow=50
	query "DELETE FROM job" >/dev/null
	# shellcheck disable=SC2086
	"$build/pingyi" --office "$work/office" --now "$now" $command >/dev/null 2>"$work/err" &
	stages=$!
	check "$command: it sends" until_true [ -s "$work/one/letters/8" ]
	kill -USR1 $stages
	check "$command, SIGUSR1: it says so" until_true grep -q 'held="paused by SIGUSR1' "$work/err"
	before=$(took one)
	check "$command, SIGUSR1: some had left, not all" [ "$before" -lt $all ]
	check "$command, SIGUSR1: what was under way is recorded, nothing is in hand" same "$(states) $(held)" \
		"$((all - before)) due, $before sent 0"
	check "$command, SIGUSR1: the stages behind go on" until_true has_sealed
	sleep 1
	check "$command, SIGUSR1: nothing more leaves" same "$(took one)" "$before"
	check "$command, SIGUSR1: it is no failure" same "$(grep -c '^pingyi: ' "$work/err")" 0
	pingyi send --pause --why 等通知 2>/dev/null
	for turn in 1 2 3; do
		kill -USR2 $stages
		sleep 0.5
	done
	check "$command: why nothing leaves is said" until_true grep -q 'held="sending is paused' "$work/err"
	check "$command: … once" same "$(grep -c 'held="sending is paused' "$work/err")" 1
	check "$command: nothing has left" same "$(took one)" "$before"
	pingyi send --resume 2>/dev/null
	kill -USR2 $stages
	check "$command, SIGUSR2: it goes on to the end" until_true all_are_sent
	kill $stages
	wait $stages
	check "$command: it ends in order" same $? 0
	stages=""
done

# --- hours ---
fresh one
setting mail hours 09:00-17:30
now=2026-03-02T17:30
sends
check "hours: nothing after they end" same "$([ $code -eq 69 ] && took one)" 0
check "hours: and it says so" said "between 09:00 and 17:30"
pingyi run 2>"$work/err"
check "hours: run says so" same "$? $(took one) $(grep -c 'stage=send held="mail leaves between 09:00 and 17:30 only' "$work/err")" \
	"0 0 1"
pingyi send --status >"$work/out" 2>"$work/err"
check "hours: the status says so" grep -q '^Nothing leaves now: mail leaves between 09:00 and 17:30' "$work/out"
check "hours: the status does not call for what would be refused" same "$(grep -c 'Next: pingyi send' "$work/err")" 0
sends --any-hour --limit 1
check "hours: --any-hour" same "$code $(took one)" "0 1"
now=2026-03-03T09:00
sends --limit 1
check "hours: in them" same "$code $(took one)" "0 2"
setting mail hours 9-17
sends
# shellcheck disable=SC1111
check "hours: wrong ones are named" said "[mail] hours is “9-17”"
setting mail hours ""
setting mail workdays_only yes
now=2026-03-08T10:00 # a Sunday
sends
check "workdays: not on a Sunday" same "$([ $code -eq 69 ] && took one)" 2
check "workdays: and it says so" said "no working day"
check "workdays: the status says so" sh -c "'$build/pingyi' --office '$work/office' --now $now send --status |
	grep -q '^Nothing leaves now: today is no working day'"
sends --any-hour --limit 1
check "workdays: --any-hour" same "$code $(took one)" "0 3"
now=2026-05-09T10:00 # a Saturday on which everybody works
sends --limit 1
check "workdays: on a Saturday that is one" same "$code $(took one)" "0 4"
now=2026-05-04T10:00 # a Monday in the holidays
sends --limit 1
check "workdays: not in the holidays" same "$([ $code -eq 69 ] && took one)" 4
setting mail workdays_only no

# --- links that lead nowhere ---
fresh one
address=$(sed -n 's/^public_url *= *//p' "$work/office/pingyi.conf")
relay="smtp://127.0.0.1:$scripted_port"
for host in 127.0.0.1:8080 0.0.0.0:8080 '[::]' 127.1 2130706433 '[::ffff:127.0.0.1]' localhost. localhost.localdomain; do
	setting office public_url "http://$host"
	sends
	check "loopback, $host: not through a relay of this machine either" same "$code $(states)" "69 $all due"
done
check "loopback: with the setting, and what to do" said "destination = maildir:outbox"
pingyi send --to-self me@office.example 2>"$work/err"
check "loopback: nor to oneself" same "$? $(took one)" "69 0"
pingyi run 2>"$work/err"
check "loopback: run says so" same "$? $(took one) $(grep -c 'stage=send held="\[office\] public_url is http://localhost' "$work/err")" \
	"0 0 1"
check "loopback: the status says so" sh -c "'$build/pingyi' --office '$work/office' --now $now send --status |
	grep -q '^Nothing leaves now: \[office\] public_url is http://localhost'"
check "loopback: also as JSON" sh -c "'$build/pingyi' --office '$work/office' --now $now send --status --json |
	python3 -c 'import json, sys; sys.exit(\"public_url\" not in json.load(sys.stdin)[\"held\"])'"
setting office public_url "$address"
check "elsewhere: nothing is held" sh -c "'$build/pingyi' --office '$work/office' --now $now send --status --json |
	python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)[\"held\"] is not None)'"
sends --limit 1
check "elsewhere: letters leave by a relay of this machine" same "$code $(took one)" "0 1"
all_due
setting office public_url http://127.0.0.1:8080
setting mail destination smtp://relay.example
sends
check "loopback: links to this machine do not leave it" same "$([ $code -eq 69 ] && states)" "$all due"
check "loopback: and it says so" said "nobody but this machine"
setting mail destination maildir:outbox
setting "mail second" destination smtp://relay.example
sends
check "loopback: nor through the second relay" same "$([ $code -eq 69 ] && states)" "$all due"
setting "mail second" destination ""

setting office public_url py.example.org
sends
# shellcheck disable=SC1111
check "public_url: one that is no link is refused, whatever the destination" same \
	"$code $(states) $(grep -c 'public_url is “py.example.org”' "$work/err")" "65 $all due 1"
setting office public_url "$address"
pingyi send --dry-run 2>"$work/err"
check "phone and address: it says when letters have none" said "no [office] phone, address"

# --- login by token, envelope senders ---
fresh one login=rhj@office.example:ya29.token mechanism=XOAUTH2
printf 'ya29.token\n' >"$work/office/token"
chmod 600 "$work/office/token"
setting mail user rhj@office.example
setting mail password_file token
setting mail login xoauth2
setting mail verp plus
sends --limit 20
check "xoauth2: logs in by token" same "$code $(took one)" "0 20"
check "xoauth2: and no other way" same "$(grep '^login' "$work/one/log" | sort -u)" "login XOAUTH2 good"
check "verp: each envelope has its letter's number" same \
	"$(sed -n 's/^X-Envelope: rhj+\(PY-[0-9A-Z]*\)@office.example .*/\1/p' "$work"/one/letters/* | sort)" \
	"$(query "SELECT number FROM letter l JOIN mailing m ON m.letter_id = l.id WHERE m.state = 'sent'" | sort)"
mv "$work/office/token" "$work/office/other"
sends
check "password_file: one that is not there is named, with what to do" said "run chmod 600"
mv "$work/office/other" "$work/office/token"
chmod 644 "$work/office/token"
sends
check "xoauth2: a token that others can read is refused" same "$code $(took one)" "77 20"
setting mail user ""
setting mail password_file ""
setting mail login auto
setting mail verp off

# --- a template that does not work, at release ---
query "UPDATE round SET template = replace(template, '</body>',
	E'\n\n<p p:text=\"enterprise.nickname\"/></body>') WHERE code = '2026-2'" >/dev/null
line=$(query "SELECT length(split_part(template, 'enterprise.nickname', 1))
	- length(replace(split_part(template, 'enterprise.nickname', 1), E'\n', '')) + 1
	FROM round WHERE code = '2026-2'")
pingyi round release 2026-2 --yes 2>"$work/err"
check "template: an unknown field is refused at release" same $? 65
check "template: with file and line" said "letter.xhtml:$line:"
check "template: nothing was released" same "$(query "SELECT state, (SELECT count(*) FROM letter
	WHERE round_id = r.id) FROM round r WHERE code = '2026-2'")" "draft	0"
check "the seals hold what was said of them" same "$(query "SELECT count(*) FROM sender WHERE ended_at IS NULL")" 0
