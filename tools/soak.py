#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev soak [NAME...]: the long counts, generators against the real peers. Without a name all; `list` names them.

Options: --seed N (the day's number), --count N instead of the full count. A run leaves what it was (name, date, version, seed,
count, result, seconds) as a line of bench/record/soak.jsonl, failed runs too. Ends 1 when one failed.
"""
import argparse
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
RECORD = SOURCE / "bench" / "record" / "soak.jsonl"
RELEASE = "build/release/bin"
DEV = "build/dev/bin"

# name: what it shows, the programs it needs, its words with {count} and {seed}, the full count (0: it has none).
SOAKS = {
    "archives": ("archives made by other programs are read as those made them", ["tar", "zip", "xz", "zstd", "bzip2", "ar", "cpio"],
                 ["tools/archive_diff.py", f"{DEV}/tree_probe", "{count}", "{seed}"], 3000),
    "elf": ("programs and libraries of this machine are read as readelf reads them", ["readelf"],
            ["tools/elf_diff.py", f"{DEV}/elf_probe", "/usr/bin", "/usr/lib/x86_64-linux-gnu"], 0),
    "versions": ("versions are ordered as the programs of their package worlds order them, so far as these are here", ["dpkg"],
                 ["tools/version_diff.py", f"{RELEASE}/ward", "{count}", "{seed}"], 50_000),
    "package-versions": ("versions of Debian and rpm are ordered as dpkg's and rpm's own libraries order them", ["dpkg", "gcc", "rpm"],
                         ["tools/version_diff.py", f"{RELEASE}/ward", "{count}", "{seed}", "debian", "rpm"], 1_000_000),
    "patterns": ("strings of rules match where yara finds them", ["yara"],
                 ["tools/yara_patterns_diff.py", "--count", "{count}", "--seed", "{seed}", "--with", "command", "--probe", f"{DEV}/pattern_probe"],
                 20_000),
    "yara-rules": ("rules hold where yara says that they hold", ["yara"],
                   ["tools/yara_rules_diff.py", "--count", "{count}", "--seed", "{seed}", "--probe", f"{DEV}/rule_probe"], 20_000),
    "yara": ("rules that are just true or just false are so for yara too, with the same strings, offsets and lengths", ["yara"],
             ["tools/yara_generator_diff.py", "--count", "{count}", "--seed", "{seed}", "--probe", f"{DEV}/rule_probe",
              "--module-probe", f"{DEV}/module_probe"], 500_000),
    "rule-corpus": ("the shipped rules are silent on honest files, and yara agrees", ["apt-get", "dpkg-deb", "npm", "yara"],
                    ["tools/rule_corpus.py", f"{RELEASE}/ward", "installed", "debian", "npm", "pypi", "checkout", "database",
                     "--keep", "build/corpus"], 0),
    "sshd": ("sshd_config means what sshd makes of it", ["sshd"],
             ["tools/sshd_diff.py", f"{RELEASE}/ward", "{count}", "{seed}"], 1000),
    "reports": ("reports pass validators that others wrote", ["node", "npm"], ["tools/validate_reports.py", f"{RELEASE}/ward"], 0),
    "sbom": ("documents of ward sbom pass the validators of CycloneDX, SPDX and the package URLs", [], ["tools/validate_sboms.py", f"{RELEASE}/ward"], 0),
    "reproducible": ("two builds in two folders give the same package", ["git", "ninja"], ["tools/reproducible.sh"], 0),
}


def run(name, seed, count):
    about, programs, words, full = SOAKS[name]
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        print(f"{name}: skipped, for there is no {', '.join(missing)}")
        return True
    count = count or full
    words = [word.format(count=count, seed=seed) for word in words]
    print(f"{name}: {about}")
    start = time.monotonic()
    ended = subprocess.run(words, cwd=SOURCE, stdout=subprocess.PIPE, text=True)
    seconds = round(time.monotonic() - start, 1)
    print(ended.stdout, end="")
    said = ended.stdout.strip().splitlines()
    version = subprocess.run([f"{RELEASE}/ward", "--version"], cwd=SOURCE, capture_output=True, text=True).stdout.split()[-1]
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    line = {"name": name, "date": datetime.date.today().isoformat(), "ward": version, "passed": ended.returncode == 0,
            "result": said[-1] if said else "", "seconds": seconds}
    if full:
        line |= {"seed": seed, "count": count}
    with RECORD.open("a") as file:
        file.write(json.dumps(line) + "\n")
    return ended.returncode == 0


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("names", nargs="*")
    options.add_argument("--seed", type=int, default=datetime.date.today().toordinal())
    options.add_argument("--count", type=int, default=0)
    given = options.parse_args()
    if given.names == ["list"]:
        for name, (about, *_, full) in SOAKS.items():
            print(f"{name:14} {about}" + (f" ({full:,})" if full else ""))
        return 0
    unknown = [name for name in given.names if name not in SOAKS]
    if unknown:
        print(f"no soak {', '.join(unknown)}; there is: {' '.join(SOAKS)}", file=sys.stderr)
        return 2
    failed = [name for name in given.names or SOAKS if not run(name, given.seed, given.count)]
    if failed:
        print("failed: " + " ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
