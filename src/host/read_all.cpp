// SPDX-License-Identifier: Apache-2.0
#include "host/read_all.h"

#include "core/text.h"
#include "host/system_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace ward::host {

ReadAll read_all(int descriptor, std::uint64_t max_bytes, std::uint64_t expected, Buffer& out) {
    const std::size_t start = out.size();
    // One byte more than expected, so that the end of an ordinary file is found by a read that comes back short.
    std::size_t room = static_cast<std::size_t>(std::clamp<std::uint64_t>(expected + 1, 4 * kKiB, max_bytes + 1));
    std::size_t filled = 0;
    for (;;) {
        out.resize(start + room);
        const ssize_t count = ::read(descriptor, out.data() + start + filled, room - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const int error = count < 0 ? errno : 0;
            out.resize(start + filled);
            return {error, false};
        }
        filled += static_cast<std::size_t>(count);
        if (filled > max_bytes) {
            out.resize(start + static_cast<std::size_t>(max_bytes));
            return {0, true};
        }
        if (filled == room) room = static_cast<std::size_t>(std::min<std::uint64_t>(room * 2, max_bytes + 1));
    }
}

ReadAll read_small(int folder, const char* name, std::uint64_t max_bytes, std::string& out) {
    const Descriptor file{::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)};
    if (!file) return {errno, false};
    Buffer bytes;
    const ReadAll result = read_all(file.get(), max_bytes, 0, bytes);
    out.assign(as_text(bytes));
    return result;
}

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file) return system_fail(errno, path + " cannot be opened");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return system_fail(errno, path + " cannot be examined");
    if (!S_ISREG(info.st_mode)) return fail(Code::unsupported, "{} is no regular file", path);
    Buffer bytes;
    const ReadAll result = read_all(file.get(), max_bytes, static_cast<std::uint64_t>(info.st_size), bytes);
    if (result.error != 0) return system_fail(result.error, path + " cannot be read");
    if (result.cut) return fail(Code::over_limit, "{} has more than {}", path, human_bytes(max_bytes));
    return to_string(Bytes{bytes});
}

int read_link(int folder, const char* name, std::string& out) {
    char buffer[PATH_MAX];
    const ssize_t count = ::readlinkat(folder, name, buffer, sizeof buffer);
    if (count < 0) return errno;
    out.assign(buffer, static_cast<std::size_t>(count));
    return 0;
}

}  // namespace ward::host
