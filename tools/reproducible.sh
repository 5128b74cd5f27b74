#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/reproducible.sh: clones this commit into two folders whose names differ in length, builds a package in each without a
# compiler cache and with different surroundings, and compares them byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one=$work/a two=$work/another-folder-with-a-longer-name
for place in "$one" "$two"; do git clone -q . "$place"; done
(cd "$one" && CCACHE_DISABLE=1 ./dev package out) >/dev/null
(cd "$two" && umask 077 && CCACHE_DISABLE=1 LC_ALL=C.UTF-8 TZ=Pacific/Auckland HOME="$work" ./dev package out) >/dev/null
sum_of() { sha256sum "$1"/out/*.deb | cut -d' ' -f1; }
for place in "$one" "$two"; do
    if grep -qaF "$work" "$place"/build/release/bin/*; then
        echo "a program names the folder it was built in"
        exit 1
    fi
done
if [ "$(sum_of "$one")" != "$(sum_of "$two")" ]; then
    for place in "$one" "$two"; do dpkg-deb -x "$place"/out/*.deb "$place/tree"; done
    diff -rq "$one/tree" "$two/tree" || true
    echo "the packages of two builds differ"
    exit 1
fi
echo "two builds, one package: $(sum_of "$one")"
