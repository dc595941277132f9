#!/usr/bin/env python3
"""Measures reading against public corpora (../shared/corpora): tests/measure_reading.py [-v] build

Prints a figure a line; -v names each message that is wrong. Says SKIP where a corpus is absent. Exit
1 where a figure is below its goal (0 %: told, no goal)."""
import collections
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

VERBOSE = "-v" in sys.argv
ARGS = [a for a in sys.argv[1:] if not a.startswith("-")]
BUILD = ARGS[0] if ARGS else "build"
ONLY = ARGS[1] if len(ARGS) > 1 else ""
HERE = os.path.dirname(os.path.abspath(__file__))
CORPORA = os.environ.get("PINGYI_CORPORA")
if not CORPORA:
    for up in ("..", "../..", "../../.."):
        CORPORA = os.path.join(HERE, "..", up, "shared", "corpora")
        if os.path.isdir(CORPORA):
            break


def read(files, *options):
    """{path: record} of `pingyi read`."""
    out = {}
    for start in range(0, len(files), 200):
        run = subprocess.run([os.path.join(BUILD, "pingyi"), "read", *options,
                              *files[start:start + 200]], capture_output=True, check=True)
        for line in run.stdout.decode().split("\n"):
            if not line:
                continue
            record = json.loads(line)
            out[record["file"]] = record
    return out


below = []


def figure(name, right, total, goal, wrong=()):
    share = 100.0 * right / total if total else 0.0
    if share < goal:
        below.append(name)
    print(f"{name}: {right}/{total} = {share:.1f} % ({f'goal {goal} %' if goal else 'no goal'})"
          f"{'' if share >= goal else '  BELOW'}")
    if VERBOSE:
        for line in wrong:
            print("    " + line)


def absent(folder):
    if os.path.isdir(os.path.join(CORPORA, folder)):
        return False
    print(f"SKIP {folder}: the corpus is not there")
    return True


def sisimai():
    if absent("sisimai"):
        return
    folder = os.path.join(CORPORA, "sisimai")
    rows = collections.defaultdict(list)
    with open(os.path.join(folder, "expected.tsv")) as lines:
        next(lines)
        for line in lines:
            name, number, dsn, code, reason, hard = line.rstrip("\n").split("\t")
            rows[name].append((dsn, code, reason, hard == "true"))
    files = [os.path.join(folder, "maildir", name) for name in sorted(rows)]
    records = read(files)
    kinds = [0, 0, []]
    hards = [0, 0, []]
    statuses = [0, 0, []]
    codes = [0, 0]
    counts = [0, 0]
    for path in files:
        name = os.path.basename(path)
        record = records[path]
        with open(path, "rb") as f:
            raw = f.read()
        reasons = {row[2] for row in rows[name]}
        wanted = {"feedback": "complaint", "vacation": "auto-reply",
                  "delivered": "delivered"}.get(sorted(reasons)[0], "bounce")
        ok = record["kind"] == wanted
        if wanted == "bounce" and record["kind"] == "delay":
            # Right where the bytes say delayed.
            ok = bool(re.search(rb"(?im)^action: *delayed|delayed|not need to resend"
                                rb"|warning message only|could not send message for past"
                                rb"|will continue|will be retried", raw))
        kinds[0] += ok
        kinds[1] += 1
        if not ok:
            kinds[2].append(f"{name}: {record['kind']}, not {wanted}: {record['subject']}")
        if wanted in ("complaint", "auto-reply"):
            continue
        got = record["bounces"]
        counts[1] += 1
        counts[0] += len(got) == len(rows[name])
        for index, (dsn, code, reason, hard) in enumerate(rows[name]):
            mine = got[index] if index < len(got) else (got[0] if len(got) == 1 else None)
            hards[1] += 1
            right = mine is not None and mine["hard"] is hard
            hards[0] += right
            if not right:
                hards[2].append(f"{name}[{index}]: hard={mine and mine['hard']} "
                                f"({mine and mine['reason']}), not {hard} ({reason}) "
                                f"{mine and mine['status']} {dsn}: "
                                f"{repr(mine and mine['words'])[:200]}")
            plain = re.search(rb"(?<![\d.])" + re.escape(dsn.encode()) + rb"(?![\d])", raw)
            if dsn and not re.match(r"\d\.0\.9\d\d$", dsn) and plain:
                statuses[1] += 1
                right = mine is not None and mine["status"] == dsn
                statuses[0] += right
                if not right:
                    statuses[2].append(f"{name}[{index}]: {mine and mine['status']}, not {dsn}: "
                                       f"{repr(mine and mine['words'])[:200]}")
            if code:
                codes[1] += 1
                codes[0] += mine is not None and mine["code"] == code
    figure("sisimai kind", *kinds[:2], 98, kinds[2])
    figure("sisimai hard", *hards[:2], 95, hards[2])
    figure("sisimai status", *statuses[:2], 95, statuses[2])
    figure("sisimai code", *codes, 0)
    figure("sisimai recipients", *counts, 0)


