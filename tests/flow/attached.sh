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

numbers = os.fdopen(3).read().split()
cover, picture = "见附件。\n", b"\x89PNG\r\n\x1a\n"
for i, (text, name, content) in enumerate([
        (cover, "form.zip", packed(("意见/回执.xml", form(numbers[0], "检查太多")))),
        (cover, "words.zip", packed(("意见.txt", "窗口排队太久"))),
        ("", "picture.png", picture),
        (cover, "both.zip", packed(("意见.txt", "一"), ("照片.png", picture))),
        ("自来水公司停水不通知。\n", "picture.png", picture)]):
    message = email.message.EmailMessage()
    message["From"] = "someone%d@enterprise.invalid" % i
    message["Subject"] = "Re: 【%s】" % numbers[i]
    message["Message-ID"] = "<%d@enterprise.invalid>" % i
    message.set_content(text)
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
query "SELECT number FROM letter ORDER BY id LIMIT 5" >"$work/numbers"
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
