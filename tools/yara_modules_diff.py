#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares all that a module of Ward knows of some files with what yara's module of that name knows.

    tools/yara_modules_diff.py MODULE FILE-OR-FOLDER... [--mutate N] [--seed N] [--probe PROGRAM] [--python INTERPRETER] [--show N] [--keep FOLDER]

With the yara command's -D, or, given a Python that has the yara module (of a later version), with what that one says. Each file
is also compared in `--mutate` copies, in which some bytes are drawn anew: most near the beginning, the others anywhere; some
copies end early. Prints the values that differ, first those of the fewest files, and how many were compared. Fields that
only one side declares are listed: a difference when it is Ward that has them not, or the later version. Ends 1 when something differs, 2 on
wrong usage, 77 where there is no yara.

Undefined is not told from absent. A yara that does not survive a file is not asked about it.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 40
MODULE_SCRIPT = r"""
import json, sys, yara
rules = yara.compile(source='import "%s" rule r { condition: true }' % sys.argv[1])
def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {"text": value.decode("latin1")} if isinstance(value, bytes) else value
for path in sys.argv[2:]:
    seen = {}
    def callback(data):
        if data.get("module") == sys.argv[1]:
            seen.update(data)
        return yara.CALLBACK_CONTINUE
    rules.match(path, modules_callback=callback)
    seen.pop("module", None)
    print(json.dumps(plain(seen)), flush=True)
"""


def printable(text):
    return "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text)


def tree(lines):
    """The lines of -D as nested dictionaries; leaves are the texts after `=`."""
    root = {}
    stack = [root]
    for line in lines:
        depth = len(line) - len(line.lstrip("\t"))
        name, equals, value = line[depth:].partition(" = ")
        if depth >= len(stack):  # a raw line break in a key
            continue
        del stack[depth + 1:]
        if equals:
            stack[-1][name] = value
        else:
            stack[-1][name] = {}
            stack.append(stack[-1][name])
    return root


def flat(node, path, compact):
    """Paths and values, without what is undefined. With `compact` items of arrays are counted anew, as Python's module does."""
    if not isinstance(node, dict):
        return {} if node in ("YR_UNDEFINED", "nan", "-nan") else {path: node}
    out = {}
    is_array = node and all(re.fullmatch(r"\[\d+\]", key) for key in node)
    number = 0
    for key, item in node.items():
        if not is_array:
            out |= flat(item, f"{path}.{key}", compact)
            continue
        below = flat(item, path + (f"[{number}]" if compact else key), compact)
        if below or isinstance(item, dict):
            number += 1
        out |= below
    if is_array:
        out[path + "[] count"] = str(number)
    return out


def flat_module(node, path):
    """The same of what Python's module gives."""
    if isinstance(node, list):
        out = {path + "[] count": str(len(node))} if node else {}
        for i, item in enumerate(node):
            out |= flat_module(item, f"{path}[{i}]")
        return out
    if isinstance(node, dict) and list(node) == ["text"] and isinstance(node["text"], str):
        return {path: f'"{printable(node["text"])}"'}
    if isinstance(node, dict):
        out = {}
        for key, item in node.items():
            out |= flat_module(item, f"{path}.{printable(key)}")
        return out
    return {path: f"{node:f}" if isinstance(node, float) else str(int(node))}


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 8])):
        if not data:
            break
        at = rng.randrange(min(len(data), rng.choice([64, 512, 4096, 4096, len(data)])))
        width = rng.choice([1, 1, 2, 4, 4, 8])
        word = rng.choice([b"\0" * width, b"\xff" * width, rng.randbytes(width), rng.randrange(64).to_bytes(width, "little"),
                           rng.randrange(256 ** min(width, 2)).to_bytes(width, "little"), len(data).to_bytes(8, "little")[:width]])
        data[at:at + width] = word[: len(data) - at]
    return bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data)


def ask_command(module, paths):
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "rules.yar")
        rules.write_text(f'import "{module}" rule r {{ condition: true }}')
        for path in paths:
            answer = subprocess.run(["yara", "-w", "-D", "-p", "1", str(rules), str(path)], capture_output=True)
            lines = answer.stdout.decode("latin1").split("\n")
            yield None if answer.returncode else tree(lines[:-2]).get(module, {})


def ask_module(python, module, paths):
    paths = list(paths)
    while paths:
        answer = subprocess.run([python, "-c", MODULE_SCRIPT, module, *map(str, paths)], capture_output=True)
        lines = answer.stdout.decode().splitlines()
        yield from map(json.loads, lines)
        if answer.returncode == 1 and not lines and b"SyntaxError" in answer.stderr:
            sys.exit(answer.stderr.decode())
        if len(lines) < len(paths):
            yield None
        paths = paths[len(lines) + 1:]


