#!/bin/sh
# The pages, over HTTP, on a whole demo; and that no department can learn who spoke: not from a page,
# a JSON document, an export, nor by asking PostgreSQL with its own role. $1: the build folder.
set -u
. "$(dirname "$0")/office.sh"
demo=$root/tests/demo
export DEMO_OFFICE="$office"
"$demo/run.sh" "$build/pingyi" </dev/null >"$work/demo.log" 2>&1 || {
	tail "$work/demo.log"
	echo "not ok the demo runs"
	exit 1
}
now=2026-04-08T09:00
"$build/pingyi" --office "$office" --now "$now" serve --listen 127.0.0.1:0 >"$work/serve.log" 2>"$work/serve.err" &
pids=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$work/serve.log" ] && break
	sleep 0.25
done
url=$(head -n 1 "$work/serve.log")
url=${url%/}
check "it says where it is" test -n "$url"

password() { # LOGIN: as init or account add printed it
	sed -n "s/^ *$1[[:space:]]\{1,\}\([^[:space:]]*\).*/\1/p" "$work/demo.log" "$office/accounts.txt" | head -n 1
}
get() { # LOGIN PATH [curl options]: the page; its status goes to $work/status
	who=$1 path=$2
	shift 2
	curl -s -b "$work/$who.jar" -o "$work/page" -w '%{http_code}' "$@" "$url$path" >"$work/status"
	cat "$work/page"
}
status() { # WANTED LOGIN PATH [curl options]
	wanted=$1
	shift
	get "$@" >/dev/null
	[ "$(cat "$work/status")" = "$wanted" ] || {
		echo "  $2 as $1: $(cat "$work/status")"
		return 1
	}
}
login() {
	curl -s -o "$work/page" -w '%{http_code}' -c "$work/$1.jar" --data-urlencode "login=$1" \
		--data-urlencode "password=$2" "$url/login"
}
: >"$work/nobody.jar"

check "without a login one is sent to it" status 303 nobody /
check "a wrong password is refused" test "$(login staff wrong)" = 403
check "the right one is taken" test "$(login staff "$(password staff)")" = 303
check "a department logs in" test "$(login d28 "$(password d28)")" = 303
check "another" test "$(login d11 "$(password d11)")" = 303
check "the supervisor" test "$(login supervisor "$(password supervisor)")" = 303
for _ in 1 2 3 4 5; do login d23 wrong >/dev/null; done
check "guessing is slowed down" test "$(login d23 "$(password d23)")" = 403

for path in / /round/2026-1 /opinions/all /opinions/review /opinion/1 /pen /progress /items/overdue /items/soon/d28; do
	check "staff: $path" status 200 staff "$path"
done
for path in /round/2026-1 /opinions/all /opinion/1 /pen /progress; do
	check "a department gets 403: $path" status 403 d28 "$path"
	check "the supervisor gets 403: $path" status 403 supervisor "$path"
done
check "no such page" status 404 staff /nothing
for path in /items/overdue /items/overdue/d43 /items/soon; do
	check "the supervisor: $path" status 200 supervisor "$path"
	check "a department gets 403: $path" status 403 d28 "$path"
done
check "what is not there is told in a clerk's words" sh -c "curl -s -b '$work/staff.jar' '$url/opinion/999999' | tr -d '\n' |
	grep -q '没有找到 /opinion/999999.*href=\"/opinions/all\"' && ! curl -s -b '$work/staff.jar' '$url/opinion/999999' | grep -q 来信中的链接"
check "whose page it is not" sh -c "curl -s -b '$work/supervisor.jar' '$url/pen' | grep -q '您以.督查人员.登录，这个页面不对这个账号开放'"
check "an enterprise's wrong link is told in its own" sh -c "curl -s '$url/l/aaaaaaaaaaaaaaaaaaaaaaaaaa' | grep -q 来信中的链接"
check "no such list of items" status 404 supervisor /items/nothing
check "no such department" status 404 supervisor /items/overdue/d77
check "a page is not kept" sh -c "curl -s -D - -o /dev/null '$url/login' | grep -qi '^cache-control: no-store'"
check "JSON of the same" sh -c "curl -s -b '$work/supervisor.jar' -H 'Accept: application/json' '$url/' |
	python3 -c 'import json, sys; d = json.load(sys.stdin); sys.exit(d[\"total\"] != sum(x[\"total\"] for x in d[\"departments\"]))'"
check "each is signed for or not, answered or closed: late or not" sh -c "curl -s -b '$work/supervisor.jar' -H 'Accept: application/json' '$url/' |
	python3 -c 'import json, sys
