#!/bin/sh
# Two people at one opinion at the same moment, each with a process of his own: one of them does it, the other
# one is told so, and nobody waits for ever; what a person confirms is what he was shown. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs together psql script
start_work
make_office together || exit 1
make_enterprises 13 >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
for i in $(seq 0 12); do
	pingyi collect type --from "$(printf '东澄试验企业%05d号' "$i")" --by phone \
		--text "税务局退税太慢，城市管理局罚款太多。" >/dev/null 2>&1
done
pingyi classify >/dev/null 2>&1
pingyi account add tax --kind department --department 28 --name 甲 >/dev/null 2>&1

# both NAME COMMAND1 COMMAND2: at once; their exit codes are in $codes, what they said in $work/err.
both() {
	# shellcheck disable=SC2086
	timeout 60 "$build/pingyi" --office "$work/office" --as staff --now "$now" $1 >/dev/null 2>"$work/err.1" &
	first=$!
	# shellcheck disable=SC2086
	timeout 60 "$build/pingyi" --office "$work/office" --as staff --now "$now" $2 >/dev/null 2>"$work/err.2"
	second_code=$?
	wait "$first"
	codes="$? $second_code"
	cat "$work/err.1" "$work/err.2" >"$work/err"
	! grep -qiE 'deadlock|SQLSTATE|ERROR:' "$work/err" || echo "not ok a clear error: $(cat "$work/err")"
}
# one_won WORDS: one of both did it, the other one says why not.
one_won() {
	case $codes in "0 69" | "69 0") grep -qE "$1" "$work/err" && return 0 ;; esac
	echo "$codes: $(cat "$work/err")" >&2
	return 1
}
of() { # OPINION COLUMNS
	query "SELECT $2 FROM opinion o WHERE id = $1"
}
items="(SELECT count(*) FROM rectification r WHERE r.opinion_id = o.id AND r.state <> 'draft')"

for i in 1 2 3; do
	both "follow hand $i --yes" "follow hand $i --yes"
	check "handed over twice ($i): one does" one_won "opinion $i (cannot be handed over: it is handed|has been handed to department|has no department .*handed over)"
	check "… to every department once" same "$(of "$i" "state, $items = (SELECT count(*) FROM opinion_department d
		WHERE d.opinion_id = o.id)")" "handed	t"
done
for i in 4 5 6; do
	both "follow assign $i d28" "follow hand $i --yes"
	if [ "$codes" = "0 0" ]; then # assigned, and then handed over to whom it was assigned
		check "assigned and handed over ($i): one after the other" same "$(of "$i" "state, $items")" "handed	1"
	else
		check "assigned and handed over ($i): one does" one_won \
			"opinion $i cannot be assigned: it is handed|does not concern department"
		check "… and the state is one of both" sh -c "echo '$(of "$i" state)' | grep -qE '^(handed|sorted)$'"
	fi
done
item() { # OPINION: the item of the tax office, answered
	query "SELECT r.id FROM rectification r WHERE r.opinion_id = $1 AND department_no = 28"
}
pingyi follow assign 7 d28 2>/dev/null
pingyi follow assign 8 d28 2>/dev/null
pingyi follow assign 9 d28 d13 2>/dev/null
pingyi follow hand 7 8 9 --yes 2>/dev/null
for i in 7 8 9; do
	"$build/pingyi" --office "$work/office" --as tax --now "$now" follow sign "$(item "$i")" 2>/dev/null
	"$build/pingyi" --office "$work/office" --as tax --now "$now" follow answer "$(item "$i")" --text 已退税 2>/dev/null