def ask_probe(probe, module, paths):
    answer = subprocess.run([probe, module, *map(str, paths)], capture_output=True)
    if answer.returncode:
        sys.exit(f"module_probe ended with {answer.returncode} for one of {paths}: {answer.stderr[-500:].decode('latin1')}")
    for part in re.split(r"^file \d+\n", answer.stdout.decode("latin1"), flags=re.M)[1:]:
        yield tree(part.split("\n")[:-1]).get(module, {})


def declared(probe, module):
    answer = subprocess.run([probe, module], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"module_probe knows no module {module}")
    return dict(line.rsplit(" ", 1) for line in answer.stdout.splitlines())


def main():
    options = argparse.ArgumentParser()
    options.add_argument("module")
    options.add_argument("files", nargs="+")
    options.add_argument("--mutate", type=int, default=0, help="mutated copies of each file")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--probe", default=str(ROOT / "build/dev/bin/module_probe"))
    options.add_argument("--python", help="an interpreter with the yara module")
    options.add_argument("--show", type=int, default=30, help="differences to print")
    options.add_argument("--keep", help="a folder for the mutated copies that differ")
    given = options.parse_args()
    if not given.python and not shutil.which("yara"):
        print("skipped: there is no yara command to compare with")
        sys.exit(77)
    fields = declared(given.probe, given.module)
    dictionaries = [name[:-2] for name in fields if name.endswith("{}")]

    def shape(path):
        path = re.sub(r"\[\d+\]", "[]", path).removesuffix(" count")
        for name in dictionaries:
            if path.startswith(name + "."):
                key, dot, rest = path[len(name) + 1:].rpartition(".")
                return f"{name}{{}}.{rest}" if dot and f"{name}{{}}.{rest}" in fields else name + "{}"
        return path

    files = []
    for name in given.files:
        path = pathlib.Path(name)
        files += sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    cases = [(path, copy) for path in files for copy in range(given.mutate + 1)]
    compared = values = lost = different_files = 0
    theirs_only, ours_only = collections.Counter(), collections.Counter()
    differ = collections.defaultdict(list)
    seen_theirs = set()
    for first in range(0, len(cases), BATCH):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            paths, labels = [], []
            for i, (path, copy) in enumerate(cases[first:first + BATCH]):
                data = path.read_bytes()
                label = str(path)
                if copy:
                    data = mutate(random.Random(f"{given.seed}/{path.name}/{copy}"), data)
                    label += f" copy {copy}"
                paths.append(folder / f"file{i}")
                paths[-1].write_bytes(data)
                labels.append(label)
            theirs_all = ask_module(given.python, given.module, paths) if given.python else ask_command(given.module, paths)
            for label, path, theirs, ours in zip(labels, paths, theirs_all, ask_probe(given.probe, given.module, paths), strict=True):
                if theirs is None:
                    lost += 1
                    continue
                ours = flat(ours, given.module, bool(given.python))
                if given.python:
                    theirs = flat_module(theirs, given.module)
                else:
                    seen_theirs |= {f"{given.module}.{key}" for key in theirs}
                    theirs = flat(theirs, given.module, False)
                seen_theirs |= {shape(key) for key in theirs}
                compared += 1
                bad = False
                for key in sorted(ours.keys() | theirs.keys()):
                    values += 1
                    if ours.get(key) == theirs.get(key):
                        continue
                    kind = shape(key)
                    if kind not in fields and key not in ours:
                        theirs_only[kind] += 1
                        continue
                    if key not in theirs and fields.get(kind) is not None and kind not in seen_theirs:
                        ours_only[kind] += 1
                        continue
                    bad = True
                    differ[kind].append((label, key, theirs.get(key, "undefined"), ours.get(key, "undefined")))
                if bad:
                    different_files += 1
                    if given.keep:
                        pathlib.Path(given.keep).mkdir(parents=True, exist_ok=True)
                        shutil.copy(path, pathlib.Path(given.keep, label.replace("/", "_").replace(" ", "_")))
    for kind in list(ours_only):
        if kind in seen_theirs:
            differ[kind].append(("some file", kind, "undefined", f"defined {ours_only.pop(kind)} times before any file had it"))
    shown = 0
    for kind, items in sorted(differ.items(), key=lambda item: len(item[1])):
        print(f"{kind}: {len(items)} differ")
        for label, key, theirs, ours in items[: max(1, given.show // len(differ))]:
            if shown < given.show:
                print(f"    {label}: {key}\n        yara: {theirs[:200]}\n        Ward: {ours[:200]}")
                shown += 1
    if theirs_only:
        print(f"not declared by Ward: {dict(theirs_only)}")
    if ours_only:
        print(f"never defined by this yara: {dict(ours_only)}")
    print(f"{given.module}: {compared} files, {values} values, {sum(map(len, differ.values()))} differ in {different_files} files; yara did not survive {lost}")
    sys.exit(1 if differ or theirs_only or (ours_only and given.python) else 0)


if __name__ == "__main__":
    main()
