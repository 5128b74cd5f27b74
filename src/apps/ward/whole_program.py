# SPDX-License-Identifier: Apache-2.0
"""What tests of the whole program share: a folder of its own, a clean environment. WARD_BIN names the folder of the programs."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ["WARD_BIN"]).resolve()
WARD = str(BIN / "ward")
VARIANTS = 100
# The EICAR test file, in two halves so that this file is none.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

FOUND, NOT_DONE, GAPS, INTERRUPTED = 1, 2, 3, 130


HOLDER = r'''
import ctypes, mmap, sys
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)
held = [open(path, "rb").read() for path in sys.argv[1:]]
large = mmap.mmap(-1, 400 * 4096)
large[: 200 * 4096] = bytes(200 * 4096)
text = b"the end of " + b"200 pages"
large[200 * 4096 - len(text) : 200 * 4096] = text
print("ready", flush=True)
sys.stdin.read()
'''


@contextlib.contextmanager
def process_with(*files):
    """A process that holds what the files hold, and then does nothing."""
    hidden = bytes(b ^ 0x33 for b in b"needles are hidden")
    files[-1].write_bytes(b"a needle in memory 4711\0" + "content".encode("utf-16-le") + b"!\0!" + hidden)
    with subprocess.Popen([sys.executable, "-c", HOLDER, *map(str, files)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as target:
        target.stdout.readline()
        try:
            yield target
        finally:
            target.kill()


def may_read(pid):
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
        os.readlink(f"/proc/{pid}/exe")
        return True
    except OSError:
        return False


class WholeProgram(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-program-"))
        self.state = self.folder / "state"
        self.tree = self.folder / "tree"
        self.tree.mkdir()
        self.random = random.Random(20261125)
        self.home = self.folder / "home"
        self.home.mkdir()

    def tearDown(self):
        for path, folders, _ in os.walk(self.folder):
            for name in folders:
                place = os.path.join(path, name)
                if not os.path.islink(place):
                    os.chmod(place, 0o700)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        clean = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")}
        return {**clean, "HOME": str(self.home), **more}

    def ward(self, *arguments, **options):
        options.setdefault("env", self.environment())
        return subprocess.run([WARD, *map(os.fsencode, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **options)

    def scan(self, *arguments, **options):
        run = self.ward("scan", "--state", str(self.state), "--format", "json", *arguments, **options)
        report = json.loads(run.stdout) if run.stdout else None
        return run, report
