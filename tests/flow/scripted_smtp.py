#!/usr/bin/env python3
"""A mail server that does what it is told, also what no server should do. On 127.0.0.1, as long as it
is not ended.

    scripted_smtp.py FOLDER [NAME=VALUE…]

Writes its port into FOLDER/port, a line an event into FOLDER/log, and each letter that it took into
FOLDER/letters, one file each, with its envelope in the first line. Names:

    fault=KIND@PLACE   what it does, see below; at the first place it comes to
    after=N            but takes N letters before (also before it refuses senders)
    times=N            and only N times (0, which is the default: always)
    tls=on|start       TLS from the start, or STARTTLS; with cert=FILE and key=FILE
    login=user:secret  wants a login: PLAIN, LOGIN or, with mechanism=XOAUTH2, the token
    pipelining=off     does not offer it
    slow=MS            the answer to a letter takes so long
    nap=MS             so long it reads nothing in the midst of a letter
    rcpt=PATTERN:WORDS answers WORDS to recipients that hold PATTERN; may be said several times
    sender=WORDS       answers WORDS to MAIL
    greeting=WORDS     greets with them, and closes unless they begin with 2
    ehlo=WORDS         answers WORDS to EHLO and HELO
    denied=WORDS       answers WORDS to a wrong login
    last=N             closes a connection with 421 after so many letters

KIND: close, reset, hang (says nothing more), stop (reads nothing more), rubbish, 421, nul, endless,
surplus (one answer too many). PLACE: connect, ehlo, mail, rcpt, data, body (in its middle), end (the
whole letter has come), taken (as end, but the letter counts as taken).
"""
import base64
import os
import socket
import ssl
import struct
import sys
import threading
import time

folder = sys.argv[1]
said = [a.split("=", 1) for a in sys.argv[2:]]
options = dict(said)
kind, _, place = options.get("fault", "@").partition("@")
refused = [value.split(":", 1) for name, value in said if name == "rcpt"]
lock = threading.Lock()
taken = 0
before = len(os.listdir(os.path.join(folder, "letters"))) if os.path.isdir(
    os.path.join(folder, "letters")) else 0
faults = 0
under_way = {}
most = {}
log_file = open(os.path.join(folder, "log"), "a", buffering=1, encoding="utf-8")
os.makedirs(os.path.join(folder, "letters"), exist_ok=True)


def log(*words):
    with lock:
        print(*words, file=log_file)


class Over(Exception):
    pass


