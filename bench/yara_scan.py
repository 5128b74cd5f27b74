#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scan and compile rates beside yara: the same rules and files, in the same run, whole programs.

    yara_scan.py [--rules FOLDER] [--folder FOLDER] [--bytes N] [--runs N]

Takes files below FOLDER (/usr) in an order that their paths' digests give, until they have N bytes (400 MB; archives are left out,
since Ward opens them and yara does not), and the rules that both programs accept. Prints one line a measurement, the
best of the runs: program, task, processors, seconds, CPU seconds, MB/s. What yara finds is the expected answer: ends 1 when Ward finds
anything else, or when there was nothing to find. Ends 77 without yara.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARD = ROOT / "build/release/bin/ward"
KNOWN = ["filename", "filepath", "extension", "filetype", "owner"]
MAX_FILE_BYTES = 64 << 20
PACKED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"!<arch>\n", b"07070", b"\xc7\x71", b"\x71\xc7")


def choose_files(folder, limit, target):
    """Copies of the files, in one folder; gives their names by number and their bytes."""
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    paths.sort(key=lambda path: hashlib.sha256(os.fsencode(path)).digest())
    names, total = [], 0
    for path in paths:
        if total >= limit:
            break
        try:
            if os.path.islink(path) or not os.path.isfile(path) or not 0 < os.path.getsize(path) <= MAX_FILE_BYTES:
                continue
            with open(path, "rb") as file:
                head = file.read(512)
        except OSError:
            continue
        if head.startswith(PACKED) or head[257:262] == b"ustar":
            continue
        shutil.copyfile(path, target / str(len(names)))
        names.append(path)
        total += os.path.getsize(path)
    return names, total


def plant(rules, target, first):
    """One file for each rule file, made of what its text and hex strings name, so that there is something to find."""
    for number, path in enumerate(rules):
        out = [b"MZ" + bytes(62)]
        for text, hexes in re.findall(r'=\s*(?:"((?:[^"\\\n]|\\.)*)"|\{([^{}"]*)\})', path.read_text()):
            if text:
                plain = re.sub(r"\\(x[0-9a-fA-F]{2}|.)", lambda escape: chr(int(escape[1][1:], 16)) if len(escape[1]) == 3 else
                               {"n": "\n", "t": "\t", "r": "\r"}.get(escape[1], escape[1]), text)
                out.append(plain.encode("utf-8", "replace"))
                out.append(b"".join(bytes((byte, 0)) for byte in out[-1]))
            else:
                digits = re.sub(r"//.*|/\*.*?\*/|\[[^\]]*\]|\s", "", hexes)
                digits = re.sub(r"\(([^|()]*)[^()]*\)", r"\1", digits).replace("?", "0").replace("~", "")
                if re.fullmatch("(?:[0-9a-fA-F]{2})+", digits):
                    out.append(bytes.fromhex(digits))
        (target / str(first + number)).write_bytes(b" ".join(out))
    return [f"what {path.name} looks for" for path in rules]


def measured(command, processors):
    """Wall and CPU seconds of a whole program, on that many processors."""
    allowed = sorted(os.sched_getaffinity(0))[:processors]
    start = time.monotonic()
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    out, err = program.communicate()
    return time.monotonic() - start, program.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def cpu_of(run):
    before = os.times()
    answer = run()
    after = os.times()
    return answer, after.children_user + after.children_system - before.children_user - before.children_system


def blank_rules(text, lines):
    """The source without the rules that these lines stand in."""
    source = text.split("\n")
    starts = [i for i, line in enumerate(source) if re.match(r"\s*((private|global)\s+)*rule\s+\w+", line)] + [len(source)]
    for line in lines:
        at = max((k for k, start in enumerate(starts[:-1]) if start < line), default=None)
        if at is not None:
            source[starts[at]:starts[at + 1]] = [""] * (starts[at + 1] - starts[at])
    return "\n".join(source)


