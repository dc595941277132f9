#!/bin/sh
# What follows the first answer to a letter: the same mail from another mailbox, which is no second answer; a
# later answer, which adds words and replaces grades; and the answer of the next round.
# $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/flow/firms.sh
. "$here/firms.sh"
needs answers psql python3
start_work

start_firms answers || exit 1
now=2026-03-04T09:00
bing=$(number 测试丙商贸有限公司)
ding=$(number 测试丁商贸有限公司)
batch=0
collected() {
	batch=$((batch + 1)) # a folder of its own: what a file held is not looked at again
	mv "$work/in" "$work/in$batch"
	mkdir "$work/in"
	pingyi collect "$work/in$batch" 2>"$work/err"
}
# again NAME COPY: the message as it reached another mailbox
again() {
	{
		printf 'Received: from mx.example by %s.example; Tue, 3 Mar 2026 10:00:09 +0800\r\n' "$2"
		printf 'Delivered-To: %s@office.example\r\n' "$2"
		cat "$work/in/$1.eml"
	} >"$work/in/$2.eml"
}
# states NAME: of the messages with that Message-ID, and of how many answers
states() {
	query "SELECT string_agg(m.state, ' ' ORDER BY m.state), count(a.id) FROM reading d JOIN message m
		ON m.id = d.message_id LEFT JOIN answer a ON a.message_id = m.id WHERE d.header_id = '$1@x.example'"
}

# --- the same mail ---
writes bus 'bing@provider.example' "Re: [$bing] letter" <<EOF2
公交车太少，司机态度差。
EOF2
again bus second
collected
check "one mail in two mailboxes is one answer" same "$(states bus)" "filed noted	1"
check "… told as noted" grep -q "1 filed.*1 noted\|1 noted" "$work/err"
cp "$work/in1/bus.eml" "$work/in"
again bus third
rm "$work/in/bus.eml"
collected
check "… later too" same "$(states bus)" "filed noted noted	1"
check "each is linked to the answer" same "$(query "SELECT count(*) FROM message m JOIN answer a
	ON a.message_id = m.same_as JOIN letter l ON l.id = m.letter_id WHERE l.number = '$bing'")" 2
