#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/package.sh [FOLDER]: a Debian package of the release build, into FOLDER (build/package). The same commit gives the
# same bytes wherever it is built: times are the commit's, owners are root's, names are sorted.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/prepare.sh
umask 022
out=${1:-build/package}
install_packages "${build_packages[@]}" python3
build_preset release

version=$(build/release/bin/ward --version | cut -d' ' -f2)
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)
fi
export SOURCE_DATE_EPOCH
architecture=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

install -D -m 755 -s build/release/bin/ward "$tree/usr/bin/ward"
for program in ward-cell ward-cell-sql ward-fetch; do
    install -D -m 755 -s "build/release/bin/$program" "$tree/usr/lib/ward/$program"
done
mkdir -p "$tree/usr/share"
cp -rT build/release/share/ward "$tree/usr/share/ward"
tools/manual.py build/release/bin/ward data/tables "$tree/usr/share/man"
find "$tree/usr/share/man" -type f -exec gzip -9n {} +
for page in README.md CHANGELOG.md docs/*.md; do
    install -D -m 644 "$page" "$tree/usr/share/doc/ward/$(basename "$page")"
done
install -D -m 644 LICENSE "$tree/usr/share/doc/ward/copyright"
find "$tree/usr" -type d -exec chmod 755 {} +
find "$tree/usr/share" -type f -exec chmod 644 {} +

mkdir "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<TEXT
Package: ward
Version: $version
Architecture: $architecture
Maintainer: The Ward project <ward@localhost>
Installed-Size: $(du -sk --apparent-size "$tree/usr" | cut -f1)
Section: admin
Priority: optional
Recommends: ca-certificates
Description: find malware, missing updates, open doors and weak credentials
 Ward looks for malware in files, archives and everything inside them, and for
 the three things that lead to most break-ins: software that is not up to date,
 a network that is open, credentials that are weak. Whatever others wrote is
 read in sealed processes, and nothing about the machine leaves it.
TEXT
(cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/ward_${version}_$architecture.deb" >/dev/null
echo "$out/ward_${version}_$architecture.deb"
