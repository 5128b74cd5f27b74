#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the table of rules in docs/rules.md with data/rules. Ends 1 and says so when they differ; --write mends it."""
import pathlib
import re
import sys
import tomllib

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "docs/rules.md"
begin, end = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"
needed = ("title", "why", "severity", "reference")
severities = ("low", "medium", "high", "critical")

faults, families = [], {}
for path in sorted((root / "data/rules").glob("*/*.yar")):
    text = path.read_text()
    meta = dict(re.findall(r'^        (\w+) = "(.*)"$', text.partition("    strings:")[0], re.MULTILINE))
    faults += [f"{path.name}: no {key} in meta" for key in needed if not meta.get(key)]
    if meta.get("severity") not in severities:
        faults.append(f"{path.name}: severity is none of {', '.join(severities)}")
    if re.findall(r"^(?:private |global )*rule (\w+)", text, re.MULTILINE) != [path.stem.replace("-", "_")]:
        faults.append(f"{path.name}: holds not the one rule of its name")
    cases = path.with_name(path.stem + ".cases.toml")
    count = len(tomllib.loads(cases.read_text())["case"]) if cases.exists() else 0
    families.setdefault(path.parent.name, []).append((path.stem, meta, count))

total = sum(len(rows) for rows in families.values())
total_cases = sum(count for rows in families.values() for _, _, count in rows)
lines = [f"{total} rules in {len(families)} families, {total_cases} cases.", ""]
for family, rows in families.items():
    lines += [f"### {family}: {len(rows)}", "", "| id | severity | finds | cases |", "|---|---|---|---|"]
    lines += [f"| {name} | {meta.get('severity')} | {meta.get('title')} | {count} |" for name, meta, count in rows]
    lines.append("")
table = "\n".join(lines)

text = page.read_text()
before, mark, rest = text.partition(begin)
old, mark_end, after = rest.partition(end)
if not mark or not mark_end:
    sys.exit(f"{page.name} has no place for the table")
if "--write" in sys.argv[1:]:
    page.write_text(before + begin + table + end + after)
elif old != table:
    faults.append(f"{page.name} does not list data/rules as they are: run tools/rules_table.py --write")
if faults:
    sys.exit("\n".join(faults))
print(f"{total} rules are listed")
