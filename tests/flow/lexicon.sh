#!/bin/sh
# The lexicon as staff keep it: checked, imported, used, exported, compared; what was sorted stays.
# Corrections, the trial of a changed one and the words that corrections propose.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs lexicon psql
start_work
stop_own() {
	for folder in second third; do
		data=$(sed -n 's/^data=//p' "$work/$folder/cluster" 2>/dev/null)
		case $data in */pingyi/*) rm -rf "$data" ;; esac
	done
}

# changed FROM TO SED…: a lexicon that differs from another file
changed() {
	from=$1 to=$2
	shift 2
	sed "$@" "$from" >"$to" && ! cmp -s "$from" "$to"
}
# says ENTERPRISE TEXT: an answer by phone
says() {
	pingyi collect type --from "$1" --by phone --text "$2" >/dev/null 2>>"$work/says.err"
}
# of_text TEXT COLUMN: of the opinion with this text
of_text() {
	query "SELECT $2 FROM opinion o WHERE text = '$1'"
}

# lexicon VERSION WORDS-OF-d12 WORDS-OF-d13 WORDS-OF-d28: prints one
lexicon() {
	cat <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<lexicon xmlns="urn:pingyi:lexicon" version="$1">
		<target no="12" code="d12"><name>住房和城乡建设局</name>
		$2
		</target>
		<target no="13" code="d13"><name>城市管理局</name>
		$3
		</target>
		<target no="28" code="d28"><name>税务局</name>
		$4
		</target>
		</lexicon>
	XML
}

make_office lexicon || exit 1
make_enterprises 12 >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
cd "$work" || exit 1

check "the program's own can be exported" pingyi lexicon export -o own.xml
cmp -s own.xml "$here/../../classifier/lexicon.xml"
check "… as it is" [ $? -eq 0 ]
pingyi lexicon check own.xml >out 2>err
check "… and is right" [ $? -eq 0 ]
check "… adds nothing to itself" grep -q '^own.xml: 0 warnings that version ' err
# One mistake among the thousands that were there, wherever it moves the lines of the others.
sed '0,/<word>/s//<word>退税<\/word><word>/; 0,/<target/s//<!-- a\nb -->\n<target/' own.xml >edited.xml
pingyi lexicon check edited.xml >out 2>err
check "an editor's own mistake is told first" sh -c 'head -n 1 out | grep -q "退税. speaks for d28 and for d01"'
added=$(sed -n 's/^edited.xml: \([0-9]*\) warnings that version .* does not have$/\1/p' err)
check "… with what else it brings" test "$added" -gt 1 -a "$added" -lt 50
check "… each of which is of it" same "$(head -n "$added" out | grep -c 退税)" "$added"
check "… the others follow" test "$(sed "1,${added}d" out | wc -l)" -gt 5
(cd / && "$build/pingyi" lexicon check "$work/edited.xml") >out 2>err
check "… without an office as well" grep -q ": $added warnings that version " err
pingyi lexicon check edited.xml --json >out
check "… also as JSON" same "$(python3 -c 'import json
print(sum(w["added"] for w in json.load(open("out"))))')" "$added"
version=$(sed -n 's/^<lexicon .*version="\([^"]*\)".*/\1/p' own.xml)
check "listed, in use" same "$(pingyi lexicon list | cut -f1,2,4,5)" "$version	in use	the program	0"

says 东澄试验企业00001号 税务局太慢。
check "sorted" pingyi classify
check "… by the program's own" same "$(of_text 税务局太慢。 lexicon)" "$version"
check "… which is kept now" same "$(query "SELECT version, built_in, in_use FROM lexicon")" "$version	t	f"
check "… and listed with what it sorted" same "$(pingyi lexicon list | cut -f1,2,4,5)" \
	"$version	in use	the program	1"

# An error names the line, and nothing is imported.
lexicon t-1 "<word>扬尘</word>" "<word>占道</word>" "<word>退税</word>" >t1.xml
lexicon t-1 "" "<word weight='viel'>占道</word>" "" >bad.xml
check "a bad weight is told with its line" told 65 "bad.xml:7: weight=\"viel\"" \
	pingyi lexicon import bad.xml --use
sed 's/no="13" code="d13"/no="13" code="d14"/' t1.xml >bad.xml
check "a target that is no department too" told 65 "bad.xml:6: no department of this office has the code d14" \
	pingyi lexicon import bad.xml
lexicon t-1 "" "<word also='d99'>占道</word>" "" >bad.xml
check "… also among those a word speaks for" told 65 "bad.xml:7: no target has the code d99" \
	pingyi lexicon check bad.xml
sed '0,/<word>/s//<word>甲乙丙/' own.xml >bad.xml
check "the program's version with other words is refused" told 65 "version $version is there with other words" \
	pingyi lexicon import bad.xml
check "a missing file is told" told 65 "missing.xml" pingyi lexicon import missing.xml
check "nothing was imported" same "$(query "SELECT count(*) FROM lexicon")" 1

check "imported" told 0 "t1.xml: version t-1, 3 targets, 6 names and words, 0 warnings" \
	pingyi lexicon import t1.xml
says 东澄试验企业00002号 占道太多。
check "sorted again" pingyi classify
check "… still by the one in use" same "$(of_text 占道太多。 lexicon)" "$version"
check "imported again: it was there" told 0 "Version t-1 was there already." pingyi lexicon import t1.xml
check "used" told 0 "Version t-1 sorts opinions from now on" pingyi lexicon use t-1
says 东澄试验企业00003号 城管来得太勤，扬尘太多。
check "sorted" pingyi classify
check "… by the one in use" same "$(of_text 城管来得太勤，扬尘太多。 "lexicon || (SELECT
	string_agg(' d' || department_no, '') FROM opinion_department d WHERE d.opinion_id = o.id)")" "t-1 d12"
check "what was sorted before stays" same "$(of_text 占道太多。 lexicon)" "$version"
check "who changed it is kept" same "$(query "SELECT verb, role, account_id IS NOT NULL FROM event
	WHERE noun = 'lexicon' ORDER BY id")" "$(printf 'import\tstaff\tt\nuse\tstaff\tt')"
check "an unknown version is refused" told 65 "no lexicon has the version t-9" pingyi lexicon use t-9
pingyi lexicon export t-1 >out
cmp -s out t1.xml
check "a version is exported as it was imported" [ $? -eq 0 ]
pingyi lexicon export >out
cmp -s out t1.xml
check "… without one, the one in use" [ $? -eq 0 ]
lexicon t-2 "" "<word>占道</word><word weight='4'>扬尘</word>" "<word>退税</word><word>扬尘治理</word>" >t2.xml
check "what differs" same "$(pingyi lexicon diff t-1 t2.xml | tr '\t' ' ')" \
	"$(printf -- '- d12 word 扬尘 3 \n+ d13 word 扬尘  4\n+ d28 word 扬尘治理  3')"
check "… as JSON" same "$(pingyi lexicon diff t-1 t2.xml --json | python3 -c '
import json, sys
print([(c["change"], c["code"], c["from"]) for c in json.load(sys.stdin)][0])')" "('-', 'd12', '3')"
pingyi lexicon check t2.xml >out 2>err
check "compared with the version in use" grep -q "t2.xml: 1 warnings that version t-1 does not have" err
check "imported and used at once" told 0 "3 targets, 7 names and words, 1 warnings" \
	pingyi lexicon import t2.xml --use
check "… which tells what it adds" grep -q '“扬尘治理” of d28 .*swallows “扬尘” of d13' out
check "listed, the newest first" same "$(pingyi lexicon list | cut -f1,2,5 | sort)" \
	"$(printf '%s\t\t2\nt-1\t\t1\nt-2\tin use\t0' "$version" | sort)"
check "back to the program's own" told 0 "Version $version sorts opinions" pingyi lexicon use built-in
check "… in use again" same "$(pingyi lexicon list | cut -f1,2 | grep 'in use')" "$version	in use"
"$build/pingyi" lexicon diff t1.xml t2.xml >out
check "files are compared without an office" same "$(wc -l <out)" 3
"$build/pingyi" --office "$work/office" --as supervisor lexicon use t-1 2>err
check "a supervisor changes nothing" [ $? -ge 64 ]
# What is there under the version of a newer program is told apart.
query "UPDATE lexicon SET text = text || ' ', hash = sha256(convert_to(text || ' ', 'UTF8')) WHERE built_in"
says 东澄试验企业00004号 税务局很慢。
check "another program's own of the same version" pingyi classify
of_text 税务局很慢。 lexicon >out
check "… is another version" grep -qE "^$version\+[0-9a-f]{8}$" out
pingyi lexicon export "$(cat out)" -o other.xml
cmp -s other.xml own.xml
check "… that can be exported" [ $? -eq 0 ]
# A name means whom it meant when the answer was written.
lexicon t-0 "<former to='2010-01-01'>房产处</former>" "<short>房产处</short>" "" >t0.xml
check "a name that two had is warned of" told 0 "1 warnings" pingyi lexicon import t0.xml --use
says 东澄试验企业00011号 "房产处办证太慢。"
query "UPDATE answer SET at = '2004-05-01' WHERE sorted_at IS NULL"
says 东澄试验企业00000号 "找房产处办证太慢。"
check "sorted by their days" pingyi classify
check "… then one's" same "$(of_text 房产处办证太慢。 "(SELECT department_no FROM opinion_department d
	WHERE d.opinion_id = o.id)")" 12
check "… now the other's" same "$(of_text 找房产处办证太慢。 "(SELECT department_no FROM opinion_department d
	WHERE d.opinion_id = o.id)")" 13

# An office of other departments.
sed 's/no="28" code="d28"><name>税务局/no="7" code="ds"><name>数据局/' t1.xml >own2.xml
sed 's/<name>数据局/<label>数据/; s/<label>数据.*<\/name>/<label>数据<\/label>/' own2.xml >label.xml
"$build/pingyi" init "$work/second" --lexicon own2.xml --department ds --seed second >out 2>err
check "an office begins with its own departments" grep -q "^  ds .*数据局" out
"$build/pingyi" --office "$work/second" department list >out
check "… and no others" same "$(cut -f1,2,4 out | tr '\t\n' '  ')" "ds 数据局 7 d12 住房和城乡建设局 12 d13 城市管理局 13 "
check "… and its own lexicon" same "$("$build/pingyi" --office "$work/second" lexicon list | cut -f1,2 |
	grep 'in use')" "t-1	in use"
