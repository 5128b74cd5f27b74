#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the table `vulnerabilities` of made rpm hosts with rpm's own order of versions.

    tools/advisories_rpm_diff.py --ward build/release/bin/ward [--count 1500] [--seed 1] RECORDS.jsonl[.gz]...

RECORDS are OSV's of AlmaLinux. Packages that they name are "installed" with versions around a fix: the same, one release earlier, one
later. Every pair of an installed version and a fix is ordered by rpm; each CVE of a later fix must be in the table, and nothing else.
Fixes of modules are held against packages of modules only, as docs/advisories.md says. Ends 1 when anything differs."""

import argparse
import collections
import gzip
import json
import pathlib
import random
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile

ECOSYSTEM = "AlmaLinux:9"
ORDER = r"""%{lua:
for line in io.stdin:lines() do
  local a, b = line:match("^([^\t]*)\t(.*)$")
  local fine, order = pcall(rpm.vercmp, a, b)
  io.stdout:write(fine and tostring(order) or "null", "\n")
end}"""


def header(name, epoch, version, release):
    """As rpm's databases hold it."""
    index, data = b"", b""
    if epoch:
        index, data = struct.pack(">IIII", 1003, 4, 0, 1), struct.pack(">I", int(epoch))
    for tag, text in ((1000, name), (1001, version), (1002, release), (1022, "x86_64"), (1044, f"{name}-1-1.src.rpm")):
        index += struct.pack(">IIII", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


def near(fixed, chance):
    """Epoch, version and release around a fix."""
    epoch, _, rest = fixed.rpartition(":")
    version, _, release = rest.rpartition("-")
    kind = chance.random()
    if kind < 0.3:
        release += ".1"
    elif kind < 0.6:
        release = re.sub(r"\d+", lambda digits: str(max(0, int(digits[0]) - 1)), release, count=1)
    return epoch, version, release


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ward", default="build/release/bin/ward")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("records", nargs="+")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)

    fixes = collections.defaultdict(list)
    for path in arguments.records:
        for line in (gzip.open(path, "rt") if path.endswith(".gz") else open(path)):
            record = json.loads(line)
            for affected in record["affected"]:
                if affected["package"]["ecosystem"] == ECOSYSTEM:
                    fixes[affected["package"]["name"]] += [(record, event["fixed"]) for span in affected["ranges"] for event in span["events"] if "fixed" in event]
    names = chance.sample(sorted(fixes), min(arguments.count, len(fixes)))
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        (base / "root/etc").mkdir(parents=True)
        (base / "root/etc/os-release").write_text('ID="almalinux"\nVERSION_ID="9.4"\n')
        (base / "root/usr/lib/sysimage/rpm").mkdir(parents=True)
        (base / "from").mkdir()
        for path in arguments.records:
            (base / "from" / pathlib.Path(path).name).write_bytes(pathlib.Path(path).read_bytes())
        database = sqlite3.connect(base / "root/usr/lib/sysimage/rpm/rpmdb.sqlite")
        database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        installed = {}
        for name in names:
            epoch, version, release = near(chance.choice(fixes[name])[1], chance)
            installed[name] = f"{epoch}:{version}-{release}" if epoch else f"{version}-{release}"
            database.execute("INSERT INTO Packages(blob) VALUES (?)", (header(name, epoch, version, release),))
        database.commit()
        database.close()
        pairs = [(name, record, fixed) for name in names for record, fixed in fixes[name]]
        text = "".join(f"{installed[name]}\t{fixed}\n" for name, _, fixed in pairs)
        orders = subprocess.run(["rpm", "--eval", ORDER], input=text, check=True, capture_output=True, text=True).stdout.split()
        expected = set()
        for (name, record, fixed), order in zip(pairs, orders, strict=True):
            if int(order) < 0 and (".module" in fixed) == (".module" in installed[name]):
                expected |= {(name, cve) for cve in record.get("related", []) if cve.startswith("CVE-")}
        subprocess.run([arguments.ward, "update", "--state", base / "state", "--from", base / "from"], check=True, stdout=subprocess.DEVNULL)
        query = "SELECT package, cve FROM vulnerabilities WHERE manager = 'rpm' AND state = 'affected' AND cve IS NOT NULL"
        answer = subprocess.run([arguments.ward, "query", "--state", base / "state", "--root", base / "root", "--format", "json", query],
                                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        told = {(row["package"], row["cve"]) for row in json.loads(answer)}
    for word, only in (("rpm", expected - told), ("ward", told - expected)):
        for item in sorted(only)[:20]:
            print(f"only {word}:", *item)
    print(f"{len(names)} packages, {len(pairs)} pairs, {len(expected)} faults by rpm, {len(told)} by ward, {len(expected ^ told)} differ")
    return 1 if expected ^ told or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
