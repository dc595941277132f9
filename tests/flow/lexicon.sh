#!/bin/sh
# The lexicon as staff keep it: checked, imported, used, exported, compared; what was sorted stays.
# Corrections, the trial of a changed one and the words that corrections propose.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
command -v psql >/dev/null || {
	echo "SKIP lexicon: no psql"
	exit 0
}
work=$(mktemp -d)
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
finish() {
	close_office
	rm -rf "$work"
}
trap finish EXIT

# told EXIT TEXT COMMAND…: it ends with this code, and says so on stderr
told() {
	code=$1 text=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	[ $? -eq "$code" ] && grep -qF -- "$text" "$work/err" && return 0
	cat "$work/err" >&2
	return 1
}
# changed FROM TO SED…: a lexicon that differs from another file
changed() {
	from=$1 to=$2
	shift 2
	sed "$@" "$from" >"$to" && ! cmp -s "$from" "$to"
}
# says ENTERPRISE TEXT: an answer by phone
says() {
	pingyi collect type --from "$1" --by phone --text "$2" >/dev/null 2>>"$work/says.err"
}
# of_text TEXT COLUMN: of the opinion with this text
of_text() {
	query "SELECT $2 FROM opinion o WHERE text = '$1'"
}

# lexicon VERSION WORDS-OF-d12 WORDS-OF-d13 WORDS-OF-d28: prints one
lexicon() {
	cat <<-XML
		<?xml version="1.0" encoding="UTF-8"?>
		<lexicon xmlns="urn:pingyi:lexicon" version="$1">
		<target no="12" code="d12"><name>住房和城乡建设局</name>
		$2
		</target>
		<target no="13" code="d13"><name>城市管理局</name>
		$3
		</target>
		<target no="28" code="d28"><name>税务局</name>
		$4
		</target>
		</lexicon>
	XML
}

make_office lexicon || exit 1
make_enterprises 12 >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
cd "$work" || exit 1

check "the program's own can be exported" pingyi lexicon export -o own.xml
cmp -s own.xml "$here/../../classifier/lexicon.xml"
check "… as it is" [ $? -eq 0 ]
pingyi lexicon check own.xml >out 2>err
check "… and is right" [ $? -eq 0 ]
version=$(sed -n 's/^<lexicon .*version="\([^"]*\)".*/\1/p' own.xml)
check "listed, in use" same "$(pingyi lexicon list | cut -f1,2,4,5)" "$version	in use	the program	0"

says 东澄试验企业00001号 税务局太慢。
check "sorted" pingyi classify
check "… by the program's own" same "$(of_text 税务局太慢。 lexicon)" "$version"
check "… which is kept now" same "$(query "SELECT version, built_in, in_use FROM lexicon")" "$version	t	f"
check "… and listed with what it sorted" same "$(pingyi lexicon list | cut -f1,2,4,5)" \
	"$version	in use	the program	1"

# An error names the line, and nothing is imported.
lexicon t-1 "<word>扬尘</word>" "<word>占道</word>" "<word>退税</word>" >t1.xml
lexicon t-1 "" "<word weight='viel'>占道</word>" "" >bad.xml
check "a bad weight is told with its line" told 65 "bad.xml:7: weight=\"viel\"" \
	pingyi lexicon import bad.xml --use
sed 's/no="13" code="d13"/no="13" code="d14"/' t1.xml >bad.xml
check "a target that is no department too" told 65 "bad.xml:6: no department of this office has the code d14" \
	pingyi lexicon import bad.xml
lexicon t-1 "" "<word also='d99'>占道</word>" "" >bad.xml
check "… also among those a word speaks for" told 65 "bad.xml:7: no target has the code d99" \
	pingyi lexicon check bad.xml
sed 's/<word>退税</<word>退费</' own.xml >bad.xml
check "the program's version with other words is refused" told 65 "version $version is there with other words" \
	pingyi lexicon import bad.xml
check "a missing file is told" told 65 "missing.xml" pingyi lexicon import missing.xml
check "nothing was imported" same "$(query "SELECT count(*) FROM lexicon")" 1

