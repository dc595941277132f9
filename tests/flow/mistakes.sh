#!/bin/sh
# What people get wrong: settings, options, states, names. Each is told with its place and the way out.
# $1: the build folder.
# shellcheck disable=SC1111
set -u
. "$(dirname "$0")/office.sh"
export PINGYI_LANG=en
"$build/pingyi" --now "$now" init "$office" --seed mistakes >/dev/null 2>&1
conf=$office/pingyi.conf
cp "$conf" "$work/right.conf"

# refuses NAME CODE WORDS COMMAND…: it ends with the code and says the words
refuses() {
	name=$1
	code=$2
	words=$3
	shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	good=0
	if [ "$got" != "$code" ] || ! grep -q -F -e "$words" "$work/out"; then
		echo "  $got: $(cat "$work/out")"
		good=1
	fi
	check "$name" test "$good" = 0
}
with() { # SECTION LINE: pingyi.conf with one line more
	sed "s/^\\[$1\\]\$/&\n$2/" "$work/right.conf" >"$conf"
}
right() {
	cp "$work/right.conf" "$conf"
}

# --- settings ---
check "the shipped settings are all known" test -z "$(p account list 2>&1 >/dev/null)"
with mail 'conections = 4'
refuses "a misspelt setting is told" 0 'pingyi.conf: [mail] has no setting “conections” (connections?)' p account list
check "and once" test "$(grep -c conections "$work/out")" = 1
{
	cat "$work/right.conf"
	printf '[mial second]\nuser = a\n[notice]\nat = 9\n[domain qq.com]\nat_onec = 1\nper_hour = 3\n'
	printf '[domian 163.com]\nat_once = 1\n[source 2]\nurl = maildir:x\n[anything]\na = 1\n'
} >"$conf"
p account list >/dev/null 2>"$work/out"
check "sections and settings of sections" test "$(cat "$work/out")" = "\
pingyi.conf: there is no section [mial second] (mail second?); it is not used
pingyi.conf: there is no section [notice] (notices?); it is not used
pingyi.conf: [domain qq.com] has no setting “at_onec” (at_once?); it is not used
pingyi.conf: there is no section [domian 163.com] (domain 163.com?); it is not used
pingyi.conf: there is no section [anything]; it is not used"
right
p enterprise import "$root/tests/demo/enterprises-utf8.csv" 2>/dev/null
p round new 2026-1 --title 一 --closes 2026-03-31 2>/dev/null
refuses "nothing is due: a draft is named" 0 'Round 2026-1 is a draft still: pingyi round release 2026-1' p send
refuses "status: a draft is said to be one" 0 'Round 2026-1 is a draft still' p send --status
check "and no table without rows" test "$(wc -l <"$work/out")" -le 6
refuses "release: how many go on paper" 0 \
	'Round 2026-1 is released: 120 letters, 4 of them on paper. Next: pingyi send; on paper: pingyi print 2026-1' \
	p round release 2026-1 --yes
p round new later --title 二 --closes 2026-03-31 2>/dev/null
check "status: the newest that is no draft" sh -c "'$build/pingyi' --office '$office' send --status | grep -q '^2026-1 '"
check "list: a state in Chinese" test "$(p send --status --list 待发送 | wc -l)" = 116
check "list: a state in English" test "$(p send --status --list 'on paper' | wc -l)" = 4
refuses "list: the states are named" 65 'in_flight (in flight)' p send --list gone
for setting in 'verp = on|[mail] verp is “on”' 'from = office|[mail] from is “office”' \
	'stop_at_percent = few|[mail] stop_at_percent is “few”'; do
	sed "s#^${setting%% *} = .*#${setting%%|*}#" "$work/right.conf" >"$conf"
	refuses "${setting%%|*}: is told before anything is asked" 65 "${setting#*|}" p send --dry-run
done
sed 's#^destination = maildir.*#destination = smtp://relay.example#; s#^window = 1#window = 0#' "$work/right.conf" >"$conf"
refuses "window = 0: likewise" 65 '[mail] window is “0”; it can be 1 to 100' p send --dry-run
for setting in 'keep_years = three' 'answer_days = 0' 'reminders = 4' 'review_days = 1.5'; do
	sed "s#^${setting%% *} = .*#$setting#" "$work/right.conf" >"$conf"
	refuses "$setting: is told" 65 "pingyi.conf: [terms] ${setting%% *} is" \
		p round new 2026-2 --title 二 --closes 2026-03-31
done
right

# --- options ---
new() { # OPTION…: a round with a mistake
	p round new 2026-2 --title 二 "$@"
}
refuses "--closes before --opens" 65 '--closes: 2026-02-01 is before 2026-03-02 (--opens)' new --closes 2026-02-01
refuses "--keep-until before --closes" 65 '--keep-until: 2026-03-20 is before 2026-03-31 (--closes)' \
	new --closes 2026-03-31 --keep-until 2026-03-20
