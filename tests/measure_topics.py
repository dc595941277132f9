#!/usr/bin/env python3
"""Measures the classifier on seven topics (../shared/corpora/teddy): tests/measure_topics.py build [DEV TRAIN]

The lexicon of tests/topics alone, taught with TRAIN, and the learning curve: both layers beside the
lexicon and beside what is learnt (a lexicon of the topics' names only), each the mean of five fixed
draws. Prints a figure a line; SKIP where the texts are absent. Exit 1 where a figure misses its
goal."""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
HERE = os.path.dirname(os.path.abspath(__file__))
LEXICON = os.path.join(HERE, "topics", "lexicon.xml")
DRAWS = 5
SIZES = (50, 100, 250, 500, 1000)
WORD_CHARS = 6
WORSE = 0.01  # than the better of the two layers, at most
CORPORA = os.environ.get("PINGYI_CORPORA")
if not CORPORA:
    for up in ("..", "../..", "../../.."):
        CORPORA = os.path.join(HERE, "..", up, "shared", "corpora")
        if os.path.isdir(CORPORA):
            break
TEDDY = os.path.join(CORPORA, "teddy")
DEV = sys.argv[2] if len(sys.argv) > 2 else os.path.join(TEDDY, "dev.tsv")
TRAIN = sys.argv[3] if len(sys.argv) > 3 else os.path.join(TEDDY, "train.tsv")
if not os.path.isfile(DEV) or not os.path.isfile(TRAIN):
    print("SKIP topics: the labelled texts are not there")
    sys.exit(0)

below = []


def figure(name, value, goal, most=False):
    """`most`: the goal is not to be passed."""
    good = value <= goal if most else value >= goal
    if not good:
        below.append(name)
    print(f"{name}: {value:.4f} ({'at most' if most else 'goal'} {goal}){'' if good else '  BELOW'}")


def evaluate(lexicon, train=None):
    command = [os.path.join(BUILD, "pingyi"), "classify", "--evaluate", DEV, "--lexicon", lexicon]
    run = subprocess.run(command + (["--train", train] if train else []) + ["--json"],
                         capture_output=True, check=True)
    return json.loads(run.stdout)


def words_are_words():
    """Single words of the texts or of the taxonomy, none long enough for a phrase."""
    with open(LEXICON, encoding="utf-8") as file:
        words = re.findall(r"<word[^>]*>([^<]*)</word>", file.read())
    known = ""
    for path in (TRAIN, os.path.join(TEDDY, "taxonomy.tsv")):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                known += file.read()
    wrong = [w for w in words if not 1 <= len(w) <= WORD_CHARS or not w.isalpha() or
             w not in known]
    figure(f"words of the lexicon that are none, of {len(words)}", len(wrong), 0, most=True)


def curve(folder, lines, names_only, alone, whole):
    """`whole`: what all of TRAIN came to, with the lexicon and without."""
    for size in (*SIZES, len(lines)):
        if size > len(lines):
            continue
        both, learnt, share = 0, 0, 0
        for draw in range(DRAWS):
            if size == len(lines):  # they are all the same draw
                results = whole
            else:
                path = os.path.join(folder, "draw.tsv")
                with open(path, "w", encoding="utf-8") as file:
                    file.writelines(random.Random(1000 * size + draw).sample(lines, size))
                results = evaluate(LEXICON, path), evaluate(names_only, path)
            both += results[0]["accuracy"] / DRAWS
            learnt += results[1]["accuracy"] / DRAWS
            share += results[0]["lexicon_share"] / DRAWS
        print(f"{size} corrections: lexicon {alone['accuracy']:.4f}, learnt {learnt:.4f}, "
              f"both {both:.4f}, the lexicon's share {share:.2f}")
        figure(f"{size} corrections: worse than the better layer by",
               max(alone["accuracy"], learnt) - both, WORSE, most=True)


def main():
    words_are_words()
    alone = evaluate(LEXICON)
    figure("lexicon alone, macro-F1", alone["macro_f1"], 0.82)
    print(f"lexicon alone, accuracy: {alone['accuracy']:.4f}, at 80 % coverage: "
          f"{alone['accuracy_at']['80']:.4f}")
    taught = evaluate(LEXICON, TRAIN)
    figure("taught, macro-F1", taught["macro_f1"], 0.88)
    figure("taught, accuracy at 80 % coverage", taught["accuracy_at"]["80"], 0.945)
    print(f"taught, accuracy: {taught['accuracy']:.4f}; {taught['train_grams']} n-grams")
    if os.path.realpath(BUILD).endswith("-san"):  # which takes some three times as long
        print(f"teaching, seconds of the processor: {taught['train_cpu_seconds']:.4f} (sanitized)")
    else:
        figure("teaching, seconds of the processor", taught["train_cpu_seconds"], 3, most=True)
    figure("n-grams", taught["train_grams"], 5000, most=True)
    with open(TRAIN, encoding="utf-8") as file:
        lines = file.readlines()
    with tempfile.TemporaryDirectory() as folder:
        names_only = os.path.join(folder, "names.xml")
        with open(LEXICON, encoding="utf-8") as file, \
                open(names_only, "w", encoding="utf-8") as out:
            out.writelines(line for line in file if "<word" not in line)
        curve(folder, lines, names_only, alone, (taught, evaluate(names_only, TRAIN)))
    return 1 if below else 0


sys.exit(main())