def collapse(text):
    text = text.replace("\r\n", "\n").replace("\xa0", " ")
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def trimmer():
    if absent("email_reply_trimmer"):
        return
    folder = os.path.join(CORPORA, "email_reply_trimmer")
    names = sorted(os.listdir(os.path.join(folder, "emails")))
    records = read([os.path.join(folder, "emails", name) for name in names], "--text")
    right, wrong = 0, []
    for name in names:
        with open(os.path.join(folder, "trimmed", name), encoding="utf-8") as f:
            wanted = collapse(f.read())
        got = collapse(records[os.path.join(folder, "emails", name)]["own"])
        right += got == wanted
        if got != wanted:
            wrong.append(f"{name}: {got[:300]!r} not {wanted[:300]!r}")
    figure("email_reply_trimmer own words", right, len(names), 85, wrong)


def talon():
    if absent("talon"):
        return
    folder = os.path.join(CORPORA, "talon")
    files = []
    for sub in ("standard_replies", "html_replies", "."):
        for name in sorted(os.listdir(os.path.join(folder, sub))):
            if name.endswith((".eml", ".html")):
                files.append(os.path.join(folder, sub, name))
    right, wrong = 0, []
    with tempfile.TemporaryDirectory() as temporary:
        renamed = {}
        for path in files:
            if path.endswith(".html"):
                with open(path, "rb") as f:
                    body = f.read()
                made = os.path.join(temporary, os.path.basename(path) + ".eml")
                with open(made, "wb") as f:
                    f.write(b"Subject: Re: x\nIn-Reply-To: <a@b>\n"
                            b"Content-Type: text/html\n\n" + body)
                renamed[made] = path
            else:
                renamed[path] = path
        for path, record in read(list(renamed)).items():
            own = re.sub(r"\s+", " ", record["own"]).strip()
            answers = {"Hello", "Hi. I am fine. Thanks, Alex", "Hi", "Reply", "Hi there Bob",
                       "Hi. I am fine. Thanks,", "Hi there", "Hi there Bob"}
            ok = own in answers or own.startswith("Hi Katharine")
            right += ok
            if not ok or VERBOSE:
                wrong.append(f"{os.path.relpath(renamed[path], folder)}: {own[:200]!r}")
    figure("talon replies separated", right, len(files), 100, wrong)


def stalwart_value(value):
    return value if not isinstance(value, dict) else next(iter(value.values()))


def stalwart_addresses(value):
    """[(name, address)] of a header's value in stalwart's JSON."""
    if value == "Empty":
        return []
    inner = value.get("Address", {})
    out = []
    if "List" in inner:
        out = inner["List"]
    elif "Group" in inner:
        for group in inner["Group"]:
            out += group["addresses"]
    return [(a.get("name") or None, a.get("address") or None) for a in out]


