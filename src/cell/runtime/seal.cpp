// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/seal.h"

#include "cell/runtime/filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

namespace ward::runtime {

namespace {

// linux/prctl.h since 6.3; Debian 12's headers are older.
constexpr int kSetMdwe = 65;
constexpr unsigned long kMdweRefuseExecGain = 1;

// linux/landlock.h. Debian 12's header knows ABI 2, so the rights and scopes of later ones are spelled out here.
struct LandlockRuleset {
    std::uint64_t handled_access_fs;
    std::uint64_t handled_access_net;
    std::uint64_t scoped;
};
constexpr std::uint32_t kLandlockVersionFlag = 1;
constexpr long kLandlockCreateRuleset = 444;
constexpr long kLandlockRestrictSelf = 446;

// The number of file system rights each ABI knows: rights are bits from 0 upwards.
int landlock_rights(long abi) {
    if (abi >= 5) return 16;  // device ioctl
    if (abi >= 3) return 15;  // truncate
    if (abi >= 2) return 14;  // refer
    return 13;
}

wire::Layer layer(std::string name, bool in_force, std::string detail) {
    return {std::move(name), in_force, std::move(detail)};
}

std::string why(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

wire::Layer limit(const char* name, int resource, std::uint64_t value) {
    rlimit current{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &current);
    // A lower hard limit that the system set already is stricter than ours.
    const rlim_t wanted = current.rlim_max == RLIM_INFINITY ? value : std::min<rlim_t>(value, current.rlim_max);
    const rlimit next{wanted, wanted};
    const int code = ::setrlimit(static_cast<__rlimit_resource>(resource), &next);
    return layer(std::string{"limit on "} + name, code == 0, code == 0 ? fmt::format("{}", wanted) : why(errno));
}

wire::Layer landlock() {
    const long abi = ::syscall(kLandlockCreateRuleset, nullptr, 0, kLandlockVersionFlag);
    if (abi < 1) return layer("landlock", false, "this kernel has none: " + why(errno));
    LandlockRuleset ruleset{};
    ruleset.handled_access_fs = (1ULL << landlock_rights(abi)) - 1;
    std::size_t size = sizeof ruleset.handled_access_fs;
    if (abi >= 4) {
        ruleset.handled_access_net = 3;  // bind and connect over TCP
        size += sizeof ruleset.handled_access_net;
    }
    if (abi >= 6) {
        ruleset.scoped = 3;  // abstract Unix sockets and signals
        size += sizeof ruleset.scoped;
    }
    const long descriptor = ::syscall(kLandlockCreateRuleset, &ruleset, size, 0);
    if (descriptor < 0) return layer("landlock", false, why(errno));
    const long restricted = ::syscall(kLandlockRestrictSelf, descriptor, 0);
    const int error = errno;
    ::close(static_cast<int>(descriptor));
    if (restricted != 0) return layer("landlock", false, why(error));
    return layer("landlock", true, fmt::format("ABI {}, no right granted", abi));
}

[[noreturn]] void end_out_of_memory() { ::_exit(wire::kExitOutOfMemory); }

}  // namespace

Result<std::vector<wire::Layer>> seal(const SealPlan& plan, int channel) {
    std::vector<wire::Layer> layers;
    std::set_new_handler(end_out_of_memory);
    // When memory runs out, malloc would look for another arena and ask for the number of processors, which is forbidden.
    ::mallopt(M_ARENA_MAX, 1);

    // The gate's death closes the channel too; this is for a cell that is busy at that moment.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Writing past the file limit gives EFBIG instead of a signal.
    ::signal(SIGXFSZ, SIG_IGN);

    const bool undumpable = ::prctl(PR_SET_DUMPABLE, 0) == 0;
    layers.push_back(layer("not dumpable", undumpable, undumpable ? "" : why(errno)));
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail(Code::denied, "the kernel refused no_new_privs: {}", why(errno));
    }
    layers.push_back(layer("no new privileges", true, ""));

    layers.push_back(landlock());

    layers.push_back(limit("processes", RLIMIT_NPROC, 0));
    layers.push_back(limit("core dumps", RLIMIT_CORE, 0));
    layers.push_back(limit("locked memory", RLIMIT_MEMLOCK, 0));
    layers.push_back(limit("message queues", RLIMIT_MSGQUEUE, 0));
    layers.push_back(limit("file size", RLIMIT_FSIZE, plan.max_file_bytes));
    if constexpr (!kSanitized) {
        layers.push_back(limit("memory", RLIMIT_DATA, plan.max_memory_bytes));
        // Files are mapped whole, so the address space is large; memory itself is bounded above.
        layers.push_back(limit("address space", RLIMIT_AS, 1ULL << 46));
    }

    const bool no_writable_code = ::prctl(kSetMdwe, kMdweRefuseExecGain, 0, 0, 0) == 0;
    layers.push_back(layer("no writable code (kernel)", no_writable_code,
                           no_writable_code ? "" : "this kernel has no PR_SET_MDWE; the system call filter refuses it"));

    // Nothing inherited stays open. Sanitizers report on 2.
    if constexpr (!kSanitized) {
        for (int number = 0; number < 3; ++number) {
            if (number != channel) ::close(number);
        }
    }
    if (channel > 3) ::syscall(SYS_close_range, 3U, static_cast<unsigned>(channel) - 1, 0U);
    ::syscall(SYS_close_range, static_cast<unsigned>(channel) + 1, ~0U, 0U);
    layers.push_back(limit("open files", RLIMIT_NOFILE, 64));

    const auto program = filter_program();
    sock_fprog loaded{};
    loaded.len = static_cast<unsigned short>(program.size());
    loaded.filter = const_cast<sock_filter*>(program.data());
    layers.push_back(layer("system call filter", true, fmt::format("{} calls allowed", allowed_calls().size())));
    // The last layer: what follows must do with what it allows.
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &loaded) != 0) {
        return fail(Code::denied, "the kernel refused the system call filter: {}", why(errno));
    }
    return layers;
}

}  // namespace ward::runtime
