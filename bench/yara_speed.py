#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ward yara` beside `yara`: the same rules and files, in the same run, whole programs, both from compiled rules.

    yara_speed.py [--rules FOLDER]... [--corpus NAME=FOLDER[:FOLDER...]]... [--bytes N] [--runs N]

Without --rules the shipped ones, without --corpus the programs and the texts of this system. Of each corpus files in an order that
their paths' digests give, until they have N bytes (300 MB); as a further corpus `planted`, one file a rule file that holds what its
strings name, so that there is much to find. Both programs get the same list and print their matches; what yara prints is the expected
answer. One line a measurement, the best of the runs: rules, corpus, processors, seconds and MB/s of both, and how many times as fast
Ward is. The sets of rules:

    real       as they are, without the rules that one of the programs refuses
    unguarded  without what looks at the first bytes, so that no file rules them out
    tenfold    ten times as many: nine copies with other names, their text and hex strings moved along the alphabet
    few        64 text strings

Then, for the tenfold set and for the 10,000 first rules of it: seconds to build it, milliseconds from start to the verdict of one small
file, and the private memory of all processes of Ward together. Ends 1 when Ward prints anything else than yara, or when there was nothing to find; 77 without yara.
"""
import argparse
import collections
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARD = ROOT / "build/release/bin/ward"
KNOWN = ["filename", "filepath", "extension", "filetype", "owner"]
MAX_FILE_BYTES = 64 << 20
SYSTEM = {"programs": "/usr/bin:/usr/sbin:/usr/lib", "texts": "/usr/share:/usr/include"}
RULE = r"(?m)^\s*(?:(?:private|global)\s+)*rule\s+(\w+)"
STRING = r'(=\s*)(?:"((?:[^"\\\n]|\\.)*)"|\{([^{}"]*)\})'


def choose_files(folders, limit):
    """Files and their bytes."""
    paths = [os.path.join(at, name) for folder in folders for at, _, names in os.walk(folder) for name in names]
    paths.sort(key=lambda path: hashlib.sha256(os.fsencode(path)).digest())
    chosen, total = [], 0
    for path in paths:
        if total >= limit:
            break
        try:
            if "\n" in path or os.path.islink(path) or not os.path.isfile(path) or not 0 < os.path.getsize(path) <= MAX_FILE_BYTES:
                continue
            with open(path, "rb") as file:  # and so into the page cache
                total += len(file.read())
        except OSError:
            continue
        chosen.append(path)
    return chosen, total


def plain(text):
    """The bytes that a text string of a rule names."""
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 3 else escapes.get(m[1], m[1]), text).encode("utf-8", "replace")


def plant(rules, folder):
    """One file for each rule file, made of what its text and hex strings name, so that there is something to find."""
    for path in rules:
        out = [b"MZ" + bytes(62)]
        for _, text, digits in re.findall(STRING, path.read_text()):
            if text:
                out += [plain(text), b"".join(bytes((byte, 0)) for byte in plain(text))]
            else:
                digits = re.sub(r"//.*|/\*.*?\*/|\[[^\]]*\]|\s", "", digits)
                digits = re.sub(r"\(([^|()]*)[^()]*\)", r"\1", digits).replace("?", "0").replace("~", "")
                if re.fullmatch("(?:[0-9a-fA-F]{2})+", digits):
                    out.append(bytes.fromhex(digits))
        (folder / f"{path.stem}.planted").write_bytes(b" ".join(out))


def measured(command, processors):
    """Wall seconds of a whole program on that many processors, and what it printed."""
    allowed = sorted(os.sched_getaffinity(0))[:processors]
    start = time.monotonic()
    answer = subprocess.run([str(word) for word in command], capture_output=True, preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    seconds = time.monotonic() - start
    if answer.returncode != 0:
        sys.exit(f"{command[:3]} ended with {answer.returncode}: {answer.stderr[-500:].decode('utf-8', 'replace')}")
    return seconds, answer.stdout


def blank_rules(text, lines):
    """The source without the rules that these lines stand in."""
    source = text.split("\n")
    starts = [i for i, line in enumerate(source) if re.match(RULE, line)] + [len(source)]
    for line in lines:
        at = max((k for k, start in enumerate(starts[:-1]) if start < line), default=None)
        if at is not None:
            source[starts[at]:starts[at + 1]] = [""] * (starts[at + 1] - starts[at])
    return "\n".join(source)


def count_rules(texts):
    return sum(len(re.findall(RULE, text)) for text in texts)


def rule_files(folders):
    return [path for folder in folders for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in (".yar", ".yara", ".rules")]


def common_rules(folders, target):
    """Copies of the rule files, without what one of the programs refuses. Gives files, rules and rules left out."""
    texts = {target / f"{number:04}.yar": path.read_text("utf-8", "replace") for number, path in enumerate(rule_files(folders))}
    everything = count_rules(texts.values())
    while True:
        for path, text in texts.items():
            path.write_text(text)
        faults = collections.defaultdict(set)
        ward = subprocess.run([WARD, "rules", "check", "--color", "never", target], capture_output=True, text=True, errors="replace")
        for path, line in re.findall(r"(?m)^(\S+?/\d{4}\.yar):(\d+):\d+: error", ward.stdout + ward.stderr):
            faults[pathlib.Path(path)].add(int(line))
        if not faults:
            for path in texts:
                answer = subprocess.run(["yarac", "-w", *defined(), path, os.devnull], capture_output=True, text=True, errors="replace")
                for line in re.findall(r"error: .*?\((\d+)\)", answer.stderr):
                    faults[path].add(int(line))
        if not faults:
            break
        for path, lines in faults.items():
            texts[path] = blank_rules(texts[path], lines)
    left = count_rules(texts.values())
    return list(texts), left, everything - left


def defined():
    return [word for name in KNOWN for word in ("-d", f"{name}=")]


def rewritten(files, target, rewrite):
    """The rule files in another form, in another folder."""
    target.mkdir()
    written = []
    for path in files:
        for name, text in rewrite(path.stem, path.read_text()):
            written.append(target / f"{name}.yar")
            written[-1].write_text(text)
    return written


def unguarded(name, text):
    text = re.sub(r"\buint(?:8|16|32)(?:be)?\s*\(\s*0\s*\)\s*==\s*(?:0x[0-9A-Fa-f]+|\d+)", "filesize > 0", text)
    yield name, re.sub(r"\bpe\.is_pe\b", "filesize > 0", text)


def moved(text, by):
    """The letters of a text string, and the digits of a hex string, moved along."""
    def letters(match):
        if len(match[0]) > 1:
            return match[0]  # an escape stays
        for first in "aA":
            if first.lower() <= match[0].lower() <= "z" and match[0].islower() == first.islower():
                return chr((ord(match[0]) - ord(first) + by) % 26 + ord(first))
        return match[0]

    def string(match):
        if match[2] is not None:
            return match[1] + '"' + re.sub(r"\\x..|\\.|[A-Za-z]", letters, match[2]) + '"'
        return match[1] + "{" + re.sub(r"(?<![0-9A-Fa-f?~\[-])([0-9A-Fa-f])([0-9A-Fa-f])(?![\]0-9A-Fa-f-])",
                                       lambda m: f"{(int(m[1], 16) + by) % 16:X}{(int(m[2], 16) + by) % 16:X}", match[3]) + "}"

    return re.sub(STRING, string, text)


def tenfold(name, text):
    yield f"{name}-0", text
    names = "|".join(re.findall(RULE, text))
    for by in range(1, 10):
        # Only what stands between `strings:` and `condition:` is moved.
        parts = re.split(r"(?m)(^\s*strings\s*:|^\s*condition\s*:)", text)
        copy = "".join(moved(part, by) if i > 0 and "strings" in parts[i - 1] else part for i, part in enumerate(parts))
        yield f"{name}-{by}", re.sub(rf"\b({names})\b", rf"\1_{by}", copy) if names else copy


def first_rules(files, wanted):
    """As many of the rule files as hold that many rules."""
    chosen, count = [], 0
    for path in files:
        if count >= wanted:
            break
        chosen.append(path)
        count += count_rules([path.read_text()])
    return chosen


def few(files):
    words = sorted({text for path in files for _, text, _ in re.findall(STRING, path.read_text()) if re.fullmatch(r"[A-Za-z0-9_. ]{8,}", text)},
                   key=lambda word: hashlib.sha256(word.encode()).digest())[:64]
    return "\n".join(f'rule few_{i} {{ strings: $a = "{word}" condition: $a }}' for i, word in enumerate(words)) + "\n"


class Set:
    """Rules, compiled by both programs."""

    def __init__(self, name, files, base):
        self.name, self.files = name, files
        self.yara, self.ward = base / f"{name}.yarac", base / f"{name}.warddb"
        self.rules = count_rules(path.read_text() for path in files)
        measured(["yarac", "-w", *defined(), *[f"n{path.stem.replace('-', '_')}:{path}" for path in files], self.yara], 1)
        self.build_seconds, _ = measured([WARD, "rules", "build", "-q", "-o", self.ward, *files], len(os.sched_getaffinity(0)))


def private_kilobytes(root):
    """Of a process and all below it, as the kernel counts them now."""
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        try:
            total += sum(int(line.split()[1]) for line in open(f"/proc/{process}/smaps_rollup") if line.startswith("Private_"))
            for task in os.listdir(f"/proc/{process}/task"):
                waiting += map(int, open(f"/proc/{process}/task/{task}/children").read().split())
        except (OSError, ValueError):
            continue
    return total


def most_private(command):
    program = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while program.poll() is None:
        most = max(most, private_kilobytes(program.pid))
        time.sleep(0.02)
    return most


def lines_by_rule(out):
    """What was printed, each string beside its rule and file."""
    current, lines = "", []
    for line in out.decode("latin1").splitlines():
        if line.startswith("0x"):
            lines.append(f"{current}: {line}")
        else:
            lines.append(current := line)
    return lines


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rules", action="append")
    options.add_argument("--corpus", action="append", help="NAME=FOLDER[:FOLDER...]")
    options.add_argument("--bytes", type=int, default=300_000_000)
    options.add_argument("--runs", type=int, default=2)
    given = options.parse_args()
    if not shutil.which("yara") or not shutil.which("yarac"):
        print("skipped: there is no yara to compare with")
        sys.exit(77)
    corpora = dict(word.split("=", 1) for word in given.corpus or []) or dict(SYSTEM)
    wrong = found = 0
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        (base / "real").mkdir()
        (base / "planted").mkdir()
        files, count, left_out = common_rules(given.rules or [ROOT / "data/rules"], base / "real")
        plant(files, base / "planted")
        corpora["planted"] = str(base / "planted")
        (base / "few.yar").write_text(few(files))
        tenfold_set = Set("tenfold", rewritten(files, base / "tenfold", tenfold), base)
        sets = [Set("real", files, base), Set("unguarded", rewritten(files, base / "unguarded", unguarded), base), tenfold_set,
                Set("few", [base / "few.yar"], base)]
        print(f"# {count} rules that both accept, {left_out} left out; best of {given.runs}")
        print("rules,count,corpus,files,megabytes,processors,yara_seconds,ward_seconds,yara_mb_per_s,ward_mb_per_s,times")
        small = base / "small"
        small.write_text("a small file\n")
        processors = len(os.sched_getaffinity(0))
        first = next(iter(corpora))
        for corpus, folders in corpora.items():
            chosen, total = choose_files(folders.split(":"), given.bytes)
            listing = base / f"{corpus}.list"
            listing.write_text("\n".join(chosen) + "\n")
            for rules in sets:
                for on in sorted({1, processors}) if rules.name == "real" else [1]:
                    best, answers = {}, {}
                    for _ in range(given.runs):
                        for program, command in {"yara": ["yara", *defined(), "-C", rules.yara], "ward": [WARD, "yara", "-C", rules.ward]}.items():
                            words = [*command[:-2], "-w", "-N", "-L", "-p", on, *command[-2:], "--scan-list", listing]
                            seconds, out = measured(words, on)
                            best[program] = min(best.get(program, seconds), seconds)
                            answers[program] = collections.Counter(lines_by_rule(out))
                    rate = {program: total / 1e6 / seconds for program, seconds in best.items()}
                    print(f"{rules.name},{rules.rules},{corpus},{len(chosen)},{total / 1e6:.0f},{on},{best['yara']:.2f},{best['ward']:.2f},"
                          f"{rate['yara']:.0f},{rate['ward']:.0f},{rate['ward'] / rate['yara']:.1f}", flush=True)
                    found += len(answers["yara"])
                    apart = (answers["yara"] - answers["ward"]) + (answers["ward"] - answers["yara"])
                    wrong += len(apart)
                    for line in list(apart)[:5]:
                        print(f"# {'missing' if line in answers['yara'] else 'too many'}: {line}")
        for many in (tenfold_set, Set("ten_thousand", first_rules(tenfold_set.files, 10_000), base)):
            start = min(measured([WARD, "yara", "-w", "-C", many.ward, small], processors)[0] for _ in range(10))
            private = most_private([WARD, "yara", "-w", "-p", 1, "-C", many.ward, "--scan-list", base / f"{first}.list"])
            print(f"# {many.rules} rules: built in {many.build_seconds:.1f} s, {many.ward.stat().st_size / 1e6:.1f} MB; start to verdict {start * 1000:.0f} ms; "
                  f"private memory {private / 1024:.0f} MiB")
        print(f"# {found} lines expected, {wrong} differ")
    sys.exit(1 if wrong or not found else 0)


if __name__ == "__main__":
    main()
