// SPDX-License-Identifier: Apache-2.0
#include "host/process_memory.h"

#include "core/text.h"
#include "host/read_all.h"
#include "host/system_error.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

namespace ward::host {

Result<std::vector<std::uint32_t>> process_ids() {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::opendir("/proc"), ::closedir};
    if (!stream) return system_fail(errno, "/proc cannot be opened");
    std::vector<std::uint32_t> ids;
    while (const dirent* entry = ::readdir(stream.get())) {
        const auto id = parse_unsigned(entry->d_name);
        if (id && *id <= UINT32_MAX) ids.push_back(static_cast<std::uint32_t>(*id));
    }
    if (ids.empty()) return fail(Code::not_found, "/proc lists no process");
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::string process_name(std::uint32_t id) { return fmt::format("process {}", id); }

Result<std::optional<ProcessMemory>> open_process(std::uint32_t id) {
    // The folder is opened first, so that all is about one process even when its number is given to another.
    const Descriptor folder{::open(fmt::format("/proc/{}", id).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    struct stat info {};
    if (!folder || ::fstat(folder.get(), &info) != 0) return std::optional<ProcessMemory>{};
    ProcessMemory process;
    process.object.process = id;
    process.object.owner = info.st_uid;
    const auto refused = [&](int error) -> Result<std::optional<ProcessMemory>> {
        if (error == ENOENT || error == ESRCH) return std::optional<ProcessMemory>{};
        return system_fail(error, ::geteuid() == 0 ? "its memory cannot be read" : "its memory cannot be read without root");
    };
    if (const int error = read_link(folder.get(), "exe", process.object.program); error != 0) return refused(error);
    process.object.path = fmt::format("{} ({})", process_name(id), process.object.program);
    constexpr std::array<const char*, wire::kProcessDescriptors> kNames{"smaps", "pagemap", "mem"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        process.files[i] = Descriptor{::openat(folder.get(), kNames[i], O_RDONLY | O_CLOEXEC)};
        if (!process.files[i]) return refused(errno);
    }
    return std::optional{std::move(process)};
}

}  // namespace ward::host
