#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""keys_diff.py WARD: certificates and keys, as the tools that own them read them and as Ward does.

WARD is build/PRESET/bin/ward. Compares the table `certificates` with `openssl x509`, `ssh_host_keys` with `ssh-keygen -lf` and
`apt_keys` with `gpg --show-keys`, on this machine and on a tree with keys of many kinds that the tools themselves make. Ends 1
when something differs.
"""
import base64
import calendar
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ward = pathlib.Path(sys.argv[1]).resolve()
bad = 0
NAMES = "esc_2253,esc_ctrl,utf8,dump_nostr,dump_unknown,dump_der,sep_comma_plus,sname"


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, check=True, **more).stdout


def rows_of(root, sql):
    return json.loads(run(ward, "query", "--root", root, "--format", "json", sql) or b"[]")


def differs(what, ours, theirs):
    global bad
    if ours != theirs:
        bad += 1
        print(f"{what}: ward {ours!r}, the tool {theirs!r}")


def pems(data):
    """The certificates of a file in DER, in their order."""
    if data[:1] == b"\x30":
        return [data]
    found = re.findall(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\s(.*?)-----END", data, re.S)
    return [base64.b64decode(body) for body in found]


def seconds(text):
    return calendar.timegm(time.strptime(text, "%b %d %H:%M:%S %Y %Z"))


def compare_certificates(root):
    rows = rows_of(root, "SELECT * FROM certificates")
    for row in rows:
        path = root / row["path"].lstrip("/") if root != pathlib.Path("/") else pathlib.Path(row["path"])
        der = pems(path.read_bytes())[row["position"] - 1]
        out = run("openssl", "x509", "-inform", "DER", "-noout", "-subject", "-issuer", "-serial", "-dates", "-fingerprint", "-sha256",
                  "-nameopt", NAMES, input=der).decode()
        text = run("openssl", "x509", "-inform", "DER", "-noout", "-text", input=der).decode(errors="replace")
        of = dict(line.split("=", 1) for line in out.splitlines())
        where = f"{row['path']} {row['position']}"
        differs(f"{where} subject", row["subject"].lower(), of["subject"].lower())
        differs(f"{where} issuer", row["issuer"].lower(), of["issuer"].lower())
        differs(f"{where} serial", row["serial"], of["serial"].lower())
        differs(f"{where} times", (row["not_before"], row["not_after"]), (seconds(of["notBefore"]), seconds(of["notAfter"])))
        differs(f"{where} fingerprint", row["fingerprint"], of["sha256 Fingerprint"].replace(":", "").lower())
        differs(f"{where} signature", row["signature_algorithm"], re.search(r"Signature Algorithm: (\S+)", text)[1])
        bits = re.search(r"Public-Key: \((\d+) bit\)", text)
        if bits and not (row["key_type"] == "ec" and "ASN1 OID" not in text):  # a curve that is written out has no size here
            differs(f"{where} bits", row["key_bits"], int(bits[1]))
        kind = re.search(r"Public Key Algorithm: (\S+)", text)[1].lower()
        kind = {"rsaencryption": "rsa", "id-ecpublickey": "ec", "rsassapss": "rsa-pss", "dsaencryption": "dsa"}.get(kind, kind)
        differs(f"{where} type", row["key_type"], kind)
        differs(f"{where} authority", bool(row["is_ca"]), "CA:TRUE" in text or ("Version: 1 " in text and row["self_issued"] == 1))
        differs(f"{where} names", row["dns_names"].split(), re.findall(r"DNS:([^,\s]+)", text))
    return len(rows)


def compare_host_keys(root):
    rows = rows_of(root, "SELECT * FROM ssh_host_keys WHERE fingerprint IS NOT NULL")
    for row in rows:
        path = root / row["path"].lstrip("/")
        bits, fingerprint = run("ssh-keygen", "-lf", path).decode().split()[:2]
        differs(row["path"], (row["bits"], row["fingerprint"]), (int(bits), fingerprint))
    return len(rows)


def gpg(home, *command):
    return run("gpg", "--batch", "--quiet", "--no-options", "--pinentry-mode", "loopback", "--passphrase", "", *command,
               env={**os.environ, "GNUPGHOME": str(home)})


def compare_apt_keys(root, home):
    """gpg drops what it cannot verify; the keys of these files are all whole."""
    rows = rows_of(root, "SELECT * FROM apt_keys")
    algorithms = {"1": "rsa", "17": "dsa", "19": "ecdsa", "22": "eddsa"}
    for file in sorted({row["file"] for row in rows}):
        text = gpg(home, "--with-colons", "--show-keys", root / file.lstrip("/")).decode()
        theirs, ours, name, pending = [], [], None, None
        for line in text.splitlines():
            fields = line.split(":")
            if fields[0] in ("pub", "sub"):
                pending = fields
                name = None if fields[0] == "pub" else name
            elif fields[0] == "fpr" and (pending[0] == "pub" or "s" in pending[11]):
                theirs.append([fields[9], pending[0] == "pub", algorithms[pending[3]], int(pending[2]), int(pending[5]),
                               int(pending[6]) if pending[6] else None, pending[1] == "r"])
        for row in rows:
            if row["file"] == file:
                ours.append([row["fingerprint"], row["is_primary"] == 1, row["algorithm"], row["bits"], row["created"], row["expires"],
                             row["revoked"] == 1])
        differs(file, sorted(ours, key=str), sorted(theirs, key=str))
    return len(rows)


def make_apt_keys(folder, home):
    folder.mkdir(parents=True)
    home.mkdir(mode=0o700)
    kinds = {"rsa1024": "never", "rsa3072": "2y", "dsa2048": "1y", "ed25519": "never", "nistp256": "1d", "nistp521": "never",
             "brainpoolP384r1": "never", "secp256k1": "never"}
    for kind, life in kinds.items():
        gpg(home, "--quick-gen-key", f"{kind} h\u00e9 <{kind}@example.org>", kind, "sign", life)
        listed = gpg(home, "--with-colons", "--list-keys", f"{kind}@example.org").decode()
        fingerprint = re.search(r"^fpr:+([0-9A-F]{40}):", listed, re.M)[1]
        if kind == "rsa3072":
            gpg(home, "--quick-add-key", fingerprint, "rsa2048", "sign", "1y")
            gpg(home, "--quick-add-key", fingerprint, "rsa2048", "encr", "1y")
            gpg(home, "--quick-add-uid", fingerprint, "another <b@example.org>")
        if kind == "ed25519":
            gpg(home, "--quick-add-key", fingerprint, "ed25519", "sign", "never")
            gpg(home, "--quick-set-expire", fingerprint, "3y")
        if kind == "secp256k1":
            revocation = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text().replace(":-----BEGIN", "-----BEGIN")
            (home / "revocation").write_text(revocation)
            gpg(home, "--import", home / "revocation")
        (folder / f"{kind}.gpg").write_bytes(gpg(home, "--export", fingerprint))
        (folder / f"{kind}.asc").write_bytes(gpg(home, "--armor", "--export", fingerprint))
    (folder / "all.gpg").write_bytes(gpg(home, "--export"))


def make_certificates(folder):
    folder.mkdir(parents=True)
    subject = "/C=GB/O=A, B \\+ \"C\"\\\\<D>;/OU=#x /CN=h\u00e9 \u20ac/emailAddress=a@b.example"
    kinds = {
        "rsa": ["-newkey", "rsa:1024", "-sha1"],
        "rsa2": ["-newkey", "rsa:2048", "-sha512", "-set_serial", "0x00ff00"],
        "pss": ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-sigopt", "rsa_padding_mode:pss", "-sha384"],
        "md5": ["-newkey", "rsa:2048", "-md5", "-days", "20000"],
        "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=DNS:a.example,DNS:*.b.example,IP:1.2.3.4"],
        "p521": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-addext", "basicConstraints=critical,CA:FALSE"],
        "k256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-days", "1"],
        "brain": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"],
        "written": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"],
        "ed25519": ["-newkey", "ed25519"],
        "ed448": ["-newkey", "ed448", "-set_serial", "-5"],
        "latin": ["-newkey", "ed25519", "-nameopt", "utf8", "-set_serial", "0"],
        "old": ["-newkey", "rsa:2048", "-x509v1"],
    }
    for name, options in kinds.items():
        command = ["openssl", "req", "-x509", "-nodes", "-utf8", "-subj", subject, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"]
        if "-x509v1" in options:  # a request, signed without extensions
            run("openssl", "req", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=v1", "-keyout", folder / "v1.key", "-out", folder / "v1.csr")
            run("openssl", "x509", "-req", "-in", folder / "v1.csr", "-signkey", folder / "v1.key", "-out", folder / "v1.pem")
        else:
            run(*command, *options)
    run("openssl", "x509", "-in", folder / "rsa2.pem", "-outform", "DER", "-out", folder / "rsa2.der")
    run("openssl", "x509", "-in", folder / "rsa2.pem", "-trustout", "-out", folder / "trusted.pem")
    (folder / "chain.pem").write_bytes(b"".join((folder / f"{name}.pem").read_bytes() for name in ("rsa", "p256", "ed25519")))
    return len(kinds) + 5


def make_host_keys(folder):
    folder.mkdir(parents=True)
    kinds = [("rsa", 1024), ("rsa", 3072), ("dsa", 1024), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("ed25519", 256)]
    for kind, bits in kinds:
        for number, more in enumerate((["-N", ""], ["-N", "secret"], ["-N", "", "-m", "PEM"], ["-N", "", "-m", "PKCS8"])):
            if kind != "ed25519" or number < 2:
                run("ssh-keygen", "-q", "-t", kind, "-b", bits, *more, "-f", folder / f"ssh_host_{kind}{bits}_{number}")


count = compare_certificates(pathlib.Path("/"))
with tempfile.TemporaryDirectory(prefix="keys_diff.") as home:
    apt_keys = compare_apt_keys(pathlib.Path("/"), pathlib.Path(home))
keys = compare_host_keys(pathlib.Path("/"))
with tempfile.TemporaryDirectory(prefix="keys_diff.") as made:
    root = pathlib.Path(made)
    wanted = make_certificates(root / "etc/ssl")
    found = compare_certificates(root)
    differs("certificates made", found, wanted)
    make_host_keys(root / "etc/ssh")
    keys += compare_host_keys(root)
    count += found
    make_apt_keys(root / "etc/apt/trusted.gpg.d", root / "home")
    apt_keys += compare_apt_keys(root, root / "home")
print(f"{count} certificates, {keys} host keys and {apt_keys} keys of apt compared, {bad} differences")
sys.exit(1 if bad else 0)
