#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole program in hostile surroundings, a hundred variants of each kind, drawn with a fixed seed: each run ends with the
exit code that it should, every object is scanned or a gap, and nothing that an attacker chose steers a terminal.
WARD_BIN names the folder of the programs."""
import base64
import contextlib
import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import zipfile

from whole_program import BIN, EICAR, FOUND, INTERRUPTED, NOT_DONE, VARIANTS, WARD, WholeProgram

NOBODY = 65534
ROOT = os.geteuid() == 0
# What may steer a terminal, or make a text look like another: control characters, and those that change the direction.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
PIECES = [b"\n", b"\r", b"\x1b[31m", b"\x1b]0;x\x07", b"\xff\xfe", b"\xe2\x80\xae", b"\t", b"'", b'"', b" ", b"-", b"$(id)", b"`id`", b"%s", b"%n",
          b"\\", b"&", b"<b>", b"]]>", b",", b";", b"\x7f", b"\xc2\x9b31m", b"--", b"\xe2\x80\x8b", b"\xc0\xaf", b"\xed\xa0\x80", b"{}", b"=1+1", b"\x08"]


def bytes_of(where):
    """The path as it lies on disk."""
    return base64.b64decode(where["path_base64"]) if "path_base64" in where else os.fsencode(where["path"])


class Hostile(WholeProgram):
    def hostile_name(self, number):
        return b"%d" % number + b"".join(self.random.choice(PIECES) for _ in range(self.random.randint(1, 12)))

    def check_text(self, data, what):
        text = data.decode()  # always UTF-8
        self.assertIsNone(STEERING.search(text), what)

    def rule(self, text='rule eicar { strings: $a = "EICAR-STANDARD" condition: $a }'):
        place = self.folder / "rule.yar"
        place.write_text(text)
        return str(place)

    # ---- what is walked ------------------------------------------------------------------------------------------------

    def test_names_of_files_and_folders(self):
        wanted = set()
        place = os.fsencode(self.tree)
        for i in range(VARIANTS):
            if i % 3 == 0:
                place = os.path.join(os.fsencode(self.tree), self.hostile_name(i))
                os.mkdir(place)
            path = os.path.join(place, self.hostile_name(i))
            with open(path, "wb") as file:
                file.write(EICAR.encode())
            wanted.add(path)
        run, report = self.scan(self.tree)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        self.assertEqual({bytes_of(finding["where"]) for finding in report["findings"]}, wanted)
        self.assertEqual(report["gaps"], [])
        for form in ("text", "csv", "junit", "html", "sarif", "jsonl"):
            run = self.ward("scan", "--state", self.state, "-v", "--format", form, self.tree)
            self.assertEqual(run.returncode, FOUND)
            self.assertIsNone(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", run.stdout.decode()), form)
            if form == "text":
                self.check_text(run.stdout, form)
            self.check_text(run.stderr, "standard error")
        # Each asked for by its name, with what it is told about on standard error.
        for path in sorted(wanted)[:20]:
            run = self.ward("scan", "--state", self.state, "--", path)
            self.assertEqual(run.returncode, FOUND, path)
            self.check_text(run.stdout + run.stderr, path)
            run = self.ward("scan", "--state", self.state, "--", path + b"none")
            self.assertEqual(run.returncode, NOT_DONE, path)
            self.check_text(run.stdout + run.stderr, path)

    def test_names_on_a_terminal(self):
        """Progress shows the file in work, colour is on: what a terminal is sent is ours alone."""
        for i in range(VARIANTS):
            folder = os.path.join(os.fsencode(self.tree), self.hostile_name(i))
            os.mkdir(folder)
            for j in range(3):
                with open(os.path.join(folder, self.hostile_name(j)), "wb") as file:
                    file.write(self.random.choice([EICAR.encode(), b"x" * 3_000_000, b"PK\x03\x04broken"]))
        for command in (["scan", "-v"], ["check"]):
            shown, terminal = os.openpty()
            process = subprocess.Popen([WARD, *command, "--state", self.state, "--threads", "1", self.tree], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
                                       env=self.environment(TERM="xterm-256color"))
            os.close(terminal)
            sent = b""
            with contextlib.suppress(OSError):  # how a terminal ends
                while part := os.read(shown, 65536):
                    sent += part
            os.close(shown)
            self.assertEqual(process.wait(60), FOUND)
            text = sent.decode()
            self.assertIn("EICAR", text)
            ours = re.sub(r"\x1b\[[0-9;]*[mK]|\r", "", text)
            self.assertIsNone(STEERING.search(ours), command)
            # Of the colours that a name may hold, none arrives.
            self.assertNotIn("\x1b[31m\x1b", text)

    def test_names_in_archives(self):
        rule = self.rule()
        for i in range(VARIANTS):
            name = self.hostile_name(i)
            out = io.BytesIO()
            if i % 2:
                with tarfile.open(fileobj=out, mode="w:gz", format=self.random.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])) as tar:
                    info = tarfile.TarInfo(os.fsdecode(self.random.choice([b"", b"/", b"../", b"/etc/"]) + name))
                    info.size = len(EICAR)
                    tar.addfile(info, io.BytesIO(EICAR.encode()))
            else:
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr(name.decode("cp437"), EICAR)
            (self.tree / f"{i}").write_bytes(out.getvalue())
        run, report = self.scan("--rules", rule, self.tree)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        self.assertEqual(len({finding["where"]["path"] for finding in report["findings"]}), VARIANTS)
        self.assertTrue(all(finding["where"]["members"] for finding in report["findings"]))
        run = self.ward("scan", "--state", self.state, "-v", "--rules", rule, self.tree)
        self.check_text(run.stdout + run.stderr, "text")

    def pack(self, kind, path, work):
        """Packs one file with the program that people use for it, and gives the packed file and what its member is called."""
        name, folder = path.name, path.parent
        out = work / f"{len(list(work.iterdir()))}.{kind}"

        def run(*command, **options):
            return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout

        if kind == "zip":
            run("zip", "-q", "-" + self.random.choice("069"), out, name)
        elif kind == "tar":
            run("tar", "cf", out, "--format=" + self.random.choice(["v7", "ustar", "gnu", "pax"]), name)
        elif kind in ("tar.gz", "tar.xz", "tar.bz2", "tar.zst"):
            run("tar", "caf", out, name)
            return out, [f"{out.stem}", name]  # "0.tar" of "0.tar.gz"
        elif kind == "a":
            run("ar", "qcS", out, name)
        elif kind == "cpio":
            out.write_bytes(run("cpio", "-o", "--quiet", "-H", self.random.choice(["newc", "crc", "odc", "bin"]), input=name.encode() + b"\n"))
        elif kind == "deb":
            tree = work / f"tree{out.stem}"
            (tree / "DEBIAN").mkdir(parents=True)
            (tree / "DEBIAN/control").write_text("Package: made\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: made\n")
            shutil.copy(path, tree / name)
            form = self.random.choice(["none", "gzip", "xz", "zstd"])
            run("dpkg-deb", "--root-owner-group", "-Z" + form, "-z1", "-b", tree, out)
            packed = {"none": [], "gzip": ["data.tar.gz"], "xz": ["data.tar.xz"], "zstd": ["data.tar.zst"]}[form]
            return out, [*packed, "data.tar", f"./{name}"]
        else:
            program = {"gz": "gzip", "xz": "xz", "bz2": "bzip2", "zst": "zstd"}[kind]
            out = path.with_name(f"{name}.{kind}")
            out.write_bytes(run(program, "-c", input=path.read_bytes()))
        return out, [name]

    def test_eicar_in_what_real_programs_pack(self):
        kinds = ["zip", "tar", "tar.gz", "tar.xz", "tar.bz2", "tar.zst", "gz", "xz", "bz2", "zst"]
        kinds += [kind for kind, program in (("a", "ar"), ("cpio", "cpio"), ("deb", "dpkg-deb")) if shutil.which(program)]
        wanted = {}
        for i in range(VARIANTS):
            work = self.folder / f"work{i}"
            work.mkdir()
            path = work / "test.com"
            path.write_text(EICAR)
            members = []
            # Each kind alone first, then in others.
            layers = [kinds[i]] if i < len(kinds) else [self.random.choice(kinds) for _ in range(self.random.randint(2, 4))]
            for kind in layers:
                path, inner = self.pack(kind, path, work)
                members = inner + members
            place = self.tree / f"{i:03}-{path.name}"
            shutil.copy(path, place)
            wanted[str(place)] = members
        run, report = self.scan(self.tree)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        self.assertEqual(report["gaps"], [])
        seen = {finding["where"]["path"]: finding for finding in report["findings"]}
        self.assertEqual(len(report["findings"]), VARIANTS)
        for path, members in wanted.items():
            # A stream names its content after the file, which got a number here.
            self.assertEqual([re.sub(r"^\d{3}-", "", member) for member in seen[path]["where"]["members"]], members, path)
            self.assertEqual(seen[path]["rule"], "eicar")
            self.assertEqual([item["offset"] for item in seen[path]["evidence"]], [0], path)
        for form in ("text", "jsonl", "sarif", "junit", "html", "csv"):
            run = self.ward("scan", "--state", self.state, "-v", "--format", form, self.tree)
            self.assertEqual(run.returncode, FOUND)
            for path in wanted:
                self.assertIn(os.path.basename(path).encode(), run.stdout, form)
            self.assertIn(b"test.com", run.stdout, form)

    def test_every_object_is_scanned_passed_over_or_a_gap(self):
        files = links = special = 0
        folders = [self.tree]
        makers = ["file", "file", "eicar", "fifo", "socket", "link", "loop", "dangling", "to a device", "hard", "folder", "unreadable", "broken"]
        if ROOT:
            makers += ["character device", "block device"]
        gaps, names, found = 0, 0, 0
        for i in range(5 * VARIANTS):
            kind = self.random.choice(makers)
            place = self.random.choice(folders) / f"{i}"
            if kind == "file":
                place.write_bytes(self.random.randbytes(self.random.choice([0, 1, 1000, 300_000])))
                files += 1
            elif kind == "eicar":
                place.write_text(EICAR)
                files, found = files + 1, found + 1
            elif kind == "fifo":
                os.mkfifo(place)
                special += 1
            elif kind == "socket":
                with contextlib.closing(socket.socket(socket.AF_UNIX)) as sock:
                    here = os.getcwd()
                    os.chdir(place.parent)  # a socket's path is short
                    sock.bind(place.name)
                    os.chdir(here)
                special += 1
            elif kind.endswith(" device"):
                number = os.makedev(1, self.random.choice([3, 5, 8, 11])) if kind[0] == "c" else os.makedev(7, 200)
                try:
                    os.mknod(place, 0o600 | (stat.S_IFCHR if kind[0] == "c" else stat.S_IFBLK), number)
                    special += 1
                except PermissionError:
                    pass
            elif kind in ("link", "loop", "dangling", "to a device"):
                target = {"link": str(self.random.choice(folders)), "loop": place.name, "dangling": "none", "to a device": "/dev/zero"}[kind]
                os.symlink(target, place)
                links += 1
            elif kind == "hard":
                place.write_bytes(b"once")
                os.link(place, f"{place}-again")
                files, names = files + 1, names + 1
            elif kind == "folder":
                place.mkdir()
                folders.append(place)
            elif kind == "unreadable":
                if ROOT:
                    continue
                place.write_text(EICAR)
                place.chmod(0)
                gaps += 1
            else:
                place.write_bytes(b"\x1f\x8b\x08\x00broken")
                files, gaps = files + 1, gaps + 1
        start = time.monotonic()
        run, report = self.scan(self.tree)
        self.assertLess(time.monotonic() - start, 60)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        malware = report["summary"]["malware"]
        self.assertEqual(malware["files"], files)
        self.assertEqual(malware["passed_over"], {"links": links, "special": special, "names": names, "excluded": 0, "file_systems": 0})
        self.assertEqual(len(report["gaps"]), gaps, report["gaps"])
        self.assertEqual(len(report["findings"]), found)

    def test_what_is_named_and_is_no_file(self):
        kinds = [lambda p: os.mkfifo(p), lambda p: os.symlink("self", p), lambda p: os.symlink("none", p), lambda p: None, lambda p: os.symlink("/dev/zero", p),
                 lambda p: os.symlink("/dev/null", p)]
        for i in range(VARIANTS):
            place = self.tree / f"{i}"
            if i % len(kinds) == 1:
                os.symlink(place.name, place)
            else:
                kinds[i % len(kinds)](place)
            run, report = self.scan(place)
            self.assertEqual(run.returncode, NOT_DONE, i)
            self.assertIn(place.name.encode(), run.stderr)
            self.assertEqual(len(report["gaps"]), 1)

    def test_sparse_terabytes(self):
        rule = self.rule('rule head { strings: $a = "needle" condition: $a }')
        heads = [b"", b"needle", b"PK\x03\x04needle", b"\x1f\x8b\x08\x00needle", b"070701needle", b"\xfd7zXZ\x00needle", b"BZh91AY&SYneedle", b"!<arch>\nneedle",
                 b"\x28\xb5\x2f\xfdneedle", b"\x7fELFneedle", b"MZneedle", b"%PDF-needle"]
        for i in range(VARIANTS):
            with open(self.tree / f"{i}", "wb") as file:
                file.write(heads[i % len(heads)])
                file.truncate(1 << 40)
                if i % 7 == 0:
                    file.seek((1 << 40) - 100)
                    file.write(b"PK\x05\x06" + bytes(8) + b"\x2e\0\0\0\0\0\0\0\0\0")
        start = time.monotonic()
        run, report = self.scan("--max-time", "100ms", "--rules", rule, self.tree)
        self.assertLess(time.monotonic() - start, 240)
        self.assertIn(run.returncode, (0, FOUND), run.stderr)
        self.assertEqual(report["summary"]["malware"]["files"], VARIANTS)
        # A terabyte takes longer than that, so each is a gap, whatever was found in its beginning.
        self.assertEqual({gap["where"]["path"] for gap in report["gaps"]}, {str(self.tree / f"{i}") for i in range(VARIANTS)})
        self.assertFalse([gap for gap in report["gaps"] if "cell" in gap["why"]], "a cell keeps its time itself")

    def test_files_that_change_while_they_are_scanned(self):
        stop = threading.Event()
        size = 3_000_000
        # Links lead to it, so the players write to it as well. Never a file of the machine.
        outside = self.folder / "outside"
        outside.write_text(EICAR)

        def play(number):
            rng = random.Random(number)
            while not stop.is_set():
                place = self.tree / f"{rng.randrange(VARIANTS)}"
                try:
                    kind = rng.randrange(6)
                    if kind == 0:
                        place.unlink()
                    elif kind == 1:
                        os.truncate(place, rng.randrange(size))
                    elif kind == 2:
                        with open(place, "ab") as file:
                            file.write(b"x" * rng.randrange(size))
                    elif kind == 3:
                        place.rename(self.tree / f"{rng.randrange(VARIANTS)}")
                    elif kind == 4:
                        os.symlink(outside, self.tree / "link")
                        os.rename(self.tree / "link", place)
                    else:
                        place.write_bytes(b"PK\x03\x04" + b"y" * rng.randrange(size))
                except OSError:
                    pass
                if place.exists() and place.stat().st_size > 2 * size:
                    with contextlib.suppress(OSError):
                        os.truncate(place, 10)

        for i in range(VARIANTS):
            (self.tree / f"{i}").write_bytes(b"z" * self.random.randrange(size))
        (self.tree / "kept").mkdir()
        (self.tree / "kept" / "x").write_text(EICAR)
        players = [threading.Thread(target=play, args=(i,)) for i in range(2)]
        for player in players:
            player.start()
        try:
            for _ in range(15):
                run, report = self.scan(self.tree)
                self.assertEqual(run.returncode, FOUND, run.stderr)
                # Never a file that is there and does not change.
                self.assertEqual([finding["where"]["path"] for finding in report["findings"]], [str(self.tree / "kept/x")])
                for gap in report["gaps"]:
                    self.assertNotIn("outside", gap["where"]["path"])
                    self.assertRegex(gap["why"], r"shrank|zip|packed|gzip|cannot be", gap)
        finally:
            stop.set()
            for player in players:
                player.join()

    def as_nobody(self, *arguments):
        """The programs, copied to where an ordinary user may run them."""
        programs = pathlib.Path(tempfile.mkdtemp(prefix="ward-programs-"))
        self.addCleanup(shutil.rmtree, programs)
        shutil.copytree(BIN, programs / "bin", ignore=lambda _, names: [n for n in names if not re.fullmatch(r"ward(-cell(-sql)?)?", n)])
        shutil.copytree(BIN.parent / "share", programs / "share")
        state = self.folder / "nobody"
        state.mkdir()
        os.chown(state, NOBODY, NOBODY)
        for path in (self.folder, self.home, programs):
            path.chmod(0o755)
        run = subprocess.run([programs / "bin/ward", *arguments, "--state", state, "--format", "json"], capture_output=True, user=NOBODY, group=NOBODY,
                             extra_groups=[], env=self.environment(), timeout=100)
        return run, json.loads(run.stdout)

    def test_unreadable_trees(self):
        secret = []
        for i in range(VARIANTS):
            place = self.tree / f"{i}"
            if i % 2:
                place.write_text(EICAR)
            else:
                place.mkdir()
                (place / "in").write_text(EICAR)
            place.chmod(self.random.choice([0, 0o111, 0o200] if i % 2 else [0, 0o100, 0o300]))
            secret.append(str(place))
        (self.tree / "open").write_text(EICAR)
        self.tree.chmod(0o755)
        run, report = self.as_nobody("scan", self.tree) if ROOT else self.scan(self.tree)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        self.assertEqual([finding["where"]["path"] for finding in report["findings"]], [str(self.tree / "open")])
        self.assertEqual(sorted(gap["where"]["path"] for gap in report["gaps"]), sorted(secret))
        self.assertEqual({gap["code"] for gap in report["gaps"]}, {"denied"})
        self.assertEqual(report["summary"]["malware"]["files"], 1)

    # ---- what it is given ----------------------------------------------------------------------------------------------

    def broken(self, text):
        """One of the ways in which a file of ours gets broken: cut, mangled, doubled, filled with something else."""
        data = bytearray(text.encode())
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randrange(len(data) + 1)
            kind = self.random.randrange(5)
            if kind == 0:
                del data[at:]
            elif kind == 1 and data:
                data[at % len(data)] = self.random.randrange(256)
            elif kind == 2:
                data[at:at] = self.random.choice([b"\0", b"\xff\xfe", b"\x1b[31m", b"{", b"}", b'"', b"/*", b"\n", b"$", b"[", b"=", b"\xe2\x80\xae", b"(" * 5000])
            elif kind == 3:
                del data[at:at + self.random.randint(1, 40)]
            else:
                data[at:at] = data[:self.random.randrange(len(data) + 1)]
            if not data:
                break
        return bytes(data)

    def test_broken_rules(self):
        (self.tree / "x").write_text(EICAR)
        folder = self.folder / "rules"
        folder.mkdir()
        whole = ('import "nothing"\nprivate rule first { strings: $a = "one" wide $b = { 6F ?? [1-3] ( 6E | 65 ) } $c = /tw[o-z]{1,3}\\b/ i condition: all of them }\n'
                 'global rule second : tag { meta: why = "x" n = 3 condition: for any i in (1..3) : (uint8(i) == 0) and not first }\n/* end */')
        codes = {}
        for i in range(VARIANTS):
            (folder / "broken.yar").write_bytes(self.broken(whole))
            run = self.ward("rules", "check", folder / "broken.yar")
            self.assertIn(run.returncode, (0, FOUND, NOT_DONE), run.stderr)
            self.check_text(run.stdout + run.stderr, "rules check")
            # Alone, it may leave nothing to scan with; beside a good one it takes nothing from that.
            run, report = self.scan("--rules", folder / "broken.yar", self.tree)
            self.assertIn(run.returncode, (0, FOUND, NOT_DONE), run.stderr)
            codes[run.returncode] = codes.get(run.returncode, 0) + 1
            self.check_text(run.stderr, "scan")
            (folder / "good.yar").write_text('rule good { strings: $a = "EICAR-STANDARD" condition: $a }')
            run, report = self.scan("--rules", folder / "good.yar", "--rules", folder / "broken.yar", self.tree)
            self.assertEqual(run.returncode, FOUND, run.stderr)
            self.assertIn("good", [finding["rule"] for finding in report["findings"]])
            if b"error" in run.stderr:
                self.assertTrue(report["gaps"], run.stderr)
        self.assertGreater(codes.get(NOT_DONE, 0), VARIANTS // 4, codes)

    def test_broken_settings(self):
        place = self.home / ".config" / "ward"
        place.mkdir(parents=True)
        whole = '[scan]\nthreads = 1\nexclude = ["/none/*"]\n\n[limits]\nmax_depth = 5\nmax_members = 100\n\n[check]\nbudget_seconds = 10\n'
        (place / "ward.toml").write_text(whole)
        self.assertIn(self.ward("scan", "--state", self.state, self.tree).returncode, (0, NOT_DONE))
        refused = 0
        for i in range(VARIANTS):
            (place / "ward.toml").write_bytes(self.broken(whole))
            run = self.ward("scan", "--state", self.state, self.tree)
            self.assertIn(run.returncode, (0, NOT_DONE), run.stderr)
            self.check_text(run.stderr, "standard error")
            if run.returncode == NOT_DONE:
                refused += 1
                self.assertIn(b"ward.toml", run.stderr)
                self.assertEqual(run.stdout, b"")
        self.assertGreater(refused, VARIANTS // 2)

    def test_settings_that_are_no_file(self):
        place = self.home / ".config" / "ward"
        place.mkdir(parents=True)
        for make in (lambda p: os.mkfifo(p), lambda p: p.mkdir(), lambda p: os.symlink("ward.toml", p), lambda p: os.symlink("/dev/zero", p)):
            make(place / "ward.toml")
            run = subprocess.run([WARD, "scan", "--state", self.state, self.tree], capture_output=True, env=self.environment(), timeout=60)
            self.assertIn(run.returncode, (0, NOT_DONE), run.stderr)
            if run.returncode == NOT_DONE:
                self.assertIn(b"ward.toml", run.stderr)
            (place / "ward.toml").rmdir() if (place / "ward.toml").is_dir() and not (place / "ward.toml").is_symlink() else (place / "ward.toml").unlink()

    # ---- where it writes -----------------------------------------------------------------------------------------------

    @unittest.skipUnless(ROOT, "only root may mount a small file system")
    def test_a_full_disk(self):
        small = self.folder / "small"
        small.mkdir()
        for i in range(20):
            (self.tree / f"{i}").write_text(EICAR)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "small", small], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("nothing can be mounted here")
        try:
            said = told = 0
            for i in range(VARIANTS):
                for entry in small.iterdir():
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
                (small / "report").write_text("old")
                with open(small / "filler", "wb") as file, contextlib.suppress(OSError):
                    file.write(b"f" * (4096 * (100 - self.random.randrange(1, 100 if i % 3 else 12))))
                run = self.ward("scan", "--state", self.state, "--format", "json", "-o", small / "report", self.tree)
                text = (small / "report").read_text()
                if run.returncode == NOT_DONE:
                    self.assertEqual(text, "old")
                    self.assertIn(b"report", run.stderr)
                    said += 1
                else:
                    self.assertEqual(run.returncode, FOUND, run.stderr)
                    self.assertEqual(len(json.loads(text)["findings"]), 20)
                self.assertEqual({entry.name for entry in small.iterdir()}, {"report", "filler"})
                # A state that cannot be kept costs the memory, not the report.
                run = self.ward("scan", "--state", small / "state", "--format", "json", self.tree)
                self.assertEqual(run.returncode, FOUND, run.stderr)
                self.assertEqual(len(json.loads(run.stdout)["findings"]), 20)
                told += b"not remembered" in run.stderr
            self.assertGreater(said, 5)
            self.assertGreater(told, 5)
        finally:
            subprocess.run(["umount", "-l", small], check=True)

    def test_a_file_size_limit(self):
        for i in range(20):
            (self.tree / f"{i}").write_text(EICAR)
        for kib in (0, 1, 2, 4, 8, 16, 32, 64):
            command = f"ulimit -f {kib}; exec \"$@\""
            report = self.folder / "report"
            report.write_text("old") if not report.exists() else None
            run = subprocess.run(["bash", "-c", command, "-", WARD, "scan", "--state", self.folder / f"state{kib}", "--format", "json", "-o", report, self.tree],
                                 capture_output=True, env=self.environment())
            self.assertIn(run.returncode, (FOUND, NOT_DONE), run.stderr)
            text = report.read_text()
            self.assertTrue(text == "old" if run.returncode == NOT_DONE else len(json.loads(text)["findings"]) == 20, (kib, text[:100], run.stderr))
            report.unlink()

    def test_a_closed_pipe(self):
        for i in range(100):
            (self.tree / f"{i}").write_text(EICAR)
        forms = ["text", "json", "jsonl", "sarif", "html", "csv", "junit"]
        for i in range(VARIANTS):
            count = self.random.choice([0, 1, 10, 1000, 20_000])
            process = subprocess.Popen([WARD, "scan", "--state", self.state, "-v", "--format", forms[i % len(forms)], self.tree], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment())
            process.stdout.read(count)
            process.stdout.close()
            errors = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(60), FOUND, errors)
            self.assertEqual(errors, b"")
        # Both closed, or never open.
        for redirect in (">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"):
            run = subprocess.run(["bash", "-c", f'"$0" scan --state "$1" "$2" {redirect}', WARD, self.state, self.tree], env=self.environment(), capture_output=True, timeout=60)
            self.assertIn(run.returncode, (FOUND, NOT_DONE), redirect)

    # ---- who disturbs it -----------------------------------------------------------------------------------------------

    def files_of_many_kinds(self, count):
        (self.tree / "a").write_text(EICAR)
        for i in range(count):
            (self.tree / f"z{i:05}").write_bytes(b"x" * self.random.choice([10, 10_000, 200_000, 400_000]))

    def test_ctrl_c_at_many_moments(self):
        self.files_of_many_kinds(600)
        start = time.monotonic()
        run, report = self.scan("--threads", "1", self.tree)
        whole = time.monotonic() - start
        self.assertEqual(run.returncode, FOUND)
        outcomes = {}
        for i in range(VARIANTS):
            process = subprocess.Popen([WARD, "scan", "--state", self.state, "--threads", str(i % 3 + 1), "--format", "json", self.tree], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment(), start_new_session=True)
            time.sleep(self.random.random() * whole)
            process.send_signal(self.random.choice([signal.SIGINT, signal.SIGTERM]))
            out, errors = process.communicate(timeout=60)
            outcomes[process.returncode] = outcomes.get(process.returncode, 0) + 1
            # Before the program has begun, and after the report, a signal is what it always is.
            if process.returncode in (-signal.SIGINT, -signal.SIGTERM):
                self.assertEqual(out, b"")
                continue
            self.assertIn(process.returncode, (FOUND, INTERRUPTED), errors)
            report = json.loads(out)
            self.assertEqual(process.returncode == INTERRUPTED, report["run"].get("interrupted", False))
            answered = report["summary"]["malware"]["files"]
            if answered < 601:
                self.assertEqual(process.returncode, INTERRUPTED)
                self.assertTrue([gap for gap in report["gaps"] if gap["where"]["path"] == str(self.tree)], report["gaps"])
            # What was in work is a gap each, so that all of the others are known to be clean.
            found = {finding["where"]["path"] for finding in report["findings"]}
            given_up = {gap["where"]["path"] for gap in report["gaps"]}
            if answered > 0:
                self.assertIn(str(self.tree / "a"), found | given_up)
        self.assertGreater(outcomes.get(INTERRUPTED, 0), VARIANTS // 4, outcomes)

    def test_ctrl_c_while_waiting_for_input(self):
        for rules in ([], ["--rules", self.rule()]):
            process = subprocess.Popen([WARD, "scan", "--state", self.state, "--format", "json", *rules, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment())
            process.stdin.write(b"some")
            process.stdin.flush()
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), INTERRUPTED)
            report = json.loads(process.stdout.read())
            self.assertEqual([gap["where"]["path"] for gap in report["gaps"]], ["-"])
            for pipe in (process.stdin, process.stdout, process.stderr):
                pipe.close()

    def test_cells_that_are_killed(self):
        self.files_of_many_kinds(300)
        stop = threading.Event()
        killed = 0

        def kill(parent):
            nonlocal killed
            rng = random.Random(7)
            while not stop.is_set() and killed < VARIANTS:
                time.sleep(rng.random() * 0.02)
                with contextlib.suppress(OSError):
                    for child in pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
                        if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "ward-cell":
                            os.kill(int(child), signal.SIGKILL)
                            killed += 1

        rounds = 0
        while killed < VARIANTS and rounds < 60:
            rounds += 1
            before = killed
            process = subprocess.Popen([WARD, "scan", "--state", self.state, "--threads", "1", "--format", "json", self.tree], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment())
            stop.clear()
            killer = threading.Thread(target=kill, args=(process.pid,))
            killer.start()
            out, errors = process.communicate(timeout=200)
            stop.set()
            killer.join()
            # A cell that is killed before it has begun cannot be told from one that cannot begin.
            if process.returncode == NOT_DONE:
                self.assertTrue(errors)
                continue
            report = json.loads(out)
            gaps = {gap["where"]["path"] for gap in report["gaps"]}
            self.assertEqual(report["summary"]["malware"]["files"], 301)
            self.assertLessEqual(len(gaps), killed - before)
            self.assertTrue(report["findings"] or str(self.tree / "a") in gaps)
        self.assertGreaterEqual(killed, VARIANTS)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0], *sys.argv[1:]])
