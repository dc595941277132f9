#!/usr/bin/env python3
"""A relay that does as it is told: relay.py PORT RULES LOG. RULES has a line a recipient, read anew
for each: "a@b 450 4.2.0 busy" answers its RCPT so, "a@b drop" hangs up after the last byte of its
letter, "a@b wait FILE" answers only when FILE is there. Others are taken. LOG gets a line for each
letter that came in whole: recipient and Message-ID. Knows PIPELINING and goes without."""
import os
import re
import socketserver
import sys
import time

port, rules_path, log_path = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def rule(recipient):
    with open(rules_path, encoding="utf-8") as rules:
        for line in rules:
            words = line.rstrip("\n").split(" ", 1)
            if len(words) == 2 and words[0].lower() == recipient.lower():
                return words[1]
    return ""


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except (ConnectionError, BrokenPipeError):
            pass

    def talk(self):
        taken = ""
        self.say("220 relay.example ESMTP")
        for raw in self.rfile:
            line = raw.decode("utf-8", "replace").strip()
            verb = line[:4].upper()
            if verb == "EHLO":
                self.say("250-relay.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == "RCPT":
                recipient = re.search(r"<([^>]*)>", line).group(1)
                what = rule(recipient)
                if what[:1].isdigit():
                    self.say(what)
                else:
                    taken = recipient
                    self.say("250 2.1.5 Ok")
            elif verb == "DATA":
                if not taken:
                    self.say("503 5.5.1 no recipient")
                    continue
                self.say("354 go on")
                if not self.letter(taken):
                    return
                taken = ""
            elif verb in ("RSET", "MAIL"):
                taken = ""
                self.say("250 2.0.0 Ok")
            elif verb == "QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def letter(self, recipient):
        text = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            text.append(raw)
        else:
            return False
        what = rule(recipient)
        message_id = re.search(rb"(?im)^Message-ID:\s*(\S+)", b"".join(text)).group(1).decode()
        with open(log_path, "a", encoding="utf-8") as log:
            log.write(f"{recipient} {message_id}\n")
        if what == "drop":
            return False
        if what.startswith("wait "):
            while not os.path.exists(what[5:]):
                time.sleep(0.05)
        self.say("250 2.0.0 Ok: queued as 4F" + str(abs(hash(message_id)) % 10**6))
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", port), Session) as server:
    server.serve_forever()
