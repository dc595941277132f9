#!/bin/sh
# `pingyi classify --evaluate` and `--explain` with files: no office, no database. $1: the build folder.
set -u
build=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8 PINGYI_LANG=en
pingyi="$build/pingyi"

check() {
	name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}

cat >lexicon.xml <<'END'
<lexicon xmlns="urn:pingyi:lexicon" version="t-1">
  <target no="1" code="s"><name>社会保障</name><word>社保</word><word>工伤</word></target>
  <target no="2" code="e"><name>环境保护</name><word>噪音</word><word>污水</word></target>
</lexicon>
END
# The lexicon knows half of what is said; the rest stands in other words.
for i in $(seq 30); do
	printf 's\t第%s件：社保卡办不下来，窗口排队。\ns\t第%s件：窗口排队两个小时。\n' "$i" "$i"
	printf '环境保护\t第%s件：污水流到河里，鱼都死了。\ne\t第%s件：鱼都死了，没有人管。\n' "$i" "$i"
done >train.tsv
cat >texts.tsv <<'END'
社会保障	社保窗口天天排队。
社会保障	在窗口排队半天。
环境保护	噪音太大，睡不着。
环境保护	河里的鱼都死了。
END

# value FILE NAME
value() { awk -F '\t' -v name="$2" '$1 == name { print $2 }' "$1"; }

"$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml --predictions alone.tsv >alone
check "the lexicon alone" [ "$?" -eq 0 ]
check "half is right" [ "$(value alone accuracy)" = 0.5000 ]
check "nothing said is shown" [ "$(value alone 'confusion[环境保护][-]')" = 1 ]
check "no second layer" [ -z "$(value alone train_seconds)" ]
check "a prediction a text, in order" [ "$(cut -f 1,2 alone.tsv | tr '\t\n' '> ')" = \
	"社会保障>社会保障 社会保障>- 环境保护>环境保护 环境保护>- " ]

"$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml --train train.tsv >both
check "taught" [ "$?" -eq 0 ]
check "all is right" [ "$(value both accuracy)" = 1.0000 ]
check "the time is told" [ -n "$(value both train_seconds)" ]
check "how many texts taught" [ "$(value both train_texts)" = 120 ]
"$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml --train train.tsv --predictions one.tsv \
	>/dev/null
"$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml --train train.tsv --predictions two.tsv \
	>/dev/null
check "taught twice, it says the same" cmp -s one.tsv two.tsv
"$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml --train train.tsv --json >both.json
check "the same as JSON" python3 -c '
import json
e = json.load(open("both.json", encoding="utf-8"))
assert e["accuracy"] == 1 and e["accuracy_at"]["80"] == 1 and e["train_texts"] == 120
assert e["confusion"] == {"社会保障": {"社会保障": 2}, "环境保护": {"环境保护": 2}}
assert e["targets"]["环境保护"]["f1"] == 1'

"$pingyi" classify --explain --lexicon lexicon.xml --train train.tsv "鱼都死了。" >explained
check "what was learnt is a reason" grep -q '"what":"learnt"' explained

if command -v script >/dev/null; then
	# terminal LANGUAGE COMMAND: what it prints on a terminal of 80 columns
	terminal() {
		PINGYI_LANG=$1 script -qec "stty cols 80; $2" /dev/null </dev/null | tr -d '\r' >shown
	}
	said="污水流到河里，鱼都死了，找了许多次都没有人管，请你们派人来看一看。另外社保窗口天天排队，请改一改。"
	for language in zh en; do
		terminal "$language" "$pingyi classify --explain --lexicon lexicon.xml '$said'"
		check "on a terminal it speaks $language" grep -q "$([ "$language" = zh ] &&
			echo '部门 .*e 环境保护 · 主办 · 把握 .*：污水（业务用语 3）' ||
			echo 'Department  e 环境保护 · leads · .* sure: 污水 (word of its business 3)')" shown
		check "… within 80 columns" python3 -c '
import unicodedata
lines = open("shown", encoding="utf-8").read().splitlines()
width = max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines)
assert 70 < width <= 80 and len(lines) >= 6, (width, lines)'
	done
	terminal zh "$pingyi classify --explain --json 鱼都死了。"
	check "… with --json it does not" python3 -c '
import json
assert json.load(open("shown", encoding="utf-8"))["opinions"]'
	check "… nor where it is piped" grep -q '^{"opinions":' explained
else
	echo "SKIP evaluate: no script"
fi

# refused NAME WHAT COMMAND…: exit 65 (the input is wrong), and WHAT is said.
refused() {
	name=$1 what=$2
	shift 2
	"$@" >out 2>err
	code=$?
	check "$name" [ "$code" -eq 65 ]
	check "$name: says where" grep -q "$what" err
}
printf 's\t社保\n卫生\t医院\n' >unknown.tsv
refused "an unknown target" "unknown.tsv, line 2" "$pingyi" classify --evaluate unknown.tsv \
	--lexicon lexicon.xml
printf 's 社保\n' >notab.tsv
refused "no tab" "notab.tsv, line 1" "$pingyi" classify --evaluate texts.tsv --lexicon lexicon.xml \
	--train notab.tsv
refused "a file that is not there" "none.tsv" "$pingyi" classify --evaluate none.tsv \
	--lexicon lexicon.xml
refused "no lexicon" "texts.tsv" "$pingyi" classify --evaluate texts.tsv --lexicon texts.tsv
for options in "--train train.tsv" "--predictions out.tsv" "--lexicon lexicon.xml"; do
	# shellcheck disable=SC2086
	refused "$options without --evaluate" usage "$pingyi" classify $options
done