check "a label is no department" told 65 "label.xml:9: " "$build/pingyi" init "$work/third" --lexicon label.xml
lexicon t-1 "" "<word weight='viel'>占道</word>" "" >bad.xml
check "a bad lexicon makes no office" told 65 "bad.xml:" "$build/pingyi" init "$work/fourth" --lexicon bad.xml
check "… none" [ ! -e "$work/fourth" ]

# Corrections: what people decide otherwise, or where they were asked.
lexicon t-3 "<word>扬尘</word>" "<word>占道</word>" "<word>退税</word>" >t3.xml
check "a lexicon of few words" pingyi lexicon import t3.xml --use
assign() { # TEXT DEPARTMENT…
	said=$1
	shift
	pingyi follow assign "$(of_text "$said" id)" "$@"
}
says 东澄试验企业00005号 "占道收费太高。"
says 东澄试验企业00006号 "退税太慢。"
says 东澄试验企业00007号 "路灯不亮。"
check "sorted" pingyi classify
check "as it was sorted: no correction" assign "退税太慢。" d28
check "… none" same "$(query "SELECT count(*) FROM correction")" 0
check "otherwise" assign "占道收费太高。" d12
check "with another who takes part" assign "占道收费太高。" d12 d28
check "where a person was asked" assign "路灯不亮。" d13 --kind suggestion
check "… they are kept, with from and to" same "$(query "SELECT lexicon, asked, from_kind, to_kind,
	from_departments, to_departments, account_id IS NOT NULL FROM correction ORDER BY id")" "$(printf '%s\n' \
	"t-3	f	opinion	opinion	{13}	{12}	t" "t-3	f	opinion	opinion	{12}	{12,28}	t" \
	"t-3	t	opinion	suggestion	{}	{13}	t")"
