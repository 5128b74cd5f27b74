// SPDX-License-Identifier: Apache-2.0
#include "host/system_error.h"

#include <cerrno>

namespace ward::host {

Code code_of_errno(int error) {
    switch (error) {
        case EACCES:
        case EPERM:
        case EROFS: return Code::denied;
        case ENOENT:
        case ENOTDIR: return Code::not_found;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENAMETOOLONG:
        case ELOOP: return Code::over_limit;
        default: return Code::io;
    }
}

Gap system_gap(std::string path, int error, std::string_view what) {
    return Gap{Where{std::move(path), 0, {}}, code_of_errno(error), fmt::format("{}: {}", what, errno_text(error))};
}

Error system_fail(int error, std::string_view what) {
    return fail(code_of_errno(error), "{}: {}", what, errno_text(error));
}

}  // namespace ward::host
