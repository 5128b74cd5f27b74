#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts which byte follows which in real files, and writes src/cell/compile/byte_statistics.cpp.

    byte_statistics.py FOLDER|@LIST...

Each argument is one kind of file (programs of Linux, programs of Windows, source code) and weighs the same. Of each file
a sixteenth is counted, in blocks of 4 KiB. Bytes are folded as in the database: bit 5 is set.
"""
import collections
import math
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = 4096
FOLD = bytes(byte & 0x1f | byte >> 1 & 0x60 for byte in range(256))  # without bit 5: 128 values
STEPS = 8      # of a bit
MOST_BITS = 20


def files_of(name):
    if name.startswith("@"):
        return pathlib.Path(name[1:]).read_text().split("\n")[:-1]
    return sorted(os.path.join(at, file) for at, _, files in os.walk(name) for file in files)


def count(names):
    pairs = collections.Counter()
    for number, name in enumerate(names):
        if os.path.islink(name) or not os.path.isfile(name):
            continue
        with open(name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            for at in range(number % 16 * BLOCK if size > 16 * BLOCK else 0, size, 16 * BLOCK):
                file.seek(at)
                block = file.read(BLOCK).translate(FOLD)
                pairs.update(zip(block, block[1:]))
    return pairs


def main():
    shares = [[0.0] * 128 for _ in range(128)]
    for name in sys.argv[1:]:
        pairs = count(files_of(name))
        total = sum(pairs.values())
        print(f"{name}: {total} pairs", file=sys.stderr)
        for (first, second), seen in pairs.items():
            shares[first][second] += seen / total / len(sys.argv[1:])

    def steps(share):
        return min(MOST_BITS * STEPS, round(-math.log2(max(share, 1e-9)) * STEPS))

    alone = [steps(sum(row)) for row in shares]
    after = [[steps(share / max(sum(row), 1e-9)) for share in row] for row in shares]
    with open(ROOT / "src/cell/compile/byte_statistics.cpp", "w") as out:
        out.write("// SPDX-License-Identifier: Apache-2.0\n// Written by tools/byte_statistics.py. Eighths of a bit.\n"
                  '#include "cell/compile/internal/byte_statistics.h"\n\nnamespace ward::compile {\n\n// clang-format off\n')
        out.write("const std::array<std::uint8_t, 128> kByteSurprise = {\n" + ",\n".join(
            ", ".join(map(str, alone[i:i + 32])) for i in range(0, 128, 32)) + "};\n\n")
        out.write("const std::array<std::array<std::uint8_t, 128>, 128> kPairSurprise = {{\n" + ",\n".join(
            "{" + ",\n ".join(", ".join(map(str, row[i:i + 32])) for i in range(0, 128, 32)) + "}" for row in after) + "}};\n")
        out.write("// clang-format on\n\n}  // namespace ward::compile\n")


if __name__ == "__main__":
    main()
