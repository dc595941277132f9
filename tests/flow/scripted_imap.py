"""A mailbox that refuses some messages and breaks off: PORT-FILE. Of the messages 1 to 4 it gives 1
alone, never 3, 2 from the second connection on, and hangs up at 4 over the first."""
import re
import socket
import sys

MESSAGE = b"From: a@b.example\r\nSubject: %d\r\nMessage-ID: <%d@b.example>\r\n\r\n%d\r\n"


def numbers(text):
    for part in text.split(","):
        first, _, last = part.partition(":")
        yield from range(int(first), int(last or first) + 1)


def fetch(out, uids, what, session):
    for uid in uids:
        body = MESSAGE % (uid, uid, uid)
        if "SIZE" in what:
            out.write(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(body)))
        elif uid == 4 and session == 1:
            return None
        elif len(uids) > 1 or uid == 3 or (uid == 2 and session == 1):
            return b"NO [SERVERBUG] this one is broken"
        else:
            out.write(b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, uid, len(body), body))
    return b"OK done"


def answer(out, line, session):
    if "SELECT" in line or "EXAMINE" in line:
        out.write(b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n")
    elif "CAPABILITY" in line:
        out.write(b"* CAPABILITY IMAP4rev1\r\n")
    elif "SEARCH" in line:
        out.write(b"* SEARCH 1 2 3 4\r\n")
    elif "UID FETCH" in line:
        found = re.search(r"UID FETCH (\S+) (.*)", line)
        return fetch(out, list(numbers(found[1])), found[2], session)
    return b"OK done"


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))
    session = 0
    while True:
        peer, _ = listener.accept()
        session += 1
        with peer, peer.makefile("rwb") as out:
            out.write(b"* OK hello\r\n")
            out.flush()
            for line in out:
                said = answer(out, line.decode(), session)
                if said is None:
                    break
                out.write(line.split()[0] + b" " + said + b"\r\n")
                out.flush()


main()
