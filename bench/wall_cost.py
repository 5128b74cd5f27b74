#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the wall costs: the same files scanned behind it and in one process (bench/wall_cost.cpp).

    wall_cost.py [FOLDER...]

Prints one line a folder. Ends 1 when the two ways disagree, when there was nothing to scan, or when the wall costs more
than 25 us of CPU an object on a folder of a thousand objects and more: a round trip to a cell for each would cost that."""
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
program = root / "build/release/bin/wall_cost"
rules = root / "build/release/share/ward/rules.warddb"
subprocess.run(["cmake", "--build", root / "build/release", "--target", "wall_cost", "ward-cell"], check=True,
               stdout=subprocess.DEVNULL)
failed = False
for number, folder in enumerate(sys.argv[1:] or ["/usr/include", "/usr/share/doc", "/usr/bin"]):
    run = subprocess.run([program, folder, *([rules] if rules.exists() else [])], text=True, stdout=subprocess.PIPE)
    lines = run.stdout.splitlines()
    if number == 0 and lines:
        print(f"folder,{lines[0]}")
    if run.returncode != 0 or len(lines) < 2:
        print(f"{folder}: failed", file=sys.stderr)
        failed = True
        continue
    print(f"{folder},{lines[1]}")
    values = lines[1].split(",")
    if int(values[0]) >= 1000 and float(values[-1]) > 25:
        print(f"{folder}: {values[-1]} us of CPU an object", file=sys.stderr)
        failed = True
sys.exit(1 if failed else 0)
