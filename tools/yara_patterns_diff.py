#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares where Ward's patterns match with what the yara command says.

    tools/yara_patterns_diff.py [--seed N] [--count N] [--kind KIND] [--probe PROGRAM] [--with command|module]

Draws `count` patterns at random (text, hex strings and regular expressions with all modifiers), and for each batch of them
some inputs: noise of few letters into which strings are strewn that the patterns match, or nearly match. The yara command
(or Python's yara module, which is of a later version) and pattern_probe (src/cell/match) must report the same offsets and
lengths. Prints how many pairs of pattern and input were compared, and in how many the pattern matched. Ends 1 when they
differ, with the first differences; 2 on wrong usage.

Versions of yara differ among each other, so where yara and Ward disagree Python's `re` is asked as a third. What it says
of every offset, Ward must say too; such pairs are counted as `yara alone`. docs/yara.md names the differences that are
meant; they are counted as `meant`.
"""
import argparse
import collections
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

try:
    import yara
except ImportError:
    yara = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 60
INPUTS = 12
MOST_PRINTED = 512  # yara -L prints no greater length
PATIENCE = 120  # seconds for yara and one batch
MODULE_REACH, COMMAND_REACH = 1024, MOST_PRINTED
LETTERS = "abcABZ019_ -.k\x00\n"


class Bytes:
    """A set of bytes: how it is written, and which they are."""

    def __init__(self, text, values, but=None):
        self.text, self.values, self.but = text, sorted(values), but

    def draw(self, rng):
        return bytes([rng.choice(self.values)])

    def python(self, wide, cased):
        values = set(self.values) if self.but is None else self.but
        if cased:
            values = values | {c ^ 0x20 for c in values if c < 128 and chr(c).isalpha()}
        if self.but is not None:
            values = ALL - values
        return ("[" + "".join(f"\\x{c:02x}" for c in sorted(values)) + "]" if values else "(?!)") + ("\\x00" if wide else "")


class Many:
    def __init__(self, kind, items, text):
        self.kind, self.items, self.text = kind, items, text

    def draw(self, rng):
        if self.kind == "either":
            return rng.choice(self.items).draw(rng)
        return b"".join(item.draw(rng) for item in self.items)

    def python(self, wide, cased):
        inside = ("|" if self.kind == "either" else "").join(item.python(wide, cased) for item in self.items)
        return f"(?:{inside})"


class Repeat:
    def __init__(self, item, least, most, text, lazy):
        self.item, self.least, self.most, self.text, self.lazy = item, least, most, text, lazy

    def python(self, wide, cased):
        most = "" if self.most is None else self.most
        return f"(?:{self.item.python(wide, cased)}){{{self.least},{most}}}" + ("?" if self.lazy else "")

    def draw(self, rng):
        most = self.least + rng.choice([0, 1, 2, 5]) if self.most is None else min(self.most, self.least + rng.choice([0, 1, 3, 600]))
        return b"".join(self.item.draw(rng) for _ in range(rng.randint(self.least, max(most, self.least))))


class Nothing:
    def __init__(self, text):
        self.text = text

    def draw(self, rng):
        return b""

    def python(self, wide, cased):
        if self.text in "^$":
            return "\\A" if self.text == "^" else "\\Z"
        word = "[A-Za-z0-9_]" + ("\\x00" if wide else "")
        behind, before = f"(?={word})", f"(?<={word})"
        no_behind, no_before = f"(?!{word})", f"(?<!{word})"
        if self.text == "\\b":
            return f"(?:{before}{no_behind}|{no_before}{behind})"
        return f"(?:{before}{behind}|{no_before}{no_behind})"


ALL = set(range(256))
WORD = {c for c in range(256) if chr(c) in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"}
DIGIT = set(range(48, 58))
SPACE = set(b" \t\n\v\f\r")


class Regexes:
    """Regular expressions; greedy or lazy throughout, as yara wants it."""

    def __init__(self, rng):
        self.rng = rng
        self.lazy = rng.random() < 0.3
        self.dotall = rng.random() < 0.3

    def literal(self):
        c = self.rng.choice("aaabbcABk019_ -.")
        return Bytes("\\" + c if c in ".-" and c == "." else c, {ord(c)})

    def one(self):
        rng = self.rng
        roll = rng.random()
        if roll < 0.62:
            return self.literal()
        if roll < 0.70:
            return Bytes(".", ALL if self.dotall else ALL - {10})
        if roll < 0.80:
            return rng.choice([
                Bytes("\\w", WORD), Bytes("\\W", ALL - WORD), Bytes("\\d", DIGIT), Bytes("\\D", ALL - DIGIT),
                Bytes("\\s", SPACE), Bytes("\\S", ALL - SPACE), Bytes("\\x41", {0x41}), Bytes("\\x00", {0}),
                Bytes("\\n", {10}), Bytes("\\t", {9}),
            ])
        text, values = "", set()
        for _ in range(rng.randint(1, 3)):
            kind = rng.random()
            if kind < 0.5:
                c = rng.choice("abcABk019_")
                text += c
                values.add(ord(c))
            elif kind < 0.8:
                low, high = sorted(rng.sample("abcdkz", 2))
                text += f"{low}-{high}"
                values |= set(range(ord(low), ord(high) + 1))
            else:
                name, what = rng.choice([("\\w", WORD), ("\\d", DIGIT), ("\\s", SPACE), ("\\W", ALL - WORD)])
                text += name
                values |= what
        if rng.random() < 0.25 and values != ALL:
            return Bytes(f"[^{text}]", ALL - values, values)
        return Bytes(f"[{text}]", values)

    def quantified(self, item):
        rng = self.rng
        roll = rng.random()
        if roll < 0.25:
            least, most, text = 0, None, "*"
        elif roll < 0.5:
            least, most, text = 1, None, "+"
        elif roll < 0.7:
            least, most, text = 0, 1, "?"
        else:
            least = rng.choice([0, 1, 2, 3, 7])
            most = least + rng.choice([0, 1, 2, 5, 20])
            form = rng.random()
            if most == 0:
                most = 1
            if form < 0.25:
                most, text = None, f"{{{least},}}"
            elif form < 0.5:
                most, text = max(least, 1), f"{{{max(least, 1)}}}"
                least = most
            elif form < 0.6:
                least, text = 0, f"{{,{most}}}"
            else:
                text = f"{{{least},{most}}}"
        return Repeat(item, least, most, item.text + text + ("?" if self.lazy else ""), self.lazy)

    def part(self, depth):
        rng = self.rng
        roll = rng.random()
        if roll < 0.06:
            return Nothing(rng.choice(["\\b", "\\B", "\\b", "^", "$"]))
        if roll < 0.22 and depth > 0:
            inside = self.either(depth - 1)
            item = Many("all", [inside], f"({inside.text})")
        else:
            item = self.one()
        if rng.random() < (0.22 if depth else 0.3):
            return self.quantified(item)
        return item

    def row(self, depth):
        items = [self.part(depth) for _ in range(self.rng.choice([1, 2, 3, 4, 6, 9]))]
        return Many("all", items, "".join(item.text for item in items))

    def either(self, depth):
        count = self.rng.choice([1, 1, 1, 2, 3])
        items = [self.row(depth) for _ in range(count)]
        return items[0] if count == 1 else Many("either", items, "|".join(item.text for item in items))


class Hexes:
    def __init__(self, rng):
        self.rng = rng

    def one(self):
        rng = self.rng
        byte = rng.choice([0, 0, 0x41, 0x42, 0x61, 0x6B, 0x30, 0xFF, 0x90])
        roll = rng.random()
        if roll < 0.75:
            return Bytes(f"{byte:02X}", {byte})
        if roll < 0.85:
            return Bytes("??", ALL)
        if roll < 0.93:
            return Bytes(f"{byte >> 4:X}?", {b for b in ALL if b >> 4 == byte >> 4})
        return Bytes(f"?{byte & 15:x}", {b for b in ALL if b & 15 == byte & 15})

    def row(self, depth):
        rng = self.rng
        items = [self.one()]
        for _ in range(rng.choice([1, 2, 3, 5, 8])):
            roll = rng.random()
            if roll < 0.12:
                least = rng.choice([0, 0, 1, 3, 10])
                most = least + rng.choice([0, 1, 4, 20])
                if depth and rng.random() < 0.35:
                    least, most = rng.choice([(0, 250), (201, 201), (3, 400), (0, None), (2, None), (250, None)])
                if most == 0:
                    most = 1
                text = f"[{least}-{'' if most is None else most}]" if most != least else f"[{least}]"
                items.append(Repeat(Bytes("??", ALL), least, most, text, True))
            elif roll < 0.22 and depth:
                branches = [self.row(0) for _ in range(rng.randint(2, 3))]
                items.append(Many("either", branches, "(" + " | ".join(b.text for b in branches) + ")"))
            items.append(self.one())
        return Many("all", items, " ".join(item.text for item in items))


def quoted(data):
    return '"' + "".join(chr(c) if 32 <= c < 127 and chr(c) not in '"\\' else f"\\x{c:02x}" for c in data) + '"'


class Pattern:
    """kind, modifiers for the probe, body, how yara writes it, and a function that draws matching bytes."""


def wide(data):
    return b"".join(bytes([c, 0]) for c in data)


def text_pattern(rng):
    out = Pattern()
    out.kind = "text"
    body = bytes(ord(rng.choice(LETTERS)) for _ in range(rng.choice([1, 2, 3, 3, 4, 5, 6, 8, 12])))
    out.body = body
    modifiers = []
    drawers = []
    style = rng.random()
    if style < 0.2 and len(body) >= 3:
        which = rng.choice([["base64"], ["base64wide"], ["base64", "base64wide"]])
        modifiers += which
        if rng.random() < 0.2:
            modifiers.append("wide")
            if rng.random() < 0.5:
                modifiers.append("ascii")
        import base64

        def draw(rng):
            inner = wide(body) if "wide" in modifiers and rng.random() < 0.5 else body
            data = base64.b64encode(bytes(rng.choice(b"abc\x00\xff") for _ in range(rng.randint(0, 5))) + inner + bytes(rng.choice(b"abc\x00") for _ in range(rng.randint(0, 4))))
            return wide(data) if which[-1] == "base64wide" and rng.random() < 0.6 else data

        out.draw = draw
        out.modifiers = modifiers
        out.written = quoted(body) + " " + " ".join(modifiers)
        return out
    if rng.random() < 0.35:
        modifiers.append("wide")
    if rng.random() < 0.35:
        modifiers.append("ascii")
    if rng.random() < 0.3:
        modifiers.append("fullword")
    key_range = None
    if style < 0.4:
        low = rng.choice([0, 0, 1, 5, 32, 255])
        high = rng.choice([low, min(255, low + 1), min(255, low + 32), 255])
        key_range = (low, high)
        modifiers.append(f"xor={low}-{high}")
    elif rng.random() < 0.4:
        modifiers.append("nocase")

    def draw(rng):
        data = body
        if "nocase" in modifiers:
            data = bytes(c ^ 0x20 if chr(c).isalpha() and c < 128 and rng.random() < 0.5 else c for c in data)
        if "wide" in modifiers and rng.random() < 0.7:
            data = wide(data)
        if key_range:
            key = rng.randint(*key_range)
            data = bytes(c ^ key for c in data)
        return data

    out.draw = draw
    out.modifiers = modifiers
    names = [f"xor(0x{key_range[0]:02x}-0x{key_range[1]:02x})" if m.startswith("xor") else m for m in modifiers]
    out.written = quoted(body) + " " + " ".join(names)
    return out


def hex_pattern(rng):
    out = Pattern()
    out.kind, out.modifiers = "hex", []
    row = Hexes(rng).row(1)
    out.tree, out.body, out.draw = row, row.text.encode(), row.draw
    out.written = "{ " + row.text + " }"
    return out


def regex_pattern(rng):
    out = Pattern()
    out.kind = "regex"
    regexes = Regexes(rng)
    tree = regexes.either(2)
    out.tree, out.body = tree, tree.text.encode()
    modifiers = []
    if rng.random() < 0.25:
        modifiers.append("wide")
    if rng.random() < 0.2:
        modifiers.append("ascii")
    if rng.random() < 0.2:
        modifiers.append("fullword")
    if rng.random() < 0.2:
        modifiers.append("nocase")
    flags = "s" if regexes.dotall else ""
    out.written = f"/{tree.text}/{flags} " + " ".join(modifiers)
    out.modifiers = modifiers + (["dotall"] if regexes.dotall else [])

    def draw(rng):
        data = tree.draw(rng)
        if "nocase" in modifiers:
            data = bytes(c ^ 0x20 if chr(c).isalpha() and c < 128 and rng.random() < 0.4 else c for c in data)
        return wide(data) if "wide" in modifiers and rng.random() < 0.7 else data

    out.draw = draw
    return out


def noise(rng, length):
    return bytes(rng.choice(b"aabbckAB019_ -.k\x00\x00\n\xffz") for _ in range(length))


def input_for(rng, patterns):
    out = bytearray(noise(rng, rng.choice([0, 1, 2, 10])))
    for pattern in rng.sample(patterns, min(len(patterns), 40)):
        piece = bytearray(pattern.draw(rng))[:1500]
        if piece and rng.random() < 0.2:  # a near miss
            piece[rng.randrange(len(piece))] ^= rng.choice([1, 0x20, 0xFF])
        out += piece
        out += noise(rng, rng.choice([0, 0, 1, 2, 7]))
    return bytes(out)


def run_command(folder, patterns):
    """For each pattern its hits by input, or None where it was refused."""
    refused = {}
    rules = folder / "rules.yar"
    while True:
        lines = [f"rule r{i} {{ strings: $a = {p.written} condition: $a }}" for i, p in enumerate(patterns)]
        for i in refused:
            lines[i] = ""
        rules.write_text("\n".join(lines) + "\n")
        try:
            answer = subprocess.run(["yara", "-w", "-s", "-L", "-N", "-p", "1", str(rules), str(folder / "inputs")], capture_output=True,
                                    timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            # One pattern is enough to keep yara busy for hours; the batch is not compared.
            return refused, collections.defaultdict(list), {(i, k) for i in range(len(patterns)) for k in range(INPUTS)}
        errors = re.findall(r"rules\.yar\((\d+)\): (.*)", answer.stderr.decode("latin1"))
        if not errors:
            if answer.returncode != 0:
                sys.exit(answer.stderr.decode("latin1"))
            break
        for line, text in errors:
            refused[int(line) - 1] = text
    # What yara gives up on (too many fibers, too many matches) cannot be compared.
    given_up = {int(number) for number in re.findall(r"error scanning .*/input(\d+):", answer.stderr.decode("latin1"))}
    hits = collections.defaultdict(list)
    current = None
    for line in answer.stdout.decode("latin1").split("\n"):
        if match := re.match(r"r(\d+) .*/input(\d+)$", line):
            current = (int(match[1]), int(match[2]))
        elif match := re.match(r"0x([0-9a-f]+):(\d+):\$a", line):
            hits[current].append((int(match[1], 16), int(match[2])))
    lost = {(i, k) for i in range(len(patterns)) for k in given_up}
    return refused, hits, lost


def run_module(folder, patterns):
    """The same with Python's module, which is of a later version and tells whole lengths."""
    refused, lost, hits = {}, set(), collections.defaultdict(list)
    rules = {}
    for i, pattern in enumerate(patterns):
        try:
            rules[i] = yara.compile(source=f"rule r {{ strings: $a = {pattern.written} condition: $a }}")
        except yara.SyntaxError as error:
            refused[i] = str(error)
    for k in range(INPUTS):
        data = (folder / "inputs" / f"input{k}").read_bytes()
        for i, rule in rules.items():
            try:
                for match in rule.match(data=data):
                    for instance in match.strings[0].instances:
                        hits[(i, k)].append((instance.offset, instance.matched_length))
            except yara.Error:
                lost.add((i, k))
    return refused, hits, lost


def run_probe(probe, folder, patterns, inputs, whole):
    lines = []
    for p in patterns:
        lines.append(f"{p.kind} {','.join(p.modifiers) or '-'} {p.body.hex()}")
    (folder / "patterns").write_text("\n".join(lines) + "\n")
    answer = subprocess.run([probe, str(folder / "patterns")] + [str(folder / "inputs" / f"input{i}") for i in range(inputs)], capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"pattern_probe ended with {answer.returncode}: {answer.stdout[-300:]} {answer.stderr[-300:]}")
    refused, hits = {}, collections.defaultdict(list)
    for line in answer.stdout.decode().splitlines():
        word = line.split(" ", 3)
        if word[0] == "refused":
            refused[int(word[1])] = word[3]
        elif word[0] == "hit":
            rest = word[3].split()
            hits[(int(word[2]), int(word[1]))].append((int(rest[0]), int(rest[1]) if whole else min(int(rest[1]), MOST_PRINTED)))
        else:
            sys.exit(line)
    return refused, hits


def stands_alone(data, start, end, wide):
    def character(at):
        return chr(data[at]).isascii() and chr(data[at]).isalnum() and (not wide or data[at + 1] == 0)

    step = 2 if wide else 1
    return not (start >= step and character(start - step)) and not (end + step <= len(data) and character(end))


def out_of_time(signal_number, frame):
    raise TimeoutError


def judge(pattern, data, ours):
    """Does Python's `re` find matches where Ward did (`offsets`), and as long ones (`lengths`)?"""
    if pattern.kind == "text":
        return None
    signal.alarm(5)
    try:
        lengths = collections.defaultdict(set)
        for wide in [False, True]:
            if "wide" not in pattern.modifiers if wide else "wide" in pattern.modifiers and "ascii" not in pattern.modifiers:
                continue
            expression = re.compile(pattern.tree.python(wide, "nocase" in pattern.modifiers).encode())
            for offset in range(len(data)):
                if found := expression.match(data, offset):
                    if "fullword" not in pattern.modifiers or stands_alone(data, offset, found.end(), wide):
                        lengths[offset].add(found.end() - offset)
    except TimeoutError:
        return None
    finally:
        signal.alarm(0)
    if [offset for offset, _ in ours] != sorted(lengths):
        return None
    return "lengths" if all(length in lengths[offset] for offset, length in ours) else "offsets"


def meant(pattern, theirs, ours, judged, module):
    """The difference of docs/yara.md that explains this one, or nothing."""
    if pattern.kind != "regex":
        return None
    same_offsets = judged == "offsets" or [offset for offset, _ in theirs] == [offset for offset, _ in ours]
    reach = MODULE_REACH if module else COMMAND_REACH
    if len(theirs) == len(ours) and all(a == b or (a[0] == b[0] and max(a[1], b[1]) >= reach) for a, b in zip(theirs, ours)):
        return "how far a match reaches"
    if same_offsets and (b"|" in pattern.body or b"?" in pattern.body):
        return "which alternative"
    if "fullword" in pattern.modifiers:
        return "fullword of a choice of ends"
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=1200, help="patterns to draw")
    options.add_argument("--probe", default=str(ROOT / "build/dev/bin/pattern_probe"))
    options.add_argument("--kind", choices=["text", "hex", "regex"])
    options.add_argument("--show", type=int, default=10, help="differences to print")
    options.add_argument("--with", dest="peer", choices=["module", "command"], default="module" if yara else "command")
    given = options.parse_args()
    module = given.peer == "module"
    if not module and not shutil.which("yara"):
        print("skipped: there is no yara command to compare with")
        sys.exit(77)
    signal.signal(signal.SIGALRM, out_of_time)
    pairs = matched = alone = shown = differ = left_out = given_up = 0
    kinds = collections.Counter()
    known = collections.Counter()
    for batch in range((given.count + BATCH - 1) // BATCH):
        rng = random.Random(f"{given.seed}/{batch}")
        make = {"text": text_pattern, "hex": hex_pattern, "regex": regex_pattern}
        patterns = [make[given.kind or rng.choice(["text", "hex", "regex", "regex"])](rng) for _ in range(BATCH)]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "inputs").mkdir()
            for i in range(INPUTS):
                (folder / "inputs" / f"input{i}").write_bytes(input_for(rng, patterns))
            theirs_refused, theirs, lost = (run_module if module else run_command)(folder, patterns)
            ours_refused, ours = run_probe(given.probe, folder, patterns, INPUTS, module)
            for i, pattern in enumerate(patterns):
                complaint = None
                if (i in theirs_refused) != (i in ours_refused):
                    complaint = f"refused by yara: {theirs_refused.get(i)}, by Ward: {ours_refused.get(i)}"
                elif i in ours_refused:
                    left_out += 1
                    continue
                for k in range(INPUTS):
                    if complaint:
                        break
                    if (i, k) in lost:
                        given_up += 1
                        continue
                    pairs += 1
                    matched += bool(theirs[(i, k)])
                    if theirs[(i, k)] != ours[(i, k)]:
                        data = (folder / "inputs" / f"input{k}").read_bytes()
                        judged = judge(pattern, data, ours[(i, k)])
                        if judged == "lengths":
                            alone += 1
                            continue
                        if why := meant(pattern, theirs[(i, k)], ours[(i, k)], judged, module):
                            known[why] += 1
                            continue
                        missing = sorted(set(theirs[(i, k)]) - set(ours[(i, k)]))[:3]
                        extra = sorted(set(ours[(i, k)]) - set(theirs[(i, k)]))[:3]
                        at = min(offset for offset, _ in missing + extra)
                        complaint = f"input {k}: yara alone {missing}, Ward alone {extra}; from there: {data[max(0, at - 3):at + 60]!r} (3 before)"
                if complaint:
                    differ += 1
                    if shown < given.show:
                        shown += 1
                        print(f"batch {batch} pattern {i}: {pattern.written}\n    {complaint}")
                else:
                    kinds[pattern.kind] += 1
    print(f"{pairs} pairs, {matched} with matches, {left_out} patterns refused by both, {given_up} pairs given up by yara, {alone} where yara is alone, {differ} differ; alike: {dict(kinds)}; meant: {dict(known)}")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
