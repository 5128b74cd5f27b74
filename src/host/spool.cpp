// SPDX-License-Identifier: Apache-2.0
#include "host/spool.h"

#include <fcntl.h>

namespace ward::host {

Descriptor open_spool(const std::string& folder) {
    if (folder.empty()) return {};
    for (const std::string& place : {folder, std::string{"/var/tmp"}}) {
        Descriptor file{::open(place.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
        if (file) return file;
    }
    return {};
}

}  // namespace ward::host
