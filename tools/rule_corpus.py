#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped rules over honest files, which have to stay without a finding.

    tools/rule_corpus.py WARD [PART...]      WARD is the program of a release build; without a PART all of them

    installed   every file that the packages of this Debian system own: no finding at all
    debian      web software, script libraries and administrators' tools as Debian packages them
    npm         a hundred popular packages of npm and what they depend on, install scripts not run
    pypi        a hundred popular source distributions of PyPI, nothing built
    checkout    this checkout: no finding at all
    database    the compiled rules themselves: no finding at all

Options: --keep DIR keeps what was fetched for the next run (else a temporary folder), --no-yara leaves out the comparison.

Each part is scanned by Ward and, where it is there, by the yara command; a finding of one in a file as it is (not in
a member or macro, which only Ward opens) has to be one of the other. debian, npm and pypi may have one file with a
finding in 10,000. Prints every finding, then a line of counts for each part. Ends 1 when a part has too many.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
RULES = SOURCE / "data" / "rules"
EXTERNALS = ("filename", "filepath", "extension", "filetype", "owner")
BATCH = 4000  # paths a command line carries
ALLOWED_PER_FILES = 10_000

# Software whose code or text comes near to what the rules look for.
DEBIAN = """
    wordpress wordpress-theme-twentytwentythree phpmyadmin mediawiki roundcube-core roundcube-plugins-extra dokuwiki adminer
    cacti zabbix-frontend-php icingaweb2 simplesamlphp php-symfony php-laravel-framework postfixadmin phppgadmin phpldapadmin
    gosa tt-rss wims tomcat10 tomcat10-examples tomcat10-admin jetty9 libspring-core-java libspring-web-java libmono-system-web4.0-cil
    mono-devel mono-xsp4 mono-mcs monodoc-base ansible ansible-core puppet nmap lynis chkrootkit rkhunter debsums yara unhide
    tripwire aide samba libfakeroot fakechroot eatmydata tsocks libtorsocks torsocks busybox-static dracut dracut-core initramfs-tools-core
    cloud-init openssh-server openssh-client dropbear-bin sshpass sudo socat ncat netcat-openbsd bash-doc zsh-common fish-common
    bpftrace bpfcc-tools libbpfcc bpftool linux-bpf-dev systemtap systemtap-common linux-headers-6.1.0-37-common
    linux-image-6.1.0-37-amd64 virtualbox-guest-utils v4l2loopback-dkms broadcom-sta-dkms dkms libreoffice-common vim-runtime
    emacs-el perl-modules-5.36 libmojolicious-perl libwww-perl libcatalyst-perl ruby-rails ruby-railties ruby-sinatra libruby3.1
    metche git git-man gitweb cgit cron anacron logrotate fail2ban rsyslog auditd postgresql-common mariadb-server nagios4-cgi
    monitoring-plugins-basic munin munin-node collectd-core awstats webalizer mailman3-web doc-debian debian-policy
    openssl shellcheck xmrig powershell sqlmap wapiti nikto john hydra ettercap-common
    duplicity borgbackup restic rclone rdiff-backup backupninja deja-dup pass age gocryptfs cryfs encfs ecryptfs-utils ccrypt steghide
    electrum tor onionshare
    nwipe scrub wipe secure-delete rear clonezilla partclone gparted mdadm lvm2 timeshift snapper backup-manager bleachbit safe-rm
    fai-client fai-nfsroot fai-server live-build live-boot live-config debian-installer debootstrap mmdebstrap vmdb2 cloud-utils
    debian-handbook debian-reference-en harden-doc installation-guide-amd64 samhain stress-ng
    qemu-system-data qemu-user-static u-boot-qemu seabios ipxe-qemu opensbi memtest86+ grub-pc-bin grub-xen-bin grub-efi-amd64-bin
    syslinux-common xen-hypervisor-4.17-amd64 user-mode-linux klibc-utils libklibc dietlibc-dev musl tcc libc6-dbg
    """.split()
DEBIAN_FAMILIES = {"php-*": 400, "node-*": 500, "python3-*": 400}

