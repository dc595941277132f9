#!/bin/sh
# Letters on paper: 120 of the demo's enterprises, every page's QR code read back, fonts embedded, a
# file a letter, labels, and what is refused.
set -u
here=$(dirname "$(realpath "$0")")
export PINGYI_LANG=en
for program in pdftoppm pdffonts zbarimg; do
	command -v $program >/dev/null || {
		echo "SKIP print: no $program"
		exit 0
	}
done
# shellcheck source=tests/flow/office.sh
. "$here/office.sh"

list=$here/../demo/enterprises-utf8.csv
print() {
	p print "$@" >"$work/out" 2>"$work/err"
}
refused() { # WORDS COMMAND…
	words=$1
	shift
	! "$@" && grep -q -- "$words" "$work/err"
}
pages() {
	pdfinfo "$1" | sed -n 's/^Pages: *//p'
}
quiet() { # what poppler complains of
	[ -z "$(pdftotext "$1" "$work/text" 2>&1)" ]
}
same() {
	[ "$1" = "$2" ] || {
		printf 'expected: %s\ngot: %s\n' "$2" "$1" >&2
		return 1
	}
}

"$build/pingyi" init "$office" --seed print --name 某某区软环境建设办公室 >/dev/null 2>&1 || exit 1
sed -i 's/^phone =.*/phone = 0546-0000000/; s#^public_url =.*#public_url = https://pingyi.example#' \
	"$office/pingyi.conf"
{
	p enterprise import "$list" &&
		p round new 2026-1 --title 2026年第一轮征求意见 --closes 2026-03-31
} >"$work/out" 2>&1 || {
	cat "$work/out"
	exit 1
}
check "a draft is refused" refused "is a draft" print 2026-1
p round release 2026-1 --yes 2>/dev/null || exit 1

# --- one PDF ---

check "only those without a mail address" print 2026-1 -o "$work/paper.pdf"
without=$(sql "SELECT count(*) FROM letter l LEFT JOIN contact c ON c.enterprise_id = l.enterprise_id
	AND c.is_letter WHERE c.email IS NULL")
check "as many as have none" grep -q "^$without letters, $((without * 4)) pages" "$work/err"
check "all of them" print 2026-1 --all -o "$work/all.pdf"
check "the last line says what, how many and in which fonts" \
	grep -q '^120 letters, 480 pages, set in Noto Serif CJK SC, Noto Sans CJK SC: ' "$work/err"
check "as many pages" same "$(pages "$work/all.pdf")" 480
check "a sound PDF" quiet "$work/all.pdf"
check "its words can be copied" grep -q 某某区软环境建设办公室 "$work/text"
check "fonts are embedded" sh -c 'pdffonts "$1" | awk "NR > 2 { n++; bad += \$(NF - 4) != \"yes\" }
	END { exit !(n > 0 && n <= 4 && bad == 0) }"' - "$work/all.pdf"
check "nobody else may read it" same "$(stat -c %a "$work/all.pdf")" 600
check "no half file is left" same "$(find "$work" -name '*.part')" ""
check "an event says who and how many" same "$(sql "SELECT to_state FROM event WHERE verb = 'print'
	AND noun = 'round' AND account_id IS NOT NULL ORDER BY id DESC LIMIT 1")" 120

# --- every page's code ---

mkdir "$work/png"
pdftoppm -r 130 -gray -x 780 -y 20 -W 220 -H 200 "$work/all.pdf" "$work/png/p"
zbarimg -q --raw -S disable -S qrcode.enable "$work"/png/p-*.pgm >"$work/codes" 2>/dev/null
check "every page has a code" same "$(wc -l <"$work/codes")" 480
sql "SELECT number FROM letter ORDER BY id" >"$work/numbers"
p db shell -c "COPY (SELECT number, secret_turn FROM letter) TO STDOUT" >/dev/null
awk '{ for (i = 0; i < 2; i++) print $1; print $1 ".1"; print $1 ".2" }' "$work/numbers" >"$work/expected"
sed 's/^[^#]*#//' "$work/codes" >"$work/got"
check "with the letter's number and page" cmp -s "$work/expected" "$work/got"
grep -o 'https://pingyi.example/l/[a-z0-9]*' "$work/text" >"$work/links"
sed 's/#.*//' "$work/codes" | uniq >"$work/coded"
check "and its private link, the printed one" cmp -s "$work/links" "$work/coded"
check "120 different links" same "$(sort -u "$work/links" | wc -l)" 120

# --- a file a letter ---

check "a file a letter" print 2026-1 --all --each "$work/each" --no-sheet
check "120 files" same "$(find "$work/each" -name 'PY-*.pdf' | wc -l)" 120
first=$(head -n 1 "$work/numbers")
file=$(find "$work/each" -name "$first 星野精机.pdf")
check "named by number and short name" test -n "$file"
check "two pages" same "$(pages "$file")" 2
check "a sound file" quiet "$file"
check "fonts that it shares and its own are embedded" sh -c 'pdffonts "$1" | awk "NR > 2 { n++
	bad += \$(NF - 4) != \"yes\" } END { exit !(n >= 2 && bad == 0) }"' - "$file"
check "at most 45 KB" test "$(find "$work/each" -size +45k | wc -l)" -eq 0
check "again, over the old ones" print 2026-1 --all --each "$work/each" --no-sheet --no-window
check "still sound" quiet "$file"
pdftoppm -r 130 -gray "$file" "$work/png/one"
check "its codes are read back" same "$(zbarimg -q --raw "$work"/png/one-*.pgm 2>/dev/null |
	sed 's/.*#//' | sort -u)" "$first"

