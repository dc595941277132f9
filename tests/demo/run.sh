#!/bin/sh
# A whole round in demo/: 120 invented enterprises, their letters, 89 invented answers, what the
# departments made of them, and the replies; with a fixed seed and clock. $1: the program.
set -eu
pingyi=$(realpath "$1")
cd "$(dirname "$0")/../.."
here=tests/demo
office=${DEMO_OFFICE:-demo}

# --- from scratch ---
if [ -e "$office" ]; then
	if [ ! -f "$office/pingyi.conf" ]; then
		echo "demo: $office/ is there and is no office; move it away" >&2
		exit 1
	fi
	# a database that did not fit below a closed home lies in a state folder
	data=$(sed -n 's/^data=//p' "$office/cluster" 2>/dev/null || true)
	if [ -n "$data" ] && [ -f "$data/postmaster.pid" ] &&
		kill -0 "$(head -n 1 "$data/postmaster.pid")" 2>/dev/null; then
		echo "demo: the last demo is still running; end it first (Ctrl-C where it serves)" >&2
		exit 1
	fi
	case $data in */pingyi/*) rm -rf "$data" ;; esac
	rm -rf "$office"
fi

at() {
	now=$1
	say "$now  $2"
}
say() {
	printf '\n== %s\n' "$1"
}
p() {
	"$pingyi" --office "$office" --as staff --now "$now" "$@"
}
department() {
	login=$1
	shift
	"$pingyi" --office "$office" --as "$login" --now "$now" "$@"
}
# The numbers of the items that a department has in a state.
items() {
	p follow list --state "$2" | awk -F '\t' -v code="$1" '$2 == code { print $1 }'
}
# The numbers of the opinions of a kind that wait for a person.
review() {
	p follow opinions --state review | awk -F '\t' -v kind="$1" '$3 == kind { print $1 }'
}
figure() {
	p round show 2026-1 --json | tr ',{}' '\n' | sed -n "s/^ *\"$1\": //p"
}

at 2026-03-02T09:00 "an office with its own database and accounts"
accounts=$("$pingyi" --now "$now" init "$office" --seed pingyi-demo \
	--name 东澄市澄湾区软环境建设办公室)
echo "$accounts"
sed -i -e 's/^from = .*/from = yingshang@chengwan.example/' \
	-e 's/^phone =.*/phone = 0546-0000123/' \
	-e 's/^address =.*/address = 东澄市澄湾区政通路1号/' "$office/pingyi.conf"

# the database stays up between the commands below
"$pingyi" --office "$office" db hold &
holder=$!
trap 'kill "$holder" 2>/dev/null; wait "$holder" 2>/dev/null || true' EXIT

say "120 enterprises, from Excel's CSV, from UTF-8, from XLSX: the same"
for file in enterprises.csv enterprises-utf8.csv enterprises.xlsx; do
	p enterprise import "$here/$file"
done

say "a round: made, released by a named person, sent"
p round new 2026-1 --title 2026年第一轮营商环境征求意见 --closes 2026-03-31
p round release 2026-1 --yes
p send --yes

at 2026-03-12T09:00 "answers have come in: collected, classified"
mkdir -p "$office/inbox/new" "$office/inbox/cur" "$office/inbox/tmp"
cp "$here"/replies/*.eml "$office/inbox/new/"
p collect
p classify

at 2026-03-13T09:00 "staff decide what the classifier left to them, and hand over"
for opinion in $(review dispute); do
	p follow decline "$opinion" \
		--why "企业之间的合同纠纷不属于本办受理范围，建议通过人民调解、仲裁或诉讼解决。"
done
for opinion in $(review court); do
	p follow decline "$opinion" --why "诉讼和执行事项由人民法院依法办理，本办不能受理。"
done
for opinion in $(review discipline); do
	p follow assign "$opinion" d46
done
p follow hand --all --yes

at 2026-03-16T10:00 "departments sign, answer; one answer is sent back; closed and replied to"
say_nothing=" d31 d33 d43 " # three departments let their clocks run out
for code in $(p follow list --state handed | cut -f 2 | sort -u); do
	case $say_nothing in *" $code "*) continue ;; esac
	number=${code#d}
	case $code in
	d23 | d28) ;;
	*) p account add "$code" --kind department --department "${number#0}" --name "$code" \
		>>"$office/accounts.txt" ;;
	esac
	text=$(awk -F '\t' -v code="$code" '$1 == code { print $2 }' "$here/answers.tsv")
	[ -n "$text" ] || text="已核实并落实专人负责，月底前整改到位，结果另行书面告知。"
	list=$(items "$code" handed)
	now=2026-03-17T09:30
	# shellcheck disable=SC2086
	department "$code" follow sign $list
	now=2026-03-24T15:00
	# shellcheck disable=SC2086
	department "$code" follow answer $list --text "$text"
done
now=2026-03-25T09:00
first=$(items d28 answered | head -n 1)
p follow return "$first" --why "请写明办结的日期和联系人。"
now=2026-03-26T09:00
department d28 follow answer "$first" --text \
	"已于3月25日办结退税，款项已到账。今后由企业服务专班专人对接，电话 0546-0000128。"
now=2026-03-27T09:00
list=$(p follow list --state answered | cut -f 1)
# shellcheck disable=SC2086
p follow approve $list
# shellcheck disable=SC2086
p follow close $list
p send --yes

at 2026-03-31T18:00 "the round is closed; one answer comes too late"
p round close 2026-1 --yes
now=2026-04-07T09:00
cp "$here"/replies-late/*.eml "$office/inbox/new/"
p run

at 2026-04-08T09:00 "how it stands"
p round show 2026-1
orphans=$(p follow orphans 2>/dev/null | wc -l)

echo
echo "the pages: $pingyi --office $office --now $now serve, then http://127.0.0.1:8080/ (accounts above)"
echo "demo: $(figure letters) letters, $(figure messages) messages, $(figure responses) responses," \
	"$(figure opinions) opinions, $(figure handed) handed over, $(figure closed) closed, $orphans orphans"

if [ -t 0 ] && [ -t 1 ]; then
	say "serving them; Ctrl-C ends"
	kill "$holder" 2>/dev/null
	wait "$holder" 2>/dev/null || true
	trap - EXIT
	exec "$pingyi" --office "$office" --now "$now" serve
fi
