#!/usr/bin/env python3
"""Makes many messages of few: copies.py TIMES FILES… FOLDER [FOLDER]. Each copy of a file gets a first
header and a Message-ID of its own, so that it is a mail of its own; with two folders each gets every
second copy."""
import os
import re
import sys

MESSAGE_ID = re.compile(rb"^message-id:\s*<", re.IGNORECASE | re.MULTILINE)
args = sys.argv[1:]
times = int(args.pop(0))
folders = [arg for arg in args if os.path.isdir(arg)]
files = [arg for arg in args if not os.path.isdir(arg)]
for number, path in enumerate(files):
    with open(path, "rb") as file:
        raw = file.read()
    end = b"\r\n" if b"\r\n" in raw[:1000] else b"\n"
    for copy in range(times):
        name = f"{copy:05}-{os.path.basename(path)}"
        folder = folders[(number + copy) % len(folders)]
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"X-Copy: %d" % copy + end + MESSAGE_ID.sub(rb"\g<0>%d." % copy, raw, 1))