done
both "follow approve $(item 7)" "follow return $(item 7) --why 请写明日期"
check "approved and sent back: one does" one_won "rectification $(item 7) is (approved|returned): it cannot become"
pingyi follow approve "$(item 8)" "$(item 9)" 2>/dev/null
both "follow close $(item 8)" "follow return $(item 8) --why 请写明日期"
check "closed and sent back: the one that may" one_won "rectification $(item 8) is (approved|closed): it cannot become returned"
check "… and one reply" same "$(of 8 "state, (SELECT count(*) FROM reply WHERE opinion_id = o.id)")" "closed	1"
# Two items of one opinion, closed at once: the last one closes the opinion, whichever that is.
query "UPDATE rectification SET state = 'approved', answer = '已整改', signed_at = handed_at, answered_at = handed_at,
	approved_at = handed_at WHERE opinion_id = 9 AND department_no = 13" >/dev/null
other=$(query "SELECT id FROM rectification WHERE opinion_id = 9 AND department_no = 13")
both "follow close $(item 9)" "follow close $other"
check "both items closed at once" same "$codes" "0 0"
check "… one reply, of both" same "$(of 9 "state, (SELECT count(*) FROM reply WHERE opinion_id = o.id)")" "closed	1"
both "follow close $(item 9)" "follow close $other"
check "… and not again" same "$codes" "69 69"

ask y/n follow hand 10
pingyi follow assign 10 d28 d13 2>/dev/null
pingyi follow draft 10 >/dev/null
answer y
check "the same departments, assigned anew: handed over" same "$code $(of 10 "state, $items")" "0 handed	2"
check "… what nobody there will see is to go on paper" grep -q 'What is to go on paper' "$work/shown"
pingyi follow assign 11 d28 2>/dev/null
ask y/n follow hand 11
pingyi follow assign 11 d28 d22 2>/dev/null
pingyi follow draft 11 >/dev/null
answer y
check "a department more than was shown: not handed over" same "$code $(of 11 "state, $items")" "69 sorted	0"
check "… and why" grep -q 'opinion 11 is not as it was shown any more' "$work/shown"
ask y/n follow hand 11
query "UPDATE rectification SET masked = '某企业说退税太慢' WHERE opinion_id = 11 AND department_no = 28"
answer y
check "other words than were shown: not handed over" same "$code $(of 11 "state, $items")" "69 sorted	0"
ask y/n follow hand 11
answer n
check "no: nothing is handed over, and nothing is to go on paper" same \
	"$code $(of 11 "state, $items") $(grep -c '^0 items' "$work/shown") $(grep -c 'to go on paper' "$work/shown")" "0 sorted	0 1 0"

pingyi follow hand 12 99 --yes 2>"$work/err"
check "what is handed over before one that cannot be is told" same "$? $(of 12 state) $(grep -c '^2 items handed over$' "$work/err")" \
	"65 handed 1"

# said: how many items both say that they have handed over, and how many say so.
said() {
	sed -n 's/^\([0-9]*\) items handed over$/\1/p' "$work/err" | awk '{ n += $1 } END { print n + 0, NR }'
}
handed="SELECT count(*) FROM rectification WHERE state <> 'draft'"
before=$(query "$handed")
# both have their lists, and wait, before either gets any
query "BEGIN; SELECT FROM opinion WHERE state = 'sorted' FOR UPDATE; DO \$\$ BEGIN
	FOR i IN 1..400 LOOP
		EXIT WHEN (SELECT count(*) FROM pg_locks WHERE NOT granted) >= 2;
		PERFORM pg_sleep(0.05);
	END LOOP; END \$\$; COMMIT" >/dev/null &
holds=$!
sleep 1
both "follow hand --all --yes" "follow hand --all --yes"
wait "$holds"
check "all handed over twice: both go on behind what the other one has" same \
	"$codes $(query "SELECT count(*) FROM opinion WHERE state = 'sorted'")" "0 0 0"
check "… each is told which the other one has" grep -qE 'opinion (11|13) (cannot be handed over|has been handed|has no department)' "$work/err"
check "… and how many it has handed over itself" same "$(said)" "$(($(query "$handed") - before)) 2"
check "nothing has lost its clock" same "$(pingyi follow orphans 2>/dev/null)" ""
