#!/usr/bin/env python3
"""Compares `pingyi read` with Python's `email` over every corpus of ../shared/corpora and the demo's
replies: subject, addresses, date, message ids, and the text of every text part.

    tests/differ_reading.py [-v] BUILD

Two readers that were written apart from each other seldom err in the same way. A difference belongs
to a class below, which says who is right and why and proves it from the bytes; one that belongs to
none is an error. Prints a line a class with its number; -v names each difference. Exit 1 where a
difference is not explained. Says SKIP where a corpus is absent."""
import collections
import datetime
import email
import email.header
import email.policy
import email.utils
import hashlib
import itertools
import json
import os
import quopri
import re
import subprocess
import sys

VERBOSE = "-v" in sys.argv
BUILD = ([a for a in sys.argv[1:] if not a.startswith("-")] or ["build"])[0]
HERE = os.path.dirname(os.path.abspath(__file__))
CORPORA = os.environ.get("PINGYI_CORPORA")
if not CORPORA:
    for up in ("..", "../..", "../../.."):
        CORPORA = os.path.join(HERE, "..", up, "shared", "corpora")
        if os.path.isdir(CORPORA):
            break
FOLDERS = ("sisimai/maildir", "stalwart-mail-parser", "zbateson", "talon")


def messages():
    """The files that are messages: those that Python finds a header in."""
    folders = [os.path.join(HERE, "demo", "replies")]
    for name in FOLDERS:
        folder = os.path.join(CORPORA, name)
        if os.path.isdir(folder):
            folders.append(folder)
        else:
            print(f"SKIP {name}: the corpus is not there")
    for folder in folders:
        for at, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith(".eml") or re.match(r"m\d+\.txt$", name):
                    yield os.path.join(at, name)


def read(files):
    """{path: record} of `pingyi read`."""
    out = {}
    for start in range(0, len(files), 200):
        run = subprocess.run([os.path.join(BUILD, "pingyi"), "read", *files[start:start + 200]],
                             capture_output=True, check=True)
        for line in run.stdout.decode().split("\n"):
            if line:
                record = json.loads(line)
                out[record["file"]] = record
    return out


def raw_header(message, name):
    """A header's value as bytes, as it stands there; None where there is none."""
    for key, value in message._headers:
        if key.lower() == name:
            return str(value).encode("utf-8", "surrogateescape")
    return None


def decoded(value, charset="ascii"):
    """What Python makes of a header's bytes; `charset` is that of bytes outside encoded-words."""
    text = re.sub(r"\r?\n|\r", "", value.decode(charset, "surrogateescape"))
    try:
        out = ""
        for words, label in email.header.decode_header(text):
            if isinstance(words, str):
                out += words
            else:
                out += words.decode(label or "raw_unicode_escape", "replace")
        return out
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return text


def flat(text):
    return re.sub(r"\s+", " ", text or "").strip()


def lines(text):
    text = re.sub(r"\r\n?", "\n", text or "")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def addresses(value, charset="ascii"):
    text = re.sub(r"\r?\n|\r", "", value.decode(charset, "surrogateescape"))
    return [(flat(decoded(name.encode(charset, "surrogateescape"), charset)) or None,
             address or None)
            for name, address in email.utils.getaddresses([text]) if name or address]


def date(value):
    try:
        return email.utils.parsedate_to_datetime(value.decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError):
        return None


def text_parts(message):
    """(part, bytes, label, text) of every text part that is not within an attached message; a
    multipart without its boundary is text."""
    out = []
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            out += text_parts(part)
    elif not message.is_multipart() and message.get_content_maintype() in ("text", "multipart"):
        raw = message.get_payload(decode=True) or b""
        label = message.get_content_charset() or "ascii"
        try:
            text = raw.decode(label, "replace")
        except LookupError:
            text = raw.decode("ascii", "replace")
        out.append((message, raw, label, text))
    return out


Difference = collections.namedtuple("Difference", "record what ours theirs raw part")