check "… and the text by its hash" same "$(query "SELECT count(*) FROM correction c JOIN opinion o
	ON o.id = c.opinion_id AND c.text_hash = sha256(convert_to(o.text, 'UTF8'))")" 3
check "a kind that there is not is refused" told 65 "" assign "路灯不亮。" d13 --kind nonsense
says 东澄试验企业00008号 "退税的东西不懂。"
check "sorted" pingyi classify
check "no department's business" pingyi follow record "$(of_text "退税的东西不懂。" id)"
check "… is a correction too" same "$(query "SELECT from_departments, to_departments, to_kind IS NULL
	FROM correction ORDER BY id DESC LIMIT 1")" "{28}	{}	t"
says 东澄试验企业00009号 "张科长要我们雇他的表弟。"
check "sorted" pingyi classify
check "a lead for discipline inspection is assigned" assign "张科长要我们雇他的表弟。" d41
says 东澄试验企业00010号 "我们东澄试验企业00010号门前	路灯
不亮。"
check "sorted" pingyi classify
query "SELECT id FROM opinion WHERE text LIKE '%00010%' OR text LIKE '%门前%'" >ids
while read -r id; do
	pingyi follow assign "$id" d13
done <ids
pingyi classify --corrections >out 2>err
check "exported: the last word of people, one a line" [ "$(cut -f1 out | sort | tr '\n' ' ')" = "d12 d13 d13 " ]
check "… with its text" same "$(grep ^d12 out)" "d12	占道收费太高。"
check "… without who said it" same "$(grep -c 00010 out)" 0
check "… nor a lead for discipline inspection" same "$(grep -c 表弟 out)" 0

