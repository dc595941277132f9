#!/bin/sh
# pingyi enterprise import: three file formats, again, changes, bad rows. $1: the build folder.
set -u
. "$(dirname "$0")/office.sh"
demo=$root/tests/demo
"$build/pingyi" --now "$now" init "$office" --seed import >/dev/null 2>&1
export PINGYI_LANG=en

says() { # WANTED COMMAND…: the words on stderr
	wanted=$1
	shift
	said=$("$@" 2>&1 >/dev/null)
	[ "$said" = "$wanted" ] || {
		echo "  said: $said"
		return 1
	}
}
check "--dry-run changes nothing" says "would be: 120 new, 0 changed, 0 the same" \
	p enterprise import --dry-run "$demo/enterprises.csv"
check "a CSV of Chinese Excel (GB18030)" says "120 new, 0 changed, 0 the same" \
	p enterprise import "$demo/enterprises.csv"
check "UTF-8 with BOM is the same" says "0 new, 0 changed, 120 the same" \
	p enterprise import "$demo/enterprises-utf8.csv"
check "XLSX is the same" says "0 new, 0 changed, 120 the same" \
	p enterprise import "$demo/enterprises.xlsx"
check "no change, no event" test "$(sql "SELECT count(*) FROM event WHERE noun = 'enterprise'")" = 120
check "one address serves several" test "$(sql "SELECT count(*) FROM (SELECT 1 FROM contact
	WHERE email IS NOT NULL GROUP BY email HAVING count(*) > 1) x")" -ge 1

cat >"$work/change.csv" <<'END'
企业名称,统一社会信用代码,层别,联系人,电话,邮箱,地址,邮编
测试甲有限公司,,外来投资企业,王某,1.3800001234E+10,jia@jia.example,甲路1号,10020
测试乙有限公司,,贸易餐饮企业,李某,13800005678.0,yi@yi.example;yi2@yi.example,乙路2号,257000
END
check "numbers that Excel made" says "2 new, 0 changed, 0 the same" \
	p enterprise import "$work/change.csv"
check "are read as written" test "$(sql "SELECT c.phone || ' ' || e.postcode FROM contact c JOIN
	enterprise e ON e.id = c.enterprise_id WHERE e.name = '测试甲有限公司'")" = "13800001234 010020"
check "several addresses in a cell are several contacts" test "$(sql "SELECT count(*) FROM contact c
	JOIN enterprise e ON e.id = c.enterprise_id WHERE e.name = '测试乙有限公司'")" = 2
sed -i 's/甲路1号/甲路3号/' "$work/change.csv"
check "what differs is changed" says "0 new, 1 changed, 1 the same" \
	p enterprise import "$work/change.csv"

cat >"$work/letters.csv" <<'END'
企业名称,层别,邮箱
测试丙有限公司,贸易餐饮企业,info@例子.中国
测试丁有限公司,贸易餐饮企业,zhang@qq。com
测试戊有限公司,贸易餐饮企业,张三@bing.example
测试己有限公司,贸易餐饮企业,张三zhang@bing.example
测试庚有限公司,贸易餐饮企业,邮箱：zhang@bing.example
END
p enterprise import --skip-bad "$work/letters.csv" 2>"$work/problems"
check "a name or a word before an address is told" test "$(grep -c 'is no mail address' "$work/problems")" = 2
check "… and where" grep -q 'letters.csv:[56]: 邮箱' "$work/problems"
check "domains are kept in ASCII, names as they are" test "$(sql "SELECT string_agg(c.email, ' ' ORDER BY e.name)
	FROM contact c JOIN enterprise e ON e.id = c.enterprise_id WHERE e.name ~ '^测试[丙丁戊]'" | tr ' ' '\n' |
	sort | tr '\n' ' ')" = "info@xn--fsqu00a.xn--fiqs8s zhang@qq.com 张三@bing.example "

cat >"$work/bad.csv" <<'END'
企业名称,统一社会信用代码,层别,邮箱,电话
好的有限公司,,外来投资企业,a@b.example,
坏码有限公司,91370599MA0A1EEF1X,外来投资企业,,
坏类有限公司,,其他,,
坏邮有限公司,,外来投资企业,not-an-address,
坏话有限公司,,外来投资企业,,1.38E+10
END
before=$(sql "SELECT count(*) FROM enterprise")
p enterprise import "$work/bad.csv" 2>"$work/problems"
check "bad rows: exit 65" test $? = 65
for place in "bad.csv:3: 统一社会信用代码" "bad.csv:4: 层别" "bad.csv:5: 邮箱" "bad.csv:6: 电话"; do
	check "names $place" grep -q "$place" "$work/problems"
done
check "nothing was imported" test "$(sql "SELECT count(*) FROM enterprise")" = "$before"
p enterprise import --skip-bad "$work/bad.csv" 2>/dev/null
check "--skip-bad imports the others" test "$(sql "SELECT count(*) FROM enterprise")" = $((before + 1))
printf '甲,乙\n1,2\n' >"$work/other.csv"
p enterprise import "$work/other.csv" 2>"$work/problems"
check "another table is refused, with what was found" grep -q "other.csv:1: .*甲, 乙" "$work/problems"
p round new 2026-1 --title 征求意见 --closes 2026-03-31 >/dev/null 2>&1
p round release 2026-1 --yes >/dev/null 2>&1
mkdir "$work/in"
for domain in 例子.中国 XN--FSQU00A.xn--fiqs8s; do
	printf 'From: info@%s\nSubject: 意见\nMessage-ID: <%s@x.example>\n\n停电太多。\n' "$domain" "$domain" \
		>"$work/in/$domain.eml"
done
p collect "$work/in" 2>"$work/err"
check "a sender is known by either form of its domain" test "$(sql "SELECT count(*) FROM message
	WHERE state = 'filed'")" = 2
exit "$failed"
