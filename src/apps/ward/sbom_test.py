#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ward sbom` over trees of dpkg, rpm and apk, hostile ones too. `./dev soak sbom` asks the publishers' own validators."""
import json
import os
import pathlib
import re
import sqlite3
import sys
import time
import unittest

from packages_test import APK, SYSIMAGE, rpm_header
from whole_program import GAPS, NOT_DONE, WholeProgram

EPOCH = "1795514400"
DPKG = """Package: libssl3
Status: install ok installed
Section: libs
Maintainer: Debian OpenSSL Team <ssl@example.org>
Architecture: amd64
Source: openssl
Version: 3.0.15-1~deb12u1+b2
Description: a toolkit

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
"""
# What a name may hold is up to whoever wrote the file.
HOSTILE = 'a"\\\x1b[31m\u202e\u0085<b>%2F?#&=@ '


class Sbom(WholeProgram):
    def write(self, name, content):
        place = self.tree / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def sbom(self, *words, code=0, root=True, **more):
        where = ("--root", self.tree) if root else ()
        run = self.ward("sbom", *where, *words, env=self.environment(SOURCE_DATE_EPOCH=EPOCH, **more))
        self.assertEqual(run.returncode, code, run.stderr)
        return json.loads(run.stdout), run.stderr.decode()

    def purls(self):
        """The package URLs in both forms, which hold the same; what is always so is looked at too."""
        document, said = self.sbom()
        self.assertEqual((document["bomFormat"], document["specVersion"], document["version"]), ("CycloneDX", "1.6", 1))
        self.assertRegex(document["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(document["metadata"]["timestamp"], "2026-11-24T10:00:00Z")
        host = document["metadata"]["component"]
        self.assertEqual(host["type"], "operating-system")
        refs = [item["bom-ref"] for item in document["components"]] + [host["bom-ref"]]
        self.assertEqual(len(refs), len(set(refs)))
        self.assertEqual(document["compositions"][0], {"aggregate": "incomplete" if said else "unknown", "assemblies": [host["bom-ref"]]})
        self.assertEqual(bool(said), "annotations" in document)
        spdx, said_too = self.sbom("--format", "spdx")
        self.assertEqual(said_too, said)
        self.assertEqual((spdx["spdxVersion"], spdx["dataLicense"], spdx["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertEqual(spdx["creationInfo"]["created"], "2026-11-24T10:00:00Z")
        self.assertEqual(bool(said), "Not read:" in spdx["comment"])
        ids = [item["SPDXID"] for item in spdx["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertTrue(all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name) for name in ids), ids)
        self.assertTrue(all(not item["filesAnalyzed"] and item["downloadLocation"] == "NOASSERTION" for item in spdx["packages"]))
        related = [(item["spdxElementId"], item["relationshipType"]) for item in spdx["relationships"]]
        self.assertEqual(related[0], ("SPDXRef-DOCUMENT", "DESCRIBES"))
        self.assertEqual([item["relatedSpdxElement"] for item in spdx["relationships"]], ids)
        purls = [item.get("purl") for item in document["components"]]
        self.assertEqual([item.get("externalRefs", [{}])[0].get("referenceLocator") for item in spdx["packages"][1:]], purls)
        for purl in filter(None, purls):
            self.assertRegex(purl, r"^pkg:[a-z]+/[A-Za-z0-9.\-_~%:/@?=&]+$")
        return purls, said

    def debian(self):
        self.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\n')
        self.write("/var/lib/dpkg/status", DPKG)

    def test_debian(self):
        self.debian()
        self.write("/srv/app/node_modules/@scope/Name/package.json", '{"name": "@scope/name", "version": "1.2.3+4", "license": "MIT"}')
        self.write("/opt/app/node_modules/@scope/Name/package.json", '{"name": "@scope/name", "version": "1.2.3+4", "license": "MIT"}')
        self.write("/srv/app/package-lock.json", json.dumps({"lockfileVersion": 3, "packages": {
            "": {"name": "app"}, "node_modules/left-pad": {"version": "1.3.0", "license": "WTFPL OR MIT"}}}))
        purls, said = self.purls()
        self.assertEqual(said, "")
        self.assertEqual(purls, ["pkg:deb/debian/libssl3@3.0.15-1~deb12u1%2Bb2?arch=amd64&distro=debian-12&upstream=openssl",
                                 "pkg:npm/%40scope/name@1.2.3%2B4", "pkg:npm/left-pad@1.3.0"])
        document, _ = self.sbom()
        package, module, wanted = document["components"]
        self.assertEqual(package["type"], "library")
        self.assertEqual(package["supplier"], {"name": "Debian OpenSSL Team", "contact": [{"name": "Debian OpenSSL Team", "email": "ssl@example.org"}]})
        self.assertEqual(package["evidence"], {"occurrences": [{"location": "/var/lib/dpkg/status"}]})
        self.assertEqual((module["group"], module["name"], module["licenses"]), ("@scope", "name", [{"license": {"id": "MIT"}}]))
        self.assertEqual([item["location"] for item in module["evidence"]["occurrences"]],
                         ["/opt/app/node_modules/@scope/Name/package.json", "/srv/app/node_modules/@scope/Name/package.json"])
        self.assertEqual((wanted["scope"], wanted["licenses"]), ("optional", [{"expression": "WTFPL OR MIT"}]))
        self.assertIn({"name": "ward:state", "value": "locked"}, wanted["properties"])

    def test_rpm_and_apk(self):
        self.write("/etc/os-release", 'ID=fedora\nVERSION_ID=40\n')
        self.write(f"{SYSIMAGE}/rpmdb.sqlite", b"")
        database = sqlite3.connect(self.tree / SYSIMAGE[1:] / "rpmdb.sqlite")
        database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        database.executemany("INSERT INTO Packages(blob) VALUES (?)", [(rpm_header("demo", 7),), (rpm_header("gpg-pubkey", 1),)])
        database.commit()
        database.close()
        self.assertEqual(self.purls(), (["pkg:rpm/fedora/demo@1.0-7.fc40?arch=x86_64&distro=fedora-40&upstream=demo-src-1.0-7.fc40.src.rpm"], ""))
        (self.tree / SYSIMAGE[1:] / "rpmdb.sqlite").unlink()
        self.write("/etc/os-release", "ID=alpine\nVERSION_ID=3.21.3\n")
        self.write("/lib/apk/db/installed", APK)
        self.assertEqual(self.purls(), ([
            "pkg:apk/alpine/alpine-baselayout-data@3.6.8-r1?arch=x86_64&distro=alpine-3.21.3&upstream=alpine-baselayout",
            "pkg:apk/alpine/musl@1.2.5-r9?arch=x86_64&distro=alpine-3.21.3"], ""))

    def test_hostile_names_and_what_is_broken(self):
        self.debian()
        self.write("/var/lib/dpkg/status", DPKG.encode() + "\nPackage: {0}\nStatus: install ok installed\nVersion: {0}\nMaintainer: {0} <{0}>\n"
                   "Description: {0}\n".format(HOSTILE).encode() + b"\nPackage: b\xff\xc3(\nStatus: install ok installed\nVersion: \xff\n")
        for number, name in enumerate((HOSTILE, "line\nbreak\0", "x" * 200)):
            self.write(f"/srv/{number}/node_modules/m/package.json", json.dumps({"name": name, "version": name, "license": name}))
        # Not a package.json: the tests of this whole machine, which may run meanwhile, would meet it.
        self.write("/lib/apk/db/installed", "V:1\n")
        folder = os.path.join(os.fsencode(self.tree), b"srv/\x1b[31m\xff\n/node_modules/m")
        os.makedirs(folder)
        pathlib.Path(os.fsdecode(folder), "package.json").write_text('{"name": "far", "version": "1"}')
        purls, said = self.purls()
        self.assertIn("/lib/apk/db/installed:1: ", said)
        self.assertNotIn("\x1b", said)
        self.assertIn("pkg:npm/far@1", purls)
        self.assertTrue(any(purl and "b%EF%BF%BD" in purl for purl in purls), purls)
        document, _ = self.sbom("--strict", code=GAPS)
        self.assertIn("/lib/apk/db/installed:1: ", document["annotations"][0]["text"])

    def test_a_tree_that_says_nothing(self):
        document, said = self.sbom()
        self.assertEqual(document["components"], [])
        self.assertEqual(document["metadata"]["component"]["name"], "unknown")
        self.assertIn("/etc/os-release", said)

    def test_two_documents_of_one_host_are_the_same(self):
        self.debian()
        for form in ("cyclonedx", "spdx"):
            names = [self.folder / f"{n}.{form}" for n in range(2)]
            for name in names:
                run = self.ward("sbom", "--root", self.tree, "--format", form, "-o", name, env=self.environment(SOURCE_DATE_EPOCH=EPOCH))
                self.assertEqual((run.returncode, run.stdout), (0, b""))
            # Only the time of observation is another, when there is another second between.
            self.assertEqual(names[0].read_bytes(), names[1].read_bytes())

    def test_recorded_facts(self):
        self.debian()
        facts = self.folder / "facts"
        self.assertEqual(self.ward("query", "--root", self.tree, "--save", facts).returncode, 0)
        time.sleep(1)
        document, _ = self.sbom("--facts", facts, root=False)
        self.assertEqual([item["name"] for item in document["components"]], ["libssl3"])
        observed = {item["name"]: item["value"] for item in document["metadata"]["properties"]}["ward:observed"]
        self.assertNotEqual(observed, document["metadata"]["timestamp"])

    def test_this_machine(self):
        run = self.ward("sbom")
        self.assertEqual(run.returncode, 0, run.stderr)
        document = json.loads(run.stdout)
        self.assertIn("dpkg", {item["name"] for item in document["components"]})
        self.assertIn("ward:host", {item["name"] for item in document["metadata"]["properties"]})

    def test_what_is_refused(self):
        wrong = (["--format", "json"], ["--format", "SPDX"], ["--root", "/no/such/folder"], ["operand"], ["--facts", "/no/such/file"], ["--no-such-option"],
                 ["--fail-on", "high"])
        for words in wrong:
            with self.subTest(words):
                run = self.ward("sbom", *words)
                self.assertEqual((run.returncode, run.stdout), (NOT_DONE, b""))
                self.assertTrue(run.stderr)
        self.assertEqual(self.ward("sbom", "--root", self.tree, env=self.environment(SOURCE_DATE_EPOCH="soon")).returncode, NOT_DONE)
        for word in (b"--format", b"cyclonedx", b"spdx", b"--root", b"--facts"):
            self.assertIn(word, self.ward("sbom", "--help").stdout)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
