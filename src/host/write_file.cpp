// SPDX-License-Identifier: Apache-2.0
#include "host/write_file.h"

#include "host/descriptor.h"
#include "host/system_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ward::host {

namespace {

int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

Error cannot_write(const std::string& path, int error) {
    return fail(code_of_errno(error), "{} cannot be written: {}", path, errno_text(error));
}

}  // namespace

Status replace_file(const std::string& path, std::string_view text, mode_t mode) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
        const Descriptor there{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
        if (!there) return cannot_write(path, errno);
        if (const int error = write_all(there.get(), text)) return cannot_write(path, error);
        return done();
    }
    return keep_file(path, text, mode);
}

Status keep_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.rfind('/') + 1);
    std::string temporary = folder + "/.ward-XXXXXX";
    const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
    if (!file) return cannot_write(path, errno);
    int error = write_all(file.get(), text);
    if (error == 0 && ::fchmod(file.get(), mode) != 0) error = errno;
    if (error == 0 && ::fsync(file.get()) != 0) error = errno;
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlink(temporary.c_str());
        return cannot_write(path, error);
    }
    // The name too is to survive a power cut; a file system that cannot sync folders has done what it can.
    const Descriptor holder{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (holder) ::fsync(holder.get());
    return done();
}

}  // namespace ward::host