def differences(raw, record):
    message = email.message_from_bytes(raw)
    for name in ("subject", "from", "to", "cc", "reply-to", "date", "message-id", "in-reply-to",
                 "references"):
        value = raw_header(message, name)
        if value is None:
            continue
        ours, theirs = compare_header(name, value, record)
        if ours != theirs:
            yield Difference(record, name, ours, theirs, value, message)
    mine = [lines(body["text"]) for body in record["bodies"]]
    parts = [part for part in text_parts(message) if lines(part[3])]
    for part in list(parts):
        if lines(part[3]) in mine:
            mine.remove(lines(part[3]))
            parts.remove(part)
    parts = [part for part in parts if not part[0].get_filename() and
             part[0].get_content_disposition() != "attachment"]
    for part, content, _, text in parts:
        yield Difference(record, "text", mine, lines(text), content, part)
    mine = [text for text in mine if text]
    if mine and not parts:
        yield Difference(record, "more text", mine, "", b"", message)


def compare_header(name, value, record):
    if name == "subject":
        return flat(record["subject"]), flat(decoded(value))
    if name == "date":
        ours = record["date"] and datetime.datetime.fromisoformat(record["date"])
        theirs = date(value)
        if theirs and theirs.tzinfo is None:
            theirs = theirs.replace(tzinfo=datetime.timezone.utc)
        return ours, theirs
    if name in ("from", "to", "cc", "reply-to"):
        ours = [(flat(a["name"]) or None, a["address"]) for a in record[name.replace("-", "_")]]
        return ours, addresses(value)
    text = value.decode("ascii", "replace")
    ids = [flat(one) for one in re.findall(r"<([^<>]*)>", text) if one.strip()]
    if name == "message-id":
        return record["message_id"], ids[0] if ids else None
    return record[name.replace("-", "_")], ids


# The classes: what is said of a difference, and what proves it.


def is_eight_bit_header(one):
    """A header with bytes beyond ASCII and no label, or such bytes in an encoded-word: Python keeps
    them as surrogates, ours decodes them by the charset that the message has."""
    if one.what not in ("subject", "from", "to", "cc", "reply-to") or one.raw.isascii():
        return False
    for charset in ("utf-8", "gb18030", "cp1252"):
        try:
            theirs = flat(decoded(one.raw, charset)) if one.what == "subject" \
                else addresses(one.raw, charset)
        except UnicodeDecodeError:
            continue
        if theirs == one.ours:
            return True
    return False


def is_bare_name(one):
    """A word without @ where an address should be: a name for us, for Python an address, to which
    nothing can be sent."""
    return one.what in ("from", "to", "cc", "reply-to") and all(
        a == b or (a[0] == b[1] and a[1] is None and b[0] is None and "@" not in b[1])
        for a, b in itertools.zip_longest(one.ours, one.theirs, fillvalue=(None, "@")))


def is_numeric_date(one):
    """29-04-2017 23:34, a month as a number: Python gives up."""
    match = re.fullmatch(rb"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d)", one.raw.strip())
    if one.what != "date" or one.theirs is not None or not match:
        return False
    day, month, year, hour, minute = (int(x) for x in match.groups())
    return one.ours == datetime.datetime(year, month, day, hour, minute,
                                         tzinfo=datetime.timezone.utc)


def is_kept_part(one):
    """Text that is neither plain nor HTML, such as the headers of the letter that came back: ours
    keeps it byte for byte as an attachment, and does not take it for the sender's words."""
    digest = hashlib.sha256(one.raw).hexdigest()
    return one.what == "text" and \
        one.part.get_content_type() not in ("text/plain", "text/html") and \
        any(a["sha256"] == digest for a in one.record["attachments"])


def holds(one, *charsets):
    return one.what == "text" and any(
        lines(one.raw.decode(charset, "replace")) in one.ours for charset in charsets)


def label(one):
    return (one.part.get_content_charset() or "").lower()


def is_utf8_under_another_label(one):
    """Valid UTF-8, whatever its label says, is UTF-8 for us."""
    try:
        one.raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not one.raw.isascii() and label(one) != "utf-8" and holds(one, "utf-8")


def is_gb18030_under_a_smaller_label(one):
    """Labels gb2312 and gbk on text that is GB18030, of which Python's have too few characters."""
    return label(one) in ("gb2312", "gbk") and holds(one, "gb18030")