NPM = """
    express koa fastify hapi restify connect body-parser cookie-parser cors helmet morgan passport socket.io ws lodash underscore
    ramda rxjs async bluebird q moment dayjs date-fns luxon uuid nanoid chalk colors kleur debug commander yargs minimist inquirer
    ora glob globby minimatch rimraf mkdirp fs-extra chokidar semver execa cross-spawn shelljs which axios got node-fetch undici
    superagent request react react-dom vue svelte preact angular jquery bootstrap d3 three chart.js webpack rollup esbuild vite
    parcel gulp grunt typescript @babel/core eslint prettier mocha chai jest jasmine sinon puppeteer-core jsdom cheerio
    mongoose mongodb mysql2 pg sqlite3 redis ioredis sequelize knex typeorm graphql apollo-server dotenv winston pino bunyan
    nodemailer jsonwebtoken bcryptjs crypto-js node-forge sharp jimp pdfkit exceljs xlsx marked handlebars ejs pug mustache
    javascript-obfuscator uglify-js terser vm2 systeminformation node-pty ssh2 pm2 nodemon npm yarn pnpm electron-builder
    """.split()
PYPI = """
    requests urllib3 certifi idna charset-normalizer six setuptools wheel pip packaging attrs click jinja2 markupsafe flask
    werkzeug django fastapi starlette uvicorn gunicorn tornado aiohttp httpx bottle pyramid sqlalchemy alembic pymysql psycopg2
    redis celery kombu boto3 botocore s3transfer awscli google-auth paramiko fabric invoke ansible-core cryptography pynacl
    pyopenssl rsa pyasn1 pyyaml toml tomli simplejson ujson lxml beautifulsoup4 html5lib scrapy selenium mechanize numpy
    pytest coverage tox virtualenv pluggy mock hypothesis nose2 sphinx docutils babel pygments rich colorama tqdm tabulate
    psutil pexpect ptyprocess sh plumbum watchdog docker kubernetes pywinrm pypsrp impacket scapy pwntools volatility3
    oletools yara-python pefile pyinstaller cython cffi pycparser ipython jupyter-core nbformat notebook pillow openpyxl
    python-dateutil pytz arrow marshmallow pydantic black flake8 pylint mypy isort bandit twine poetry-core
    """.split()


def quiet(words, **more):
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **more).returncode == 0


def fetch_debian(folder: Path) -> None:
    downloads = folder / "downloads"
    downloads.mkdir()
    (folder / "files").mkdir()
    names = list(DEBIAN)
    for pattern, most in DEBIAN_FAMILIES.items():
        listed = subprocess.run(["apt", "list", pattern], capture_output=True, text=True, check=False).stdout
        names += [line.partition("/")[0] for line in listed.splitlines() if "/" in line][:most]
    for start in range(0, len(names), 50):
        batch = names[start : start + 50]
        if not quiet(["apt-get", "download", *batch], cwd=downloads):
            for name in batch:  # one of them is not to be had
                quiet(["apt-get", "download", name], cwd=downloads)
        for package in downloads.glob("*.deb"):
            quiet(["dpkg-deb", "-x", package, folder / "files" / package.name.partition("_")[0]])
            package.unlink()
    shutil.rmtree(downloads)


