#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real sets of rules on real files: does `ward yara` print what `yara` prints?

    tools/yara_sets_diff.py [--ward PROGRAM] RULES... -- PATH...

RULES are files and folders of rules; each file is a namespace of its own. Both programs scan each PATH with -r, and every rule,
file, string, offset and length that one of them alone prints is a difference. So is a file of rules that one alone refuses.
A folder of rules is given to both as one command; files that yara refuses are left out first, and counted. Ends 1 when
something differs.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPTIONS = ["-w", "-N", "-e", "-L", "-p", "1"]


def rule_files(names):
    files = []
    for name in map(pathlib.Path, names):
        found = sorted(p for p in name.rglob("*") if p.suffix in (".yar", ".yara")) if name.is_dir() else [name]
        files += found
    return files


def refusal(command, file, empty):
    """What a program says of a file of rules that it refuses, or nothing."""
    answer = subprocess.run([*command, "-w", str(file), str(empty)], capture_output=True)
    if answer.returncode == 0:
        return None
    return (answer.stderr.decode("latin1").strip().splitlines() or ["no word"])[0]


def run(command, files, path):
    """For each rule and file the strings that were printed; what went wrong; the seconds."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([*command, *OPTIONS, "-r", *[f"n{i}:{file}" for i, file in enumerate(files)], str(path)],
                                   stdout=subprocess.PIPE, stderr=errors)
        found = collections.defaultdict(set)
        current = None
        for line in process.stdout:
            line = line.rstrip(b"\n").decode("latin1")
            if match := re.match(r"(n\d+:\S+) (.*)$", line):
                current = (match[1], match[2])
                found[current] = set()
            elif current and re.match(r"0x[0-9a-f]+:\d+:\$", line):
                found[current].add(line)
            else:
                sys.exit(f"{command[0]} printed {line!r}")
        process.wait()
        errors.seek(0)
        return found, errors.read().decode("latin1").splitlines(), time.monotonic() - start


def count_files(path):
    if path.is_file():
        return 1, path.stat().st_size
    files = bytes_ = 0
    for folder, _, names in os.walk(path):
        for name in names:
            file = pathlib.Path(folder) / name
            if file.is_file() and not file.is_symlink():
                files += 1
                bytes_ += file.stat().st_size
    return files, bytes_


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--ward", default=str(ROOT / "build/release/bin/ward"))
    options.add_argument("--show", type=int, default=20, help="differences to print")
    options.add_argument("words", nargs="+")
    words = sys.argv[1:]
    if "--" not in words:
        options.error("rules, then --, then paths")
    given = options.parse_args(words[:words.index("--")])
    paths = [pathlib.Path(word) for word in words[words.index("--") + 1:]]
    commands = {"yara": ["yara"], "ward": [given.ward, "yara"]}
    refused = collections.Counter()
    usable = []
    with tempfile.NamedTemporaryFile() as empty:
        for file in rule_files(given.words):
            words = {name: refusal(command, file, empty.name) for name, command in commands.items()}
            if not any(words.values()):
                usable.append(file)
            elif all(words.values()):
                refused["both"] += 1
                print(f"refused by both: {file}: {words['yara']}")
            else:
                alone = "yara" if words["yara"] else "ward"
                refused[alone] += 1
                print(f"refused by {alone} alone: {file}: {words[alone]}")
    rules = sum(len(re.findall(r"(?m)^\s*(?:(?:private|global)\s+)*rule\s+\w+", file.read_text("latin1"))) for file in usable)
    differ = files = size = matches = strings = 0
    seconds = collections.Counter()
    for path in paths:
        found = {}
        for name, command in commands.items():
            found[name], errors, spent = run(command, usable, path)
            seconds[name] += spent
            for line in errors[:5]:
                print(f"{name}, {path}: {line}")
        some, some_bytes = count_files(path)
        files += some
        size += some_bytes
        theirs, ours = found["yara"], found["ward"]
        matches += len(theirs)
        strings += sum(map(len, theirs.values()))
        for key in sorted(set(theirs) | set(ours)):
            if theirs.get(key) == ours.get(key):
                continue
            differ += 1
            if differ > given.show:
                continue
            namespace, rule = key[0].split(":", 1)
            where = f"{rule} of {usable[int(namespace[1:])]} on {key[1]}"
            if key not in ours or key not in theirs:
                print(f"by {'yara' if key in theirs else 'ward'} alone: {where}")
            else:
                print(f"strings differ: {where}: yara alone {sorted(theirs[key] - ours[key])[:3]}, ward alone {sorted(ours[key] - theirs[key])[:3]}")
    print(f"{len(usable)} files with {rules} rules, refused {dict(refused)}; {files} files, {size / 1e6:.0f} MB, {rules * files} pairs, "
          f"{matches} matches with {strings} strings; yara {seconds['yara']:.1f} s, ward {seconds['ward']:.1f} s: {differ} differ")
    return 1 if differ or refused["yara"] or refused["ward"] else 0


if __name__ == "__main__":
    sys.exit(main())
