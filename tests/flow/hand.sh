#!/bin/sh
# What staff bring in by hand: files with --from, and answers typed in. Each is an answer to the
# enterprise's letter, with who brought it; again changes nothing.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs hand psql
start_work

# The words of all answers to an enterprise's letter, oldest first.
words_of() {
	query "SELECT string_agg(replace(a.own, E'\n', '/'), '|' ORDER BY a.id) FROM answer a
		JOIN response r ON r.id = a.response_id JOIN letter l ON l.id = r.letter_id
		JOIN enterprise e ON e.id = l.enterprise_id WHERE e.name = '$1'"
}

make_office hand || exit 1
make_enterprises 5 >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
one=东澄试验企业00001号 two=东澄试验企业00002号 three=东澄试验企业00003号

cat >"$work/given.eml" <<'EML'
From: somebody@elsewhere.example
To: rhj@office.example
Subject: Out of office
Auto-Submitted: auto-replied
Date: Mon, 02 Mar 2026 08:00:00 +0800
Content-Type: text/plain; charset=utf-8

退税太慢。
EML
printf '窗口排队两小时。\n' | iconv -t GB18030 >"$work/given.txt"

check "an .eml of another sender is the answer of who is named" \
	pingyi collect "$work/given.eml" --from "$one"
check "… and is filed" same "$(words_of "$one")" 退税太慢。
check "a text in GB18030 too" pingyi collect "$work/given.txt" --from "$one"
check "… as another answer to the same letter" same "$(words_of "$one")" "退税太慢。|窗口排队两小时。"
check "the clue and who brought it are kept" same "$(query "SELECT count(*) FROM message m
	JOIN reading r ON r.message_id = m.id AND r.clues->0->>'clue' = 'given'
		AND (r.clues->0->>'letter')::bigint = m.letter_id
	JOIN event e ON e.noun = 'message' AND e.noun_id = m.id AND e.verb = 'hand'
		AND e.account_id IS NOT NULL WHERE m.channel = 'file'")" 2
check "the bytes are untouched" same "$(query "SELECT encode(sha256, 'hex') FROM message ORDER BY id LIMIT 1")" \
	"$(sha256sum <"$work/given.eml" | cut -d' ' -f1)"
check "again changes nothing" pingyi collect "$work/given.eml" "$work/given.txt" --from "$one"
check "… nothing" same "$(words_of "$one")" "退税太慢。|窗口排队两小时。"
pingyi collect "$work/given.eml" --from "$two" 2>"$work/err"
check "the same bytes are no other enterprise's answer" [ $? -ne 0 ]
check "… it has none" same "$(words_of "$two")" ""
# A zip of messages is a source like a folder of them.
python3 - "$work" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/many.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for i in range(3):
        out.writestr(f"导出/第{i}封.eml", f"From: a{i}@firm.example\nSubject: {i}\n\nx\n")
    out.writestr("readme.txt", "nothing")
    out.writestr("given.EML", open(sys.argv[1] + "/given.eml", "rb").read())
with zipfile.ZipFile(sys.argv[1] + "/bomb.zip", "w", zipfile.ZIP_DEFLATED) as out:
    out.writestr("a.eml", "From: z@firm.example\n\nx\n")
    for i in range(5):
        out.writestr(f"b{i}.eml", b"0" * 90000000)
PY
before=$(query "SELECT count(*) FROM message")
check "a zip: fetches" pingyi collect "$work/many.zip"
check "a zip: its messages, the known one once" same "$(query "SELECT count(*) FROM message")" $((before + 3))
check "a zip: again changes nothing" pingyi collect "$work/many.zip"
check "… nothing" same "$(query "SELECT count(*) FROM message")" $((before + 3))
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("a.txt", "x")' "$work/none.zip"
printf '%%PDF-1.4 x' >"$work/scan.pdf"
printf '\320\317\021\340\241\261\032\341x' >"$work/old.doc"
printf '\211PNG\r\n\032\nx' >"$work/shot.png"
printf 'PK\003\004x' >"$work/form.docx"
for file in none.zip scan.pdf old.doc shot.png form.docx given.txt; do
	pingyi collect "$work/$file" 2>"$work/err"
	check "no message, and --from is named: $file" sh -c "[ $? -eq 65 ] && grep -q -e '--from' '$work/err'"
done
check "… nothing of them is stored" same "$(query "SELECT count(*) FROM message")" $((before + 3))
# Two of its messages say that they are locked.
python3 - "$work" <<'PY'
import sys, zipfile
path = sys.argv[1] + "/locked.zip"
with zipfile.ZipFile(path, "w") as out:
    for n in range(3):
        out.writestr(f"{n}.eml", f"From: a@firm.example\r\nSubject: locked {n}\r\n\r\nwords\r\n")
raw = bytearray(open(path, "rb").read())
for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
    at = -1
    for n in range(3):
        at = raw.index(mark, at + 1)
        if n:
            raw[at + flags] |= 1