d = json.load(sys.stdin)
sys.exit(d[\"overdue\"] == 0 or any(x[\"total\"] != x[\"handed\"] + x[\"signed\"] + x[\"answered\"] + x[\"closed\"] for x in d[\"departments\"]))'"
check "as the report has it" test "$(get supervisor / -H 'Accept: application/json' | python3 -c 'import json, sys
print(next(x["handed"] for x in json.load(sys.stdin)["departments"] if x["name"] == "海关"))')" = \
	"$(p report 2026-1 | awk '$1 == "海关" { print $3 }')"
check "English too" sh -c "curl -s -b '$work/staff.jar' '$url/?lang=en' | grep -q 'To be done'"

# --- every link and every form leads somewhere ---
follow() { # LOGIN PATH…
	who=$1
	shift
	python3 "$root/tests/flow/links.py" "$url" "$work/$who.jar" "$@"
}
check "staff: all that pages lead to" follow staff / /round/2026-1 /opinions/all /pen /progress
check "a department: likewise" follow d28 /
check "a supervisor: likewise" follow supervisor /
check "without a login: likewise" follow nobody /login

# --- messages that wait, and what is attached: in pages, cut, and saved as they came ---
mkdir "$work/waits"
cat >"$work/waits.py" <<'END'
import email.message, io, sys, zipfile
def write(name, subject, sender, text, files=()):
    m = email.message.EmailMessage()
    m["Subject"], m["From"], m["To"] = subject, sender, "yingshang@chengwan.example"
    m["Date"], m["Message-ID"] = "Wed, 01 Apr 2026 09:00:00 +0800", f"<{name}@x.example>"
    m.set_content(text)
    for file, content in files:
        m.add_attachment(content, maintype="application", subtype="octet-stream", filename=file)
    open(f"{sys.argv[1]}/{name}.eml", "wb").write(m.as_bytes())
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as z:
    z.writestr("内/说明.txt", "里面的文字")
write("0", "长" * 600, "wang@unknown.example", "请看附件。\u202e反\u2028行",
      [("意见\u202egpj.exe", b"MZ<script>"), ("名" * 300 + ".bin", b"long"), ("全部.zip", packed.getvalue())])
for i in range(1, 57):
    write(str(i), f"第{i}封", f"a{i}@unknown{i}.example", "不知道是谁写的。")
END
python3 "$work/waits.py" "$work/waits"
p collect "$work/waits" 2>/dev/null
before=$(sql "SELECT count(*) FROM message WHERE state IN ('waiting', 'broken')")
get staff /pen >"$work/pen"
check "what waits: 50 on a page" test "$(grep -c '<article' "$work/pen")" = 50
next=$(sed -n 's/.*rel="next" href="\/pen?after=\([0-9.]*\)".*/\1/p' "$work/pen")
check "which says that there are more" test -n "$next"
check "and which these are" grep -q "第 1–50 封，共 $before 封" "$work/pen"
get staff "/pen/waiting?after=$next" >"$work/pen2"
check "the rest on the next" test "$(grep -c '<article' "$work/pen2")" = $((before - 50))
check "the filter stays" sh -c "grep -q 'href=\"/pen/waiting\">回到第一页' '$work/pen2' &&
	grep -q 'name=\"back\" value=\"/pen/waiting?after=$next\"' '$work/pen2' && grep -q 'href=\"/pen/waiting\" aria-current' '$work/pen2'"
check "each once" test "$(sed -n 's/.*<form method="get" action="\/pen\/\([0-9]*\)".*/\1/p' "$work/pen" "$work/pen2" | sort -u | wc -l)" = "$before"
check "no place is the first" sh -c "curl -s -b '$work/staff.jar' '$url/pen?after=x' | grep -q '第 1–50 封'"
# whom a message is from, looked for by name and by number
firm=$(sql "SELECT name FROM enterprise ORDER BY id OFFSET 5 LIMIT 1")
letter=$(sql "SELECT l.number FROM letter l JOIN enterprise e ON e.id = l.enterprise_id WHERE e.name = '$firm'")
waits=$(sql "SELECT max(id) FROM message WHERE state = 'waiting'")
part=$(printf %s "$firm" | python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.stdin.read()[2:6]))')
for sought in "$part" "$(echo "$letter" | tr '[:upper:]' '[:lower:]')"; do
	check "an enterprise is found: $sought" sh -c "curl -s -b '$work/staff.jar' '$url/pen/$waits?q=$sought' | tr -d '\n' |
		grep -q 'action=\"/pen/$waits\">[^!]*name=\"back\" value=\"/pen\"[^!]*value=\"$letter\">[^!]*<strong id=\"e$waits$letter\">$firm</strong>[^!]*aria-describedby=\"e$waits$letter\">'"
done
check "none is said to be none" sh -c "curl -s -b '$work/staff.jar' '$url/pen/$waits?q=%E6%97%A0%E6%AD%A4' | grep -q '没有查到.无此.：'"
check "one letter is not enough" test "$(get staff "/pen/$waits?q=%E5%85%AC" -H 'Accept: application/json' |
	python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["found"], d["none"])')" = "[] True"
check "no such message waits" status 404 staff /pen/999999
check "no such filter" status 404 staff /pen/nothing
check "an empty list has no stretch" sh -c "curl -s -b '$work/staff.jar' '$url/pen/broken' | grep -q 这一类没有 &&
	! curl -s -b '$work/staff.jar' '$url/pen/broken' | grep -q '共 0 封'"
