#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole program against hostile surroundings: names, special files, broken rules and settings, full disks, closed
pipes, Ctrl-C. Each kind comes in a hundred variants, drawn with a fixed seed. WARD_BIN names the folder of the programs."""
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest

from whole_program import EICAR, FOUND, GAPS, INTERRUPTED, NOT_DONE, VARIANTS, WARD, WholeProgram, may_read, process_with


class Program(WholeProgram):
    # ---- what is found -------------------------------------------------------------------------------------------------

    def test_eicar_below_a_folder_in_every_format(self):
        place = self.tree / "a" / "b"
        place.mkdir(parents=True)
        (place / "test.com").write_text(EICAR)
        (place / "other.txt").write_text("nothing to see")
        run, report = self.scan(str(self.tree))
        self.assertEqual(run.returncode, FOUND, run.stderr)
        (finding,) = report["findings"]
        self.assertEqual(finding["rule"], "eicar")
        self.assertEqual(finding["where"]["path"], str(place / "test.com"))
        self.assertEqual(finding["evidence"][0]["offset"], 0)
        self.assertEqual(report["summary"]["malware"]["files"], 2)
        for form in ("text", "json", "jsonl", "sarif", "junit", "html", "csv"):
            with self.subTest(form):
                run = self.ward("scan", "--state", str(self.state), "--format", form, str(self.tree))
                self.assertEqual(run.returncode, FOUND)
                self.assertIn(b"test.com", run.stdout)
                self.assertIn(b"eicar", run.stdout)

    def test_eicar_inside_archives_names_the_members(self):
        plain = self.tree / "plain"
        plain.mkdir()
        (plain / "x.com").write_text(EICAR)
        archive = shutil.make_archive(str(self.tree / "in"), "gztar", plain)
        shutil.make_archive(str(self.tree / "out"), "zip", self.tree, "in.tar.gz")
        shutil.rmtree(plain)
        os.unlink(archive)
        run, report = self.scan(str(self.tree))
        self.assertEqual(run.returncode, FOUND, run.stderr)
        (finding,) = report["findings"]
        self.assertEqual(finding["where"]["path"], str(self.tree / "out.zip"))
        self.assertEqual(finding["where"]["members"][0], "in.tar.gz")
        self.assertIn("x.com", finding["where"]["members"][-1])

    def test_standard_input(self):
        run, report = self.scan("-", input=EICAR.encode())
        self.assertEqual(run.returncode, FOUND, run.stderr)
        self.assertEqual(report["findings"][0]["where"]["path"], "-")
        run, report = self.scan("-", input=b"A" * 3_000_000)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(report["summary"]["malware"]["files"], 1)

    def test_processes(self):
        rules = self.folder / "mem.yar"
        rules.write_text('rule held { strings: $a = /a needle in m[e]mory [0-9]+/ condition: $a and filetype == "process" and filename startswith "python" }\n'
                         'rule looked_at { condition: filetype == "process" }')
        (self.tree / "x").write_text("a needle in memory 1")
        with process_with(self.folder / "held") as target:
            if not may_read(target.pid):
                self.skipTest("this user may not read the memory of other processes")
            run, report = self.scan("--processes", "--rules", str(rules), "--max-time", "120s", str(self.tree),
                                    preexec_fn=lambda: (self.folder / "pid").write_text(str(os.getpid())))
            program = os.readlink(f"/proc/{target.pid}/exe")
        self.assertEqual(run.returncode, FOUND, run.stderr)
        name = f"process {target.pid} ({program})"
        held = {finding["where"]["path"]: finding for finding in report["findings"] if finding["rule"] == "held"}
        self.assertIn(name, held)
        finding = held[name]
        self.assertEqual(finding["fix"]["commands"][-1], f"kill -STOP {target.pid}")
        self.assertGreater(finding["evidence"][0]["offset"], 0x1000)
        malware = report["summary"]["malware"]
        self.assertEqual(malware["files"], 1)
        self.assertGreater(malware["processes"], 0)
        # The scan itself is none of them.
        looked_at = {finding["where"]["path"].split(" (")[0] for finding in report["findings"] if finding["rule"] == "looked_at"}
        self.assertIn(f"process {target.pid}", looked_at)
        self.assertNotIn(f"process {(self.folder / 'pid').read_text()}", looked_at)

    def test_a_process_that_can_no_longer_be_read_is_not_fixed(self):
        # Root may read all, so it is somebody else who looks.
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        self.folder.chmod(0o755)
        if user:
            for folder in (self.folder / "others", self.home):
                folder.mkdir(exist_ok=True)
                os.chown(folder, 65534, 65534)
        else:
            (self.folder / "others").mkdir()
        rules = self.folder / "mem.yar"
        rules.write_text("rule held { strings: $a = /hold this l[i]ne [0-9]+/ condition: $a }")
        rules.chmod(0o644)
        holder = ("import ctypes, os, sys; os.geteuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534)); c = ctypes.CDLL(None).prctl; c(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0); c(4, 1, 0, 0, 0)\n"
                  "text = sys.stdin.readline(); print(1, flush=True); sys.stdin.readline(); c(4, 0, 0, 0, 0); print(2, flush=True); sys.stdin.readline()")
        with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as target:
            try:
                def step(line):
                    target.stdin.write(line)
                    target.stdin.flush()
                    target.stdout.readline()
                    return self.ward("scan", "--state", str(self.folder / "others" / "state"), "--format", "json", "--processes", "--rules", str(rules), **user)

                run = step(b"hold this line 4711\n")
                self.assertIn(run.returncode, (0, FOUND), run.stderr)
                first = json.loads(run.stdout)
                held = [f["id"] for f in first["findings"] if f["where"]["path"].startswith(f"process {target.pid} ")]
                if not held:
                    self.skipTest("this user may not read the memory of its own processes")
                run = step(b"\n")
                second = json.loads(run.stdout)
                self.assertNotIn(held[0], [f["id"] for f in second["findings"]])
                self.assertIn("/proc", [gap["where"]["path"] for gap in second["gaps"]])
                self.assertNotIn(held[0], [f["id"] for f in second["previous"]["fixed"]])
            finally:
                target.kill()

    def test_fail_on_and_strict(self):
        (self.tree / "x").write_text(EICAR)
        rules = self.folder / "info.yar"
        rules.write_text('rule note { meta: severity = "info" strings: $a = "EICAR-STANDARD" condition: $a }')
        run, report = self.scan("--rules", str(rules), str(self.tree))
        self.assertEqual(run.returncode, 0, report)
        self.assertEqual(len(report["findings"]), 1)
        run, _ = self.scan("--rules", str(rules), "--fail-on", "info", str(self.tree))
        self.assertEqual(run.returncode, FOUND)
        rules.write_text("rule never { condition: filesize < 0 } rule broken { condition: nobody }")
        run, report = self.scan("--rules", str(rules), "--strict", str(self.tree))
        self.assertEqual(run.returncode, GAPS, run.stderr)
        self.assertTrue(any("broken" in gap["why"] for gap in report["gaps"]))

    def test_the_next_report_says_what_is_new_and_fixed(self):
        (self.tree / "a").write_text(EICAR)
        self.scan(str(self.tree))
        os.unlink(self.tree / "a")
        (self.tree / "b").write_text(EICAR)
        run = self.ward("scan", "--state", str(self.state), str(self.tree))
        self.assertIn(b"(new)", run.stdout)
        self.assertIn(b"Fixed since", run.stdout)
        self.assertIn(str(self.tree / "a").encode(), run.stdout)

    # ---- hostile surroundings ------------------------------------------------------------------------------------------

    def test_hostile_names_are_found_and_escaped(self):
        pieces = [b"\n", b"\r", b"\x1b[31m", b"\x1b]0;x\x07", b"\xff\xfe", b"\xe2\x80\xae", b"\t", b"'", b'"', b" ", b"-", b"$(id)", b"`id`", b"%s",
                  b"\\", b"&", b"<b>", b"]]>", b",", b";", b"\x7f", b"\xc2\x9b31m", b"--", b"\xe2\x80\x8b"]
        for i in range(VARIANTS):
            name = b"%d" % i + b"".join(self.random.choice(pieces) for _ in range(self.random.randint(1, 12)))
            with open(os.fsencode(self.tree) + b"/" + name, "wb") as file:
                file.write(EICAR.encode())
        run, report = self.scan(str(self.tree))
        self.assertEqual(run.returncode, FOUND)
        self.assertEqual(len(report["findings"]), VARIANTS)
        for form in ("text", "html", "csv", "junit", "sarif", "jsonl"):
            run = self.ward("scan", "--state", str(self.state), "-v", "--format", form, str(self.tree))
            for byte in (0x1B, 0x07, 0x7F, 0x9B):
                text = run.stdout.decode()  # always UTF-8
                self.assertFalse(chr(byte) in text, (form, byte))
            self.assertNotIn("\u202e", text if form == "text" else "", form)

    def test_special_files_are_counted_and_never_block(self):
        for i in range(VARIANTS):
            kind = i % 4
            place = str(self.tree / f"{i}")
            if kind == 0:
                os.mkfifo(place)
            elif kind == 1:
                sock = socket.socket(socket.AF_UNIX)
                sock.bind(place)
                sock.close()
            elif kind == 2:
                os.symlink("/dev/zero", place)
            else:
                os.symlink(".", place)
        (self.tree / "x").write_text(EICAR)
        start = time.monotonic()
        run, report = self.scan(str(self.tree))
        self.assertLess(time.monotonic() - start, 60)
        self.assertEqual(run.returncode, FOUND)
        self.assertEqual(report["summary"]["malware"]["files"], 1)
        run, _ = self.scan(str(self.tree / "0"))  # a FIFO that was asked for by name cannot be done
        self.assertEqual(run.returncode, NOT_DONE)

    def test_sparse_terabytes(self):
        for i in range(4):
            with open(self.tree / f"{i}", "wb") as file:
                file.truncate(1 << 40)
        start = time.monotonic()
        run, report = self.scan("--max-time", "2s", str(self.tree))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(report["gaps"]), 4, report["gaps"])
        self.assertLess(time.monotonic() - start, 120)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_trees_are_gaps(self):
        for i in range(VARIANTS):
            place = self.tree / f"{i}"
            if i % 2:
                place.write_text(EICAR)
            else:
                place.mkdir()
            place.chmod(0)
        run, report = self.scan(str(self.tree))
        self.assertEqual(run.returncode, 0)
        self.assertEqual(len(report["gaps"]), VARIANTS)
        run, _ = self.scan(str(self.tree / "0"))
        self.assertEqual(run.returncode, NOT_DONE)

    def test_loops_and_depth_end(self):
        deep = self.tree
        for i in range(VARIANTS):
            deep = deep / f"d{i}"
            deep.mkdir()
            os.symlink(self.tree, deep / "up")
            os.symlink("self", deep / "self")
        (deep / "x").write_text(EICAR)
        run, report = self.scan(str(self.tree))
        self.assertEqual(run.returncode, FOUND)
        self.assertEqual(report["summary"]["malware"]["files"], 1)

    def test_a_root_that_is_missing(self):
        run, _ = self.scan(str(self.folder / "none"))
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"no such file", run.stderr)
        (self.tree / "x").write_text(EICAR)
        run, report = self.scan(str(self.folder / "none"), str(self.tree))
        self.assertEqual(run.returncode, FOUND)
        self.assertEqual(len(report["gaps"]), 1)

    def test_broken_rules_leave_the_others(self):
        good = 'rule good { strings: $a = "EICAR-STANDARD" condition: $a }\n'
        broken = ["rule b { condition: x }", 'rule b { strings: $a = "x condition: $a }', "rule b {", "rule b { strings: $a = { 4 } condition: $a }",
                  "rule b { strings: $a = /(/ condition: $a }", "rule rule { condition: true }", "rule b { condition: 1 + }", "\xff\xfe",
                  "rule b { strings: $a = \"y\" condition: $b }", "include \"none.yar\"", 'import "nothing"\nrule b { condition: nothing.x }', "}}}}"]
        (self.tree / "x").write_text(EICAR)
        rules = self.folder / "rules.yar"
        for i in range(VARIANTS):
            text = self.random.choice(broken)
            # What never ends may take all behind it along; what stands before it stays.
            rules.write_text(good + text + "\n", encoding="latin-1")
            run, report = self.scan("--rules", str(rules), str(self.tree))
            self.assertEqual(run.returncode, FOUND, (text, run.stderr))
            self.assertEqual([f["rule"] for f in report["findings"]], ["good"], text)
            self.assertTrue(report["gaps"], text)
            self.assertIn(b"rules.yar:", run.stderr, text)
        rules.write_text("rule b { condition: x }")
        run, _ = self.scan("--rules", str(rules), str(self.tree))
        self.assertEqual(run.returncode, NOT_DONE)

    def test_broken_settings_name_their_line(self):
        place = self.home / ".config" / "ward"
        place.mkdir(parents=True)
        wrong = ["[scan]\nthreads = -1", "[scan", "[scan]\nno_such = 1", "scan = 1", "[limits]\nmax_depth = 'x'", "\x00", "[scan]\nexclude = [1]",
                 "[check]\nbudget_seconds = 1e9", "= 1", "[scan]\nthreads = 1\nthreads = 2"]
        for i in range(VARIANTS):
            (place / "ward.toml").write_text("\n" * self.random.randint(0, 5) + self.random.choice(wrong) + "\n")
            run, _ = self.scan(str(self.tree))
            self.assertEqual(run.returncode, NOT_DONE)
            self.assertIn(b"ward.toml:", run.stderr)

    def test_a_full_disk_is_said(self):
        (self.tree / "x").write_text(EICAR)
        with open("/dev/full", "wb") as full:
            run = subprocess.run([WARD, "scan", "--state", self.state, str(self.tree)], stdout=full, stderr=subprocess.PIPE, env=self.environment(), timeout=100)
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"cannot be written", run.stderr)
        run = self.ward("scan", "--state", str(self.state), "-o", "/dev/full", str(self.tree))
        self.assertEqual(run.returncode, NOT_DONE)
        # A state folder that cannot be made costs the memory, not the report.
        run = self.ward("scan", "--state", "/dev/null/state", str(self.tree))
        self.assertEqual(run.returncode, FOUND)
        self.assertIn(b"not remembered", run.stderr)

    def test_a_report_is_replaced_whole_or_not_at_all(self):
        target = self.folder / "report.json"
        target.write_text("old")
        run = self.ward("scan", "--state", str(self.state), "-o", str(target), "--format", "json", str(self.tree))
        self.assertEqual(run.returncode, 0)
        self.assertEqual(json.loads(target.read_text())["schema"], "ward.report/1")
        self.assertEqual(run.stdout, b"")
        run = self.ward("scan", "--state", str(self.state), "-o", str(self.folder / "none" / "r"), str(self.tree))
        self.assertEqual(run.returncode, NOT_DONE)

    def test_a_closed_pipe_is_a_normal_end(self):
        for i in range(200):
            (self.tree / f"{i}").write_text(EICAR)
        for count in (0, 1, 100):
            process = subprocess.Popen([WARD, "scan", "--state", self.state, "-v", str(self.tree)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
            process.stdout.read(count)
            process.stdout.close()
            errors = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(60), FOUND, errors)
            self.assertEqual(errors, b"")

    def test_ctrl_c_ends_with_a_true_summary(self):
        (self.tree / "a").write_text(EICAR)
        for i in range(3000):
            (self.tree / f"z{i}").write_bytes(b"x" * 200_000)
        process = subprocess.Popen([WARD, "scan", "--state", self.state, "--threads", "1", "--format", "json", str(self.tree)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        time.sleep(0.15)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        report = json.loads(out)
        self.assertLess(report["summary"]["malware"]["files"], 3001)
        self.assertTrue(any("interrupted" in gap["why"] for gap in report["gaps"]))

    # ---- usage ---------------------------------------------------------------------------------------------------------

    def test_usage_errors(self):
        for words, says in ((["scna"], b"did you mean scan"), (["scan"], b"something to look at"), (["scan", "--formt", "x", "/"], b"did you mean --format"),
                            (["scan", "--format", "xml", "/"], b"there is text"), (["scan", "--resume", "/"], b"no option"), (["scan", "--threads", "x", "/"], b"whole number")):
            run = self.ward(*words)
            self.assertEqual(run.returncode, NOT_DONE, words)
            self.assertIn(says, run.stderr)
            self.assertEqual(run.stdout, b"")

    def test_explains_a_malware_rule_by_its_name_and_a_finding_by_its_id(self):
        (self.tree / "e.com").write_text(EICAR)
        _, report = self.scan(str(self.tree))
        finding = report["findings"][0]
        for name in (finding["rule"], finding["id"]):
            run = self.ward("explain", "--state", str(self.state), name)
            self.assertEqual(run.returncode, 0, run.stderr)
            for part in (finding["title"], "Why it matters", "What to do", finding["refs"][0]):
                self.assertIn(part.encode(), run.stdout)
            self.assertEqual(json.loads(self.ward("explain", "--state", str(self.state), "--format", "json", name).stdout)["id"], "eicar")
        self.assertEqual(self.ward("explain", "--state", str(self.state), "no-such-rule").returncode, NOT_DONE)

    def test_options_alone_are_for_the_state_and_help_takes_a_command(self):
        self.assertIn(b"UNKNOWN", self.ward("--state", str(self.state)).stdout)
        self.assertEqual(self.ward("help", "scan").stdout, self.ward("scan", "--help").stdout)
        self.assertEqual(self.ward("help", "nonsense").returncode, NOT_DONE)
        self.assertEqual(self.ward("--nonsense").returncode, NOT_DONE)

    def test_commands_of_the_shell_in_one_shot(self):
        out = self.folder / "tables.txt"
        self.assertEqual(self.ward("query", "-o", str(out), ".tables", "user*").returncode, 0)
        self.assertIn("users", out.read_text())
        for words, says in (([".schema", "user"], b"did you mean users"), ([".nonsense"], b"no command of this shell")):
            run = self.ward("query", *words)
            self.assertEqual(run.returncode, NOT_DONE, words)
            self.assertIn(says, run.stderr)

    def test_the_shell_takes_statements_as_they_come(self):
        cases = (("several in a line", b"select 1 as a; select 2 as b;", ["a", "1", "b", "2"], 0),
                 ("one over lines", b"select\n 3 as c\n;", ["c", "3"], 0),
                 ("semicolons that end nothing", b"select ';' as d -- ;\n/* ; */;", ["d", ";"], 0),
                 ("an empty statement", b";;\nselect 4 as e;;", ["e", "4"], 0),
                 ("no end", b"select 5 as f", ["f", "5"], 0),
                 ("what fails stops nothing", b"select nobody; select 6 as g;", ["g", "6"], NOT_DONE),
                 ("a command between", b"select 7 as h;\n.quit\nselect 8;", ["h", "7"], 0))
        for name, typed, want, code in cases:
            run = self.ward("query", "--format", "csv", input=typed)
            self.assertEqual((run.stdout.decode().split(), run.returncode), (want, code), (name, run.stderr))
        out = self.folder / "answers"
        self.assertEqual(self.ward("query", "-o", str(out), input=b"select 1 as a;select 2 as b;").stdout, b"")
        self.assertEqual(out.read_text().split(), ["a", "-", "1", "b", "-", "2"])

    def test_closed_standard_descriptors_are_not_taken_for_files(self):
        # What is opened next would get the number, and be read as input or written over by the report.
        (self.tree / "e.com").write_text(EICAR)
        def close(*numbers):
            return lambda: [os.close(number) for number in numbers]
        for numbers in ((0,), (1,), (2,), (0, 1, 2)):
            run = self.ward("scan", "--state", str(self.state), str(self.tree), preexec_fn=close(*numbers))
            self.assertEqual(run.returncode, FOUND, numbers)
        run, report = self.scan("-", preexec_fn=close(0))
        self.assertEqual(report["summary"]["malware"]["bytes"], 0)
        history = sqlite3.connect(self.state / "history.db")
        self.assertEqual(history.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(history.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0] > 0, True)

    def test_excludes_what_a_glob_names_at_any_depth(self):
        place = self.tree / "a" / "node_modules" / "b"
        place.mkdir(parents=True)
        (place / "x.iso").write_text("x")
        (self.tree / "a" / "y.txt").write_text("y")
        top = str(self.tree.resolve())
        for glob, files in (("node_modules", 1), ("*.iso", 1), ("node_modules/*", 1), ("*/b/*", 1), (top + "/a/node_modules", 1),
                            ("**/x.*", 1), ("/node_modules", 2), ("iso", 2), ("*.txt", 1), ("*", 0)):
            _, report = self.scan("--exclude", glob, str(self.tree))
            self.assertEqual(report["summary"]["malware"]["files"], files, glob)

    def test_external_variables_get_their_values(self):
        (self.tree / "a").write_text("a")
        rules = self.folder / "x.yar"
        rules.write_text('rule r { condition: word == "yes" and number > 5 and real > 0.5 and truth }')
        database = self.folder / "x.warddb"
        values = ["-d", "word=yes", "-d", "number=6", "-d", "real=0.75", "-d", "truth=true"]
        others = ["-d", "word=no", "-d", "number=6", "-d", "real=0.75", "-d", "truth=true"]
        self.assertEqual(self.ward("rules", "build", "-o", str(database), *others, str(rules)).returncode, 0)
        for source in (rules, database):
            for given, code in ((values, FOUND), (others, 0)):
                run, _ = self.scan("--rules", str(source), *given, str(self.tree))
                self.assertEqual(run.returncode, code, (source, given, run.stderr))
        # Without them the sources do not compile, and the database keeps what was declared.
        self.assertEqual(self.scan("--rules", str(rules), str(self.tree))[0].returncode, NOT_DONE)
        self.assertEqual(self.scan("--rules", str(database), str(self.tree))[0].returncode, 0)
        self.assertEqual(self.scan("--rules", str(rules), "-d", "word", str(self.tree))[0].returncode, NOT_DONE)

    def test_rules_from_a_pipe_whose_writer_is_slow(self):
        (self.tree / "e.com").write_text(EICAR)
        rules = self.folder / "pipe"
        os.mkfifo(rules)
        writer = subprocess.Popen(["sh", "-c", 'exec 3<>"$1"; sleep 0.5; echo "rule slow { condition: true }" >&3; sleep 0.5', "sh", str(rules)])
        time.sleep(0.2)
        run, report = self.scan("--rules", str(rules), str(self.tree))
        writer.wait()
        self.assertEqual([finding["rule"] for finding in report["findings"]], ["slow"], run.stderr)

    def test_help_and_version(self):
        self.assertEqual(self.ward("--version").returncode, 0)
        text = self.ward("--help").stdout.decode()
        verbs = [line.split()[0] for line in text.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertIn("scan", verbs)
        for verb in verbs:
            run = self.ward(verb, "--help")
            self.assertEqual(run.returncode, 0)
            self.assertIn(b"  ward " + verb.encode(), run.stdout)

    def test_the_state_of_the_machine_in_one_screen(self):
        start = time.monotonic()
        run = self.ward("status", "--state", str(self.state))
        self.assertIn(b"UNKNOWN", run.stdout)
        self.assertLess(run.stdout.count(b"\n"), 24)
        self.assertEqual(run.returncode, 0)

    def test_rules_build_check_info(self):
        rules = self.folder / "r.yar"
        rules.write_text('rule good { strings: $a = "EICAR-STANDARD" condition: $a }\nrule bad { condition: nothing }\n')
        database = self.folder / "r.warddb"
        run = self.ward("rules", "check", str(rules))
        self.assertEqual(run.returncode, FOUND)
        self.assertIn(b"r.yar:2:23: error", run.stderr)
        self.assertIn(b"^", run.stderr)
        self.assertEqual(self.ward("rules", "build", "--strict", "-o", str(database), str(rules)).returncode, NOT_DONE)
        self.assertFalse(database.exists())
        self.assertEqual(self.ward("rules", "build", "-o", str(database), str(rules)).returncode, 0)
        run = self.ward("rules", "info", "--format", "json", str(database))
        about = json.loads(run.stdout)
        self.assertEqual(about["rules"], 1)
        (self.tree / "x").write_text(EICAR)
        run, report = self.scan("--rules", str(database), str(self.tree))
        self.assertEqual([f["rule"] for f in report["findings"]], ["good"])
        self.assertEqual(report["run"]["rules"]["id"], about["id"])
        damaged = bytearray(database.read_bytes())
        for i in range(VARIANTS):
            copy = bytearray(damaged)
            for _ in range(self.random.randint(1, 20)):
                copy[self.random.randrange(len(copy))] = self.random.randrange(256)
            (self.folder / "d.warddb").write_bytes(copy)
            run = self.ward("rules", "info", str(self.folder / "d.warddb"))
            self.assertIn(run.returncode, (0, NOT_DONE))
            run, report = self.scan("--rules", str(self.folder / "d.warddb"), str(self.tree))
            self.assertIn(run.returncode, (0, FOUND, NOT_DONE), run.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
