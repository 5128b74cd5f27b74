#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ward yara` as a user meets it, and beside the yara command itself where that is installed."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

from whole_program import EICAR, WARD, WholeProgram, may_read, process_with

RULES = r'''
import "console"
rule one : t1 t2 {
    meta: a = "x\"y\n\x01\xe9" b = 5 c = true d = -3
    strings: $a = "EICAR" $h = { 45 49 ?? 41 } $w = "IC" wide ascii $x = "hidden" xor $p = "EICAR" private
    condition: any of them and console.log("size ", filesize)
}
private rule base { condition: true }
rule two : t2 { strings: $s = "EI" condition: base and $s }
rule three { strings: $s = "EI" $none = "not there" condition: all of them }
rule fixed { strings: $m = "EI" condition: $m at 2 }
rule large { condition: filesize > 100000 }
'''

OTHER = 'rule other : t9 { condition: filesize > 3 }\n'

# Command lines, with @ for the folder of files.
SAME = (
    "@/a.yar @/f", "-s @/a.yar @/f", "-L @/a.yar @/f", "-sL @/a.yar @/f", "-g @/a.yar @/f", "-m @/a.yar @/f", "-e @/a.yar @/f",
    "-gmes @/a.yar @/f", "-n @/a.yar @/f", "-ns @/a.yar @/f", "-c @/a.yar @/f", "-nc @/a.yar @/f", "-l 1 @/a.yar @/f", "-l 2 @/a.yar @/f",
    "--max-rules=1 -n @/a.yar @/f", "-t t1 @/a.yar @/f", "-t t1 -t t2 @/a.yar @/f", "--tag=nothing @/a.yar @/f", "-i two @/a.yar @/f",
    "-i two -i one -t t9 @/a.yar @/f", "-w @/slow.yar @/f", "--fail-on-warnings @/slow.yar @/f", "-w --fail-on-warnings @/slow.yar @/f",
    "-e @/a.yar @/b.yar @/f", "-e x:@/b.yar y:@/b.yar @/f", "-e x:b.yar @/f", "@/f @/a.yar", "-d n=4 @/ext.yar @/f", "-d n=5 @/ext.yar @/f",
    "-d n=yes @/text.yar @/f", "@/ext.yar @/f", "@/a.yar @/missing", "@/missing @/f", "@/bad.yar @/f", "@/syntax.yar @/f", "@/a.yar",
    "", "--nonsense @/a.yar @/f", "-l x @/a.yar @/f", "-l", "-p 33 @/a.yar @/d", "-x nothing @/a.yar @/f", "@/empty.yar @/f", "@/a.yar @/empty",
    "-c @/a.yar @/empty", "-C @/a.yar @/f", "@/a.yar @/d", "-r @/a.yar @/d", "-r -N @/a.yar @/d", "-c @/a.yar @/d", "-cr @/a.yar @/d",
    "-rs -p 2 @/a.yar @/d", "-r -p 1 -n @/a.yar @/d/", "--scan-list @/a.yar @/list", "-c --scan-list @/a.yar @/list", "--scan-list @/a.yar @/d",
    "--scan-list @/a.yar @/missing", "-r -z 40 @/a.yar @/d", "-r --skip-larger=1000 @/a.yar @/d", "-a 60 @/a.yar @/f", "-f @/a.yar @/f",
    "-k 32768 --max-strings-per-rule=100 @/a.yar @/f", "--max-process-memory-chunk=1048576 @/a.yar @/f", "@/inc/top.yar @/f", "@/inc/lost.yar @/f",
    "-D @/mod.yar @/f", "-D @/elf.yar @/prog", "-D -s @/mod.yar @/d", "-x cuckoo=@/f @/a.yar @/f", "-x cuckoo=@/report.json @/cuckoo.yar @/f", "-x cuckoo=@/f @/cuckoo.yar @/f", "@/cuckoo.yar @/f",
    "-r -x cuckoo=@/report.json -p 2 @/cuckoo.yar @/d", "-x cuckoo=@/none @/a.yar @/f", "-r @/magic.yar @/d", "@/magic.yar @/empty", "@/dup.yar @/f", "@/a.yar @/a.yar @/f", "@/d @/f", "@/a.yar @/odd",
)


