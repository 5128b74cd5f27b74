#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_sboms.py WARD: documents of `ward sbom`, judged by the validators of those who wrote the formats.

Needs python3-venv; the validators come from tools/validators/requirements.txt into build/sbom. CycloneDX's schemas, strictly, and its
model; SPDX's reader and its rules; package URLs read and written again; with java and mvn also SPDX's verifier, whose JSON schema is
the publisher's. The documents: this machine, a tree of each package manager, hostile names, nothing at all. The time that these
validators take grows with the square of the components, so no document here has ten thousand.
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
WARD = pathlib.Path(sys.argv[1]).resolve()
VALIDATORS = SOURCE / "build" / "sbom"
PYTHON = VALIDATORS / "bin" / "python"

JUDGE = r'''
import json, re, sys
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

# What real names and versions hold. Of others that library writes an escape's digits in small letters and drops blanks at the end.
PLAIN = re.compile("(?:[^%]|%2B|%40|%7E)*")

def cyclonedx(file):
    text = open(file).read()
    yield from JsonStrictValidator(SchemaVersion.V1_6).validate_str(text, all_errors=True) or ()
    document = json.loads(text)
    Bom.from_json(document)
    for purl in filter(None, (item.get("purl") for item in document["components"])):
        again = PackageURL.from_string(purl).to_string()
        if PLAIN.fullmatch(purl) and again != purl:
            yield f"{purl} is written {again}"

def spdx(file):
    for message in validate_full_spdx_document(parse_file(file)):
        yield message.validation_message

for fault in {"cyclonedx": cyclonedx, "spdx": spdx}[sys.argv[1]](sys.argv[2]):
    print(fault)
'''


def install():
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", VALIDATORS], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
                    SOURCE / "tools/validators/requirements.txt"], check=True)
    if not shutil.which("java") or not shutil.which("mvn"):
        print("without SPDX's verifier, for there is no java or no mvn")
        return False
    subprocess.run(["mvn", "-q", "-f", SOURCE / "tools/validators/pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={VALIDATORS / 'jars'}"],
                   check=True)
    return True


def write(root, name, content):
    place = root / name.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())


def trees(folder):
    sys.path.insert(0, str(SOURCE / "src/apps/ward"))
    os.environ.setdefault("WARD_BIN", str(WARD.parent))
    sys.dont_write_bytecode = True
    from packages_test import APK, SYSIMAGE, rpm_header
    from sbom_test import DPKG, HOSTILE

    def tree(name, system):
        root = folder / name
        root.mkdir()
        if system:
            write(root, "/etc/os-release", system)
        return root

    yield "nothing", tree("nothing", "")
    debian = tree("dpkg", "ID=debian\nVERSION_ID=12\n")
    write(debian, "/var/lib/dpkg/status", DPKG)
    yield "dpkg", debian
    alpine = tree("apk", "ID=alpine\nVERSION_ID=3.21.3\n")
    write(alpine, "/lib/apk/db/installed", APK)
    yield "apk", alpine
    fedora = tree("rpm", "ID=fedora\nVERSION_ID=40\n")
    write(fedora, f"{SYSIMAGE}/rpmdb.sqlite", b"")
    database = sqlite3.connect(fedora / SYSIMAGE[1:] / "rpmdb.sqlite")
    database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
    database.executemany("INSERT INTO Packages(blob) VALUES (?)", ((rpm_header(f"p{n}", n),) for n in range(300)))
    database.commit()
    database.close()
    yield "rpm", fedora
    hostile = tree("hostile", f"ID='{HOSTILE}'\nVERSION_ID='{HOSTILE}'\nPRETTY_NAME='{HOSTILE}'\n")
    write(hostile, "/var/lib/dpkg/status", f"Package: {HOSTILE}\nStatus: install ok installed\nVersion: {HOSTILE}\nSource: {HOSTILE}\n"
          f"Architecture: {HOSTILE}\nMaintainer: {HOSTILE} (x) <a@b@c>\nDescription: {HOSTILE}\n".encode()
          + b"\nPackage: b\xff\xc3(\nStatus: install ok installed\nVersion: \xff\nMaintainer: \xff\x00 <a@b.example>\n")
    for number, name in enumerate((HOSTILE, "line\nbreak\0", "x" * 5000, "//", "..", "@/", "%zz")):
        write(hostile, f"/srv/{number}/node_modules/m/package.json", json.dumps({"name": name, "version": name, "license": name}))
    write(hostile, "/lib/apk/db/installed", "V:1\n")
    yield "hostile", hostile


def judge(form, file, java):
    run = subprocess.run([PYTHON, "-c", JUDGE, form, file], capture_output=True, text=True)
    faults = run.stdout.splitlines() + (run.stderr.strip().splitlines()[-3:] if run.returncode else [])
    if form == "spdx" and java:
        run = subprocess.run(["java", "-cp", f"{VALIDATORS / 'jars'}/*", "org.spdx.tools.Main", "Verify", file], capture_output=True, text=True)
        if "This SPDX Document is valid." not in run.stdout:
            faults += (run.stdout + run.stderr).strip().splitlines()
    return faults


def main():
    java = install()
    documents = wrong = 0
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        for title, root in (("machine", None), *trees(work)):
            for form in ("cyclonedx", "spdx"):
                file = work / f"{title}.{form}.json"
                run = subprocess.run([WARD, "sbom", *(("--root", root) if root else ()), "--format", form, "-o", file], capture_output=True, text=True)
                faults = judge(form, file, java) if run.returncode == 0 else [run.stderr]
                for fault in faults[:10]:
                    print(f"{title} as {form}: {fault[:400]}", flush=True)
                documents += 1
                wrong += bool(faults)
    print(f"{documents} documents validated: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
