#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table `packages` of trees that another package manager keeps, asked through the whole program."""
import json
import sys
import unittest

from whole_program import WholeProgram

APK = """C:Q1v4QhLje3kWlC8DJj+ZfJTjlJRSU=
P:alpine-baselayout-data
V:3.6.8-r1
A:x86_64
S:11435
I:73729
T:Alpine base dir structure and init scripts
L:GPL-2.0-only
o:alpine-baselayout
m:Natanael Copa <ncopa@alpinelinux.org>
t:1740504474
F:etc
R:fstab
Z:Q11Q7hNe8QpDS531guqCdrXBzoA/o=

P:musl
V:1.2.5-r9
A:x86_64
"""


class Packages(WholeProgram):
    def write(self, name, content):
        place = self.tree / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    # Rows as lines, and what is said beside them, which names the gaps.
    def packages(self, columns="manager, name, version, architecture, source, source_version, path"):
        run = self.ward("query", "--root", str(self.tree), "--format", "json", f"SELECT {columns} FROM packages ORDER BY name, version")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = ["|".join("" if value is None else str(value) for value in row.values()) for row in json.loads(run.stdout)]
        return rows, run.stderr.decode()

    def test_alpine_where_lib_is_a_link(self):
        self.write("/usr/lib/apk/db/installed", APK)
        (self.tree / "lib").symlink_to("usr/lib")
        self.assertEqual(self.packages(), ([
            "apk|alpine-baselayout-data|3.6.8-r1|x86_64|alpine-baselayout|3.6.8-r1|/usr/lib/apk/db/installed",
            "apk|musl|1.2.5-r9|x86_64|musl|1.2.5-r9|/usr/lib/apk/db/installed"], ""))

    def test_an_older_alpine(self):
        self.write("/lib/apk/db/installed", APK + "\nV:1\n")
        rows, said = self.packages("name, installed_size, broken, path")
        self.assertEqual(rows, ["alpine-baselayout-data|73|0|/lib/apk/db/installed", "musl||0|/lib/apk/db/installed"])
        self.assertIn("/lib/apk/db/installed:20", said)
        self.assertIn("names no package", said)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
