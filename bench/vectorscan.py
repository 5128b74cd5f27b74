#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ward's search for literals beside Vectorscan's: those of real rules, of a few, and of ten times as many, on files that are in memory.

    bench/vectorscan.py [--rules FOLDER]... [--corpus NAME=FOLDER[:FOLDER...]]... [--bytes N] [--runs N]

A literal is a text string of the rules, its wide form too where the rules ask for it, or the longest run of known bytes of a hex string, with
four bytes or more, and no zero in front, which Vectorscan refuses. Both find each literal at each offset, in one thread; the counts must be equal.
Ends 1 when one differs, or when there was nothing to find; 77 where the program cannot be built.
"""
import argparse
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yara_speed

PROGRAM = yara_speed.ROOT / "build/release/bin/literal_rate"
SHORTEST = 4


def literals_of(text):
    for match in re.finditer(yara_speed.STRING, text):
        if match[2] is not None:
            # One line ends the modifiers.
            words = re.match(r"[^\n$]*", text[match.end():])[0].split()
            case = "i" if "nocase" in words else "-"
            plain = yara_speed.plain(match[2])
            if "xor" in words or any(word.startswith(("xor(", "base64")) for word in words):
                continue
            if "ascii" in words or "wide" not in words:
                yield case, plain
            if "wide" in words:
                yield case, b"".join(bytes((byte, 0)) for byte in plain)
        else:
            digits = re.sub(r"//.*|/\*.*?\*/|\s", "", match[3])
            runs = re.findall(r"(?:[0-9A-Fa-f]{2})+", re.sub(r"\(.*?\)|\[.*?\]|~..|\?.|.\?", " ", digits))
            yield "-", bytes.fromhex(max(runs, key=len, default=""))


def write(path, literals):
    chosen = sorted({(case, text.lower() if case == "i" else text) for case, text in literals if len(text) >= SHORTEST and text[0] != 0})
    path.write_text("".join(f"{case} {text.hex()}\n" for case, text in chosen))
    return path, chosen


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rules", action="append")
    options.add_argument("--corpus", action="append")
    options.add_argument("--bytes", type=int, default=200_000_000)
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    built = subprocess.run(["ninja", "-C", yara_speed.ROOT / "build/release", "literal_rate"], capture_output=True)
    if built.returncode != 0 or not PROGRAM.exists():
        print("skipped: literal_rate is not built, which takes libvectorscan-dev")
        sys.exit(77)
    corpora = dict(word.split("=", 1) for word in given.corpus or []) or yara_speed.SYSTEM
    wrong = matches = 0
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        texts = [path.read_text("utf-8", "replace") for path in yara_speed.rule_files(given.rules or [yara_speed.ROOT / "data/rules"])]
        real_path, real = write(base / "real", [literal for text in texts for literal in literals_of(text)])
        tenfold = [literal for number, text in enumerate(texts) for _, copy in yara_speed.tenfold(str(number), text) for literal in literals_of(copy)]
        few = sorted((literal for literal in real if len(literal[1]) >= 8), key=lambda literal: hashlib.sha256(literal[1]).digest())[:64]
        sets = {"real": real_path, "tenfold": write(base / "tenfold", tenfold)[0], "few": write(base / "few", few)[0]}
        print("set,corpus,program,literals,megabytes,seconds,mb_per_s,found")
        for corpus, folders in corpora.items():
            chosen, _ = yara_speed.choose_files(folders.split(":"), given.bytes)
            listing = base / corpus
            listing.write_text("\n".join(chosen) + "\n")
            for kind, path in sets.items():
                out = subprocess.run([PROGRAM, str(given.runs), path, listing], check=True, stdout=subprocess.PIPE, text=True).stdout
                found = set()
                for line in out.splitlines():
                    print(f"{kind},{corpus},{line}", flush=True)
                    found.add(line.rsplit(",", 1)[1])
                wrong += len(found) != 1
                matches += max(map(int, found))
    print(f"# {matches} matches, {wrong} counts differ")
    sys.exit(1 if wrong or not matches else 0)


if __name__ == "__main__":
    main()