def common_rules(folder, target):
    """Copies of the rule files, without what one of the programs refuses. Gives files, rules and rules left out."""
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix in (".yar", ".yara", ".rules"))
    texts = {}
    for number, path in enumerate(files):
        texts[target / f"{number:04}.yar"] = path.read_text("utf-8", "replace")
    everything = sum(len(re.findall(r"(?m)^\s*(?:(?:private|global)\s+)*rule\s+\w+", text)) for text in texts.values())
    while True:
        for path, text in texts.items():
            path.write_text(text)
        faults = collections.defaultdict(set)
        ward = subprocess.run([WARD, "rules", "check", "--color", "never", target], capture_output=True, text=True, errors="replace")
        for path, line in re.findall(r"(?m)^(\S+?/\d{4}\.yar):(\d+):\d+: error", ward.stdout + ward.stderr):
            faults[pathlib.Path(path)].add(int(line))
        if not faults:
            for path in texts:
                answer = subprocess.run(["yarac", "-w", *defined(), path, os.devnull], capture_output=True, text=True, errors="replace")
                for line in re.findall(r"error: .*?\((\d+)\)", answer.stderr):
                    faults[path].add(int(line))
        if not faults:
            break
        for path, lines in faults.items():
            texts[path] = blank_rules(texts[path], lines)
    left = sum(len(re.findall(r"(?m)^\s*(?:(?:private|global)\s+)*rule\s+\w+", text)) for text in texts.values())
    return list(texts), left, everything - left


def defined():
    return [word for name in KNOWN for word in ("-d", f"{name}=")]


def ward_findings(report, samples):
    found = set()
    for line in report.splitlines():
        item = json.loads(line)
        if item["kind"] == "finding" and "members" not in item["where"]:
            found.add((item["rule"], int(os.path.relpath(item["where"]["path"], samples))))
        if item["kind"] == "gap":
            print(f"ward did not look: {item}", file=sys.stderr)
    return found


def yara_findings(answer, samples):
    return {(rule, int(os.path.relpath(path, samples))) for rule, path in (line.split(" ", 1) for line in answer.splitlines())}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rules", default=str(ROOT / "data/rules"))
    options.add_argument("--folder", default="/usr")
    options.add_argument("--bytes", type=int, default=400_000_000)
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    if not shutil.which("yara") or not shutil.which("yarac"):
        print("skipped: there is no yara to compare with")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        samples, rules = base / "samples", base / "rules"
        samples.mkdir()
        rules.mkdir()
        names, total = choose_files(given.folder, given.bytes, samples)
        files, count, left_out = common_rules(given.rules, rules)
        names += plant(files, samples, len(names))
        print(f"# {len(names)} files, {total / 1e6:.0f} MB; {count} rules that both accept, {left_out} left out; best of {given.runs}")
        compiled = [base / "rules.yarac", base / "rules.warddb"]
        jobs = {
            ("yara", "compile", 1): ["yarac", "-w", *defined(), *[f"n{i}:{path}" for i, path in enumerate(files)], compiled[0]],
            ("ward", "compile", 1): [WARD, "rules", "build", "-q", "-o", compiled[1], rules],
        }
        for processors in sorted({1, len(os.sched_getaffinity(0))}):
            jobs["yara", "scan", processors] = ["yara", "-w", "-N", "-r", "-p", str(processors), *defined(), "-C", compiled[0], samples]
            jobs["ward", "scan", processors] = [WARD, "scan", "--threads", str(processors), "--rules", compiled[1], "--format", "jsonl",
                                                "--state", base / "state", samples]
        best, answers = {}, {}
        for _ in range(given.runs):
            for job, command in jobs.items():
                if job == ("ward", "compile", 1) and compiled[1].exists():
                    compiled[1].unlink()
                shutil.rmtree(base / "state", ignore_errors=True)
                (seconds, code, out, err), cpu = cpu_of(lambda: measured([str(word) for word in command], job[2]))
                if code not in (0, 1) or (job[1] == "compile" and code != 0):
                    sys.exit(f"{job} ended with {code}: {err[-500:]}")
                best[job] = min(best.get(job, (seconds, cpu)), (seconds, cpu))
                answers[job] = out
        print("program,task,processors,seconds,cpu_seconds,mb_per_s")
        for (program, task, processors), (seconds, cpu) in best.items():
            rate = f"{total / 1e6 / seconds:.0f}" if task == "scan" else ""
            print(f"{program},{task},{processors},{seconds:.2f},{cpu:.2f},{rate}")
        wrong = 0
        for (program, task, processors), out in answers.items():
            if task != "scan" or program != "ward":
                continue
            expected, found = yara_findings(answers["yara", "scan", processors], samples), ward_findings(out, samples)
            print(f"# on {processors}: {len(expected)} pairs of rule and file expected, {len(found)} found, {len(expected ^ found)} differ")
            for rule, number in sorted(expected ^ found)[:10]:
                print(f"{'missing' if (rule, number) in expected else 'too many'}: {rule} in {names[number]}")
            wrong += len(expected ^ found) + (not expected)
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