cat "$work/pen" "$work/pen2" >"$work/pens"
check "what strangers wrote is cut" sh -c "grep -q '长\{200\}…' '$work/pens' && ! grep -q '长\{201\}' '$work/pens' && ! grep -q '名\{201\}' '$work/pens'"
check "and turns nothing around" sh -c "! grep -q \"\$(printf '\\342\\200\\256')\" '$work/pens'"
check "opinions: a state and a department" status 200 staff /opinions/closed/d28
check "opinions: the filter stays" sh -c "curl -s -b '$work/staff.jar' '$url/opinions/closed/d28' | grep -q 'href=\"/opinions/all/d28\"'"
check "opinions: 50 on a page" test "$(get staff /opinions/all | grep -c 'href="/opinion/')" = 50
# walk LIST: the ids of opinions, page after page, at most 20 pages
walk() {
	place="" turn=0
	while [ $turn -lt 20 ]; do
		get staff "/opinions/$1${place:+?after=$place}" -H 'Accept: application/json' >"$work/list.json"
		place=$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.stderr.writelines("%d\n" % o["id"] for o in d["opinions"])
print(d["after"] or "")' "$work/list.json" 2>>"$work/walked")
		[ -n "$place" ] || return 0
		turn=$((turn + 1))
	done
}
get staff /opinions/all -H 'Accept: application/json' >"$work/tabs.json"
tab() { # LIST: how many its tab says it has
	python3 -c 'import json, sys
print([t["n"] for t in json.load(open(sys.argv[1]))["tabs"] if t["link"] == "/opinions/" + sys.argv[2]])' "$work/tabs.json" "$1"
}
for list in all review sorted handed answered overdue unread closed declined recorded; do
	check "opinions: the tab of $list tells what its list has" test "$(tab "$list")" = \
		"[$(get staff "/opinions/$list" -H 'Accept: application/json' | python3 -c 'import json, sys; print(json.load(sys.stdin)["total"])')]"
done
check "opinions: a tab within a department counts its own" test "$(get staff /opinions/all/d28 -H 'Accept: application/json' |
	python3 -c 'import json, sys; print(next(t["n"] for t in json.load(sys.stdin)["tabs"] if t["link"] == "/opinions/closed/d28"))')" = \
	"$(sql "SELECT count(*) FROM opinion o JOIN opinion_department q ON q.opinion_id = o.id WHERE o.state = 'closed' AND q.department_no = 28")"
next=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["after"])' "$work/tabs.json")
check "opinions: which stretch it is" sh -c "curl -s -b '$work/staff.jar' '$url/opinions/all' | grep -q '第 1–50 条，共 ' &&
	curl -s -b '$work/staff.jar' '$url/opinions/all?after=$next' | grep -q '第 51–$(sql "SELECT count(*) FROM opinion") 条，共 '"
for list in all review handed answered overdue unread all/d28 answered/d28; do
	: >"$work/walked"
	walk "$list"
	total=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["total"])' "$work/list.json")
	check "opinions: $list, page after page, has all that it counts ($total)" test "$(wc -l <"$work/walked")" = "$total"
done
: >"$work/walked"
walk all
check "opinions: each once" test "$(sort -u "$work/walked" | wc -l)" = "$(sql "SELECT count(*) FROM opinion")"
check "opinions: no place is the first" test "$(get staff '/opinions/all?after=x' | grep -c 'href="/opinion/')" = 50
check "opinions: the first page leads to the next" sh -c "curl -s -b '$work/staff.jar' '$url/opinions/all' |
	grep -q 'href=\"/opinions/all?after=[-0-9]*[.][0-9]*[.]50\"'"
check "home counts the items that its list has" test "$(get staff / -H 'Accept: application/json' | python3 -c 'import json, sys
print(next(t["n"] for t in json.load(sys.stdin)["todo"] if t["what"] == "to approve"))')" = \
	"$(sql "SELECT count(*) FROM rectification WHERE state = 'answered'")"
check "opinions: no such state" status 404 staff /opinions/nothing
check "opinions: no such department" status 404 staff /opinions/all/d77

message=$(sql "SELECT m.id FROM message m JOIN reading r ON r.message_id = m.id WHERE r.from_address = 'wang@unknown.example'")
reads=$(sql "SELECT count(*) FROM event WHERE noun = 'message' AND verb = 'read' AND noun_id = $message")
get staff "/message/$message/raw" -D "$work/head" >"$work/raw"
check "a message is saved as it came" cmp "$work/raw" "$work/waits/0.eml"
check "nothing opens it" sh -c "grep -qi '^content-type: application/octet-stream' '$work/head' &&
	grep -qi '^content-disposition: attachment; filename=\"$message.eml\"' '$work/head' &&
	grep -qi '^x-content-type-options: nosniff' '$work/head' && grep -qi '^content-security-policy: sandbox' '$work/head' &&
	grep -qi '^cache-control: no-store' '$work/head'"
