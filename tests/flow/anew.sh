#!/bin/sh
# An enterprise's address is corrected: letters that were refused or came back are due again, the same
# ones; what has not left goes to the new address, what a sender has in hand is left to it. The server
# is a scripted one. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs anew python3 psql
start_work

# file NAME=ADDRESS…: the enterprises, those that are named with other addresses.
file() {
	echo "企业名称,层别,联系人,邮箱"
	for firm in lost back busy early held late fine gone; do
		address=$firm@one.example
		for pair in "$@"; do
			[ "${pair%%=*}" = $firm ] && address=${pair#*=}
		done
		echo "试验企业$firm,贸易餐饮企业,甲,$address"
	done
	echo "试验企业纸,贸易餐饮企业,甲,${paper:-}"
}
corrects() { # [--dry-run] NAME=ADDRESS…: what it said in $work/err
	dry=""
	[ "$1" != --dry-run ] || { dry=$1 && shift; }
	file "$@" >"$work/corrected.csv"
	# shellcheck disable=SC2086
	pingyi enterprise import $dry "$work/corrected.csv" >/dev/null 2>"$work/err"
}
said() { # WORDS: among what it said
	grep -q -F -e "$1" "$work/err" || {
		cat "$work/err" >&2
		return 1
	}
}
mail() { # NAME COLUMNS: of its first letter
	query "SELECT $2 FROM mailing m JOIN letter l ON l.id = m.letter_id JOIN enterprise e ON e.id = l.enterprise_id
		LEFT JOIN dispatch d ON d.mailing_id = m.id WHERE m.kind = 'first' AND e.name = '试验企业$1'"
}
got() { # ADDRESS: how many letters it got
	cat "$work/one/letters"/* 2>/dev/null | grep -c "^X-Envelope: [^ ]* $1\$"
}
todo() { # how many letters are to be addressed anew
	query "SELECT count(*) FROM send_anew('$now')"
}

make_office anew || exit 1
file >"$work/enterprises.csv"
make_round_of "$work/enterprises.csv" || exit 1
setting mail from rhj@office.example
setting mail starttls off
setting mail stop_at_percent 0
start_scripted one 'rcpt=lost@:550 5.1.1 no such user' 'rcpt=busy@:450 4.2.0 mailbox busy' \
	'rcpt=again@:550 5.1.1 no such user'
setting mail destination "smtp://127.0.0.1:$scripted_port"

# --- between the release and the sending ---
corrects early=early@two.example
check "before it is sent: the import tells" said "go to their new addresses: 1 letters that have not been sent"
check "before it is sent: the letter has the new address" same "$(mail early "m.recipient, m.domain, m.state")" \
	"early@two.example	two.example	due"

# In hand of another sender meanwhile: it is left to that one.
sender=$(query "SELECT sender_start('nobody', 'relay', 600, '2026-03-02 09:00+08')")
query "UPDATE dispatch SET sender_id = $sender WHERE mailing_id IN ($(mail held m.id), $(mail late m.id))" >/dev/null
corrects early=early@two.example held=held@two.example late=late@two.example
check "in hand: not changed under its sender" same "$(mail held "m.recipient, d.sender_id")" "held@one.example	$sender"
# one of the two is refused, the other one put back untried
query "INSERT INTO journal VALUES ($sender, 1, '2026-03-02 09:00+08', '{$(mail late m.id)}', '{failed}', '{550}',
	'{5.1.1 no such user}', '{NULL}')" >/dev/null
query "SELECT sender_end($sender, '2026-03-02 09:00+08')" >/dev/null
check "in hand: what fails then is due again" same "$(mail late "m.recipient, m.state, m.tries, m.code")" \
	"late@two.example	due	1	"
check "in hand: what was put back has the old address still" same "$(mail held "m.recipient, m.state")" \
	"held@one.example	due"

pingyi send --yes 2>"$work/err"
check "the letter goes to the new address alone" same "$(got early@two.example) $(got early@one.example)" "1 0"
check "in hand: the one that was put back too" same "$(got held@two.example) $(got held@one.example)" "1 0"
check "in hand: the one that failed too" same "$(got late@two.example) $(mail late "m.state, m.tries")" "1 sent	2"
check "the rest as ever" same "$(states)" "1 deferred, 1 failed, 6 sent"

# --- refused, or come back ---
query "UPDATE mailing SET state = 'bounced', tries = 2 WHERE id = $(mail back m.id)" >/dev/null
query "INSERT INTO attempt VALUES ($(mail back m.id), 2, '2026-03-02 10:00+08', NULL, 0, 'bounced', 550, '5.1.1')" >/dev/null
before=$(mail lost "m.id, m.message_id, l.number")
check "to be addressed anew: two" same "$(todo)" 2
corrects --dry-run early=early@two.example held=held@two.example late=late@two.example lost=found@two.example
check "import --dry-run tells" said "would be due again, at their new addresses: 1 letters"
check "and changes nothing" same "$(mail lost m.state)" failed
now=2026-03-03T09:00
corrects early=early@two.example held=held@two.example late=late@two.example lost=again@two.example \
	back=back@two.example busy=idle@two.example
check "import: tells how many are due again" said "due again, at their new addresses: 2 letters that had failed or come back"
check "import: and how many wait" said "go to their new addresses: 1 letters that have not been sent"
check "import: and what comes next" said "Next: pingyi send"
check "the same mail is due" same "$(mail lost "m.id, m.message_id, l.number, m.state, m.tries, m.recipient, m.domain")" \
	"$before	due	1	again@two.example	two.example"
check "its tries stay" same "$(query "SELECT outcome, code FROM attempt WHERE mailing_id = $(mail lost m.id)")" "failed	550"
check "an event tells, with the hash of the address before" same "$(query "SELECT verb, from_state, to_state, account_id IS NOT NULL,
	text_hash = sha256('lost@one.example') FROM event WHERE noun = 'mailing' AND noun_id = $(mail lost m.id)")" \
	"readdress	failed	due	t	t"
check "what was put off is due at once" same "$(mail busy "m.state, m.recipient, d.due_at <= '2026-03-03 09:00+08', d.tried_at")" \
	"due	idle@two.example	t	"
check "to be addressed anew: still two, until they have gone out" same "$(todo)" 2
pingyi send --dry-run 2>"$work/err"
check "send --dry-run has them" said "3 letters to"
pingyi send --yes 2>"$work/err"
check "they arrive" same "$(got back@two.example) $(got idle@two.example)" "1 1"
check "to be addressed anew: the one that failed again" same "$(todo) $(mail lost "m.state, m.tries, m.code")" "1 failed	2	550"
check "its history" same "$(pingyi send --status --letter "$(mail lost l.number)" --json | python3 -c 'import json, sys
print([t["outcome"] for t in json.load(sys.stdin)["mails"][0]["tries"]])')" "['failed', 'failed']"

# --- on paper ---
check "print --failed: the letter that failed" sh -c "'$build/pingyi' --office '$work/office' --as staff --now $now \
	print --failed --each '$work/printed' >/dev/null 2>'$work/err'"
check "print --failed: and no other" same "$(ls "$work/printed")" "$(mail lost l.number) 试验企业lost.pdf"

# What came back after the address was corrected: the same file again is enough.
query "UPDATE mailing SET recipient = 'gone@old.example', state = 'bounced', tries = 2 WHERE id = $(mail gone m.id)" >/dev/null
query "INSERT INTO attempt VALUES ($(mail gone m.id), 2, '2026-03-02 10:00+08', NULL, 0, 'bounced', 550, '5.1.1')" >/dev/null
set -- early=early@two.example held=held@two.example late=late@two.example lost=found@two.example \
	back=back@two.example busy=idle@two.example
corrects "$@"
check "the same address again: what came back since is due" same "$(mail gone "m.recipient, m.state")" "gone@one.example	due"

# Who answered, and whose round is over, gets nothing more.
lost_mail=$(mail lost m.id)
query "UPDATE mailing SET state = 'failed' WHERE id IN ($lost_mail, $(mail back m.id)); DELETE FROM dispatch WHERE mailing_id = $lost_mail" >/dev/null
query "INSERT INTO response (letter_id, round_id, first_at, last_at, late)
	SELECT letter_id, round_id, '2026-03-03 08:00+08', '2026-03-03 08:00+08', false
	FROM mailing WHERE id = $lost_mail" >/dev/null
corrects early=early@two.example lost=third@two.example back=third@three.example
check "an answered one is not due again" same "$(mail lost m.state)" failed
check "but another is" same "$(mail back m.state)" due
now=2027-01-04T09:00
query "UPDATE mailing SET state = 'failed' WHERE id = $(mail back m.id); DELETE FROM dispatch" >/dev/null
corrects early=early@two.example back=fourth@two.example
check "one whose round is over is not" same "$(mail back m.state)" failed
now=2026-03-03T12:00

# Reminders and replies that wait go to the new address as well; one on paper stays on paper.
query "SET session_replication_role = replica; WITH made AS (INSERT INTO mailing (kind, turn, reply_id, letter_id, message_id, recipient, domain, state, created_at)
	SELECT kind, (kind = 'reminder')::integer, CASE kind WHEN 'reply' THEN 1 END, letter_id, kind, recipient, domain, 'due',
		created_at FROM (SELECT letter_id, recipient, domain, created_at FROM mailing WHERE id = $(mail fine m.id)) f,
		unnest(ARRAY['reminder', 'reply']) AS kind RETURNING id)
	INSERT INTO dispatch (mailing_id, due_at) SELECT id, '2026-03-03 09:00+08' FROM made" >/dev/null
paper=paper@two.example
corrects early=early@two.example fine=fine@two.example
check "reminders and replies that wait" same "$(query "SELECT string_agg(kind || ' ' || recipient, ', ' ORDER BY kind)
	FROM mailing WHERE kind <> 'first'")" "reminder fine@two.example, reply fine@two.example"
check "the letter that has gone out stays as it is" same "$(mail fine "m.state, m.recipient")" "sent	fine@one.example"
check "paper stays paper" same "$(mail 纸 m.id)" ""
query "DELETE FROM attempt WHERE event_id = 0" >/dev/null
check "nothing of this breaks the ledger" sh -c "'$build/pingyi' --office '$work/office' db verify >/dev/null 2>'$work/err'"