open(path, "wb").write(raw)
PY
pingyi collect "$work/locked.zip" 2>"$work/err"
check "a zip with locked messages: the others" grep -q '^1 new messages (0 known, 0 too large)' "$work/err"
check "… and why those are left, with the place of the first" grep -qxF \
	"2 left where they are: it is locked with a password (the first: $(realpath "$work")/locked.zip#2)" "$work/err"
pingyi collect "$work/bomb.zip" 2>"$work/err"
check "a zip bomb is refused" grep -q 'far more than it holds' "$work/err"
head -c 300 "$work/many.zip" >"$work/cut.zip"
pingyi collect "$work/cut.zip" 2>"$work/err"
check "a damaged zip is told" grep -q 'archive' "$work/err"
query "UPDATE message SET state = 'set aside', problem = NULL, review_due = NULL WHERE state IN ('waiting', 'broken')
	OR (state = 'stored' AND letter_id IS NULL)"

printf 'GIF89a nothing to read' >"$work/scan.gif"
check "a picture is taken" pingyi collect "$work/scan.gif" --from "$two"
check "… and waits for a person" same "$(query "SELECT count(*) FROM message
	WHERE state = 'waiting' AND letter_id IS NOT NULL")" 1

check "typed: a call" pingyi collect type --from "$two" --by phone --on 2026-03-02 \
	--text "> 他说：窗口态度不好" --rate d12=4 --rate d03=0
check "… word for word" same "$(words_of "$two")" "> 他说：窗口态度不好"
check "… with its grades" same "$(query "SELECT string_agg(d.code || '=' || r.grade, ',' ORDER BY d.code)
	FROM rating r JOIN department d ON d.no = r.department_no")" "d03=0,d12=4"
check "typed: how and by whom is kept" same "$(query "SELECT m.channel || ' ' || p.mailbox FROM message m
	JOIN message_place p ON p.message_id = m.id
	JOIN event e ON e.noun = 'message' AND e.noun_id = m.id AND e.verb = 'file'
		AND e.account_id IS NOT NULL WHERE m.channel = 'staff'")" "staff phone"
check "typed again: nothing new" pingyi collect type --from "$two" --by phone --on 2026-03-02 \
	--text "> 他说：窗口态度不好" --rate d12=4 --rate d03=0
check "… once" same "$(words_of "$two")" "> 他说：窗口态度不好"
printf '来信说：\n道路不平。\n' | pingyi collect type --from "$three" --by post
check "typed from stdin" same "$(words_of "$three")" "来信说：/道路不平。"
# The number of another enterprise: somebody took the wrong form.
other=$(query "SELECT l.number FROM letter l JOIN enterprise e ON e.id = l.enterprise_id WHERE e.name = '$three'")
printf '编号 %s\n检查太多。\n' "$other" >"$work/other.txt"
pingyi collect "$work/other.txt" --from "$two" 2>"$work/err"
check "a file with another's number is refused" [ $? -eq 65 ]
check "… whose it is, and how to insist" grep -q "$other, which is that of .*$three.*--anyway" "$work/err"
check "… and is not stored" same "$(query "SELECT count(*) FROM message_place WHERE uid LIKE '%/other.txt'")" 0
check "one may insist" pingyi collect "$work/other.txt" --from "$two" --anyway
check "… then it is filed there" same "$(query "SELECT m.state || ' ' || e.name FROM message m
	JOIN message_place p ON p.message_id = m.id JOIN letter l ON l.id = m.letter_id
	JOIN enterprise e ON e.id = l.enterprise_id WHERE p.uid LIKE '%/other.txt'")" "filed $two"
# refuses WORDS OPTION…: of type
refuses() {
	words=$1
	shift
	pingyi collect type --from "$one" --by phone --text x "$@" 2>"$work/err"
	check "type $*: $words" sh -c "[ $? -eq 65 ] && grep -q -F -e '$words' '$work/err'"
}
refuses 'the department d12 has a grade already' --rate d12=4 --rate d12=2
refuses 'a grade is 0 (cannot say), or 1 to 5' --rate d12=6
refuses 'no department has the code “d99”' --rate d99=4
refuses 'say DEPARTMENT=GRADE' --rate d12
refuses '2026-03-01 is before 2026-03-02, when round 2026-1 was released' --on 2026-03-01
refuses '2026-03-03 is still to come' --on 2026-03-03
for wrong in "--from nobody --by phone --text x" "--from $one --by pigeon --text x" \
	"--from $one --by phone --text x --rate d12=6" "--from $one --by phone --text x --on 2026-04-01" \
	"--from $one --by visit --text x --round 2025-9"; do
	# shellcheck disable=SC2086
	pingyi collect type $wrong 2>"$work/err"
	check "refused: $(echo "$wrong" | sed "s/$one/one/")" [ $? -ge 64 ]
done
pingyi collect "$work/missing.eml" --from "$one" 2>"$work/err"
check "a missing file is an error" [ $? -ge 64 ]
check "sorted like any other" pingyi classify
check "all have opinions" same "$(query "SELECT count(DISTINCT answer_id) FROM opinion")" 5
