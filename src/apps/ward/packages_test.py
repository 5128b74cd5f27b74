#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table `packages` of trees that another package manager keeps, asked through the whole program."""
import json
import shutil
import sqlite3
import struct
import subprocess
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


SYSIMAGE = "/usr/lib/sysimage/rpm"

# One package with an epoch and two parts, and one without.
SPECS = ("""Name: demo-src
Epoch: 2
Version: 1.4
Release: 3.el9
Summary: A demo
License: MIT
Vendor: Example Project
Packager: Build <build@example.org>
BuildArch: noarch
%description
x
%package -n demo-libs
Summary: Libraries of it
%description -n demo-libs
y
%install
mkdir -p %{buildroot}/opt/demo
for i in $(seq 400); do echo $i > %{buildroot}/opt/demo/a-file-with-a-long-name-$i; done
%files
/opt/demo
%files -n demo-libs
""", """Name: other
Version: 0.9~rc1
Release: 1
Summary: Another
License: MIT
BuildArch: noarch
%description
z
%files
""")


def rpm_header(name, number):
    """A header as rpm's databases hold it: name, version, release, summary, epoch, architecture, source."""
    index, data = b"", b""
    for tag, text in ((1000, name), (1001, "1.0"), (1002, f"{number}.fc40"), (1004, "Package " + "x" * (number % 7 * 900)), (1022, "x86_64"),
                      (1044, f"{name}-src-1.0-{number}.fc40.src.rpm")):
        index += struct.pack(">IIII", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


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

    def expected(self, count, path):
        return sorted(f"rpm|p{n}|1.0-{n}.fc40|x86_64|p{n}-src|1.0-{n}.fc40|{path}" for n in range(count))

    def sqlite(self, count, page_bytes=4096):
        place = self.write(f"{SYSIMAGE}/rpmdb.sqlite", b"")
        database = sqlite3.connect(place)
        database.execute(f"PRAGMA page_size = {page_bytes}")
        database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        database.execute("CREATE TABLE 'Name' (key TEXT NOT NULL, hnum INTEGER NOT NULL)")
        database.executemany("INSERT INTO Packages(blob) VALUES (?)", ((rpm_header(f"p{n}", n),) for n in range(count)))
        database.executemany("INSERT INTO Name VALUES (?, ?)", ((f"p{n}", n + 1) for n in range(count)))
        database.commit()
        return database, place

    def test_rpm_of_many_packages_with_pages_of_each_size(self):
        for page_bytes in (512, 1024, 4096, 65536):
            with self.subTest(page_bytes):
                database, place = self.sqlite(700, page_bytes)
                database.close()
                rows, said = self.packages()
                self.assertEqual((sorted(rows), said), (self.expected(700, f"{SYSIMAGE}/rpmdb.sqlite"), ""))
                place.unlink()

    def test_rpm_whose_old_place_is_a_link_or_another_root(self):
        self.sqlite(5)[0].close()
        old = self.tree / "var/lib"
        old.mkdir(parents=True)
        (old / "rpm").symlink_to("../../usr/lib/sysimage/rpm")
        rows, said = self.packages()
        self.assertEqual((sorted(rows), said), (self.expected(5, f"{SYSIMAGE}/rpmdb.sqlite"), ""))
        (old / "rpm").unlink()
        shutil.move(self.tree / SYSIMAGE[1:], old / "rpm")
        rows, said = self.packages()
        self.assertEqual((sorted(rows), said), (self.expected(5, "/var/lib/rpm/rpmdb.sqlite"), ""))

    def test_rpm_with_changes_in_a_log(self):
        for page_bytes in (512, 4096):
            database, place = self.sqlite(300, page_bytes)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA wal_autocheckpoint = 0")
            log = place.with_name("rpmdb.sqlite-wal")
            for number in (300, 301):
                database.execute("INSERT INTO Packages(blob) VALUES (?)", (rpm_header(f"p{number}", number),))
                database.commit()
            database.execute("DELETE FROM Packages WHERE hnum = 1")
            database.commit()
            want = [row for row in self.expected(302, f"{SYSIMAGE}/rpmdb.sqlite") if not row.startswith("rpm|p0|")]
            rows, said = self.packages()
            self.assertEqual((sorted(rows), said), (want, ""))
            # A transaction whose last frame did not reach the disk never was.
            whole = log.read_bytes()
            log.write_bytes(whole[:-page_bytes // 2])
            rows, said = self.packages()
            self.assertEqual((sorted(rows), said), (self.expected(302, f"{SYSIMAGE}/rpmdb.sqlite"), ""))
            log.write_bytes(whole)
            database.close()
            for left in place.parent.iterdir():
                left.unlink()

    def test_a_schema_that_would_run_something(self):
        database, place = self.sqlite(2)
        database.execute("PRAGMA writable_schema = 1")
        database.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE Packages(hnum AS (load_extension(1)), blob)' WHERE name = 'Packages'")
        database.execute("INSERT INTO sqlite_master VALUES ('trigger', 't', 'Packages', 0, 'CREATE TRIGGER nonsense')")
        database.commit()
        database.close()
        rows, said = self.packages("name")
        self.assertEqual((rows, said), (["p0", "p1"], ""))

    def test_rpm_in_ndb(self):
        slots, body, pages = b"", b"", 3
        for number in range(600):
            header = rpm_header(f"p{number}", number)
            blocks = (16 + len(header) + 12 + 15) // 16
            slots += struct.pack("<4sIII", b"Slot", number + 1, (pages * 4096 + len(body)) // 16, blocks)
            blob = struct.pack("<4sIII", b"BlbS", number + 1, 0, len(header)) + header
            body += blob.ljust(blocks * 16 - 12, b"\0") + struct.pack("<II4s", 0, len(header), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * ((pages * 4096 - 32 - len(slots)) // 16)
        self.write(f"{SYSIMAGE}/Packages.db", struct.pack("<4s7I", b"RpmP", 0, 1, pages, 601, 0, 0, 0) + slots + body)
        rows, said = self.packages()
        self.assertEqual((sorted(rows), said), (self.expected(600, f"{SYSIMAGE}/Packages.db"), ""))

    def test_rpm_in_berkeley_db_in_both_byte_orders(self):
        if not shutil.which("db5.3_load"):
            self.skipTest("db5.3-util is not installed: nothing to write the database with")
        place = self.write("/var/lib/rpm/Packages", b"")
        for order, mark, page_bytes, count in ((1234, "<", 4096, 900), (4321, ">", 4096, 900), (1234, "<", 512, 300), (1234, "<", 65536, 50)):
            with self.subTest(order=order, page_bytes=page_bytes):
                place.unlink()
                text = f"VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder={order}\ndb_pagesize={page_bytes}\nHEADER=END\n"
                values = [struct.pack(mark + "I", count)] + [rpm_header(f"p{number}", number) for number in range(count)]
                for key, value in enumerate(values):
                    text += f" {struct.pack(mark + 'I', key).hex()}\n {value.hex()}\n"
                subprocess.run(["db5.3_load", place], input=text.encode() + b"DATA=END\n", check=True, env=self.environment())
                rows, said = self.packages()
                self.assertEqual((sorted(rows), said), (self.expected(count, "/var/lib/rpm/Packages"), ""))

    def test_rpm_says_the_same(self):
        if not shutil.which("rpmbuild"):
            self.skipTest("rpm is not installed: nothing to compare with")
        top = self.folder / "top"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "env": self.environment()}
        for number, text in enumerate(SPECS):
            spec = self.folder / f"{number}.spec"
            spec.write_text(text)
            subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {top}", spec], **quiet)
        place = self.tree / SYSIMAGE[1:]
        place.mkdir(parents=True)
        files = sorted(map(str, (top / "RPMS").rglob("*.rpm")))
        self.assertEqual(len(files), 3)
        subprocess.run(["rpm", "--dbpath", place, "--define", "_db_backend sqlite", "-i", "--justdb", "--nodeps", "--noscripts", *files], **quiet)
        form = "%{NAME}|%{EVR}|%{ARCH}|%{SOURCERPM}|%{VENDOR}|%{PACKAGER}|%{SUMMARY}|%{INSTALLTIME}\\n"
        said = subprocess.run(["rpm", "--dbpath", place, "-qa", "--qf", form], stdout=subprocess.PIPE, check=True, env=self.environment())
        want = sorted(said.stdout.decode().replace("(none)", "").splitlines())
        self.assertEqual(len(want), 3)
        rows, gaps = self.packages("name, version, architecture, source || '-' || source_version || '.src.rpm', vendor, maintainer, summary, installed_at")
        self.assertEqual((sorted(rows), gaps), (want, ""))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
