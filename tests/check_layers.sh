#!/bin/sh
# Who may include whom: base -> db, templates -> mailer | collector | classifier | followup -> web
# -> cli; the four stages never one another. Libraries behind one file; no SQL made of strings; no
# function of C that is better not used.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
found() { # NAME LINES: fails when there are any
	if [ -n "$2" ]; then
		echo "$2" | head -n 10
		echo "not ok $1"
		failed=1
	else
		echo "ok $1"
	fi
}
# may FOLDER ALLOWED…: its includes are its own or of these
may() {
	folder=$1
	shift
	allowed="$folder/"
	for other in "$@"; do
		allowed="$allowed|$other/"
	done
	found "$folder includes what is below it" "$(grep -nE '^#include "[a-z]+/' "$folder"/*.[ch] |
		grep -vE "#include \"($allowed)")"
}
may base
may db base
may templates base
stage="base db templates"
# shellcheck disable=SC2086
{
	may mailer $stage
	may collector $stage
	may classifier $stage
	may followup $stage
	may web $stage mailer collector classifier followup
	may cli $stage mailer collector classifier followup web
}
only() { # HEADER FILES: no other file includes it
	found "only $2 know <$1>" "$(git grep -nE "^#include <$1" -- '*.c' '*.h' | grep -vE "^($2)")"
}
only libpq-fe '(db/|tests/bench/copy_bench.c)'
only curl/ base/wire.c
only resolv.h mailer/dns.c
only microhttpd web/http.c
only xlsxwriter templates/sheet.c
only pango/ '(templates/print_(text.c|font.h)|tests/bench/)'
only '(fontconfig|hb)' '(templates|tests/unit)/(test_)?print_(font|cff|pdf)'
only qrencode '(templates/print_qr.c|tests/bench/)'
only zlib templates/print_pdf.c
only archive '(base/zip.c|tests/)'
only seccomp collector/cage.c
only gmime/ '(collector/(mime|header)|tests/bench/gmime_bench).c'
found "SQL stands in db/sql" "$(git grep -nE '"(SELECT [^%]|INSERT INTO|UPDATE .* SET|DELETE FROM|WITH )' -- '*.c' '*.h' | grep -v '^tests/')"
found "no function that is better not used" "$(git grep -nwE '(strcpy|strcat|sprintf|vsprintf|gets|localtime|gmtime|strtok|system|popen|tmpnam|rand)\(' -- '*.c' '*.h')"
found "no work left over" "$(git grep -nwE '(TODO|FIXME|XXX)' -- '*.c' '*.h' '*.sql' '*.xhtml' '*.md' Makefile)"
for file in db/sql/*.sql; do
	head -n 1 "$file" | grep -q '^-- ' || echo "$file"
done >"${TMPDIR:-/tmp}/layers.$$"
found "every statement says what it is for" "$(cat "${TMPDIR:-/tmp}/layers.$$")"
rm -f "${TMPDIR:-/tmp}/layers.$$"
exit "$failed"
