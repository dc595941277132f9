#!/bin/sh
# Files that go with the letters of a round: with all, with one enterprise's, a folder of them.
# $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs attach python3 psql
start_work

attach() {
	pingyi round attach 2026-1 "$@" 2>"$work/err" || {
		cat "$work/err" >&2
		return 1
	}
}
# What goes with the letters: name, bytes, enterprise.
attached() {
	pingyi round attachments 2026-1 | cut -f 1,3,4 | tr '\t\n' ':;'
}
# big FILE BYTES
big() {
	head -c "$2" /dev/zero >"$1"
}

make_office attach || exit 1
cat >"$work/list.csv" <<'LIST'
企业名称,简称,统一社会信用代码,层别,邮箱
东澄甲工贸有限公司,东甲,,外来投资企业,jia@firm.example
东澄甲工贸有限公司分公司,东甲分,,外来投资企业,fen@firm.example
东澄（乙）有限公司,东联,91110000600037341L,贸易餐饮企业,yi@firm.example
东澄丙有限公司,东联,,贸易餐饮企业,bing@firm.example
LIST
pingyi enterprise import "$work/list.csv" 2>"$work/err" || cat "$work/err" >&2
pingyi round new 2026-1 --title 2026 --closes 2026-03-31 2>"$work/err" || cat "$work/err" >&2

printf 'abc' >"$work/填表说明.PDF"
printf 'abcdef' >"$work/b.docx"
ln -s b.docx "$work/link.docx"
: >"$work/empty.pdf"
big "$work/large.pdf" $((10 * 1024 * 1024 + 1))
mkfifo "$work/pipe"
check "to all, a link too" attach "$work/填表说明.PDF" "$work/link.docx"
check "they are listed" same "$(attached)" "link.docx:6:;填表说明.PDF:3:;"
check "with their types" same "$(pingyi round attachments 2026-1 | cut -f 2 | sort | head -n 1)" application/pdf
printf 'abcd' >"$work/填表说明.PDF"
check "the same name again replaces it" attach "$work/填表说明.PDF"
check "it is the new one" same "$(attached)" "link.docx:6:;填表说明.PDF:4:;"
check "empty: refused" told 65 "empty.pdf: is empty" pingyi round attach 2026-1 "$work/empty.pdf"
check "too large: refused" told 65 "large.pdf: is larger than 10 MB" \
	pingyi round attach 2026-1 "$work/b.docx" "$work/large.pdf"
check "a folder: refused" told 65 "is no file" pingyi round attach 2026-1 "$work"
check "a pipe: refused, not waited for" told 65 "is no file" pingyi round attach 2026-1 "$work/pipe"
check "not there: refused" told 65 "none.pdf: No such file" \
	pingyi round attach 2026-1 "$work/none.pdf"
check "a name that is no text: refused" told 65 "its name is not UTF-8" \
	pingyi round attach 2026-1 "$(printf '%s/\303\050.pdf' "$work")"
check "--dry-run changes nothing" attach "$work/b.docx" --dry-run
check "nothing was changed" same "$(attached)" "link.docx:6:;填表说明.PDF:4:;"

check "to one, by its name" attach "$work/b.docx" --enterprise 东澄甲工贸有限公司
check "by its short name" attach "$work/b.docx" --enterprise 东甲分
check "by its credit code" attach "$work/b.docx" --enterprise 91110000600037341L
check "to nobody: refused" told 65 'no enterprise has the name or code “丁”' \
	pingyi round attach 2026-1 "$work/b.docx" --enterprise 丁
check "a short name that two have: refused" told 65 'several enterprises are called “东联”' \
	pingyi round attach 2026-1 "$work/b.docx" --enterprise 东联
check "each has its own" same "$(attached)" \
	"link.docx:6:;填表说明.PDF:4:;b.docx:6:东澄甲工贸有限公司;b.docx:6:东澄甲工贸有限公司分公司;b.docx:6:东澄（乙）有限公司;"
check "they are counted" same "$(pingyi round show 2026-1 --json | tr ',{' '\n' |
	sed -n 's/^ *"attachments": //p')" 5
check "taken away" attach link.docx --remove
check "of one alone" attach b.docx --remove --enterprise 东甲分
check "what is not there: refused" told 65 'there is no attachment “x.pdf”' \
	pingyi round attach 2026-1 填表说明.PDF x.pdf --remove
check "the others are left" same "$(attached)" \
	"填表说明.PDF:4:;b.docx:6:东澄甲工贸有限公司;b.docx:6:东澄（乙）有限公司;"
attach b.docx --remove --enterprise 东澄甲工贸有限公司
attach b.docx --remove --enterprise "东澄（乙）有限公司"

# A folder, a file or more for each.
mkdir "$work/each"
for name in 东澄甲工贸有限公司分公司.pdf 东澄甲工贸有限公司上年办理情况.pdf 东甲-2.pdf \
	"东澄(乙)有限公司.pdf" 91110000600037341l_说明.pdf .hidden; do
	printf '%s' "$name" >"$work/each/$name"
