#!/bin/sh
# Letters of every kind as another program reads them: what test_compose and test_compose_files composed, through Python's
# email package, which is strict about what RFCs say.
set -u
build=$(realpath "$1")
command -v python3 >/dev/null || {
	echo "SKIP letters: no python3"
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LETTERS="$work"
{ "$build/unit/test_compose" && "$build/unit/test_compose_files"; } >"$work/log" 2>&1 || {
	cat "$work/log"
	echo "not ok letters are composed"
	exit 1
}
python3 - "$work" <<'PY'
import email, email.policy, glob, os, re, sys

wrong = 0
def check(name, good, why=""):
    global wrong
    wrong += not good
    print(("ok " if good else "not ok ") + name + ("" if good else f": {why}"))

letters = {}
for path in sorted(glob.glob(sys.argv[1] + "/*.eml")):
    with open(path, "rb") as file:
        letters[os.path.basename(path)[:-4]] = file.read()
check("eleven letters are there", len(letters) == 11, sorted(letters))

forms = {"zh": "征求意见表 PY-22222222.docx", "en": "Consultation form PY-22222222.docx"}
for name, raw in letters.items():
    message = email.message_from_bytes(raw, policy=email.policy.default)
    old = email.message_from_bytes(raw)  # the reader before Python 3.6, still what most scripts use
    defects = list(message.defects)
    for part in message.walk():
        defects += part.defects
        # an encoded word in name="…" is against RFC 2047 and what QQ Mail and Outlook need
        defects += [d for header in part.values() for d in header.defects
                    if not re.search("encoded.word", str(d))]
    check(f"{name}: no defects", not defects, defects)
    kind, language = name.split("-")
    files = [part.get_filename() for part in message.iter_attachments()]
    expected = {"letter": [forms[language]], "reminder": [forms[language]],
                "files": ["关于征求意见的通知.pdf", "空.txt", forms["zh"], "_贵单位 清单.xlsx"]}.get(kind, [])
    check(f"{name}: its files", files == expected, files)
    before = [email.utils.collapse_rfc2231_value(part.get_filename()) for part in old.walk()
              if part.get_content_disposition() == "attachment"]
    check(f"{name}: its files to an older reader", before == expected, before)
    html = message.get_body(("html",)).get_content()
    text = message.get_body(("plain",)).get_content()
    check(f"{name}: both bodies speak", all(word in part.lower() for part in (html, text)
          for word in (("提醒" if kind == "reminder" else "。") if language == "zh" else "please", "py.example.org")))
    check(f"{name}: nothing from outside", not re.search(r"(src|background)=|url\(|<script", html))

digest = email.message_from_bytes(letters["digest-zh"], policy=email.policy.default)
check("a digest's table and lines", "超期  1 件\n" in (text := digest.get_body(("plain",)).get_content().replace("\r\n", "\n"))
      and "第 12 件　2026-02-26 (周四)　超期 2 个工作日\n第 17 件　2026-03-02 (周一)　今天到期\n" in text, text)
reminder = email.message_from_bytes(letters["reminder-zh"], policy=email.policy.default)
check("a reminder's thread", reminder["References"].split()[-1] == reminder["In-Reply-To"])
sys.exit(wrong > 0)
PY
