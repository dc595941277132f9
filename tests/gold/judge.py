#!/usr/bin/env python3
"""Judges the classifier by sentences whose business is known:
tests/gold/judge.py FILE BUILD [--verbose] [--classes] [--goal SHARE] [--every N]

FILE is in the form told in README. Each response is given to `BUILD/pingyi classify --explain`;
what comes back is compared with what was expected. Texts are compared by their letters and
digits alone. An opinion of the program belongs to the expected one whose text it covers most;
the answer to an expected opinion is the program's opinion that covers most of its text (several,
when they cover as much). Opinions in [brackets] count in no figure. A miss is a miss even if a
person was asked, unless asking was expected: a question costs a person's time.

departments right (the headline; --goal and the exit status are about it)
    Of all expected opinions: those that reach the right lead department. With departments
    expected: an answer that asks nobody has one of the expected leads. With "?": the answers ask
    a person. With neither: nothing would be handed over (praise, blank, dispute or court, and
    nobody asked). A discipline lead is right when its kind is discipline and no department but
    d46 gets it; a matter before a court also when its kind is court and no department but d40
    stands with it. People look at those two and at disputes in any case, so there asking is no
    miss.
first candidate right
    The same, when an answer that asks is judged by its best candidate (a "?" needs to ask as
    above).
right when sure
    Of the expected opinions whose answers ask nobody: those with the departments right.
responses with all departments right
    Of all responses: each expected opinion has its lead right and exactly the departments
    expected (co-handlers too), and whatever else was found in the text asks nobody and is handed
    to no other department.
kinds right
    Of all expected opinions: each answer is of the expected kind.
splits right, of several
    Of all responses (then: of those with several expected opinions): each expected opinion has
    one opinion of its own (or, with "&", up to one for each department) that covers at least
    80 % of its text and at most 20 % of any other's, and nothing else was found but what stands
    in brackets.
asked a person
    Of the program's opinions: those that ask. Then: of the expected "?", those that were asked.

--every looks at each N-th response alone. --classes tells the headline by class; --verbose each miss, with the words that counted (refused
for hold.tsv, whose misses nobody is to see). Exit 1 below the goal, 2 for bad input."""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys

KIND = "opinion|praise|suggestion|blank|dispute|court|discipline"
OPINION = re.compile(rf"(\[?)((?:{KIND})(?:/(?:{KIND}))*)(?: ([d\d()+&/]+|\?))?(?:: (.+?))?(\]?)")
NOT_HANDED = {"praise", "blank", "dispute", "court"}
LOOKED_AT = {"dispute", "court", "discipline"}


def letters(text):
    return re.sub(r"[\W_]", "", text)


class Expected:
    """kinds; ask; leads (each may lead), must (all have it), may (none beyond these); span."""

    def __init__(self, text, whole):
        match = OPINION.fullmatch(text)
        if not match or bool(match[1]) != bool(match[5]):
            raise ValueError(f"not an expectation: {text}")
        self.text, self.optional = text, bool(match[1])
        self.kinds = set(match[2].split("/"))
        spec = match[3] or ""
        self.ask = spec == "?"
        named = re.findall(r"d\d\d", spec)
        sure = re.findall(r"d\d\d", re.sub(r"\([^)]*\)", "", spec))
        self.may = set(named)
        self.either = "/" in spec
        self.leads = set(sure) if "/" in spec or "&" in spec else set(sure[:1])
        self.must = set() if self.either else set(sure)
        self.most = len(sure) if "&" in spec else 1
        core = letters(match[4].replace("\\n", "")) if match[4] else whole
        at = whole.find(core)
        if at < 0:
            raise ValueError(f"not in the response: {match[4]}")
        self.span = (at, at + len(core))

    def departments_right(self, answers, candidates=False):
        """By the answers; with `candidates` whoever is asked has the best candidate at hand."""
        if self.ask:
            return all(a.asks or a.kind in self.kinds & LOOKED_AT for a in answers)
        if "discipline" in self.kinds and any(a.kind == "discipline" for a in answers):
            return all(a.departments <= {"d46"} for a in answers)
        if "court" in self.kinds and self.must <= {"d40"} and all(
                a.kind == "court" and a.departments <= {"d40"} for a in answers):
            return True
        if not self.leads:
            return all(a.kind in NOT_HANDED and not (a.asks and a.kind not in LOOKED_AT)
                       for a in answers) and "court" not in self.kinds
        sure = answers if candidates else [a for a in answers if not a.asks]
        return any(a.lead in self.leads for a in sure)

    def all_right(self, answers):
        found = set().union(*(a.departments for a in answers))
        if self.ask or not self.leads or "discipline" in self.kinds or (
                found <= {"d40"} and "court" in self.kinds and self.must <= {"d40"}):
            return self.departments_right(answers)
        return self.departments_right(answers) and self.must <= found <= self.may and not any(
            a.asks for a in answers)


class Answer:
    """An opinion of the program: kind, asks, lead, departments, span, words."""

    def __init__(self, found, span):
        self.kind, self.asks, self.span = found["kind"], found["needs_person"], span
        codes = [d["code"] for d in found["departments"]]
        leads = [d["code"] for d in found["departments"] if d["lead"]] or codes
        self.lead, self.departments = (leads[0] if leads else None), set(codes)
        self.words = " ".join(f"{d['code']}({','.join(r['word'] for r in d['reasons'])})"
                              for d in found["departments"])

    def handed(self):
        return set() if self.kind in NOT_HANDED or self.asks else self.departments

    def __str__(self):
        return f"{self.kind}{' ?' if self.asks else ''} {self.words}".rstrip()


