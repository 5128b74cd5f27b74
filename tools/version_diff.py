#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""version_diff.py WARD [COUNT] [SEED]: Debian versions made at random, ordered by `dpkg --compare-versions` and by Ward's
version_compare. The pairs differ little, so that each rule of the ordering decides some. Ends 1 when one differs."""
import json
import random
import subprocess
import sys

ward = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(seed)
PER_QUERY = 500


def part(letters):
    return "".join(rng.choice(letters) for _ in range(rng.randrange(0, 6)))


def version():
    text = rng.choice("0123456789") + part("0123456789012ab.+~")
    if rng.random() < 0.3:
        text = rng.choice(["0", "1", "01", "12"]) + ":" + text
    if rng.random() < 0.6:
        text += "-" + (part("0123456789ab.+~") or "0")
    return text


def near(text):
    """The same with a character changed, doubled or gone; often a version that is equal in another spelling."""
    at = rng.randrange(len(text))
    changed = rng.choice([text[:at] + "0" + text[at:], text[:at] + rng.choice("~+.0a9") + text[at + 1:], text[:at] + text[at + 1:], "0:" + text,
                          text + "-0", text])
    return changed or "0"


def dpkg(a, b):
    for relation, value in (("lt", -1), ("eq", 0), ("gt", 1)):
        run = subprocess.run(["dpkg", "--compare-versions", a, relation, b], capture_output=True)
        if run.stderr:
            return None  # dpkg warns of what is no version
        if run.returncode == 0:
            return value
    return None


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def main():
    pairs = []
    while len(pairs) < count:
        a = version()
        b = version() if rng.random() < 0.3 else near(a)
        order = dpkg(a, b)
        if order is not None:
            pairs.append((a, b, order))
    wrong = 0
    for start in range(0, count, PER_QUERY):
        some = pairs[start:start + PER_QUERY]
        rows = ",".join(f"({i},{quoted(a)},{quoted(b)})" for i, (a, b, _) in enumerate(some))
        sql = f"WITH p(i,a,b) AS (VALUES {rows}) SELECT i, version_compare('debian', a, b) AS o FROM p ORDER BY i"
        answer = json.loads(subprocess.run([ward, "query", "--format", "json", sql], check=True, capture_output=True).stdout)
        for (a, b, order), row in zip(some, answer, strict=True):
            if row["o"] != order:
                wrong += 1
                print(f"{a} and {b}: dpkg says {order}, Ward {row['o']}")
    equal = sum(order == 0 for *_, order in pairs)
    print(f"{count} pairs ({equal} equal), seed {seed}: {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
