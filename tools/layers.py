#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares every #include in src/ with tools/layers.txt. Ends 1 and names each include that climbs the ladder."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
allowed = {}
for line in (root / "tools/layers.txt").read_text().splitlines():
    line = line.split("#")[0].strip()
    if line:
        folder, _, others = line.partition(":")
        allowed[folder] = {folder, *others.split()}

def folder_of(path):
    """The longest known folder that holds the path; files in internal/ belong to the folder above."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in allowed:
            return name
    return None

faults = []
checked = 0
for source in sorted((root / "src").rglob("*")):
    if source.suffix not in (".h", ".cpp"):
        continue
    path = source.relative_to(root / "src").as_posix()
    folder = folder_of(path)
    if folder is None:
        faults.append(f"src/{path}: its folder is not in tools/layers.txt")
        continue
    # What only tests and benches link is outside the ladder; it can never reach a shipped program.
    if re.search(r"(_test|_fuzz|_probe)\.(cpp|h)$", path) or "/testing/" in path:
        continue
    for number, line in enumerate(source.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        checked += 1
        target = folder_of(match[1])
        if target is None:
            faults.append(f'src/{path}:{number}: "{match[1]}" is not written from the root of src')
        elif target not in allowed[folder]:
            faults.append(f"src/{path}:{number}: {folder} may not include {target}")
        elif "/internal/" in match[1] and target != folder:
            faults.append(f"src/{path}:{number}: {match[1]} is for {target} alone")
print("\n".join(faults) or f"{checked} includes keep to the ladder")
sys.exit(1 if faults or not checked else 0)