hash() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }
file=/message/$message/file/$(hash 'MZ<script>')
check "the page leads to what is attached" grep -q "href=\"$file\"" "$work/pens"
get staff "$file" -D "$work/head" >"$work/file"
check "it is saved as it came" test "$(cat "$work/file")" = 'MZ<script>'
check "under a name that tells what it is" grep -q "filename=\"__gpj.exe\"; filename\*=UTF-8''%E6%84%8F%E8%A7%81gpj.exe" "$work/head"
check "what lies in an archive too" test "$(get staff "/message/$message/file/$(hash 里面的文字)")" = 里面的文字
check "each is an event" test "$(sql "SELECT count(*) FROM event WHERE noun = 'message' AND verb = 'read' AND noun_id = $message")" = $((reads + 3))
check "another message has it not" status 404 staff "/message/1/file/$(hash 'MZ<script>')"
check "nor is there any other" status 404 staff "/message/$message/file/$(hash x)"
check "no such message" status 404 staff /message/999999/raw
for path in "/message/$message/raw" "$file"; do
	check "not for a department" status 403 d28 "$path"
	check "not for a supervisor" status 403 supervisor "$path"
	check "not without a login" status 303 nobody "$path"
done

# --- what staff took down: its way, who, and what was attached ---
p round new 2026-3 --title 第三轮 --closes 2026-05-31 2>/dev/null
p round release 2026-3 --yes 2>/dev/null
two=$(sql "SELECT string_agg(name, '|') FROM (SELECT name FROM enterprise ORDER BY id LIMIT 2) e")
p collect type --from "${two%|*}" --round 2026-3 --by visit --text "城管局处理占道经营很慢。" 2>/dev/null
printf '税务局的窗口太少。' >"$work/意见.txt"
(cd "$work" && python3 -m zipfile -c 给的.zip 意见.txt)
p collect "$work/给的.zip" --from "${two#*|}" --round 2026-3 2>/dev/null
given=$(sql "SELECT max(m.id) FROM message m WHERE m.channel = 'file'")
[ "$(sql "SELECT state FROM message WHERE id = $given")" = filed ] ||
	p collect settle "$given" --letter "$(sql "SELECT l.number FROM letter l JOIN round r ON r.id = l.round_id
		JOIN enterprise e ON e.id = l.enterprise_id WHERE r.code = '2026-3' AND e.name = '${two#*|}'")" \
		--text "税务局的窗口太少。" 2>/dev/null
p classify 2>/dev/null
page_of() { get staff "/opinion/$(sql "SELECT max(o.id) FROM opinion o JOIN answer a ON a.id = o.answer_id
	JOIN message m ON m.id = a.message_id WHERE m.channel = '$1'")"; }
page_of staff >"$work/typed"
check "a note tells its way" grep -q '<dd>走访</dd>' "$work/typed"
check "and who took it down" grep -q "<dd>$(sql "SELECT name FROM account WHERE login = 'staff'" | sed "s/'/./")</dd>" "$work/typed"
page_of file >"$work/given"
check "a file given by hand is there" grep -q "href=\"/message/$given/file/[0-9a-f]\{64\}\">给的.zip" "$work/given"
check "and what it holds" grep -q ">意见.txt" "$work/given"

# --- where the classifier was not sure, what it found is proposed and nothing chosen ---
p collect type --from "$(sql "SELECT name FROM enterprise ORDER BY id OFFSET 2 LIMIT 1")" --round 2026-3 --by visit \
	--text "厂区门口道路坑洼。" 2>/dev/null
p classify 2>/dev/null
unsure=$(sql "SELECT max(o.id) FROM opinion o JOIN opinion_department q ON q.opinion_id = o.id WHERE o.state = 'review' AND o.kind <> 'discipline'")
get staff "/opinion/$unsure" >"$work/unsure"
check "nothing is chosen where it was not sure" test "$(grep -c ' \(checked\|selected\)=' "$work/unsure")" = 0
check "but proposed, before all others" sh -c "tr -d '\n' <'$work/unsure' |
	grep -q '<legend>协办部门</legend> *<label class=\"check\"><input[^>]*> <span><span>[^<]*</span> <span class=\"hint\">自动分类提到'"

# --- whose an opinion is by a person's word comes before what was found ---
moved=$(sql "SELECT max(id) FROM opinion WHERE state = 'sorted'")
check "nobody's word: it is as it was sorted" test "$(get staff "/opinion/$moved" | grep -c 指定前的自动分类)" = 0
p follow assign "$moved" d22 d24 --lead d24 >/dev/null 2>&1
get staff "/opinion/$moved" | tr -d '\n' >"$work/moved"
check "whose it is now, who leads, and who said so" grep -q \
	'd24 统计局</strong> <span class="hint">主办.*d22 审计局</strong>.*由[^。]*指定，下面是指定前的自动分类' "$work/moved"

# --- what goes to departments that have no account is told before, and is something to do ---
unread="SELECT count(*) FROM rectification x WHERE x.state IN ('handed', 'signed', 'returned')
	AND NOT EXISTS (SELECT FROM account a WHERE a.department_no = x.department_no)"
check "home: items that nobody sees" test "$(get staff / -H 'Accept: application/json' | python3 -c 'import json, sys
print(next(t["n"] for t in json.load(sys.stdin)["todo"] if t["link"] == "/opinions/unread"))')" = "$(sql "$unread")"
p follow draft "$moved" >/dev/null
check "an opinion: which department nobody would see it in, before it is handed over" test "$(get staff "/opinion/$moved" |
	grep -o 'class="warn">..局没有账号')" = 'class="warn">审计局没有账号'
