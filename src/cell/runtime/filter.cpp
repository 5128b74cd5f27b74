// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace ward::runtime {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kX32Bit = 0x40000000;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the system call filter is written for x86_64 and aarch64"
#endif

constexpr int kAllowed[] = {
    SYS_recvmsg, SYS_sendmsg,                                     // the channel
    SYS_close, SYS_pread64, SYS_pwrite64, SYS_lseek,              // descriptors that were given
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk,                 // memory
    SYS_futex, SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
    SYS_getpid, SYS_gettid, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sched_yield,
    SYS_exit, SYS_exit_group,
};
// Allowed with arguments that the filter looks at: no executable memory.
constexpr int kProtections[] = {SYS_mmap, SYS_mprotect};

constexpr int kSanitizer[] = {
    SYS_write, SYS_sigaltstack, SYS_rt_sigaction, SYS_tgkill, SYS_fstat, SYS_readlink, SYS_ioctl,
    SYS_getrusage, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_prlimit64, SYS_clone, SYS_wait4, SYS_set_robust_list,
    SYS_rseq, SYS_nanosleep, SYS_clock_nanosleep, SYS_read,
};

// By a path, or about one: refused with an error, so that a library that tries to read a setting goes on without it.
constexpr int kRefused[] = {
#if defined(__x86_64__)
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_creat,
#endif
    SYS_openat, SYS_openat2, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
};

constexpr std::uint32_t low_half(int argument) {
    // Little-endian on both architectures.
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * static_cast<std::size_t>(argument));
}

sock_filter statement(std::uint16_t code, std::uint32_t value) { return sock_filter{code, 0, 0, value}; }
sock_filter jump(std::uint16_t code, std::uint32_t value, std::uint8_t when_true, std::uint8_t when_false) {
    return sock_filter{code, when_true, when_false, value};
}

constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t kAnyBit = BPF_JMP | BPF_JSET | BPF_K;
constexpr std::uint16_t kReturn = BPF_RET | BPF_K;

}  // namespace

std::span<const int> allowed_calls() { return kAllowed; }
std::span<const int> sanitizer_calls() { return kSanitizer; }
std::span<const int> refused_calls() { return kRefused; }

std::vector<sock_filter> filter_program() {
    std::vector<sock_filter> program;
    // A call of another architecture has other numbers.
    program.push_back(statement(kLoad, offsetof(seccomp_data, arch)));
    program.push_back(jump(kEqual, kArchitecture, 1, 0));
    program.push_back(statement(kReturn, SECCOMP_RET_KILL_PROCESS));
    program.push_back(statement(kLoad, offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
    program.push_back(jump(kAnyBit, kX32Bit, 0, 1));
    program.push_back(statement(kReturn, SECCOMP_RET_KILL_PROCESS));
#endif
    const auto answer = [&](int call, std::uint32_t what) {
        program.push_back(jump(kEqual, static_cast<std::uint32_t>(call), 0, 1));
        program.push_back(statement(kReturn, what));
    };
    for (const int call : kAllowed) answer(call, SECCOMP_RET_ALLOW);
    if constexpr (kSanitized) {
        for (const int call : kSanitizer) answer(call, SECCOMP_RET_ALLOW);
    }
    for (const int call : kProtections) {
        // The third argument holds the protection, of mmap and mprotect alike.
        program.push_back(jump(kEqual, static_cast<std::uint32_t>(call), 0, 4));
        program.push_back(statement(kLoad, low_half(2)));
        program.push_back(jump(kAnyBit, PROT_EXEC, 0, 1));
        program.push_back(statement(kReturn, kSanitized ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS));
        program.push_back(statement(kReturn, SECCOMP_RET_ALLOW));
    }
    for (const int call : kRefused) answer(call, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
    program.push_back(statement(kReturn, SECCOMP_RET_KILL_PROCESS));
    return program;
}

}  // namespace ward::runtime
