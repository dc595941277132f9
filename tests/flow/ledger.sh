#!/bin/sh
# The ledger seen: mails come into every state by themselves (a relay that refuses, puts off, hangs
# up and keeps one waiting; bounces and answers that are collected), then `pingyi send --status`, its
# lists, the letter's history and the pages say what the tables say. $1: the build folder.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs ledger python3 psql curl
start_work
relay_pid="" sender_pid=""
stop_own() {
	for pid in $sender_pid $relay_pid; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
}
[ -z "${KEEP:-}" ] || trap - EXIT

# Message NAME (headers and text of stdin, CRLF made here) into the inbox.
arrives() {
	mkdir -p "$work/office/inbox/new" "$work/office/inbox/cur" "$work/office/inbox/tmp"
	sed 's/$/\r/' >"$work/office/inbox/new/$1"
}
# what a path of a JSON document says: jq PATH <file, as letters.sent
field() {
	python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value)' "$1"
}
# How many mails are in a state, as the tables say; of kind first.
count() {
	case $1 in
	in_flight) where="sender_id IS NOT NULL" ;;
	queued) where="sender_id IS NULL AND state = 'due' AND due_at <= '$clock'" ;;
	later) where="sender_id IS NULL AND state = 'due' AND due_at > '$clock'" ;;
	*) where="sender_id IS NULL AND state = '$1'" ;;
	esac
	query "SELECT count(*) FROM mailing LEFT JOIN dispatch ON mailing_id = id
		WHERE kind = 'first' AND $where"
}

make_office ledger && make_round || exit 1
setting mail from rhj@office.example
setting mail starttls off
setting mail verp off
query "SELECT m.recipient FROM mailing m WHERE m.recipient IN
	(SELECT recipient FROM mailing GROUP BY recipient HAVING count(*) = 1) ORDER BY m.id" >"$work/all"
sed -n '1,2s/$/ 550 5.1.1 no such mailbox/p; 3,5s/$/ 450 4.2.0 mailbox busy/p; 6s/$/ drop/p' \
	"$work/all" >"$work/rules"
sed -n "20s|\$| wait $work/go|p" "$work/all" >>"$work/rules"
relay_port=$(free_port)
python3 "$here/relay.py" "$relay_port" "$work/rules" "$work/arrived" &
relay_pid=$!
wait_port "$relay_port" || exit 1
setting mail destination "smtp://127.0.0.1:$relay_port"

# One letter is on its way: a sender is at work.
"$build/pingyi" --office "$work/office" --as staff --now "$now" send --yes >"$work/send.log" 2>&1 &
sender_pid=$!
turn=0
# until the others are through and what is in hand is that one, with the one behind it
until [ -s "$work/arrived" ] && grep -q "$(sed -n 20p "$work/all")" "$work/arrived" &&
	[ "$(query "SELECT count(*) BETWEEN 1 AND 2 FROM dispatch WHERE sender_id IS NOT NULL")" = t ] ||
	[ $turn -ge 200 ]; do
	turn=$((turn + 1))
	sleep 0.1
done
clock=2026-03-02T09:00:30+08:00
now=2026-03-02T09:00:30
pingyi send --status --json >"$work/during.json"
check "a letter is in flight" same "$(field letters.in_flight <"$work/during.json")" "$(count in_flight)"
check "one at least" [ "$(field letters.in_flight <"$work/during.json")" -ge 1 ]
check "its sender is at work" same "$(field senders.0.relay <"$work/during.json")" \
	"$(query "SELECT relay FROM sender WHERE ended_at IS NULL")"
check "the list has it" same "$(pingyi send --status --list in_flight | cut -f 2,4 | sort | sed -n 1p)" \
	"$(query "SELECT recipient || chr(9) || 'in_flight' FROM mailing JOIN dispatch ON mailing_id = id
		WHERE sender_id IS NOT NULL
		ORDER BY recipient LIMIT 1")"
touch "$work/go"
wait "$sender_pid"
code=$?; [ $code -eq 0 ] || cat "$work/send.log" >&2
check "the sender ends well" [ $code -eq 0 ]
sender_pid=""