def stalwart():
    if absent("stalwart-mail-parser"):
        return
    folder = os.path.join(CORPORA, "stalwart-mail-parser")
    tally = collections.Counter()
    wrong = []
    with tempfile.TemporaryDirectory() as temporary:
        todo = {}
        for at, _, names in os.walk(folder):
            for name in sorted(names):
                if not name.endswith(".eml"):
                    continue
                path = os.path.join(at, name)
                with open(path, "rb") as f:
                    raw = f.read()
                made = os.path.join(temporary, "lf" + os.path.basename(at) + name)
                with open(made, "wb") as f:
                    f.write(raw.replace(b"\r\n", b"\n"))
                todo[made] = path[:-4] + ".json"
                made = os.path.join(temporary, os.path.basename(at) + name)
                with open(made, "wb") as f:
                    f.write(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
                todo[made] = path[:-4] + ".crlf.json"
        records = read(list(todo))
        for path, expected in todo.items():
            if not os.path.exists(expected):
                continue
            with open(expected, encoding="utf-8") as f:
                text = f.read()
            label = os.path.relpath(expected, folder)
            if "Fr\ufffdsche" in text:
                continue
            compare_stalwart(json.loads(text), records[path], label, tally, wrong)
    total = sum(n for (what, ok), n in tally.items())
    right = sum(n for (what, ok), n in tally.items() if ok)
    for what in sorted({what for what, _ in tally}):
        figure(f"stalwart {what}", tally[what, True], tally[what, True] + tally[what, False], 0)
    figure("stalwart values", right, total, 97, wrong)


def check(tally, wrong, label, what, got, wanted):
    ok = got == wanted
    tally[what, ok] += 1
    if not ok:
        wrong.append(f"{label} {what}: {got!r:.160} not {wanted!r:.160}")


def plain(text):
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text


def compare_stalwart(message, record, label, tally, wrong):
    parts = message["parts"]
    headers = {}
    for header in parts[0]["headers"]:
        name = header["name"] if isinstance(header["name"], str) else "other"
        headers[name] = header["value"] if name not in headers or name in ("subject", "date") \
            else headers[name]
    if "subject" in headers and headers["subject"] != "Empty":
        check(tally, wrong, label, "subject", record["subject"],
              stalwart_value(headers["subject"]))
    for name in ("from", "to", "cc"):
        if name in headers:
            got = [(a["name"], a["address"]) for a in record[name]]
            check(tally, wrong, label, name, got, stalwart_addresses(headers[name]))
    if "date" in headers and headers["date"] != "Empty":
        date = stalwart_value(headers["date"])
        if isinstance(date, dict):
            hours = date["tz_hour"] * 60 + date["tz_minute"]
            zone = datetime.timezone(datetime.timedelta(
                minutes=-hours if date["tz_before_gmt"] else hours))
            try:
                wanted = datetime.datetime(date["year"], date["month"], date["day"], date["hour"],
                                           date["minute"], date["second"], tzinfo=zone)
            except ValueError:
                wanted = None
            got = datetime.datetime.fromisoformat(record["date"]) if record["date"] else None
            check(tally, wrong, label, "date", got, wanted)
    bodies = []
    for index in sorted(set(message["text_body"]) | set(message["html_body"])):
        body = parts[index]["body"]
        if isinstance(body, dict) and ("Text" in body or "Html" in body):
            bodies.append(stalwart_value(body))
    got = [body["text"] for body in record["bodies"]]
    for index, wanted in enumerate(bodies):
        check(tally, wrong, label, "body", plain(got[index]) if index < len(got) else None,
              plain(wanted))
    for index, number in enumerate(message["attachments"]):
        part = parts[number]
        mine = record["attachments"][index] if index < len(record["attachments"]) else None
        compare_attachment(part, mine, label, tally, wrong)


def compare_attachment(part, mine, label, tally, wrong):
    kind, name = None, None
    for header in part["headers"]:
        if header["name"] == "content_type" and header["value"] != "Empty":
            value = header["value"]["ContentType"]
            kind = value["c_type"] + "/" + (value["c_subtype"] or "")
            for attribute in value["attributes"] or []:
                if attribute["name"] == "name":
                    name = name or attribute["value"]
        if header["name"] == "content_disposition" and header["value"] != "Empty":
            for attribute in header["value"]["ContentType"]["attributes"] or []:
                if attribute["name"] == "filename":
                    name = attribute["value"]
    if kind:
        check(tally, wrong, label, "attachment type", mine and mine["type"], kind.lower())
    if name:
        check(tally, wrong, label, "attachment name", mine and mine["name"], name)
    body = part["body"]
    content = stalwart_value(body)
    if isinstance(body, dict) and "Message" not in body and "Multipart" not in body:
        data = bytes(content) if isinstance(content, list) else content.encode()
        if isinstance(content, list) or content.isascii():
            check(tally, wrong, label, "attachment bytes", mine and mine["bytes"], len(data))


def zbateson():
    if absent("zbateson"):
        return
    folder = os.path.join(CORPORA, "zbateson")
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
             if re.match(r"m\d+\.txt$", name)]
    hashes = set()
    for record in read(files).values():
        hashes |= {attachment["sha256"] for attachment in record["attachments"]}
        # One of the originals is the body of a message.
        hashes |= {hashlib.sha256(body["text"].encode()).hexdigest() for body in record["bodies"]}
    right, wrong, total = 0, [], 0
    for name in sorted(os.listdir(os.path.join(folder, "files"))):
        if name in ("aaa.txt", "wolfandlamb.txt", "bin-bashy.jpg"):
            continue
        with open(os.path.join(folder, "files", name), "rb") as f:
            data = f.read()
        total += 1
        ok = hashlib.sha256(data).hexdigest() in hashes
        right += ok
        if not ok:
            wrong.append(name)
    figure("zbateson attachments", right, total, 100, wrong)


for measure in (sisimai, trimmer, talon, stalwart, zbateson):
    if measure.__name__.startswith(ONLY):
        measure()
sys.exit(1 if below else 0)
