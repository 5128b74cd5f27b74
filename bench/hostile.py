#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules and files that are made to be slow: does Ward keep to ten times its normal time, or end at a limit that it states?

    hostile.py [--yara SECONDS] [--only WORD]

The normal time: `ward yara` with the shipped rules (data/rules), compiled before, on a file of the same size that is made of this
system's programs and libraries, the best of three runs; for a gigabyte, sixteen times that of 64 MiB. Each case is a rule text and a
made file, 16 to 64 MiB or a gigabyte of holes. Times are processor seconds (user and system) of the whole program and all its cells,
for the cases with the compiling of their rules. By the clock, which other programs share, Ward may take 20 seconds (`-a 20`), 60 for a gigabyte;
`ward scan` allows a file 30. Outcomes:

    within   it answered, in at most ten times the normal time
    limit    it ended at a limit, said so on standard error, and that is what the case expects
    SLOW     it answered, but later; or time ran out, and the case does not expect that
    WRONG    another answer than the case expects, or than yara's, or no answer

One line a case, with how many times the normal time it took, and beside it the seconds of yara with the same rules and file: `over`
where it was stopped (--yara, 2 seconds by its own clock; 0 leaves it out), `refused` where it does not take the rules. Ends 1 unless each case
ends as expected."""
import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARD = ROOT / "build/release/bin/ward"
MIB = 1 << 20
TIMES = 10          # what is allowed
WARD_SECONDS = 20   # by the clock
GIB_SECONDS = 60
TIMED_OUT = "scanning timed out"


# ---- files ----

def repeated(unit, size):
    return (unit * (size // len(unit) + 1))[:size]


def drawn(size, seed=1):
    return random.Random(seed).randbytes(size)


def spread(words, size, gap=b"."):
    """A million words, as many bytes apart as the size allows."""
    one = size // 1_000_000
    return b"".join((word + gap * one)[:one] for word in words) * (1_000_000 // len(words))


def program(size, sections=96, tail=b"\0"):
    """A PE whose section table, imports, exports and resources claim absurd numbers."""
    head = bytearray(b"MZ" + bytes(58) + struct.pack("<I", 64))
    directories = bytearray(16 * 8)
    for number, (at, length) in {0: (0x1000, 0x7fffffff), 1: (0x1100, 0x7fffffff), 2: (0x1200, 0x7fffffff), 6: (0x1300, 0x7fffffff), 13: (0x1400, 0x7fffffff)}.items():
        struct.pack_into("<II", directories, number * 8, at, length)
    head += b"PE\0\0" + struct.pack("<HHIIIHH", 0x14c, sections, 0, 0x10000, 0xffffffff, 224, 0x102)
    head += struct.pack("<HBBIIIIII", 0x10b, 1, 1, 0x1000, 0, 0, 0x1000, 0x1000, 0x1000) + struct.pack("<III", 0x400000, 0x1000, 0x200)
    head += bytes(16) + struct.pack("<III", 0x7fffffff, 0x400, 0) + bytes(20) + struct.pack("<II", 0, 16) + directories
    for number in range(sections):
        head += struct.pack("<8sIIIIIIHHI", b".s%06d" % number, 0x7fffffff, 0x1000, size - 0x1000, 0x1000, 0, 0, 0, 0, 0xe0000020)
    head = head[:0x1000].ljust(0x1000, b"\0")
    # Import descriptors, export and resource tables that all point at one another.
    body = repeated(struct.pack("<IIIII", 0x1000, 0x1004, 0x80000010, 0x1010, 0x1020) + tail, size - len(head))
    return bytes(head) + body


def elf(size):
    """An ELF with 65,000 sections and as many symbols as fit."""
    count, each = 65_000, 64
    table = size - count * each
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0x1000, 64, table, 0, 64, 56, 100, each, count, 1)
    names = repeated(b"symbol_name\0", 1 << 16)
    symbols = repeated(struct.pack("<IBBHQQ", 1, 0x12, 0, 1, 0x1000, 16), table - len(head) - len(names))
    at = len(head) + len(names)
    section = {0: bytes(each), 1: struct.pack("<IIQQQQIIQQ", 1, 3, 0, 0, len(head), len(names), 0, 0, 1, 0),
               2: struct.pack("<IIQQQQIIQQ", 1, 11, 2, 0x1000, at, len(symbols), 1, 0, 8, 24)}
    return head + names + symbols + b"".join(section.get(i, section[2]) for i in range(count))


FILES = {
    # name: (size, what makes it; nothing for a hole)
    "zeros": (32 * MIB, None),
    "zeros 1g": (1024 * MIB, None),
    "ff": (32 * MIB, lambda n: b"\xff" * n),
    "a": (32 * MIB, lambda n: b"a" * n),
    "a 16": (16 * MIB, lambda n: b"a" * n),
    "a wide": (32 * MIB, lambda n: b"a\0" * (n // 2)),
    "ab": (32 * MIB, lambda n: b"ab" * (n // 2)),
    "random": (32 * MIB, drawn),
    "random 64": (64 * MIB, drawn),
    "letters": (32 * MIB, lambda n: drawn(n, 2).translate(bytes(97 + i % 26 for i in range(256)))),
    "digits": (32 * MIB, lambda n: repeated(b"0123456789", n)),
    "lines": (32 * MIB, lambda n: repeated(b"a" * 99 + b"\n", n)),
    "line ends": (32 * MIB, lambda n: b"\n" * n),
    "spaces": (32 * MIB, lambda n: b" " * n),
    "needles": (32 * MIB, lambda n: spread([b"needle"], n)),
    "nearly": (32 * MIB, lambda n: repeated(b"needle0", n)),
    "needle digits": (32 * MIB, lambda n: repeated(b"needle0123456789", n)),
    "foobar": (32 * MIB, lambda n: repeated(b"foobar", n)),
    "MZ": (32 * MIB, lambda n: b"MZ" * (n // 2)),
    "MZPE": (32 * MIB, lambda n: repeated(b"MZPE\0\0", n)),
    "base64": (32 * MIB, lambda n: repeated(b"YWFhYWFhYWFh", n)),
    "brackets": (32 * MIB, lambda n: b"(" * (n // 2) + b")" * (n // 2)),
    "json": (32 * MIB, lambda n: b'{"a":[' * (n // 6)),
    "tags": (32 * MIB, lambda n: repeated(b"<script>eval(", n)),
    "shell": (32 * MIB, lambda n: repeated(b"curl -s http://x/ | wget base64 -d sh ;", n)),
    "program": (16 * MIB, program),
    "program deep": (16 * MIB, lambda n: program(n, 65_535, b"\0\0\0\x80\0\0\0")),
    "elf": (16 * MIB, elf),
}


# ---- rules ----

def rule(strings, condition="$a", imports=()):
    lines = [f'import "{name}"' for name in imports]
    if strings and not strings.lstrip().startswith("$"):
        strings = "$a = " + strings
    return "\n".join([*lines, "rule r {", *(["strings:", strings] if strings else []), "condition:", condition, "}"]) + "\n"


def hexed(data):
    return data.hex(" ")


def drawn_strings(count, size, seed):
    choose = random.Random(seed)
    return "\n".join(f"$s{i} = {{ {hexed(choose.randbytes(size))} }}" for i in range(count))


def chained(count):
    return "rule r0 { strings: $a = { 00 00 01 } condition: not $a }\n" + "\n".join(
        f"rule r{i} {{ condition: r{i - 1} and r{i // 2} and not (not r{i - 1} or not r0) }}" for i in range(1, count)) + "\n"


def doubled(count):
    return "rule r0 { condition: filesize > 0 }\n" + "\n".join(
        f"rule r{i} {{ condition: {' and '.join([f'r{i - 1}'] * 60)} }}" for i in range(1, count)) + "\n"


def nested(levels, inner, top=10):
    """Loops in loops (yara takes four)."""
    for level in range(levels):
        inner = f"for all v{level} in (1..{top}) : ({inner})"
    return inner


HELD, NOT = True, False
WITHIN, TIME = "within", TIMED_OUT
HASH = "00000000000000000000000000000000"
# name, rules, file, does the last rule hold, how it ends
CASES = [
    # Repeats in repeats, on what nearly matches.
    ("nested plus", rule("/(a+)+b/"), "a", NOT, WITHIN),
    ("nested star", rule("/a(a*)*b/"), "a", NOT, WITHIN),
    ("ten nested stars", rule("/a((((((((((a*)*)*)*)*)*)*)*)*)*)b/"), "a", NOT, WITHIN),
    ("same alternatives", rule("/(a|a)*b/"), "a", NOT, WITHIN),
    ("alternatives of one and two", rule("/(a|aa)+b/"), "a", NOT, WITHIN),
    ("plus plus plus", rule("/(a+a+)+y/"), "a", NOT, WITHIN),
    ("optional fifty", rule("/(a?){50}a{50}b/"), "a", NOT, WITHIN),
    ("optional suffix", rule("/a(a?){100}b/"), "a", NOT, WITHIN),
    ("nested frugal", rule("/(a+?)+?b/"), "a", NOT, WITHIN),
    ("nested nocase", rule("/(aa+)+c/ nocase"), "a", NOT, WITHIN),
    ("nested wide", rule("/(a+)+b/ wide"), "a wide", NOT, WITHIN),
    ("nested with line ends", rule("/(a+)+b/"), "lines", NOT, WITHIN),
    # Matches everywhere.
    ("plus everywhere", rule("/a+/", "#a >= 1000000"), "a", HELD, WITHIN),
    ("frugal plus everywhere", rule("/a+?/", "#a >= 1000000"), "a", HELD, WITHIN),
    ("any byte", rule("/./s", "#a >= 1000000"), "random", HELD, WITHIN),
    ("any bytes", rule("/.+/s", "#a >= 1000000"), "random", HELD, WITHIN),
    ("any line", rule("/.+\\n/", "#a >= 1000000"), "lines", HELD, WITHIN),
    ("any letters", rule("/[a-z]+/", "#a >= 1000000"), "letters", HELD, WITHIN),
    ("any word", rule("/\\w+/", "#a >= 1000000"), "letters", HELD, WITHIN),
    ("any spaces", rule("/\\s+/", "#a >= 1000000"), "spaces", HELD, WITHIN),
    # Expressions without a byte to look for.
    ("letters and a digit", rule("/[a-z]+[0-9]/"), "letters", NOT, WITHIN),
    ("letters and signs and digits", rule("/[a-z]{3,}[^a-z0-9][0-9]{3,}/"), "letters", NOT, WITHIN),
    ("address", rule("/[a-z0-9._-]+@[a-z0-9.-]+\\.[a-z]{2,4}/"), "letters", NOT, WITHIN),
    ("address among digits", rule("/[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}/"), "digits", NOT, WITHIN),
    ("anything and b", rule("/.*b/"), "a", NOT, WITHIN),
    ("three times anything", rule("/a(.*)(.*)(.*)b/"), "a", NOT, WITHIN),
    ("many bytes and z", rule("/.{1000,2000}z/"), "a 16", NOT, WITHIN),
    ("four thousand and z", rule("/[^z]{4000}z/"), "a 16", NOT, WITHIN),
    ("counted digits", rule("/[0-9]{500}x/"), "digits", NOT, WITHIN),
    ("hex digits in twos", rule("/([0-9a-f]{2} ){8}/"), "letters", NOT, WITHIN),
    ("word boundaries", rule("/\\b[a-z]{3}\\b[0-9]/"), "letters", NOT, WITHIN),
    ("spaces to the end", rule("/\\s+$/"), "spaces", HELD, WITHIN),
    ("from the start", rule("/^a+b/"), "a", NOT, WITHIN),
    ("all classes", rule("/[^\\x00]{3}[\\x80-\\xff]{2}[\\x00-\\x1f]{6}\\x00/"), "random", HELD, WITHIN),
    # Expressions with bytes that are everywhere.
    ("counted thousand", rule("/a{1000}b/"), "a", NOT, WITHIN),
    ("counted to the limit", rule("/a{1,4000}b/"), "a", NOT, WITHIN),
    ("gap of two hundred", rule("/aa.{0,200}b/"), "a", NOT, WITHIN),
    ("gap without end", rule("/aaaa.*b/s"), "a", NOT, WITHIN),
    ("all but b", rule("/aaaaaaaa[^b]*b/"), "a", NOT, WITHIN),
    ("hundred alternatives", rule("/(" + "|".join(f"aaa{i}" for i in range(100, 200)) + ")/"), "a", NOT, WITHIN),
    ("optional parts", rule("/a(b|c|d)?a(b|c|d)?a(b|c|d)?ax/"), "ab", NOT, WITHIN),
    ("nearly and digits", rule("/needle[0-9]{1,50}x/"), "needle digits", NOT, WITHIN),
    ("three words apart", rule("/foo.{0,500}bar.{0,500}baz/"), "foobar", NOT, WITHIN),
    ("words repeated", rule("/(foo|bar)+baz/"), "foobar", NOT, WITHIN),
    ("before and behind", rule("/[a-z]*needle[a-z0-9]*x/"), "nearly", NOT, WITHIN),
    ("five hundred nested", "".join(f"rule r{i} {{ strings: $a = /a{{{i + 2}}}(a+)+{i}/ condition: $a }}\n" for i in range(500)), "a", NOT, WITHIN),
    # Texts.
    ("one byte", rule('"a"', "#a >= 1000000"), "a", HELD, WITHIN),
    ("one byte nocase wide", rule('"a" nocase wide ascii', "#a >= 1000000"), "a wide", HELD, WITHIN),
    ("one byte xor", rule('"a" xor', "#a >= 1000000"), "random", HELD, WITHIN),
    ("two bytes", rule('"aa" nocase', "#a >= 1000000"), "a", HELD, WITHIN),
    ("four bytes", rule('"aaaa"', "#a >= 1000000"), "a", HELD, WITHIN),
    ("whole words only", rule('"aaaaaaaaaaaaaaaa" fullword'), "a", NOT, WITHIN),
    ("four thousand bytes", rule('"' + "a" * 4000 + 'b"'), "a", NOT, WITHIN),
    ("eight bytes xor", rule('"aaaaaaaa" xor', "#a >= 1000000"), "zeros", HELD, WITHIN),
    ("long xor and nearly", rule('"' + "a" * 60 + 'b" xor'), "ff", NOT, WITHIN),
    ("base64", rule('"aaaaaa" base64 base64wide', "#a >= 1000000"), "base64", HELD, WITHIN),
    ("nearly", rule('"needle1"'), "nearly", NOT, WITHIN),
    ("a million matches", rule('"needle"', "#a == 1000000"), "needles", HELD, WITHIN),
    # Hex strings.
    ("one zero byte", rule("{ 00 }", "#a >= 1000000"), "zeros 1g", HELD, WITHIN),
    ("four zero bytes", rule("{ 00 00 00 00 }", "#a >= 1000000"), "zeros 1g", HELD, WITHIN),
    ("every byte", rule("\n".join(f"$s{i} = {{ {i:02x} }}" for i in range(256)), "all of them"), "random", HELD, WITHIN),
    ("holes", rule("{ 00 ?? 00 ?? 00 ?? 01 }"), "zeros", NOT, WITHIN),
    ("holes before", rule("{ ?? ?? ?? ?? 01 00 }"), "zeros", NOT, WITHIN),
    ("half bytes", rule("{ 0? 0? 0? 0? ff }"), "zeros", NOT, WITHIN),
    ("no zero bytes", rule("{ ~00 ~00 ~00 ~00 }"), "zeros 1g", NOT, WITHIN),
    ("short jump", rule("{ 00 [0-200] 01 }"), "zeros", NOT, WITHIN),
    ("long jump", rule("{ 00 [0-65534] 01 }"), "zeros", NOT, WITHIN),
    ("jumps without end", rule("{ 00 [-] 01 [-] 02 }"), "zeros", NOT, WITHIN),
    ("jumps of a thousand", rule("{ 00 00 00 00 [500-1000] 00 00 00 00 [500-1000] 00 00 00 01 }"), "zeros", NOT, WITHIN),
    ("jumps that all hold", rule("{ 61 61 61 61 [500-1000] 61 61 61 61 [500-1000] 61 61 61 61 }", "#a >= 1"), "a", HELD, WITHIN),
    ("nested alternatives", rule("{ (00 | 01 | 02 (00 | 01)) (00 | 01 00) (00 | 01 (02 | 00 03)) 00 07 }"), "zeros", NOT, WITHIN),
    ("MZ without end", rule("{ 4D 5A [-] 50 45 00 01 }"), "MZPE", NOT, WITHIN),
    ("apart by a hundred", rule("{ 61 [1-100] 62 [1-100] 63 }"), "ab", NOT, WITHIN),
    # Many at once.
    ("ten thousand strings", rule(drawn_strings(10_000, 4, 3), "all of them"), "random", NOT, WITHIN),
    ("two thousand short strings", rule(drawn_strings(2_000, 2, 4), "all of them"), "random", HELD, WITHIN),
    ("a thousand of one prefix", rule("\n".join(f'$s{i} = "needle{i}x"' for i in range(1000)), "any of them"), "needle digits", NOT, WITHIN),
    ("eighty percent of ten thousand", rule(drawn_strings(10_000, 3, 5), "80% of them"), "random", HELD, WITHIN),
    # Conditions.
    ("over a million places", rule('"needle"', "for all i in (1..#a) : (@a[i] >= 0 and !a[i] == 6)"), "needles", HELD, WITHIN),
    ("places against places", rule('"needle"', "for any i in (1..#a) : (for any j in (1..#a) : (@a[i] == @a[j] + 1))"), "needles", NOT, TIME),
    ("counts in ranges", rule('"needle"', "for all i in (0..10000) : (#a in (i..filesize) >= 1000)"), "needles", HELD, WITHIN),
    ("strings in loops", rule('"needle"', "for all i in (1..1000000) : ($a in (0..i + 100))"), "needles", HELD, WITHIN),
    ("every byte of a file", rule("", "for any i in (0..filesize) : (uint8(i) == 1)"), "zeros", NOT, WITHIN),
    ("every word of a gigabyte", rule("", "for any i in (0..filesize) : (uint32(i) == 0xdeadbeef)"), "zeros 1g", NOT, WITHIN),
    ("four nested loops", rule("", nested(4, "v0 + v1 + v2 + v3 > 0", 1000)), "a 16", NOT, TIME),
    ("loop without end", rule("", "for all i in (0..0x7ffffffffffffffe) : (i >= 0)"), "a 16", NOT, TIME),
    ("brackets in brackets", rule("", "(" * 190 + "filesize > 0" + ")" * 190), "a 16", HELD, WITHIN),
    ("ten thousand terms", rule("", " or ".join(f"uint32({i}) == {i}" for i in range(10_000))), "a 16", NOT, WITHIN),
    ("rules that name rules", chained(2000), "zeros", HELD, WITHIN),
    ("rules sixtyfold", doubled(200), "zeros", HELD, WITHIN),
    ("long text matches", rule("", f'"{"a" * 8000}" matches /(a+)+b/'), "a 16", NOT, WITHIN),
    ("long text matches thrice", rule("", f'for all i in (1..3) : (not ("{"a" * 8000}" matches /a.*a.*a.*b/))'), "a 16", HELD, WITHIN),
    ("contains in a loop", rule("", f'for any i in (1..10000) : ("{"a" * 8000}" icontains "aaaaaaab")'), "a 16", NOT, WITHIN),
    # Modules.
    ("md5 of a gigabyte", rule("", f'hash.md5(0, filesize) == "{HASH}"', ["hash"]), "zeros 1g", NOT, WITHIN),
    ("three digests of a file", rule("", f'hash.md5(0, filesize) == hash.sha256(0, filesize) or hash.sha1(0, filesize) == "{HASH}"', ["hash"]), "random 64", NOT, WITHIN),
    ("digests of all tails", rule("", f'for any i in (0..100000) : (hash.md5(i, filesize) == "{HASH}")', ["hash"]), "a 16", NOT, TIME),
    ("checksums of all tails", rule("", "for any i in (0..100000) : (hash.crc32(i, filesize) == 1)", ["hash"]), "a 16", NOT, TIME),
    ("entropy of a gigabyte", rule("", "math.entropy(0, filesize) < 0.1", ["math"]), "zeros 1g", HELD, WITHIN),
    ("entropy of all tails", rule("", "for any i in (0..100000) : (math.entropy(i, filesize) > 9.0)", ["math"]), "random", NOT, TIME),
    ("all of math", rule("", "math.serial_correlation(0, filesize) > 2.0 or math.monte_carlo_pi(0, filesize) > 2.0 or math.mean(0, filesize) > 300.0 or "
                             "math.deviation(0, filesize, 127.5) > 300.0 or math.count(0, 0, filesize) < 0 or math.mode(0, filesize) > 300", ["math"]), "random 64", NOT, WITHIN),
    ("sections without end", rule("", "for any s in pe.sections : (s.raw_data_size == 1 or s.name == \"x\") or pe.imphash() == \"x\"", ["pe"]), "program", NOT, WITHIN),
    ("sections beyond all", rule("", "for any s in pe.sections : (s.raw_data_size == 1) or pe.number_of_resources == 77777 or pe.exports(\"x\")", ["pe"]), "program deep", NOT, WITHIN),
    ("imports by expression", rule("", "pe.imports(/(a+)+b/, /(x*)*y/) > 0 or pe.exports(/(a+)+b/)", ["pe"]), "program", NOT, WITHIN),
    ("digest of each section", rule("", f'for any s in pe.sections : (hash.md5(s.raw_data_offset, s.raw_data_size) == "{HASH}")', ["pe", "hash"]), "program", NOT, WITHIN),
    ("checksum of a program", rule("", "pe.calculate_checksum() == 1 or pe.rich_signature.version(1) > 7", ["pe"]), "program", NOT, WITHIN),
    ("symbols without end", rule("", "for any s in elf.sections : (s.size == 1) or for any s in elf.symtab : (s.name == \"x\") or elf.number_of_sections == 1", ["elf"]), "elf", NOT, WITHIN),
    ("lines without end", rule("", "for all i in (1..10000000) : (console.log(\"line\"))", ["console"]), "a 16", None, "lines"),
    # The shipped rules on odd files.
    *((f"shipped rules on {name}", None, name, NOT, WITHIN) for name in
      ["zeros 1g", "ff", "a", "a wide", "random 64", "digits", "letters", "lines", "line ends", "spaces", "MZ", "base64", "brackets", "json", "tags", "shell", "program", "elf"]),
]


# ---- measuring ----

class Run:
    """A whole program: processor seconds, standard output and error, how it ended (nothing: it was stopped)."""

    def __init__(self, command, seconds):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, start_new_session=True)
            previous = signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
            signal.alarm(seconds)
            _, status, usage = os.wait4(process.pid, 0)
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.code = None if process.returncode == -signal.SIGKILL else process.returncode
            self.seconds = usage.ru_utime + usage.ru_stime
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(1 << 24).decode("latin1"), err.read(1 << 20).decode("latin1")

    def held(self, path):
        return {line.split()[0] for line in self.out.splitlines() if line.endswith(f" {path}")}


def run_ward(base, rules, path, fresh=True):
    state = base / "state"
    if fresh:
        shutil.rmtree(state, ignore_errors=True)
    seconds = WARD_SECONDS if path.stat().st_size < 1024 * MIB else GIB_SECONDS
    return Run([WARD, "yara", "-w", "--state", state, "-a", seconds, rules, path], 4 * seconds)


def ordinary(size):
    """Bytes of this system's programs and libraries."""
    paths = sorted(str(path) for folder in ("/usr/bin", "/usr/lib") for path in pathlib.Path(folder).rglob("*")
                   if not path.is_symlink() and path.is_file() and 50_000 < path.stat().st_size < 4_000_000)
    out = bytearray()
    for path in random.Random(7).sample(paths, len(paths)):
        try:
            out += pathlib.Path(path).read_bytes()
        except OSError:
            continue
        if len(out) >= size:
            return bytes(out[:size])
    return repeated(bytes(out), size)


