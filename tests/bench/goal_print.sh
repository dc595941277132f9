#!/bin/sh
# goals: P1 P2
# Printed letters beside a straightforward Cairo program: a PDF a letter (P1), one for all (P2). Ours
# is `pingyi print` whole, with its database; both set the same words of the shipped Chinese letter
# on the same number of pages, each with its QR code, without return sheets. Taken in turn, medians.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
rounds=${BENCH_ROUNDS:-5}
letters=${BENCH_PRINTED:-480}
work=$(mktemp -d)
holder="" socket=""
finish() {
	if [ -n "$holder" ]; then
		kill "$holder"
		wait "$holder" 2>/dev/null
		pingyi account list >/dev/null 2>&1 # stops the database
	fi
	rm -rf "$work"
}
trap finish EXIT
wanted() { # ID
	[ -z "${ONLY:-}" ] || case ",$ONLY," in *",$1,"*) ;; *) return 1 ;; esac
}
wanted P1 || wanted P2 || exit 0

pingyi() {
	"$build/pingyi" --office "$work/office" --as staff --now 2026-03-02T09:00 "$@"
}
# The demo's enterprises, as many times as it takes, each time with other names.
enterprises() {
	python3 - "$here/../demo/enterprises-utf8.csv" "$letters" <<'PY'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8-sig")))
out = csv.writer(sys.stdout)
out.writerow(rows[0])
for i in range(int(sys.argv[2])):
    row = list(rows[1 + i % (len(rows) - 1)])
    if i >= len(rows) - 1:
        row[0] += "甲乙丙丁戊己庚辛壬癸"[i // (len(rows) - 1) % 10] + str(i) + "号厂"
        row[1] = row[6] = row[9] = ""
    out.writerow(row)
PY
}
# What the peer sets: the template's words for paper, filled for each letter that was printed.
words() {
	python3 - "$here/../../templates/zh/letter.xhtml" "$work/letters.tsv" <<'PY'
import re, sys
from xml.etree import ElementTree
P, H = "{urn:pingyi:view}", "{http://www.w3.org/1999/xhtml}"
kinds = {"opening": "o", "small": "m", "sign": "s"}
def day(text):
    year, month, date = text.split("-")
    return f"{year}年{int(month)}月{int(date)}日"
def value(expression, row):
    def one(match):
        name, _, form = match.group(1).partition("|")
        text = row.get(name.strip(), "")
        return day(text) if form.strip() == "date" and text else text
    if "{" in expression:
        return re.sub(r"\{([^}]*)\}", one, expression)
    return one(re.match("(.*)", expression))
def inside(node, row):
    if P + "text" in node.attrib:
        return value(node.get(P + "text"), row)
    text = node.text or ""
    for child in node:
        if child.get(P + "face") != "mail":
            text += inside(child, row)
        text += child.tail or ""
    return re.sub(r"\s*\n\s*", "", text)
body = ElementTree.parse(sys.argv[1]).getroot().find(H + "body")
for line in open(sys.argv[2], encoding="utf-8"):
    names = ["number", "link", "enterprise", "contact", "address_to", "postcode", "office", "address",
             "phone", "round", "closes", "keep_until", "date"]
    row = dict(zip(names, line.rstrip("\n").split("\t")))
    print(f"N\t{row['number']}\nL\t{row['link']}")
    for text in (row["postcode"], row["address_to"], row["enterprise"], row["contact"] + "　收"):
        print(f"A\t{text}")
    for node in body:
        if node.get(P + "face") == "mail" or (P + "if" in node.attrib and not row.get(node.get(P + "if"))):
            continue
        name = node.tag.replace(H, "")
        if name == "ol":
            items = [i for i in node if i.get(P + "face") != "mail"]
            for n, item in enumerate(items, 1):
                print(f"p\t{n}. {inside(item, row)}")
        else:
            kind = "1" if name == "h1" else kinds.get(node.get("class"), "p")
            print(f"{kind}\t{inside(node, row)}")
    print("-\t")
PY
}

office=某某区软环境建设办公室
"$build/pingyi" init "$work/office" --name "$office" --seed bench >/dev/null 2>&1 || exit 1
sed -i 's/^phone =.*/phone = 0546-0001001/; s/^address =.*/address = 某某路 1 号行政中心/
	s#^public_url =.*#public_url = https://pingyi.example#' "$work/office/pingyi.conf"
(
	flock -s 9
	exec sleep 3600
) 9<"$work/office/cluster.users" >/dev/null 2>&1 &
holder=$!
sleep 0.2
enterprises >"$work/list.csv"
{
	pingyi enterprise import "$work/list.csv" &&
		pingyi round new b --title 2026年第一轮征求意见 --closes 2026-03-31 &&
		pingyi round release b --yes &&
		pingyi print b --all --no-sheet -o "$work/ours.pdf"
} >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
socket=$(sed -n 's/^socket=//p' "$work/office/cluster")
# Links are not in the database: they are read from our PDF, by page, beside the rows in their order.
psql -X -q -A -t -F "	" -h "$socket" -U pingyi_admin -d pingyi -c "SET search_path = pingyi;
	SELECT l.number, 'LINK', regexp_replace(e.name, '\s+', ' ', 'g'), coalesce(c.name, '负责人'), regexp_replace(coalesce(e.address, ''), '\s+', ' ', 'g'),
	coalesce(e.postcode, ''), '$office', '某某路 1 号行政中心', '0546-0001001', r.title,
	r.closes, r.keep_until, office_day(l.created_at)
	FROM letter l JOIN enterprise e ON e.id = l.enterprise_id JOIN round r ON r.id = l.round_id
	LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter ORDER BY l.id" >"$work/rows.tsv"
pdftotext -layout "$work/ours.pdf" - | grep -o 'https://pingyi.example/l/[a-z0-9]*' >"$work/links"
[ "$(wc -l <"$work/links")" -eq "$letters" ] || {
	echo "goal_print: $(wc -l <"$work/links") links of $letters letters" >&2
	exit 1
}
paste "$work/links" "$work/rows.tsv" | awk -F "	" -v OFS="	" '{ $3 = $1; sub(/^[^\t]*\t/, ""); print }' \
	>"$work/letters.tsv"
words >"$work/words"
now() {
	date +%s%N
}
# seconds COMMAND…
seconds() {
	began=$(now)
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
	awk -v from="$began" -v to="$(now)" 'BEGIN { print (to - from) / 1e9 }'
}
median() {
	sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
ours_each() {
	rm -rf "$work/each"
	seconds pingyi print b --all --no-sheet --each "$work/each"
}
peer_each() {
	rm -rf "$work/peer"
	mkdir "$work/peer"
	OFFICE=$office seconds "$build/bench/plain_cairo" -e "$work/words" "$work/peer"
}
ours_all() {
	seconds pingyi print b --all --no-sheet -o "$work/ours.pdf"
}
peer_all() {
	OFFICE=$office seconds "$build/bench/plain_cairo" "$work/words" "$work/peer.pdf"
}
mean_size() { # FOLDER
	find "$1" -name '*.pdf' -printf '%s\n' | awk '{ s += $1 } END { printf "%.0f", s / NR }'
}
pages() { # FILE
	pdfinfo "$1" 2>/dev/null | sed -n 's/^Pages: *//p'
}
# line ID WHAT OURS PEER RATIO GOAL: ok where ratio reaches goal
line() {
	awk -v OFS="	" -v id="$1" -v what="$2" -v ours="$3" -v peer="$4" -v ratio="$5" -v goal="$6" \
		'BEGIN { print id, what, ours, peer, ratio, goal, ratio + 0 >= goal + 0 ? "ok" : "short" }'
}
# small ID WHAT OURS PEER GOAL: ok where ours is at most goal
small() {
	awk -v OFS="	" -v id="$1" -v what="$2" -v ours="$3" -v peer="$4" -v goal="$5" 'BEGIN {
		printf "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\n", id, what, ours, peer, peer / ours, goal,
			ours + 0 <= goal + 0 ? "ok" : "short" }'
}
# compare NAME: both in turn; medians of seconds in $ours and $peer
compare() {
	: >"$work/o" && : >"$work/p"
	for _ in $(seq "$rounds"); do
		"ours_$1" >>"$work/o"
		"peer_$1" >>"$work/p"
	done
	ours=$(median <"$work/o")
	peer=$(median <"$work/p")
}
rate() {
	awk -v n="$letters" -v s="$1" 'BEGIN { printf "%.0f", n / s }'
}
ratio() {
	awk -v o="$ours" -v p="$peer" 'BEGIN { printf "%.2f", p / o }'
}
same_pages() { # OURS PEER
	[ "$(pages "$1")" = "$(pages "$2")" ] ||
		echo "goal_print: ours has $(pages "$1") pages, the peer $(pages "$2")" >&2
}

if wanted P1; then
	compare each
	one=$(find "$work/peer" -name '*.pdf' | head -n 1)
	same_pages "$(find "$work/each" -name "$(basename "$one" .pdf)*")" "$one"
	line P1 "a PDF a letter, letters/s" "$(rate "$ours")" "$(rate "$peer")" "$(ratio)" 4
	small P1 "bytes of a letter's PDF" "$(mean_size "$work/each")" "$(mean_size "$work/peer")" 40000
fi
if wanted P2; then
	compare all
	same_pages "$work/ours.pdf" "$work/peer.pdf"
	line P2 "one PDF for all, letters/s" "$(rate "$ours")" "$(rate "$peer")" "$(ratio)" 2
	small P2 "bytes a letter in one PDF" "$(($(wc -c <"$work/ours.pdf") / letters))" \
		"$(($(wc -c <"$work/peer.pdf") / letters))" 2000
fi
exit 0