# Two come back, some answer, a reminder waits for its day.
number() { # of the letter to the n-th address
	query "SELECT l.number FROM letter l JOIN mailing m ON m.letter_id = l.id
		WHERE m.recipient = '$(sed -n "$1p" "$work/all")'"
}
message_id() {
	query "SELECT message_id FROM mailing WHERE recipient = '$(sed -n "$1p" "$work/all")' AND kind = 'first'"
}
# The first letter to the n-th address comes back.
bounces() {
	arrives "bounce$1" <<EOF
From: MAILER-DAEMON@relay.example
To: rhj@office.example
Subject: Undelivered Mail Returned to Sender
Date: Tue, 3 Mar 2026 09:00:00 +0800
Message-ID: <bounce$1@relay.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

There is no such mailbox.
--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; $(sed -n "${1}p" "$work/all")
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <$(sed -n "${1}p" "$work/all")> user unknown

--=_b
Content-Type: text/rfc822-headers

Message-ID: $(message_id "$1")
Subject: letter

--=_b--
EOF
}
bounces 30
bounces 31
for i in 40 41 42 43 44; do
	arrives "answer$i" <<EOF
From: $(sed -n "${i}p" "$work/all")
To: rhj@office.example
Subject: Re: letter
Date: Tue, 3 Mar 2026 10:00:00 +0800
Message-ID: <answer$i@firm.example>
In-Reply-To: $(message_id $i)
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

退税太慢，希望改进。
EOF
done
now=2026-03-03T11:00
clock=2026-03-03T11:00:00+08:00
pingyi collect >"$work/collect.log" 2>&1
query "WITH made AS (INSERT INTO mailing (kind, turn, letter_id, message_id, recipient, domain, state, created_at)
	SELECT 'reminder', 1, letter_id, 'r' || message_id, recipient, domain, 'due', '2026-03-03 11:00+08'
		FROM mailing WHERE kind = 'first' AND state = 'sent' ORDER BY id LIMIT 7 RETURNING id)
	INSERT INTO dispatch (mailing_id, due_at) SELECT id, '2026-03-09 09:00+08' FROM made"
query "INSERT INTO domain_pace VALUES ('$(query "SELECT domain FROM mailing WHERE state = 'deferred' LIMIT 1")',
	'2026-03-03 10:30+08', 3, 1, '2026-03-03 11:30+08')"

pingyi send --status --json >"$work/status.json"
for state in queued later in_flight sent doubtful deferred failed bounced cancelled; do
	check "status: $state" same "$(field letters.$state <"$work/status.json")" "$(count $state)"
done
check "every state has come about" same \
	"$(query "SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM mailing WHERE kind = 'first'")" \
	"bounced deferred doubtful failed sent"
check "status: answered" same "$(field letters.answered <"$work/status.json")" \
	"$(query "SELECT count(*) FROM response")"
check "answers have come in" [ "$(query "SELECT count(*) FROM response")" -eq 5 ]
check "status: paper" same "$(field letters.paper <"$work/status.json")" \
	"$(query "SELECT count(*) FROM letter_state WHERE state = 'paper'")"
check "status: letters" same "$(field letters.letters <"$work/status.json")" \
	"$(query "SELECT count(*) FROM letter")"
check "status: the next try" same "$(field letters.next <"$work/status.json" | cut -c 1-19)" \
	"$(query "SELECT to_char(min(due_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD\"T\"HH24:MI:SS')
		FROM mailing JOIN dispatch ON mailing_id = id WHERE state IN ('deferred', 'doubtful')")"
check "status: reminders" same "$(field kinds.1 <"$work/status.json" | field later)" 7
for part in strata domains; do
	check "status: $part add up" same "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print({n: sum(r[n] for r in d[sys.argv[2]]) for n in ("sent", "failed", "bounced", "deferred", "doubtful", "answered")}
    == {n: d["letters"][n] for n in ("sent", "failed", "bounced", "deferred", "doubtful", "answered")})' \
		"$work/status.json" $part)" True
done
check "status: a bar has each letter once" same "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(all(sum(r["bar"].values()) == r["letters"] for r in d["strata"] + d["domains"] + [d["letters"]]))' \
	"$work/status.json")" True
check "status: why letters failed" same "$(python3 -c 'import json, sys
print([(r["code"], r["words"], r["n"]) for r in json.load(open(sys.argv[1]))["reasons"] if r["state"] == "failed"])' \
	"$work/status.json")" "[(550, '5.1.1 no such mailbox', 2)]"
check "status: why letters came back" same "$(python3 -c 'import json, sys
print([(r["code"], r["words"], r["n"]) for r in json.load(open(sys.argv[1]))["reasons"] if r["state"] == "bounced"])' \
	"$work/status.json")" "[(550, '5.1.1 <…> user unknown', 2)]"
check "status: a domain that is held" same "$(python3 -c 'import json, sys
print([d["hold_until"][:16] for d in json.load(open(sys.argv[1]))["domains"] if d["hold_until"]])' \
	"$work/status.json")" "['2026-03-03T11:30']"
check "status: the share of refusals" same "$(field refusals.refused <"$work/status.json")" 2
check "status: on a terminal 80 columns" same "$(python3 - "$build/pingyi" "$work/office" <<'PY'
import os, pty, sys, unicodedata
worst = 0
for language in ("zh", "en"):
    out = []
    os.environ.update(PINGYI_LANG=language, NO_COLOR="1")
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], "--office", sys.argv[2], "--as", "staff",
                               "--now", "2026-03-03T11:00", "send", "--status"])
    try:
        while chunk := os.read(fd, 9999):
            out.append(chunk)
    except OSError: # it has ended
        pass
    os.waitpid(pid, 0)
    for line in b"".join(out).decode().split("\r\n"):
        worst = max(worst, sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line))
