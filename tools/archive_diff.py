#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""archive_diff.py PROBE [COUNT] [SEED]: archives made at random by other programs, and what Ward sees in them.

PROBE is build/PRESET/bin/tree_probe. Each archive is made by tar, zip, ar, cpio, dpkg-deb, gzip, xz, zstd, bzip2 or Python's
zipfile and tarfile (7z too, when it is there) from a made tree of files. Then: every file's content must be seen, nothing else may be, and no gap may
be told. Programs that pack are the oracle: what they were given is what must come out. Ends 1 and keeps the archive when
something differs.
"""
import hashlib
import io
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

probe = pathlib.Path(sys.argv[1]).resolve()
count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(seed)


def content():
    """Text, noise, runs, or a mix: short mostly, now and then beyond every window; sometimes itself packed once more."""
    size = rng.choice([0, 1, 100, 511, 512, 513, 5000, 70_000, 300_000])
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(size)
    if kind == 1:
        return bytes([rng.randrange(1, 255)]) * size
    words = [rng.randbytes(rng.randrange(1, 12)) for _ in range(50)]
    data = b"".join(rng.choice(words) for _ in range(size // 6 + 1))[:size]
    return data if kind == 2 else data + b"\0" * rng.randrange(100_000) + data


def name(depth=0):
    letters = "abcdefgh_-. äß日"
    base = "f" + "".join(rng.choice(letters) for _ in range(rng.choice([1, 5, 20, 60]))).strip(" .")
    return base if depth > 2 or rng.random() < 0.5 else base[:20] + "/" + name(depth + 1)


def make_tree(root):
    files = {}
    for _ in range(rng.randrange(1, 8)):
        path = root / name()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content()
            path.write_bytes(data)
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
        files[path.relative_to(root).as_posix()] = data
    if files and rng.random() < 0.3:
        (root / "link").symlink_to(rng.choice(sorted(files)))
    if files and rng.random() < 0.3:
        os.link(root / rng.choice(sorted(files)), root / "hard")
    if rng.random() < 0.3:
        with open(root / "sparse", "wb") as file:
            for offset in sorted(rng.sample(range(0, 3_000_000), 4)):
                file.seek(offset)
                file.write(rng.randbytes(100))
        files["sparse"] = (root / "sparse").read_bytes()
    return files


def run(*command, cwd, stdin=None):
    return subprocess.run(command, cwd=cwd, input=stdin, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def make_tar(root):
    form = rng.choice(["v7", "ustar", "gnu", "pax", "oldgnu", "python"])
    if form == "python":
        out = io.BytesIO()
        try:
            with tarfile.open(fileobj=out, mode="w", format=rng.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])) as tar:
                tar.add(root, arcname="tree")
            return out.getvalue()
        except ValueError:  # ustar cannot store long names
            form = "gnu"
    options = [f"--format={form}"]
    if form in ("gnu", "oldgnu", "pax") and rng.random() < 0.5:
        options.append("--sparse")
        if form == "pax":
            options.append("--sparse-version=" + rng.choice(["0.0", "0.1", "1.0"]))
    try:
        return run("tar", "cf", "-", *options, ".", cwd=root)
    except subprocess.CalledProcessError:  # the old ones cannot store long names
        return run("tar", "cf", "-", "--format=gnu", ".", cwd=root)


def make_zip(root, out):
    maker = rng.choice(["zip", "stream", "python", "7z", "encrypted"])
    if maker == "7z" and shutil.which("7z"):
        method = rng.choice(["Copy", "Deflate", "Deflate64", "BZip2", "LZMA"])
        run("7z", "a", "-tzip", f"-mm={method}", "-mx=" + rng.choice("1579"), str(out), ".", cwd=root)
        return out.read_bytes()
    if maker == "python":
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])) as archive:
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    archive.write(path, path.relative_to(root).as_posix())
        return memory.getvalue()
    if maker == "stream":
        return run("zip", "-qr", "-" + rng.choice("0169"), "-", ".", cwd=root)
    options = ["-P", rng.choice(["infected", "virus", "malware"])] if maker == "encrypted" else []
    run("zip", "-qr", *options, "-" + rng.choice("0169"), str(out), ".", cwd=root)
    return out.read_bytes()


def make_cpio(root):
    form = rng.choice(["newc", "crc", "odc", "bin", "ustar"])
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))]
    return run("cpio", "-o", "--null", "-H", form, "--quiet", cwd=root, stdin="\0".join(names).encode() + b"\0")


def make_ar(root, out):
    """ar keeps the last part of a name, and no folders."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    run("ar", "qcS" + rng.choice(["", "D", "U"]), str(out), "--", *map(str, files), cwd=root)
    return out.read_bytes()