class Session:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.letters = 0
        self.sender = self.recipient = None
        self.domain = None
        self.logged_in = "login" not in options

    # --- lines ---
    def say(self, text):
        self.sock.sendall(text.encode("latin-1") + b"\r\n")

    def fill(self):
        more = self.sock.recv(65536)
        if not more:
            raise Over
        self.buffer += more

    def line(self):
        while b"\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    # --- faults ---
    def at(self, here):
        """Goes wrong here, when it is told to."""
        global faults
        with lock:
            wrong = here == place and taken >= int(options.get("after", 0)) and (
                options.get("times", "0") == "0" or faults < int(options["times"]))
            faults += wrong
        if not wrong:
            return
        log("fault", kind, here)
        if kind == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif kind == "hang":
            while True:
                self.fill()
        elif kind == "stop":
            time.sleep(3600)
        elif kind == "rubbish":
            self.sock.sendall(b"\xe8\xaf\x84\xe8\xae\xae what is this?\r\n")
            self.drain()
        elif kind == "421":
            self.say("421 4.3.2 the server is going down")
        elif kind == "nul":
            self.sock.sendall(b"250 \0 ok\r\n")
            self.drain()
        elif kind == "endless":
            while True:
                self.say("250-and so on")
        elif kind == "surplus":
            self.sock.sendall(b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n250 2.0.0 ok\r\n250 2.0.0 ok\r\n"
                              b"250 2.0.0 ok\r\n")
            self.drain()
        raise Over

    def drain(self):
        self.sock.settimeout(5)
        try:
            while True:
                self.fill()
        except OSError:
            pass

    # --- commands ---
    def ehlo(self, _):
        self.at("ehlo")
        if "ehlo" in options:
            self.say(options["ehlo"])
            return
        offers = ["peer", "8BITMIME", "SIZE 100000000"]
        if options.get("pipelining") != "off":
            offers.append("PIPELINING")
        if options.get("tls") == "start" and not isinstance(self.sock, ssl.SSLSocket):
            offers.append("STARTTLS")
        if "login" in options:
            offers.append("AUTH " + options.get("mechanism", "PLAIN LOGIN"))
        for offer in offers[:-1]:
            self.say("250-" + offer)
        self.say("250 " + offers[-1])

    def starttls(self, _):
        self.say("220 go")
        self.sock = secure(self.sock)
        self.buffer = b""

    def auth(self, line):
        words = line.split()
        user, secret = options["login"].split(":", 1)

        def more(text=""):
            self.say("334 " + base64.b64encode(text.encode()).decode())
            return base64.b64decode(self.line()).decode()

        if words[1] == "LOGIN":
            good = more("Username:") == user
            good = more("Password:") == secret and good
        else:
            got = base64.b64decode(words[2]).decode() if len(words) > 2 else more()
            good = got == (f"user={user}\1auth=Bearer {secret}\1\1" if words[1] == "XOAUTH2"
                           else f"\0{user}\0{secret}")
        log("login", words[1], "good" if good else "bad")
        self.logged_in = good
        self.say("235 2.7.0 welcome" if good
                 else options.get("denied", "535 5.7.8 wrong user or password"))

    def mail(self, line):
        self.at("mail")
        self.sender = self.recipient = None
        if not self.logged_in:
            self.say("530 5.7.0 log in first")
        elif "sender" in options and taken >= int(options.get("after", 0)):
            log("sender refused")
            self.say(options["sender"])
        else:
            self.sender = line[10:].split(">")[0].lstrip("<")
            self.say("250 2.1.0 ok")

    def rcpt(self, line):
        self.at("rcpt")
        recipient = line[8:].split(">")[0].lstrip("<")
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
            return
        for pattern, words in refused:
            if pattern in recipient:
                log("refused", recipient)
                self.say(words)
                return
        self.recipient = recipient
        self.domain = recipient.rpartition("@")[2]
        with lock:
            under_way[self.domain] = under_way.get(self.domain, 0) + 1
            if under_way[self.domain] > most.get(self.domain, 0):
                most[self.domain] = under_way[self.domain]
                print("most", self.domain, most[self.domain], file=log_file)
        self.say("250 2.1.5 ok")

    def data(self, _):
        global taken
        if not self.recipient:
            self.say("503 5.5.1 no recipient")
            return
        self.at("data")
        self.say("354 go")
        while len(self.buffer) < 100:
            self.fill()
        self.at("body")
        time.sleep(int(options.get("nap", 0)) / 1000)
        text = self.body()
        self.at("end")
        time.sleep(int(options.get("slow", 0)) / 1000)
        with lock:
            taken += 1
            number = before + taken
        with open(os.path.join(folder, "letters", str(number)), "wb") as out:
            out.write(f"X-Envelope: {self.sender} {self.recipient}\n".encode()
                      + text.replace(b"\r\n", b"\n") + b"\n")
        self.leave()
        log("letter", number, self.recipient)
        self.at("taken")
        self.letters += 1
        self.say("250 2.0.0 queued as " + str(number))
        if self.letters == int(options.get("last", 0)):
            self.say("421 4.7.0 enough for one connection")
            raise Over

    def body(self):
        parts, end = [], b""
        while True:
            parts.append(self.buffer)
            end = (end + self.buffer)[-70000:]
            if b"\r\n.\r\n" in end:
                break
            self.buffer = b""
            self.fill()
        text, self.buffer = b"".join(parts).split(b"\r\n.\r\n", 1)
        return text

    def leave(self):
        with lock:
            if self.domain:
                under_way[self.domain] -= 1
            self.domain = None

    def talk(self):
        self.at("connect")
        self.say(options.get("greeting", "220 peer ESMTP"))
        if not options.get("greeting", "2").startswith("2"):
            raise Over
        commands = {"EHLO": self.ehlo, "HELO": self.ehlo, "STARTTLS": self.starttls, "AUTH": self.auth,
                    "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data}
        while True:
            line = self.line()
            word = line[:8].upper().split()[:1]
            command = commands.get(word[0] if word else "")
            if command:
                command(line)
            elif word == ["QUIT"]:
                self.say("221 2.0.0 bye")
                raise Over
            else:
                self.say("250 2.0.0 ok")


def secure(sock):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["cert"], options["key"])
    return context.wrap_socket(sock, server_side=True)


def serve(sock):
    session = None
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an error where it is gone already
        log("connection")
        if options.get("tls") == "on":
            sock = secure(sock)
        session = Session(sock)
        session.talk()
    except (Over, OSError):
        pass
    finally:
        if session:
            session.leave()
            sock = session.sock
        sock.close()


listening = socket.create_server(("127.0.0.1", 0), backlog=64)
with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as file:
    print(listening.getsockname()[1], file=file)
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
while True:
    peer, _ = listening.accept()
    threading.Thread(target=serve, args=(peer,), daemon=True).start()