sed 's/司机态度差/司机开得太快/' "$work/in1/bus.eml" >"$work/in/bus.eml"
collected
check "other words under the same Message-ID are an answer" same "$(states bus)" "filed filed noted noted	2"
writes road 'who@elsewhere.example' "Re: [$ding] letter" <<EOF2
道路不平。
EOF2
again road fourth
collected
check "a stranger's own mail again does not wait either" same "$(states road)" "filed noted	1"
writes road 'who@elsewhere.example' "Re: [$ding] letter" <<EOF2
路灯不亮。
EOF2
collected
check "what else he says does" same "$(states road)" "filed noted waiting	1"
road=$(query "SELECT m.id FROM message m JOIN reading d ON d.message_id = m.id WHERE m.state = 'waiting'
	AND d.header_id = 'road@x.example'")
check "a person may file that" pingyi collect settle "$road" "$ding"
# A person settles one that came already: he is told.
writes lamp '' 'letter' <<EOF2
路灯太暗。
EOF2
again lamp fifth
collected
check "without a number both wait" same "$(states lamp)" "waiting waiting	0"
lamps=$(query "SELECT string_agg(message_id::text, ' ' ORDER BY message_id) FROM reading
	WHERE header_id = 'lamp@x.example'")
pingyi collect settle "${lamps% *}" "$ding" 2>"$work/err"
pingyi collect settle "${lamps#* }" "$ding" 2>"$work/err"
check "filing both makes one answer" same "$(states lamp)" "filed noted	1"
check "… and says so" grep -q "is the same mail as message ${lamps% *}" "$work/err"

# Two collectors at once: both stand before the letter's response, of which there is none yet.
writes gas 'ji@provider.example' "letter" <<EOF2
燃气报装太慢。
EOF2
again gas sixth
mkdir "$work/other"
mv "$work/in/sixth.eml" "$work/other"
PGOPTIONS='-c search_path=pingyi' psql -X -q -h "$office_socket" -U pingyi_admin -d pingyi >"$work/lock" 2>&1 <<'EOF2' &
BEGIN;
LOCK TABLE response IN SHARE ROW EXCLUSIVE MODE;
DO $$ BEGIN FOR i IN 1..200 LOOP
	EXIT WHEN (SELECT count(*) FROM pg_locks WHERE NOT granted) >= 2;
	PERFORM pg_sleep(0.05);
END LOOP; END $$;
COMMIT;
EOF2
holder=$!
# becomes COUNT CONDITION: until so many rows of a table are so, at most 10 s
becomes() {
	turn=0
	until [ "$(query "SELECT count(*) FROM $2")" = "$1" ] || [ $turn -gt 200 ]; do
		turn=$((turn + 1))
		sleep 0.05
	done
}
becomes 1 "pg_locks WHERE granted AND mode = 'ShareRowExclusiveLock'"
pingyi collect "$work/in" 2>"$work/err" &
one=$!
becomes 1 "message WHERE worker IS NOT NULL"
pingyi collect "$work/other" 2>"$work/err2" &
two=$!
wait $one $two $holder
check "two collectors at once file it once" same "$(states gas)" "filed noted	1"
batch=$((batch + 1))
mv "$work/in" "$work/in$batch"
mkdir "$work/in"

# --- a later answer ---
# rates NAME DATE GRADE WORDS: a message with our form, of the first enterprise
rates() {
	{
		printf 'From: jia@one.example\nTo: rhj@office.example\nSubject: Re: [%s]\nDate: %s\n' "$jia" "$2"
		printf 'Message-ID: <%s@x.example>\nMIME-Version: 1.0\n' "$1"
		printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n' "$4"
		printf -- '--b\nContent-Type: application/xml; name=form.xml\nContent-Disposition: attachment\n\n'
		printf '<answers xmlns="urn:pingyi:answers" number="%s"><rating department="d07" grade="%s"/></answers>' "$jia" "$3"
		printf '\n--b--\n'
	} | sed 's/$/\r/' >"$work/in/$1.eml"
}
grade() {
	query "SELECT t.grade FROM rating t JOIN response s ON s.id = t.response_id JOIN letter l ON l.id = s.letter_id
		JOIN department d ON d.no = t.department_no WHERE l.number = '$jia' AND d.code = 'd07'"
}
# opinions: those of the first enterprise, in the order in which they were written
opinions() {
	pingyi classify >/dev/null 2>&1
	query "SELECT string_agg(o.text, '|' ORDER BY a.at) FROM opinion o JOIN answer a ON a.id = o.answer_id
		JOIN response s ON s.id = a.response_id JOIN letter l ON l.id = s.letter_id WHERE l.number = '$jia'"
}
now=2026-03-06T09:00
rates first 'Wed, 4 Mar 2026 10:00:00 +0800' 2 窗口排队太久。
collected
check "the first answer's grade" same "$(grade)" 2
rates third 'Thu, 5 Mar 2026 10:00:00 +0800' 5 停水不通知。
collected
check "a later one replaces it" same "$(grade)" 5
check "and adds its words" same "$(opinions)" "窗口排队太久。|停水不通知。"
rates between 'Wed, 4 Mar 2026 15:00:00 +0800' 3 检查太多。
collected
check "one that comes late and was written before does not" same "$(grade)" 5
check "… its words are added all the same" same "$(opinions)" "窗口排队太久。|检查太多。|停水不通知。"
rates again 'Thu, 5 Mar 2026 15:00:00 +0800' 4 路面破损。
rates sooner 'Thu, 5 Mar 2026 12:00:00 +0800' 1 扰民。
mv "$work/in/again.eml" "$work/in/a.eml" # read before the other
collected
check "nor within one batch" same "$(grade)" 4
check "an answer a message, each with its words" same "$(opinions)" "窗口排队太久。|检查太多。|停水不通知。|扰民。|路面破损。"

# --- what the opinion's page says of it ---
start_pages
pingyi account password staff | cut -f2 | tr -d '\n' >"$work/password"
curl -s -o /dev/null -c "$work/jar" --data-urlencode login=staff --data-urlencode "password@$work/password" "$url/login"
# shows WORDS LANGUAGE TEXT…: whether the page of the opinion with these words says all of that
shows() {
	opinion=$(query "SELECT min(id) FROM opinion WHERE text LIKE '%$1%'")
	curl -s -b "$work/jar" "$url/opinion/$opinion?lang=$2" | tr -d '\n' >"$work/page"
	shift 2
	for text; do
		grep -qF -e "$text" "$work/page" || return 1
	done
}
check "the grade before" shows 排队太久 en "in an earlier answer: very dissatisfied"
check "… in Chinese" shows 排队太久 zh "此前的答复：非常不满意"
check "that it came twice, from where" shows 公交车 en "Came again" "/raw" "it counts once"
check "… in Chinese" shows 公交车 zh 再次收到 只算一次
check "a contact's address" shows 排队太久 zh jia@one.example
check "… is no stranger's" sh -c "! grep -q 不是该企业登记的联系人 '$work/page'"
check "a stranger's number is remarked" shows 道路不平 zh who@elsewhere.example 不是该企业登记的联系人
check "… in English" shows 道路不平 en "no contact of this enterprise"
writes mistyped 'yi@two.example' "Re: [${yi%?}0] letter" <<EOF2
绿化带没人修剪。
EOF2
collected
pingyi classify >/dev/null 2>&1
check "a number that is none, too" shows 绿化带 zh yi@two.example "信中的编号 ${yi%?}0 写错了"
opinion=$(query "SELECT min(id) FROM opinion WHERE text LIKE '%道路不平%'")
pingyi follow assign "$opinion" d07 >/dev/null 2>&1
pingyi follow hand "$opinion" --yes >/dev/null 2>&1
check "departments see none of it" same "$(query "SELECT count(*), bool_or(x::text LIKE '%elsewhere.example%')
	FROM rectification x WHERE state = 'handed'")" "1	f"

# --- the next round ---
pingyi round close 2026-1 --yes 2>/dev/null
now=2026-04-01T09:00
{
	pingyi round new 2026-2 --title 二 --closes 2026-12-31 --no-form && pingyi round release 2026-2 --yes
} >"$work/round.log" 2>&1 || cat "$work/round.log" >&2
now=2026-04-02T09:00
writes next 'wu@provider.example' 'opinion' <<EOF2
企业开办要跑四个窗口。
EOF2
collected
check "from a known address: the open round's letter" same "$(query "SELECT m.state, r.code, e.name FROM reading d
	JOIN message m ON m.id = d.message_id LEFT JOIN letter l ON l.id = m.letter_id
	LEFT JOIN round r ON r.id = l.round_id LEFT JOIN enterprise e ON e.id = l.enterprise_id
	WHERE d.header_id = 'next@x.example'")" "filed	2026-2	测试戊商贸有限公司"
pingyi round new 2026-3 --title 三 --closes 2026-12-31 --no-form >/dev/null 2>&1
pingyi round release 2026-3 --yes >/dev/null 2>&1
writes which 'wu@provider.example' 'opinion' <<EOF2
消防验收太慢。
EOF2
collected
check "of two open rounds a person says which" same "$(query "SELECT m.state, m.problem FROM reading d
	JOIN message m ON m.id = d.message_id WHERE d.header_id = 'which@x.example'")" \
	"waiting	the sender's address serves several letters"
query "INSERT INTO contact (enterprise_id, email, is_letter, position) SELECT id, 'wu@provider.example', false, 9 FROM enterprise
	WHERE name = '测试丁商贸有限公司'" >/dev/null
query "UPDATE round SET state = 'closed', closed_at = '2026-04-02' WHERE code = '2026-3'" >/dev/null
writes whose 'wu@provider.example' 'opinion' <<EOF2
环评手续繁琐。
EOF2
collected
check "of two enterprises, too" same "$(query "SELECT m.state FROM reading d
	JOIN message m ON m.id = d.message_id WHERE d.header_id = 'whose@x.example'")" waiting
