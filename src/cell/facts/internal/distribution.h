// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/input.h"

#include <string>
#include <vector>

namespace ward::facts {

// How advisories speak of the packages of this host (data/knowledge/ecosystems.toml).
struct Distribution {
    std::string id;                       // of os-release; "" when the host does not say
    std::vector<std::string> ecosystems;  // "Debian:12"; one that ends in `*` stands for all that begin so
    bool by_source = false;               // advisories name source packages
    bool by_binary = false;               // and those that are installed
};

// Of the first row of `os_release`. No ecosystems when nothing is known of it.
Distribution distribution_of(const Input& os_release);

}  // namespace ward::facts
