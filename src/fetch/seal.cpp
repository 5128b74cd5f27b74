// SPDX-License-Identifier: Apache-2.0
#include "fetch/seal.h"

#include "core/errno_text.h"

#include <fmt/format.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace ward::fetch {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kX32Bit = 0x40000000;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the system call filter is written for x86_64 and aarch64"
#endif

constexpr unsigned kNobody = 65534;
constexpr std::uint64_t kMaxMemoryBytes = 512 * kMiB;
constexpr std::uint32_t kDnsPort = 53;

constexpr int kAllowed[] = {
    SYS_connect, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_getsockopt, SYS_setsockopt, SYS_getsockname, SYS_shutdown,
#if defined(__x86_64__)
    SYS_poll, SYS_time,
#endif
    SYS_ppoll, SYS_fcntl,                                  // fcntl: c-ares makes its sockets non-blocking with it
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pwrite64, SYS_close,
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk,
    SYS_futex, SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
    SYS_getpid, SYS_gettid, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sched_yield,
    SYS_exit, SYS_exit_group,
};
constexpr int kProtections[] = {SYS_mmap, SYS_mprotect};

// By a path, or about one: refused with an error, so that a library that looks for a setting goes on without it.
constexpr int kRefused[] = {
#if defined(__x86_64__)
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_creat,
#endif
    SYS_openat, SYS_openat2, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
};

// Allowed beside them in sanitizer builds only.
constexpr int kSanitizer[] = {
    SYS_sigaltstack, SYS_rt_sigaction, SYS_tgkill, SYS_fstat, SYS_ioctl, SYS_getrusage, SYS_sched_getaffinity, SYS_prlimit64,
    SYS_clone, SYS_wait4, SYS_set_robust_list, SYS_rseq, SYS_nanosleep, SYS_clock_nanosleep,
};

std::uint32_t argument_at(int number) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * static_cast<std::size_t>(number));  // the low half
}

constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t kAnyBit = BPF_JMP | BPF_JSET | BPF_K;
constexpr std::uint16_t kReturn = BPF_RET | BPF_K;

wire::Layer limit(const char* name, __rlimit_resource resource, std::uint64_t value) {
    rlimit current{};
    ::getrlimit(resource, &current);
    const rlim_t wanted = current.rlim_max == RLIM_INFINITY ? value : std::min<rlim_t>(value, current.rlim_max);
    const rlimit next{wanted, wanted};
    const int code = ::setrlimit(resource, &next);
    return {fmt::format("limit on {}", name), code == 0, code == 0 ? fmt::format("{}", wanted) : errno_text(errno)};
}

// linux/landlock.h of Debian 12 knows nothing of the network, so numbers and structures are spelled out here.
struct LandlockRuleset {
    std::uint64_t handled_access_fs;
    std::uint64_t handled_access_net;
    std::uint64_t scoped;
};
struct LandlockPort {
    std::uint64_t allowed_access;
    std::uint64_t port;
};
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kVersionFlag = 1;
constexpr int kPortRule = 2;
constexpr std::uint64_t kBindAndConnect = 3;
constexpr std::uint64_t kConnect = 2;

int file_rights(long abi) {
    if (abi >= 5) return 16;
    if (abi >= 3) return 15;
    return abi >= 2 ? 14 : 13;
}

wire::Layer landlock(const wire::FetchSetup& setup) {
    const long abi = ::syscall(kCreateRuleset, nullptr, 0, kVersionFlag);
    if (abi < 1) return {"landlock", false, "this kernel has none: " + errno_text(errno)};
    LandlockRuleset ruleset{};
    ruleset.handled_access_fs = (1ULL << file_rights(abi)) - 1;
    std::size_t size = sizeof ruleset.handled_access_fs;
    if (abi >= 4) {
        ruleset.handled_access_net = kBindAndConnect;
        size += sizeof ruleset.handled_access_net;
    }
    if (abi >= 6) {
        ruleset.scoped = 3;  // abstract Unix sockets and signals
        size += sizeof ruleset.scoped;
    }
    const int rules = static_cast<int>(::syscall(kCreateRuleset, &ruleset, size, 0));
    if (rules < 0) return {"landlock", false, errno_text(errno)};
    int error = 0;
    if (abi >= 4) {
        std::vector<std::uint32_t> ports = setup.ports;
        ports.push_back(kDnsPort);
        for (const std::uint32_t port : ports) {
            const LandlockPort rule{kConnect, port};
            if (error == 0 && ::syscall(kAddRule, rules, kPortRule, &rule, 0) != 0) error = errno;
        }
    }
    if (error == 0 && ::syscall(kRestrictSelf, rules, 0) != 0) error = errno;
    ::close(rules);
    if (error != 0) return {"landlock", false, errno_text(error)};
    return {"landlock", true, fmt::format("ABI {}, no file{}", abi, abi >= 4 ? fmt::format(", TCP to ports {} and {}", fmt::join(setup.ports, ", "), kDnsPort) : "")};
}

