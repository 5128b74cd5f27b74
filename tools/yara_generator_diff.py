#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares Ward with yara on rules that are just true or just false of a file.

    tools/yara_generator_diff.py [--seed N] [--count PAIRS] [--with command|module] [--files FOLDER...] [--module NAME] [--show N] [--table]

Each batch takes a file (programs of this machine and of the tests, those of --files, or texts), asks yara what expressions and
functions of modules give for it (cuckoo has the report of a sandbox that is drawn too), and what the modules know of it, and draws from that two rules at a time: one that holds and one
that differs from it in a single number, letter or modifier and does not. Texts, hex strings and regular expressions are drawn
with bytes that they match, which are put into the file. Both rules are compared on the file and on a copy in which some bytes
are others. rule_probe and module_probe (build/dev) must give the same rules, strings, offsets and lengths as the yara command
(or Python's yara module, of a later version, which is asked more).

Prints how many pairs of a rule and a file were compared, in how many the rule held, and, with --table, for each operator,
modifier and function in how many pairs it occurred and how many of them were near misses, that is of two rules of which one
held and the other did not. Ends 1 when there is a difference, and when at a --count of 100,000 and more a form occurs in fewer
than 500 pairs; 2 on wrong usage; 77 where there is no yara.

The same seed draws the same from the same files with the same yara: the last line ends with a digest of all that was drawn.
"""
import argparse
import base64
import collections
import hashlib
import json
import pathlib
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile

import yara_modules_diff as modules_diff
from yara_rules_diff import EXTERNALS, ROOT, compile_without_refused, meant, scan_without_refused

try:
    import yara
except ImportError:
    yara = None

RULES = 60  # about half of a batch's pairs of rules
COPIES = 2  # of the file, the file itself counted
MOST_HITS = 64  # that a match of Ward tells
FEW = 500  # pairs: of a form in fewer nothing is known
MANY = 100_000  # pairs: with so many no form may be in few
COMPARE = ["==", "!=", "<", "<=", ">", ">="]
READERS = [f"{sign}int{width}{end}" for sign in ("", "u") for width in (8, 16, 32) for end in ("", "be")]
ALPHABET = "!@#$%^&*(){}[].,|ABCDEFGHIJ\x09LMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
STANDARD = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
# Which of these only the later yara has.
LATER_MODULES = {"string"}
MODULES = ["console", "cuckoo", "dex", "dotnet", "elf", "hash", "macho", "magic", "math", "pe", "string", "tests", "time"]
# What depends on the machine, or differs by intent between versions.
LEFT_OUT = {"time.now()"}
# What 4.5 gives otherwise than 4.2; Ward does as 4.5.
CHANGED = {"math.serial_correlation", "dex.header.magic", "dex.header.signature"} | {f"dex.DEX_FILE_MAGIC_{number:03}" for number in range(35, 40)}


def quoted(text):
    return '"' + "".join(c if c not in '"\\' and " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text) + '"'


def expression(text):
    return "".join(c if c.isalnum() and c.isascii() else f"\\x{ord(c):02x}" for c in text)


class Pair:
    """A rule and the one that a single change makes of it: strings and conditions."""

    def __init__(self, tags, condition, near, strings="", near_strings=None):
        self.tags, self.condition, self.near = tags, condition, near
        self.strings, self.near_strings = strings, strings if near_strings is None else near_strings


class Draw:
    def __init__(self, rng, data, later, uses):
        self.rng, self.data, self.later, self.uses = rng, data, later, uses
        self.plants = []

    def least(self, options, name=lambda option: option):
        """One of those that were drawn least so far."""
        options = list(options)
        self.rng.shuffle(options)
        chosen = min(options, key=lambda option: self.uses[name(option)])
        self.uses[name(chosen)] += 1
        return chosen

    def word(self, low=6, high=10):
        return "".join(self.rng.choice(string.ascii_lowercase + string.ascii_uppercase) for _ in range(self.rng.randint(low, high)))

    def changed(self, text):
        """Another letter in one place."""
        at = self.rng.randrange(len(text))
        other = self.rng.choice([c for c in string.ascii_letters if c.lower() != text[at].lower()])
        return text[:at] + other + text[at + 1:]

    def mixed(self, word):
        out = "".join(self.rng.choice([c.lower(), c.upper()]) for c in word)
        return out if out != word else word.swapcase()

    # Texts: (tags, definition, definition after one change, bytes that the first matches).
    def text_string(self):
        rng, word = self.rng, self.word()
        wide = lambda text: text.encode("utf-16le")
        kind = self.least(["text", "nocase", "wide", "ascii wide", "fullword", "fullword wide", "xor", "xor range", "xor wide", "base64", "base64 alphabet",
                           "base64wide", "private", "nocase wide", "escapes"], lambda kind: "string " + kind)
        tags = ["string " + kind]
        if kind == "text":
            return tags, quoted(word), quoted(self.changed(word)), word.encode()
        if kind == "escapes":
            text = "".join(rng.choice([chr(rng.randrange(256)), c]) for c in word)
            return tags, quoted(text), quoted(self.changed(text)), text.encode("latin1")
        if kind == "nocase":
            return tags, quoted(word) + " nocase", quoted(word), self.mixed(word).encode()
        if kind == "nocase wide":
            return tags, quoted(word) + " wide nocase", quoted(word) + " wide", wide(self.mixed(word))
        if kind == "wide":
            return tags, quoted(word) + " wide", quoted(word), wide(word)
        if kind == "ascii wide":
            if rng.random() < 0.5:
                return tags, quoted(word) + " ascii wide", quoted(word) + " wide", word.encode()
            return tags, quoted(word) + " wide ascii", quoted(word) + " ascii", wide(word)
        if kind == "fullword":
            return tags, quoted(word) + " fullword", quoted(word[:-1]) + " fullword", rng.choice([b" ", b"_", b"\0"]) + word.encode() + rng.choice([b" ", b"-", b"\xff"])
        if kind == "fullword wide":
            return tags, quoted(word) + " wide fullword", quoted(word[1:]) + " wide fullword", wide(f" {word} ")
        if kind in ("xor", "xor range", "xor wide"):
            key = rng.randint(1, 255)
            plant = wide(word) if kind == "xor wide" else word.encode()
            plant = bytes(byte ^ key for byte in plant)
            extra = " wide" if kind == "xor wide" else ""
            if kind == "xor range":
                low, high = rng.randint(0, key), rng.randint(key, 255)
                wrong = f"({low}-{key - 1})" if low < key else f"({min(key + 1, 255)}-255)"
                return tags, f"{quoted(word)} xor({low}-{high})", f"{quoted(word)} xor{wrong}", plant
            return tags, quoted(word) + " xor" + extra, quoted(word) + (extra or " ascii"), plant
        if kind.startswith("base64"):
            word = self.word(9, 14)
            packed = base64.b64encode((self.word(1, 4) + word + self.word(1, 4)).encode())
            modifier = kind.split()[0]
            if kind == "base64 alphabet":
                packed = packed.translate(bytes.maketrans(STANDARD.encode(), ALPHABET.encode()))
                modifier += f"({quoted(ALPHABET)})"
            if modifier == "base64wide":
                packed = wide(packed.decode())
            if rng.random() < 0.3:
                return tags, f"{quoted(word)} {modifier}", f"{quoted(word)} {'base64wide' if kind == 'base64' else 'base64'}", packed
            return tags, f"{quoted(word)} {modifier}", f"{quoted(word[:6] + self.changed(word[6:8]) + word[8:])} {modifier}", packed
        return tags, quoted(word) + " private", quoted(self.changed(word)) + " private", word.encode()

    def hex_string(self):
        rng = self.rng
        plant = rng.randbytes(rng.randint(6, 12))
        tokens, tags = [], {"hex"}
        solid = rng.randrange(len(plant) - 4)  # four bytes that stay, for speed
        for i, byte in enumerate(plant):
            kind = rng.choice(["byte"] * 6 + ["any", "low", "high", "not", "not half", "or"]) if not solid <= i < solid + 4 else "byte"
            if kind.startswith("not") and not self.later:
                kind = "byte"
            pair, other = f"{byte:02X}", f"{byte ^ rng.randint(1, 255):02X}"
            other_high, other_low = f"{byte ^ 16 * rng.randint(1, 15):02X}", f"{byte ^ rng.randint(1, 15):02X}"
            tags.add("hex " + kind)
            tokens.append({"byte": (pair, rng.choice([other_high, other_low])), "any": ("??", "~" + pair if self.later else other), "low": (f"?{pair[1]}", f"?{other_low[1]}"),
                           "high": (f"{pair[0]}?", f"{other_high[0]}?"), "not": ("~" + other, "~" + pair),
                           "not half": (f"~?{other_low[1]}", f"~?{pair[1]}"), "or": (f"({other} | {pair})", f"({other} | {other_low})")}[kind])
        at = rng.choice([i for i in range(1, len(tokens) - 1) if not solid <= i < solid + 4] or [None])
        change = rng.randrange(len(tokens))
        if at is not None and rng.random() < 0.5:
            more = rng.randint(0, 9)
            plant = plant[:at] + rng.randbytes(more) + plant[at:]
            form = self.least(["exact", "range", "open"], lambda form: "hex jump " + form)
            tags.add("hex jump " + form)
            jump = {"exact": f"[{more}]", "range": f"[{max(0, more - rng.randint(0, 2))}-{more + rng.randint(0, 3)}]", "open": f"[{max(0, more - 1)}-]"}[form]
            if more == 0 and form == "exact":
                jump = "[0-0]"
            wrong = f"[{more + 1}]" if form == "exact" else f"[{more + 1}-{more + 1 + rng.randint(0, 2)}]"
            right = [token[0] for token in tokens]
            if rng.random() < 0.5:
                return tags, "{ " + " ".join(right[:at] + [jump] + right[at:]) + " }", "{ " + " ".join(right[:at] + [wrong] + right[at:]) + " }", plant
            near = right[:change] + [tokens[change][1]] + right[change + 1:]
            return tags, "{ " + " ".join(right[:at] + [jump] + right[at:]) + " }", "{ " + " ".join(near[:at] + [jump] + near[at:]) + " }", plant
        right = [token[0] for token in tokens]
        near = right[:change] + [tokens[change][1]] + right[change + 1:]
        return tags, "{ " + " ".join(right) + " }", "{ " + " ".join(near) + " }", plant

    def regular_expression(self):
        rng, word = self.rng, self.word(6, 10)
        tags, tokens, plant = {"regex"}, [], ""
        solid = rng.randrange(len(word) - 3)
        lazy = rng.random() < 0.5  # not both kinds of repeats in one expression
        mark = "?" if lazy else ""
        for i, c in enumerate(word):
            kind = "letter" if solid <= i < solid + 4 else rng.choice(["letter"] * 4 + ["class", "not class", "range", "dot", "or", "star", "plus", "optional", "times", "times range",
                                                                         "\\w", "\\d", "\\s", "\\W", "\\D", "\\S", "\\x"])
            tags.add("regex " + kind + (" lazy" if lazy and kind in ("star", "plus", "optional", "times", "times range") else ""))
            other = rng.choice([x for x in string.ascii_letters if x.lower() != c.lower()])
            more = rng.randint(1, 4)
            right, wrong, there = {
                "letter": (c, other, c), "class": (f"[{other}{c}]", f"[{other}]", c), "not class": (f"[^{other}]", f"[^{c}]", c),
                "range": (f"[{c}-{c}]", f"[{other}-{other}]", c), "dot": (".", other, c), "or": (f"({other}|{c})", f"({other}|{other}{c})", c),
                "star": (f"{c}*{mark}", f"{other}*{mark}", c * rng.randint(1, 3)), "plus": (f"{c}+{mark}", f"{other}+{mark}", c * more), "optional": (f"{c}?{mark}", f"{other}?{mark}", c),
                "times": (f"{c}{{{more}}}{mark}", f"{c}{{{more + 1}}}{mark}", c * more), "times range": (f"{c}{{{more},{more + 1}}}{mark}", f"{c}{{{more + 1},{more + 2}}}{mark}", c * more), "\\w": ("\\w", "\\W", c), "\\d": ("\\d", "\\D", rng.choice(string.digits)),
                "\\s": ("\\s", "\\S", rng.choice(" \t\n")), "\\W": ("\\W", "\\w", "-"), "\\D": ("\\D", "\\d", c), "\\S": ("\\S", "\\s", c),
                "\\x": (f"\\x{ord(c):02x}", f"\\x{ord(other):02x}", c)}[kind]
            tokens.append((right, wrong))
            plant += there
        right = [token[0] for token in tokens]
        change = rng.randrange(len(tokens))
        near = right[:change] + [tokens[change][1]] + right[change + 1:]
        form = self.least(["none", "i", "s", "nocase", "wide", "ascii wide", "fullword", "\\b", "\\B", "private", "group"], lambda form: "regex form " + form)
        tags.add("regex form " + form)
        right, near, body = "".join(right), "".join(near), plant.encode()
        if form == "i":
            cased = self.mixed(plant).encode()
            return tags, f"/{right}/i", f"/{near}/i", body if "[^" in right else cased
        if form == "nocase":
            return tags, f"/{right}/ nocase", f"/{near}/ nocase", body
        if form == "s":
            return tags, f"/{right}..z/s", f"/{right}..z/", body + b"\n.z"
        if form == "wide":
            return tags, f"/{right}/ wide", f"/{right}/", plant.encode("utf-16le")
        if form == "ascii wide":
            return tags, f"/{right}/ ascii wide", f"/{near}/ ascii wide", rng.choice([body, plant.encode("utf-16le")])
        if form == "fullword":
            return tags, f"/{right}=q/ fullword", f"/{right}=/ fullword", body + b"=q"
        if form == "\\b":
            return tags, f"/{right}\\b-/", f"/{right}\\B-/", body + b"q-" if rng.random() < 0.1 else body + b"-"
        if form == "\\B":
            return tags, f"/{right}z\\Bq/", f"/{right}z\\bq/", body + b"zq"
        if form == "group":
            return tags, f"/({right}){{2}}{mark}/", f"/({right}){{3}}{mark}/", body + body
        return tags, f"/{right}/" + (" private" if form == "private" else ""), f"/{near}/" + (" private" if form == "private" else ""), body

    def plant(self, body):
        """Where it will stand."""
        filler = bytes(self.rng.choice(b"\0 \x01-") for _ in range(self.rng.randint(1, 4)))
        self.data += filler
        at = len(self.data)
        self.data += body + b"\0"
        self.plants.append((at, len(body)))
        return at

    def string_pair(self):
        """A string, alone in its rule."""
        rng = self.rng
        tags, right, near, body = self.pattern()
        at = self.plant(body)
        first = at + (1 if "fullword" in right and not right.startswith("/") else 0)  # what stands around it counts
        if " wide fullword" in right:
            first = at + 2
        if rng.random() < 0.5:
            return Pair(tags, "$a", "$a", f"$a = {right}", f"$a = {near}")
        if "base64" in right:
            first = None
        twice = rng.random() < 0.3
        second = self.plant(body) + (first - at if first is not None else 0) if twice else None
        count = 2 if twice else 1
        forms = [("#a", f"#a == {count}", f"#a == {count + 1}"), ("#a", f"#a >= {count}", f"#a > {count}"), ("!a[i]", "!a[1] > 0", "!a[1] == 0"),
                 ("@a", f"@a > {at - 1}", f"@a > {self.data_end()}"), ("!a", "!a >= 1", "!a < 1"),
                 ("$a in", f"$a in ({at}..{self.data_end()})", f"$a in (0..{max(at - 1, 0)})")]
        if first is not None:
            forms += [("$a at", f"$a at {first}", f"$a at {first + 1}"), ("$a in", f"$a in ({first}..{first + 3})", f"$a in ({first + 1}..{first + 3})" if not twice else f"$a in ({first + 1}..{first + 2})"),
                      ("@a[i]", f"@a[1] == {first}", f"@a[1] == {first + 1}"), ("@a[i]", f"@a[{count}] == {second or first}", f"@a[{count + 1}] == {second or first}"),
                      ("for in range", f"for any i in (1..#a) : (@a[i] == {first})", f"for any i in (1..#a) : (@a[i] == {first - 1})")]
            if self.later:
                forms += [("#a in", f"#a in ({first}..{first}) == 1", f"#a in ({first + 1}..{first + 1}) == 1")]
        tag, yes, no = self.least(forms, lambda form: form[0])
        return Pair([*tags, tag], yes, no, f"$a = {right}")

    def data_end(self):
        return len(self.data) + 1_000_000

    def pattern(self):
        tags, *more = self.rng.choice([self.text_string, self.text_string, self.hex_string, self.regular_expression])()
        return sorted(tags), *more

    def anchored_pair(self):
        head = self.data[:4].decode("latin1")
        return Pair(["regex ^"], "$a", "$a", f"$a = /^{expression(head)}/", f"$a = /^{expression(self.data[1:5].decode('latin1'))}/")

    def set_pair(self):
        """Several strings, some of which are there."""
        rng = self.rng
        total = rng.randint(2, 5)
        present = rng.randint(1, total)
        strings, tags, first = [], set(), []
        order = list(range(total))
        rng.shuffle(order)
        there = order[:present]
        for i in range(total):
            more, right, near, body = self.pattern()
            while "fullword" in right or "base64" in right:
                more, right, near, body = self.pattern()
            tags |= set(more)
            if i in there:
                first.append((i, self.plant(body)))
            else:
                self.rng.random()
            strings.append(f"$a{i} = {right}")
        which = rng.choice(["them", "($a*)", "($*)", "(" + ", ".join(f"$a{i}" for i in range(total)) + ")"])
        low, high = min(at for _, at in first), max(at for _, at in first)
        share = present * 100 // total
        more = share + 1 if share < 100 else None
        one, at = rng.choice(first)
        forms = [("of", f"{present} of {which}", f"{present + 1} of {which}"),
                 ("of number", f"(ext_int - {7 - present}) of {which}", f"(ext_int - {6 - present}) of {which}"),
                 ("of in", f"{present} of {which} in ({low}..{high})", f"{present} of {which} in ({low}..{high - 1})"),
                 ("of any", f"any of {which}", f"any of {which} in ({high + 10_000}..{high + 10_001})"),
                 ("of none", f"none of {which} in ({high + 5_000}..{high + 5_001})", f"none of {which}"),
                 ("for of", f"for {present} of {which} : ($)", f"for {present + 1} of {which} : ($)"),
                 ("for of", f"for any of {which} : ($ at {at})", f"for any of {which} : ($ at {at + 1})"),
                 ("for of", f"for any of {which} : (@ == {at})", f"for any of {which} : (@ == {at + 1})"),
                 ("for of", f"for {present} of {which} : (# == 1)", f"for {present + 1} of {which} : (# == 1)"),
                 ("for of", f"for any of {which} : ($ in ({at}..{at}))", f"for any of {which} : ($ in ({at + 1}..{at + 1}))"),
                 ("for of", f"for any of {which} : (! >= 1 and @[1] == {at})", f"for any of {which} : (! < 1 and @[1] == {at})")]
        if present == total:
            forms += [("of all", f"all of {which}", f"none of {which}"), ("of all", f"all of {which} in ({low}..{high})", f"all of {which} in ({low + 1}..{high})"),
                      ("for all of", f"for all of {which} : ($ in ({low}..{high}))", f"for all of {which} : ($ in ({low}..{high - 1}))")]
        if share and more:
            forms += [("of percent", f"{share}% of {which}", f"{min(100, share + 100 // total + 1)}% of {which}")]
        if self.later:
            forms += [("of at", f"any of {which} at {at}", f"any of {which} at {at + 1}")]
        tag, yes, no = self.least(forms, lambda form: form[0])
        return Pair([*sorted(tags), tag], yes, no, " ".join(strings))

    # Expressions whose values yara tells.
    def number(self, depth):
        rng = self.rng
        if depth <= 0:
            return rng.choice([(["literal"], str(rng.randint(0, 300))), (["filesize"], "filesize"), (["external"], "ext_int"), (["entrypoint"], "entrypoint"), (["literal"], rng.choice(["0x1F", "2KB", "1MB", "0o17"])), self.reader()])
        roll = rng.random()
        if roll < 0.2:
            return self.reader()
        if roll < 0.35:
            sign = rng.choice("-~")
            tags, inner = self.number(depth - 1)
            return [*tags, "unary " + sign], f"{sign}({inner})"
        op = self.least(["+", "-", "*", "&", "|", "^", "\\", "%", "<<", ">>"], lambda op: "operator " + op)
        tags, left = self.number(depth - 1)
        more, right = self.number(depth - 1) if op not in ("<<", ">>") else (["literal"], str(rng.randint(0, 70)))
        return [*tags, *more, "operator " + op], f"({left} {op} {right})"

    def reader(self):
        name = self.least(READERS)
        at = self.rng.choice([self.rng.randrange(64), self.rng.randrange(len(self.data)), len(self.data) - self.rng.randint(0, 5)])
        return [name], f"{name}({at})"

    def real(self, depth):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.3:
            return ["real"], rng.choice(["0.5", "2.5", "10.0", "ext_real", f"{rng.randint(0, 99)}.{rng.randint(0, 99):02}"])
        op = rng.choice("+-*\\")
        tags, left = self.real(depth - 1)
        more, right = self.real(0) if rng.random() < 0.7 else (["literal"], str(rng.randint(1, 9)))
        return [*tags, *more, "real operator " + op], f"({left} {op} {right})"

    def text(self):
        return ["external text"], self.rng.choice(["ext_text", quoted(self.word())])

    def loop_pair(self):
        """How many bytes of a stretch have a value."""
        rng = self.rng
        low = rng.randrange(max(1, min(len(self.data) - 20, 4000)))
        high = min(low + rng.randint(0, 12), len(self.data) - 1)
        value = self.data[rng.randint(low, high)]
        count = self.data[low:high + 1].count(value)
        size = high + 1 - low
        which = [("for number", str(count), str(count + 1), size), ("for any", "any", str(size + 1), size)]
        if count == size:
            which += [("for all", "all", "none", size)] if self.later else []
        over = rng.choice(["range", "list"])
        values = f"({low}..{high})" if over == "range" else "(" + ", ".join(map(str, range(low, high + 1))) + ")"
        body = f"uint8(i) == {value}"
        tag, yes, no, _ = self.least(which, lambda form: form[0])
        pairs = [Pair([tag, "for in " + over], f"for {yes} i in {values} : ({body})", f"for {no} i in {values} : ({body})")]
        inner = rng.randint(low, high)
        pairs.append(Pair(["for all", "for in " + over], f"for all i in {values} : (i >= {low} and i <= {high})", f"for all i in {values} : (i >= {low} and i != {inner})"))
        pairs.append(Pair(["for nested", "for in range"], f"for any i in ({low}..{high}) : (for any j in (i..i + 1) : (j == {high + 1}))",
                          f"for any i in ({low}..{high}) : (for any j in (i..i + 1) : (j == {high + 2}))"))
        if self.later:
            pairs.append(Pair(["for none"], f"for none i in {values} : (i > {high})", f"for none i in {values} : (i > {high - 1})"))
            pairs.append(Pair(["for in texts"], 'for any s in ("ab", ext_text) : (s == "abcab")', 'for any s in ("ab", ext_text) : (s == "abcaB")'))
        return self.least(pairs, lambda pair: pair.tags[0])


def number_text(value):
    return str(value) if value >= 0 else f"-{-value}" if value > -2 ** 63 else "(-9223372036854775807 - 1)"


def pairs_of_number(rng, draw, tags, expr, value):
    near = lambda by: number_text(value + by)
    op = rng.choice(COMPARE)
    right, wrong = {"==": (0, rng.choice([1, -1])), "!=": (rng.choice([1, -1]), 0), "<": (1, 0), "<=": (0, -1), ">": (-1, 0), ">=": (0, 1)}[op]
    if not -2 ** 63 < value < 2 ** 63 - 1:
        op, right, wrong = "==", 0, 0
        return Pair([*tags, "compare =="], f"{expr} == {number_text(value)}", f"{expr} != {number_text(value)}")
    return Pair([*tags, "compare " + op], f"{expr} {op} {near(right)}", f"{expr} {op} {near(wrong)}")


def pairs_of_real(rng, tags, expr, value):
    low, high = f"{value - 2e-6:.6f}", f"{value + 2e-6:.6f}"
    op = rng.choice(["<", "<=", ">", ">=", "==", "!="])
    if op in ("==", "!="):
        same, other = expr, f"{expr} + 0.001"
        right, wrong = (same, other) if op == "==" else (other, same)
        return Pair([*tags, "compare reals " + op], f"{expr} {op} {right}", f"{expr} {op} {wrong}")
    right, wrong = (high, low) if op[0] == "<" else (low, high)
    return Pair([*tags, "compare reals " + op], f"{expr} {op} {right}", f"{expr} {op} {wrong}")


def pairs_of_text(rng, draw, tags, expr, value):
    if not value:
        return Pair([*tags, "compare texts =="], f'{expr} == ""', f'{expr} != ""')
    flipped = value.swapcase() if value.isascii() else value
    at = rng.randrange(len(value))
    part = value[at:at + rng.randint(1, len(value) - at)]
    head, tail = value[:at + 1], value[at:]
    op = draw.least(["==", "!=", "<", ">=", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iequals", "matches", "matches i"])
    other = draw.changed(value)
    right, wrong = {
        "==": (value, other), "!=": (other, value), "<": (value + "!", value), ">=": (value, value + "!"), "contains": (part, draw.changed(value)), "icontains": (flipped[at:], draw.changed(value)),
        "startswith": (head, draw.changed(head)), "istartswith": (flipped[:at + 1], draw.changed(head)), "endswith": (tail, draw.changed(tail)), "iendswith": (flipped[at:], draw.changed(tail)),
        "iequals": (flipped, other), "matches": (part, draw.changed(value)), "matches i": (part, draw.changed(value))}[op]
    if op.startswith("matches"):
        flag = op[8:]
        right, wrong = rng.choice([(f"/{expression(right[:40])}/{flag}", f"/{expression(wrong[:40])}/{flag}"), (f"/^{expression(head[:40])}/{flag}", f"/^{expression(draw.changed(head[:40]))}/{flag}"),
                                   (f"/{expression(tail[-40:])}$/{flag}", f"/{expression(draw.changed(tail[-40:]))}$/{flag}")])
        return Pair([*tags, op], f"{expr} matches {right}", f"{expr} matches {wrong}")
    return Pair([*tags, op if op.isalpha() else "compare texts " + op], f"{expr} {op} {quoted(right)}", f"{expr} {op} {quoted(wrong)}")


class Peer:
    """What yara says: of rules on files, of expressions and of modules."""

    def __init__(self, kind):
        self.later = kind == "module"
        self.report = None  # for the module cuckoo, which Python's yara has not

    def knows(self, module):
        if not self.later:
            return module not in LATER_MODULES and not subprocess.run(["yara", "-w", "/dev/stdin", "/dev/null"], input=f'import "{module}" rule r {{ condition: true }}'.encode(),
                                                                       capture_output=True).returncode
        try:
            yara.compile(source=f'import "{module}" rule r {{ condition: true }}')
            return True
        except yara.SyntaxError:
            return False

    def data(self, module, path):
        """Paths and values."""
        if self.later:
            seen = {}

            def callback(data):
                if data.get("module") == module:
                    seen.update(data)
                return yara.CALLBACK_CONTINUE

            def plain(value):
                if isinstance(value, dict):
                    return {key: plain(item) for key, item in value.items()}
                if isinstance(value, list):
                    return [plain(item) for item in value]
                return value
            yara.compile(source=f'import "{module}" rule r {{ condition: true }}').match(str(path), modules_callback=callback)
            seen.pop("module", None)
            return plain(seen)
        return next(modules_diff.ask_command(module, [path])) or {}

    def run(self, folder, lines, files):
        """Which rules it refuses, by line; the hits of those that hold, by line and file; the lines that console printed."""
        return (self.run_module if self.later else self.run_command)(folder, list(lines), files)

    def run_command(self, folder, lines, files):
        refused, held, printed = {}, {}, []
        for k, file in enumerate(files):
            answer, more = scan_without_refused(folder, lines, ["-s", "-L", *(["-x", f"cuckoo={self.report}"] if self.report else [])], file)
            refused |= more
            if answer.returncode or "error scanning" in answer.stderr.decode("latin1"):
                return None
            current = None
            # Texts that it prints end after 512 bytes, and so do the lengths.
            for line in answer.stdout.decode("latin1").split("\n"):
                if match := re.match(r"r(\d+) /", line):
                    current = held.setdefault((int(match[1]), k), [])
                elif match := re.match(r"0x([0-9a-f]+):(\d+):(\$\w*): ", line):
                    current.append((match[3], int(match[1], 16), int(match[2])))
                elif line:
                    printed.append(line)
        return refused, held, printed

    def run_module(self, folder, lines, files):
        held, printed = {}, []
        rules, refused = compile_without_refused(lines)
        for k, file in enumerate(files):
            for match in rules.match(str(file), console_callback=printed.append):
                if match.rule[1:].isdigit():
                    held[int(match.rule[1:]), k] = [(s.identifier, i.offset, i.matched_length) for s in match.strings for i in s.instances]
        return refused, held, printed


def run_probe(probe, folder, lines, files, data):
    rules = folder / "ward.yar"
    rules.write_text("\n".join(lines) + "\n", encoding="latin1")
    answer = subprocess.run([probe, "--hits", *[word for name, path in data.items() for word in ("--data", f"{name}={path}")], str(rules), *[f"{name}={value}" for name, value in EXTERNALS.items()], "--", *map(str, files)], capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"rule_probe ended with {answer.returncode}: {answer.stderr[-300:]}")
    refused, held = {}, {}
    for line in answer.stdout.decode("latin1").splitlines():
        word = line.split(" ")
        if word[0] == "refused":
            refused.setdefault(int(word[1]) - 1, " ".join(word[2:]))
        elif word[0] == "match" and word[2][1:].isdigit():
            held[int(word[2][1:]), int(word[1])] = []
        elif word[0] == "hit" and word[2][1:].isdigit():
            held[int(word[2][1:]), int(word[1])].append((word[3], int(word[4]), int(word[5])))
    return refused, held


class Modules:
    """Fields and functions that Ward declares, and those of them that a peer knows too."""

    def __init__(self, probe, peer, names):
        self.functions, self.fields = {}, {}
        self.constants = set()  # what is there of any file, in capitals by custom
        for name in names:
            answer = subprocess.run([probe, name], capture_output=True, text=True)
            if answer.returncode == 0 and peer.knows(name):
                declared = dict(line.rsplit(" ", 1) for line in answer.stdout.splitlines())
                self.functions[name] = [(key[:-1].partition("("), kind) for key, kind in declared.items() if key.endswith(")") and key not in LEFT_OUT and (peer.later or key.partition("(")[0] not in CHANGED)]
                self.fields[name] = {key: kind for key, kind in declared.items() if not key.endswith(")") and (peer.later or key not in CHANGED)}
                self.constants |= {key for key in self.fields[name] if key.rpartition(".")[2].isupper()}

    def names(self):
        return list(self.functions)


def leaves(node, path):
    if isinstance(node, dict):
        is_array = node and all(re.fullmatch(r"\[\d+\]", str(key)) for key in node)
        for key, item in node.items():
            yield from leaves(item, f"{path}{key}" if is_array else f"{path}\0{key}")
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from leaves(item, f"{path}[{i}]")
    else:
        yield path, node


def sandbox_report(rng):
    """What a sandbox saw, in the form that the module cuckoo reads; and the texts in it."""
    texts = []

    def text():
        texts.append("".join(rng.choice(string.ascii_letters + "./\\:-") for _ in range(rng.randint(1, 12))))
        return texts[-1]
    some = lambda make: [make() for _ in range(rng.randint(0, 4))]
    port = lambda: rng.choice([0, 1, 2, 4, 64, 80, 255])
    network = {"http": some(lambda: {"uri": text(), "method": rng.choice(["GET", "POST", "get", "HEAD"]), "user-agent": text()}),
               rng.choice(["dns", "domains"]): some(lambda: {"ip": text(), "hostname": text(), "domain": text()}), "hosts": some(text),
               "tcp": some(lambda: {"dst": text(), "dport": port()}), "udp": some(lambda: {"dst": text(), "dport": port()})}
    summary = {"keys": some(text), "files": some(text), "mutexes": some(text)}
    return json.dumps({"network": network, "behavior": {"summary": summary}}), texts


class Facts:
    """What the peer's modules know of a file, as expressions, and what functions may be asked with it."""

    def __init__(self, peer, modules, path):
        self.modules, self.peer = modules, peer
        self.imports = []
        self.values = {}  # module: [(tag, expression)]
        self.texts, self.numbers = {}, {}
        libraries, imported = {}, []
        for name in modules.names():
            self.values[name], self.texts[name], self.numbers[name] = [], ["abc", "KERNEL32.dll", "ExitProcess"], [0, 1, 2, 4, 64, 255]
            for where, value in leaves(peer.data(name, path), name):
                parts = where.split("\0")
                text, shape = parts[0], parts[0]
                for part in parts[1:]:
                    key, bracket, index = part.partition("[")
                    container = shape + "{}"
                    if container in modules.fields[name]:
                        text += f"[{quoted(key)}]"
                        shape = container
                    else:
                        text += "." + key
                        shape += "." + key
                    if bracket:
                        text += bracket + index
                        shape += "[]"
                # Python's module leaves out items that are not defined, so these indices may be others; the values are asked.
                if shape in modules.fields[name]:
                    self.values[name].append((shape, text))
                raw = value if not isinstance(value, bytes) else value.decode("latin1")
                if isinstance(raw, str) and not peer.later:
                    if raw.lstrip("-").isdigit():
                        raw = int(raw)
                    elif raw.startswith('"'):
                        raw = re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), raw[1:-1])
                    else:
                        continue
                if match := re.fullmatch(r"pe\0(?:delayed_)?import_details\[(\d+)\]\0(library_name|functions\[\d+\]\0name)", where):
                    if match[2] == "library_name":
                        libraries[match[1]] = raw
                    else:
                        imported.append((match[1], raw))
                if isinstance(raw, str) and 0 < len(raw) < 200:
                    self.texts[name].append(raw)
                elif isinstance(raw, int) and not isinstance(raw, bool):
                    self.numbers[name].append(raw)
        self.imports = [(libraries[number], text) for number, text in imported if number in libraries and text]

    def speaks(self, name):
        """Does the module know such files, or take all?"""
        return any(shape not in self.modules.constants for shape, _ in self.values[name]) or not self.modules.fields[name]

    def argument(self, rng, draw, name, letter):
        if letter == "i":
            value = rng.choice([rng.choice(self.numbers[name]), rng.choice(self.numbers[name]), rng.randrange(300), len(draw.data) - rng.randint(0, 9), rng.choice([-1, 8, 10, 16])])
            return number_text(value)
        if letter == "s":
            text = rng.choice(self.texts[name])
            return quoted(rng.choice([text, text, text, draw.changed(text), text.swapcase(), draw.word()]))
        if letter == "r":
            text = rng.choice(self.texts[name])
            return f"/{expression(text[:rng.randint(1, 20)])}/{rng.choice(['', 'i'])}"
        if letter == "f":
            return f"{rng.randrange(200)}.{rng.randrange(10)}"
        return rng.choice(["true", "false", "filesize > 100", "uint8(0) == 77"])

    def call(self, rng, draw, uses):
        """A tag and an expression: of the functions that were asked least. Where two texts belong together, often such."""
        forms = [(name, path, letters) for name, functions in self.modules.functions.items() for (path, _, letters), _ in functions
                 if self.speaks(name) or rng.random() < 0.1]
        if not forms:
            return None
        rng.shuffle(forms)
        name, path, letters = min(forms, key=lambda form: uses[form])
        uses[name, path, letters] += 1
        arguments = [self.argument(rng, draw, name, letter) for letter in letters]
        if name == "pe" and path == "pe.imports" and letters in ("ss", "iss", "rr", "irr") and self.imports:
            pair = [quoted(part) if "s" in letters else f"/{expression(part)}/i" for part in rng.choice(self.imports)]
            arguments[-2:] = pair
            if letters[0] == "i":
                arguments[0] = rng.choice(["pe.IMPORT_STANDARD", "pe.IMPORT_DELAYED", "pe.IMPORT_ANY"])
        if name in ("hash", "math") and letters.startswith("ii") and path != "math.min" and path != "math.max":
            arguments[:2] = [str(rng.choice([0, 0, rng.randrange(len(draw.data))])), rng.choice(["filesize", str(rng.randrange(len(draw.data))), str(rng.randrange(40))])]
        if path in ("math.count", "math.percentage"):
            arguments[0] = str(rng.choice(draw.data[:200]) if draw.data else 0)
            arguments[1:] = ["0", "filesize"][: len(arguments) - 1]
        text = path
        while "[]" in text:
            text = text.replace("[]", f"[{rng.choice([0, 0, 0, 1, 2])}]", 1)
        return [f"{path}({letters})"], f"{text}({', '.join(arguments)})"


