#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""version_diff.py WARD [COUNT] [SEED] [SCHEME...]: versions made at random, ordered by Ward's version_compare and by the programs
that define each scheme, so far as they are installed; what is skipped is said. COUNT pairs a scheme. The pairs differ little, so
that each rule of an ordering decides some; whether both read a version is compared too. Ends 1 when one differs."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

QUERY_BYTES = 120_000  # Linux takes 128 KiB as one argument
DPKG_PAIRS = 300  # dpkg takes a process a pair; its library and Dpkg::Version do the rest

# Each peer is one process: pairs come as "A<tab>B" lines, and for each it says -1, 0, 1 or null on a line.
DEBIAN = r"""
use Dpkg::Version; binmode STDIN; $| = 0; $SIG{__WARN__} = sub {};
while (<STDIN>) { chomp; my ($x, $y) = split /\t/, $_, -1; my $v = Dpkg::Version->new($x); my $w = Dpkg::Version->new($y);
  print $v->is_valid() && $w->is_valid() ? ($v <=> $w) . "\n" : "null\n"; }
"""
# What `dpkg --compare-versions` does, without a process a pair. What it warns of counts as not read, as below.
LIBDPKG = r"""
#define LIBDPKG_VOLATILE_API 1
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/ehandle.h>
int main(void) {
  static char line[1 << 17];
  push_error_context();
  dpkg_program_init("version_diff");
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *tab = strchr(line, '\t');
    if (!tab) return 2;
    *tab = 0;
    struct dpkg_version a, b;
    struct dpkg_error error_a = DPKG_ERROR_INIT, error_b = DPKG_ERROR_INIT;
    parseversion(&a, line, &error_a);
    parseversion(&b, tab + 1, &error_b);
    if (error_a.type || error_b.type) { puts("null"); continue; }
    int order = dpkg_version_compare(&a, &b);
    printf("%d\n", (order > 0) - (order < 0));
  }
  return 0;
}
"""
RPM = r"""%{lua:
for line in io.stdin:lines() do
  local a, b = line:match("^([^\t]*)\t(.*)$")
  local fine, order = pcall(rpm.vercmp, a, b)
  io.stdout:write(fine and tostring(order) or "null", "\n")
end}"""
NODE = r"""
const semver = require(process.argv[2]);
const npm = process.argv[3] === 'npm';
const read = (text) => {
  if (!npm && (!/^[0-9]/.test(text) || /\s/.test(text))) return null;
  try { return new semver.SemVer(npm ? text.replace(/^[v=\s]+/, '') : text); } catch { return null; }
};
const out = [];
for (const line of require('fs').readFileSync(0, 'utf8').split('\n').slice(0, -1)) {
  const [a, b] = line.split('\t').map(read);
  out.push(a && b ? semver.compare(a, b) : 'null');
}
process.stdout.write(out.join('\n') + '\n');
"""
PYPI = r"""
import sys
from packaging.version import InvalidVersion, Version
for line in sys.stdin:
    try:
        a, b = map(Version, line[:-1].split("\t"))
        print((a > b) - (a < b))
    except InvalidVersion:
        print("null")
"""
RUBY = r"""
STDIN.each_line do |line|
  a, b = line.chomp.split("\t", -1)
  fine = [a, b].all? { |v| Gem::Version.correct?(v) && v =~ /\S/ }
  puts fine ? Gem::Version.new(a) <=> Gem::Version.new(b) : "null"
end
"""
GO = r"""
package main

import ("bufio"; "fmt"; "os"; "strings"; "golang.org/x/mod/semver")

func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		a, b, _ := strings.Cut(in.Text(), "\t")
		if semver.IsValid(a) && semver.IsValid(b) { fmt.Fprintln(out, semver.Compare(a, b)) } else { fmt.Fprintln(out, "null") }
	}
}
"""
JAVA = r"""
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Peer {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        StringBuilder out = new StringBuilder();
        for (String line; (line = in.readLine()) != null;) {
            String[] pair = line.split("\t", -1);
            boolean fine = !pair[0].isEmpty() && !pair[1].isEmpty();
            out.append(fine ? Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))) : "null").append('\n');
        }
        System.out.print(out);
    }
}
"""
RUST = r"""
use std::io::{BufRead, Write};
fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (a, b) = line.split_once('\t').unwrap();
        match (semver::Version::parse(a), semver::Version::parse(b)) {
            (Ok(a), Ok(b)) => writeln!(out, "{}", a.cmp_precedence(&b) as i8).unwrap(),
            _ => writeln!(out, "null").unwrap(),
        }
    }
}
"""
PHP = r"""
require $argv[1];
use Composer\Semver\Comparator;
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    try {
        [$a, $b] = array_map([$parser, 'normalize'], explode("\t", rtrim($line, "\n")));
        echo Comparator::lessThan($a, $b) ? -1 : (Comparator::greaterThan($a, $b) ? 1 : (Comparator::equalTo($a, $b) ? 0 : 'null')), "\n";
    } catch (UnexpectedValueException $e) { echo "null\n"; }
}
"""
ELIXIR = r"""
IO.stream(:stdio, :line) |> Enum.map(fn line ->
  [a, b] = line |> String.trim_trailing("\n") |> String.split("\t")
  with {:ok, a} <- Version.parse(a), {:ok, b} <- Version.parse(b) do
    case Version.compare(a, b) do :lt -> "-1\n"; :eq -> "0\n"; :gt -> "1\n" end
  else _ -> "null\n" end
end) |> IO.write()
"""