check "imported" told 0 "t1.xml: version t-1, 3 targets, 6 names and words, 0 warnings" \
	pingyi lexicon import t1.xml
says 东澄试验企业00002号 占道太多。
check "sorted again" pingyi classify
check "… still by the one in use" same "$(of_text 占道太多。 lexicon)" "$version"
check "imported again: it was there" told 0 "Version t-1 was there already." pingyi lexicon import t1.xml
check "used" told 0 "Version t-1 sorts opinions from now on" pingyi lexicon use t-1
says 东澄试验企业00003号 城管来得太勤，扬尘太多。
check "sorted" pingyi classify
check "… by the one in use" same "$(of_text 城管来得太勤，扬尘太多。 "lexicon || (SELECT
	string_agg(' d' || department_no, '') FROM opinion_department d WHERE d.opinion_id = o.id)")" "t-1 d12"
check "what was sorted before stays" same "$(of_text 占道太多。 lexicon)" "$version"
check "who changed it is kept" same "$(query "SELECT verb, role, account_id IS NOT NULL FROM event
	WHERE noun = 'lexicon' ORDER BY id")" "$(printf 'import\tstaff\tt\nuse\tstaff\tt')"
check "an unknown version is refused" told 65 "no lexicon has the version t-9" pingyi lexicon use t-9
pingyi lexicon export t-1 >out
cmp -s out t1.xml
check "a version is exported as it was imported" [ $? -eq 0 ]
pingyi lexicon export >out
cmp -s out t1.xml
check "… without one, the one in use" [ $? -eq 0 ]
lexicon t-2 "" "<word>占道</word><word weight='4'>扬尘</word>" "<word>退税</word><word>扬尘治理</word>" >t2.xml
check "what differs" same "$(pingyi lexicon diff t-1 t2.xml | tr '\t' ' ')" \
	"$(printf -- '- d12 word 扬尘 3 \n+ d13 word 扬尘  4\n+ d28 word 扬尘治理  3')"
check "… as JSON" same "$(pingyi lexicon diff t-1 t2.xml --json | python3 -c '
import json, sys
print([(c["change"], c["code"], c["from"]) for c in json.load(sys.stdin)][0])')" "('-', 'd12', '3')"
check "imported and used at once" told 0 "3 targets, 7 names and words, 1 warnings" \
	pingyi lexicon import t2.xml --use
check "listed, the newest first" same "$(pingyi lexicon list | cut -f1,2,5 | sort)" \
	"$(printf '%s\t\t2\nt-1\t\t1\nt-2\tin use\t0' "$version" | sort)"
check "back to the program's own" told 0 "Version $version sorts opinions" pingyi lexicon use built-in
check "… in use again" same "$(pingyi lexicon list | cut -f1,2 | grep 'in use')" "$version	in use"
"$build/pingyi" lexicon diff t1.xml t2.xml >out
check "files are compared without an office" same "$(wc -l <out)" 3
"$build/pingyi" --office "$work/office" --as supervisor lexicon use t-1 2>err
check "a supervisor changes nothing" [ $? -ge 64 ]
# What is there under the version of a newer program is told apart.
query "UPDATE lexicon SET text = text || ' ', hash = sha256(convert_to(text || ' ', 'UTF8')) WHERE built_in"
says 东澄试验企业00004号 税务局很慢。
check "another program's own of the same version" pingyi classify
of_text 税务局很慢。 lexicon >out
check "… is another version" grep -qE "^$version\+[0-9a-f]{8}$" out
pingyi lexicon export "$(cat out)" -o other.xml
cmp -s other.xml own.xml
check "… that can be exported" [ $? -eq 0 ]
for language in zh en; do
	PINGYI_LANG=$language "$build/pingyi" lexicon --help >out
	check "its help in $language fits into 80 columns" python3 -c '
import sys, unicodedata
for line in open("out", encoding="utf-8"):
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    if width > 80: sys.exit(f"{width}: {line}")'
done