print(worst <= 80 and worst > 40)
PY
)" True
check "in Chinese" sh -c "PINGYI_LANG=zh '$build/pingyi' --office '$work/office' --now $now send --status | grep -q 发送失败"

# Lists and histories.
check "list: failed" same "$(pingyi send --status 2026-1 --list failed | cut -f 2,4,7 | sort)" \
	"$(sed -n '1,2s/$/\tfailed\t550 5.1.1 no such mailbox/p' "$work/all" | sort)"
for state in queued later in_flight sent doubtful deferred failed bounced answered paper cancelled; do
	check "list: as many as counted: $state" same "$(pingyi send --status 2026-1 --list $state --json |
		python3 -c 'import json, sys; print(len([m for m in json.load(sys.stdin)["mails"] if m["kind"] == "first"]))')" \
		"$(field letters.$state <"$work/status.json")"
done
check "list: no such state" sh -c "! '$build/pingyi' --office '$work/office' send --status --list gone 2>'$work/err'"
check "and it says which there are" grep -q "queued, later, in_flight" "$work/err"
check "no such round" sh -c "! '$build/pingyi' --office '$work/office' send --status 1999-1 2>/dev/null"
one=$(number 6)
pingyi send --status --letter "$one" --json >"$work/letter.json"
check "letter: its tries" same "$(python3 -c 'import json, sys
print([[(t["number"], t["outcome"]) for t in m["tries"]] for m in json.load(open(sys.argv[1]))["mails"]])' \
	"$work/letter.json")" "[[(1, 'doubtful')]]"
check "letter: through which relay" same "$(field mails.0.tries.0.relay <"$work/letter.json")" \
	"$(query "SELECT relay FROM sender")"
check "letter: what came back" same "$(pingyi send --status --letter "$(number 30)" --json | field came.0.kind)" \
	"message bounce"
check "letter: no such number" sh -c "! '$build/pingyi' --office '$work/office' send --status --letter PY-NONE 2>/dev/null"

# The pages.
query "SELECT send_gate_set(false, '最近 200 次发送有 6% 被拒收', NULL, '2026-03-03 10:59+08')" >/dev/null
start_pages
for who in staff supervisor d28; do
	password=$(sed -n "s/^ *${who}[[:space:]]\{1,\}\([^[:space:]]*\).*/\1/p" "$work/init.log" | head -n 1)
	curl -s -o /dev/null -c "$work/$who.jar" --data-urlencode "login=$who" \
		--data-urlencode "password=$password" "$url/login"
done
get() { # LOGIN PATH [curl options]
	who=$1 path=$2
	shift 2
	curl -s -b "$work/$who.jar" "$@" "$url$path"
}
status() { # WANTED LOGIN PATH
	same "$(get "$2" "$3" -o /dev/null -w '%{http_code}')" "$1"
}
pages="/round/2026-1 /round/2026-1/letters/failed /letter/$one"
for path in $pages; do
	check "page: staff: $path" status 200 staff "$path"
	check "page: the supervisor gets 403: $path" status 403 supervisor "$path"
	check "page: a department gets 403: $path" status 403 d28 "$path"
	check "page: in English: $path" sh -c "curl -s -b '$work/staff.jar' '$url$path?lang=en' | grep -q '<html lang=\"en\"'"