def make_deb(root, out):
    """dpkg-deb writes ./control into one tar and the files into another: only the second is compared."""
    (root / "DEBIAN").mkdir(mode=0o755)
    (root / "DEBIAN" / "control").write_text("Package: made\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: made\n")
    run("dpkg-deb", "--root-owner-group", "-Z" + rng.choice(["none", "gzip", "xz", "zstd"]), "-z1", "-b", str(root), str(out), cwd=root.parent)
    return out.read_bytes()


def pack(data, kind, cwd):
    command = {
        "gzip": ["gzip", "-c", "-" + rng.choice("169")],
        "xz": ["xz", "-c", "-" + rng.choice("06"), "--check=" + rng.choice(["none", "crc32", "crc64", "sha256"])],
        "zstd": ["zstd", "-c", "-q", "-" + rng.choice(["1", "3", "19"]), rng.choice(["--check", "--no-check"])],
        "bzip2": ["bzip2", "-c", "-" + rng.choice("19")],
    }[kind]
    if len(data) > 1 and rng.random() < 0.2:  # two streams in a row
        half = len(data) // 2
        return run(*command, cwd=cwd, stdin=data[:half]) + run(*command, cwd=cwd, stdin=data[half:])
    return run(*command, cwd=cwd, stdin=data)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def compare(number, work):
    root = work / "tree"
    root.mkdir()
    files = make_tree(root)
    layers = []
    base = rng.choice(["tar", "tar", "zip", "zip", "cpio", "ar", "deb"])
    if base == "tar":
        data = make_tar(root)
    elif base == "zip":
        data = make_zip(root, work / "made.zip")
    elif base == "cpio":
        data = make_cpio(root)
    elif base == "ar" and files:
        data = make_ar(root, work / "made.a")
    else:
        data, base = make_deb(root, work / "made.deb"), "deb"
    wanted = {digest(content) for content in files.values()}
    allowed = set(wanted) | {digest(data)}
    if base == "deb":
        packed = str(work / "made.deb")
        parts = [run("ar", "p", packed, part, cwd=work) for part in run("ar", "t", packed, cwd=work).decode().split()]
        tars = [run("dpkg-deb", tar, packed, cwd=work) for tar in ("--ctrl-tarfile", "--fsys-tarfile")]
        allowed |= {digest(content) for content in (*parts, *tars, (root / "DEBIAN" / "control").read_bytes())}
    # A link's target text is a member's content in zip and cpio.
    allowed |= {digest(os.readlink(path).encode()) for path in root.rglob("*") if path.is_symlink()}
    for _ in range(rng.choice([0, 1, 1, 2])):
        kind = rng.choice(["gzip", "xz", "zstd", "bzip2"])
        data = pack(data, kind, work)
        layers.append(kind)
        allowed.add(digest(data))
    archive = work / "archive"
    archive.write_bytes(data)
    seen, gaps = set(), []
    for line in subprocess.run([probe, archive], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        if line.startswith("object ") and not (base == "ar" and line.endswith("/" + b"//".hex())):  # but for the table of names
            seen.add(line.split()[1])
        if line.startswith("gap "):
            gaps.append(line)
    if base == "cpio":
        wanted.discard(digest(b""))  # of an empty file with two names, neither entry says that it has the bytes
    missing, surplus = wanted - seen, seen - allowed
    if not missing and not surplus and not gaps:
        return True
    kept = pathlib.Path(tempfile.gettempdir()) / f"archive_diff-{seed}-{number}"
    shutil.copy(archive, kept)
    print(f"{kept}: {base} in {layers}: {len(missing)} missing, {len(surplus)} too many, gaps: {gaps[:3]}")
    return False


wrong = 0
for number in range(count):
    with tempfile.TemporaryDirectory() as folder:
        wrong += not compare(number, pathlib.Path(folder))
print(f"{count} archives, seed {seed}: {wrong} differ")
sys.exit(1 if wrong else 0)