def fetch_npm(folder: Path) -> None:
    for name in NPM:
        place = folder / "files" / name.replace("/", "_")
        place.mkdir(parents=True)
        (place / "package.json").write_text('{"name": "corpus", "version": "1.0.0", "private": true}\n')
        quiet(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", name], cwd=place)


def fetch_pypi(folder: Path) -> None:
    downloads = folder / "downloads"
    downloads.mkdir()
    (folder / "files").mkdir()
    for name in PYPI:
        # pip asks each source for its name and needs; what takes long to say so is left out.
        quiet(["timeout", "60", sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "-d", downloads, name])
    for archive in sorted(downloads.iterdir()):
        shutil.unpack_archive(archive, folder / "files" / archive.name)
    shutil.rmtree(downloads)


def fetched(keep: Path, part: str, fetch) -> Path:
    folder = keep / part
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fetch(folder)
        (folder / "done").touch()
    return folder / "files"


def files_of_packages() -> list[str]:
    names = set()
    for listing in Path("/var/lib/dpkg/info").glob("*.list"):
        names.update(listing.read_text(errors="surrogateescape").splitlines())
    return sorted(name for name in names if Path(name).is_file() and not Path(name).is_symlink())


class Count:
    def __init__(self):
        self.files = self.bytes = self.gaps = 0
        self.findings = set()  # (path, rule): in the file as it is
        self.inside = set()    # (path, rule): in what it holds
        self.seconds = 0.0


def ask_ward(ward: str, rules: Path, paths: list[str], state: str) -> Count:
    count = Count()
    start = time.monotonic()
    for first in range(0, len(paths), BATCH):
        answer = subprocess.run([ward, "scan", "--format", "jsonl", "--state", state, "--rules", rules, *paths[first : first + BATCH]],
                                capture_output=True, check=False)
        if answer.returncode not in (0, 1):
            sys.exit(answer.stderr.decode(errors="replace"))
        for text in answer.stdout.splitlines():
            line = json.loads(text)
            if line["kind"] == "summary":
                count.files += line["malware"]["files"]
                count.bytes += line["malware"]["bytes"]
                count.gaps += line["malware"]["gaps"]
            elif line["kind"] == "finding":
                where = line["where"]
                place = count.inside if where.get("members") else count.findings
                place.add((where["path"], line["rule"]))
    count.seconds = time.monotonic() - start
    return count


def ask_yara(sources: list[Path], paths: list[str]) -> set[tuple[str, str]]:
    externals = [word for name in EXTERNALS for word in ("-d", f"{name}=")]
    found = set()
    with tempfile.NamedTemporaryFile("w", prefix="rule-corpus-", errors="surrogateescape") as listing:
        for path in paths:
            if Path(path).is_dir():
                listing.writelines(f"{file}\n" for file in Path(path).rglob("*") if file.is_file() and not file.is_symlink())
            else:
                listing.write(f"{path}\n")
        listing.flush()
        answer = subprocess.run(["yara", "-w", "-p", "2", *externals, "--scan-list", *sources, listing.name],
                                capture_output=True, text=True, errors="surrogateescape", check=False)
    for line in answer.stdout.splitlines():
        rule, _, path = line.partition(" ")
        found.add((path, rule))
    return found


def paths_of(part: str, keep: Path, rules: Path) -> list[str]:
    if part == "installed":
        return files_of_packages()
    if part == "checkout":
        listing = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
        return [str(SOURCE / name) for name in listing.split("\0") if name and (SOURCE / name).is_file()]
    if part == "database":
        return [str(rules)]
    return [str(fetched(keep, part, {"debian": fetch_debian, "npm": fetch_npm, "pypi": fetch_pypi}[part]))]


def try_part(part: str, ward: str, rules: Path, keep: Path, peer: bool) -> bool:
    paths = paths_of(part, keep, rules)
    with tempfile.TemporaryDirectory(prefix="rule-corpus-") as state:
        count = ask_ward(ward, rules, paths, state)
    for path, rule in sorted(count.findings | count.inside):
        print(f"{part}: {rule}  {path}")
    differ = set()
    if peer:
        differ = ask_yara(sorted(RULES.glob("*/*.yar")), paths) ^ count.findings
        for path, rule in sorted(differ):
            print(f"{part}: {rule} of {'Ward' if (path, rule) in count.findings else 'yara'} only  {path}")
    flagged = len({path for path, _ in count.findings | count.inside})
    allowed = count.files // ALLOWED_PER_FILES if part in ("debian", "npm", "pypi") else 0
    print(f"{part}: {count.files} files, {count.bytes} bytes, {flagged} with a finding ({allowed} allowed), {count.gaps} gaps, "
          f"{f'{len(differ)} differences from yara' if peer else 'yara not asked'}, {count.seconds:.0f} s", flush=True)
    return count.files > 0 and flagged <= allowed and not differ


def main() -> int:
    everything = ["installed", "debian", "npm", "pypi", "checkout", "database"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ward", help="the program, of a release build")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(everything))
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what was fetched there")
    parser.add_argument("--no-yara", action="store_true", help="do not compare with the yara command")
    words = parser.parse_args()
    if unknown := sorted(set(words.parts) - set(everything)):
        parser.error(f"no part named {', '.join(unknown)}")
    peer = not words.no_yara and shutil.which("yara") is not None
    with tempfile.TemporaryDirectory(prefix="rule-corpus-") as name:
        rules = Path(name) / "rules.warddb"
        subprocess.run([words.ward, "rules", "build", "--strict", "-q", "-o", rules, RULES], check=True, stderr=subprocess.DEVNULL)
        keep = (words.keep or Path(name)).resolve()
        results = [try_part(part, words.ward, rules, keep, peer) for part in words.parts or everything]
    passed = sum(results)
    print(f"{len(results)} parts, {passed} passed, {len(results) - passed} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
