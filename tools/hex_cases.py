#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hex_cases.py CORPUS OUT: the files of a corpus as bytes; .hex files are hex text with # comments."""
import pathlib
import sys

corpus, out = map(pathlib.Path, sys.argv[1:3])
out.mkdir(parents=True, exist_ok=True)
for path in sorted(corpus.rglob("*")):
    if not path.is_file():
        continue
    data = path.read_bytes()
    if path.suffix == ".hex":
        data = bytes.fromhex("".join(line.split("#")[0] for line in data.decode().splitlines()))
    (out / ("seed-" + path.relative_to(corpus).as_posix().replace("/", "_"))).write_bytes(data)
