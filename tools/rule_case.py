#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of the shipped malware rules: encode, decode, check and run them.

    tools/rule_case.py encode FILE               FILE as the hex text of a case
    tools/rule_case.py decode CASES.toml NAME    the bytes of one case, on stdout
    tools/rule_case.py check                     the form of all case files
    tools/rule_case.py run [RULE-ID...]          all cases against their rules, with the yara command
    tools/rule_case.py ward PROGRAM              all cases against all rules at once, with Ward's own engine

Cases are stored with every byte XOR 0xA5, as hex text, so that no scanner finds anything in a
checkout; data/rules/README.md describes the form. Decoded bytes exist only in a private temporary
folder while `run` or `ward` works. Where the yara command is there, `ward` also asks it, and each of
its answers has to be Ward's. Ends 0 when all is right, 1 when something is wrong, 2 on wrong usage.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

KEY = 0xA5
LINE_CHARS = 64
MIN_MATCH = 3
MIN_MISS = 2
MIN_RULES = 80
RULES = Path(__file__).resolve().parent.parent / "data" / "rules"

# What the scanner sets for each file; the yara command has to be told that the names exist.
EXTERNALS = ("filename", "filepath", "extension", "filetype", "owner")


def encode(data: bytes) -> str:
    text = bytes(b ^ KEY for b in data).hex()
    return "\n".join(text[i : i + LINE_CHARS] for i in range(0, len(text), LINE_CHARS))


def decode(text: str) -> bytes:
    return bytes(b ^ KEY for b in bytes.fromhex("".join(text.split())))


def load(path: Path) -> dict:
    with path.open("rb") as file:
        return tomllib.load(file)


def case_files() -> list[Path]:
    return sorted(RULES.glob("*/*.cases.toml"))


def rule_id(path: Path) -> str:
    return path.name.removesuffix(".cases.toml").removesuffix(".yar")


def faults_of_case(case: dict) -> list[str]:
    faults = []
    name = case.get("name", "")
    if not isinstance(name, str) or not name:
        return ["a case has no name"]
    if unknown := sorted(set(case) - {"name", "expect", "hex"}):
        faults.append(f"{name!r}: unknown keys {', '.join(unknown)}")
    if case.get("expect") not in ("match", "miss"):
        faults.append(f"{name!r}: expect must be \"match\" or \"miss\"")
    lines = case.get("hex", "").split()
    if not lines:
        faults.append(f"{name!r}: no hex")
    for number, line in enumerate(lines, 1):
        if not re.fullmatch(r"(?:[0-9a-f]{2})+", line):
            faults.append(f"{name!r}: hex line {number} is not lower-case hex bytes")
        elif len(line) > LINE_CHARS or (number < len(lines) and len(line) != LINE_CHARS):
            faults.append(f"{name!r}: hex line {number} has {len(line)} characters")
    return faults


def faults_of_file(path: Path) -> list[str]:
    try:
        doc = load(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [f"not TOML: {error}"]
    faults = []
    if unknown := sorted(set(doc) - {"rule", "technique", "refs", "case"}):
        faults.append(f"unknown keys {', '.join(unknown)}")
    if doc.get("rule") != rule_id(path):
        faults.append(f"rule = {doc.get('rule')!r}, but the file is named {rule_id(path)}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", rule_id(path)):
        faults.append("the id is not lower-case words joined by '-'")
    if len(doc.get("technique", "")) < 80:
        faults.append("technique is missing or too short to be a specification")
    if not doc.get("refs"):
        faults.append("no refs")
    cases = doc.get("case", [])
    for case in cases:
        faults += faults_of_case(case)
    names = [case.get("name") for case in cases]
    faults += [f"name {name!r} used twice" for name in sorted({n for n in names if names.count(n) > 1})]
    bodies = ["".join(case.get("hex", "").split()) for case in cases]
    faults += [f"{n!r}: the bytes of another case" for n, b in zip(names, bodies) if bodies.count(b) > 1]
    for expect, least in (("match", MIN_MATCH), ("miss", MIN_MISS)):
        count = sum(case.get("expect") == expect for case in cases)
        if count < least:
            faults.append(f"{count} cases with expect = {expect!r}, at least {least} needed")
    return faults


def check() -> int:
    paths = case_files()
    faults = [f"{path.relative_to(RULES)}: {fault}" for path in paths for fault in faults_of_file(path)]
    cases = {rule_id(path): path.parent.name for path in paths}
    rules = {rule_id(path): path.parent.name for path in RULES.glob("*/*.yar")}
    ids = [rule_id(path) for path in paths]
    faults += [f"{name}: id used twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    faults += [f"{name}: has cases and no rule" for name in sorted(cases.keys() - rules.keys())]
    faults += [f"{name}: has a rule and no cases" for name in sorted(rules.keys() - cases.keys())]
    faults += [f"{name}: rule and cases lie in different families" for name in sorted(cases.keys() & rules.keys())
               if cases[name] != rules[name]]
    readme = (RULES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", readme, re.MULTILINE)
    faults += [f"{name}: not in the catalogue" for name in sorted(set(ids) - set(listed))]
    faults += [f"{name}: in the catalogue and has no cases" for name in sorted(set(listed) - set(ids))]
    if len(ids) < MIN_RULES:
        faults.append(f"only {len(ids)} case files, at least {MIN_RULES} needed")
    print("\n".join(faults + [f"{len(paths)} case files, {len(rules)} rules, {len(faults)} faults"]))
    return 1 if faults else 0


def yara(*words: str | Path) -> subprocess.CompletedProcess:
    externals = [word for name in EXTERNALS for word in ("-d", f"{name}=")]
    command = ["yara", "-w", *externals, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


# A checkout must be clean to its own rules: sources, rules, cases and manual alike.
def findings_in_checkout(rules: list[Path]) -> list[tuple[str, str]]:
    root = RULES.parent.parent
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
                             capture_output=True, text=True, check=True).stdout
    with tempfile.NamedTemporaryFile("w", prefix="rule-case-") as scan_list:
        scan_list.write("".join(f"{root / name}\n" for name in listing.splitlines() if (root / name).is_file()))
        scan_list.flush()
        answer = yara("--scan-list", *rules, scan_list.name)
    lines = (line.partition(" ") for line in answer.stdout.splitlines())
    return [(name.replace("_", "-"), str(Path(path).relative_to(root))) for name, _, path in lines]


# Wrong answers of one rule, as (case, expected, what came) rows; and how many cases were asked.
def try_rule(rule: Path, folder: Path) -> tuple[list[tuple[str, str, str]], int]:
    cases = load(rule.with_name(rule_id(rule) + ".cases.toml"))["case"]
    for number, case in enumerate(cases):
        (folder / f"{number:03}").write_bytes(decode(case["hex"]))
    answer = yara(rule, folder)
    if answer.returncode != 0:
        return [("(the rule itself)", "compiles", answer.stderr.strip().splitlines()[0])], len(cases)
    hits = dict.fromkeys(range(len(cases)), "")
    for line in answer.stdout.splitlines():
        name, _, path = line.partition(" ")
        hits[int(Path(path).name)] += name + " "
    want = rule_id(rule).replace("-", "_")
    wrong = []
    for number, case in enumerate(cases):
        names = hits[number].split()
        if case["expect"] == "match" and want not in names:
            wrong.append((case["name"], "match", " ".join(names) or "nothing"))
        if case["expect"] == "miss" and names:
            wrong.append((case["name"], "miss", " ".join(names)))
    return wrong, len(cases)


def run(only: list[str]) -> int:
    rules = [rule for rule in sorted(RULES.glob("*/*.yar"))
             if rule.with_name(rule_id(rule) + ".cases.toml").exists() and (not only or rule_id(rule) in only)]
    if unknown := sorted(set(only) - {rule_id(rule) for rule in rules}):
        print(f"no rule with cases: {', '.join(unknown)}", file=sys.stderr)
        return 2
    rows, sound, asked = [], [], 0
    for rule in rules:
        with tempfile.TemporaryDirectory(prefix="rule-case-") as folder:
            wrong, count = try_rule(rule, Path(folder))
        rows += [(rule_id(rule), *row) for row in wrong]
        asked += count
        if not wrong or wrong[0][1] != "compiles":
            sound.append(rule)
    if sound:
        rows += [(name, path, "clean checkout", "a finding") for name, path in findings_in_checkout(sound)]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]))
    print(f"{len(rules)} rules, {asked} cases, {len(rows)} wrong answers")
    return 1 if rows else 0


