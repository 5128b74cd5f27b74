# SPDX-License-Identifier: Apache-2.0
# Sourced by run, test and dev: installs what is missing and builds a preset, quietly. Bare Debian 12 and git are enough.

# What building needs, and what tests, fuzzing and formatting need beside it. docs/dependencies.md says why each.
build_packages=(
    g++ cmake ninja-build
    libsqlite3-dev zlib1g-dev libdeflate-dev liblzma-dev libzstd-dev libbz2-dev libssl-dev libc-ares-dev libmagic-dev libmagic-mgc
    libedit-dev libncurses-dev libbsd-dev libmd-dev libfmt-dev libtomlplusplus-dev
)
test_packages=(libgtest-dev python3 yara openssl strace binutils zip cpio xz-utils zstd bzip2)
fuzz_packages=(clang-14 libclang-rt-14-dev)

# The packages of "$@" that are not installed.
missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || echo "$name"
    done
}

install_packages() {
    local missing as_root=()
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are needed, and only root may install them:" $missing >&2
            return 2
        fi
        as_root=(sudo)
    fi
    echo "Installing:" $missing >&2
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
           "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        echo "The packages could not be installed; the lines above say why." >&2
        return 2
    fi
    rm -f "$log"
}

# tell_progress TITLE LOG: ninja's words into LOG; says what goes on only when there is something to build, on a terminal with
# how far it is.
tell_progress() {
    local line said='' step='^\[([0-9]+)/([0-9]+)\] (Building|Linking|Generating)'
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$2"
        [[ $line =~ $step ]] || continue
        if [ -t 2 ]; then
            printf '\r%s: %s of %s ' "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
        elif [ -z "$said" ]; then
            echo "$1 ..." >&2
        fi
        said=1
    done
    [ -z "$said" ] || [ ! -t 2 ] || echo >&2
}

# build_preset PRESET [TARGET...]: configures when needed and builds; silent unless something is to be done or fails.
build_preset() {
    local preset=$1 log
    shift
    log=$(mktemp)
    if [ ! -f "build/$preset/build.ninja" ]; then
        if ! cmake --preset "$preset" >"$log" 2>&1; then
            cat "$log" >&2
            rm -f "$log"
            return 2
        fi
    fi
    if ! ninja -C "build/$preset" "$@" 2>&1 | tell_progress "Building Ward ($preset)" "$log"; then
        grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -n 60 >&2
        rm -f "$log"
        echo "The build failed; the lines above say where." >&2
        return 2
    fi
    rm -f "$log"
}
