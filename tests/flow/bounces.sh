#!/bin/sh
# What a mail's coming back does: to that mail and no other of its letter; for good, or put back where
# waiting may help; counted once; seen by who can help. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/flow/firms.sh
. "$here/firms.sh"
needs bounces psql curl python3
start_work

start_firms bounces || exit 1
setting mail from rhj@office.example
setting mail destination maildir:outbox
bing=$(number 测试丙商贸有限公司)
ding=$(number 测试丁商贸有限公司)
wu=$(number 测试戊商贸有限公司)
ji=$(number 测试己商贸有限公司)
sends() {
	pingyi send --yes >"$work/send.log" 2>&1 || cat "$work/send.log" >&2
}
takes() {
	pingyi collect "$work/in" >"$work/collect.log" 2>&1 || cat "$work/collect.log" >&2
	rm -f "$work/in"/*.eml
}
# id NUMBER KIND: the Message-ID of the newest of its mails
id() {
	query "SELECT m.message_id FROM mailing m JOIN letter l ON l.id = m.letter_id
		WHERE l.number = '$1' AND m.kind = '$2' ORDER BY m.id DESC LIMIT 1"
}
# mails NUMBER: "first sent, reply bounced"
mails() {
	query "SELECT string_agg(m.kind || ' ' || m.state, ', ' ORDER BY m.id)
		FROM mailing m JOIN letter l ON l.id = m.letter_id WHERE l.number = '$1'"
}
# tries NUMBER: how those of its first letter ended
tries() {
	query "SELECT string_agg(t.outcome, ' ' ORDER BY t.number) FROM attempt t
		JOIN mailing m ON m.id = t.mailing_id JOIN letter l ON l.id = m.letter_id
		WHERE l.number = '$1' AND m.kind = 'first'"
}
# due NUMBER: when its first letter is tried again
due() {
	query "SELECT to_char(d.due_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI') || ' ' || (d.tried_at IS NOT NULL)
		FROM dispatch d JOIN mailing m ON m.id = d.mailing_id JOIN letter l ON l.id = m.letter_id
		WHERE l.number = '$1' AND m.kind = 'first'"
}
# anew: the kinds of the mails that want another address
anew() {
	query "SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM mailing WHERE id IN (SELECT send_anew('$now'))"
}
# report NAME RECIPIENT MESSAGE-ID STATUS "CODE WORDS" [ACTION]: a report that comes in; the same one in
# another $file with other spaces is another message
report() {
	{
		cat <<MAIL
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: ${to:-rhj@office.example}
Subject: Undelivered Mail Returned to Sender
Date: Thu, 5 Mar 2026 10:01:00 +0800
Message-ID: <$1@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.

<$2>: host mx.example said: $5
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; $2
Action: ${6:-failed}
Status: $4
Diagnostic-Code: smtp; $5

--b
MAIL
		if [ "$3" = - ]; then
			printf -- '--\n'
		else
			printf 'Content-Type: text/rfc822-headers\n\nMessage-ID: %s\nSubject: x\n\n--b--\n' "$3"
		fi
	} | sed 's/$/\r/' >"$work/in/${file:-$1}.eml"
}
# back …: the same, read at once
back() {
	report "$@"
	takes
}
sealed() {
	pingyi db verify >/dev/null
}
noted() { # NAME: what became of the report
	query "SELECT string_agg(m.state, ' ') FROM message m JOIN reading d ON d.message_id = m.id
		WHERE d.header_id = '$1@mx.example'"
}

now=2026-03-04T09:00
sends
check "letters are sent" same "$(query "SELECT DISTINCT state FROM mailing")" sent

# What passes is put back, and goes to the same address.
now=2026-03-04T10:00
back full yi@two.example "$(id "$yi" first)" 4.2.2 "452 4.2.2 <yi@two.example> mailbox full"
check "a full mailbox: tried again, in half an hour" same "$(mails "$yi") $(due "$yi")" "first deferred 04 10:30 true"
check "its history has it, without the address" same "$(tries "$yi") $(query "SELECT code, words FROM attempt
	WHERE outcome = 'put back' ORDER BY mailing_id LIMIT 1")" "sent put back 452	4.2.2 <…> mailbox full"
report often bing@provider.example "$(id "$bing" first)" 5.0.0 "550 Domain frequency limited"
file=often2 back often bing@provider.example "$(id "$bing" first)" 5.0.0 "550  Domain frequency limited"
check "two at once count once" same "$(noted often) $(tries "$bing")" "noted noted sent put back"
check "too many letters: the same, whatever the code" same "$(mails "$bing") $(due "$bing")" \
	"first deferred 04 10:30 true"
check "nobody looks for other addresses" same "$(anew)" ""
file=copy back full yi@two.example "$(id "$yi" first)" 4.2.2 "452 4.2.2 <yi@two.example> mailbox  full"
check "the same report again counts once" same "$(noted full) $(tries "$yi")" "noted noted sent put back"
back full2 yi@two.example "$(id "$yi" first)" 4.2.2 "452 4.2.2 <yi@two.example> mailbox full"
check "so does another while it waits" same "$(noted full2) $(tries "$yi") $(due "$yi")" \
	"noted sent put back 04 10:30 true"
pingyi send --status --letter "$yi" --json >"$work/letter.json"
check "its history says that it is sent again" grep -q '"returned" *: *true' "$work/letter.json"
now=2026-03-04T10:29
sends
check "not before its time" same "$(mails "$yi")" "first deferred"
now=2026-03-04T10:30
sends
check "then it is sent" same "$(mails "$yi") $(tries "$yi") $(due "$yi")" "first sent sent put back sent "
file=third back full yi@two.example "$(id "$yi" first)" 4.2.2 "452  4.2.2 <yi@two.example> mailbox full"
check "the first report a third time says nothing of that try" same "$(noted full) $(mails "$yi")" \
	"noted noted noted first sent"
turn=3
for due in '04 13:00' '04 22:00' '05 08:00' '05 17:00'; do
	now=$(query "SELECT to_char(due AT TIME ZONE 'Asia/Shanghai' - interval '1 hour' * wait, 'YYYY-MM-DD\"T\"HH24:MI')
		FROM (SELECT '2026-03-$due+08'::timestamptz AS due, CASE WHEN $turn = 3 THEN 2 ELSE 8 END AS wait) t")
	back "full$turn" yi@two.example "$(id "$yi" first)" 4.2.2 "452 4.2.2 mailbox full"
	check "again: later and later, $due" same "$(mails "$yi") $(due "$yi")" "first deferred $due true"
	now="2026-03-$(echo "$due" | tr ' ' T)"
	sends
	turn=$((turn + 1))
done
check "a bit more than a day long" same "$(mails "$yi")" "first sent"
back last yi@two.example "$(id "$yi" first)" 4.2.2 "452 4.2.2 mailbox full"
check "then it has come back for good" same "$(mails "$yi") $(due "$yi")" "first bounced "
check "and wants another address" same "$(anew)" first
check "every try is sealed" sealed

# What does not pass ends the mail at once.
back gone wu@provider.example "$(id "$wu" first)" 5.1.1 "550 5.1.1 User unknown"
check "no such mailbox: for good" same "$(mails "$wu") $(due "$wu")" "first bounced "
now=2026-03-05T18:00
back spam ji@provider.example "$(id "$ji" first)" 5.7.1 "554 5.7.1 rejected as spam"
check "refused for good: not repeated" same "$(mails "$ji") $(due "$ji")" "first bounced "
back late ding@provider.example "$(id "$ding" first)" 4.4.1 "421 4.4.1 Connection timed out" delayed
check "a delay is only noted" same "$(noted late) $(mails "$ding") $(tries "$ding")" "noted first sent sent"
check "none of them waits for a person" same "$(query "SELECT count(*) FROM message WHERE state = 'waiting'")" 0

# A reminder that comes back, and one that only its number tells.
pingyi round remind 2026-1 --yes >/dev/null 2>"$work/err" || cat "$work/err" >&2
sends
query "UPDATE round SET reminders = 3" >/dev/null # so that another one might be made
check "reminders are sent" same "$(mails "$ding")" "first sent, reminder sent"
back moved ding@provider.example "$(id "$ding" reminder)" 5.1.1 "550 5.1.1 User unknown"
check "the reminder came back, not the letter" same "$(mails "$ding")" "first sent, reminder bounced"
check "no more of them to that address" told 0 "2 reminders" pingyi round remind 2026-1 --dry-run
check "it wants another address" same "$(anew)" "first first first reminder"
to="rhj+$jia@office.example" back verp jia@one.example - 4.2.2 "452 4.2.2 mailbox full"
check "only a number: the newest that has left" same "$(mails "$jia")" "first sent, reminder deferred"

before=$(mails "$bing")
to="rhj+$bing@office.example" back forged nobody@evil.example - 5.1.1 "550 5.1.1 User unknown"
to="rhj+$bing@office.example" back forged2 nobody@evil.example - 4.2.2 "452 4.2.2 mailbox full"
check "a number and a stranger's address prove nothing" same "$(mails "$bing")" "$before"

# Who has answered: the letter is not sent again; the reply is.
writes answer jia@one.example "Re: [$jia] letter" <<EOF2
窗口排队太久，办证要跑三趟。
EOF2
takes
check "it has answered" same "$(query "SELECT count(*) FROM response")" 1
back after jia@one.example "$(id "$jia" first)" 4.2.2 "452 4.2.2 mailbox full"
check "answered: only noted" same "$(noted after) $(mails "$jia") $(tries "$jia")" \
	"noted first sent, reminder deferred sent"
pingyi classify >/dev/null 2>"$work/err" || cat "$work/err" >&2
for opinion in $(pingyi follow opinions | cut -f 1); do
	pingyi follow decline "$opinion" --why 不属于本单位职责 >/dev/null 2>"$work/err" || cat "$work/err" >&2
done
now=2026-03-06T09:00
sends
check "the reply is sent, the reminder not wanted" same "$(mails "$jia")" \
	"first sent, reminder cancelled, reply sent"
pingyi round close 2026-1 --yes >/dev/null 2>"$work/err" || cat "$work/err" >&2
back soon jia@one.example "$(id "$jia" reply)" 4.2.2 "452 4.2.2 mailbox full"
check "a reply is put back, although the round is closed" same "$(mails "$jia")" \
	"first sent, reminder cancelled, reply deferred"
back late1 bing@provider.example "$(id "$bing" first)" 4.2.2 "452 4.2.2 mailbox full"
check "a letter is not" same "$(noted late1) $(query "SELECT count(*) FROM dispatch")" "noted 1"
now=2026-03-06T10:00
sends
back never jia@one.example "$(id "$jia" reply)" 5.1.1 "550 5.1.1 User unknown"
check "the reply came back, not the letter" same "$(mails "$jia")" \
	"first sent, reminder cancelled, reply bounced"
check "it wants another address, and nothing else of that round" same "$(anew)" reply

# A digest that comes back: to the department's address, by no letter.
pingyi department email d28 tax@gov.example
query "WITH made AS (INSERT INTO notice (kind, department_no, day, facts, created_at)
	VALUES ('digest', 28, '2026-03-06', '{}', '2026-03-06 08:30+08') RETURNING id)
	INSERT INTO mailing (kind, notice_id, message_id, recipient, domain, state, tries, created_at, sent_at)
	SELECT 'digest', id, '<digest.1@office.example>', 'tax@gov.example', 'gov.example', 'sent', 1,
		'2026-03-06 08:30+08', '2026-03-06 08:30+08' FROM made" >/dev/null
back digest tax@gov.example '<digest.1@office.example>' 5.1.1 "550 5.1.1 User unknown"
check "a digest came back" same "$(noted digest) $(query "SELECT m.state || ' ' || e.noun || ' ' || e.to_state
	FROM mailing m JOIN event e ON e.noun_id = m.notice_id AND e.verb = 'bounce' AND e.noun = 'notice'")" \
	"noted bounced notice bounced"
check "the status lists it" same "$(pingyi send --status --list bounced | cut -f 1,2,4,7 | grep gov.example)" \
	"digest	tax@gov.example	bounced	550 5.1.1 User unknown"

# What who can help sees.
start_pages
password=$(sed -n 's/^ *staff[[:space:]]\{1,\}\([^[:space:]]*\).*/\1/p' "$work/init.log" | head -n 1)
curl -s -o /dev/null -c "$work/jar" --data-urlencode login=staff --data-urlencode "password=$password" "$url/login"
# page PATH EXPRESSION: of its document d
page() {
	curl -s -b "$work/jar" -H 'Accept: application/json' "$url$1" |
		python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$2"
}
check "home: the reply" same "$(page / '[(t["n"], t["link"]) for t in d["todo"] if t["what"] == "to address anew"]')" \
	"[(1, '/round/2026-1/letters/anew')]"
check "home: the digest" same "$(page / '[(r["kind"], r["command"]) for r in d["returned"]]')" \
	"[('digest', 'pingyi department email d28')]"
check "home: in words" sh -c "curl -s -b '$work/jar' '$url/?lang=zh' |
	grep -q '部门摘要没有送到：550 5.1.1 User unknown。请核对邮箱，要改的话：pingyi department email d28 新邮箱'"
check "round: the reply" same "$(page /round/2026-1 '[(t["state"], t["n"]) for t in d["sending"]["tabs"]][:1]')" \
	"[('anew', 1)]"
check "list: the reply" same "$(page /round/2026-1/letters/anew '[(m["number"], m["kind"], m["state"]) for m in d["mails"]]')" \
	"[('$jia', 'reply', 'bounced')]"
check "letter: the reply" sh -c "curl -s -b '$work/jar' '$url/letter/$jia?lang=zh' | grep -q '5.1.1 User unknown'"
check "another address: the digest is no more in the way" same "$(pingyi department email d28 new@gov.example
	page / 'd["returned"]')" "[]"
