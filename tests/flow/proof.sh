#!/bin/sh
# What changes more than it adds is believed only of who is known: a contact of the enterprise, or one
# that names our Message-ID. Everyone else waits for a person.
# $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/flow/firms.sh
. "$here/firms.sh"
needs proof psql
start_work

start_firms proof || exit 1
now=2026-03-04T09:00
bing=$(number 测试丙商贸有限公司)
ding=$(number 测试丁商贸有限公司)
ji=$(number 测试己商贸有限公司)
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
writes empty 'ding@provider.example' "Re: [$ding] letter" <<EOF2

EOF2
writes quoting 'ding@provider.example' "Re: [$ding] letter" <<EOF2
> 请贵单位提出意见。
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
check "who says nothing has not answered" same "$(state_of empty) $(state_of quoting)" "waiting waiting"
# A colleague answers our Message-ID: only who has the letter knows it.
id=$(query "SELECT f.message_id FROM mailing f JOIN letter l ON l.id = f.letter_id WHERE l.number = '$bing' AND f.kind = 'first'")
rm "$work/in"/*.eml
writes colleague 'colleague@home.example' 'Re: letter' <<EOF2
窗口缺人。
EOF2
sed -i "s/^Message-ID/In-Reply-To: $id\r\nMessage-ID/" "$work/in/colleague.eml"
pingyi collect "$work/in" 2>"$work/err"
check "who names our Message-ID is believed" same "$(state_of colleague)" filed
# Words of a machine are those of people too, whoever writes them.
writes tired 'ding@provider.example' "自动回复" <<EOF2
办证延迟了三个月，经办人一直休假。
EOF2
pingyi collect "$work/in" 2>"$work/err"
check "what only sounds like a machine waits" same "$(state_of tired)" waiting
rm "$work/in"/*.eml
writes robot 'colleague@home.example' 'Re: letter' <<EOF2
社保局的邮箱只会发自动回复邮件，没人处理我们的问题。
EOF2
sed -i "s/^Message-ID/In-Reply-To: $id\r\nMessage-ID/" "$work/in/robot.eml"
writes lost 'stranger@elsewhere.example' "[$ji] 投递失败：退信太多" <<EOF2
邮政局的信件无法投递，被退回三次。
EOF2
writes seen 'someone@elsewhere.example' 'Read: letter' <<EOF2
已经看了，城管局罚款太多。
EOF2
writes delayed 'someone@elsewhere.example' '退税延迟三个月' <<EOF2
材料无法投递。
EOF2
pingyi collect "$work/in" 2>"$work/err"
check "… whoever wrote it: a colleague, a number's unknown user, anybody" same \
	"$(state_of robot) $(state_of lost) $(state_of seen) $(state_of delayed)" "waiting waiting waiting waiting"
check "what it says stands there, to be taken in one step" pingyi collect settle "$(query "SELECT message_id
	FROM reading WHERE header_id = 'lost@x.example'")" "$ji"
check "… and is the answer" same "$(query "SELECT a.own FROM answer a JOIN reading d ON d.message_id = a.message_id
	WHERE d.header_id = 'lost@x.example'")" 邮政局的信件无法投递，被退回三次。
