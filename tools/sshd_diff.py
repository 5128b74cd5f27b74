#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sshd_diff.py WARD [COUNT] [SEED]: random sshd_configs, as a real sshd reads them and as Ward does.

WARD is build/PRESET/bin/ward. Run it as root where openssh-server 9.2 is installed (Debian 12). Each configuration lies in a
folder of its own, which a mount namespace puts in the place of /etc/ssh. Then `sshd -T -C user=...,addr=...` is the oracle for
the table sshd_effective: for everybody, and for each user, address and pair of them in the Match blocks. What sshd refuses must
be a gap. Ends 1 and keeps the folder when something differs.
"""
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ward = pathlib.Path(sys.argv[1]).resolve()
count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(seed)

USERS = {"root": "root", "daemon": "daemon", "www-data": "www-data", "nobody": "nogroup"}
ADDRESSES = {"10.0.0.0/8": "10.77.3.4", "10.1.0.0/16": "10.1.9.9", "192.0.2.7": "192.0.2.7", "2001:db8::/32": "2001:db8::5"}
MATCHABLE = {
    "PermitRootLogin": ["yes", "no", "prohibit-password", "without-password", "forced-commands-only", "maybe"],
    "PasswordAuthentication": ["yes", "no", "YES", '"no"', "true"],
    "KbdInteractiveAuthentication": ["yes", "no"],
    "PubkeyAuthentication": ["yes", "no"],
    "MaxAuthTries": ["1", "3", "20", "x"],
    "MaxSessions": ["0", "4"],
    "ClientAliveInterval": ["5", "1m", "1h30m", "2d", "1y"],
    "ClientAliveCountMax": ["0", "5"],
    "X11Forwarding": ["yes", "no"],
    "AllowTcpForwarding": ["yes", "no", "local", "remote", "all"],
    "GatewayPorts": ["yes", "no", "clientspecified"],
    "PermitTTY": ["yes", "no"],
    "PermitTunnel": ["yes", "no", "ethernet", "point-to-point"],
    "Banner": ["none", "/etc/issue.net", "NONE", '"/etc/a b"'],
    "ForceCommand": ["internal-sftp", "echo 'a b' # c", "none"],
    "ChrootDirectory": ["/srv/%u", "none"],
    "AuthorizedKeysFile": [".ssh/authorized_keys", "/etc/keys/%u .ssh/keys", "none"],
    "AuthenticationMethods": ["any", "publickey", "publickey,password publickey,keyboard-interactive"],
    "AllowUsers": ["root", "daemon nobody", "root@10.0.0.0/8 www-*"],
    "DenyUsers": ["nobody", "games mail"],
    "AllowGroups": ["sudo adm"],
    "DenyGroups": ["nogroup"],
    "AcceptEnv": ["LANG", "LC_* XMODIFIERS"],
    "SetEnv": ["A=1 B=2", "C=3"],
    "LogLevel": ["INFO", "verbose", "debug3", "loud"],
    "IPQoS": ["af21 cs1", "ef", "none"],
    "RekeyLimit": ["1G", "512M 1h", "default none", "1"],
    "PermitOpen": ["any", "none", "a.example:22 b.example:*", "nohost"],
    "PermitListen": ["any", "8080", "localhost:22"],
    "StreamLocalBindMask": ["0177", "0111", "9"],
    "PubkeyAcceptedAlgorithms": ["+ssh-rsa", "-ssh-rsa*,ecdsa-*", "ssh-ed25519,rsa-sha2-512", "^ssh-dss", "ssh-*", "foo"],
    "IgnoreRhosts": ["yes", "no", "shosts-only"],
    "UnusedConnectionTimeout": ["none", "5m", "0"],
    "ExposeAuthInfo": ["yes", "no"],
    "DisableForwarding": ["yes", "no"],
    "RequiredRSASize": ["2048"],
    "LogVerbose": ["kex.c:*:1000", "none"],
    "ChannelTimeout": ["session:*=5m", "none"],
    "RhostsRSAAuthentication": ["no"],
}
GLOBAL = {
    "Port": ["22", "2222", "0", "70000"],
    "ListenAddress": ["10.0.0.1", "::1", "10.0.0.2:99", "[::1]:77", "0.0.0.0"],
    "AddressFamily": ["any", "inet", "inet6"],
    "UsePAM": ["yes", "no"],
    "LoginGraceTime": ["0", "30", "2m", "none"],
    "MaxStartups": ["10", "10:30:60", "10:0:60", "70:30:60"],
    "PerSourceMaxStartups": ["none", "5"],
    "PerSourceNetBlockSize": ["24", "24:64", "33"],
    "Ciphers": ["aes256-ctr", "+aes256-cbc", "-aes128*", "^aes256-gcm@openssh.com", "rot13"],
    "MACs": ["hmac-sha2-512,hmac-sha2-256", "-*sha1*", "+hmac-md5"],
    "KexAlgorithms": ["-*", "+diffie-hellman-group1-sha1", "curve25519-sha256", "-ecdh-*"],
    "HostKeyAlgorithms": ["+ssh-rsa", "ssh-ed25519", "rsa-*"],
    "CASignatureAlgorithms": ["-ecdsa*", "+ssh-rsa"],
    "HostKey": ["/etc/ssh/ssh_host_ed25519_key"],
    "Subsystem": ["sftp internal-sftp", 'sftp /usr/lib/openssh/sftp-server -l "A B"', "other /bin/x"],
    "PermitUserEnvironment": ["yes", "no", "LANG,LC_*"],
    "Compression": ["yes", "no", "delayed"],
    "PrintMotd": ["yes", "no"],
    "UseDNS": ["yes", "no"],
    "SyslogFacility": ["AUTH", "local3", "mars"],
    "FingerprintHash": ["md5", "sha256"],
    "VersionAddendum": ["none", "My  Server"],
    "PidFile": ["/run/x.pid", "none"],
    "StrictModes": ["yes", "no"],
    "TCPKeepAlive": ["yes", "no"],
    "ChallengeResponseAuthentication": ["yes", "no"],
    "Protocol": ["2"],
    "KeyRegenerationInterval": ["3600"],
    "NoSuchKeyword": ["x"],
}
CRITERIA = [
    "User root", "User root,daemon", "user=nobody", "User *,!root", "Group www-data", "Group root,!daemon", "all", "ALL",
    "Address 10.0.0.0/8", "Address 10.1.0.0/16,192.0.2.7", "Address 2001:db8::/32", "Address *,!10.0.0.0/8",
    "User root Address 10.0.0.0/8", 'User "daemon" Address 192.0.2.*', "Group www-data Address 10.1.0.0/16", "User", "Moon full",
]


def setting(in_match):
    pool = MATCHABLE if in_match or rng.random() < 0.7 else GLOBAL
    if in_match and rng.random() < 0.01:
        pool = GLOBAL
    keyword = rng.choice(list(pool))
    # A mistake ends the server, so few are enough: the last value of some lists is one.
    values = pool[keyword]
    value = rng.choice(values) if rng.random() < 0.1 else rng.choice(values[:-1] or values)
    form = rng.choice(["{} {}", "{} {}", "{}={}", "{} = {}", "  {}\t{}  "])
    keyword = rng.choice([keyword, keyword, keyword.lower(), keyword.upper()])
    return form.format(keyword, value)


def config(depth=0):
    lines = []
    for _ in range(rng.randrange(6)):
        lines.append(rng.choice(["# Port 1", "", setting(False), setting(False)]))
    if depth < 2 and rng.random() < 0.4:
        lines.append(f"Include {rng.choice(['/etc/ssh/sshd_config.d/*.conf', 'sshd_config.d/*.conf', 'other gone'])}")
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        criterion = rng.choice(CRITERIA[:-2] if rng.random() < 0.97 else CRITERIA)
        lines.append(f"Match {criterion}")
        lines += [setting(True) for _ in range(rng.randrange(4))]
        if depth < 1 and rng.random() < 0.15:
            lines.append("Include other")
    return "\n".join(lines) + "\n"


def prepare(root):
    ssh = root / "etc/ssh"
    (ssh / "sshd_config.d").mkdir(parents=True)
    for key in pathlib.Path("/etc/ssh").glob("ssh_host_*"):
        shutil.copy2(key, ssh)
    for name in ("etc/passwd", "etc/group", "var/lib/dpkg/status"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2("/" + name, root / name)
    (ssh / "sshd_config").write_text(config())
    (ssh / "other").write_text(config(2))
    for name in ("10-a.conf", "20-b.conf", ".hidden.conf", "c.conf.off"):
        (ssh / "sshd_config.d" / name).write_text(config(2))


def real(root, connection):
    script = 'mount --bind "$1" /etc/ssh && cd / && exec /usr/sbin/sshd -T $2'
    wanted = f"-C {connection}" if connection else ""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(root / "etc/ssh"), wanted], capture_output=True, text=True)
    rows = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        rows.setdefault(key, []).append(value)
    return (rows if done.returncode == 0 else None), done.stderr


def query(root, sql):
    done = subprocess.run([ward, "query", "--root", root, "--format", "json", "-v", sql], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"ward ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout or "[]"), done.stderr


def ours_for(rows, user, network):
    """What holds for one connection: the rows of the most special kind of connection that has the key."""
    found = {}
    for kind in (("", ""), ("", network), (user, ""), (user, network)):
        own = {}
        for row in rows:
            if (row["user"], row["address"]) == kind:
                own.setdefault(row["key"], []).append(row["value"])
        found.update(own)
    found.pop("debianbanner", None)  # sshd -T keeps it to itself
    return found


bad = refused = compared = 0
for number in range(count):
    root = pathlib.Path(tempfile.mkdtemp(prefix="sshd_diff."))
    prepare(root)
    rows, stderr = query(root, "SELECT user, address, key, value FROM sshd_effective")
    differs = []
    text = " ".join(row["criteria"] for row in query(root, "SELECT DISTINCT criteria FROM ssh_server")[0])
    # '*' names those whom the rows of nobody in particular are not about.
    strangers = "" if "*,!" in text else "user=stranger,addr=203.0.113.9,host=h.example,laddr=192.0.2.1,lport=22"
    networks = [network for network in ADDRESSES if network in text]
    for user in ["", *USERS] if strangers else [""]:
        for network in ["", *networks] if strangers else [""]:
            connection = strangers
            if user:
                connection = connection.replace("stranger", user)
            if network:
                connection = connection.replace("203.0.113.9", ADDRESSES[network])
            want, error = real(root, connection)
            if want is None:
                if "not read:" not in stderr:
                    differs.append(f"refused, and no gap: {error}")
                refused += 1
                break
            have = ours_for(rows, user, network)
            for key in sorted(want.keys() | have.keys()):
                # sshd -T tells a ChannelTimeout of none only where a Match block has it.
                if want.get(key) != have.get(key) and (key, want.get(key, have.get(key))) != ("channeltimeout", ["none"]):
                    differs.append(f"{user!r} {network!r} {key}: sshd {want.get(key)}, ward {have.get(key)}")
            compared += 1
        else:
            continue
        break
    if differs:
        bad += 1
        print(f"case {number}: {root}", *differs[:5], sep="\n  ")
        if bad >= 5:
            break
    else:
        shutil.rmtree(root)
print(f"seed {seed}: {number + 1} configurations, {compared} connections compared, {refused} refused by sshd, {bad} differ")
sys.exit(1 if bad else 0)