def base_files(folders, later):
    out = []
    for path in sorted(ROOT.glob("src/cell/modules/testdata/*/*.hex")) + sorted(ROOT.glob("src/cell/formats/testdata/elf/*.hex")):
        if path.name.startswith("pe_") and not later:  # made by hand to be odd, and the versions of yara differ about them
            continue
        try:
            out.append((path.name, bytes.fromhex("".join(line.partition("#")[0] for line in path.read_text().splitlines()))))
        except ValueError:
            continue
    for folder in folders:
        root = pathlib.Path(folder)
        paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()) if root.is_dir() else [root]
        out += [(str(path), path) for path in paths if path.stat().st_size < 1_000_000]
    groups = collections.defaultdict(list)  # by the first bytes, so that a few of a kind are drawn as often as many of another
    for name, data in out:
        if isinstance(data, bytes):
            head = data[:2]
        else:
            with data.open("rb") as file:
                head = file.read(2)
        groups[head if head in (b"MZ", b"\x7fE", b"de") else b""].append((name, data))
    return groups


def draw_base(rng, groups):
    if not groups or rng.random() < 0.1:
        words = [rng.randbytes(rng.randint(1, 12)) for _ in range(3)] + [b"abc ", b"Line\r\n", b"\0\0", b"MZ"]
        return "text", b"".join(rng.choice(words) for _ in range(rng.randint(1, 60)))
    name, data = rng.choice(groups[rng.choice(sorted(groups))])
    return name, data if isinstance(data, bytes) else data.read_bytes()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=5000, help="pairs of rules and files")
    options.add_argument("--with", dest="peer", choices=["module", "command"], default="command")
    options.add_argument("--probe", default=str(ROOT / "build/dev/bin/rule_probe"))
    options.add_argument("--module-probe", default=str(ROOT / "build/dev/bin/module_probe"))
    options.add_argument("--files", nargs="*", help="folders and files to draw from, besides those of the tests: /usr/bin, and programs for Windows that come with Python")
    options.add_argument("--module", nargs="*", default=MODULES, help="ask only these modules")
    options.add_argument("--show", type=int, default=10, help="differences to print")
    options.add_argument("--table", action="store_true", help="print how often each form occurred")
    given = options.parse_args()
    if given.peer == "command" and not shutil.which("yara") or given.peer == "module" and yara is None:
        print("skipped: there is no yara to compare with")
        sys.exit(77)
    peer = Peer(given.peer)
    magic = pathlib.Path(given.probe).parent.parent / "share/ward/magic.mgc"
    modules = Modules(given.module_probe, peer, [name for name in given.module if name != "magic" or magic.exists()])
    groups = base_files(given.files or ["/usr/bin", *sorted(pathlib.Path(sys.prefix).rglob("*.exe"))], peer.later)
    uses = collections.Counter()
    forms, near_forms, reasons = collections.Counter(), collections.Counter(), collections.Counter()
    pairs = held_count = near_count = differ = lost = refused_count = 0
    batch = 0
    digest = hashlib.sha256()
    while pairs < given.count:
        rng = random.Random(f"{given.seed}/{batch}")
        batch += 1
        name, data = draw_base(rng, groups)
        data += b"\0" * (64 - len(data)) if len(data) < 64 else b""
        with tempfile.TemporaryDirectory() as folder_name:
            folder = pathlib.Path(folder_name)
            draw = Draw(rng, data, peer.later, uses)
            drawn = [make() for make in [draw.string_pair] * (RULES // 3) + [draw.set_pair] * (RULES // 6) + [draw.anchored_pair]]
            base = folder / "file0"
            base.write_bytes(draw.data)
            facts = Facts(peer, modules, base)
            data_of_modules = {"magic": magic} if "magic" in modules.names() else {}
            if "cuckoo" in modules.names():
                peer.report = data_of_modules["cuckoo"] = folder / "report.json"
                report, facts.texts["cuckoo"] = sandbox_report(rng)
                facts.texts["cuckoo"].append("abc")
                peer.report.write_text(report)
            drawn += pairs_of_values(rng, draw, peer, modules, facts, uses, folder, base)
            rng.shuffle(drawn)
            known = drawn[:]
            for _ in range(RULES // 5):
                drawn.append(combined(rng, rng.choice(known), rng.choice(known)))
            for k in range(1, COPIES):
                copy = bytearray(draw.data)
                for _ in range(rng.choice([1, 1, 2, 10])):
                    where = rng.choice(draw.plants)[0] if draw.plants and rng.random() < 0.7 else rng.randrange(len(copy))
                    copy[where] ^= rng.randint(1, 255)
                (folder / f"file{k}").write_bytes(copy)
            paths = [folder / f"file{k}" for k in range(COPIES)]
            imports = " ".join(f'import "{module}"' for module in modules.names())
            lines = [imports]
            if rng.random() < 0.15:
                lines.append(f"global rule g {{ condition: uint8({(at := rng.choice(draw.plants)[0] if draw.plants else 0)}) == {draw.data[at]} }}")
                everywhere = ["global"]
            else:
                lines.append("rule g { condition: true }")
                everywhere = []
            first = len(lines)
            order = []
            for pair in drawn:
                hidden = rng.random() < 0.03
                for strings, condition in ((pair.strings, pair.condition), (pair.near_strings, pair.near)):
                    number = len(lines)
                    private = "private " if hidden else ""
                    body = f"{'strings: ' + strings if strings else ''} condition: {condition}"
                    if hidden:
                        lines.append(f"private rule p{number} {{ {body} }} rule r{number} {{ condition: p{number} }}")
                    else:
                        lines.append(f"rule r{number} {{ {body} }}")
                order.append((pair, len(lines) - 2, len(lines) - 1, ["private rule", "rule reference"] if hidden else []))
            for _ in range(RULES // 8):
                (_, yes, no, _), (_, other, other_no, _) = rng.sample(order, 2)
                tag, right, wrong = draw.least(
                    [("of rules", f"2 of (r{yes}, r{no}, r{other})", f"2 of (r{yes}, r{no}, r{other_no})"), ("any of rules", f"any of (r{no}, r{yes})", f"any of (r{no}, r{other_no})"),
                     ("all of rules", f"all of (r{yes}, r{other})", f"all of (r{yes}, r{other_no})"), ("none of rules", f"none of (r{no}, r{other_no})", f"none of (r{no}, r{other})"),
                     ("percent of rules", f"50% of (r{no}, r{yes})", f"51% of (r{no}, r{yes})"), ("rule reference", f"r{yes} and not r{no}", f"r{yes} and not r{other}")], lambda form: form[0])
                lines += [f"rule r{len(lines) + by} {{ condition: {condition} }}" for by, condition in enumerate((right, wrong))]
                order.append((Pair([tag], right, wrong), len(lines) - 2, len(lines) - 1, []))
            for part in ["\n".join(lines).encode("latin1"), *[path.read_bytes() for path in paths], peer.report.read_bytes() if peer.report else b""]:
                digest.update(hashlib.sha256(part).digest())
            theirs = peer.run(folder, lines, paths)
            if theirs is None:
                lost += 1
                continue
            theirs_refused, theirs_held, _ = theirs
            for line in theirs_refused:  # so that both say the same of the others
                if line < first:
                    sys.exit(f"yara refuses {lines[line]}: {theirs_refused[line]}")
            ours_refused, ours_held = run_probe(given.probe, folder, lines, paths, data_of_modules)
            for pair, yes, no, extra in order:
                tags = set(pair.tags) | set(extra) | set(everywhere)
                usable = True
                for number in (yes, no):
                    if number in theirs_refused and number in ours_refused:
                        reasons[re.sub(r'"[^"]*"|\d+', "…", theirs_refused[number])] += 1
                    if "left out because of a fault" in ours_refused.get(number, "") or "undefined identifier" in theirs_refused.get(number, ""):
                        usable = False  # it names a rule that was refused itself
                    elif (number in theirs_refused) != (number in ours_refused) and meant(lines[number], theirs_refused.get(number), ours_refused.get(number)):
                        usable = False
                    elif (number in theirs_refused) != (number in ours_refused):
                        differ += 1
                        usable = False
                        if differ <= given.show:
                            print(f"batch {batch - 1}, {name}: {lines[number]}\n    refused by yara: {theirs_refused.get(number)}, by Ward: {ours_refused.get(number)}")
                    elif number in theirs_refused:
                        refused_count += 1
                        usable = False
                if not usable:
                    continue
                for k in range(COPIES):
                    is_near = ((yes, k) in theirs_held) != ((no, k) in theirs_held)
                    for number in (yes, no):
                        pairs += 1
                        a, b = theirs_held.get((number, k)), ours_held.get((number, k))
                        held_count += a is not None
                        near_count += is_near
                        for tag in tags:
                            forms[tag] += 1
                            near_forms[tag] += is_near
                        hits = lambda list_: sorted(list_, key=lambda hit: (hit[1], hit[0], hit[2]))[:MOST_HITS] if list_ is not None else None
                        if not peer.later and b is not None:
                            b = [(string_name, at, min(size, 512)) for string_name, at, size in b]
                        if len(a or []) > MOST_HITS and b is not None:
                            a, b = [hit[1] for hit in hits(a)], [hit[1] for hit in hits(b)]
                        else:
                            a, b = hits(a), hits(b)
                        if a != b:
                            differ += 1
                            if differ <= given.show:
                                print(f"batch {batch - 1}, {name}, file {k}: {lines[number]}\n    yara: {str(a)[:300]}\n    Ward: {str(b)[:300]}")
    fields = {field for its in modules.fields.values() for field in its}
    few = sorted(tag for tag, count in forms.items() if count < FEW and tag not in fields)
    if given.table:
        for tag, count in sorted(forms.items()):
            print(f"{tag:45} {count:7} {near_forms[tag]:7} near {100 * near_forms[tag] // count:3}%{' FEW' if tag in few else ''}")
        print(f"refused by both: {dict(reasons)}")
    too_few = few if given.count >= MANY else []
    if too_few:
        print(f"in fewer than {FEW} pairs: {', '.join(f'{tag} ({forms[tag]})' for tag in too_few)}")
    print(f"{pairs} pairs, {held_count} held ({100 * held_count // max(pairs, 1)}%), {near_count} near misses ({100 * near_count // max(pairs, 1)}%), "
          f"{len(forms.keys() - fields)} forms, {len(few)} of them in fewer than {FEW} pairs, "
          f"{len(forms.keys() & fields)} fields, {refused_count} rules refused by both, "
          f"{lost} batches lost, {differ} differ, drawn {digest.hexdigest()[:16]}")
    sys.exit(1 if differ or too_few else 0)


def pairs_of_values(rng, draw, peer, modules, facts, uses, folder, base):
    """Expressions whose values yara is asked for, and rules about these values."""
    asked = []
    for _ in range(RULES // 4):
        asked.append(draw.number(rng.choice([1, 1, 2])))
    for _ in range(4):
        asked.append(draw.real(rng.choice([1, 2])))
    asked += [draw.text() for _ in range(6)]
    names = modules.names()
    for _ in range(RULES):
        if (call := facts.call(rng, draw, uses)) is not None:
            asked.append(call)
    for _ in range(RULES // 6):
        values = facts.values[rng.choice(names)]
        shapes = sorted({shape for shape, _ in values if shape not in modules.constants or rng.random() < 0.02})
        if shapes:
            shape = draw.least(shapes)
            asked.append(([shape], rng.choice([text for its, text in values if its == shape])))
    imports = " ".join(f'import "{module}"' for module in sorted({*names, "console"}))
    lines = [imports]
    for i, (_, expr) in enumerate(asked):
        if expr.startswith("console."):
            lines.append("")
            continue
        lines.append(f'rule v{i} {{ condition: console.log("={i}=", {expr}) }}')
    answer = peer.run(folder, lines, [base])
    out = [draw.loop_pair() for _ in range(10)]
    if answer is None:
        return out
    refused, _, printed = answer
    values = {}
    for line in printed:
        if match := re.match(r"=(\d+)=(.*)$", line, re.S):
            values[int(match[1])] = match[2]
    for i, (tags, expr) in enumerate(asked):
        if expr.startswith("console."):
            out.append(Pair(tags, expr, f"not {expr}"))
            continue
        if i + 1 in refused:
            if not peer.later:  # it may be one that only the later version has
                continue
            out.append(Pair([*tags, "refused"], f"{expr} == 0", f"{expr} != 0"))
            continue
        if i not in values:
            out.append(Pair([*tags, "defined"], f"not defined {expr}", f"defined {expr}"))
            continue
        value = values[i]
        kind = kind_of(modules, tags, expr)
        if kind == "real":
            out.append(pairs_of_real(rng, tags, expr, float(value)))
        elif kind == "integer":
            out.append(pairs_of_number(rng, draw, tags, expr, int(value)))
        else:
            raw = re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), value)
            out.append(pairs_of_text(rng, draw, tags, expr, raw))
    out += loops_over_objects(rng, draw, modules, facts)
    return out


def kind_of(modules, tags, expr):
    for tag in tags:
        name = tag.partition(".")[0]
        if name in modules.fields:
            if tag in modules.fields[name]:
                return modules.fields[name][tag]
            for (path, _, letters), kind in modules.functions[name]:
                if f"{path}({letters})" == tag:
                    return kind
    if any(tag.startswith(("real", "real operator")) for tag in tags):
        return "real"
    return "text" if any(tag.startswith("external text") for tag in tags) else "integer"


def loops_over_objects(rng, draw, modules, facts):
    """for … in an array or a dictionary of a module."""
    out = []
    candidates = []
    for name, values in facts.values.items():
        for shape, text in values:
            match = re.fullmatch(r"([\w.]+)\[(\d+)\]\.(\w+)", text)
            if match and modules.fields[name].get(shape) in ("integer", "text"):
                candidates.append((name, match, modules.fields[name][shape]))
            match = re.fullmatch(r"([\w.]+)\[(\d+)\]", text)
            if match and modules.fields[name].get(shape) in ("integer", "text"):
                candidates.append((name, match, modules.fields[name][shape]))
            match = re.fullmatch(r'([\w.]+)\[("[^"]*")\]', text)
            if match and modules.fields[name].get(shape) == "text":
                candidates.append((name, match, "key"))
    for name, match, kind in rng.sample(candidates, min(3, len(candidates))):
        array, index = match[1], match[2]
        if kind == "key":
            key = index
            other = quoted(draw.changed(key[1:-1] or "x"))
            out.append(Pair(["for in dictionary"], f"for any k, v in {array} : (k == {key} and v == {array}[{key}])", f"for any k, v in {array} : (k == {other} and v == {array}[{key}])"))
            continue
        field = "." + match[3] if match.lastindex == 3 else ""
        one = f"{array}[{index}]{field}"
        more = "+ 1" if kind == "integer" else None
        if more:
            out.append(Pair(["for in array"], f"for any x in {array} : (x{field} == {one})", f"for all x in {array} : (x{field} == {one} {more})"))
        else:
            out.append(Pair(["for in array"], f"for any x in {array} : (x{field} == {one})", f"for all x in {array} : (x{field} != {one})"))
    return out


def combined(rng, a, b):
    """Two conditions in one, the strings of the second renamed."""
    rename = lambda text: re.sub(r"([$#@!])(a)", r"\1b", text)
    if "them" in b.condition + a.condition or "($*)" in b.condition + a.condition:
        return Pair([*a.tags, "not"], f"not ({a.near})", f"not ({a.condition})", a.near_strings, a.strings)
    strings = lambda x, y: f"{x} {rename(y)}".strip()
    # An index of an anonymous string has no letter, so nothing of it is renamed.
    form = rng.choice(["and", "or", "not"])
    tags = [*a.tags, *b.tags, form]
    if form == "and":
        return Pair(tags, f"({a.condition}) and ({rename(b.condition)})", f"({a.near}) and ({rename(b.condition)})", strings(a.strings, b.strings), strings(a.near_strings, b.strings))
    if form == "or":
        return Pair(tags, f"({a.condition}) or ({rename(b.near)})", f"({a.near}) or ({rename(b.near)})", strings(a.strings, b.near_strings), strings(a.near_strings, b.near_strings))
    return Pair([*a.tags, "not"], f"not ({a.near})", f"not ({a.condition})", a.near_strings, a.strings)


if __name__ == "__main__":
    main()
