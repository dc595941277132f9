#!/bin/sh
# Letters that make themselves: reminders to who has not answered, by working days across 春节 2026;
# digests to departments and notices to supervisors, once a day or week. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs remind python3 psql
start_work

# stages WORDS: a whole run succeeds; what its reminding and telling said is this
stages() {
	pingyi run >/dev/null 2>"$work/err" || {
		cat "$work/err" >&2
		return 1
	}
	same "$(grep -E '^stage=(remind|notify)' "$work/err")" "$1"
}
number() { # NAME [ROUND]: of its letter
	query "SELECT l.number FROM letter l JOIN enterprise e ON e.id = l.enterprise_id
		JOIN round r ON r.id = l.round_id WHERE e.name = '$1' AND r.code = '${2:-2026-1}'"
}
reminded() { # TURN: the enterprises that a reminder was made to, in round 2026-1
	query "SELECT string_agg(substr(e.name, 3, 1), '' ORDER BY e.id) FROM mailing m
		JOIN letter l ON l.id = m.letter_id JOIN enterprise e ON e.id = l.enterprise_id
		JOIN round r ON r.id = l.round_id
		WHERE m.kind = 'reminder' AND m.turn = $1 AND r.code = '2026-1'"
}
# answer NAME TEXT [ROUND]: comes in as mail
answer() {
	n=$(number "$1" "${3:-2026-1}")
	printf '%s\n' "From: <someone@firm.example>" "To: <rhj@office.example>" \
		"Subject: Re: 【$n】2026" "Date: Tue, 10 Feb 2026 10:00:00 +0800" \
		"Message-ID: <$n@firm.example>" "In-Reply-To: <$n@office.example>" \
		"MIME-Version: 1.0" "Content-Type: text/plain; charset=utf-8" \
		"Content-Transfer-Encoding: 8bit" "" "$2" >"$work/office/inbox/new/$n"
}
bounce() { # NAME
	n=$(number "$1")
	cat >"$work/office/inbox/new/$n" <<MAIL
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: rhj@office.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 9 Feb 2026 09:01:00 +0800
Message-ID: <$n.bounce@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="=_bounce"

--=_bounce
Content-Type: text/plain; charset=us-ascii

<si@firm.example>: host mx.example said: 550 5.1.1 User unknown

--=_bounce
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; si@firm.example
Action: failed
Status: 5.1.1

--=_bounce
Content-Type: text/rfc822-headers

Message-ID: $(query "SELECT message_id FROM mailing m JOIN letter l ON l.id = m.letter_id
		WHERE l.number = '$n'")

--=_bounce--
MAIL
}
# list LINES of names and addresses: the office's enterprises
enterprises() {
	echo 企业名称,简称,层别,联系人,邮箱
	while read -r name address; do
		echo "测试$name有限公司,测试$name,外来投资企业,王$name,$address"
	done
}

now=2026-02-09T09:00
make_office remind || exit 1
setting mail from rhj@office.example
setting mail destination maildir:outbox
mkdir -p "$work/office/inbox/new" "$work/office/inbox/cur" "$work/office/inbox/tmp"
enterprises >"$work/list.csv" <<'LIST'
甲 jia@firm.example
乙 yi@firm.example
丙 bing@firm.example
丁 ding@firm.example
戊
己 ji@firm.example
庚 geng@firm.example
辛 xin@firm.example
壬 ren@firm.example
癸 gui@firm.example
子 zi@firm.example
丑 chou@firm.example
LIST
pingyi enterprise import "$work/list.csv" 2>"$work/err" || cat "$work/err" >&2
pingyi round new 2026-1 --title 2026 --closes 2026-03-20 --reminders 2 --remind-days 6 \
	--answer-days 3 2>"$work/err" || cat "$work/err" >&2
check "a draft reminds nobody" told 69 "only an open one reminds" pingyi round remind 2026-1 --yes
pingyi round release 2026-1 --yes 2>"$work/err" || cat "$work/err" >&2
check "what is not sent is not reminded of" told 0 "0 reminders" pingyi round remind 2026-1 --dry-run
check "letters go out" pingyi send --yes

# 甲 and 乙 answer, 丙 wants no reminders, 丁 comes back; 戊 has no address
now=2026-02-10T15:00
tax=退税太慢，办了三个月还没有到账，请税务局加快。
city=城管队员上门罚款，不出示执法证件。
answer 测试甲有限公司 "$tax"
answer 测试乙有限公司 "$city"
bounce 测试丁有限公司
printf '%s\n' "From: <bing@firm.example>" "To: <rhj@office.example>" \
	"Subject: unsubscribe $(number 测试丙有限公司)" "Date: Tue, 10 Feb 2026 10:00:00 +0800" \
	"Message-ID: <u.1@firm.example>" "" >"$work/office/inbox/new/silence"
pingyi run 2>"$work/err" || cat "$work/err" >&2
check "answered, silent, bounced: taken in" same "$(query "SELECT (SELECT count(*) FROM response),
	(SELECT count(*) FROM enterprise WHERE silent),
	(SELECT count(*) FROM mailing WHERE state = 'bounced')")" "2	1	1"

# Sent on 9 February; 14 (a Saturday) works, 15 to 23 do not: the sixth working day is the 24th.
now=2026-02-14T09:00
check "the fifth working day: none" stages ""
now=2026-02-20T09:00
check "within 春节: none" stages ""
now=2026-02-24T08:00
check "the sixth, before the hour: none" stages ""
# a mailbox that cannot be read may hold answers
mv "$work/office/inbox" "$work/office/away"
now=2026-02-24T08:30
pingyi run >/dev/null 2>&1
check "while answers cannot be fetched: none" same "$(reminded 1)" ""
mv "$work/office/away" "$work/office/inbox"
# meanwhile 己 has another address, 庚 none any more, and 辛 has sent a picture that a person must read
sed -i -e 's/ji@firm/new.ji@firm/' -e 's/geng@firm.example//' "$work/list.csv"
pingyi enterprise import "$work/list.csv" >/dev/null 2>&1
n=$(number 测试辛有限公司)
cat >"$work/office/inbox/new/picture" <<MAIL
From: <xin@firm.example>
To: <rhj@office.example>
Subject: Re: 【$n】2026
Date: Tue, 10 Feb 2026 11:00:00 +0800
Message-ID: <picture@firm.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: image/png; name=scan.png
Content-Disposition: attachment; filename=scan.png
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
--b--
MAIL
pingyi run >/dev/null 2>"$work/err1" &
one=$!
pingyi run >/dev/null 2>"$work/err2" &
two=$!
wait $one
same $? 0 || cat "$work/err1" >&2
wait $two
same $? 0 || cat "$work/err2" >&2
check "the sixth: by two runs at once, one to each that should" same \
	"$(cat "$work/err1" "$work/err2" | grep ^stage=remind)" "stage=remind made=5 paper=2"
check "not the answered, the silent, the bounced, the one on paper, the one that waits for a person" \
	same "$(reminded 1)" 己壬癸子丑
check "to the address that it has now" same "$(query "SELECT recipient FROM mailing m
	JOIN letter l ON l.id = m.letter_id JOIN enterprise e ON e.id = l.enterprise_id
	WHERE m.kind = 'reminder' AND e.name = '测试己有限公司'")" new.ji@firm.example
check "they are sent" same "$(query "SELECT DISTINCT state FROM mailing WHERE kind = 'reminder'")" sent
check "each with a Message-ID of its own" same "$(query "SELECT count(DISTINCT message_id) FROM mailing
	WHERE message_id ~ '^<PY-[0-9A-Z]{8}\.[0-9a-f]{16}@office\.example>\$'")" \
	"$(query "SELECT count(*) FROM mailing")"
check "an event of what was made, one of the day" same "$(query "SELECT string_agg(verb, ' ' ORDER BY id)
	FROM event WHERE noun = 'round' AND account_id IS NULL")" "remind reminded"
now=2026-02-24T10:00
check "later that day: none" stages ""

# The next: six working days after the first reminder was sent, with the 28th, a Saturday that works.
now=2026-03-02T10:00
pingyi run >/dev/null 2>&1
check "the fifth after it: none" same "$(reminded 2)" ""
answer 测试壬有限公司 "无意见。"
now=2026-03-03T10:00
pingyi run >/dev/null 2>&1
check "the sixth after it: the second, but to who has answered since" same "$(reminded 2)" 己癸子丑
now=2026-03-16T10:00
pingyi run >/dev/null 2>&1
check "never a third" same "$(query "SELECT max(turn), count(*) FROM mailing WHERE kind = 'reminder'")" \
	"2	9"
check "nor by hand" told 0 "0 reminders" pingyi round remind 2026-1 --dry-run

# By hand: whatever days have passed, none of the other rules.
now=2026-03-16T14:00
pingyi round new 2026-2 --title 第二轮 --closes 2026-03-18 --remind-days 3 2>/dev/null
pingyi round release 2026-2 --yes 2>/dev/null
pingyi send --yes >/dev/null 2>&1
check "its dry run says how many and the first three" told 0 \
	'“第二轮”: 9 reminders: 测试甲有限公司, 测试乙有限公司, 测试丁有限公司' \
	pingyi round remind --dry-run
check "and which are left to paper" grep -q "^2 more have no mail address" "$work/err"
check "it asks" told 65 "say --yes" pingyi round remind 2026-2
check "no reminder so far" same "$(query "SELECT count(*) FROM mailing WHERE kind = 'reminder'")" 9
pingyi round remind 2026-2 --yes >/dev/null 2>"$work/err1" &
one=$!
pingyi round remind 2026-2 --yes >/dev/null 2>"$work/err2" &
two=$!
wait $one
wait $two
check "by two at once: one each" same "$(query "SELECT count(*), count(DISTINCT letter_id) FROM mailing
	WHERE kind = 'reminder' AND state = 'due'")" "9	9"
check "in somebody's name" same "$(query "SELECT DISTINCT a.login FROM event e
	JOIN account a ON a.id = e.account_id WHERE e.verb = 'remind'")" staff
check "while they wait, none is made besides" told 0 "0 reminders" pingyi round remind 2026-2 --yes
answer 测试丑有限公司 "无意见。" 2026-2
pingyi run >/dev/null 2>&1
check "who answers meanwhile gets none" same "$(query "SELECT string_agg(m.state, ' ' ORDER BY e.id DESC)
	FROM mailing m JOIN letter l ON l.id = m.letter_id JOIN enterprise e ON e.id = l.enterprise_id
	JOIN round r ON r.id = l.round_id WHERE m.kind = 'reminder' AND r.code = '2026-2'")" \
	"cancelled sent sent sent sent sent sent sent sent"
check "this round allows but one" told 0 "0 reminders" pingyi round remind 2026-2 --yes
pingyi round new 2026-3 --title 第三轮 --closes 2026-03-18 --remind-days 3 2>/dev/null
pingyi round release 2026-3 --yes 2>/dev/null
pingyi send --yes >/dev/null 2>&1
now=2026-03-19T10:00
pingyi run >/dev/null 2>&1
check "after the last day: none" same "$(query "SELECT count(*) FROM mailing m
	JOIN letter l ON l.id = m.letter_id JOIN round r ON r.id = l.round_id
	WHERE m.kind = 'reminder' AND r.code = '2026-3'")" 0
check "nor by hand" told 69 "only an open one reminds" pingyi round remind 2026-3 --yes

# Digests and notices.
now=2026-04-07T07:00
check "an address is checked" told 65 "is no mail address" pingyi department email d28 税务局
check "the department too" told 65 "no department has the code" \
	pingyi department email d99 a@gov.example
pingyi department email d28 tax@gov.example
pingyi department email d05 nothing@gov.example
check "it is listed" same "$(pingyi department list | grep -c '@gov.example$')" 2
check "a department's account gets no notices" told 65 "pingyi department email" \
	pingyi account email d28 a@gov.example
check "nor does nobody" told 65 "no active account" pingyi account email nobody a@gov.example
pingyi account email supervisor sup@gov.example
pingyi account add second --kind supervisor --name 李督查 --email second@gov.example >/dev/null
check "accounts show it" same "$(pingyi account list | grep -c '@gov.example$')" 2
pingyi account email second -
check "and it can be taken away" same "$(pingyi account list | grep -c '@gov.example$')" 1
check "nothing is open: nothing is told" stages ""
now=2026-04-07T10:00
for opinion in $(pingyi follow opinions --state review | cut -f 1); do
	pingyi follow assign "$opinion" d28 2>/dev/null
done
pingyi follow hand --all --yes >/dev/null 2>"$work/err" || cat "$work/err" >&2
open=$(query "SELECT count(*) FROM rectification WHERE department_no = 28 AND state = 'handed'")
check "the tax office has something" [ "$open" -ge 1 ]
# handed over on Tuesday 7 April: to be answered by Friday 10
now=2026-04-08T08:00
check "before the hour: none" stages ""
now=2026-04-08T08:30
pingyi run >/dev/null 2>"$work/err1" &
one=$!
pingyi run >/dev/null 2>"$work/err2" &
two=$!
wait $one $two
check "a digest, by two runs at once" same "$(grep -h ^stage=notify "$work/err1" "$work/err2")" \
	"stage=notify digests=1 notices=0"
check "of what waits" same "$(query "SELECT kind, department_no, day, facts->>'to_sign', facts->>'working',
	facts->>'due_today', facts->>'due_soon', facts->>'overdue', facts->'items'->0->>'days' FROM notice")" \
	"digest	28	2026-04-08	$open	0	0	$open	0	2"
check "to the department, as a mail" same "$(query "SELECT kind, recipient, letter_id IS NULL FROM mailing
	WHERE notice_id IS NOT NULL")" "digest	tax@gov.example	t"
now=2026-04-08T16:00
check "once a day" stages ""
now=2026-04-11T09:00
check "not on a Saturday" stages ""
# the week's own notice went by on Tuesday, with nothing to tell; the next is due on Monday
now=2026-04-13T09:00
check "overdue: the supervisor hears of it too" stages "stage=notify digests=1 notices=1"
check "with departments, counts and days" same "$(query "SELECT d->>'department', d->>'overdue', d->>'due',
	d->>'days' FROM notice, jsonb_array_elements(facts->'departments') d WHERE kind = 'notice'
	AND account_id = (SELECT id FROM account WHERE login = 'supervisor') ORDER BY 1")" \
	"$(query "SELECT d.name, count(*), '2026-04-10', -1 FROM rectification r
		JOIN department d ON d.no = r.department_no WHERE r.state = 'handed' GROUP BY d.name ORDER BY 1")"
now=2026-04-14T09:00
check "the next day a digest, no notice" stages "stage=notify digests=1 notices=0"
setting notices supervisor_notice daily
setting notices department_digest off
now=2026-04-15T09:00
check "as the settings say" stages "stage=notify digests=0 notices=1"
setting notices department_digest often
now=2026-04-16T09:00
check "a wrong setting is named" told 65 '[notices] department_digest = “often”' pingyi run
setting notices department_digest daily
setting notices at 8:30
check "a wrong hour too" told 65 '[notices] at = “8:30”' pingyi run
setting notices at 08:30

# Nobody learns from them who spoke, nor what was said.
{
	query "SELECT name FROM enterprise UNION SELECT short_name FROM enterprise
		UNION SELECT name FROM contact WHERE name IS NOT NULL
		UNION SELECT email FROM contact WHERE email IS NOT NULL UNION SELECT number FROM letter"
	echo 到账
	echo 罚款
} >"$work/secrets"
check "the secrets are some" [ "$(grep -c . "$work/secrets")" -gt 40 ]
query "SELECT facts FROM notice" >"$work/facts"
check "what is kept of them names nobody" [ "$(grep -cFf "$work/secrets" "$work/facts")" -eq 0 ]
check "they are sent" same "$(query "SELECT string_agg(DISTINCT state, ' ') FROM mailing
	WHERE notice_id IS NOT NULL")" sent
# The mails to addresses of a domain, decoded: address, subject, text of both parts.
mails() { # DOMAIN
	python3 - "$work/office/outbox/new" "$1" <<'PY'
import email, email.policy, os, sys
for name in sorted(os.listdir(sys.argv[1])):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    if mail["To"].addresses[0].domain != sys.argv[2]:
        continue
    print("To:", mail["To"].addresses[0].addr_spec)
    print("Subject:", mail["Subject"])
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            print(part.get_content())
PY
}
mails gov.example >"$work/mails"
check "as many as were made" same "$(grep -c '^To:' "$work/mails")" \
	"$(query "SELECT count(*) FROM notice")"
check "the mails name nobody" [ "$(grep -cFf "$work/secrets" "$work/mails")" -eq 0 ]
check "they name the department" grep -q 税务局 "$work/mails"
mails firm.example | sed -n 's/^To: //p' | sort | uniq -c | awk '{ print $1, $2 }' >"$work/got"
check "nobody got more than a letter and two reminders, and those of the other rounds" same \
	"$(awk '$1 > 6' "$work/got")" ""
check "who answered got no reminder" grep -qx "4 jia@firm.example" "$work/got"
check "the seals are right" pingyi db verify