# Strings in halves, so that the rules themselves are no match where they lie in memory.
MEMORY_RULES = r'''
import "elf" import "hash" import "math" import "console"
rule mem_held { strings: $a = /a needle in m[e]mory [0-9]+/ $w = { 63 00 6f 00 6e 00 74 00 65 00 6e 00 74 00 [1] 00 21 } condition: $a or $w }
rule mem_far { strings: $a = /the end of [2]00 pages/ condition: @a[1] > 0x1000 and #a >= 1 }
rule mem_read { strings: $a = /a needle in m[e]mory/ condition: for any i in (1..#a) : (uint8(@a[i]) == 0x61 and uint16be(@a[i] + 2) == 0x6e65) }
rule mem_hash { strings: $a = /a needle in m[e]mory/ condition: for any i in (1..#a) : (hash.md5(@a[i], 8) == hash.md5("a needle")) }
rule mem_entropy { strings: $a = /a needle in m[e]mory/ condition: for any i in (1..#a) : (math.entropy(@a[i], 18) > 2.5) }
rule mem_program { condition: not defined elf.type or elf.type == elf.ET_EXEC }
rule mem_elf { condition: defined elf.type or defined elf.entry_point or defined entrypoint or true }
rule mem_size { condition: defined filesize or filesize < 5 or filesize > 5 }
rule mem_head { condition: defined uint8(0) or uint32(0) == 0x464c457f }
rule mem_mode { condition: defined math.mode() }
rule mem_never { strings: $a = /never [w]ritten anywhere/ condition: $a }
rule mem_weak { strings: $a = { 6e ?? 64 } condition: #a > 10 }
rule mem_xor { strings: $a = "needles are hidden" xor(1-255) condition: $a }
'''