wire::Layer drop_root() {
    if (::geteuid() != 0) return {"not root", true, fmt::format("user {}", ::geteuid())};
    // One after the other; without groups first, since nobody may not give them up.
    const bool dropped = ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0;
    return {"not root", dropped, dropped ? fmt::format("user {}", kNobody) : errno_text(errno)};
}

}  // namespace

std::span<const int> allowed_calls() { return kAllowed; }

std::vector<sock_filter> filter_program() {
    std::vector<sock_filter> program;
    const auto statement = [&](std::uint16_t code, std::uint32_t value) { program.push_back({code, 0, 0, value}); };
    const auto jump = [&](std::uint16_t code, std::uint32_t value, std::uint8_t when_true, std::uint8_t when_false) {
        program.push_back({code, when_true, when_false, value});
    };
    const auto answer = [&](int call, std::uint32_t what) {
        jump(kEqual, static_cast<std::uint32_t>(call), 0, 1);
        statement(kReturn, what);
    };
    // A call of another architecture has other numbers.
    statement(kLoad, offsetof(seccomp_data, arch));
    jump(kEqual, kArchitecture, 1, 0);
    statement(kReturn, SECCOMP_RET_KILL_PROCESS);
    statement(kLoad, offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    jump(kAnyBit, kX32Bit, 0, 1);
    statement(kReturn, SECCOMP_RET_KILL_PROCESS);
#endif
    for (const int call : kAllowed) answer(call, SECCOMP_RET_ALLOW);
    if constexpr (kSanitized) {
        for (const int call : kSanitizer) answer(call, SECCOMP_RET_ALLOW);
    }
    for (const int call : kProtections) {
        jump(kEqual, static_cast<std::uint32_t>(call), 0, 4);
        statement(kLoad, argument_at(2));
        jump(kAnyBit, PROT_EXEC, 0, 1);
        statement(kReturn, kSanitized ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
        statement(kReturn, SECCOMP_RET_ALLOW);
    }
    // The internet, and no socket of this machine.
    jump(kEqual, SYS_socket, 0, 5);
    statement(kLoad, argument_at(0));
    jump(kEqual, AF_INET, 1, 0);
    jump(kEqual, AF_INET6, 0, 1);
    statement(kReturn, SECCOMP_RET_ALLOW);
    statement(kReturn, SECCOMP_RET_ERRNO | EACCES);
    for (const int call : kRefused) answer(call, SECCOMP_RET_ERRNO | EPERM);
    statement(kReturn, SECCOMP_RET_KILL_PROCESS);
    return program;
}

Result<std::vector<wire::Layer>> seal(const wire::FetchSetup& setup, int channel) {
    std::vector<wire::Layer> layers;
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error like a full disk
    // Nothing inherited stays open. Sanitizers report on 2.
    if constexpr (!kSanitized) {
        for (int number = 0; number < 3; ++number) {
            if (number != channel) ::close(number);
        }
    }
    layers.push_back(drop_root());
    // To become somebody else takes these away, so they come after it. A ward that has gone closes the channel too.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    layers.push_back({"not dumpable", ::prctl(PR_SET_DUMPABLE, 0) == 0, ""});
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(Code::denied, "the kernel refused no_new_privs: {}", errno_text(errno));
    layers.push_back({"no new privileges", true, ""});
    layers.push_back(landlock(setup));
    layers.push_back(limit("core dumps", RLIMIT_CORE, 0));
    layers.push_back(limit("processes", RLIMIT_NPROC, 0));
    layers.push_back(limit("locked memory", RLIMIT_MEMLOCK, 0));
    layers.push_back(limit("open files", RLIMIT_NOFILE, 64));
    layers.push_back(limit("file size", RLIMIT_FSIZE, setup.max_file_bytes));
    if constexpr (!kSanitized) layers.push_back(limit("memory", RLIMIT_DATA, kMaxMemoryBytes));
    const auto program = filter_program();
    sock_fprog loaded{};
    loaded.len = static_cast<unsigned short>(program.size());
    loaded.filter = const_cast<sock_filter*>(program.data());
    layers.push_back({"system call filter", true, fmt::format("{} calls allowed", std::size(kAllowed))});
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &loaded) != 0) return fail(Code::denied, "the kernel refused the system call filter: {}", errno_text(errno));
    return layers;
}

}  // namespace ward::fetch
