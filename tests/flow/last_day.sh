#!/bin/sh
# Until when a mail is tried: five days from its first try on, letters and reminders not after their
# round's last day; at a domain that wants nothing those come first that were never tried. The server
# is a scripted one, the days pass by --now. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs last_day python3 psql
start_work

hours() { # N: the clock, so many hours after the start
	now=$(date -u -d "2026-03-02 09:00 UTC + $1 hours" +%Y-%m-%dT%H:%M:%S)
}
sends() { # what it said in $work/err
	pingyi send --yes 2>"$work/err"
	code=$?
}
said() { # WORDS: among what it said
	grep -q -F -e "$1" "$work/err" || {
		cat "$work/err" >&2
		return 1
	}
}
fresh() { # OPTION=VALUE…: all is due again, with a new server
	stop_scripted
	forget_scripted one
	all_due
	hours 0
	start_scripted one "$@"
	setting mail destination "smtp://127.0.0.1:$scripted_port"
}

make_office last || exit 1
{
	echo "企业名称,层别,邮箱"
	for i in 00 01 02 03 04 05 06 07 08 09 10 11; do
		echo "慢吞吞企业$i号,贸易餐饮企业,s$i@slow.example"
	done
} >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
setting mail from rhj@office.example
setting mail starttls off
setting mail connections 1
all=12

# --- a domain that puts off all, for days ---
fresh 'rcpt=@slow.example:451 4.7.1 come back later'
hour=0 first=""
while [ $hour -le 184 ]; do
	hours $hour
	sends
	[ -n "$first" ] || [ "$(query "SELECT count(*) FROM mailing WHERE tries = 0")" -gt 0 ] || first=$hour
	hour=$((hour + 4))
done
check "put off: each is tried once before any is tried often" [ "${first:-999}" -le 48 ]
check "put off: all are given up" same "$(states)" "$all failed"
check "put off: not before five days, and soon after" same "$(query "SELECT count(*) FROM (SELECT mailing_id,
	max(at) - min(at) AS days FROM attempt GROUP BY mailing_id) t
	WHERE days NOT BETWEEN interval '4 days' AND interval '5 days 8 hours'")" 0
check "put off: it is said why, with the server's last words" same "$(query "SELECT DISTINCT code, words FROM mailing")" \
	"451	its last day is over: 4.7.1 come back later"
check "put off: the brake takes none of this for a refusal" same "$(query "SELECT count(*) FROM send_gate WHERE NOT open")
$(query "SELECT send_status(1, false, '2026-03-09 09:00+08')->'refusals'->>'refused'")" "0
0"
sends
check "put off: nothing is left" said "Nothing is due."

# --- a machine that was off for a week tries once more ---
fresh 'rcpt=@slow.example:450 4.2.0 mailbox busy'
sends
check "off: put off, each" same "$(states)" "$all deferred"
hours 180
sends
check "off: tried once more, then given up" same "$(states) $(query "SELECT DISTINCT tries FROM mailing")" "$all failed 2"
check "off: and it ends well" same $code 0

# --- other counts ---
fresh 'rcpt=s00@:450 4.2.0 mailbox busy'
query "UPDATE mailing SET tries = 39" >/dev/null
sends
check "tries: not more than forty, whatever the days" same "$(states)" "1 failed, 11 sent"
fresh fault=close@end
query "UPDATE mailing SET doubts = 2 WHERE recipient LIKE 's00@%'; DELETE FROM dispatch WHERE mailing_id <> (SELECT min(id) FROM mailing)" >/dev/null
sends
check "doubts: three at most" same "$(query "SELECT state, doubts FROM mailing WHERE recipient LIKE 's00@%'")" "failed	2"

# --- the round's last day ---
query "UPDATE round SET closes = '2026-03-03'" >/dev/null
fresh 'rcpt=@slow.example:450 4.2.0 mailbox busy'
query "UPDATE dispatch SET due_at = '2026-03-03 12:00+08' WHERE mailing_id > (SELECT min(id) + 3 FROM mailing)" >/dev/null
sends
check "round: four are put off" same "$(states)" "4 deferred, 8 due"
hours 36 # 21:00 on the last day
sends
check "round: on its last day letters leave still" same "$(states)" "12 deferred"
query "UPDATE mailing SET state = 'due', tries = 0 WHERE id > (SELECT min(id) + 9 FROM mailing)" >/dev/null
query "UPDATE dispatch SET tried_at = NULL WHERE mailing_id > (SELECT min(id) + 9 FROM mailing)" >/dev/null
query "DELETE FROM attempt WHERE mailing_id > (SELECT min(id) + 9 FROM mailing)" >/dev/null
hours 60
pingyi send --dry-run 2>"$work/err"
check "round: --dry-run does not offer them" said "is over: 12 letters that have not gone out will not be sent any more"
check "round: nor anything" said "Nothing is due."
tries=$(query "SELECT count(*) FROM attempt")
connections=$(grep -c connection "$work/one/log")
sends
check "round: what was put off is given up, what was not tried is no longer wanted" same "$code $(states)" "0 2 cancelled, 10 failed"
check "round: no server is asked" same "$(grep -c connection "$work/one/log")" "$connections"
check "round: each once in the ledger" same "$(query "SELECT count(*) FROM attempt")" $((tries + 12))
check "round: people can read why" same "$(query "SELECT DISTINCT state, code, words FROM mailing ORDER BY state")" \
	"cancelled		the last day of its round is over
failed	450	its last day is over: 4.2.0 mailbox busy"
check "round: in Chinese" grep -q '^msgstr "本轮已过截止日期"$' "$here/../../po/zh_CN.po"
check "nothing is left" same "$(query "SELECT count(*) FROM dispatch")" 0
