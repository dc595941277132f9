#!/bin/sh
# Mail that nothing certain places waits for a person, with the letters that it may belong to: by the
# domain of its address, a credit code, a name, a number used from elsewhere. One step settles it.
# $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
# shellcheck source=tests/flow/firms.sh
. "$here/firms.sh"
needs pen psql
start_work

start_firms pen || exit 1
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
writes mistyped 'nobody@elsewhere.example' "Re: [${jia%?}0] letter" <<EOF2
路灯不亮。
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
check "all wait" same "$(query "SELECT count(*) FROM message WHERE state = 'waiting'")" 8
check "the same domain" same "$(proposed domain)" "$jia clue domain"
check "a credit code, in any case" same "$(proposed code)" "$yi clue credit code"
check "a whole name within a sentence" same "$(proposed name)" "$(number 测试丙商贸有限公司) clue name"
check "not the domain of a provider" same "$(proposed provider)" ""
check "nothing to go by" same "$(proposed nothing)" ""
check "the likelier one first" same "$(proposed both)" "$jia clue name; $yi clue domain"
check "a number from another's address: both, and it waits" same "$(proposed forged)" \
	"$yi clue address clue domain; $jia clue subject"
check "a mistyped number is told" same "$(query "SELECT problem FROM message WHERE id = $(id_of mistyped)")" \
	"the letter number in it is mistyped, its sender is unknown"
check "the list has them" sh -c "'$build/pingyi' --office '$work/office' --as staff collect pen 2>/dev/null |
	grep -q '$jia 测试甲（东澄）机械有限公司; $yi 测试乙化工有限公司'"
check "one step settles it" pingyi collect settle "$(id_of domain)" "$(echo "$jia" | tr '[:upper:]' '[:lower:]')"
check "it is filed there" same "$(query "SELECT m.state, l.number FROM message m JOIN letter l ON l.id = m.letter_id
	WHERE m.id = $(id_of domain)")" "filed	$jia"
pingyi collect settle "$(id_of name)" --from 测试丙商贸有限公司 2>"$work/err"
check "… or by the enterprise's name" same "$(cat "$work/err")" \
	"Message $(id_of name) is filed to letter $(number 测试丙商贸有限公司) (测试丙商贸有限公司). Next: pingyi classify"
pingyi collect settle "$(id_of nothing)" --aside 2>"$work/err"
check "set aside: it says so" same "$(cat "$work/err")" "Message $(id_of nothing) is set aside."

# refuses CODE "ENGLISH|CHINESE" ARGUMENT…: in both languages
refuses() {
	code=$1
	words=$2
	shift 2
	PINGYI_LANG=en pingyi collect "$@" 2>"$work/en"
	got=$?
	PINGYI_LANG=zh pingyi collect "$@" 2>"$work/zh"
	check "collect $*: told in both languages" sh -c "[ $got -eq $code ] &&
		grep -q -F -e '${words%|*}' '$work/en' && grep -q -F -e '${words#*|}' '$work/zh'"
}
refuses 69 "does not wait: it is filed (letter $jia|不在等人认领：已归入（$jia" settle "$(id_of domain)" "$jia"
refuses 65 "there is no message 999|没有邮件 999" settle 999 --aside
refuses 65 "is no letter number|不是征求意见书编号" settle "$(id_of code)" PY-22222223
refuses 65 "usage: pingyi collect settle|用法：pingyi collect settle" settle "$(id_of code)"
refuses 65 "usage: pingyi collect settle|用法：pingyi collect settle" settle "$(id_of code)" "$yi" --aside
refuses 65 "usage: pingyi collect settle|用法：pingyi collect settle" settle
refuses 65 "usage: pingyi collect raw|用法：pingyi collect raw" raw
refuses 65 "usage: pingyi collect type|用法：pingyi collect type" type now
refuses 65 "usage: pingyi collect pen|用法：pingyi collect pen" pen 7

# The reason is kept in English, and said in the language of who looks.
check "the reason is kept in English" same "$(query "SELECT problem FROM message
	WHERE state = 'waiting' AND id = $(id_of both)")" "nothing tells whose it is: no number, unknown sender"
check "and said in Chinese" sh -c "PINGYI_LANG=zh '$build/pingyi' --office '$work/office' collect pen 2>/dev/null |
	grep -q '看不出属于谁'"