SEMVER_PARTS = [".0", ".1", ".10", ".01", "-0", "-1", "-10", "-a", "-A", "-rc", "-rc.1", "+0", "+1", "+b", "+01", "0", "9", ".a", ".a-", "--", "x"]
# What versions of a scheme are put together of, and which characters change in them.
PIECES = {
    "debian": (["0", "1", "9", "1:0", "01:1"], ["0", "1", "2", "12", ".", "~", "+", "a", "b", "-", "-0", "-1", ":"], "~+.0a9-"),
    "rpm": (["0", "1", "9", "1:0", "01:1", "a"], ["0", "1", "2", "12", ".", "_", "~", "+", "^", "a", "ab", "B", "-1", "-0"], "~^+._0a9B"),
    "semver": (["1.0.0", "1.0.1", "0.1.0", "10.0.0", "1.0", "01.0.0"], SEMVER_PARTS, ".-+0a9Z_"),
    "npm": (["1.0.0", "v1.0.1", "=0.1.0", " v 1.1.0", "=v1.0.0", "1.0"], SEMVER_PARTS, ".-+0a9Zv= "),
    "pypi": (["0", "1", "1.0", "v1", "0!1", "1!0", "01.2"],
             [".0", ".1", "0", "1", "a", "b1", "rc", "c2", "alpha", "Beta", "pre", "preview1", "-1", "-", "_", ".", ".post", "post1", "rev", "-r2", ".dev",
              "dev1", "DEV2", "+a", "+1", "+ubuntu.1", ".a", "-01"], ".-_+0a9rc!"),
    "gem": (["0", "1", "1.0", "01", "1.0.0", "10.2"], [".0", ".1", ".a", ".b", ".A", "-", "a", "0", "1", "-a", ".rc", "-rc.1", ".b10", ".0.0"], ".-0a9Z_"),
    "go": (["v0", "v1", "v1.0", "v1.0.0", "v1.0.1", "v2.0.0", "1.0.0"], SEMVER_PARTS + ["+incompatible", "-0.20191109021931-daa7c04131f5"], ".-+0a9Zv"),
    "maven": (["0", "1", "1.0", "1.0.0", "10", "a", ""],
              [".0", ".1", ".10", "-1", "-0", "-", ".", "1", "0", "a", "b2", "m3", "-alpha", "-Beta", "milestone", "-rc1", "cr2", "-SNAPSHOT", "-sp", ".ga", "final",
               "-release", "-foo", ".bar", "x", ".final.1", "-alpha-2", "0007"], ".-0a9xmM_+"),
    "cargo": (["1.0.0", "1.0.1", "0.1.0", "10.0.0", "1.0", "v1.0.0"], SEMVER_PARTS, ".-+0a9Z_"),
    "packagist": (["0", "1", "v1.0", "1.0.0", "1.0.0.0", "1.x", "2010.01", "20100102", "2010-01-02", "dev-", "master", "100000", "99999"],
                  [".0", ".1", ".x", ".*", "-alpha", "-b", "rc", "RC1", "-p", "pl2", ".patch", "1", "-1", "-dev", ".dev", "dev", "@dev", "@RC", "+a", "+a b", "-stable",
                   "Stable", "_", ".02", ":30", "-beta.1", "foo", "#1"], ".-_0a9xpb+@:"),
    "hex": (["1.0.0", "1.0.1", "0.1.0", "10.0.0", "1.0", "v1.0.0"], SEMVER_PARTS, ".-+0a9Z_"),
}


class Missing(Exception):
    """A peer that is not here: its text says what to install."""


def need(program, package):
    if shutil.which(program) is None:
        raise Missing(f"there is no {program} ({package})")
    return program


def need_file(path, package):
    if not pathlib.Path(path).exists():
        raise Missing(f"there is no {path} ({package})")
    return str(path)


def script(folder, name, text):
    path = pathlib.Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def build(words, **options):
    ended = subprocess.run(words, capture_output=True, text=True, **options)
    if ended.returncode != 0:
        raise Missing(f"{' '.join(words[:2])} failed: {(ended.stderr or ended.stdout).strip().splitlines()[-1:]}")