def overlap(a, b):
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def covered(expected, answer):
    length = expected.span[1] - expected.span[0]
    return overlap(expected.span, answer.span) / length if length else 1.0


class Response:
    def __init__(self, line):
        self.id, text, expectation = line.split("\t")
        self.text = text.replace("\\n", "\n")
        self.whole = letters(self.text)
        self.expected = [Expected(part, self.whole) for part in expectation.split(" | ")]
        self.counted = [e for e in self.expected if not e.optional]
        self.answers = []

    def classify(self, program):
        run = subprocess.run([program, "classify", "--explain"], input=self.text.encode(),
                             capture_output=True, check=True)
        at = 0
        for found in json.loads(run.stdout)["opinions"]:
            own = letters(found["text"])
            start = self.whole.find(own, at)
            start = at if start < 0 else start
            self.answers.append(Answer(found, (start, start + len(own))))
            at = start
        return self

    def answers_to(self, expected):
        most = max(overlap(expected.span, a.span) for a in self.answers)
        return [a for a in self.answers if overlap(expected.span, a.span) == most]

    def belongs(self, answer):
        """The expected opinion that it covers most: counted ones first; None: none."""
        best = max(self.counted, key=lambda e: covered(e, answer))
        if covered(best, answer) >= 0.5 or not self.whole:
            return best
        touched = [e for e in self.expected if overlap(e.span, answer.span)]
        return max(touched, key=lambda e: overlap(e.span, answer.span), default=None)

    def all_right(self):
        given = [self.answers_to(e) for e in self.counted]
        known = set().union(*(e.may for e in self.counted))
        rest = [a for a in self.answers if not any(a in answers for answers in given)]
        return all(e.all_right(a) for e, a in zip(self.counted, given)) and not any(
            a.asks or a.handed() - known for a in rest)

    def split_right(self):
        groups = collections.defaultdict(list)
        for answer in self.answers:
            groups[self.belongs(answer)].append(answer)
        if None in groups:
            return False
        for expected in self.counted:
            own = groups[expected]
            if not 1 <= len(own) <= expected.most or max(covered(expected, a) for a in own) < 0.8:
                return False
            if any(covered(other, a) > 0.2 for other in self.counted if other is not expected
                   for a in own):
                return False
        return all(len(groups[e]) <= 1 for e in self.expected if e.optional)


def read(path):
    out = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#"):
                continue
            try:
                out.append(Response(line.rstrip("\n")))
            except ValueError as error:
                print(f"{path}:{number}: {error}", file=sys.stderr)
                sys.exit(2)
    return out


def figure(name, flags, note=""):
    right, total = sum(flags), len(flags)
    share = right / total if total else 0.0
    print(f"{name}: {right}/{total} = {100 * share:.1f} %{note}")
    return share


def figures(responses, goal):
    judged = [(e, r.answers_to(e)) for r in responses for e in r.counted]
    sure = [(e, a) for e, a in judged if not any(x.asks for x in a)]
    share = figure("departments right", [e.departments_right(a) for e, a in judged],
                   f" (goal {100 * goal:.0f} %)" if goal else "")
    figure("first candidate right", [e.departments_right(a, True) for e, a in judged])
    figure("right when sure", [e.departments_right(a) for e, a in sure])
    figure("responses with all departments right", [r.all_right() for r in responses])
    figure("kinds right", [all(x.kind in e.kinds for x in a) for e, a in judged])
    figure("splits right", [r.split_right() for r in responses])
    figure("splits right of several", [r.split_right() for r in responses if len(r.counted) > 1])
    figure("asked a person", [a.asks for r in responses for a in r.answers])
    figure("asked where one must ask", [e.departments_right(a) for e, a in judged if e.ask])
    return share


def by_class(responses):
    classes = collections.defaultdict(list)
    for response in responses:
        classes[response.id.split(".")[1]] += [e.departments_right(response.answers_to(e))
                                               for e in response.counted]
    for name in sorted(classes):
        figure(f"  {name}", classes[name])


def misses(response):
    lines = []
    for expected in response.counted:
        answers = response.answers_to(expected)
        wrong = []
        if not expected.departments_right(answers):
            near = expected.departments_right(answers, True)
            wrong.append("departments (asked, first candidate right)" if near else "departments")
        elif not expected.all_right(answers):
            wrong.append("co-handlers")
        if not all(a.kind in expected.kinds for a in answers):
            wrong.append("kind")
        if wrong:
            lines.append(f"  {', '.join(wrong)}: {expected.text}")
            lines += [f"    got {a}" for a in answers]
    if not response.split_right():
        pieces = [response.whole[a.span[0]:a.span[1]] for a in response.answers]
        lines.append(f"  split: {len(response.counted)} expected, got {' ‖ '.join(pieces)}")
    if lines:
        shown = response.text.replace("\n", "\\n")
        print("\n".join([f"{response.id} {shown}", *lines]))


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file")
    options.add_argument("build")
    options.add_argument("--verbose", action="store_true")
    options.add_argument("--classes", action="store_true")
    options.add_argument("--goal", type=float, default=0.0)
    options.add_argument("--every", type=int, default=1)
    args = options.parse_args()
    if args.verbose and os.path.basename(args.file).startswith("hold"):
        options.exit(2, "hold.tsv is kept apart: its misses are not shown\n")
    program = os.path.join(args.build, "pingyi")
    if not os.access(program, os.X_OK):
        options.exit(2, f"{program}: not there\n")
    responses = read(args.file)[::args.every]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda r: r.classify(program), responses))
    if args.verbose:
        for response in responses:
            misses(response)
    share = figures(responses, args.goal)
    if args.classes:
        by_class(responses)
    sys.exit(1 if share < args.goal else 0)


if __name__ == "__main__":
    main()