# What a person took back is no decision for a department.
says 东澄试验企业00003号 "占道停车没人管。"
pingyi classify 2>>says.err
assign "占道停车没人管。" d12
id=$(of_text "占道停车没人管。" id)
drafts() {
	query "SELECT department_no FROM rectification WHERE opinion_id = $id ORDER BY 1"
}
check "a draft for the department" pingyi follow draft "$id"
check "… is there" same "$(drafts)" 12
assign "占道停车没人管。" d13
check "another department: the draft is gone" same "$(drafts)" ""
pingyi follow draft "$id"
check "… and another is made" same "$(drafts)" 13
check "taken back: no department's business" pingyi follow record "$id"
check "… nothing is left to be handed over" same "$(drafts)" ""

# The trial of a changed lexicon.
query "SELECT id, kind, state, lexicon FROM opinion ORDER BY id" >before
pingyi classify --trial t3.xml --json >out 2>err
check "the same lexicon moves nothing" python3 -c '
import json
t = json.load(open("out"))
assert t["opinions"] > 8 and not t["moves"] and t["newly_asked"] == t["no_longer_asked"] == 0, t
assert t["decided"] == 4 and t["right_now"] == t["right_then"] == 0, t'
lexicon t-4 "<word>扬尘</word><word weight='4'>占道收费</word>" "<word>占道</word><word>路灯</word>" "" >t4.xml
pingyi classify --trial t4.xml --json >out 2>err
check "a changed one moves what it changes" python3 -c '
import json
t = json.load(open("out"))
moves = {(m["from"], m["to"]): m["count"] for m in t["moves"]}
assert moves[("d13", "d12")] == 1 and moves[("person", "d13")] == 2 and moves[("d28", "person")] == 2, t
assert t["newly_asked"] == 2 and t["no_longer_asked"] == 2 and t["moved"] == 5, t
assert t["right_then"] == 3, t
assert all(m["examples"] for m in t["moves"]), t'
pingyi classify --trial t4.xml >out 2>err
check "… as lines, without what was said" [ "$(grep -c "^1	d13	d12	[0-9]*$" out)" = 1 ]
check "… and says so" grep -q "5 move" err
check "nothing was changed" same "$(query "SELECT id, kind, state, lexicon FROM opinion ORDER BY id")" "$(cat before)"
sed 's/code="d12"/code="d77"/' t4.xml >bad.xml
check "one with a target that is no department is refused" told 65 "bad.xml:3: no department" \
	pingyi classify --trial bad.xml

