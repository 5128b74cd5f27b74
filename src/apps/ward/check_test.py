#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ward check` as a whole program: on this machine, on a tree that holds a system, on a checkout; what it opens and where it
connects, by strace; as an ordinary user."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from whole_program import BIN, EICAR, FOUND, GAPS, INTERRUPTED, NOT_DONE, WARD, WholeProgram

AREAS = ["malware", "updates", "network", "credentials", "supply"]
NOBODY = 65534


class Check(WholeProgram):
    def check(self, *arguments, **options):
        run = self.ward("check", "--state", self.state, "--format", "json", *arguments, **options)
        return run, json.loads(run.stdout) if run.stdout else None

    def system(self, name="disk"):
        root = self.folder / name
        for path, text in {
            "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
            "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n",
            "etc/shadow": "root:*:19000:0:99999:7:::\nalice::19000:0:99999:7:::\n",
            "home/alice/.profile": "umask 022\n",
            "var/www/html/index.html": "<p>hello\n",
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root

    def test_a_tree_with_a_system_is_looked_at_in_all_areas(self):
        root = self.system()
        (root / "home/alice/x.txt").write_text(EICAR)
        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/unlikely").write_text(EICAR)
        run, report = self.check("--root", root)
        self.assertEqual(run.returncode, FOUND, run.stderr)
        malware = [f["where"]["path"] for f in report["findings"] if f["area"] == "malware"]
        self.assertEqual(malware, [str(root / "home/alice/x.txt")])
        self.assertIn("empty-password", {f["rule"] for f in report["findings"]})
        for area in AREAS[1:]:
            self.assertGreater(report["summary"][area]["checks"], 0, area)
        self.assertEqual(report["run"]["command"], "check")

    def test_what_the_budget_leaves_over_is_one_gap_with_a_command(self):
        root = self.system()
        for i in range(3000):
            (root / f"var/www/html/{i}").write_text("<?php // %d\n" % i * 2000)
        run, report = self.check("--root", root, "--budget", "1ms")
        left = [g for g in report["gaps"] if "--budget" in g["why"]]
        self.assertEqual(len(left), 1, report["gaps"])
        self.assertEqual(left[0]["code"], "over_limit")
        command = re.search("`(.*)`", left[0]["why"])[1]
        self.assertTrue(command.startswith("ward "))
        again = subprocess.run(command.replace("ward ", WARD + " ", 1) + f" --state {self.state}", shell=True, capture_output=True,
                               env=self.environment())
        self.assertIn(again.returncode, (0, FOUND), again.stderr)

    def test_a_checkout_is_looked_through_whole(self):
        (self.tree / "deep/er").mkdir(parents=True)
        (self.tree / "deep/er/x").write_text(EICAR)
        run, report = self.check(self.tree)
        self.assertEqual(run.returncode, FOUND)
        self.assertEqual([f["where"]["path"] for f in report["findings"]], [str(self.tree / "deep/er/x")])
        self.assertTrue(any("no operating system" in g["why"] for g in report["gaps"]))

    def test_nothing_there_cannot_be_done(self):
        run, _ = self.check(self.folder / "missing")
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"missing", run.stderr)
        self.assertEqual(self.ward("check", "--root", "/", self.tree).returncode, NOT_DONE)
        self.assertEqual(self.ward("check", "--budget", "soon").returncode, NOT_DONE)

    def test_this_machine_and_its_state_afterwards(self):
        before = self.ward("status", "--state", self.state)
        self.assertIn(b"not been checked", before.stdout)
        run, report = self.check("--budget", "4s")
        self.assertIn(run.returncode, (0, FOUND), run.stderr)
        # On a busy machine the audit alone may use up so short a budget; then the malware part says so.
        left = [g for g in report["gaps"] if g["code"] == "over_limit" and "--budget" in g["why"]]
        self.assertTrue(report["summary"]["malware"]["files"] > 0 or left, report["gaps"])
        for area in AREAS[1:]:
            self.assertGreater(report["summary"][area]["checks"], 0, area)
        after = self.ward("status", "--state", self.state)
        self.assertIn(b"Last check", after.stdout)
        self.assertNotIn(b"not been checked", after.stdout)
        text = self.ward("check", "--state", self.state, "--budget", "3s")
        lines = text.stdout.decode().splitlines()
        for title in ("Malware", "Updates", "Network", "Credentials", "Supply chain"):
            self.assertEqual(sum(line.startswith(title + " ") for line in lines), 1, title)

    def test_no_way_out_and_no_file_opened_by_a_cell(self):
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        trace = self.folder / "trace"
        run = subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", trace, "-e", "trace=%network,open,creat,openat,openat2,open_by_handle_at,execve,execveat,clone,clone3,fork,vfork",
                              WARD, "check", "--state", self.state, "--budget", "120s"], capture_output=True, env=self.environment())
        if b"Operation not permitted" in run.stderr and not trace.stat().st_size:
            self.skipTest("strace may not trace here")
        self.assertIn(run.returncode, (0, FOUND), run.stderr)
        cells, calls = set(), 0
        for line in trace.read_text(errors="replace").splitlines():
            pid, call = line.split(None, 1)
            if call.startswith("execveat(") and '"ward-cell"' in call:
                cells.add(pid)
                continue
            if call.startswith(("+++", "---", "<...")):
                continue
            calls += 1
            # A call that fails, as when the other side has gone, shows no name but its length.
            if pid in cells and not re.match(r"(send|recv)msg\(3, ( <unfinished|\{msg_name(=NULL|len=0))", call):
                self.fail(f"a cell calls {call}")
            if call.startswith("socket("):
                self.assertRegex(call, r"socket\(AF_(NETLINK|UNIX)", call)
            self.assertNotRegex(call, r"^(connect|bind|listen|accept|sendto)\(.*sa_family=AF_(?!NETLINK)", call)
        self.assertGreaterEqual(len(cells), 3, "facts, SQL, and at least one that scans")
        self.assertGreater(calls, 100)

    def test_an_ordinary_user_sees_gaps(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else; run as that user, the other tests show the same")
        root = self.system()
        shadow = root / "etc/shadow"
        shadow.chmod(0o600)
        programs = pathlib.Path(tempfile.mkdtemp(prefix="ward-programs-"))
        self.addCleanup(shutil.rmtree, programs)
        shutil.copytree(BIN, programs / "bin", ignore=lambda _, names: [n for n in names if not re.fullmatch(r"ward(-cell(-sql)?)?", n)])
        shutil.copytree(BIN.parent / "share", programs / "share")
        for path in (self.folder, self.home, programs):
            path.chmod(0o755)
        state = self.folder / "nobody"
        state.mkdir()
        os.chown(state, NOBODY, NOBODY)
        run = subprocess.run([programs / "bin/ward", "check", "--root", root, "--state", state, "--format", "json"], capture_output=True,
                             user=NOBODY, group=NOBODY, extra_groups=[], env=self.environment())
        self.assertIn(run.returncode, (0, FOUND), run.stderr)
        report = json.loads(run.stdout)
        self.assertNotIn("empty-password", {f["rule"] for f in report["findings"]})
        unread = [g for g in report["gaps"] if g["where"].get("path", "").endswith("/etc/shadow")]
        self.assertTrue(unread and "empty-password" in unread[0]["why"], report["gaps"])

    def test_ctrl_c_ends_with_a_true_summary(self):
        root = self.system()
        for i in range(4000):
            (root / f"var/www/html/{i}").write_text("x%d\n" % i * 20000)
        run = subprocess.Popen([WARD, "check", "--root", root, "--state", self.state, "--format", "json", "--threads", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        time.sleep(0.3)
        run.send_signal(2)
        out, _ = run.communicate(timeout=60)
        report = json.loads(out)
        # A machine that was quicker than the signal has nothing left over.
        if run.returncode == INTERRUPTED:
            self.assertTrue(report["run"]["interrupted"])
            self.assertTrue(report["gaps"])


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0], *sys.argv[1:]])