class Yara(WholeProgram):
    def setUp(self):
        super().setUp()
        put = lambda name, text: (self.tree / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        for folder in ("d/sub", "inc/more"):
            (self.tree / folder).mkdir(parents=True)
        hidden = bytes(b ^ 0x15 for b in b"hidden")
        put("f", b"xxEICARyyEI\xffA I\0C\0" + hidden + b"EI")
        put("empty", b"")
        put("odd", b"EI" + b"\x1b[31m\n" + EICAR.encode())
        put("d/f1", (self.tree / "f").read_bytes())
        put("d/other", b"nothing to see here, move along: more than forty bytes")
        put("d/sub/f2", (self.tree / "f").read_bytes())
        os.symlink("../f", self.tree / "d/link")
        os.symlink("sub", self.tree / "d/away")
        os.symlink("nowhere", self.tree / "d/dangling")
        put("a.yar", RULES)
        put("b.yar", OTHER)
        put("slow.yar", 'rule slow { strings: $a = "a" condition: $a or true }')
        put("ext.yar", "rule ext { condition: n == 4 }")
        put("text.yar", 'rule ext { condition: n == "yes" }')
        put("bad.yar", "rule bad { condition: nothing }\nrule fine { condition: true }")
        put("syntax.yar", "rule bad { condition: }")
        put("empty.yar", "")
        put("dup.yar", "rule d { condition: true }\nrule d { condition: true }")
        put("mod.yar", 'import "time"\nrule m { condition: time.now() > 0 }')
        put("elf.yar", 'import "elf"\nrule e { condition: elf.number_of_sections > 0 }')
        put("prog", pathlib.Path("/usr/bin/sleep").read_bytes())
        put("magic.yar", 'import "magic"\nimport "console"\nrule g { condition: console.log("type ", magic.type()) and console.log("mime ", magic.mime_type()) }\nrule t { condition: magic.type() contains "text" }')
        put("cuckoo.yar", 'import "cuckoo"\nrule c { condition: cuckoo.network.http_request(/evil\\.com/) }')
        put("report.json", '{"network": {"http": [{"uri": "http://evil.com/x", "user-agent": "a", "method": "GET"}]}, "behavior": {"summary": {}}}')
        put("inc/top.yar", 'include "more/low.yar"\nrule top { condition: low }')
        put("inc/more/low.yar", "rule low { condition: true }")
        put("inc/lost.yar", 'include "more/none.yar"')
        put("list", f"{self.tree}/f\n{self.tree}/missing\n{self.tree}/d\n")

    def yara(self, line, program=(WARD, "yara")):
        words = [word.replace("@", str(self.tree)) for word in line.split()]
        if words and program[0] != shutil.which("yara"):
            words[:0] = ["--state", str(self.state)]
        run = subprocess.run([*program, *words], capture_output=True, timeout=120, cwd=self.tree, env=self.environment(), stdin=subprocess.DEVNULL)
        return run.returncode, run.stdout, run.stderr

    def test_answers_as_yara_does(self):
        peer = shutil.which("yara")
        if peer is None:
            self.skipTest("yara is not installed")
        for line in SAME:
            code, out, err = self.yara(line)
            # yara's threads print a rule's name, its path and what `console` says in one another's midst.
            want_code, want_out, want_err = self.yara(line.replace("-p 2", "-p 1"), (peer,))
            if re.search(r"@/(d|list)\b", line):
                # Threads answer in any order.
                out, want_out = sorted(out.splitlines()), sorted(want_out.splitlines())
            with self.subTest(line):
                self.assertEqual((code, out), (want_code, want_out), err)
                # In spirit: something is said where yara says something, and nothing where it is silent.
                self.assertEqual(bool(err), bool(want_err), (err, want_err))

    def test_prints_what_matched(self):
        one = f"default:one [t1,t2] [a=\"x\\\"y\\n\\001\\351\",b =5,c=true,d =-3] {self.tree}/f"
        hidden = "".join(chr(ord(c) ^ 0x15) if 32 <= ord(c) ^ 0x15 <= 126 else f"\\x{ord(c) ^ 0x15:02X}" for c in "hidden")
        code, out, err = self.yara("-gmesLX @/a.yar @/f")
        self.assertEqual((code, err), (0, b""))
        lines = out.decode().splitlines()
        self.assertEqual(lines[:2], ["size 26", one])
        self.assertIn("0x2:5:$a:xor(0x00,EICAR): EICAR", lines)
        self.assertIn("0x2:4:$h:xor(0x00,EICA): 45 49 43 41", lines)
        self.assertIn("0xe:4:$w:xor(0x00,I\\x00C\\x00): I\\x00C\\x00", lines)
        self.assertIn(f"0x12:6:$x:xor(0x15,hidden): {hidden}", lines)
        self.assertFalse([line for line in lines if "$p" in line])

    def test_says_nothing_of_the_console_when_asked(self):
        for option in ("-q", "--disable-console-logs"):
            self.assertNotIn(b"size", self.yara(f"{option} @/a.yar @/f")[1])

    def test_answers_to_the_name_of_yara(self):
        link = self.folder / "yara"
        link.symlink_to(WARD)
        self.assertEqual(self.yara("-s @/a.yar @/f", (str(link),)), self.yara("-s @/a.yar @/f"))
        self.assertEqual(self.yara("--version", (str(link),))[:2], (0, b"4.5.4\n"))

    def test_takes_a_database_of_ours(self):
        database = self.folder / "a.warddb"
        self.assertEqual(self.ward("rules", "build", "-o", str(database), str(self.tree / "a.yar")).returncode, 0)
        self.assertEqual(self.yara(f"-sC {database} @/f"), self.yara("-s @/a.yar @/f"))
        self.assertEqual(self.yara(f"-C {database} {database} @/f")[0], 1)

    def test_refuses_a_database_that_libmagic_does_not_read(self):
        code, out, err = self.yara("-x magic=@/f @/magic.yar @/f")
        self.assertEqual((code, out), (1, b""))
        self.assertIn(b"database of the module magic", err)

    def test_scans_the_memory_of_a_process(self):
        peer = shutil.which("yara")
        (self.tree / "mem.yar").write_text(MEMORY_RULES)
        with process_with(self.tree / "f", self.tree / "held") as target:
            if not may_read(target.pid):
                self.skipTest("this user may not read the memory of other processes")
            for options in ("", "-s", "-sL", "-n", "-ns -i mem_held", "-c", "-l 2", "-D -i mem_elf", "-f -s"):
                line = f"-w {options} @/mem.yar {target.pid}"
                code, out, err = self.yara(line)
                with self.subTest(options):
                    self.assertEqual((code, err), (0, b""))
                    if not options:
                        names = {row.split()[0] for row in out.decode().splitlines()}
                        self.assertLessEqual({"mem_held", "mem_far", "mem_read", "mem_hash", "mem_program"}, names)
                        self.assertFalse({"mem_size", "mem_head", "mem_never"} & names)
                    if peer is not None:
                        self.assertEqual((code, out), self.yara(line, (peer,))[:2])

    def test_says_when_there_is_no_such_process(self):
        for target in ("4194999", "99999999999", "2" if os.path.exists("/proc/2/comm") and not may_read(2) else "4194998"):
            code, out, err = self.yara(f"@/a.yar {target}")
            self.assertEqual((code, out), (1, b""))
            self.assertIn(b"can not attach to process", err)

    def test_takes_a_number_for_a_file_where_there_is_one(self):
        (self.tree / "1").write_bytes((self.tree / "f").read_bytes())
        self.assertEqual(self.yara("-q -i two @/a.yar 1"), (0, b"two 1\n", b""))

    def test_opens_nothing_inside_a_file(self):
        import gzip
        (self.tree / "packed").write_bytes(gzip.compress((self.tree / "f").read_bytes()))
        self.assertEqual(self.yara("@/b.yar @/packed")[1], f"other {self.tree}/packed\n".encode())
        self.assertEqual(self.yara("-i two @/a.yar @/packed"), (0, b"", b""))

    def test_rules_may_come_on_standard_input(self):
        run = self.ward("yara", "-", str(self.tree / "f"), input=OTHER.encode())
        self.assertEqual((run.returncode, run.stdout), (0, f"other {self.tree}/f\n".encode()), run.stderr)

    def test_compiles_rules_once(self):
        shutil.copytree(self.tree / "inc", self.tree / "inc2")
        (self.tree / "inc2/more/low.yar").write_text('rule low { strings: $a = "E" condition: $a or true }')
        first = self.yara("@/inc2/top.yar @/f")
        self.assertIn(b"warning", first[2])
        self.assertEqual(self.yara("@/inc2/top.yar @/f"), first)
        kept = list((self.state / "cache").glob("*.warddb"))
        self.assertEqual(len(kept), 1)
        # What is kept is what is used.
        other = self.folder / "other.warddb"
        self.assertEqual(self.ward("rules", "build", "-o", str(other), str(self.tree / "b.yar")).returncode, 0)
        was = kept[0].read_bytes()
        kept[0].write_bytes(was.replace(b"low", b"LOW"))
        self.assertEqual(self.yara("@/inc2/top.yar @/f")[1], first[1].replace(b"low", b"LOW"))
        # But not beside another answer.
        kept[0].write_bytes(other.read_bytes())
        self.assertEqual(self.yara("@/inc2/top.yar @/f"), first)
        self.assertEqual(kept[0].read_bytes(), was)
        kept[0].write_bytes(was + bytes(64))
        self.assertEqual(self.yara("@/inc2/top.yar @/f"), first)
        self.assertEqual(kept[0].read_bytes(), was)
        # But not for another text, also of a file that is included, nor when a file is gone.
        (self.tree / "inc2/more/low.yar").write_text("rule low { condition: false }")
        self.assertEqual(self.yara("@/inc2/top.yar @/f"), (0, b"", b""))
        (self.tree / "inc2/more/low.yar").unlink()
        self.assertEqual(self.yara("@/inc2/top.yar @/f")[0], 1)
        # What is damaged is made again.
        (self.tree / "inc2/more/low.yar").write_text("rule low { condition: true }")
        for path in (self.state / "cache").iterdir():
            path.write_bytes(path.read_bytes()[:50])
        self.assertEqual(self.yara("@/inc2/top.yar @/f")[1], f"low {self.tree}/f\ntop {self.tree}/f\n".encode())

    def test_tells_how_large_the_rules_are(self):
        code, out, _ = self.yara("-S -i two @/a.yar @/f")
        lines = out.decode().splitlines()
        self.assertEqual((code, lines[-1]), (0, f"two {self.tree}/f"))
        self.assertTrue([line for line in lines if line.replace(" ", "") == "numberofrules:6"], lines)

    def test_names_the_modules(self):
        code, out, _ = self.yara("-M")
        names = out.decode().split()
        self.assertEqual(code, 0)
        self.assertEqual(names, sorted(names))
        self.assertIn("console", names)
        for name in names:
            (self.tree / "import.yar").write_text(f'import "{name}" rule r {{ condition: true }}')
            self.assertEqual(self.yara("@/import.yar @/f")[:2], (0, f"r {self.tree}/f\n".encode()))

    def test_says_when_places_are_left_out(self):
        (self.tree / "many").write_bytes(b"a" * 1_100_000)
        strings = " ".join(f'$s{i} = "{"a" * i}"' for i in range(2, 5))
        (self.tree / "many.yar").write_text(f"rule one {{ strings: {strings} condition: all of them }} rule two {{ condition: one }}")
        code, out, err = self.yara("-s @/many.yar @/many")
        lines = out.splitlines()
        self.assertEqual(code, 0)
        self.assertEqual((lines[0], lines[-1]), (f"one {self.tree}/many".encode(), f"two {self.tree}/many".encode()))
        self.assertGreater(len(lines), 1_000_000)
        self.assertIn(b'warning: rule "one": too many matches for $s2', err)
        self.assertIn(b"more places where strings matched are not told", err)
        self.assertEqual(self.yara("-s --fail-on-warnings @/many.yar @/many")[0], 1)
        self.assertEqual(self.yara("-s -w @/many.yar @/many")[2], b"")

    def test_ends_when_time_is_up(self):
        (self.tree / "long.yar").write_text("rule quick { condition: true } rule long { condition: for all i in (1..9000000000) : (i > 0) }")
        start = time.monotonic()
        code, out, err = self.yara("-a 4 @/long.yar @/f")
        self.assertEqual((code, out), (1, f"quick {self.tree}/f\n".encode()))
        self.assertEqual(err, f"error scanning {self.tree}/f: scanning timed out\n".encode())
        self.assertEqual(self.yara("-a 4 -p 1 @/long.yar @/d")[0], 0)
        self.assertLess(time.monotonic() - start, 30)

    def test_warns_of_unknown_escapes_when_asked(self):
        (self.tree / "escape.yar").write_text(r'rule e { strings: $a = /EI\CAR/ condition: $a or "x" matches /\q/ }')
        for option, warnings in (("", 0), ("-E ", 2), ("--strict-escape -w ", 0)):
            code, out, err = self.yara(option + "@/escape.yar @/f")
            self.assertEqual((code, out, err.count(b"unknown escape sequence")), (0, f"e {self.tree}/f\n".encode(), warnings))
        self.assertEqual(self.yara("-E --fail-on-warnings @/escape.yar @/f")[0], 1)

    def test_help_names_every_option(self):
        code, out, _ = self.yara("--help")
        self.assertEqual(code, 0)
        for option in ("--scan-list", "-x, --module-data", "-X, --print-xor-key"):
            self.assertIn(option.encode(), out)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:])
