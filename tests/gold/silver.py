#!/usr/bin/env python3
"""How far the shipped lexicon agrees with departments guessed from replies: tests/gold/silver.py BUILD [N]

../shared/corpora/teddy/silver_department_train.tsv: 989 citizens' messages, each with one of 18 groups
of departments, the first one that the official reply named. They are citizens' matters and noisy
labels (a linear SVM taught with them is right in 59.7 %), so nothing is tuned on them and no goal is
set. A message's departments are those of its opinions; the group that a lead of its opinions belongs
to most often, the first among equals, is what is compared. N: each N-th
message alone. Says SKIP where the corpus is absent."""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Who of the lexicon's departments is meant by a group; civil affairs (民政) is none of them.
GROUPS = {
    "教育": "d03", "公安/交警": "d05 d06", "交通/公路/运管": "d14", "民政": "",
    "住建/房产/公积金": "d12 d42", "城管/市政/环卫": "d13", "国土/规划": "d10", "人社": "d09",
    "水利/水务/供水": "d15 d36", "卫计": "d20", "纪检/信访/政法": "d46 d32", "环保": "d11",
    "发改/物价": "d01", "工商/食药/质监": "d23", "电力": "d35", "商务/旅游/文体": "d17 d19",
    "农业/林业/畜牧": "d16", "财政/税务": "d08 d28",
}


def silver():
    corpora = os.environ.get("PINGYI_CORPORA")
    folders = [corpora] if corpora else [
        os.path.join(HERE, up, "shared", "corpora") for up in ("../..", "../../..", "../../../..")]
    for folder in folders:
        path = os.path.join(folder, "teddy", "silver_department_train.tsv")
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as lines:
                return [line.rstrip("\n").split("\t")[1:3] for line in lines]
    return None


def leads(program, text):
    """(code, whether nobody is asked) of the leading department of each of a text's opinions; where a
    person is asked, of those that lead, which is none where too little speaks."""
    run = subprocess.run([program, "classify", "--explain"], input=text.encode(),
                         capture_output=True, check=True)
    return [(d["code"], not o["needs_person"]) for o in json.loads(run.stdout)["opinions"]
            for d in o["departments"] if d["lead"]]


def agreement(name, labelled, found):
    """`found`: codes of each message."""
    right = 0
    of = {code: group for group, codes in GROUPS.items() for code in codes.split()}
    for (label, _), codes in zip(labelled, found):
        groups = collections.Counter(of.get(code, "") for code in codes)
        right += bool(groups) and groups.most_common(1)[0][0] == label
    answered = sum(bool(codes) for codes in found)
    print(f"{name}: {right}/{len(labelled)} = {100 * right / len(labelled):.1f} % (no goal), "
          f"{100 * right / max(answered, 1):.1f} % of the {answered} that have one")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = os.path.join(sys.argv[1], "pingyi")
    labelled = silver()
    if labelled is None:
        print("SKIP silver departments: the corpus is not there")
        return
    unknown = {label for label, _ in labelled} - set(GROUPS)
    if unknown:
        sys.exit(f"groups that are not known: {', '.join(sorted(unknown))}")
    every = int(sys.argv[2]) if len(sys.argv) == 3 else 1
    labelled = [one for one in labelled if GROUPS[one[0]]][::every]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda one: leads(program, one[1]), labelled))
    agreement("agreement with silver departments", labelled,
              [[code for code, sure in ones if sure] for ones in found])
    agreement("agreement of the first candidate", labelled,
              [[code for code, _ in ones] for ones in found])


main()
