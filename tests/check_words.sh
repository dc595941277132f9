#!/bin/sh
# Whatever state, verb, clue, kind or channel the schema and the code can produce has its words in both
# languages (templates/words.tsv), and no word stands there twice.
set -u
cd "$(dirname "$0")/.." || exit 1
exec python3 - <<'END'
import glob
import re
import sys

failed = False


def read(*patterns):
    names = sorted(name for pattern in patterns for name in glob.glob(pattern))
    text = "\n".join(open(name, encoding="utf-8").read() for name in names)
    return re.sub(r"--[^\n]*", "", text) if names and names[0].endswith(".sql") else text


def say(good, name, problem=""):
    global failed
    failed |= not good
    print(("ok " if good else "not ok ") + name + (": " + problem if problem else ""))


rows = [line.split("\t") for line in read("templates/words.tsv").splitlines()]
words = {row[0] for row in rows}
say(all(len(row) == 3 and all(row) for row in rows), "each word has its Chinese and its English")
twice = sorted({row[0] for row in rows if [r[0] for r in rows].count(row[0]) > 1})
say(not twice, "no word stands there twice", ", ".join(twice))


def check(what, found, least):
    """At least so many are found: where the code has changed, this looks in the wrong place."""
    missing = sorted(set(found) - words)
    few = [] if len(set(found)) >= least else [f"only {len(set(found))} found"]
    say(not missing and not few, what, ", ".join(missing + few))


# --- what the schema allows ---
schema = read("db/schema/*.sql")
allowed = dict(re.findall(r"CONSTRAINT (\w+)\s+CHECK \(\w+ IN\s*\(((?:\s|,|'[^']*')*)\)\)", schema))
prefix = {"round_state": "round ", "message_state": "message "}
for name, values in allowed.items():
    if name in ("round_language", "tally_noun"):  # no page shows them
        continue
    check("the words of " + name, [prefix.get(name, "") + one for one in re.findall(r"'([^']*)'", values)], 2)
check("of messages that wait", ["waiting", "broken"], 2)
say(len(allowed) >= 13, "the schema's states and kinds are found", str(len(allowed)))

# --- what is done to opinions and items, as their page tells it ---
events = schema + read("db/sql/*.sql")
verbs = re.findall(r"event_add\('(?:opinion|rectification)', [^,]+, '(\w+)'", events)
verbs += re.findall(r"p_at, who, 'opinion', id, '(\w+)'", events)
verbs += re.findall(r"rectification_step\(p_\w+, '(\w+)'", events)
check("verbs", [verb for verb in verbs if verb != "read"], 11)

# --- what the code produces ---
match = read("collector/match.c", "collector/filing.c")
clues = re.findall(r'^\s*\{.*\},$', match[match.index("clues[][2]"):].split("};")[0], re.M)
clues = [clue for line in clues for clue in re.findall(r'\{"[\w-]+",\s*"(\w+)"\}', line)]
clues += re.findall(r'(?:lead_to|by_id)\([^;(]*?"(\w+)"', match) + re.findall(r'"clue", "(\w+)"', match)
check("clues", ["clue " + clue for clue in clues] + re.findall(r"'(clue [a-z ]+)'", schema), 10)
kinds = re.search(r"names\[\] = \{(.*?)\}", read("collector/kind.c"), re.S).group(1)
check("kinds of messages", ["message " + kind for kind in re.findall(r'"([\w-]+)"', kinds)], 9)
reasons = re.findall(r'\[TERM_\w+\] = "(\w+)"', read("classifier/lexicon.c"))
check("reasons of the classifier", [reason for reason in reasons if reason != "not"], 4)
check("stages", re.findall(r'\{"(\w+)", stage_\w+\}', read("cli/cmd_run.c")), 7)
check("ways of notes", ["way " + way for way in
                        re.findall(r'strcmp\(way, "(\w+)"\)', read("cli/collect_hand.c"))], 3)
check("grades", [str(grade) for grade in range(6)], 6)

# --- what pages name ---
pages = read("db/sql/page_*.sql")
check("names in pages", re.findall(r"'(?:what|name)', '([^']*[^' ])'", pages) +
      re.findall(r"'(clock \w+)'", pages), 20)
tabs = re.search(r"unnest\(ARRAY\[(.*?)\]\)", read("db/sql/page_opinions.sql"), re.S).group(1)
check("tabs of opinions", ["opinions " + tab for tab in re.findall(r"'(\w+)'", tabs)], 10)
states = re.search(r"g\.state IN \((.*?)\)", read("db/sql/page_letters.sql"), re.S).group(1)
check("states of letters", re.findall(r"'(\w+)'", states), 11)
sys.exit(failed)
END