refuses "--reminders" 65 '--reminders: it can be 0 to 3, not 4' new --closes 2026-03-31 --reminders 4
refuses "--answer-days" 65 '--answer-days: it can be 1 to' new --closes 2026-03-31 --answer-days 0
for code in '../x' 'a b' '' '一/二' '.x'; do
	refuses "code “$code”" 65 "“$code” is no code for a round" p round new "$code" --title 二 --closes 2026-03-31
done
refuses "a code that is taken" 65 'there is a round with this code already' \
	p round new 2026-1 --title 二 --closes 2026-03-31
check "a code in Chinese" p round new 2026年第二轮 --title 二 --closes 2026-03-31 2>/dev/null
refuses "close a draft" 69 'Round 2026年第二轮 is a draft still: pingyi round release' p round close
refuses "release again" 69 'Round 2026-1 is released already. Next: pingyi send' p round release 2026-1
refuses "a login that is taken" 65 'this login is taken' p account add staff --kind staff --name 甲
refuses "a kind of account" 65 '--kind can be' p account add jia --kind boss --name 甲
refuses "a department's account without one" 65 'needs --department NUMBER' \
	p account add jia --kind department --name 甲
refuses "a department that is none" 65 'no department has this number' \
	p account add jia --kind department --name 甲 --department 999
refuses "a login that is nobody's" 65 'no account of this name' p account password nobody
p account add du --kind supervisor --name 丙 >/dev/null
refuses "an account's address: it says what it did" 0 'Notices for du go to du@office.example.' \
	p account email du du@office.example
refuses "and when it is taken away" 0 'du gets no notices any more.' p account email du -
department=$(p department list | head -n 1 | cut -f1)
refuses "a department's address" 0 "Digests of the department $department go to" p department email "$department" a@gov.example
refuses "and when it is taken away" 0 "$department gets no digests" p department email "$department" -
export PINGYI_LANG=zh
refuses "in Chinese as well" 65 '没有这个登录名的账号' p account password nobody

# --- help and usage: nothing that is to be filled in is English ---
for command in $("$build/pingyi" --help | awk '/^  [a-z]/ { print $1 }'); do
	"$build/pingyi" "$command" --help >"$work/help"
	check "help of $command: places in Chinese" sh -c \
		"test -s '$work/help' && ! sed '/^\$/,\$d' '$work/help' | grep '[A-Z][A-Z]' &&
		! sed -n 's/^  *\(-., \)*--[a-z-]*=\([^ ]*\).*/\2/p' '$work/help' | grep -v '^SQL$' | grep '[A-Z][A-Z]'"
done
refuses "a usage" 65 '用法：pingyi follow assign 意见号 部门…' p follow assign 3
refuses "a usage of one word" 65 '用法：pingyi read [--text] 文件…' p read
check "a choice in brackets is one way" sh -c "'$build/pingyi' lexicon --help | grep -q 'learnt \[版本 | none\]'"

# --- files of XML: with the line, in words of the reader's language ---
sed 's#</h1>#</h2>#' "$root/templates/zh/letter.xhtml" >"$work/tag.xhtml"
sed 's#<ol>#<ol class="a">#' "$root/templates/zh/letter.xhtml" >"$work/attribute.xhtml"
sed 's#<number>.*##' "$root/templates/zh/questionnaire.xml" >"$work/element.xml"
sed 's#<a href="[^"]*"#<a#' "$root/templates/zh/letter.xhtml" >"$work/missing.xhtml"
refuses "a tag that another one ends" 65 'tag.xhtml:4: 第 4 行的 <h1> 用 </h2> 结束，首尾不一致' \
	new --closes 2026-03-31 --letter "$work/tag.xhtml"
refuses "an attribute that is none" 65 'attribute.xhtml:11: <ol> 不能有属性 class' \
	new --closes 2026-03-31 --letter "$work/attribute.xhtml"
refuses "an element that is missing" 65 'element.xml:5: 这里不能用 <guidance>' \
	new --closes 2026-03-31 --questionnaire "$work/element.xml"
refuses "a place that nobody knows is no line 0" 65 'missing.xhtml: <a> 缺少属性' \
	new --closes 2026-03-31 --letter "$work/missing.xhtml"
export PINGYI_LANG=en

# --- lists: what people wrote is no message of ours ---
if command -v script >/dev/null; then
	PINGYI_LANG=zh script -qec "$build/pingyi --office $office account list" /dev/null >"$work/out" </dev/null
	check "a list on a terminal: names as they are, words translated" \
		test "$(grep -c '^staff .*工作人员 .*是' "$work/out")" = 1
else
	echo "SKIP mistakes: no script"
fi
exit "$failed"