# Words that corrections propose: 充电桩 was said of d12 by four enterprises, 路灯 of d13 by two; the
# rest, of d13 too, says something else.
query "WITH said AS (INSERT INTO opinion (answer_id, round_id, seq, text, kind, state, explained, lexicon, created_at)
		SELECT answer_id, round_id, 100 + n, '井盖' || chr(20000 + n), 'opinion', 'sorted', '{}', 't-3', created_at
		FROM (SELECT * FROM opinion ORDER BY id LIMIT 1) o, generate_series(1, 30) n RETURNING id, text, created_at)
	INSERT INTO correction (opinion_id, text_hash, lexicon, asked, from_kind, to_kind, from_departments,
		to_departments, at)
	SELECT id, sha256(convert_to(text, 'UTF8')), 't-3', false, 'opinion', 'opinion', '{12}', '{13}', created_at FROM said"
n=1
for said in "小区充电桩没有验收。" "园区充电桩太少。" "门口充电桩不批。" "海纳厂充电桩坏了，海纳厂不管。" "问海纳厂怎么办。" "海纳厂对面。"; do
	says "$(printf '东澄试验企业%05d号' $n)" "$said"
	pingyi classify 2>>says.err
	query "SELECT id FROM opinion WHERE state IN ('review', 'sorted') AND created_at = (SELECT max(created_at)
		FROM opinion) AND position(text in '$said') > 0" >ids
	while read -r id; do
		pingyi follow assign "$id" d12
	done <ids
	n=$((n + 1))
done
pingyi classify --suggest-words >out 2>err
check "a word that speaks for one department is proposed" same "$(cut -f1-4 out | head -n 1)" "d12	充电桩	4	0"
check "… with where it stands" [ "$(cut -f6 out | head -n 1 | wc -w)" = 3 ]
check "words of too few are not" same "$(cut -f2 out | grep -cE "路灯|井盖")" 0
check "a word that three said is" same "$(cut -f2 out | grep -c 海纳)" 1
query "INSERT INTO enterprise (name, stratum, changed_at) VALUES ('海纳厂有限公司', 'trade', now())"
pingyi classify --suggest-words >out2 2>err
check "… but not when it names an enterprise" same "$(cut -f2 out2 | grep -c 海纳)" 0
pingyi classify --suggest-words >out3 2>err
cmp -s out2 out3
check "the same corrections give the same words" [ $? -eq 0 ]
pingyi classify --suggest-words --json >out 2>err
check "… also as JSON" python3 -c '
import json
w = json.load(open("out"))[0]
assert w["word"] == "充电桩" and w["for"] == 4 and w["log_odds"] > 1, w'
# What people decide teaches the second layer: matters that no word of the lexicon knows.
check "two layers: nothing was learnt yet" same "$(query "SELECT count(*) FROM learnt")" 0
query "WITH said AS (INSERT INTO opinion (answer_id, round_id, seq, text, kind, state, explained, lexicon, created_at)
		SELECT answer_id, round_id, 200 + n, CASE WHEN n % 2 = 0 THEN '我们门口的竹篾灯笼' ELSE '仓里的搪瓷痰盂' END
			|| chr(20000 + n) || chr(30000 - n), 'opinion', 'sorted', '{}', 't-3', created_at
		FROM (SELECT * FROM opinion ORDER BY id LIMIT 1) o, generate_series(1, 200) n RETURNING id, text, seq,
			created_at)
	INSERT INTO correction (opinion_id, text_hash, lexicon, asked, from_kind, to_kind, from_departments,
		to_departments, at)
	SELECT id, sha256(convert_to(text, 'UTF8')), 't-3', true, 'opinion', 'opinion', '{}',
		ARRAY[CASE WHEN seq % 2 = 0 THEN 12 ELSE 28 END], created_at FROM said"
