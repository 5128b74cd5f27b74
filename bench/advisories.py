#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long judging a host takes: 3,000 packages against 300,000 advisories.

    bench/advisories.py [--ward build/release/bin/ward] [--packages 3000] [--advisories 300000] [--runs 5]

Makes a Debian host as a folder and OSV records of which it is known how many concern it, builds the database with `ward update --from`,
and asks `ward query --root` for the table `vulnerabilities` and `ward audit updates --root` for all checks. CSV: the least wall time, the
most memory (the sum of the private pages of all processes, looked at every 5 ms; of the build the database), and counts; a wrong one ends with 1.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time


def make_host(root, packages, chance):
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nNAME="Debian GNU/Linux"\n')
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/apt/lists").mkdir(parents=True)
    with open(root / "var/lib/dpkg/status", "w") as status:
        for number in range(packages):
            version = f"{chance.randint(0, 3)}.{chance.randint(0, 40)}-{chance.randint(1, 9)}"
            status.write(f"Package: lib{number}\nStatus: install ok installed\nArchitecture: amd64\nSource: src{number}\nVersion: {version}\n"
                         f"Description: a package\n\n")
            yield f"src{number}", version


def make_records(path, count, installed, chance):
    """Each names one package; every tenth one that is installed. Gives how many say that what is installed is affected, and which packages."""
    affected = 0
    packages = set()
    with open(path, "w") as out:
        for number in range(count):
            if number % 10 == 0:
                name, version = installed[chance.randrange(len(installed))]
                upstream = version.rpartition("-")[0].split(".")
                later = chance.random() < 0.1
                fixed = f"{int(upstream[0]) + 1}.0-1" if later else "0.0-1"
                affected += later
                if later:
                    packages.add(name)
            else:
                name, fixed = f"other{chance.randrange(60_000)}", "1.0-1"
            record = {"id": f"BENCH-{number}", "modified": "2026-11-01T00:00:00Z", "published": "2026-10-01T00:00:00Z",
                      "upstream": [f"CVE-2026-{100_000 + number}"], "summary": "a fault in " + name,
                      "affected": [{"package": {"ecosystem": "Debian:12", "name": name},
                                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}
            out.write(json.dumps(record) + "\n")
    return affected, packages


def private_bytes(pid):
    """Of a process and all that it started."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        try:
            for line in open(f"/proc/{one}/smaps_rollup"):
                if line.startswith(("Private_Clean:", "Private_Dirty:")):
                    total += int(line.split()[1]) * 1024
            for task in os.listdir(f"/proc/{one}/task"):
                todo += map(int, open(f"/proc/{one}/task/{task}/children").read().split())
        except OSError:
            pass
    return total


def measure(command, runs):
    best, most, output = None, 0, None
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        peak = [0]

        def watch():
            while process.poll() is None:
                peak[0] = max(peak[0], private_bytes(process.pid))
                time.sleep(0.005)

        watcher = threading.Thread(target=watch)
        watcher.start()
        output = process.stdout.read()
        process.wait()
        seconds = time.perf_counter() - start
        watcher.join()
        best = seconds if best is None else min(best, seconds)
        most = max(most, peak[0])
    return best, most, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ward", default="build/release/bin/ward")
    parser.add_argument("--packages", type=int, default=3000)
    parser.add_argument("--advisories", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    chance = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder)
        installed = list(make_host(base / "root", arguments.packages, chance))
        (base / "from").mkdir()
        expected, packages = make_records(base / "from/records.jsonl", arguments.advisories, installed, chance)
        # How old a source is stands in the database too: with one day the digest is the same on every machine and every time.
        os.utime(base / "from/records.jsonl", (1_795_000_000, 1_795_000_000))
        state = str(base / "state")
        start = time.perf_counter()
        subprocess.run([arguments.ward, "update", "--state", state, "--from", str(base / "from")], check=True, stdout=subprocess.DEVNULL)
        database = (base / "state/advisories.warddb").read_bytes()
        print("what,seconds,MiB,found,expected")
        print(f"build {hashlib.sha256(database).hexdigest()[:16]},{time.perf_counter() - start:.1f},{len(database) / 2**20:.0f},{arguments.advisories},{arguments.advisories}")
        common = ["--state", state, "--root", str(base / "root")]
        query = [arguments.ward, "query", "--format", "json", *common, "SELECT count(*) AS n FROM vulnerabilities WHERE state = 'affected'"]
        seconds, memory, output = measure(query, arguments.runs)
        count = json.loads(output)[0]["n"]
        print(f"vulnerabilities,{seconds:.3f},{memory / 2**20:.0f},{count},{expected}")
        seconds, memory, output = measure([arguments.ward, "audit", "updates", *common, "--format", "json"], arguments.runs)
        waiting = sum(finding["rule"] == "late-fix" for finding in json.loads(output)["findings"])
        print(f"audit updates,{seconds:.3f},{memory / 2**20:.0f},{waiting},{len(packages)}")
        return 0 if count == expected and waiting == len(packages) else 1


if __name__ == "__main__":
    sys.exit(main())