stop_pages

# corrected NAME ADDRESS: the enterprise's address is another one from now on
corrected() {
	sed "/^$1,/s/[^,]*\$/$2/" "$work/enterprises.csv" >"$work/corrected.csv"
	pingyi enterprise import "$work/corrected.csv" >/dev/null 2>"$work/err" || cat "$work/err" >&2
	cp "$work/corrected.csv" "$work/enterprises.csv"
}
now=2026-03-06T10:10
corrected '测试甲（东澄）机械有限公司' new@one.example
check "another address: the reply is due again" same "$(mails "$jia")" "first sent, reminder cancelled, reply due"
check "and wants one until it has gone" same "$(anew)" reply
sends
check "it has gone there" same "$(mails "$jia") $(query "SELECT recipient FROM mailing WHERE kind = 'reply'") $(anew)" \
	"first sent, reminder cancelled, reply sent new@one.example "
back later jia@one.example "$(id "$jia" reply)" 5.1.1 "550 5.1.1 No such user"
check "what comes back from the old one says nothing new" same "$(noted later) $(mails "$jia")" \
	"noted first sent, reminder cancelled, reply sent"
query "UPDATE round SET state = 'released', closed_at = NULL" >/dev/null
corrected 测试丁商贸有限公司 ding@home.example
check "corrected before it came back: nothing is sent twice" same "$(mails "$ding")" "first sent, reminder bounced"
back slow ding@provider.example "$(id "$ding" first)" 5.1.1 "550 5.1.1 User unknown"
check "then it comes back, and is due again" same "$(mails "$ding")" "first due, reminder bounced"
sends
check "to where they are now" same "$(mails "$ding") $(query "SELECT recipient FROM mailing m JOIN letter l
	ON l.id = m.letter_id WHERE l.number = '$ding' AND m.kind = 'first'")" \
	"first sent, reminder bounced ding@home.example"

