// SPDX-License-Identifier: Apache-2.0
#include "fetch/files.h"

#include "core/errno_text.h"
#include "core/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ward::fetch {

Result<std::string> read_whole(const std::string& path, std::uint64_t max_bytes) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return fail(errno == ENOENT ? Code::not_found : Code::denied, "{} cannot be opened: {}", path, errno_text(errno));
    std::string out;
    int error = 0;
    struct stat about {};
    if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) error = EINVAL;
    while (error == 0 && out.size() <= max_bytes) {
        char part[16 * 1024];
        const ssize_t count = ::read(file, part, sizeof part);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) error = errno;
        if (count <= 0) break;
        out.append(part, static_cast<std::size_t>(count));
    }
    ::close(file);
    if (error == EINVAL) return fail(Code::unsupported, "{} is no regular file", path);
    if (error != 0) return fail(Code::io, "{} cannot be read: {}", path, errno_text(error));
    if (out.size() > max_bytes) return fail(Code::over_limit, "{} has more than {}", path, human_bytes(max_bytes));
    return out;
}

}  // namespace ward::fetch
