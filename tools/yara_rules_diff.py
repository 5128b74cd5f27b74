#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares which rules hold in Ward with what the yara command says.

    tools/yara_rules_diff.py [--seed N] [--count N] [--probe PROGRAM] [--show N] [--with command|module]

Draws `count` rules at random, all forms of conditions, and for each batch of them some inputs. The yara command
(or Python's yara module, which is of a later version and gets forms that the older one has not) and rule_probe
(src/cell/match) must refuse the same rules and hold the others for the same inputs. Prints how many pairs of rule and input
were compared, in how many the rule held, and how often each form occurred. Ends 1 when they differ, with the first
differences; 2 on wrong usage; 77 where there is no yara.

What docs/yara.md names as a difference that is meant is not drawn.
"""
import argparse
import collections
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yara
except ImportError:
    yara = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 40
INPUTS = 8
EXTERNALS = {"ext_int": "7", "ext_zero": "0", "ext_text": "abcab", "ext_empty": "", "ext_bool": "true", "ext_false": "false", "ext_real": "2.5"}
COMPARE = ["==", "!=", "<", "<=", ">", ">="]
READERS = [f"{sign}int{width}{end}" for sign in ("", "u") for width in (8, 16, 32) for end in ("", "be")]
STRINGS = ['"ab"', '"abc" nocase', '"b" ascii wide', '"ca" wide', '"ab" fullword', '"abca" xor(0-3)', '"cab"', "{ 61 62 }", "{ 61 ?? 63 }",
           "{ 61 [0-3] 63 }", "{ (61 62 | 63) 61 }", "/ab+c/", "/a[bc]{2}/ nocase", "/c.?b/", '"ab" private', '"zzz"', "{ 7A 7A 7A }", "/zz[0-9]+/"]
TEXTS = ['"abc"', '"ABCAB"', '""', '"b"', '"a\\x00b"', '"abcab"', '"zz"']


class Conditions:
    """Conditions of one rule; `used` collects the strings that they name."""

    def __init__(self, rng, strings, rules, forms, later):
        self.rng, self.strings, self.rules, self.forms, self.later = rng, strings, rules, forms, later
        self.used = set()
        self.variables = []
        self.in_string_loop = 0
        self.sure = 0  # above 0: only numbers that are never undefined

    def count(self, form):
        self.forms[form] += 1

    def pick(self, *makers):
        return self.rng.choice(makers)()

    def name(self):
        if self.in_string_loop and self.rng.random() < 0.7:
            return ""
        chosen = self.rng.choice(self.strings)
        self.used.add(chosen)
        return chosen

    def small(self):
        return str(self.rng.choice([0, 0, 1, 1, 2, 3, 4, 5, 10, 60, 200]))

    def literal(self):
        self.count("literal")
        return self.rng.choice([self.small(), self.small(), "0x10", "1KB", "-1", "-3", "0o17", "9223372036854775807", "255"])

    def sure_number(self, depth):
        """Where yara 4.2 and 4.5 differ, or both take undefined for a number."""
        self.sure += 1
        number = self.number(depth)
        self.sure -= 1
        return number

    def place_number(self, depth):
        return self.number(depth) if self.later else self.sure_number(depth)

    def operator(self, depth):
        op = self.rng.choice(["+", "-", "*", "&", "|", "^"] + ([] if self.sure else ["\\", "%", "<<", ">>"]))
        self.count("operator " + op)
        right = self.rng.choice(["1", "2", "3", "5", self.number(depth - 1)]) if op in "<<>>" else self.number(depth - 1)
        return f"({self.number(depth - 1)} {op} {right})"

    def string_number(self, depth):
        mark = "#" if self.sure else self.rng.choice("##@!")
        name = self.name()
        if mark == "#":
            if self.later and self.rng.random() < 0.4:  # yara 4.2 ends with an internal error
                self.count("#a in")
                return f"#{name} in {self.range(depth - 1)}"
            self.count("#a")
            return f"#{name}"
        if self.rng.random() < 0.3:
            self.count(mark + "a")
            return mark + name
        self.count(mark + "a[i]")
        return f"{mark}{name}[{self.number(depth - 1)}]"

    def number(self, depth):
        rng = self.rng
        roll = rng.random()
        if depth <= 0 or roll < 0.25:
            if self.variables and rng.random() < 0.6:
                self.count("loop variable")
                return rng.choice(self.variables)
            return self.literal() if rng.random() < 0.7 else self.pick(self.size, self.external)
        if roll < 0.35:
            return self.size()
        if roll < 0.6:
            return self.string_number(depth)
        if roll < 0.72 and not self.sure:
            reader = rng.choice(READERS)
            self.count(reader)
            return f"{reader}({self.number(depth - 1)})"
        if roll < 0.8:
            self.count("unary")
            return f"{rng.choice('-~')}({self.number(depth - 1)})"
        if roll < 0.84:
            return self.external()
        return self.operator(depth)

    def size(self):
        self.count("filesize")
        return "filesize"

    def external(self):
        self.count("external")
        return self.rng.choice(["ext_int", "ext_zero"])

    def real(self, depth):
        self.count("real")
        rng = self.rng
        if depth <= 0 or rng.random() < 0.5:
            return rng.choice(["0.5", "2.5", "3.0", "ext_real", "0.0"])
        return f"({self.pick(lambda: self.real(depth - 1), lambda: self.number(depth - 1))} {rng.choice('+-*')} {self.real(depth - 1)})"

    def text(self):
        return self.rng.choice(TEXTS + ["ext_text", "ext_empty"])

    def range(self, depth):
        return f"({self.number(depth)}..{self.number(depth)})" if self.rng.random() < 0.5 else f"({self.small()}..{self.rng.choice(['filesize', '20', '100', self.number(depth)])})"

    def quantifier(self, loop=False):
        rng = self.rng
        kinds = ["all", "any", "1", "2", "none", "0", "number", "percent"]
        # No loop takes a share, and those of yara 4.2 take zero for `any number`.
        kind = rng.choice(kinds[: 7 if self.later else 4] if loop else kinds)
        self.count("quantifier " + (kind if not kind.isdigit() else "constant"))
        if kind == "number":
            return rng.choice(["ext_int", f"({self.number(1)})"]) if rng.random() < 0.7 else f"#{self.name()}"
        if kind == "percent":
            return f"{rng.choice([1, 33, 34, 50, 66, 67, 100])}%"
        return kind

    def set(self):
        if self.rng.random() < 0.4:
            self.used |= set(self.strings)
            return "them"
        if self.rng.random() < 0.4:
            self.used |= set(self.strings)
            return "($*)"
        chosen = self.rng.sample(self.strings, self.rng.randint(1, len(self.strings)))
        self.used |= set(chosen)
        return "(" + ", ".join("$" + name for name in chosen) + ")"

    def strings_of(self, depth):
        self.count("of")
        return f"{self.quantifier()} of {self.set()}"

    def strings_in(self, depth):
        self.count("of in")
        return f"{self.quantifier()} of {self.set()} in {self.range(depth - 1)}"

    def strings_at(self, depth):
        if not self.later:
            return self.strings_in(depth)
        self.count("of at")
        return f"{self.quantifier()} of {self.set()} at {self.number(depth - 1)}"

    def rules_of(self, depth):
        if not self.rules:
            return "true"
        self.count("of rules")
        chosen = self.rng.sample(self.rules, min(len(self.rules), self.rng.randint(1, 3)))
        return f"{self.quantifier()} of ({', '.join(chosen)})"

    def loop_strings(self, depth):
        self.count("for of")
        how, which = self.quantifier(True), self.set()
        self.in_string_loop += 1
        body = self.truth(depth - 1) if self.rng.random() < 0.5 else self.pick(
            lambda: "$", lambda: f"# {self.rng.choice(COMPARE)} {self.small()}", lambda: f"$ in {self.range(1)}", lambda: f"@[1] < {self.number(1)}",
            lambda: f"! == {self.small()}", lambda: f"$ at {self.place_number(1)}")
        self.in_string_loop -= 1
        return f"for {how} of {which} : ({body})"

    def loop_numbers(self, depth):
        if len(self.variables) >= 2:
            return "true"
        how = self.quantifier(True)
        if self.rng.random() < 0.6:
            self.count("for in range")
            # Never so many turns that yara would run for hours, as it does where the upper bound is the largest number.
            if self.rng.random() < 0.3:
                low = f"({self.number(1)} & 0xffff)"
                high = self.rng.choice([low, f"({low} + 3)"])
            else:
                low = self.small()
                high = self.rng.choice([low, "3", "5", f"({low} + 3)", "#" + self.strings[0]])
            values = f"({low}..{high})"
            if "#" in values:
                self.used.add(self.strings[0])
        else:
            self.count("for in list")
            values = "(" + ", ".join(self.number(1) for _ in range(self.rng.randint(1, 4))) + ")"
        name = "ij"[len(self.variables)]
        self.variables.append(name)
        body = self.truth(depth - 1) if self.rng.random() < 0.4 else self.pick(
            lambda: f"{self.number(2)} {self.rng.choice(COMPARE)} {name}", lambda: f"@{self.name()}[{name}] {self.rng.choice(COMPARE)} {self.number(1)}",
            lambda: f"${self.name()} at {name}", lambda: f"uint8({name}) == {self.number(1)}")
        self.variables.pop()
        return f"for {how} {name} in {values} : ({body})"

    def truth(self, depth):
        rng = self.rng
        if depth <= 0:
            return self.pick(self.found, self.found, self.plain)
        roll = rng.random()
        if roll < 0.14:
            self.count("and")
            return "(" + " and ".join(self.truth(depth - 1) for _ in range(rng.randint(2, 3))) + ")"
        if roll < 0.28:
            self.count("or")
            return "(" + " or ".join(self.truth(depth - 1) for _ in range(rng.randint(2, 3))) + ")"
        if roll < 0.36:
            self.count("not")
            return f"not ({self.truth(depth - 1)})"
        if roll < 0.42:
            self.count("defined")
            return f"defined ({self.pick(lambda: self.number(2), lambda: self.truth(depth - 1))})"
        return self.pick(
            lambda: self.found(), lambda: self.found_at(depth), lambda: self.found_in(depth), lambda: self.compare(depth), lambda: self.compare(depth),
            lambda: self.compare_reals(depth), self.compare_texts, self.text_operator, self.matches, lambda: self.strings_of(depth), lambda: self.strings_of(depth),
            lambda: self.strings_in(depth), lambda: self.strings_at(depth), lambda: self.rules_of(depth), lambda: self.loop_strings(depth), lambda: self.loop_strings(depth),
            lambda: self.loop_numbers(depth), lambda: self.loop_numbers(depth), lambda: self.loop_numbers(depth), self.rule, self.plain, lambda: self.as_truth(depth))

    def found(self):
        self.count("$a")
        return f"${self.name()}"

    def found_at(self, depth):
        self.count("$a at")
        return f"${self.name()} at {self.place_number(depth - 1)}"

    def found_in(self, depth):
        self.count("$a in")
        return f"${self.name()} in {self.range(depth - 1)}"

    def compare(self, depth):
        op = self.rng.choice(COMPARE)
        self.count("compare " + op)
        return f"{self.number(depth)} {op} {self.number(depth)}"

    def compare_reals(self, depth):
        self.count("compare reals")
        return f"{self.real(depth)} {self.rng.choice(COMPARE)} {self.pick(lambda: self.real(1), lambda: self.sure_number(1))}"

    def compare_texts(self):
        self.count("compare texts")
        return f"{self.text()} {self.rng.choice(COMPARE)} {self.text()}"

    def text_operator(self):
        op = self.rng.choice(["contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iequals"])
        self.count(op)
        return f"{self.text()} {op} {self.text()}"

    def matches(self):
        self.count("matches")
        text = self.rng.choice([text for text in TEXTS if text != '""'] + ["ext_text"] + (['""', "ext_empty"] if self.later else []))
        return f"{text} matches {self.rng.choice(['/abc/', '/^abc$/i', '/b.?c/', '/^b/', '/c+ab$/', '/a{2}/', '/^$/', '/[a-c]+/s'])}"

    def rule(self):
        if not self.rules:
            return "false"
        self.count("rule")
        return self.rng.choice(self.rules)

    def plain(self):
        return self.rng.choice(["true", "false", "ext_bool", "ext_false"])

    def as_truth(self, depth):
        if self.in_string_loop or self.variables:  # yara adds up what the turns of a loop give
            return self.found()
        self.count("number as truth")
        return self.number(depth)


def draw_rules(rng, forms, later):
    rules, lines = [], []
    with_global = rng.random() < 0.25
    for i in range(BATCH):
        names = "abcd"[: rng.randint(1, 4)]
        conditions = Conditions(rng, list(names), rules[-12:], forms, later)
        condition = conditions.truth(rng.choice([1, 2, 2, 3]))
        strings = " ".join(f"${name} = {rng.choice(STRINGS)}" for name in names if name in conditions.used)
        flags = "private " if rng.random() < 0.1 else ""
        if with_global and rng.random() < 0.05:
            flags += "global "
            forms["global"] += 1
        lines.append(f"{flags}rule r{i} {{ {'strings: ' + strings if strings else ''} condition: {condition} }}")
        rules.append(f"r{i}")
    return lines


def draw_input(rng):
    pieces = [b"abc", b"ab", b"ABC", b"c\x00a\x00", b"b\x00", b"cab", b"bc`", b"ab c", b"\x00", b" ", b"zz1", b"\xff", b"\x01"]
    return b"".join(rng.choice(pieces) for _ in range(rng.choice([0, 1, 2, 5, 15, 40])))


def typed_externals():
    """The external variables as Python's yara wants them."""
    externals = {}
    for name, value in EXTERNALS.items():
        externals[name] = {"true": True, "false": False}.get(value, value)
        if value and not value.strip("0123456789."):
            externals[name] = float(value) if "." in value else int(value)
    return externals


def leave_out(lines, refused, errors):
    """Empties the lines of (line, why). One that is empty by then cannot be refused once more."""
    for line in {line for line, _ in errors}:
        if line in refused:
            sys.exit(f"yara refuses line {line + 1} when it is left out: {refused[line]}")
    for line, why in errors:
        refused.setdefault(line, why)
        lines[line] = ""


def compile_without_refused(lines):
    """Rules of Python's yara, and the lines that it refused, which are empty afterwards."""
    refused = {}
    while True:
        try:
            return yara.compile(source="\n".join(lines) + "\n", externals=typed_externals()), refused
        except yara.SyntaxError as error:
            leave_out(lines, refused, [(int(re.match(r"line (\d+)", str(error))[1]) - 1, str(error))])


def scan_without_refused(folder, lines, options, target):
    """The yara command's answer, and the lines that it refused, which are empty afterwards."""
    refused = {}
    rules = folder / "yara.yar"
    definitions = [word for name, value in EXTERNALS.items() for word in ("-d", f"{name}={value}")]
    while True:
        rules.write_text("\n".join(lines) + "\n", encoding="latin1")
        answer = subprocess.run(["yara", "-w", "-N", "-p", "1", *options, *definitions, str(rules), str(target)], capture_output=True)
        errors = re.findall(r"yara\.yar\((\d+)\): (.*)", answer.stderr.decode("latin1"))
        if not errors:
            return answer, refused
        leave_out(lines, refused, [(int(line) - 1, why) for line, why in errors])


def run_yara(folder, lines):
    answer, refused = scan_without_refused(folder, list(lines), [], folder / "inputs")
    if "error scanning" in answer.stderr.decode("latin1"):
        sys.exit("yara could not scan: " + answer.stderr.decode("latin1"))
    if answer.returncode != 0:
        sys.exit(answer.stderr.decode("latin1"))
    held = set()
    for line in answer.stdout.decode("latin1").split("\n"):
        if match := re.match(r"r(\d+) .*/input(\d+)$", line):
            held.add((int(match[1]), int(match[2])))
    return refused, held


def run_module(folder, lines):
    rules, refused = compile_without_refused(list(lines))
    held = set()
    for k in range(INPUTS):
        for match in rules.match(data=(folder / "inputs" / f"input{k}").read_bytes()):
            held.add((int(match.rule[1:]), k))
    return refused, held


def run_probe(probe, folder, lines):
    rules = folder / "ward.yar"
    rules.write_text("\n".join(lines) + "\n")
    answer = subprocess.run([probe, str(rules), *[f"{name}={value}" for name, value in EXTERNALS.items()], "--",
                             *[str(folder / "inputs" / f"input{i}") for i in range(INPUTS)]], capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"rule_probe ended with {answer.returncode}: {answer.stderr[-300:]}")
    refused, held = {}, set()
    for line in answer.stdout.decode("latin1").splitlines():
        word = line.split(" ", 2)
        if word[0] == "refused":
            refused.setdefault(int(word[1]) - 1, word[2])
        elif word[0] == "match":
            held.add((int(word[2][1:]), int(word[1])))
        else:
            sys.exit(line)
    return refused, held


def meant(line, theirs, ours):
    """Is it a difference of docs/yara.md that one side refuses this rule?"""
    if ours:  # as yara 4.5 does
        return "the range is empty" in ours or "range begins below" in ours or "negative" in ours or (">>" in line and any(words in ours for words in ("overflow", "division by zero")))
    if "of <string set>' loops can't be nested" in theirs:  # as yara 4.2 does
        return True
    # yara takes externals for constants, and folds `>>` wrongly.
    return ("ext_" in line or ">>" in line) and any(words in theirs for words in ("division by zero", "range lower bound", "integer overflow"))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=2000, help="rules to draw")
    options.add_argument("--probe", default=str(ROOT / "build/dev/bin/rule_probe"))
    options.add_argument("--show", type=int, default=10, help="differences to print")
    options.add_argument("--with", dest="peer", choices=["module", "command"], default="command")
    given = options.parse_args()
    module = given.peer == "module"
    if not module and not shutil.which("yara"):
        print("skipped: there is no yara command to compare with")
        sys.exit(77)
    forms = collections.Counter()
    pairs = held = left_out = differ = 0
    for batch in range((given.count + BATCH - 1) // BATCH):
        rng = random.Random(f"{given.seed}/{batch}")
        lines = draw_rules(rng, forms, module)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "inputs").mkdir()
            for i in range(INPUTS):
                (folder / "inputs" / f"input{i}").write_bytes(draw_input(rng))
            # What one side refuses by intent must not reach the others, as a global rule would.
            for _ in range(BATCH):
                theirs_refused, theirs = (run_module if module else run_yara)(folder, lines)
                ours_refused, ours = run_probe(given.probe, folder, lines)
                intended = [i for i in range(BATCH) if (i in theirs_refused) != (i in ours_refused) and meant(lines[i], theirs_refused.get(i), ours_refused.get(i))]
                for i in intended:
                    lines[i] = ""
                forms["refused by one, meant"] += len(intended)
                if not intended:
                    break
            for i, line in enumerate(lines):
                complaint = None
                if not line:
                    continue
                if (i in theirs_refused) != (i in ours_refused):
                    complaint = f"refused by yara: {theirs_refused.get(i)}, by Ward: {ours_refused.get(i)}"
                elif i in ours_refused:
                    left_out += 1
                    continue
                else:
                    pairs += INPUTS
                    held += sum((i, k) in theirs for k in range(INPUTS))
                    for k in range(INPUTS):
                        if ((i, k) in theirs) != ((i, k) in ours):
                            data = (folder / "inputs" / f"input{k}").read_bytes()
                            complaint = f"yara: {(i, k) in theirs}, Ward: {(i, k) in ours} for {data!r}"
                            break
                if complaint:
                    differ += 1
                    if differ <= given.show:
                        print(f"batch {batch}: {line}\n    {complaint}")
    print(f"{pairs} pairs, {held} held, {left_out} rules refused by both, {differ} differ; forms: {dict(sorted(forms.items()))}")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