back again ding@home.example "$(id "$ding" first)" 4.2.2 "452 4.2.2 mailbox full"
check "put back" same "$(mails "$ding")" "first deferred, reminder bounced"
writes meanwhile ding@home.example "Re: [$ding] letter" <<EOF2
路灯坏了半年没人修。
EOF2
takes
now=2026-03-07T09:00
sends
check "who answers meanwhile does not get it again" same "$(mails "$ding")" "first cancelled, reminder bounced"
now=2026-03-06T10:20

# A mail that a sender has in hand: that try goes on, and how it ends counts.
one=$(query "SELECT m.id FROM mailing m JOIN letter l ON l.id = m.letter_id
	WHERE l.number = '$bing' AND m.kind = 'first'")
query "UPDATE mailing SET state = 'doubtful' WHERE id = $one;
	INSERT INTO dispatch VALUES ($one, '2026-03-06 10:30+08', '2026-03-04 09:00+08', sender_start('nobody', 'relay', 600, '2026-03-06 10:00+08'))" >/dev/null
sender=$(query "SELECT sender_id FROM dispatch WHERE mailing_id = $one")
back hand bing@provider.example "$(id "$bing" first)" 4.2.2 "452 4.2.2 mailbox full"
check "in hand: it is left to its sender" same "$(query "SELECT sender_id FROM dispatch WHERE mailing_id = $one")" "$sender"
query "INSERT INTO journal VALUES ($sender, 1, '2026-03-06 10:31+08', '{$one}', '{sent}', '{250}', '{2.0.0 queued}', '{NULL}')" >/dev/null
query "SELECT journal_post($sender, 0, NULL, '2026-03-06 10:31+08')" >/dev/null
check "in hand: sent after all" same "$(mails "$bing" | cut -d , -f 1) $(due "$bing")" "first sent "
check "every try is sealed still" sealed