def python_with_packaging():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import packaging.version"], capture_output=True).returncode == 0:
            return python
    raise Missing("no python has packaging (python3-packaging)")


def debian(folder):
    need_file("/usr/share/perl5/Dpkg/Version.pm", "libdpkg-perl")
    return ["perl", script(folder, "debian.pl", DEBIAN)]


def node(folder, scheme):
    need("node", "nodejs")
    os.environ.setdefault("NODE_PATH", "/usr/share/nodejs")  # a node that is not Debian's looks elsewhere
    return ["node", script(folder, "peer.js", NODE), need_file("/usr/share/nodejs/semver", "node-semver"), scheme]


def go(folder):
    need("go", "golang-go")
    need_file("/usr/share/gocode/src/golang.org/x/mod/semver", "golang-golang-x-mod-dev")
    source = script(folder, "go/peer.go", GO)
    environment = os.environ | {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(pathlib.Path(folder) / "gocache")}
    build(["go", "build", "-o", f"{folder}/go/x-mod-semver", source], env=environment)
    return [f"{folder}/go/x-mod-semver"]


def maven(folder):
    need("java", "default-jdk-headless")
    jars = sorted(pathlib.Path.home().glob(".m2/repository/org/apache/maven/maven-artifact/3.9.*/maven-artifact-3.9.*.jar"))
    jars = [jar for jar in jars if not jar.stem.endswith(("-sources", "-javadoc"))]
    if not jars:  # Debian 12's 3.8 has another order
        raise Missing("there is no maven-artifact 3.9 (mvn dependency:get -Dartifact=org.apache.maven:maven-artifact:3.9.9)")
    return ["java", "-cp", str(jars[-1]), script(folder, "Peer.java", JAVA)]


def cargo(folder):
    need("cargo", "cargo")
    script(folder, "cargo/src/main.rs", RUST)
    script(folder, "cargo/Cargo.toml", '[package]\nname = "semver-crate"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nsemver = "1"\n')
    build(["cargo", "build", "--release", "--offline", "--quiet"], cwd=f"{folder}/cargo")
    return [f"{folder}/cargo/target/release/semver-crate"]


def php(folder):
    need("php", "php-cli")
    return ["php", "-d", "display_errors=0", script(folder, "peer.php", "<?php" + PHP), need_file("/usr/share/php/Composer/Semver/autoload.php", "composer")]


PEERS = {
    "debian": debian,
    "rpm": lambda folder: [need("rpm", "rpm"), "--eval", RPM],
    "alpine": None,
    "semver": lambda folder: node(folder, "semver"),
    "npm": lambda folder: node(folder, "npm"),
    "pypi": lambda folder: [python_with_packaging(), script(folder, "pypi.py", PYPI)],
    "gem": lambda folder: [need("ruby", "ruby"), script(folder, "gem.rb", RUBY)],
    "go": go,
    "maven": maven,
    "nuget": None,
    "cargo": cargo,
    "packagist": php,
    "hex": lambda folder: [need("elixir", "elixir"), script(folder, "hex.exs", ELIXIR)],
    "pub": None,
}


