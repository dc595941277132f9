#!/bin/sh
# Mail that nothing certain places waits for a person, with the letters that it may belong to: by the
# domain of its address, a credit code, a name, a number used from elsewhere. One step settles it.
# $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
command -v psql >/dev/null || {
	echo "SKIP pen: no psql"
	exit 0
}
work=$(mktemp -d)
chmod 755 "$work"
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
finish() {
	close_office
	rm -rf "$work"
}
trap finish EXIT

cat >"$work/enterprises.csv" <<'EOF2'
企业名称,统一社会信用代码,简称,层别,联系人,电话,邮箱
测试甲（东澄）机械有限公司,91370599MA0A1EEF1P,,外来投资企业,甲,,jia@one.example
测试乙化工有限公司,91370599MA0A511450,,限额以上工业企业,乙,,yi@two.example
测试丙商贸有限公司,,,贸易餐饮企业,丙,,bing@provider.example
测试丁商贸有限公司,,,贸易餐饮企业,丁,,ding@provider.example
测试戊商贸有限公司,,,贸易餐饮企业,戊,,wu@provider.example
测试己商贸有限公司,,,贸易餐饮企业,己,,ji@provider.example
EOF2
make_office pen && make_round_of "$work/enterprises.csv" || exit 1
mkdir -p "$work/in"
# writes NAME FROM SUBJECT: a message with the text of stdin
writes() {
	{
		printf 'From: %s\nTo: rhj@office.example\nSubject: %s\nDate: Tue, 3 Mar 2026 10:00:00 +0800\n' "$2" "$3"
		printf 'Message-ID: <%s@x.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n' "$1"
		cat
	} | sed 's/$/\r/' >"$work/in/$1.eml"
}
number() { # of the letter to an enterprise
	query "SELECT l.number FROM letter l JOIN enterprise e ON e.id = l.enterprise_id WHERE e.name = '$1'"
}
jia=$(number '测试甲（东澄）机械有限公司')
yi=$(number '测试乙化工有限公司')
writes domain 'other@one.example' 'opinion' <<EOF2
办证时间太长。
EOF2
writes code 'someone@elsewhere.example' 'opinion' <<EOF2
我公司信用代码 91370599ma0a511450，退税太慢。
EOF2
writes name 'someone@elsewhere.example' 'opinion 2' <<EOF2
您好，我们是测试丙商贸有限公司，道路不平。
EOF2
writes provider 'nobody@provider.example' 'opinion' <<EOF2
检查太多。
EOF2
writes both 'other@two.example' 'opinion 3' <<EOF2
这是测试甲（东澄）机械有限公司的意见：停电太多。
EOF2
writes forged 'yi@two.example' "Re: [$jia] letter" <<EOF2
窗口态度不好。
EOF2
writes nothing '' 'opinion' <<EOF2
请尽快处理。
EOF2
now=2026-03-04T09:00
pingyi collect "$work/in" 2>"$work/err"

# proposed NAME: "NUMBER why why; NUMBER why" of a message
proposed() {
	query "SELECT coalesce(string_agg((p->>'number') || ' ' || (SELECT string_agg(w, ' ')
			FROM jsonb_array_elements_text(p->'why') w), '; ' ORDER BY place), '')
		FROM reading d, jsonb_array_elements(message_proposals(d.message_id)) WITH ORDINALITY AS x(p, place)
		WHERE d.header_id = '$1@x.example'"
}
id_of() {
	query "SELECT message_id FROM reading WHERE header_id = '$1@x.example'"
}
check "all wait" same "$(query "SELECT count(*) FROM message WHERE state = 'waiting'")" 7
check "the same domain" same "$(proposed domain)" "$jia clue domain"
check "a credit code, in any case" same "$(proposed code)" "$yi clue credit code"
check "a whole name within a sentence" same "$(proposed name)" "$(number 测试丙商贸有限公司) clue name"
check "not the domain of a provider" same "$(proposed provider)" ""
check "nothing to go by" same "$(proposed nothing)" ""
check "the likelier one first" same "$(proposed both)" "$jia clue name; $yi clue domain"
check "a number from another's address: both, and it waits" same "$(proposed forged)" \
	"$yi clue address clue domain; $jia clue subject"
check "the list has them" sh -c "'$build/pingyi' --office '$work/office' --as staff collect pen 2>/dev/null |
	grep -q '$jia 测试甲（东澄）机械有限公司; $yi 测试乙化工有限公司'"
check "one step settles it" pingyi collect settle "$(id_of domain)" --letter "$jia"
check "it is filed there" same "$(query "SELECT m.state, l.number FROM message m JOIN letter l ON l.id = m.letter_id
	WHERE m.id = $(id_of domain)")" "filed	$jia"

# What changes more than it adds is believed only of who is known.
rm "$work/in"/*.eml
bing=$(number 测试丙商贸有限公司)
ding=$(number 测试丁商贸有限公司)
# bounces NAME FROM SUBJECT RECIPIENT: a bounce that names who did not get it
bounces() {
	{
		printf 'From: %s\nTo: rhj@office.example\nSubject: %s\nDate: Tue, 3 Mar 2026 10:00:00 +0800\n' "$2" "$3"
		printf 'Message-ID: <%s@x.example>\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n' "$1"
		printf 'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n'
		printf -- '--b\nContent-Type: text/plain\n\nThe message could not be delivered.\n'
		printf -- '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n'
		printf 'Final-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\n\n--b--\n' "$4"
	} | sed 's/$/\r/' >"$work/in/$1.eml"
}
writes first 'clerk@home.example' "Re: [$bing] letter" <<EOF2
办证窗口排队太久。
EOF2
writes silence 'clerk@home.example' "退订 [$ding]" <<EOF2
退订
EOF2
writes silent 'wu@provider.example' "退订" <<EOF2
退订
EOF2
bounces posed 'jia@one.example' 'Returned mail' 'jia@one.example'
bounces named 'mailer-daemon@mx.example' "Returned mail [$yi]" 'someone@two.example'
bounces shown 'mailer-daemon@mx.example' "Returned mail [$jia]" 'jia@one.example'
pingyi collect "$work/in" 2>"$work/err"
rm "$work/in"/*.eml
writes second 'stranger@elsewhere.example' "Re: [$bing] letter" <<EOF2
一切都好。
EOF2
writes third 'bing@provider.example' "Re: [$bing] letter" <<EOF2
道路不平。
EOF2
pingyi collect "$work/in" 2>"$work/err"
state_of() {
	query "SELECT m.state FROM message m JOIN reading d ON d.message_id = m.id
		WHERE d.header_id = '$1@x.example'"
}
is_silent() {
	query "SELECT e.silent FROM enterprise e WHERE e.name = '$1'"
}
check "who has the number answers first, from whatever address" same "$(state_of first)" filed
check "a stranger does not change an answer that is there" same "$(state_of second)" waiting
check "the enterprise itself does" same "$(state_of third)" filed
check "a stranger's wish for silence waits" same "$(state_of silence) $(is_silent 测试丁商贸有限公司)" "waiting f"
check "the enterprise's own holds" same "$(state_of silent) $(is_silent 测试戊商贸有限公司)" "noted t"
check "a bounce in an enterprise's name changes no letter" same "$(state_of posed) $(query "SELECT count(*)
	FROM message m JOIN reading d ON d.message_id = m.id WHERE d.header_id = 'posed@x.example'
	AND m.letter_id IS NOT NULL")" "noted 0"
check "a bounce that names another address waits" same "$(state_of named)" waiting
check "one that names the letter's is noted" same "$(state_of shown)" noted