# --- one letter, labels, fonts ---

check "one letter by its number" print 2026-1 --letter "$(echo "$first" | tr '[:upper:]' '[:lower:]')" -o "$work/1.pdf"
check "it alone" grep -q '^1 letters, 4 pages' "$work/err"
check "one that is named twice is printed once" print 2026-1 --letter "$first" --letter "$first" -o "$work/1.pdf"
check "it alone" grep -q '^1 letters, 4 pages' "$work/err"
check "all of these have an address" sh -c '! grep -q "postal address" "$1"' _ "$work/err"
"$build/pingyi" --office "$office" --as staff --now "$now" db hold >/dev/null 2>&1 & # not by p: its pid
pids="$pids $!"
homeless() { # the database is up a moment later
	psql -X -q -h "$(sed -n 's/^socket=//p' "$office/cluster")" -U pingyi_admin -d pingyi -c "UPDATE
		pingyi.enterprise SET address = NULL WHERE id IN (SELECT enterprise_id FROM pingyi.letter
		ORDER BY id LIMIT 7)" 2>/dev/null
}
for _ in $(seq 100); do
	! homeless || break
	sleep 0.1
done
check "letters without an address are printed" print 2026-1 --all --no-sheet -o "$work/1.pdf"
check "and told, the first five by number" same "$(grep 'no postal address' "$work/err" | tr ',' '\n' | grep -c PY-)" 5
check "how many there are" grep -q '^7 of them have no postal address: .*…$' "$work/err"
check "a wrong number is refused" refused "is not a letter number" print --letter PY-22222223
check "labels" print labels 2026-1 --all -o "$work/labels.pdf"
check "24 a page" same "$(pages "$work/labels.pdf")" 5
check "with names, addresses, numbers" sh -c 'pdftotext "$1" - | grep -q 星野（东澄）精密机械有限公司 &&
	pdftotext "$1" - | grep -q 257091 && pdftotext "$1" - | grep -q "$2"' - "$work/labels.pdf" "$first"
check "other grids" print labels 2026-1 --all --labels 2x5 -o "$work/labels.pdf"
check "10 a page" same "$(pages "$work/labels.pdf")" 12
check "no such grid" refused "columns and rows" print labels --labels 0x8
check "the fonts are shown" sh -c 'grep -q "^fangsong_font.Noto Serif CJK SC./" "$1"' - "$(
	print --fonts
	echo "$work/out"
)"
sed -i 's/^kaiti_font =.*/kaiti_font = 楷体_没有/' "$office/pingyi.conf"
check "a font that is not installed is named" refused "kaiti_font: the font .*楷体_没有" print 2026-1
sed -i 's/^kaiti_font =.*/kaiti_font =/' "$office/pingyi.conf"
check "a folder is no file" refused "cannot be written" print 2026-1 -o "$work"
check "no such round" refused "no round 2027" print 2027
exit $failed
