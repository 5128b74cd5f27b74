#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The corpora that the benchmarks speak of, made of Debian packages, below build/corpora; prints them as options for bench/yara_speed.py.

    bench/yara_speed.py --rules FOLDER $(tools/bench_corpora.py)

system: what is installed on this machine. windows: programs and libraries for Windows and .NET, of wine, mingw-w64 and mono. documents: PDF and
office files as the packages have them, and messages with one of these attached to each, as mail carries them. source: programs in many languages
and what web sites serve. Packages are fetched once, with `apt-get download`.
"""
import email.message
import email.policy
import hashlib
import mimetypes
import pathlib
import subprocess
import sys

CORPORA = pathlib.Path(__file__).resolve().parent.parent / "build/corpora"
PACKAGES = {
    "windows": ["libwine", "gcc-mingw-w64-x86-64-posix-runtime", "gcc-mingw-w64-i686-posix-runtime", "libmono-corlib4.5-dll",
                "libmono-system-core4.0-cil", "libmono-system-web4.0-cil", "libmono-system-data4.0-cil", "libmono-system-xml4.0-cil",
                "libmono-system4.0-cil", "libmono-cil-dev", "mono-mcs"],
    "documents": ["texlive-latex-recommended-doc", "libreoffice-common", "openclipart-libreoffice", "gnuplot-doc", "python3-docx"],
    "source": ["golang-1.19-src", "wordpress", "phpmyadmin", "python3-django", "libjs-jquery-ui", "node-typescript", "ruby-rails", "ruby-actionpack"],
}
WANTED = {
    "windows": {".exe", ".dll", ".sys", ".drv", ".ocx", ".winmd", ".cpl", ".com"},
    "documents": {".pdf", ".odt", ".ott", ".odp", ".otp", ".ods", ".ots", ".odg", ".otg", ".docx", ".xlsx", ".pptx", ".doc", ".xls", ".ppt", ".rtf"},
}


def unpack(name, packages):
    folder = CORPORA / name
    packed = CORPORA / "packages"
    packed.mkdir(parents=True, exist_ok=True)
    for package in packages:
        mark = folder / f".{package}"
        if mark.exists():
            continue
        if subprocess.run(["apt-get", "-q", "download", package], cwd=packed, capture_output=True).returncode != 0:
            print(f"# there is no package {package}", file=sys.stderr)
            continue
        folder.mkdir(exist_ok=True)
        for file in packed.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
            file.unlink()
        mark.touch()
    if name in WANTED:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or (path.is_file() and path.suffix.lower() not in WANTED[name] and path.parent != folder):
                path.unlink()
    return folder


def write_mail(documents):
    """A message for each document, named by what it holds, in a folder of its own."""
    mail = CORPORA / "mail"
    mail.mkdir(parents=True, exist_ok=True)
    for path in sorted(documents.rglob("*")):
        if path.suffix.lower() not in WANTED["documents"]:
            continue
        content = path.read_bytes()
        file = mail / f"{hashlib.sha256(content).hexdigest()[:16]}.eml"
        if file.exists():
            continue
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"], message["To"] = "Sender <sender@example.org>", "Receiver <receiver@example.org>"
        message["Subject"], message["Date"] = f"The file {path.name}", "Mon, 30 Nov 2026 08:00:00 +0000"
        message.set_content(f"Dear reader,\n\nyou find {path.name} attached, of {len(content)} bytes.\n\nKind regards\n")
        kind = (mimetypes.guess_type(path.name)[0] or "application/octet-stream").split("/")
        message.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=path.name)
        file.write_bytes(message.as_bytes())
    return mail


def main():
    folders = {name: str(unpack(name, packages)) for name, packages in PACKAGES.items()}
    folders["documents"] += f":{write_mail(CORPORA / 'documents')}"
    print("--corpus system=/usr/bin:/usr/sbin:/usr/lib")
    for name, folder in folders.items():
        print(f"--corpus {name}={folder}")


if __name__ == "__main__":
    main()
