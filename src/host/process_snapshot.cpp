// SPDX-License-Identifier: Apache-2.0
#include "host/process_snapshot.h"

#include "core/text.h"
#include "host/process_memory.h"
#include "host/read_all.h"
#include "host/system_error.h"
#include "model/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

namespace ward::host {

namespace {

using State = wire::SourceBytes::State;

constexpr std::uint64_t kFileBytes = 64 * kKiB;  // of stat, status, cgroup; a command line longer than this is cut
constexpr std::uint64_t kMapsBytes = 4 * kMiB;

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

// Calls `visit` with each process's folder until it says stop; the folder is opened first, so all that is read there is about
// the same process even when its number is given to another.
template <class Visit>
void each_process(Source& out, Visit visit) {
    const auto ids = process_ids();
    if (!ids) {
        out.about.state = State::failed;
        out.about.why = ids.error().text;
        return;
    }
    for (const std::uint32_t id : *ids) {
        const Descriptor folder{::open(fmt::format("/proc/{}", id).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        if (folder && !visit(id, folder.get())) return;
    }
}

bool take_bytes(std::uint64_t bytes, std::uint64_t& used, std::uint64_t max_bytes, Source& out) {
    used += bytes;
    if (used <= max_bytes) return true;
    out.about.state = State::cut;
    out.about.why = fmt::format("only the first {} are kept", human_bytes(max_bytes));
    return false;
}

void add_denied(Source& out, std::size_t count, std::string_view what) {
    if (count == 0) return;
    out.gaps.push_back({Where{"/proc", 0, {}}, Code::denied,
                        fmt::format("the {} of {} process{} cannot be seen{}", what, count, count == 1 ? "" : "es",
                                    ::geteuid() == 0 ? "" : " without root")});
}

bool is_denied(int error) { return error == EACCES || error == EPERM; }

std::optional<std::uint64_t> socket_inode(std::string_view link) {
    constexpr std::string_view kPrefix = "socket:[";
    if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
    return parse_unsigned(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
}

}  // namespace

void snapshot_processes(std::uint64_t max_bytes, Source& out) {
    std::vector<ProcessFacts> processes;
    std::uint64_t used = 0;
    std::size_t hidden = 0;
    each_process(out, [&](std::uint32_t id, int folder) {
        ProcessFacts process;
        process.pid = id;
        if (const int error = read_small(folder, "stat", kFileBytes, process.stat).error; error != 0) {
            if (is_denied(error)) ++hidden;  // /proc is mounted with hidepid=1
            return true;                     // else it has ended
        }
        static_cast<void>(read_small(folder, "status", kFileBytes, process.status));
        static_cast<void>(read_small(folder, "cmdline", kFileBytes, process.cmdline));
        static_cast<void>(read_small(folder, "cgroup", kFileBytes, process.cgroup));
        if (const int error = read_link(folder, "exe", process.exe); error != 0) {
            process.exe_state = is_denied(error) ? ProcessFacts::Exe::denied : ProcessFacts::Exe::none;
        }
        static_cast<void>(read_link(folder, "ns/net", process.net_namespace));
        const std::uint64_t bytes = process.stat.size() + process.status.size() + process.cmdline.size() +
                                    process.cgroup.size() + process.exe.size();
        if (!take_bytes(bytes, used, max_bytes, out)) return false;
        processes.push_back(std::move(process));
        return true;
    });
    add_denied(out, hidden, "names");
    out.bytes = to_bytes(processes);
}

void snapshot_maps(std::uint64_t max_bytes, Source& out) {
    std::vector<ProcessText> texts;
    std::uint64_t used = 0;
    std::size_t denied = 0;
    each_process(out, [&](std::uint32_t id, int folder) {
        ProcessText item{id, {}};
        const ReadAll result = read_small(folder, "maps", kMapsBytes, item.text);
        if (is_denied(result.error)) ++denied;
        if (result.cut) {
            out.gaps.push_back({Where{fmt::format("/proc/{}/maps", id), 0, {}}, Code::over_limit,
                                fmt::format("only the first {} are read", human_bytes(kMapsBytes))});
        }
        if (item.text.empty()) return true;  // a thread of the kernel maps nothing
        if (!take_bytes(item.text.size(), used, max_bytes, out)) return false;
        texts.push_back(std::move(item));
        return true;
    });
    add_denied(out, denied, "mapped libraries");
    out.bytes = to_bytes(texts);
}

void snapshot_sockets(std::uint64_t max_bytes, Source& out) {
    std::vector<SocketHolder> holders;
    std::uint64_t used = 0;
    each_process(out, [&](std::uint32_t id, int folder) {
        const int number = ::openat(folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (number < 0) return true;  // it has ended, or is one whose program may not be seen either
        const Folder stream{::fdopendir(number), ::closedir};
        if (!stream) return true;
        std::string link;
        while (const dirent* entry = ::readdir(stream.get())) {
            if (read_link(number, entry->d_name, link) != 0) continue;
            const auto inode = socket_inode(link);
            if (!inode) continue;
            if (!take_bytes(sizeof(SocketHolder), used, max_bytes, out)) return false;
            holders.push_back({id, *inode});
        }
        return true;
    });
    const auto key = [](const SocketHolder& holder) { return std::pair{holder.inode, holder.pid}; };
    std::sort(holders.begin(), holders.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    out.bytes = to_bytes(holders);
}

}  // namespace ward::host
