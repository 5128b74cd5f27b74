#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which system calls does the code of a static program hold, and which are too many for a cell?

    cell_calls.py --ward BIN/ward --empty BIN/empty-program BIN/ward-cell BIN/ward-cell-sql

Disassembles each program and takes the number that is loaded before each system call instruction. A cell program may hold
what the empty program holds (the C library's start needs it), what sealing needs, and what the filter allows; anything more
came in with a library and wants a stand-in in src/cell/runtime/pure_*.cpp. The filter would stop it all the same.
`ward` itself is the control: if nothing forbidden is found there, this test finds nothing.
x86_64 only; elsewhere it says so and skips (exit 77)."""
import argparse
import platform
import re
import subprocess
import sys

# What src/cell/runtime/seal.cpp and channel.cpp call, and what the filter allows (docs/wall.md).
ALLOWED = {
    "recvmsg", "sendmsg", "close", "pread64", "pwrite64", "lseek", "mmap", "mprotect", "munmap", "mremap", "madvise", "brk",
    "futex", "clock_gettime", "gettimeofday", "time", "getrandom", "getpid", "gettid", "rt_sigprocmask", "rt_sigreturn",
    "sched_yield", "exit", "exit_group",
    "prctl", "setrlimit", "getrlimit", "prlimit64", "rt_sigaction",  # sealing
}
# That this finds what it looks for: calls that `ward` makes and no cell may.
CONTROL = {"socketpair", "mount", "clone3", "wait4", "unlink", "getdents64", "fork", "execve", "kill", "openat"}

# What `ward` and the cells do not hold: only ward-fetch speaks to other machines (docs/security.md).
NEVER = {"connect", "listen", "accept", "accept4", "sendmmsg"}

NUMBERS = {}
for line in subprocess.run(["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"], text=True,
                           capture_output=True, check=True).stdout.splitlines():
    match = re.match(r"#define __NR_(\w+) (\d+)$", line)
    if match:
        NUMBERS[int(match[2])] = match[1]


def calls_of(program):
    """The names of the calls whose number is loaded at most eight instructions before the call itself."""
    found = set()
    recent = []
    lines = subprocess.Popen(["objdump", "-d", "--no-show-raw-insn", program], text=True, stdout=subprocess.PIPE).stdout
    for line in lines:
        if line.endswith(">:\n"):
            recent = []
            continue
        instruction = line.split("\t")[-1].strip()
        if instruction == "syscall":
            for before in reversed(recent):
                match = re.match(r"mov\s+\$0x([0-9a-f]+),%e?r?ax$", before)
                if match:
                    found.add(NUMBERS.get(int(match[1], 16), match[1]))
                    break
                if before.startswith("xor    %eax,%eax"):
                    found.add("read")
                    break
        recent = (recent + [instruction])[-8:]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ward", required=True)
    parser.add_argument("--empty", required=True)
    parser.add_argument("programs", nargs="+")
    given = parser.parse_args()
    if platform.machine() != "x86_64":
        print("reads x86_64 code only")
        return 77
    empty = calls_of(given.empty)
    faults = 0
    for program in given.programs:
        extra = calls_of(program) - empty - ALLOWED
        print(f"{program}: {len(extra)} too many {sorted(extra)}")
        faults += len(extra)
    ward = calls_of(given.ward)
    control = (ward - empty - ALLOWED) & CONTROL
    never = (ward - empty) & NEVER
    print(f"{given.ward}: {sorted(control)}, as it should be; {len(never)} too many {sorted(never)}")
    faults += len(never)
    return 1 if faults or len(control) < 2 else 0


sys.exit(main())
