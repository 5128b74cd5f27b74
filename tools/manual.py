#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual, from what the program and its data say of themselves.

    tools/manual.py WARD TABLES FOLDER

Writes FOLDER/man1/ward.1 from `WARD --help` and the help of every command, and FOLDER/man7/ward-tables.7 from the
descriptions of the tables in the folder TABLES.
"""
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def verbatim(text):
    return ".nf\n" + escape(text) + "\n.fi\n"


def head(name, section, version):
    day = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    return f'.TH {name} {section} "{day}" "ward {version}"\n.hy 0\n'


def said(ward, *words):
    return subprocess.run([ward, *words], check=True, capture_output=True, text=True).stdout.rstrip("\n")


def command_page(ward, version):
    overview = said(ward, "--help")
    summary = overview.split("\n", 1)[0].removeprefix("ward: ")
    page = head("WARD", 1, version)
    page += f".SH NAME\nward \\- {escape(summary)}\n.SH OVERVIEW\n" + verbatim(overview.split("\n", 2)[2])
    listed = overview.split("Commands:\n", 1)[1].split("\n\n", 1)[0]
    for line in listed.split("\n"):
        name = line.split()[0]
        page += f".SH ward {escape(name)}\n" + verbatim(said(ward, name, "--help"))
    return page + ".SH SEE ALSO\n.BR ward\\-tables (7)\n"


def tables_page(folder, version):
    page = head("WARD\\-TABLES", 7, version)
    page += ".SH NAME\nward\\-tables \\- the tables that `ward query` and the checks ask\n"
    for file in sorted(folder.glob("*.toml")):
        spec = tomllib.loads(file.read_text())
        page += f".SH {spec['name']}\n{escape(spec['title'])}.\n{escape(spec.get('description', ''))}\n"
        for column in spec["column"]:
            note = column.get("description", "")
            unit = column.get("unit", "")
            example = column.get("example", "")
            page += f".TP\n.BR {escape(column['name'])} \" ({column['type']}{', ' + unit if unit else ''})\"\n"
            page += escape(re.sub(r"\s+", " ", note)) + "\n"
            if example:
                page += f".br\nExample: {escape(example)}\n"
    return page + ".SH SEE ALSO\n.BR ward (1)\n"


def main():
    ward, tables, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    version = said(ward, "--version").split()[1]
    for section, name, text in ((1, "ward.1", command_page(ward, version)), (7, "ward-tables.7", tables_page(tables, version))):
        place = folder / f"man{section}"
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


if __name__ == "__main__":
    main()