check "follow hand tells it too" sh -c "'$build/pingyi' --office '$office' --as staff --now 2026-03-20T09:00 follow hand $moved --yes 2>&1 |
	grep -q '审计局（序号 22）没有账号'"
check "and afterwards it is to be seen to" test "$(get staff /opinions/unread | grep -c "href=\"/opinion/$moved\"")" = 1
check "with its department's number" sh -c "curl -s -b '$work/staff.jar' '$url/opinions/unread' | tr -d '\n' |
	grep -q 'href=\"/opinion/$moved\"[^!]*审计局（序号 22）'"
check "one who reads them ends it" sh -c "'$build/pingyi' --office '$office' --as staff --now $now account add d22 \
	--kind department --department 22 --name 审计局 >/dev/null 2>&1 &&
	[ \"\$(curl -s -b '$work/staff.jar' '$url/opinions/unread' | grep -c 'href=\"/opinion/$moved\"')\" = 0 ]"

# --- the supervisor's items: which, whose, when; never what was said ---
get supervisor /items/overdue -H 'Accept: application/json' >"$work/items.json"
check "overdue items: as many as there are" test "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["total"] == len(d["items"]) == d["to"] and all(x["days"] < 0 for x in d["items"]), d
print(d["total"])' "$work/items.json")" = \
	"$(sql "SELECT count(*) FROM rectification WHERE state IN ('handed', 'signed', 'returned') AND due < '2026-04-08'")"
check "nothing of what was said" python3 -c 'import json, sys
assert set(json.load(open(sys.argv[1]))["items"][0]) == {"id", "opinion", "department", "lead", "state", "round",
    "handed_at", "due", "days", "pace"}' "$work/items.json"
place=$(python3 -c 'import datetime, json, sys
row = json.load(open(sys.argv[1]))["items"][0]
print((datetime.date.fromisoformat(row["due"]) - datetime.date(2000, 1, 1)).days, row["id"], 1, sep=".")' "$work/items.json")
get supervisor "/items/overdue?after=$place" -H 'Accept: application/json' >"$work/behind.json"
check "they go on from a place" python3 -c 'import json, sys
first, behind = (json.load(open(path)) for path in sys.argv[1:])
assert behind["items"] == first["items"][1:] and behind["from"] == 2 and not behind["first"], behind' "$work/items.json" "$work/behind.json"
check "due soon: within three working days, not what is overdue" test "$(get supervisor /items/soon | grep -c '2026-04-13 (周一)')" = 2
check "progress counts the same" test "$(get supervisor / -H 'Accept: application/json' | python3 -c 'import json, sys
d = json.load(sys.stdin); print(d["overdue"], d["soon"])')" = "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["total"])' "$work/items.json") 2"
check "a department's" test "$(get supervisor /items/soon/d24 | grep -c 2026-04-13)" = 1

# --- a department sees the clock that runs ---
unsigned=$(sql "SELECT min(id) FROM rectification WHERE department_no = 43 AND state = 'handed'")
sign=$(sql "SELECT sign_due FROM rectification WHERE id = $unsigned")
p account add d43 --kind department --department 43 --name 海关 >"$work/d43" 2>/dev/null
login d43 "$(cut -f 2 "$work/d43")" >/dev/null
check "until it has signed, that of signing" sh -c "curl -s -b '$work/d43.jar' '$url/' | tr -d '\n' |
	grep -q '/item/$unsigned\".*签收期限</span> <span class=\"date\">$sign'"
check "on the item too" sh -c "curl -s -b '$work/d43.jar' '$url/item/$unsigned' | grep -q '签收期限 $sign'"
check "and to staff" sh -c "curl -s -b '$work/staff.jar' \
	'$url/opinion/$(sql "SELECT opinion_id FROM rectification WHERE id = $unsigned")' | grep -q '签收期限 $sign'"

# --- in a real browser: it parses the page as we mean it, on a phone and printed ---
if command -v chromium >/dev/null; then
	browse() {
		timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" \
			"$@" 2>/dev/null
	}
	check "a browser shows the login" sh -c "[ \"\$(timeout 60 chromium --headless --no-sandbox --disable-gpu \
		--user-data-dir='$work/chromium' --dump-dom '$url/login' 2>/dev/null | grep -c 'type=\"password\"')\" = 1 ]"
	browse --window-size=390,844 --screenshot="$work/phone.png" "$url/login"
	check "on a phone" test "$(stat -c %s "$work/phone.png" 2>/dev/null || echo 0)" -gt 5000
	browse --print-to-pdf="$work/page.pdf" "$url/login"
	check "and printed" test "$(head -c 4 "$work/page.pdf" 2>/dev/null)" = %PDF
else
	echo "SKIP web: no chromium"
fi

# --- a department's item, from signing to closing, by the pages alone ---
item() { sql "SELECT min(id) FROM rectification WHERE $1"; }
csrf() { # LOGIN PATH
	get "$1" "$2" | sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' | head -n 1
}

# --- what only a person can read is typed in beside the letter that it may belong to ---
picture=$(sql "SELECT m.id FROM message m JOIN reading r ON r.message_id = m.id WHERE m.state = 'waiting'
	AND jsonb_path_exists(reading_files(r.record), '\$[*].unread ? (@ != null)')
	AND jsonb_array_length(message_proposals(m.id)) > 0 ORDER BY m.id LIMIT 1")
get staff /pen >"$work/pen"
proposed=$(sed -n "s/.*id=\"t$picture\\(PY-[0-9A-Z]*\\)\".*/\\1/p" "$work/pen" | head -n 1)
check "a picture's letter has room for its words at each proposal" test -n "$proposed"
token=$(csrf staff /pen)
check "without words it is refused" status 400 staff "/pen/$picture" -d "csrf=$token" -d "number=$proposed"
check "with words it is filed" status 303 staff "/pen/$picture" -d "csrf=$token" -d "number=$proposed" \
	-d back=/pen --data-urlencode "text=税务局的窗口太少。"
check "… to that letter" test "$(sql "SELECT state FROM message WHERE id = $picture")" = filed
check "who comes to it later is told so" sh -c "curl -s -b '$work/staff.jar' '$url/pen/$picture' | grep -q 这封邮件不再待认领"

get d43 / -H 'Accept: application/json' >"$work/mine.json"
# the list behind its first row: the others, and nothing of what was answered
second=$(python3 -c 'import datetime, json, sys
d = json.load(open(sys.argv[1]))
assert d["total"] == len(d["open"]) > 0 and d["first"] and not d["after"], d
row = d["open"][0]
print((datetime.date.fromisoformat(row["clock_due"]) - datetime.date(2000, 1, 1)).days, row["id"], sep=".")' "$work/mine.json")
get d43 "/?after=$second" -H 'Accept: application/json' >"$work/behind.json"
check "a department: its list goes on from a place" python3 -c 'import json, sys
first, behind = (json.load(open(path)) for path in sys.argv[1:])
assert behind["open"] == first["open"][1:] and behind["total"] == first["total"], behind
assert not behind["first"] and not behind["done"]' "$work/mine.json" "$work/behind.json"
mine=$(item "department_no = 43 AND state = 'handed'")
token=$(csrf d43 "/item/$mine")
check "without its token a form is refused" status 403 d43 "/item/$mine/sign" -d csrf=x
check "another department may not sign" status 403 d28 "/item/$mine/sign" -d "csrf=$(csrf d28 /)"
check "the department signs" status 303 d43 "/item/$mine/sign" -d "csrf=$token"
check "then its clock is that of answering" sh -c "curl -s -b '$work/d43.jar' '$url/item/$mine' | grep -q '<p><span>答复期限 '"
check "an empty answer is refused" status 400 d43 "/item/$mine/answer" -d "csrf=$token" -d answer=
check "it answers" status 303 d43 "/item/$mine/answer" -d "csrf=$token" \
	--data-urlencode "answer=已开通预约查验。"
token=$(csrf staff /)
check "staff send it back" status 303 staff "/item/$mine/return" -d "csrf=$token" --data-urlencode "why=写明日期"
check "the department sees why" sh -c "curl -s -b '$work/d43.jar' '$url/item/$mine' | grep -q 写明日期"
check "it answers again" status 303 d43 "/item/$mine/answer" -d "csrf=$(csrf d43 /)" \
	--data-urlencode "answer=4月10日起开通预约查验。"
check "staff approve" status 303 staff "/item/$mine/approve" -d "csrf=$token"
check "staff close" status 303 staff "/item/$mine/close" -d "csrf=$token"
check "closing twice is refused" status 409 staff "/item/$mine/close" -d "csrf=$token"
waiting=$(sql "SELECT min(id) FROM opinion WHERE state = 'review'")
check "an opinion is declined with a reason" status 303 staff "/opinion/$waiting/decline" \
	-d "csrf=$token" --data-urlencode "why=不属于本办受理范围。"
late=$(sql "SELECT min(id) FROM opinion WHERE state = 'sorted'")
draft=$(sql "SELECT min(id) FROM rectification WHERE opinion_id = $late AND state = 'draft'")
check "a masked copy that the person has not seen is not handed over" status 409 staff "/opinion/$late/hand" \
	-d "csrf=$token" --data-urlencode "masked-999999=某企业反映办证慢。"
check "nor where a department of those that were shown has gone" status 409 staff "/opinion/$late/hand" \
	-d "csrf=$token" --data-urlencode "masked-$draft=某企业反映办证<慢>。" -d masked-999999=某企业
check "… and what was written is there to be copied" sh -c "grep -q '<textarea.*>某企业反映办证&lt;慢&gt;。</textarea>' '$work/page'"
check "… which another site's page cannot have shown" sh -c "! curl -s -b '$work/staff.jar' -H 'Sec-Fetch-Site: cross-site' \
	-d csrf=x -d 'masked-$draft=改密码' '$url/opinion/$late/hand' | grep -q 改密码"
check "who is logged out meanwhile keeps what was written" status 403 nobody "/item/$mine/answer" -d "csrf=$token" \
	--data-urlencode "answer=已于四月十日开通。"
check "… and is told to log in" sh -c "grep -q '已于四月十日开通。</textarea>' '$work/page' && grep -q 请重新登录 '$work/page'"
check "… but who logs out then is only shown where to log in" status 303 nobody /logout -d "csrf=$token"
check "nor an empty one" status 400 staff "/opinion/$late/hand" -d "csrf=$token" -d "masked-$draft="
check "an opinion is handed over as the person left its text" status 303 staff "/opinion/$late/hand" \
	-d "csrf=$token" --data-urlencode "masked-$draft=某企业反映办证慢。"
check "and stands so" test "$(sql "SELECT masked FROM rectification WHERE id = $draft")" = 某企业反映办证慢。
check "a colleague who comes later is told so" status 409 staff "/opinion/$late/hand" \
	-d "csrf=$token" --data-urlencode "masked-$draft=某企业反映办证太慢。"

# --- the private link ---
p round new 2026-2 --title 第二轮 --closes 2026-05-31 2>/dev/null
p round release 2026-2 --yes 2>/dev/null
p send --yes 2>/dev/null
cat >"$work/link.py" <<'END'
import email, glob, re, sys
from email import policy
for name in sorted(glob.glob(sys.argv[1] + "/new/*")):
    m = email.message_from_binary_file(open(name, "rb"), policy=policy.default)
    if "第二轮" in m["Subject"]:
        print(re.search(r"/l/[a-z0-9]{26}", m.get_body(("plain",)).get_content()).group(0))
        break
END
link=$(python3 "$work/link.py" "$office/outbox")
check "a wrong link opens nothing" status 404 nobody "/l/aaaaaaaaaaaaaaaaaaaaaaaaaa"
check "the link opens its form" sh -c "curl -s '$url$link' | grep -q 'name=\"rate-d28\"'"
check "all that it leads to is there" follow nobody "$link" "$link?lang=en" "$link/silence"
messages=$(sql "SELECT count(*) FROM message")
curl -s "$url$link" >/dev/null
check "GET changes nothing" test "$(sql "SELECT count(*) FROM message")" = "$messages"
check "an empty form is said to be empty" sh -c "curl -s -d disclosure=hidden '$url$link' | grep -q 'role=\"alert\"'"
check "an answer is taken" status 303 nobody "$link" -d rate-d28=2 -d rate-d23=5 -d disclosure=hidden \
	--data-urlencode "q-problems=税务局的发票额度太小，申请了三次都没有批。"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	curl -s "$url$link" >"$work/page"
	grep -q 发票额度 "$work/page" && break
	sleep 0.25
done
check "it becomes a message, an answer, an opinion, by itself" grep -q 发票额度 "$work/page"
check "with its ratings" test "$(sql "SELECT count(*) FROM rating t JOIN response s ON s.id = t.response_id
	JOIN letter l ON l.id = s.letter_id JOIN round r ON r.id = l.round_id WHERE r.code = '2026-2'")" = 2
number=$(sql "SELECT l.number FROM reply y JOIN letter l ON l.id = y.letter_id LIMIT 1")
cat >"$work/old.py" <<'END'
import email, glob, re, sys
from email import policy
for name in sorted(glob.glob(sys.argv[1] + "/new/*")):
    m = email.message_from_binary_file(open(name, "rb"), policy=policy.default)
    if m["X-Pingyi-Letter"] == sys.argv[2]:
        print(re.search(r"/l/[a-z0-9]{26}", m.get_body(("plain",)).get_content()).group(0))
        break
END
old=$(python3 "$work/old.py" "$office/outbox" "$number")
reply=$(curl -s "$url$old" | sed -n 's/.*name="reply" value="\([0-9]*\)".*/\1/p' | head -n 1)
check "a page with replies: all that it leads to" follow nobody "$old"
check "a reply is graded" status 303 nobody "$old/grade" -d "reply=$reply" -d grade=4
check "its own only" sh -c "[ \"\$(curl -s -o /dev/null -w '%{http_code}' -d reply=$reply -d grade=1 '$url$link/grade')\" = 303 ]"
check "another's grade changes nothing" test "$(sql "SELECT grade FROM reply WHERE id = $reply")" = 4

# --- what departments can get, and everything known of the enterprises ---
sql "SELECT DISTINCT t FROM (
	SELECT name FROM enterprise UNION SELECT short_name FROM enterprise UNION SELECT credit_code FROM enterprise
	UNION SELECT address FROM enterprise UNION SELECT name FROM contact UNION SELECT phone FROM contact
	UNION SELECT email FROM contact) AS known (t) WHERE length(t) > 1" >"$work/known"
mkdir "$work/got"
for code in $(sql "SELECT DISTINCT 'd' || lpad(department_no::text, 2, '0') FROM rectification WHERE state <> 'draft'"); do
	no=${code#d}
	if ! grep -q "^ *${code}[[:space:]]" "$work/demo.log" "$office/accounts.txt"; then
		p account add "$code" --kind department --department "${no#0}" --name "$code" >>"$office/accounts.txt" 2>/dev/null
	fi
	p report ledger 2026-1 --department "${no#0}" -o "$work/got/$code.csv"
	p report ledger 2026-1 --department "${no#0}" -o "$work/got/$code.xlsx"
	unzip -p "$work/got/$code.xlsx" xl/sharedStrings.xml >"$work/got/$code.strings" 2>/dev/null
	[ "$code" = d23 ] && continue # its login is slowed down above; its rows are in the ledger
	[ -s "$work/$code.jar" ] || login "$code" "$(password "$code")" >/dev/null
	get "$code" / >"$work/got/$code.html"
	get "$code" / -H 'Accept: application/json' >"$work/got/$code.json"
	for id in $(sql "SELECT id FROM rectification WHERE department_no = ${no#0} AND state <> 'draft'"); do
		get "$code" "/item/$id" >"$work/got/$code-$id.html"
		get "$code" "/item/$id" -H 'Accept: application/json' >"$work/got/$code-$id.json"
	done
done
check "pages of departments were read" test "$(find "$work/got" -name '*.json' -size +100c | wc -l)" -ge 60
if grep -rFf "$work/known" "$work/got" --include='*.html' --include='*.json' --include='*.csv' --include='*.strings' >"$work/leaks"; then
	head -n 5 "$work/leaks"
	echo "not ok nothing that a department gets says who spoke"
	failed=1
else
	echo "ok nothing that a department gets says who spoke ($(wc -l <"$work/known") facts looked for)"
fi
p report ledger 2026-1 -o "$work/staff.csv"
check "the same search finds them in the ledger of staff" grep -qFf "$work/known" "$work/staff.csv"

# --- asking PostgreSQL itself ---
as() { p db shell --role d28 -c "$1" >"$work/out" 2>&1; }
denied() {
	as "$1" && return 1
	grep -qiE 'permission denied|权限' "$work/out" || p db shell --role d28 -c "$1" 2>&1 | grep -q ERROR
}
as "COPY (SELECT count(*) FROM rectification WHERE department_no <> 28) TO STDOUT"
check "a department's role sees no other's row" grep -qx 0 "$work/out"
as "COPY (SELECT count(*) > 0 FROM rectification) TO STDOUT"
check "but its own" grep -qx t "$work/out"
for table in enterprise contact letter message message_piece reading response answer opinion \
	rectification_mask reply account_secret session event; do
	check "and nothing of $table" denied "SELECT 1 FROM $table"
done
check "nor by another role" denied "SET ROLE pingyi_staff"
check "nor may it hand over" denied "SELECT rectification_hand(1, 'x', 1, now())"
as "COPY (SELECT set_config('role', 'pingyi_d11', false)) TO STDOUT"
check "nor become another department" grep -qiE 'permission denied|ERROR' "$work/out"
listed() { # WHETHER ITEMS: as the supervisor's role
	p db shell --role supervisor -c "SELECT opinions_listed($1, ARRAY['handed'], NULL, 'infinity', '-infinity', 0, 9)" >"$work/out" 2>&1
}
check "the supervisor's role lists items" listed true
check "but no opinions" sh -c "$(listed false && echo false || echo true)"
check "it logged nothing of what people said" sh -c "! grep -q 发票 '$work/serve.err'"
check "no orphans" test "$(p follow orphans 2>/dev/null | wc -l)" = 0
check "the seals are right" p db verify
counted="SELECT 'opinion' AS noun, round_id, 0 AS department_no, state, due, count(*) AS n FROM opinion GROUP BY 2, 4, 5
	UNION ALL SELECT 'placed', o.round_id, q.department_no, o.state, o.due, count(*)
	FROM opinion o JOIN opinion_department q ON q.opinion_id = o.id GROUP BY 2, 3, 4, 5
	UNION ALL SELECT 'item', round_id, department_no, state,
	CASE WHEN state IN ('handed', 'signed', 'returned') THEN due ELSE 'infinity' END, count(*)
	FROM rectification WHERE state <> 'draft' GROUP BY 2, 3, 4, 5"
kept="SELECT noun, round_id, department_no, state, due, sum(n)::bigint FROM tally GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0"
check "what is kept of figures is what there is" test "$(sql "SELECT count(*) FROM (($counted) EXCEPT ($kept)
	UNION ALL (($kept) EXCEPT ($counted))) AS differ")" = 0
check "and lists go by what is so" test "$(sql "SELECT count(*) FROM opinion o LEFT JOIN opinion_department q ON q.opinion_id = o.id
	WHERE (q.state, q.due) <> (o.state, o.due) OR o.due <> coalesce(o.review_due, (SELECT min(x.due) FROM rectification x
		WHERE x.opinion_id = o.id AND x.state IN ('handed', 'signed', 'returned')), 'infinity')")" = 0
# --- on the calendar's last day no working day follows ---
"$build/pingyi" --office "$office" --now "$(sql "SELECT max(day) FROM calendar")T09:00" serve --no-run \
	--listen 127.0.0.1:0 >"$work/last.log" 2>&1 &
pids="$pids $!"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$work/last.log" ] && break
	sleep 0.25
done
last=$(head -n 1 "$work/last.log")
curl -s -o /dev/null -c "$work/last.jar" -d login=supervisor --data-urlencode "password=$(password supervisor)" "${last}login"
for path in "" items/soon items/overdue; do
	check "where the calendar ends there are pages: /$path" test "$(curl -s -b "$work/last.jar" -o /dev/null \
		-w '%{http_code}' "$last$path")" = 200
done
exit "$failed"