# A reason with a part in it, by a collector that speaks Chinese.
printf 'GIF89a x' >"$work/a.gif"
printf '%%PDF-1.4 broken' >"$work/b.pdf"
PINGYI_LANG=zh pingyi collect "$work/a.gif" "$work/b.pdf" --from 测试己商贸有限公司 2>"$work/err"
check "why an attachment was not read is kept in English" same "$(query "SELECT string_agg(a->>'unread', '; '
	ORDER BY d.message_id) FROM reading d, jsonb_array_elements(d.record->'attachments') a
	WHERE a->>'unread' IS NOT NULL")" "a picture; pdftotext cannot read the PDF (exit code 1)"

# On a terminal: a block each, 80 columns, what strangers wrote without signs that move the cursor or
# turn the writing around.
cat >"$work/look.py" <<'PY'
import sys, unicodedata
def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
def bad(text, allowed="\n"):
    return [c for c in text if c not in allowed and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
what, path = sys.argv[1:3]
text = open(path, encoding="utf-8", newline="").read().replace("\r\n", "\n")
if bad(text, "\n\t"):
    sys.exit("controls")
# a line to be copied stands whole
wide = [line for line in text.split("\n") if width(line) > 80 and "collect settle" not in line]
if what != "tabs" and wide:
    sys.exit(f"wide: {wide[0]}")
for wanted in sys.argv[3:]:
    if wanted not in text:
        sys.exit(f"not there: {wanted}")
PY
if command -v script >/dev/null; then
	writes evil "Evil $(printf '\342\200\256\033')[31m <e@elsewhere.example>" \
		"long $(printf '\342\201\246\342\200\250')$(printf '很长的主题%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)" <<EOF2
$(printf '办证时间太长，%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16) https://$(printf 'x%.0s' $(seq 1 200)).example
EOF2
	pingyi collect "$work/in" 2>/dev/null
	for language in en zh; do
		PINGYI_LANG=$language script -qec "stty cols 80
			'$build/pingyi' --office '$work/office' --as staff collect pen" /dev/null </dev/null >"$work/screen.$language"
		PINGYI_LANG=$language "$build/pingyi" collect --help >"$work/help.$language"
	done
	line="--as staff collect settle $(id_of code) $yi"
	check "the pen on a terminal" python3 "$work/look.py" screen "$work/screen.en" "$line" \
		"· waiting · until 2026-03-09 (Mon)" "its credit code is in it" \
		"given to the office, brought in by staff" '--text "WHAT IT SAYS"'
	check "… in Chinese" python3 "$work/look.py" screen "$work/screen.zh" "$line" 写有信用代码 看不出属于谁
	check "help fits as well" python3 "$work/look.py" help "$work/help.en" pen settle raw type .zip mbox
	check "… in Chinese" python3 "$work/look.py" help "$work/help.zh" pen settle raw type .zip mbox 等人认领
else
	echo "SKIP pen: no script"
fi
pingyi collect pen >"$work/tabs" 2>/dev/null
check "elsewhere tabs, without controls too" python3 "$work/look.py" tabs "$work/tabs" "$yi 测试乙化工有限公司"

# Many that wait are told 100 at a time, each once.
query "INSERT INTO message (sha256, size, channel, received_at, state, problem, review_due)
	SELECT sha256(n::text::bytea), 1, 'file', '2026-03-04', 'broken', 'it broke its reader', date '2026-03-10' + n % 3
	FROM generate_series(1, 150) n"
waiting=$(query "SELECT count(*) FROM message WHERE state IN ('waiting', 'broken')")
pingyi collect pen >"$work/pages" 2>"$work/err"
check "the first 100" same "$(wc -l <"$work/pages")" 100
check "how many there are" grep -q "^$waiting messages wait" "$work/err"
place=$(sed -n 's/^There are more: .* collect pen --after //p' "$work/err")
pingyi collect pen --after "$place" >>"$work/pages" 2>"$work/err"
check "then the others" same "$(cut -f 1 "$work/pages" | sort -u | wc -l) $(wc -l <"$work/pages")" "$waiting $waiting"
check "and no more" sh -c "! grep -q 'There are more' '$work/err'"
check "the most urgent first" sh -c "cut -f 2 '$work/pages' | sort -c"
refuses 65 "is not a date|不是" pen --after monday/1
refuses 65 "2026-03-05/17" pen --after 2026-03-05
refuses 65 "usage: pingyi collect pen|用法：pingyi collect pen" raw 1 --after 2026-03-05/1
query "DELETE FROM message WHERE problem = 'it broke its reader'"

# Who looks is checked, whatever it is.
for command in "collect pen" "collect raw 1" "follow list" "follow opinions" "round list" "report" "account list" \
	"enterprise list" "department list" "send --status"; do
	# shellcheck disable=SC2086
	"$build/pingyi" --office "$work/office" --as nobody $command >/dev/null 2>"$work/err"
	check "an account that is none: $command" sh -c "[ $? -eq 65 ] && grep -q 'no active account of staff' '$work/err'"
done

# What waits for a decision is shown whole.
pingyi classify >/dev/null 2>&1
opinion=$(query "SELECT min(id) FROM opinion")
check "an opinion as JSON" sh -c "'$build/pingyi' --office '$work/office' --as staff follow show $opinion |
	python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)[\"id\"] != $opinion)'"
"$build/pingyi" --office "$work/office" --as staff follow show 999 2>"$work/err"
check "one that there is not" grep -q 'there is no opinion 999' "$work/err"
if command -v script >/dev/null; then
	script -qec "stty cols 80
		'$build/pingyi' --office '$work/office' --as staff follow show $opinion
		'$build/pingyi' --office '$work/office' --as staff enterprise show 测试甲（东澄）机械有限公司" \
		/dev/null </dev/null >"$work/screen.opinion"
	check "on a terminal an opinion and an enterprise" python3 "$work/look.py" screen "$work/screen.opinion" \
		办证时间太长 "Next: pingyi follow" "测试甲（东澄）机械有限公司 $jia" 91370599MA0A1EEF1P "2026-1 $jia answered"
fi

# The pages say it in the language of who reads, whatever the server speaks.
start_pages
pingyi account password staff | cut -f2 | tr -d '\n' >"$work/password"
page() { # LANGUAGE PATH [curl options]
	language=$1 path=$2
	shift 2
	curl -s -b "$work/jar" "$@" "$url$path?lang=$language"
}
curl -s -o /dev/null -c "$work/jar" --data-urlencode login=staff --data-urlencode "password@$work/password" "$url/login"
page zh /pen >"$work/page.zh"
page en /pen >"$work/page.en"
check "the page: why it waits" sh -c "grep -q '看不出属于谁' '$work/page.zh' && grep -q 'nothing tells whose' '$work/page.en'"
# Enterprises that got no letter do not stand in the way of one that did, and has been struck off since.
query "INSERT INTO enterprise (name, stratum, changed_at) SELECT '无信商贸' || n, 'trade', now() FROM generate_series(1, 25) n" >/dev/null
query "UPDATE enterprise SET active = false WHERE name = '测试戊商贸有限公司'" >/dev/null
found() { # WORDS: the enterprises, whether there were too many, whether none
	curl -s -G -b "$work/jar" -H 'Accept: application/json' --data-urlencode "q=$1" "$url/pen/$(id_of code)" |
		python3 -c 'import json, sys
d = json.load(sys.stdin)
print(*sorted(f["enterprise"] for f in d["found"]), d["too_many"], d["none"])'
}
check "found: one struck off" same "$(found 测试戊)" "测试戊商贸有限公司 False False"
check "found: those that got a letter" same "$(found 商贸)" \
	"测试丁商贸有限公司 测试丙商贸有限公司 测试己商贸有限公司 测试戊商贸有限公司 False False"
check "found: by a credit code, in any case" same "$(found 91370599ma0a511450)" "测试乙化工有限公司 False False"
check "found: by a letter's number" same "$(found "$jia")" "测试甲（东澄）机械有限公司 False False"
query "UPDATE round SET state = 'draft'" >/dev/null
check "found: of no round that is a draft" same "$(found "$jia")" "False True"
query "UPDATE round SET state = 'released'" >/dev/null
check "the page: why an attachment was not read" sh -c "grep -q 'pdftotext 无法读取该 PDF（退出码 1）' '$work/page.zh' &&
	grep -q 'pdftotext cannot read the PDF (exit code 1)' '$work/page.en'"
csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$work/page.zh" | head -n 1)
check "what a form lacks, in Chinese" sh -c "curl -s -b '$work/jar' --data-urlencode 'csrf=$csrf' '$url/pen/1?lang=zh' |
	grep -q '请填写征求意见书编号'"
check "… in English" sh -c "curl -s -b '$work/jar' --data-urlencode 'csrf=$csrf' '$url/pen/1?lang=en' |
	grep -q 'give the letter'"
