#!/bin/sh
# Every message has its Chinese.
set -u
cd "$(dirname "$0")/.." || exit 1
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
# shellcheck disable=SC2046
xgettext --language=C --keyword=_ --keyword=N_ --from-code=UTF-8 -o "$pot" \
	$(git ls-files '*.c' | grep -v '^tests/') po/from_sql.h 2>/dev/null
if msgcmp po/zh_CN.po "$pot" && msgfmt --check -o /dev/null po/zh_CN.po; then
	echo "ok every message has its Chinese"
else
	echo "not ok every message has its Chinese"
fi
