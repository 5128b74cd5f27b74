#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_reports.py WARD: reports of real runs, judged by validators that others wrote.

Needs node and npm; the validators come from tools/validators/package-lock.json into build/validators. json and jsonl against
data/schemas/report.schema.json (ajv), sarif (Microsoft's Sarif.Multitool: schema and semantic rules), html (html-validate),
junit (junitparser, when Python has it, and the counts), csv (Python's reader). The reports: this machine checked, a folder of
hostile names with the EICAR file and broken archives scanned, and a scan that found nothing.
"""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOURCE = pathlib.Path(__file__).resolve().parent.parent
WARD = pathlib.Path(sys.argv[1]).resolve()
VALIDATORS = SOURCE / "build" / "validators"
# In two halves so that this file is no EICAR file.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def install():
    VALIDATORS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "schema.mjs"):
        shutil.copy(SOURCE / "tools" / "validators" / name, VALIDATORS)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], cwd=VALIDATORS, check=True)
    (VALIDATORS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool").chmod(0o755)


def hostile_tree(folder):
    for name in (b"line\nbreak", b"\x1b[31mred", b"not\xffutf8", "grüße <b>&\"'".encode(), b"]]>", b"a\tb\x01\x7f"):
        place = os.fsencode(folder) + b"/" + name
        os.mkdir(place)
        with open(place + b"/test", "w") as file:
            file.write(EICAR)
    (folder / "cut.zip").write_bytes(b"PK\x03\x04" + bytes(20))
    os.mkfifo(folder / "fifo")


def command(*words):
    run = subprocess.run(words, cwd=VALIDATORS, capture_output=True, text=True)
    return [] if run.returncode == 0 else (run.stdout + run.stderr).strip().splitlines() or [f"ended with {run.returncode}"]


def judge_json(file):
    return command("node", "schema.mjs", SOURCE / "data/schemas/report.schema.json", file)


def judge_jsonl(file):
    """The objects of the lines, put together, are the json report."""
    report = {"findings": [], "gaps": []}
    for line in file.read_text().splitlines():
        item = json.loads(line)
        kind = item.pop("kind")
        if kind == "run":
            report["schema"] = item.pop("schema")
            report["run"] = item
        elif kind == "summary":
            report["run"]["seconds"] = item.pop("seconds")
            report["summary"] = item
        else:
            report[{"finding": "findings", "gap": "gaps"}[kind]].append(item)
    whole = file.with_suffix(".whole")
    whole.write_text(json.dumps(report))
    return judge_json(whole)


def judge_sarif(file):
    run = subprocess.run([VALIDATORS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool", "validate", file],
                         capture_output=True, text=True)
    # SARIF2005 wants an address on the web for the tool; Ward has none. SARIF2017 wants a region everywhere; a finding about
    # a folder or a whole file has none (SARIF 2.1.0, 3.29.4).
    return [line for line in run.stdout.splitlines() if re.search(r": (error|warning) (?!SARIF2005|SARIF2017)", line)] or (
        [] if "Analysis completed successfully" in run.stdout else run.stdout.splitlines())


def judge_html(file):
    return command("node_modules/.bin/html-validate", file)


def judge_junit(file):
    root = ElementTree.parse(file).getroot()
    wrong = []
    for name, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("skipped", "testcase/skipped")):
        total = 0
        for suite in root.findall("testsuite"):
            count = len(suite.findall(path))
            total += count
            if int(suite.get(name)) != count:
                wrong.append(f"{suite.get('name')}: {name} is {suite.get(name)}, there are {count}")
        if int(root.get(name)) != total:
            wrong.append(f"{name} is {root.get(name)}, there are {total}")
    try:
        import junitparser
    except ImportError:
        return wrong
    parsed = junitparser.JUnitXml.fromfile(str(file))
    if sum(1 for suite in parsed for _ in suite) != int(root.get("tests")):
        wrong.append("junitparser counts other tests")
    return wrong


def judge_csv(file):
    rows = list(csv.reader(io.StringIO(file.read_text(errors="strict"), newline="")))
    return [f"row {i} has {len(row)} fields" for i, row in enumerate(rows) if len(row) != len(rows[0])]


JUDGES = {"json": judge_json, "jsonl": judge_jsonl, "sarif": judge_sarif, "html": judge_html, "junit": judge_junit, "csv": judge_csv}


def main():
    install()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        (work / "hostile").mkdir()
        (work / "quiet").mkdir()
        (work / "quiet/file").write_text("nothing")
        hostile_tree(work / "hostile")
        runs = {"machine": ["check", "--budget", "10s"], "hostile": ["scan", work / "hostile"], "quiet": ["scan", work / "quiet"],
                "audit": ["audit"]}
        for title, words in runs.items():
            for form, judge in JUDGES.items():
                file = work / f"{title}.{form}"
                run = subprocess.run([WARD, *words, "--state", work / "state", "--format", form, "-o", file], capture_output=True, text=True)
                faults = judge(file) if run.returncode in (0, 1) else [run.stderr]
                for fault in faults[:10]:
                    print(f"{title} as {form}: {fault}")
                wrong += bool(faults)
    print(f"{len(runs) * len(JUDGES)} reports validated: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
