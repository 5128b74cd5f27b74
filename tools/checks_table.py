#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the table of checks in docs/checks.md with data/checks. Ends 1 and says so when they differ; --write mends it."""
import pathlib
import sys
import tomllib

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "docs/checks.md"
begin, end = "<!-- checks: begin -->\n", "<!-- checks: end -->\n"
areas = {"updates": "Updates", "network": "Network", "credentials": "Credentials", "supply": "Supply chain"}

checks = [tomllib.loads(path.read_text()) for path in (root / "data/checks").glob("*.toml")]
checks.sort(key=lambda check: (check.get("rank", 0) == 0, check.get("rank", 0), check["id"]))
lines = []
for area, title in areas.items():
    rows = [check for check in checks if check["area"] == area]
    lines += [f"### {title}: {len(rows)}", "", "| rank | id | severity | finds |", "|---|---|---|---|"]
    lines += [f"| {row.get('rank', '')} | {row['id']} | {row['severity']} | {row['title']} |" for row in rows]
    lines.append("")
table = "\n".join(lines)

text = page.read_text()
before, mark, rest = text.partition(begin)
old, _, after = rest.partition(end)
if not mark or not after:
    sys.exit(f"{page.name} has no place for the table")
if "--write" in sys.argv[1:]:
    page.write_text(before + begin + table + end + after)
elif old != table:
    sys.exit(f"{page.name} does not list data/checks as they are: run tools/checks_table.py --write")
print(f"{len(checks)} checks are listed")
