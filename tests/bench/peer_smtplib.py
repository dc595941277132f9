#!/usr/bin/env python3
"""Python's smtplib, one connection: peer_smtplib.py PORT COUNT FILE FROM TO sends FILE so often."""
import smtplib
import sys

port, count, file, sender, recipient = sys.argv[1:]
with open(file, "rb") as letter:
    message = letter.read()
with smtplib.SMTP("127.0.0.1", int(port)) as server:
    for _ in range(int(count)):
        server.sendmail(sender, [recipient], message)
