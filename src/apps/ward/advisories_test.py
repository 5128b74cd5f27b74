#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From publishers' files in a folder to findings: `ward update --from`, then trees of dpkg, rpm and apk judged by what came."""
import gzip
import json
import os
import sqlite3
import sys
import unittest
import zipfile

from packages_test import SYSIMAGE, rpm_header
from whole_program import FOUND, GAPS, NOT_DONE, WholeProgram


def osv(name, ecosystem, package, fixed, **more):
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    return {"id": name, "modified": "2026-10-01T00:00:00Z", "published": "2026-10-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}], **more}


KEV = {"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.11.20", "dateReleased": "2026-11-20T00:00:00Z", "count": 1,
       "vulnerabilities": [{"cveID": "CVE-2026-1001", "vulnerabilityName": "OpenSSL Hole", "dateAdded": "2026-11-01", "dueDate": "2026-11-22",
                            "knownRansomwareCampaignUse": "Known"}]}
EPSS = "#model_version:v2026.03.14,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\nCVE-2026-1002,0.42000,0.99000\n"
CHANGELOG = """openssl (3.0.14-1) bookworm-security; urgency=high

  * Fix CVE-2026-1003 (a third hole).

 -- A Person <person@example.org>  Fri, 03 Apr 2026 14:29:32 +0200
"""


def dpkg(name, version, source=None, status="install ok installed"):
    return (f"Package: {name}\nStatus: {status}\nArchitecture: amd64\n" + (f"Source: {source}\n" if source else "") +
            f"Version: {version}\nDescription: x\n\n")


class Advisories(WholeProgram):
    def setUp(self):
        super().setUp()
        self.source = self.folder / "stick"
        self.source.mkdir()

    def write(self, name, content, base=None):
        place = (base or self.tree) / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def update(self, *words, code=0):
        run = self.ward("update", "--state", self.state, "--from", self.source, *words)
        self.assertEqual(run.returncode, code, run.stderr)
        return run

    def rows(self, sql):
        run = self.ward("query", "--state", self.state, "--root", self.tree, "--format", "json", sql)
        self.assertEqual(run.returncode, 0, run.stderr)
        return [tuple(row.values()) for row in json.loads(run.stdout)], run.stderr.decode()

    def debian(self):
        self.write("etc/os-release", 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n')
        self.write("var/lib/dpkg/status", dpkg("libssl3", "3.0.14-1", "openssl") + dpkg("openssl", "3.0.14-1") + dpkg("curl", "8.0-1+b1", "curl (8.0-1)") +
                   dpkg("vim", "2:9.0-1") + dpkg("gone", "1.0-1", status="deinstall ok config-files"))
        self.write("usr/share/doc/libssl3/changelog.Debian.gz", gzip.compress(CHANGELOG.encode()))
        records = [
            osv("DEBIAN-CVE-2026-1001", "Debian:12", "openssl", "3.0.15-1", upstream=["CVE-2026-1001"]),
            osv("DEBIAN-CVE-2026-1002", "Debian:12", "curl", "8.0-2", upstream=["CVE-2026-1002"]),
            osv("DSA-9000-1", "Debian:12", "curl", "8.0-2", upstream=["CVE-2026-1002"]),                      # and its day
            osv("DEBIAN-CVE-2026-1003", "Debian:12", "openssl", "3.0.15-1", upstream=["CVE-2026-1003"]),
            osv("DEBIAN-CVE-2026-1004", "Debian:12", "vim", "2:9.0-1", upstream=["CVE-2026-1004"]),           # mended
            osv("DEBIAN-CVE-2026-1005", "Debian:11", "vim", "2:9.9-1", upstream=["CVE-2026-1005"]),           # another release
            osv("DEBIAN-CVE-2026-1006", "Debian:12", "vim", None, upstream=["CVE-2026-1006"]),                # no fix yet
            osv("DEBIAN-CVE-2026-1007", "Debian:12", "vim", "2:9.9-1", upstream=["CVE-2026-1007"], withdrawn="2026-10-02T00:00:00Z"),
            osv("DEBIAN-CVE-2026-1008", "Debian:12", "gone", "2.0-1", upstream=["CVE-2026-1008"]),
        ]
        with zipfile.ZipFile(self.source / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for record in records[:5]:
                archive.writestr(record["id"] + ".json", json.dumps(record, indent=2))
        lines = [json.dumps(record) for record in records[5:]]
        lines.insert(1, '{"id": "BROKEN", "affected": [')
        self.write("more.jsonl", "\n".join(lines) + "\n", self.source)
        self.write("cisa/kev.json", json.dumps(KEV), self.source)
        self.write("scores.csv.gz", gzip.compress(EPSS.encode()), self.source)
        self.write("README", "nothing of use", self.source)

    def test_debian(self):
        self.debian()
        run = self.update("-v")
        self.assertIn(b"advisories 9, about packages 5; CVEs known to be exploited 1, with a forecast 1;", run.stdout)
        self.assertIn(b"1 of 5 records of local-more-jsonl could not be used", run.stdout)
        self.assertIn(b"more.jsonl: ", run.stderr)
        self.assertRegex(self.ward("status", "--state", self.state).stdout.decode(), r"Knowledge +4 brought by hand, the oldest \(local-[a-z-]+\) as of just now; vouched for by whoever")
        rows, said = self.rows("SELECT package, cve, state, fixed_in, known_exploited, epss, line FROM vulnerabilities ORDER BY cve")
        self.assertEqual(rows, [
            ("openssl", "CVE-2026-1001", "affected", "3.0.15-1", 1, None, None),
            ("curl", "CVE-2026-1002", "affected", "8.0-2", 0, 0.42, None),
            ("openssl", "CVE-2026-1003", "fixed", "3.0.15-1", 0, None, 3),
            ("vim", "CVE-2026-1006", "affected", None, 0, None, None),
            ("vim", "CVE-2026-1007", "withdrawn", "2:9.9-1", 0, None, None),
            ("gone", "CVE-2026-1008", "removed", "2.0-1", 0, None, None),
        ])
        self.assertEqual(said, "")
        rows, _ = self.rows("SELECT source, packages, installed, fixed_in, cves, exploited, serious, days_left < 0 FROM fixes ORDER BY source")
        self.assertEqual(rows, [("curl", "curl", "8.0-1", "8.0-2", "CVE-2026-1002", None, 1, 1),
                                ("openssl", "libssl3 openssl", "3.0.14-1", "3.0.15-1", "CVE-2026-1001", "CVE-2026-1001", 1, None)])
        audit = self.ward("audit", "updates", "--state", self.state, "--root", self.tree, "--format", "json")
        self.assertEqual(audit.returncode, FOUND, audit.stderr)
        found = {finding["rule"]: finding for finding in json.loads(audit.stdout)["findings"]}
        self.assertEqual({rule for rule in found if "fix" in rule}, {"known-exploited-fix-waiting", "late-fix"})
        self.assertEqual(found["known-exploited-fix-waiting"]["fix"]["commands"],
                         ["apt-get update && apt-get install --only-upgrade -- libssl3 openssl"])
        vex = json.loads(self.ward("sbom", "--vex", "--state", self.state, "--root", self.tree).stdout)
        self.assertEqual({fault["id"]: fault["analysis"]["state"] for fault in vex["vulnerabilities"]},
                         {"CVE-2026-1001": "in_triage", "CVE-2026-1002": "in_triage", "CVE-2026-1003": "resolved", "CVE-2026-1006": "in_triage",
                          "CVE-2026-1007": "false_positive"})

    def test_the_same_files_give_the_same_database(self):
        self.debian()
        self.update()
        first = (self.state / "advisories.warddb").read_bytes()
        self.state = self.folder / "other"
        self.update()
        self.assertEqual((self.state / "advisories.warddb").read_bytes(), first)

    def test_what_was_brought_can_be_forgotten(self):
        self.debian()
        self.update()
        run = self.ward("update", "--state", self.state, "--forget", "local-all-zip")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(b"advisories 4, about packages 3;", run.stdout)
        self.assertEqual(self.rows("SELECT package FROM vulnerabilities ORDER BY cve")[0], [("vim",), ("vim",), ("gone",)])
        self.assertEqual(self.ward("update", "--state", self.state, "--forget", "local-all-zip").returncode, NOT_DONE)

    def test_a_folder_that_others_write(self):
        """What is left out is said; nothing outside the folder is taken, nothing waits, nothing fills the disk."""
        self.debian()
        secret = self.folder / "secret"
        secret.mkdir()
        (secret / "config.json").write_text('{"password": "hunter2"}')
        (secret / "all.csv").write_text("hunter2")
        (self.source / "linked").symlink_to(secret)
        (self.source / "link.json").symlink_to(secret / "config.json")
        (self.source / "link.csv").symlink_to(secret / "all.csv")
        os.mkfifo(self.source / "pipe.json")
        os.mkfifo(self.source / "pipe.gz")
        (self.source / "a\x1b[31m\n.csv").symlink_to("nowhere")
        deep = self.source.joinpath(*"123456789")
        deep.mkdir(parents=True)
        (deep / "deep.json").write_text("{}")
        run = self.update("--strict", code=GAPS)
        self.assertNotIn(b"\x1b", run.stderr)
        for name in (b"link.json", b"link.csv", b"pipe.json", b"pipe.gz", rb"a\x1b[31m\n.csv", b"/8/9"):
            self.assertIn(name, run.stderr)
        for path in self.state.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"hunter2", path.read_bytes(), path)
        with open(self.source / "large.json", "wb") as file:
            file.truncate(5 << 30)
        with open(self.source / "small.json", "wb") as file:
            file.write(b"{}")
        run = self.update()
        self.assertIn(b"4.0 GiB", run.stderr)

    def test_what_another_machine_had_brought_comes_too(self):
        self.debian()
        (self.source / "scores.csv").write_text("cve,epss,percentile\nCVE-2026-1001,0.5,0.9\n")
        self.update()
        self.source, self.state = self.state / "sources", self.folder / "other"
        self.update()
        names = {path.name for path in (self.state / "sources").iterdir()}
        self.assertLessEqual({"local-scores-csv", "local-all-zip"}, names)

    def test_a_source_that_cannot_be_used_is_said(self):
        self.debian()
        self.write("notes.jsonl", "nothing of use\n", self.source)
        self.write("cut.csv.gz", gzip.compress(b"cve,epss,percentile\n" + b"CVE-2026-1001,0.5,0.9\n" * 1000)[:-20], self.source)
        run = self.update("--strict", code=GAPS)
        for name in (b"notes.jsonl", b"cut.csv.gz"):
            self.assertIn(b"not used: " + bytes(self.state) + b"/sources/local-" + name.replace(b".", b"-"), run.stderr)
        # The others stand without a copy that cannot be read.
        (self.state / "sources/local-notes-jsonl/notes.jsonl").unlink()
        (self.state / "sources/local-notes-jsonl/notes.jsonl").mkdir()
        (self.source / "notes.jsonl").unlink()
        run = self.update()
        self.assertIn(b"is no regular file", run.stderr)
        self.assertIn(b"advisories", run.stdout)

    def test_what_a_killed_run_left_goes(self):
        self.debian()
        self.state.mkdir()
        (self.folder / "precious").write_text("precious")
        (self.state / "advisories.warddb.new").symlink_to(self.folder / "precious")
        self.update()
        self.assertEqual((self.folder / "precious").read_text(), "precious")
        self.assertEqual(list(self.state.glob("*.new")), [])
        self.assertEqual((self.state / "advisories.warddb").stat().st_mode & 0o777, 0o644)

    def test_a_pipe_in_place_of_the_database_is_not_waited_for(self):
        self.state.mkdir()
        os.mkfifo(self.state / "advisories.warddb")
        run = self.ward("query", "--state", self.state, "--root", self.tree, "SELECT 1")
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"is no regular file", run.stderr)

    def test_rpm_and_apk(self):
        self.write("etc/os-release", 'ID="almalinux"\nVERSION_ID="9.4"\n')
        self.write(f"{SYSIMAGE}/rpmdb.sqlite", b"")
        database = sqlite3.connect(self.tree / SYSIMAGE[1:] / "rpmdb.sqlite")
        database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        for number, name in ((1, "bind-libs"), (2, "vim-minimal")):
            database.execute("INSERT INTO Packages VALUES (?, ?)", (number, rpm_header(name, number)))
        database.commit()
        database.close()
        self.write("alma.jsonl", "".join(json.dumps(record) + "\n" for record in (
            osv("ALSA-2026:1", "AlmaLinux:9", "bind-libs", "1.0-2.fc40", related=["CVE-2026-2001"], summary="Important: bind security update"),
            osv("ALSA-2026:2", "AlmaLinux:9", "vim-minimal", "1.0-2.fc40", related=["CVE-2026-2002"]),
            osv("ALSA-2026:3", "AlmaLinux:9", "vim-minimal", "1.0-3.module_el9+1", related=["CVE-2026-2003"]),
            osv("ALSA-2026:4", "AlmaLinux:8", "bind-libs", "9-1", related=["CVE-2026-2004"]),
            osv("ALPINE-CVE-2026-3001", "Alpine:v3.18", "openssl", "3.1.4-r6", upstream=["CVE-2026-3001"]))), self.source)
        self.update()
        rows, _ = self.rows("SELECT manager, package, cve, severity, fixed_in FROM vulnerabilities")
        self.assertEqual(rows, [("rpm", "bind-libs", "CVE-2026-2001", "high", "1.0-2.fc40")])
        audit = self.ward("audit", "updates", "--state", self.state, "--root", self.tree, "--format", "json")
        commands = [finding["fix"]["commands"] for finding in json.loads(audit.stdout)["findings"] if finding["rule"] == "late-fix"]
        self.assertEqual(commands, [["dnf upgrade -- bind-libs"]])

        (self.tree / SYSIMAGE[1:] / "rpmdb.sqlite").unlink()
        self.write("etc/os-release", "ID=alpine\nVERSION_ID=3.18.4\n")
        self.write("lib/apk/db/installed", "P:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\n\n")
        rows, _ = self.rows("SELECT manager, package, packages, cve, fixed_in FROM vulnerabilities")
        self.assertEqual(rows, [("apk", "openssl", "libcrypto3", "CVE-2026-3001", "3.1.4-r6")])

    def test_what_is_not_known_is_a_gap(self):
        self.write("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
        self.write("var/lib/dpkg/status", dpkg("curl", "8.0-1"))
        rows, said = self.rows("SELECT * FROM vulnerabilities")
        self.assertEqual(rows, [])
        self.assertIn("no advisories are on this machine", said)
        self.write("alma.jsonl", json.dumps(osv("ALSA-2026:1", "AlmaLinux:9", "bind", "1-1")), self.source)
        self.update()
        rows, said = self.rows("SELECT * FROM vulnerabilities")
        self.assertEqual(rows, [])
        self.assertIn("no source has advisories for Debian:12", said)
        self.assertIn("no catalogue of known exploited vulnerabilities", said)
        # A database that is none stops nothing else.
        (self.state / "advisories.warddb").write_bytes(b"garbage")
        rows, said = self.rows("SELECT count(*) FROM packages WHERE EXISTS (SELECT 1 FROM vulnerabilities)")
        self.assertIn("the advisory database cannot be used", said)

    def test_hostile_files(self):
        bomb = gzip.compress(gzip.compress(b" " * (1 << 20)))
        self.write("bomb.gz", bomb, self.source)
        self.write("deep.json", "[" * 100_000, self.source)
        self.write("noise.zip", bytes(range(256)) * 64, self.source)
        self.write("cut.jsonl", json.dumps(osv("A-1", "npm", "left-pad", "1.0.0"))[:-9], self.source)
        self.write("good.jsonl", json.dumps(osv("A-2", "npm", "left-pad", "1.0.0")), self.source)
        run = self.update("-v")
        self.assertIn(b"advisories 1, about packages 1;", run.stdout)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