check "learnt, and better than the lexicon alone" told 0 "From now on both decide." pingyi classify --learn
check "… with figures" grep -q "corrections; right by the lexicon alone" out
says "$(printf '东澄试验企业%05d号' 1)" "竹篾灯笼没人管。"
pingyi classify 2>>says.err
check "the next answer is sorted by both, and says so" same "$(of_text "竹篾灯笼没人管。" "o.lexicon, (SELECT
	string_agg(department_no::text, ' ') FROM opinion_department d WHERE d.opinion_id = o.id AND d.lead)")" \
	"$(query "SELECT version FROM lexicon WHERE in_use")/1	12"
check "… with the words that were learnt" same "$(of_text "竹篾灯笼没人管。" "EXISTS (SELECT FROM
	jsonb_path_query(o.explained, '\$.**.what') w WHERE w #>> '{}' = 'learnt')")" t
check "… and its lexicon can be exported by that name" same "$(pingyi lexicon export "$(of_text "竹篾灯笼没人管。" \
	o.lexicon)")" "$(pingyi lexicon export)"
check "the list has both versions' opinions" same "$(pingyi lexicon list --json | python3 -c 'import json, sys
print(sum(int(v["opinions"]) for v in json.load(sys.stdin)))')" "$(query "SELECT count(*) FROM opinion")"
pingyi run >run.out 2>run.err
check "a stage learns by itself" same "$(query "SELECT count(*) FROM job WHERE name = 'learn' AND problem IS NULL
	AND ended_at IS NOT NULL")" 1
check "… only when there is something new" same "$(query "SELECT count(*) FROM learnt")" 1
query "INSERT INTO correction (opinion_id, text_hash, lexicon, asked, from_kind, to_kind, from_departments,
		to_departments, at)
	SELECT id, sha256(convert_to(text, 'UTF8')), 't-3', false, 'opinion', NULL, '{12}', '{}', '2026-12-01'
	FROM opinion WHERE seq > 200"
pingyi run >run.out 2>run.err
check "… that can teach it" same "$(query "SELECT count(*) FROM learnt")" 1
pingyi lexicon learnt >out
check "what was learnt is listed" same "$(cut -f 1,4,5 out)" "$(query "SELECT id, (SELECT name FROM account WHERE id =
	account_id), figures->>'corrections' FROM learnt")"
check "… and can be left" told 0 "goes on deciding" pingyi lexicon learnt none
check "… by number used again" told 0 "both decide" pingyi lexicon learnt 1
check "one that is not there is refused" told 65 "no learnt layer of this version" pingyi lexicon learnt 9
# An answer that the database refuses (its review would be due behind the calendar) holds up no other.
query "UPDATE round SET review_days = 30000"
says "$(printf '东澄试验企业%05d号' 2)" "充电桩不通电。"
says "$(printf '东澄试验企业%05d号' 3)" "无"
check "one that is refused is told by its number" told 0 "the database refuses its opinions" pingyi classify
check "… the other is sorted" same "$(query "SELECT count(*) FILTER (WHERE sorted_at IS NULL), count(*) FROM
	(SELECT sorted_at FROM answer ORDER BY id DESC LIMIT 2) a")" "1	2"
query "UPDATE round SET review_days = 3; UPDATE answer SET lease_until = NULL WHERE sorted_at IS NULL"
check "… and it when it can be" pingyi classify
check "… so" same "$(query "SELECT count(*) FROM answer WHERE sorted_at IS NULL")" 0
for language in zh en; do
	PINGYI_LANG=$language "$build/pingyi" lexicon --help >out
	check "its help in $language fits into 80 columns" python3 -c '
import sys, unicodedata
for line in open("out", encoding="utf-8"):
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    if width > 80: sys.exit(f"{width}: {line}")'
done