done
check "a folder: each to its own" attach --each "$work/each"
check "the longest name counts, whatever its width" same "$(pingyi round attachments 2026-1 |
	cut -f 1,4 | grep -v 填表 | sort | tr '\t\n' ':;')" \
	"$(printf '%s\n' 东澄甲工贸有限公司上年办理情况.pdf:东澄甲工贸有限公司 \
		东澄甲工贸有限公司分公司.pdf:东澄甲工贸有限公司分公司 东甲-2.pdf:东澄甲工贸有限公司 \
		"东澄(乙)有限公司.pdf:东澄（乙）有限公司" "91110000600037341l_说明.pdf:东澄（乙）有限公司" |
		LC_ALL=C sort | tr '\n' ';')"
before=$(attached)
printf x >"$work/each/东联.pdf"   # of two
printf x >"$work/each/东甲乙.pdf" # of another that begins alike
printf x >"$work/each/东澄丙有限公司.pdf"
check "a file that fits nobody or two: refused" told 65 "2 of 8 files" \
	pingyi round attach 2026-1 --each "$work/each"
check "each is named" same "$(grep -c '^东联.pdf: \|^东甲乙.pdf: ' "$work/err")" 2
check "nothing was added" same "$(attached)" "$before"
check "--skip leaves them out" attach --each "$work/each" --skip
check "the other was added" same "$(pingyi round attachments 2026-1 | cut -f 1 | grep -c 丙)" 1
check "no such folder: refused" told 65 "" pingyi round attach 2026-1 --each "$work/nowhere"

# Limits of a letter.
for n in $(seq 20); do
	printf x >"$work/f$n.txt"
done
before=$(attached)
check "more than 20 in a letter: refused, with the enterprise" told 65 \
	"东澄丙有限公司: its letter would carry 21 files" \
	pingyi round attach 2026-1 "$work"/f1.txt "$work"/f2.txt "$work"/f3.txt "$work"/f4.txt "$work"/f5.txt \
	"$work"/f6.txt "$work"/f7.txt "$work"/f8.txt "$work"/f9.txt "$work"/f1?.txt
big "$work/half.pdf" $((6 * 1024 * 1024))
check "6 MB go" attach "$work/half.pdf"
big "$work/more.pdf" $((5 * 1024 * 1024))
check "11 MB are more than 15 as mail: refused" told 65 "every enterprise: its letter would carry" \
	pingyi round attach 2026-1 "$work/more.pdf"
check "for one as well" told 65 "东澄甲工贸有限公司: its letter would carry" \
	pingyi round attach 2026-1 "$work/more.pdf" --enterprise 东甲
check "nothing was added by these" same "$(attached)" "half.pdf:6291456:;$before"
# with the form, which is made by the release, it is just too much
big "$work/just.pdf" $((15 * 1024 * 1024 * 76 * 3 / 78 / 4 - 6 * 1024 * 1024 - 2000))
check "as much as can be" attach "$work/just.pdf" --enterprise 东澄丙有限公司
check "with the form too much: no release" told 65 "东澄丙有限公司: its letter would carry" \
	pingyi round release 2026-1 --yes
check "it is a draft still" same "$(pingyi round list | cut -f 2)" "round draft"
check "and has no letters" same "$(query 'SELECT count(*) FROM letter')" 0
attach just.pdf --remove --enterprise 东澄丙有限公司
check "then it can be released" pingyi round release 2026-1 --yes
check "and takes nothing more" told 69 "is released" pingyi round attach 2026-1 "$work/b.docx"
check "nor gives anything back" told 69 "is released" pingyi round attach 2026-1 half.pdf --remove
check "the database says so too" same "$(PGOPTIONS='-c search_path=pingyi' psql -X -q -A -t \
	-v VERBOSITY=sqlstate -h "$office_socket" -U pingyi_staff -d pingyi -c \
	"SELECT attachment_put(1, NULL, 'x', 'y', 'z', 1, now())" 2>&1 | tail -n 1)" "ERROR:  PY001"
check "each step is an event" same "$(query "SELECT count(*) FILTER (WHERE verb = 'remove'),
	bool_and(account_id IS NOT NULL) FROM event WHERE noun = 'attachment'")" "5	t"

# What was attached arrives, under its name: with all letters, and with one enterprise's alone.
setting mail destination maildir:outbox
check "sent" pingyi send --yes
python3 - "$work/office/outbox/new" >"$work/arrived" <<'PY'
import email, email.policy, os, sys
for name in sorted(os.listdir(sys.argv[1])):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    files = [(part.get_filename(), len(part.get_content()))
             for part in message.iter_attachments()]
    print(message["To"].addresses[0].display_name, *(f"{n}:{s}" for n, s in files if "docx" not in n))
PY
check "every letter carries what goes with all" same "$(grep -c 'half.pdf:6291456' "$work/arrived")" \
	"$(query "SELECT count(*) FROM mailing")"
query "SELECT e.name, a.name FROM attachment a JOIN enterprise e ON e.id = a.enterprise_id
	WHERE a.name NOT LIKE '%docx'" >"$work/own"
cut -f 2 "$work/own" >"$work/own.files"
while IFS='	' read -r enterprise file; do
	check "$file goes to its own" grep -q "^$enterprise .*$file:" "$work/arrived"
	check "$file goes to nobody else" same "$(grep -cF " $file:" "$work/arrived")" \
		"$(grep -cxF "$file" "$work/own.files")"
done <"$work/own"
