# SPDX-License-Identifier: Apache-2.0
"""What tests of the whole program share: a folder of its own, a clean environment. WARD_BIN names the folder of the programs."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ["WARD_BIN"]).resolve()
WARD = str(BIN / "ward")
VARIANTS = 100
# The EICAR test file, in two halves so that this file is none.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

FOUND, NOT_DONE, GAPS, INTERRUPTED = 1, 2, 3, 130


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
