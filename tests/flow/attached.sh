#!/bin/sh
# Answers that came in what is attached: a form in a zip, words in a document, what only a person
# can read. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs attached python3 psql
start_work

# replies FOLDER: a file for each way of attaching an answer, to the letters on stdin.
replies() {
	python3 - "$1" 3<&0 <<'PYTHON'
import email.message, io, os, sys, zipfile

def packed(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in files:
            target.writestr(name, content)
    return out.getvalue()

def form(number, said):
    return ('<answers xmlns="urn:pingyi:answers" number="%s"><rating department="d07" grade="4"/>'
            '<open question="problems">%s</open></answers>' % (number, said))

def rows(number, cut):
    table = [("", "部门", "非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解"),
             ("d07", "财政局", " ", "√", " ", " ", " ", " "), ("d08", "司法局") + (" ",) * 6,
             ("q-problems", "您在生产经营中遇到了哪些问题？ ▼"), ("检查太多",),
             ("转办时可以把贵单位的名称告诉有关部门吗？",), ("c-hidden", "不告诉", ""), ("c-named", "可以", "")]
    return "编号：%s\n" % number + "".join(cut.join(row) + "\n" for row in table)

# Words where they stand: (left, top, size, text).
def pdf(words):
    show = "BT " + "".join("/F %g Tf 1 0 0 1 %g %g Tm <%s> Tj " % (size, left, 842 - top - size,
        text.encode("utf-16-be").hex()) for left, top, size, text in words) + "ET"
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
             "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
             "<</Length %d>>stream\n%s\nendstream" % (len(show), show),
             "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
             "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)"
             "/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R/W[1 95 500]>>",
             "<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
             "/Ascent 880/Descent -120/CapHeight 700/StemV 80>>"]
    text = "%PDF-1.4\n" + "".join("%d 0 obj%sendobj\n" % (i + 1, part) for i, part in enumerate(parts))
    return (text + "trailer<</Root 1 0 R/Size 8>>\n").encode()

# Our form as a word processor places it.
def placed(number, said):
    def middle(x, top, size, text):
        return (x - size * sum(0.5 if c < "\x80" else 1 for c in text) / 2, top + (10.5 - size) / 2, size, text)
    grades = ["非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解"]
    rows = [("d07", "财政局"), ("d08", "司法局"), ("d09", "税务局")]
    return ([(440, 36, 9, number), (225, 70, 16, "营商环境征求意见表")] +
            [middle(168, 189, 9, "部门")] +
            [middle(274.9 + 48 * i, 189, 8, text) for i, text in enumerate(grades)] +
            [middle(71, 205 + 17.25 * i, 6, code) for i, (code, name) in enumerate(rows)] +
            [(88, 205 + 17.25 * i, 10.5, name) for i, (code, name) in enumerate(rows)] +
            [middle(274.9 + 48, 205 + 17.25, 10.5, "√"), middle(81, 300, 6, "q-problems"),
             (108, 300, 10.5, "您遇到了哪些问题？▼"), (60, 317, 10.5, said)])

numbers = os.fdopen(3).read().split()
cover, picture = "见附件。\n", b"\x89PNG\r\n\x1a\n"
blank = '<answers xmlns="urn:pingyi:answers" number="%s"><open question="problems"/></answers>'
for i, (text, name, content) in enumerate([
        (cover, "form.zip", packed(("意见/回执.xml", form(numbers[0], "检查太多")))),
        (cover, "words.zip", packed(("意见.txt", "窗口排队太久"))),
        ("", "picture.png", picture),
        (cover, "both.zip", packed(("意见.txt", "一"), ("照片.png", picture))),
        ("自来水公司停水不通知。\n", "picture.png", picture),
        (cover, "two.zip", packed(("空白.xml", blank % numbers[5]), ("已填.txt", rows(numbers[5], "\t")))),
        (cover, "blank.xml", blank % numbers[6]),
        ("您好！\n\n%s\n谢谢！\n" % rows(numbers[7], " | "), "blank.xml", blank % numbers[7]),
        (cover, "form.pdf", pdf([(50, 42 + 20 * i, 10, text) for i, text in enumerate(
            ["PY", "d07 财政局", "x", "d08 司法局", "q-problems", "哪些？"])])),
        (cover, "both.zip", packed(("1.txt", rows(numbers[9], "\t")), ("2.xml", form(numbers[0], "慢")))),
        ("窗口排队太久\n", "blank.xml", blank % numbers[10]),
        ("领导好，我公司反映的情况在附件里，感谢各部门的大力支持，服务很好。\n", "情况.txt",
         "停水不通知。\n退税太慢。\n".encode()),
        ("您好！\n", "材料.txt", "检查太多。\n".encode()),
        ("东澄试验有限公司\n吴经理\n", "材料.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2000),
        ("尊敬的领导您好：我公司的意见已经盖章扫描，详见附件图片，请您下载查收。\n", "扫描件.png", picture),
        ("路灯坏了半年没人修。\n", "背景材料.txt", "我公司成立于二〇〇一年。\n".encode()),
        (cover, "表.pdf", pdf(placed(numbers[16], "退税太慢")))]):
    message = email.message.EmailMessage()
    message["From"] = "someone%d@enterprise.invalid" % i
    message["Subject"] = "Re: 【%s】" % numbers[i]
    message["Message-ID"] = "<%d@enterprise.invalid>" % i
    message.set_content(text)
    content = content.encode() if isinstance(content, str) else content
    message.add_attachment(content, "application", "octet-stream", filename=name)
    with open(os.path.join(sys.argv[1], "%d.eml" % i), "wb") as file:
        file.write(message.as_bytes())
PYTHON
}
# What became of a message: its state, and the answer's words.
became() {
	query "SELECT m.state, coalesce(a.own, '') FROM message m
		LEFT JOIN answer a ON a.message_id = m.id
		JOIN reading r ON r.message_id = m.id AND r.header_id = '$1@enterprise.invalid'"
}
id_of() {
	query "SELECT message_id FROM reading WHERE header_id = '$1@enterprise.invalid'"
}
is() {
	same "$(became "$1")" "$(printf '%s\t%s' "$2" "$3")"
}
is_refused() {
	pingyi collect settle "$@" 2>"$work/err" && return 1
	grep -qF -- "--text" "$work/err"
}

make_office 7 && make_round || exit 1
mkdir "$work/mail"
query "SELECT number FROM letter ORDER BY id LIMIT 17" >"$work/numbers"
replies "$work/mail" <"$work/numbers"
number_of() {
	sed -n "$(($1 + 1))p" "$work/numbers"
}
check "they are collected" pingyi collect "$work"/mail/*.eml 2>"$work/count"
check "a form in a zip is read" is 0 filed 检查太多
check "words in an attached file wait" is 1 waiting ""
check "a picture waits" is 2 waiting ""
check "a picture beside words in a zip waits" is 3 waiting ""
check "a picture beside own words does not" is 4 filed 自来水公司停水不通知。
check "attached words are taken in one step" \
	pingyi collect settle "$(id_of 1)" --letter "$(number_of 1)"
check "and are the answer's" is 1 filed 窗口排队太久
check "a picture is not" is_refused "$(id_of 2)" --letter "$(number_of 2)"
check "nor words beside one" is_refused "$(id_of 3)" --letter "$(number_of 3)"
check "but what a person types" \
	pingyi collect settle "$(id_of 3)" --letter "$(number_of 3)" --text 两件事
check "is the answer's" is 3 filed 两件事

# --- cover notes ---
check "a polite note does not hide a document" is 11 waiting ""
check "nor does a greeting" is 12 waiting ""
check "nor names" is 13 waiting ""
check "nor a long note a scanned picture" is 14 waiting ""
check "a document beside real words does not wait" is 15 filed 路灯坏了半年没人修。
check "why" same "$(query "SELECT string_agg(DISTINCT problem, '; ' ORDER BY problem) FROM message WHERE id IN
	($(id_of 12), $(id_of 13))")" "what it says is in an attachment that only a person can read; what it says is in an \
attachment: is it the answer?"
check "the words and the document are taken in one step" pingyi collect settle "$(id_of 11)" --letter "$(number_of 11)"
check "… both" same "$(query "SELECT own FROM answer WHERE message_id = $(id_of 11)")" \
	"领导好，我公司反映的情况在附件里，感谢各部门的大力支持，服务很好。

停水不通知。
退税太慢。"
check "… and sorted" pingyi classify 2>/dev/null
check "… the complaints too" same "$(query "SELECT count(*) FROM opinion o JOIN answer a ON a.id = o.answer_id
	WHERE a.message_id = $(id_of 11) AND o.kind = 'opinion'")" 2
check "a picture must be typed" is_refused "$(id_of 14)" --letter "$(number_of 14)"

# --- forms ---
# why MESSAGE REASON
why() {
	same "$(query "SELECT problem FROM message WHERE id = $(id_of "$1")")" "$2"
}
ratings() {
	same "$(query "SELECT string_agg(department_no || ':' || grade, ' ') FROM rating
		JOIN answer a ON a.id = answer_id WHERE a.message_id = $(id_of "$1")")" "$2"
}
check "beside an empty form the filled one is read" is 5 filed 检查太多
check "with its marks" ratings 5 7:4
check "an empty form is no answer" is 6 waiting ""
check "and says so" why 6 "its form is empty"
check "nor is it one when it is settled" is_refused "$(id_of 6)" --letter "$(number_of 6)"
check "a form in the message itself is read" is 7 filed "您好！

谢谢！
检查太多"
check "with its marks too" ratings 7 7:4
check "a form whose marks nobody can place waits" is 8 waiting ""
check "and says so too" why 8 "its form cannot be read for sure: look at the original"
check "its printed words are nobody's answer" is_refused "$(id_of 8)" --letter "$(number_of 8)"
check "one whose words stand in their places is read" is 16 filed 退税太慢
check "with its mark" ratings 16 8:4
check "forms of two letters wait" is 9 waiting ""
check "own words beside an empty form are the answer" is 10 filed 窗口排队太久