# The rules that fire on each file of a folder, by Ward and by the yara command, as (file name, rule id) pairs.
def asked_ward(ward: Path, folder: Path) -> set[tuple[str, str]]:
    command = [str(ward), "scan", "--format", "jsonl", "--rules", str(RULES), "--state", str(folder / "state"), str(folder / "cases")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode not in (0, 1):
        raise RuntimeError(answer.stderr.strip())
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    gaps = lines[-1]["malware"]["gaps"]
    if gaps:
        raise RuntimeError(f"{gaps} cases were not looked at")
    return {(Path(line["where"]["path"]).name, line["rule"].replace("_", "-"))
            for line in lines if line["kind"] == "finding" and not line["where"].get("members")}


def asked_yara(folder: Path) -> set[tuple[str, str]]:
    answer = yara("-r", *sorted(RULES.glob("*/*.yar")), folder / "cases")
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr.strip())
    lines = (line.partition(" ") for line in answer.stdout.splitlines())
    return {(Path(path).name, name.replace("_", "-")) for name, _, path in lines}


def ward(program: Path) -> int:
    paths = case_files()
    bare = [rule_id(path) for path in paths if not path.with_name(rule_id(path) + ".yar").exists()]
    asked = {}
    with tempfile.TemporaryDirectory(prefix="rule-case-") as name:
        folder = Path(name)
        (folder / "cases").mkdir()
        for path in paths:
            for case in load(path)["case"]:
                file = f"{len(asked):04}"
                (folder / "cases" / file).write_bytes(decode(case["hex"]))
                asked[file] = (rule_id(path), case)
        found = asked_ward(program, folder)
        peer = asked_yara(folder) if shutil.which("yara") else found
    wrong = [f"{name}  has cases and no rule" for name in bare]
    wrong += [f"{rule}  {case['name']}  {case['expect']}  {'nothing' if case['expect'] == 'match' else rule}"
             for file, (rule, case) in asked.items() if (case["expect"] == "match") != ((file, rule) in found)]
    wrong += [f"{asked[file][0]}  {asked[file][1]['name']}  {rule} of {'Ward' if (file, rule) in found else 'yara'} only"
              for file, rule in sorted(found ^ peer)]
    print("\n".join(wrong + [f"{len(paths) - len(bare)} rules, {len(asked)} cases, {len(wrong)} wrong answers"]))
    return 1 if wrong else 0


def main(words: list[str]) -> int:
    match words:
        case ["encode", file]:
            print(encode(Path(file).read_bytes()))
            return 0
        case ["decode", file, name]:
            found = [case for case in load(Path(file))["case"] if case["name"] == name]
            if not found:
                print(f"no case named {name!r} in {file}", file=sys.stderr)
                return 1
            sys.stdout.buffer.write(decode(found[0]["hex"]))
            return 0
        case ["check"]:
            return check()
        case ["ward", program]:
            return ward(Path(program))
        case ["run", *only]:
            return run(only)
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