def is_not_utf8_under_its_label(one):
    """A label UTF-8 on bytes that are none: Python gives U+FFFD, ours GB18030 or a European text."""
    try:
        one.raw.decode("utf-8")
        return False
    except UnicodeDecodeError:
        return label(one) == "utf-8" and holds(one, "gb18030", "cp1252", "latin-1")


def is_unlabelled(one):
    """8-bit text without a label: Python takes it for ASCII, ours for GB18030 or European."""
    return label(one) in ("", "us-ascii") and not one.raw.isascii() and \
        holds(one, "gb18030", "cp1252", "latin-1")


def is_eight_bit_japanese(one):
    """EUC-JP labelled ISO-2022-JP, of 7 bits: Python gives U+FFFD, ours tells the bytes' kind."""
    return label(one) == "iso-2022-jp" and not one.raw.isascii() and holds(one, "euc_jp")


def is_control_character(one):
    """Control characters are spaces for us, since JSON, XML and terminals cannot have them."""
    return one.what == "text" and \
        lines(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", one.theirs)) in one.ours


def is_spaced_encoding(one):
    """White space after the name of a transfer encoding: Python does not know it then."""
    encoding = str(one.part.get("content-transfer-encoding", ""))
    return one.what == "text" and encoding != encoding.strip() and \
        lines(quopri.decodestring(one.raw).decode(label(one) or "utf-8", "replace")) in one.ours


def is_second_type(one):
    """Two Content-Types in one part: Python takes the first, ours the last, as others do."""
    with open(one.record["file"], "rb") as f:
        message = email.message_from_binary_file(f)
    types = [part.get_all("content-type") or [] for part in message.walk()]
    return one.what == "text" and any(len(both) > 1 for both in types)


def boundaries(one):
    with open(one.record["file"], "rb") as f:
        return re.findall(rb'(?i)boundary="?([^";]*)', f.read())


def is_folded_boundary(one):
    """A boundary on two lines: unfolded (RFC 5322, 2.2.3) it stands in the body; Python keeps the
    line end and finds no part."""
    return one.what == "text" and label(one) == "" and \
        one.part.get_content_maintype() == "multipart" and \
        any(re.search(rb"\S\r?\n[ \t]+\S", boundary) for boundary in boundaries(one))


def is_boundary_within_boundary(one):
    """One boundary begins another ("a" and "ab"), so that a line is a delimiter of both; the parts
    are cut differently. No such mail is written but to try parsers."""
    names = boundaries(one)
    return one.what == "more text" and any(
        a != b and b.startswith(a) for a in names for b in names)


def is_unfolded_parameter(one):
    """A header's second line (boundary="…") that is not indented: for Python the body begins there,
    ours leaves out that line. Neither finds the parts."""
    first, _, rest = one.theirs.partition("\n")
    return one.what == "text" and first.startswith('boundary="') and rest.strip() in one.ours


CLASSES = (is_eight_bit_header, is_bare_name, is_numeric_date, is_kept_part,
           is_utf8_under_another_label, is_gb18030_under_a_smaller_label,
           is_not_utf8_under_its_label, is_unlabelled, is_eight_bit_japanese, is_control_character,
           is_spaced_encoding, is_second_type, is_folded_boundary, is_boundary_within_boundary,
           is_unfolded_parameter)


def main():
    found = collections.defaultdict(list)
    files = list(messages())
    records = read(files)
    for path in files:
        with open(path, "rb") as f:
            raw = f.read()
        for one in differences(raw, records[path]):
            found[next((c for c in CLASSES if c(one)), None)].append(one)
    print(f"{len(files)} messages, {sum(len(ones) for ones in found.values())} differences")
    for why, ones in found.items():
        if why:
            print(f"{why.__name__[3:].replace('_', ' ')}: {len(ones)}")
        for one in ones:
            if VERBOSE or not why:
                print(f"    {os.path.basename(one.record['file'])} {one.what}: {one.ours!r:.300} "
                      f"not {one.theirs!r:.300}")
    print(f"not explained: {len(found[None])}")
    sys.exit(1 if found[None] else 0)


main()