def normal_times(base, rules):
    """Processor seconds by size."""
    times = {}
    path = base / "ordinary"
    for size in (16 * MIB, 32 * MIB, 64 * MIB):
        path.write_bytes(ordinary(size))
        run_ward(base, rules, path)
        runs = [run_ward(base, rules, path, fresh=False) for _ in range(3)]
        if any(run.code != 0 for run in runs):
            sys.exit(f"the normal run failed: {runs[0].err[-300:]}")
        times[size] = min(run.seconds for run in runs)
    path.unlink()
    times[1024 * MIB] = 16 * times[64 * MIB]
    return times


def make_file(base, name):
    size, make = FILES[name]
    path = base / name.replace(" ", "_")
    with open(path, "wb") as file:
        if make is None:
            file.truncate(size)
        else:
            file.write(make(size))
    return path, size


def judge(run, path, wanted, ends, allowed, peer):
    """The outcome, and a remark."""
    said = [line for line in run.err.splitlines() if line.startswith("error")]
    if run.code is None or (run.code != 0 and not said):
        return "WRONG", f"ended with {run.code}: {run.err[-200:]}"
    if said:
        why = said[0].split(": ", 1)[-1]
        if ends == WITHIN:
            return "SLOW" if TIMED_OUT in why else "WRONG", why
        return "limit" if ends in why else "WRONG", why
    if ends not in (WITHIN, TIME):
        return "WRONG", "no limit was told"
    held = run.held(path)
    if wanted is not None and bool(held) != wanted:
        return "WRONG", f"held: {sorted(held)[:5]}"
    if peer is not None and peer != held:
        return "WRONG", f"yara: {sorted(peer ^ held)[:5]} differ"
    return ("within" if run.seconds <= allowed else "SLOW"), ""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--yara", type=int, default=2)
    options.add_argument("--only", default="")
    given = options.parse_args()
    bad, outcomes = 0, {}
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        shipped = base / "shipped.yar"
        shipped.write_text("\n".join(path.read_text() for path in sorted((ROOT / "data/rules").rglob("*.yar"))))
        normal = normal_times(base, shipped)
        print("# normal: " + ", ".join(f"{size // MIB} MiB {seconds:.3f} s" for size, seconds in normal.items()) + f"; {len(CASES)} cases")
        print("case,file,megabytes,ward_seconds,ward_mb_per_s,times_normal,yara_seconds,outcome,expected,remark", flush=True)
        rules = base / "case.yar"
        for file in FILES:
            cases = [case for case in CASES if case[2] == file and given.only in case[0]]
            if not cases:
                continue
            path, size = make_file(base, file)
            for title, text, _, wanted, ends in cases:
                rules.write_text(text or shipped.read_text())
                yara = peer = None
                if given.yara > 0 and shutil.which("yara"):
                    yara = Run(["yara", "-w", "-a", given.yara, *(["-d", "filename="] if text is None else []), rules, path], 4 * given.yara)
                    if yara.code == 0 and not yara.err.strip():
                        peer = yara.held(path)
                run = run_ward(base, rules, path)
                outcome, remark = judge(run, path, wanted, ends, TIMES * normal[size], peer)
                expected = "within" if ends == WITHIN else "limit"
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
                # To answer after all is better than a limit.
                bad += outcome not in (expected, "within")
                beside = "" if yara is None else f"{yara.seconds:.2f}" if peer is not None else "refused" if re.search(r"\(\d+\): error|error: rule|: error:", yara.err) else "over"
                print(f"{title},{file},{size / 1e6:.0f},{run.seconds:.2f},{size / 1e6 / max(run.seconds, 1e-3):.0f},{run.seconds / normal[size]:.1f},"
                      f"{beside},{outcome},{expected},{remark.replace(',', ';')}", flush=True)
            path.unlink()
    print("# " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    sys.exit(1 if bad or not outcomes else 0)


if __name__ == "__main__":
    main()
