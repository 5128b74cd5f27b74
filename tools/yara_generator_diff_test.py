#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/yara_generator_diff.py and of what it shares with tools/yara_rules_diff.py.

    tools/yara_generator_diff_test.py RULE_PROBE MODULE_PROBE

Ends 77 where there is no yara.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))
import yara_rules_diff as rules_diff

PROBES = sys.argv[1:3]


def generate(many, hash_seed):
    """A small run, in which `many` pairs are as many as 100,000 are."""
    code = f"import sys; sys.path.insert(0, {str(TOOLS)!r}); import yara_generator_diff as tool; tool.MANY = {many}; tool.main()"
    return subprocess.run([sys.executable, "-c", code, "--seed", "4", "--count", "300", "--probe", PROBES[0], "--module-probe", PROBES[1]],
                          capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": str(hash_seed)})


class Generator(unittest.TestCase):
    def test_draws_the_same_for_a_seed_and_ends_1_where_forms_are_too_few(self):
        one, other, few = generate(301, 1), generate(301, 2), generate(300, 1)
        self.assertEqual(one.returncode, 0, one.stdout + one.stderr)
        self.assertRegex(one.stdout, r" 0 differ, drawn [0-9a-f]{16}\n$")
        self.assertEqual(other.stdout, one.stdout)
        self.assertEqual(few.returncode, 1)
        self.assertEqual(few.stdout.splitlines()[-1], one.stdout.splitlines()[-1])
        self.assertRegex(few.stdout, r"in fewer than 500 pairs: .*\$a at \(\d+\)")


class Refusals(unittest.TestCase):
    def test_a_line_is_left_out_once(self):
        lines, refused = ["a", "b", "c"], {}
        rules_diff.leave_out(lines, refused, [(1, "first"), (1, "second")])
        self.assertEqual((lines, refused), (["a", "", "c"], {1: "first"}))
        with self.assertRaises(SystemExit):
            rules_diff.leave_out(lines, refused, [(1, "again")])

    def test_external_variables_have_the_type_of_their_value(self):
        kinds = {name: type(value) for name, value in rules_diff.typed_externals().items()}
        self.assertEqual(kinds["ext_int"], int)
        self.assertEqual(kinds["ext_real"], float)
        self.assertEqual(kinds["ext_text"], str)


if __name__ == "__main__":
    if not shutil.which("yara"):
        print("skipped: there is no yara command to compare with")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], "-v"])
