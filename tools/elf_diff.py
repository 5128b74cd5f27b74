#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""elf_diff.py PROBE [FOLDER...]: what the ELF reader sees in the files of these folders (/usr/bin), and what readelf sees.

PROBE is build/PRESET/bin/elf_probe. Headers, segments, sections, libraries, interpreter, build id and the count of symbols must
be the same; so must be, where yara is installed, the entry point that rules see. Prints each difference; ends 1 when there
is one.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

probe = pathlib.Path(sys.argv[1]).resolve()
folders = sys.argv[2:] or ["/usr/bin"]


def is_elf(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def seen_by_ward(path):
    lines = subprocess.run([probe, path], check=True, stdout=subprocess.PIPE).stdout.decode(errors="replace").splitlines()[1:]
    return [tuple(line.split(" ")) for line in lines if line]


def seen_by_readelf(path):
    text = subprocess.run(["readelf", "-hlSdnsW", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(errors="replace")
    field = lambda name: re.search(rf"^\s*{re.escape(name)}:?\s+(.*)$", text, re.M)[1].strip()
    facts = {"header": {(field("Class")[3:], "big" if "big" in field("Data") else "little", field("Entry point address")[2:],
                         field("Start of program headers").split()[0], field("Start of section headers").split()[0])}}
    hexes = lambda *numbers: tuple(f"{int(number, 16):x}" for number in numbers)
    facts["segment"] = [hexes(*m.groups()) for m in re.finditer(
        r"^  [A-Z][A-Z_0-9]+ +0x([0-9a-f]+) 0x([0-9a-f]+) 0x[0-9a-f]+ 0x([0-9a-f]+) 0x([0-9a-f]+) [RWE ]{3} ", text, re.M)]
    facts["section"] = [hexes(*m.groups()[1:]) for m in re.finditer(
        r"^  \[ *(\d+)\] .{17,}? ([0-9a-f]{8,16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) [0-9a-f]{2,} ", text, re.M)]
    facts["needed"] = re.findall(r"\(NEEDED\) +Shared library: \[(.*)\]", text)
    facts["soname"] = re.findall(r"\(SONAME\) +Library soname: \[(.*)\]", text)
    facts["interpreter"] = re.findall(r"\[Requesting program interpreter: (.*)\]", text)
    facts["build-id"] = re.findall(r"Build ID: ([0-9a-f]+)$", text, re.M)[:1]
    for name, table in (("dynamic-symbols", ".dynsym"), ("symbols", ".symtab")):
        count = re.search(rf"Symbol table '{re.escape(table)}' contains (\d+) entr", text)
        facts[name] = [count[1] if count else "0"]
    return facts


def compare(path, entrypoint):
    ward, theirs = seen_by_ward(path), seen_by_readelf(path)
    rows = lambda kind: [row[1:] for row in ward if row[0] == kind]
    ours = {
        "header": {(r[0], r[1], *r[4:]) for r in rows("header")},
        "segment": [(r[1], r[2], r[3], r[4]) for r in rows("segment")],
        "section": [(r[1], r[2], r[3]) for r in rows("section")],
        **{kind: [" ".join(r) for r in rows(kind)] for kind in ("needed", "soname", "interpreter", "build-id", "dynamic-symbols", "symbols")},
    }
    wrong = [f"{kind}: {ours[kind]} here, {theirs[kind]} there" for kind in theirs if ours[kind] != theirs[kind]]
    wrong += [" ".join(row) for row in ward if row[0] in ("fault", "no")]
    if entrypoint is not None and rows("entrypoint") != [(entrypoint,)]:
        wrong.append(f"entrypoint: {rows('entrypoint')} here, {entrypoint} there")
    for text in wrong:
        print(f"{path}: {text[:400]}")
    return not wrong


def entrypoints(paths):
    """As yara sees them; nothing without yara."""
    if not shutil.which("yara"):
        return {}
    with tempfile.NamedTemporaryFile("w", suffix=".yar") as rule:
        rule.write('import "console"\nrule r { condition: console.log("entrypoint ", entrypoint) }\n')
        rule.flush()
        found = {}
        for path in paths:
            out = subprocess.run(["yara", "-w", rule.name, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(errors="replace")
            line = re.search(r"^entrypoint (\d+)$", out, re.M)
            found[path] = line[1] if line else None
        return found


paths = sorted({str(path.resolve()) for folder in folders for path in pathlib.Path(folder).iterdir() if path.is_file() and is_elf(path)})
known = entrypoints(paths)
wrong = sum(not compare(path, known.get(path)) for path in paths)
print(f"{len(paths)} ELF files, {sum(value is not None for value in known.values())} entry points of yara: {wrong} differ")
sys.exit(1 if wrong or not paths else 0)
