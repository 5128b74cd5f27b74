#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the table `vulnerabilities` with dpkg and OSV records, read by other means.

    tools/advisories_diff.py --ward build/release/bin/ward --state DIR RECORDS.jsonl[.gz]...

DIR holds an advisory database of the same records. For every installed source package of this Debian host, each record of the host's
release is judged with `dpkg --compare-versions`, and each CVE that an installed changelog names (zgrep) counts as mended. Prints what
only one of the two says, and ends with 1 when there is any. Ranges are read as far as Debian's records use them: introduced, fixed.
"""

import argparse
import collections
import glob
import gzip
import json
import re
import subprocess
import sys


def installed():
    fields = "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\t${source:Version}\n"
    for line in subprocess.run(["dpkg-query", "-W", "-f", fields], check=True, capture_output=True, text=True).stdout.splitlines():
        status, package, version, source, source_version = line.split("\t")
        if status == "installed":
            yield package, version, ("linux" if source.startswith("linux-signed-") else source), \
                (version if source.startswith("linux-signed-") else source_version)


def before(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "lt", b]).returncode == 0


def mended(packages):
    """CVEs that the changelogs of these packages name."""
    cves = set()
    for package in packages:
        for path in glob.glob(f"/usr/share/doc/{package}/changelog.Debian.gz") or glob.glob(f"/usr/share/doc/{package}/changelog.gz"):
            cves.update(re.findall(r"CVE-\d{4}-\d{4,}", gzip.open(path, "rt", errors="replace").read()))
    return cves


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ward", default="build/release/bin/ward")
    parser.add_argument("--state", required=True)
    parser.add_argument("records", nargs="+")
    arguments = parser.parse_args()

    release = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
    ecosystem = "Debian:" + release["VERSION_ID"].strip('"')
    sources = collections.defaultdict(set)
    for package, _, source, version in installed():
        sources[source, version].add(package)
    by_name = collections.defaultdict(list)
    for path in arguments.records:
        for line in (gzip.open(path, "rt") if path.endswith(".gz") else open(path)):
            record = json.loads(line)
            for affected in record.get("affected", []):
                if affected["package"]["ecosystem"] == ecosystem and "withdrawn" not in record:
                    by_name[affected["package"]["name"]].append((record, affected))
    expected = set()
    pairs = 0
    for (source, version), packages in sources.items():
        named = None
        for record, affected in by_name[source]:
            pairs += 1
            inside = False
            for span in affected.get("ranges", []):
                fixed = [event["fixed"] for event in span["events"] if "fixed" in event]
                inside |= all(before(version, fix) for fix in fixed)
            if not inside:
                continue
            named = mended(packages) if named is None else named
            for cve in record.get("upstream", []) + record.get("aliases", []):
                if cve.startswith("CVE-") and cve not in named:
                    expected.add((source, version, cve))
    query = "SELECT source, version, cve FROM vulnerabilities WHERE manager = 'dpkg' AND state IN ('affected', 'not_running') AND cve IS NOT NULL"
    answer = subprocess.run([arguments.ward, "query", "--state", arguments.state, "--format", "json", query], check=True, capture_output=True, text=True).stdout
    told = {(row["source"], row["version"], row["cve"]) for row in json.loads(answer)}
    for missing in sorted(expected - told):
        print("only dpkg:", *missing)
    for extra in sorted(told - expected):
        print("only ward:", *extra)
    print(f"{len(sources)} source packages, {pairs} pairs, {len(expected)} by dpkg, {len(told)} by ward, {len(expected ^ told)} differ")
    return 1 if expected ^ told or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