def choose_pairs(ward, scheme, count, rng):
    """Pairs with Ward's answers. Most pieces together make no version: at most a fifth of the pairs have one that is none."""
    starts, parts, characters = PIECES[scheme]

    def version():
        return rng.choice(starts) + "".join(rng.choice(parts) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5])))

    def near(text):
        """The same with a character changed, doubled or gone, or with a piece more or less."""
        at = rng.randrange(len(text) + 1)
        return rng.choice([text[:at] + "0" + text[at:], text[:at] + rng.choice(characters) + text[at + 1:], text[:at] + text[at + 1:],
                           text[:at] + rng.choice(parts) + text[at:], text + rng.choice(parts), text + rng.choice(parts), text.swapcase()])

    made = list({version() for _ in range(count // 2 + 2000)})
    made.sort()  # a set has no order, and a seed must give the same pairs each time
    orders = ask_ward(ward, scheme, [(text, text) for text in made])
    read = [text for text, order in zip(made, orders, strict=True) if order is not None]
    pairs, answers = [], []
    unread = 0
    while len(pairs) < count:
        some = []
        for _ in range(min(count, 20_000)):
            a = rng.choice(read if rng.random() < 0.95 else made)
            b = rng.choice(read) if rng.random() < 0.3 else near(a)
            some.append((a, b) if rng.random() < 0.5 else (b, a))
        for pair, order in zip(some, ask_ward(ward, scheme, some), strict=True):
            unread += order is None
            if order is not None or unread <= count // 5:
                pairs.append(pair)
                answers.append(order)
    return pairs[:count], answers[:count]


def ask_peer(words, pairs):
    text = "".join(f"{a}\t{b}\n" for a, b in pairs)
    ended = subprocess.run(words, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = ended.stdout.split()
    if len(said) != len(pairs):
        sys.exit(f"{words[0]} gave {len(said)} answers for {len(pairs)} pairs: {ended.stderr[-500:]}")
    return [None if word == "null" else int(word) for word in said]


def libdpkg(folder):
    """The words of a program of dpkg's own library; nothing where that is not installed."""
    if not shutil.which("gcc") or not pathlib.Path("/usr/include/dpkg/dpkg.h").exists():
        return None
    source = pathlib.Path(folder, "libdpkg.c")
    source.write_text(LIBDPKG)
    subprocess.run(["gcc", "-O2", "-o", f"{folder}/libdpkg", source, "-ldpkg", "-lmd"], check=True)
    return [f"{folder}/libdpkg"]


def ask_dpkg(pairs):
    orders = []
    for a, b in pairs:
        runs = [(value, subprocess.run(["dpkg", "--compare-versions", a, relation, b], capture_output=True))
                for relation, value in (("lt", -1), ("eq", 0), ("gt", 1))]
        warned = any(run.stderr for _, run in runs)  # of what is no version
        orders.append(None if warned else next(value for value, run in runs if run.returncode == 0))
    return orders


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def ask_ward(ward, scheme, pairs):
    orders = []
    rows = []
    size = 0

    def ask():
        sql = f"WITH p(i,a,b) AS (VALUES {','.join(rows)}) SELECT version_compare('{scheme}', a, b) AS o FROM p ORDER BY i"
        answer = subprocess.run([ward, "query", "--format", "json", sql], check=True, capture_output=True).stdout
        orders.extend(row["o"] for row in json.loads(answer))
        rows.clear()

    for a, b in pairs:
        rows.append(f"({len(rows)},{quoted(a)},{quoted(b)})")
        size += len(rows[-1]) + 1
        if size > QUERY_BYTES:
            ask()
            size = 0
    if rows:
        ask()
    return orders


def explained(name, a, b, theirs, ours):
    """May the peer say otherwise? Only where the specification is with Ward."""
    if name == "perl":  # Dpkg::Version has its own idea of where colons and signs may be; the policy's is asked of dpkg
        return theirs is None or ours is None
    if name in ("dpkg", "libdpkg"):  # it warns of a version that begins with no digit, which the policy only advises; "" is "no version"
        return theirs is None or "" in (a, b)
    if name == "rpm":  # it orders what its own page forbids, as releases with hyphens in them
        return ours is None
    return False


def compare(scheme, name, pairs, theirs, ours):
    wrong = 0
    excused = 0
    for (a, b), their, our in zip(pairs, theirs, ours, strict=True):
        if their == our:
            continue
        if explained(name, a, b, their, our):
            excused += 1
            continue
        wrong += 1
        if wrong <= 20:
            print(f"  {a!r} and {b!r}: {name} says {their}, Ward {our}")
    equal = sum(order == 0 for order in ours)
    unread = sum(order is None for order in ours)
    print(f"{scheme}: {len(pairs)} pairs ({equal} equal, {unread} not both read) beside {name}: {wrong} differ" +
          (f", {excused} explained" if excused else ""))
    return wrong


def main():
    ward = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    schemes = sys.argv[4:] or list(PEERS)
    wrong = 0
    pairs_in_all = 0
    skipped = []
    with tempfile.TemporaryDirectory() as folder:
        for scheme in schemes:
            peer = PEERS[scheme]
            try:
                if peer is None:
                    raise Missing("no program for it is in Debian 12")
                words = peer(folder)
            except Missing as missing:
                print(f"{scheme}: skipped, for {missing}")
                skipped.append(scheme)
                continue
            pairs, ours = choose_pairs(ward, scheme, count, random.Random(f"{seed} {scheme}"))
            pairs_in_all += count
            wrong += compare(scheme, pathlib.Path(words[0]).name, pairs, ask_peer(words, pairs), ours)
            if scheme == "debian" and (words := libdpkg(folder)):
                wrong += compare(scheme, "libdpkg", pairs, ask_peer(words, pairs), ours)
            elif scheme == "debian":
                print("debian: without dpkg's library (libdpkg-dev)")
            if scheme == "debian" and shutil.which("dpkg"):
                wrong += compare(scheme, "dpkg", pairs[:DPKG_PAIRS], ask_dpkg(pairs[:DPKG_PAIRS]), ours[:DPKG_PAIRS])
    print(f"{pairs_in_all} pairs, seed {seed}: {wrong} differ" + (f"; skipped {', '.join(skipped)}" if skipped else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