done
check "page: no state of that name" status 404 staff /round/2026-1/letters/gone
check "page: no letter of that number" status 404 staff /letter/PY-NONE
get staff /round/2026-1 -H 'Accept: application/json' >"$work/page.json"
check "page: the same figures" same "$(field sending.letters <"$work/page.json")" \
	"$(field letters <"$work/status.json")"
get staff '/round/2026-1?lang=zh' >"$work/page.html"
check "page: why the gate is closed" grep -q '发信已自动暂停：最近 200 次发送有 6% 被拒收' "$work/page.html"
check "page: why letters failed" grep -q '550 5.1.1 no such mailbox' "$work/page.html"
check "page: those that need attention come first" same \
	"$(field mails <"$work/page.json" | python3 -c 'import json, sys
print([m["state"] for m in json.load(sys.stdin)][:8])')" \
	"['failed', 'failed', 'bounced', 'bounced', 'doubtful', 'deferred', 'deferred', 'deferred']"
get staff '/?lang=zh' >"$work/home.html"
check "home: the gate is closed" grep -q '发信已暂停：最近 200 次' "$work/home.html"
check "home: letters to be addressed anew" same "$(get staff / -H 'Accept: application/json' | field todo.0.n)" 4
sed "s/$(sed -n 30p "$work/all")/new@firm.example/" "$here/../demo/enterprises-utf8.csv" >"$work/corrected.csv"
pingyi enterprise import "$work/corrected.csv" >/dev/null 2>&1
check "home: one has another address, and has not gone there yet" same \
	"$(get staff / -H 'Accept: application/json' | field todo.0.n)" 4
check "home: it leads to these" same "$(get staff "$(get staff / -H 'Accept: application/json' | field todo.0.link)" \
	-H 'Accept: application/json' | python3 -c 'import json, sys
print(sorted(m["recipient"] + " " + m["state"] for m in json.load(sys.stdin)["mails"]))')" \
	"$({ sed -n '1,2s/$/ failed/p; 31s/$/ bounced/p' "$work/all" && echo "new@firm.example queued"; } |
		python3 -c 'import sys; print(sorted(sys.stdin.read().splitlines()))')"
check "page: as many" same "$(get staff /round/2026-1 -H 'Accept: application/json' | field sending.tabs.0.n)" 4
pingyi send --yes >"$work/send.log" 2>&1
check "home: not while the gate is closed" same "$(get staff / -H 'Accept: application/json' | field todo.0.n)" 4
query "SELECT send_gate_set(true, NULL, NULL, '2026-03-03 10:59+08')" >/dev/null
pingyi send --yes >"$work/send.log" 2>&1
check "home: until it has" same "$(get staff / -H 'Accept: application/json' | field todo.0.n)" 3
gone=$(query "SELECT min(c.id) FROM mailing m JOIN letter l ON l.id = m.letter_id JOIN contact c USING (enterprise_id)
	WHERE m.id IN (SELECT send_anew('$now')) AND c.is_letter")
query "UPDATE contact SET email = NULL WHERE id = $gone" >/dev/null
check "home: one has no address any more" same "$(get staff / -H 'Accept: application/json' | field todo.0.n)" 3
check "round show: what was sent is what its page calls sent" same \
	"$(pingyi round show 2026-1 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["sent"])')" "$(count sent)"

# More than one page: every mail of the list once.
query "INSERT INTO enterprise (name, stratum, changed_at) SELECT '增补' || n, 'trade', now() FROM generate_series(1, 1100) n" >/dev/null
query "INSERT INTO letter (round_id, enterprise_id, number, secret_hash, created_at)
	SELECT 1, id, 'PZ-' || lpad(id::text, 8, '0'), sha256(name::bytea), now() FROM enterprise WHERE name LIKE '增补%'" >/dev/null
query "WITH made AS (INSERT INTO mailing (kind, letter_id, round_id, stratum, message_id, recipient, domain,
		state, created_at)
	SELECT 'first', id, round_id, 'trade', number, 'a@more.example', 'more.example',
		CASE WHEN id % 11 = 0 THEN 'sent' ELSE 'failed' END, now()
	FROM letter WHERE number LIKE 'PZ-%' RETURNING id, state)
	INSERT INTO attempt (mailing_id, number, at, event_id, outcome)
	SELECT id, 1, now(), 0, state FROM made" >/dev/null
