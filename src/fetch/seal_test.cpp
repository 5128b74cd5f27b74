// SPDX-License-Identifier: Apache-2.0
// The filter of ward-fetch, run over every call by an interpreter of the few instructions that it is made of; and the seal
// itself, in a child process that tries what it may not do.
#include "fetch/seal.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ward::fetch {
namespace {

std::uint32_t answer_to(const seccomp_data& call) {
    const auto program = filter_program();
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const auto& step = program[at];
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS: std::memcpy(&value, reinterpret_cast<const char*>(&call) + step.k, sizeof value); break;
            case BPF_JMP | BPF_JEQ | BPF_K: at += value == step.k ? step.jt : step.jf; break;
            case BPF_JMP | BPF_JSET | BPF_K: at += (value & step.k) != 0 ? step.jt : step.jf; break;
            case BPF_RET | BPF_K: return step.k;
            default: ADD_FAILURE() << "an instruction that this test does not know"; return 0;
        }
    }
    ADD_FAILURE() << "the filter has no end";
    return 0;
}

seccomp_data call_of(long number, std::uint64_t first = 0, std::uint64_t third = 0) {
    seccomp_data call{};
    call.nr = static_cast<int>(number);
#if defined(__x86_64__)
    call.arch = AUDIT_ARCH_X86_64;
#else
    call.arch = AUDIT_ARCH_AARCH64;
#endif
    call.args[0] = first;
    call.args[2] = third;
    return call;
}

TEST(Filter, LetsNothingThroughButWhatIsListed) {
    const auto allowed = allowed_calls();
    for (int number = 0; number < 600; ++number) {
        if (number == SYS_socket || number == SYS_mmap || number == SYS_mprotect) continue;
        const std::uint32_t what = answer_to(call_of(number));
        const bool listed = std::find(allowed.begin(), allowed.end(), number) != allowed.end();
        EXPECT_TRUE(kSanitized || (what == SECCOMP_RET_ALLOW) == listed) << number;
        EXPECT_TRUE(what == SECCOMP_RET_ALLOW || what == SECCOMP_RET_KILL_PROCESS || what == (SECCOMP_RET_ERRNO | EPERM)) << number;
    }
    for (const long number : {SYS_bind, SYS_listen, SYS_accept4, SYS_execve, SYS_execveat, SYS_ptrace, SYS_kill, SYS_unlinkat, SYS_mount, SYS_process_vm_readv}) {
        EXPECT_EQ(answer_to(call_of(number)), static_cast<std::uint32_t>(SECCOMP_RET_KILL_PROCESS)) << number;
    }
    EXPECT_EQ(answer_to(call_of(SYS_openat)), SECCOMP_RET_ERRNO | EPERM);
}

TEST(Filter, AllowsSocketsOfTheInternetOnly) {
    for (std::uint64_t family = 0; family < 50; ++family) {
        const bool internet = family == AF_INET || family == AF_INET6;
        EXPECT_EQ(answer_to(call_of(SYS_socket, family)) == SECCOMP_RET_ALLOW, internet) << family;
    }
}

TEST(Filter, AllowsNoCodeToBeMade) {
    for (const long number : {SYS_mmap, SYS_mprotect}) {
        EXPECT_EQ(answer_to(call_of(number, 0, PROT_READ | PROT_WRITE)), static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
        EXPECT_TRUE(kSanitized || answer_to(call_of(number, 0, PROT_READ | PROT_EXEC)) == SECCOMP_RET_KILL_PROCESS);
    }
    seccomp_data foreign = call_of(SYS_read);
    foreign.arch ^= 1;
    EXPECT_EQ(answer_to(foreign), static_cast<std::uint32_t>(SECCOMP_RET_KILL_PROCESS));
}

// Runs `attempt` in a sealed child: its exit status, or 128 and the signal.
template <class Attempt>
int sealed(Attempt attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
        wire::FetchSetup setup;
        setup.max_file_bytes = 1000;
        setup.ports = {443};
        const int channel = ::dup(2);
        if (!seal(setup, channel)) ::_exit(99);
        ::_exit(attempt());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Seal, HoldsInAProcess) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime lives on what the seal takes away";
    EXPECT_EQ(sealed([] { return 7; }), 7);
    EXPECT_EQ(sealed([] { return ::open("/etc/passwd", O_RDONLY) < 0 ? errno : 0; }), EPERM);
    EXPECT_EQ(sealed([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0; }), EACCES);
    EXPECT_EQ(sealed([] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), 0);
    EXPECT_EQ(sealed([] { return static_cast<int>(::syscall(SYS_execve, "/bin/true", nullptr, nullptr)); }), 128 + SIGSYS);
    EXPECT_EQ(sealed([] { return static_cast<int>(::syscall(SYS_unlink, "/tmp/none")); }), 128 + SIGSYS);
}

}  // namespace
}  // namespace ward::fetch
