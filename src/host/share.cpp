// SPDX-License-Identifier: Apache-2.0
#include "host/share.h"

#include <climits>
#include <unistd.h>

#include <array>
#include <string_view>

namespace ward::host {

std::string share_folder() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (length > 0) {
        const std::string_view program{path.data(), static_cast<std::size_t>(length)};
        std::string folder = std::string{program.substr(0, program.rfind('/'))} + "/../share/ward";
        if (::access(folder.c_str(), R_OK | X_OK) == 0) return folder;
    }
    return "/usr/share/ward";
}

}  // namespace ward::host