for state in failed sent; do
	after="" pages=0
	: >"$work/listed"
	while :; do
		get staff "/round/2026-1/letters/$state?after=$after" -H 'Accept: application/json' >"$work/list.json"
		python3 -c 'import json, sys; [print(m["number"]) for m in json.load(sys.stdin)["mails"]]' \
			<"$work/list.json" >>"$work/listed"
		after=$(field after <"$work/list.json")
		pages=$((pages + 1))
		{ [ "$after" != None ] && [ $pages -lt 9 ]; } || break
	done
	check "pages: each $state letter once" same "$(sort "$work/listed" | uniq -c | awk '{ n += $1 == 1 } END { print n, NR }')" \
		"$(count $state) $(count $state)"
done
check "pages: more than one" [ "$(count failed)" -gt 1000 ]

query "DELETE FROM attempt WHERE event_id = 0" >/dev/null

# A relay that is faster than the ledger: a letter comes back while it is only noted that it was sent.
third=$(query "SELECT id FROM mailing WHERE recipient = '$(sed -n 3p "$work/all")' AND kind = 'first'")
query "SELECT sender_start('nobody', 'relay', 600, '2026-03-03 11:00+08')" >"$work/noting"
query "UPDATE dispatch SET sender_id = $(cat "$work/noting") WHERE mailing_id = $third" >/dev/null
query "INSERT INTO journal VALUES ($(cat "$work/noting"), 1, '2026-03-03 11:00+08', '{$third}', '{sent}', '{250}',
	'{2.0.0 queued}', '{NULL}')" >/dev/null
bounces 3
pingyi collect >"$work/collect.log" 2>&1
check "noted: the bounce comes after the try" same \
	"$(query "SELECT string_agg(outcome, ' ' ORDER BY number) FROM attempt WHERE mailing_id = $third")" \
	"deferred sent bounced"
check "noted: it stays bounced" same "$(query "SELECT state FROM mailing WHERE id = $third")" bounced
check "noted: nothing is left of it" same "$(query "SELECT (SELECT count(*) FROM journal)
	+ (SELECT count(*) FROM dispatch WHERE mailing_id = $third)")" 0

# A row whose commit its sender did not hear of, and which somebody has entered meanwhile, is not
# entered again when it is sent again: the mail that it put back may be on its way.
fourth=$(query "SELECT id FROM mailing WHERE recipient = '$(sed -n 4p "$work/all")' AND kind = 'first'")
sender=$(query "SELECT sender_start('nobody', 'relay', 600, '2026-03-03 11:00+08')")
notes() { # ROW OUTCOME
	printf 'PREPARE note AS %s; EXECUTE note(%s, %s, now(), %s, %s, %s, %s, %s)' \
		"$(sed '/^--/d' "$here/../../db/sql/journal_note.sql")" "$sender" "$1" "'{$fourth}'" "'{$2}'" \
		"'{NULL}'" "'{NULL}'" "'{NULL}'" >"$work/note.sql"
	PGOPTIONS='-c search_path=pingyi' psql -X -q -A -t -h "$office_socket" -U pingyi_admin -d pingyi \
		-f "$work/note.sql"
}
query "UPDATE dispatch SET sender_id = $sender WHERE mailing_id = $fourth" >/dev/null
check "noted: its sender lives" same "$(notes 1 NULL)" "$sender"
query "SELECT journal_post($sender, 0, NULL, '2026-03-03 11:00+08')" >/dev/null
query "UPDATE dispatch SET sender_id = $sender WHERE mailing_id = $fourth" >/dev/null
check "noted: again is no harm" same "$(notes 1 NULL) $(query "SELECT count(*) FROM journal")" "$sender 0"
notes 2 sent >/dev/null
query "SELECT journal_post($sender, 1, 2, '2026-03-03 11:00+08')" >/dev/null
check "noted: what was sent is entered" same "$(query "SELECT state FROM mailing WHERE id = $fourth")" sent

# A try that was changed is found.
check "verify: all is right" sh -c "'$build/pingyi' --office '$work/office' db verify >/dev/null"
query "UPDATE attempt SET words = '5.1.1 nobody' WHERE outcome = 'failed'" >/dev/null
"$build/pingyi" --office "$work/office" db verify >/dev/null 2>"$work/err"
check "verify: a changed try is found" same "$?" 73
check "verify: the event is named" grep -q "event $(query "SELECT min(event_id) FROM attempt WHERE outcome = 'failed'")" \
	"$work/err"
