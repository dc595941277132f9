#!/bin/sh
# The demo's round, as `make demo` runs it, then what came of each answer beside expected.tsv.
# $1: the build folder.
set -u
build=$1
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DEMO_OFFICE="$work/demo"

if tests/demo/run.sh "$build/pingyi" </dev/null >"$work/log" 2>&1; then
	echo "ok it runs to its end"
else
	cat "$work/log"
	echo "not ok it runs to its end"
	exit 1
fi
line=$(tail -n 1 "$work/log")
if echo "$line" | grep -qxE 'demo: 120 letters, 89 messages, [0-9]+ responses, [0-9]+ opinions, [0-9]+ handed over, [0-9]+ closed, 0 orphans'; then
	echo "ok its last line"
else
	echo "not ok its last line: $line"
fi

sql() {
	"$build/pingyi" --office "$DEMO_OFFICE" db shell -c "COPY ($1) TO STDOUT"
}
if "$build/pingyi" --office "$DEMO_OFFICE" db verify >"$work/seals" 2>&1; then
	echo "ok the seals are right"
else
	echo "not ok the seals are right"
fi

# What became of each file: its place's last part is the file's name.
sql "SELECT regexp_replace(p.uid, '^.*/|:2,.*$', '', 'g'),
	CASE WHEN m.state = 'filed' AND a.late THEN 'late' ELSE m.state END,
	coalesce((SELECT string_agg(coalesce((SELECT d.code FROM opinion_department x
			JOIN department d ON d.no = x.department_no
			WHERE x.opinion_id = o.id AND x.lead AND x.by_account IS NULL
			AND o.kind IN ('opinion', 'suggestion')), '-'), ' ' ORDER BY o.seq)
		FROM opinion o WHERE o.answer_id = a.id), '-'),
	coalesce(l.number, '-')
	FROM message m JOIN message_place p ON p.message_id = m.id
	LEFT JOIN answer a ON a.message_id = m.id LEFT JOIN letter l ON l.id = m.letter_id" |
	sort >"$work/got"
right=0 wrong=0 sorted=0 missorted=0
while IFS="$(printf '\t')" read -r file letter outcome _ departments; do
	[ "$file" = file ] && continue
	name=$(basename "$file")
	got=$(grep "^$name$(printf '\t')" "$work/got")
	state=$(echo "$got" | cut -f 2) found=$(echo "$got" | cut -f 3) number=$(echo "$got" | cut -f 4)
	if [ "$state" = "$outcome" ] && { [ "$outcome" = noted ] || [ "$number" = "$letter" ]; }; then
		right=$((right + 1))
	else
		wrong=$((wrong + 1))
		echo "not ok $name: $state of $number, should be $outcome of $letter"
	fi
	case $outcome in filed | late) ;; *) continue ;; esac
	if [ "$found" = "$departments" ]; then
		sorted=$((sorted + 1))
	else
		missorted=$((missorted + 1))
		echo "known $name: sorted to $found, a clerk says $departments"
	fi
done <tests/demo/expected.tsv
echo "ok $right answers are where they belong ($wrong are not)"
if [ $((sorted * 10)) -ge $(((sorted + missorted) * 9)) ]; then
	echo "ok $sorted of $((sorted + missorted)) answers are sorted as a clerk would"
else
	echo "not ok only $sorted of $((sorted + missorted)) answers are sorted as a clerk would"
fi
