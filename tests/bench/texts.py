#!/usr/bin/env python3
"""Texts for benchmarks, one a line, on standard output: texts.py COUNT BYTES FILE. With BYTES 0
they are the sentences of FILE (tests/gold/*.tsv: the second field, invented), in turn; else each is
made of sentences taken by chance, always the same, up to about so many bytes."""
import random
import sys

count, size = int(sys.argv[1]), int(sys.argv[2])
with open(sys.argv[3], encoding="utf-8") as file:
    rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
sentences = [row[1].replace("\\n", "") for row in rows if len(row) > 1]
chance = random.Random(2026)
for i in range(count):
    if size == 0:
        print(sentences[i % len(sentences)])
        continue
    text = ""
    while len(text.encode()) < size - 50:
        text += chance.choice(sentences)
    print(text)
