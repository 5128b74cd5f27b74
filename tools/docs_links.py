#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file that a page of the documentation names is there: links, and paths in backquotes. Ends 1 when one is not."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:src|data|docs|tools|bench|cmake)/[\w./-]+|(?:core|model|cell/\w+|gate|host|tables|judge|report|walks|doors)/\w+\.(?:h|cpp))`")


def missing(page):
    text = page.read_text()
    for target in LINK.findall(text):
        if not (page.parent / target).exists():
            yield target
    for target in PATH.findall(text):
        if re.search(r"\b[A-Z]+\b", target.rsplit("/", 1)[-1]):  # `data/checks/ID.toml` stands for many
            continue
        if not (SOURCE / target).exists() and not (SOURCE / "src" / target).exists():
            yield target


def main():
    wrong = [(page, target) for page in sorted([*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md"), *SOURCE.glob("data/**/*.md")]) for target in missing(page)]
    for page, target in wrong:
        print(f"{page.relative_to(SOURCE)}: {target} is not there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
