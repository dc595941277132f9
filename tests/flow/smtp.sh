#!/bin/sh
# Letters go out by SMTP: to smtp-sink, which shows what was said, and by STARTTLS and TLS with a
# login to a Postfix, which delivers them; each exactly once, and every byte as in a Maildir.
set -u
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/flow/servers.sh
. "$here/servers.sh"
needs smtp root postfix smtp-sink dovecot openssl python3 psql
start_work

# The letters in a folder, each as recipient, envelope, and hash of what the office wrote: without
# the lines that a relay puts above it, with LF; and without its date, for the clock goes on.
letters() { # FOLDER
	python3 - "$1" <<'PY'
import hashlib, os, re, sys
out = []
for path, _, names in os.walk(sys.argv[1]):
    for name in names:
        text = open(os.path.join(path, name), "rb").read().replace(b"\r\n", b"\n")
        head, body = text.split(b"\n\n", 1)
        if b"\nX-Rcpt-Args:" in head:  # smtp-sink adds an empty line
            body = body[:-1]
        lines = re.sub(rb"\n[ \t]", b"\0", head).split(b"\n")
        ours = [l for l in lines if not re.match(
            rb"(?i)(X-(Client|Helo|Mail|Rcpt|Encryption|Protocol)[A-Za-z-]*|Received|Return-Path|"
            rb"X-Original-To|Delivered-To|Date):", l)]
        message_id = next(l for l in ours if l.startswith(b"Message-ID:")).decode()
        out.append(message_id + " " + hashlib.sha256(b"\n".join(ours) + b"\n\n" + body).hexdigest())
print("\n".join(sorted(out)))
PY
}

make_certificate
make_office smtp || exit 1
make_round || exit 1
setting mail from rhj@office.example
setting mail destination maildir:outbox
pingyi send --yes 2>"$work/err" || cat "$work/err" >&2
letters "$work/office/outbox" >"$work/wanted"
all=$(grep -c . "$work/wanted")
check "there are letters" [ "$all" -gt 50 ]

# smtp-sink: what is said.
start_sink -4
all_due
setting mail destination "smtp://127.0.0.1:$sink_port"
setting mail starttls off
setting mail verp domain
setting mail bounce_domain bounce.example
check "sink: sends" pingyi send --yes
check "sink: all are sent" same "$(states)" "$all sent"
letters "$work/sink" >"$work/got"
check "sink: each letter once, every byte" diff "$work/wanted" "$work/got"
check "sink: the envelope bears the letter's number" same \
	"$(grep -hEc '^X-Mail-Args: <PY-[0-9A-Z]{8}@bounce\.example>' "$work/sink"/* |
		sort | uniq -c | awk '{ print $2 }')" 1
check "sink: one recipient a letter" same \
	"$(grep -h '^X-Rcpt-Args:' "$work/sink"/* | sed 's/.*<//; s/>.*//' | sort)" \
	"$(query "SELECT recipient FROM mailing" | LC_ALL=C sort)"
stop_sink
rm -rf "$work/sink"

# A relay that is away, that refuses the sender, that hangs up.
all_due
pingyi send --yes 2>"$work/err"
check "away: the error is temporary" same $? 75
check "away: no letter has lost a try" same "$(query 'SELECT count(*) FROM attempt')" 0
start_sink -f mail
setting mail destination "smtp://127.0.0.1:$sink_port"
pingyi send --yes 2>"$work/err"
check "sender refused: the error is temporary" same $? 75
check "sender refused: one letter tried, none failed" same "$(states)" "1 deferred, $((all - 1)) due"
stop_sink
all_due
start_sink -q data
setting mail destination "smtp://127.0.0.1:$sink_port"
pingyi send --yes 2>"$work/err"
check "hanging up: gives up after a few" same "$(states)" "5 deferred, $((all - 5)) due"
stop_sink
all_due
start_sink -q .
setting mail destination "smtp://127.0.0.1:$sink_port"
pingyi send --yes 2>"$work/err"
check "hanging up after the last byte: in doubt" same "$(states)" "5 doubtful, $((all - 5)) due"
stop_sink
rm -rf "$work/sink"

# Postfix: STARTTLS and TLS with a login; some are refused now, some for good.
all_due
query "SELECT DISTINCT recipient FROM mailing ORDER BY 1 LIMIT 5" >"$work/some"
sed -n '1,3s/$/ 450 4.2.0 mailbox busy/p; 4,5s/$/ 550 5.1.1 no such mailbox/p' "$work/some" \
	>"$work/access"
start_dovecot && start_postfix || exit 1
printf 'geheim\n' >"$work/office/smtp-password"
chmod 600 "$work/office/smtp-password"
setting mail destination "smtp://127.0.0.1:$smtp_port"
setting mail starttls required
setting mail verp off
setting mail user rhj@office.example
setting mail password_file smtp-password
pingyi send --yes 2>"$work/err"
check "postfix: an unknown certificate is refused" same "$?" 73
setting mail ca_file "$work/cert.pem"
later=$(query "SELECT count(*) FROM mailing WHERE recipient IN
	(SELECT DISTINCT recipient FROM mailing ORDER BY 1 LIMIT 3)")
never=$(query "SELECT count(*) FROM mailing WHERE recipient IN
	(SELECT DISTINCT recipient FROM mailing ORDER BY 1 LIMIT 2 OFFSET 3)")
check "postfix: sends by STARTTLS" pingyi send --yes
check "postfix: 4yz deferred, 5yz failed" same "$(states)" \
	"$later deferred, $never failed, $((all - later - never)) sent"
check "postfix: the ledger has code and words, and nobody's address" same \
	"$(query "SELECT DISTINCT code, words FROM attempt WHERE outcome = 'failed'")" \
	"550	5.1.1 <…>: Recipient address rejected: no such mailbox"
: >"$work/access"
postfix -c "$work/postfix/etc" reload >/dev/null 2>&1
setting mail destination "smtps://localhost:$smtps_port"
now=2026-03-02T09:05
pingyi send --yes 2>"$work/err"
check "postfix: too early for another try" same "$(cat "$work/err")" "Nothing is due.
Some mails have failed or are tried again later: pingyi send --status"
now=2026-03-02T09:30
check "postfix: the deferred go out later, by TLS" pingyi send --yes
check "postfix: all but the failed are sent" same "$(states)" "$never failed, $((all - never)) sent"
turn=0
until [ "$(find "$work/delivered" -type f | wc -l)" -ge $((all - never)) ] || [ $turn -ge 100 ]; do
	turn=$((turn + 1))
	sleep 0.2
done
letters "$work/delivered" >"$work/got"
check "postfix: each arrived once" same "$(cut -d' ' -f1,2 "$work/got" | sort | uniq -d)" ""
check "postfix: as many as were sent" same "$(grep -c . "$work/got")" $((all - never))
check "postfix: every byte" same "$(grep -cxFf "$work/wanted" "$work/got")" $((all - never))
