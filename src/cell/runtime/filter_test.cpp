// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/filter.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace ward::runtime {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kHere = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kElsewhere = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t kHere = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kElsewhere = AUDIT_ARCH_ARM;
#endif
constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

// Runs the filter as the kernel would (Documentation/networking/filter): only the instructions that it uses.
std::uint32_t decide(const seccomp_data& data) {
    const auto program = filter_program();
    std::uint32_t accumulator = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& step = program[at];
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS: {
                unsigned char bytes[sizeof data];
                std::memcpy(bytes, &data, sizeof data);
                EXPECT_LE(step.k + 4, sizeof data);
                std::memcpy(&accumulator, bytes + step.k, 4);
                break;
            }
            case BPF_JMP | BPF_JEQ | BPF_K: at += accumulator == step.k ? step.jt : step.jf; break;
            case BPF_JMP | BPF_JSET | BPF_K: at += (accumulator & step.k) != 0 ? step.jt : step.jf; break;
            case BPF_RET | BPF_K: return step.k;
            default: ADD_FAILURE() << "an instruction that this test does not know: " << step.code;
        }
    }
    ADD_FAILURE() << "the filter ran over its end";
    return 0;
}

std::uint32_t decide(long call, std::uint64_t protection = PROT_READ, std::uint32_t architecture = kHere) {
    seccomp_data data{};
    data.nr = static_cast<int>(call);
    data.arch = architecture;
    data.args[2] = protection;
    return decide(data);
}

TEST(Filter, DecidesEachCallAsItsListsSay) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's build allows more";
    const std::set<int> allowed{allowed_calls().begin(), allowed_calls().end()};
    const std::set<int> refused{refused_calls().begin(), refused_calls().end()};
    std::size_t allowed_seen = 0;
    for (int call = 0; call < 1024; ++call) {
        SCOPED_TRACE(call);
        std::uint32_t want = SECCOMP_RET_KILL_PROCESS;
        if (refused.count(call) != 0) want = kRefuse;
        if (allowed.count(call) != 0 || call == SYS_mmap || call == SYS_mprotect) want = SECCOMP_RET_ALLOW;
        EXPECT_EQ(decide(call), want);
        allowed_seen += want == SECCOMP_RET_ALLOW ? 1 : 0;
    }
    EXPECT_EQ(allowed_seen, allowed.size() + 2);
    // A list that grows beyond this is no longer a wall; think before raising it.
    EXPECT_LE(allowed.size(), 24U);
}

TEST(Filter, AllowsNothingThatOnlySanitizersNeed) {
    if (kSanitized) GTEST_SKIP() << "this is a sanitizer's build";
    ASSERT_FALSE(sanitizer_calls().empty());
    for (const int call : sanitizer_calls()) EXPECT_NE(decide(call), SECCOMP_RET_ALLOW) << call;
}

TEST(Filter, AllowsNoExecutableMemory) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's build allows more";
    struct Case { const char* name; std::uint64_t protection; std::uint32_t want; };
    const Case cases[] = {
        {"nothing", PROT_NONE, SECCOMP_RET_ALLOW},
        {"to read and write", PROT_READ | PROT_WRITE, SECCOMP_RET_ALLOW},
        {"to execute", PROT_EXEC, SECCOMP_RET_KILL_PROCESS},
        {"all", PROT_READ | PROT_WRITE | PROT_EXEC, SECCOMP_RET_KILL_PROCESS},
        // The kernel takes the protection as an unsigned long and looks at its low bits.
        {"bits above", 0xffffffff00000000ULL | PROT_READ, SECCOMP_RET_ALLOW},
        {"bits above, to execute", 0xffffffff00000000ULL | PROT_EXEC, SECCOMP_RET_KILL_PROCESS},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(decide(SYS_mmap, c.protection), c.want);
        EXPECT_EQ(decide(SYS_mprotect, c.protection), c.want);
    }
}

TEST(Filter, KillsWhatComesThroughAnotherEntrance) {
    for (const int call : allowed_calls()) EXPECT_EQ(decide(call, 0, kElsewhere), SECCOMP_RET_KILL_PROCESS) << call;
#if defined(__x86_64__)
    for (const int call : allowed_calls()) EXPECT_EQ(decide(call | 0x40000000), SECCOMP_RET_KILL_PROCESS) << call;
#endif
    EXPECT_EQ(decide(-1), SECCOMP_RET_KILL_PROCESS);
}

}  // namespace
}  // namespace ward::runtime
