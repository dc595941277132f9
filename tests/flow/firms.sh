# shellcheck shell=sh disable=SC2154,SC2034
# Sourced, after servers.sh, by the tests of whose mail is whose: a released round of six firms, some
# at one provider of mail, and what comes in from them.

# start_firms NAME: the office, the round, $work/in for messages, and the numbers $jia and $yi of the
# letters to the first two.
start_firms() {
	cat >"$work/enterprises.csv" <<'EOF2'
企业名称,统一社会信用代码,简称,层别,联系人,电话,邮箱
测试甲（东澄）机械有限公司,91370599MA0A1EEF1P,,外来投资企业,甲,,jia@one.example
测试乙化工有限公司,91370599MA0A511450,,限额以上工业企业,乙,,yi@two.example
测试丙商贸有限公司,,,贸易餐饮企业,丙,,bing@provider.example
测试丁商贸有限公司,,,贸易餐饮企业,丁,,ding@provider.example
测试戊商贸有限公司,,,贸易餐饮企业,戊,,wu@provider.example
测试己商贸有限公司,,,贸易餐饮企业,己,,ji@provider.example
EOF2
	make_office "$1" && make_round_of "$work/enterprises.csv" && mkdir "$work/in" || return 1
	jia=$(number '测试甲（东澄）机械有限公司')
	yi=$(number '测试乙化工有限公司')
}

# writes NAME FROM SUBJECT: a message with the text of stdin
writes() {
	{
		printf 'From: %s\nTo: rhj@office.example\nSubject: %s\nDate: Tue, 3 Mar 2026 10:00:00 +0800\n' "$2" "$3"
		printf 'Message-ID: <%s@x.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n' "$1"
		cat
	} | sed 's/$/\r/' >"$work/in/$1.eml"
}

# number ENTERPRISE: of the letter to it
number() {
	query "SELECT l.number FROM letter l JOIN enterprise e ON e.id = l.enterprise_id WHERE e.name = '$1'"
}
