// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "cell/facts/internal/collector.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// One thing that a file says is installed or wanted.
struct Software {
    std::string_view ecosystem;  // as OSV names it
    std::string name;
    std::optional<std::string> version;
    std::optional<std::string> license;
    std::string inside;          // the member of the file that it is about; empty for the file itself
};

// What one file tells.
struct Told {
    std::string_view ecosystem;  // of those that are added without one
    bool locked = false;         // a project wants it; else it is installed
    std::vector<Software> all;

    void add(std::string name, std::optional<std::string> version, std::optional<std::string> license = {}) {
        all.push_back({ecosystem, std::move(name), std::move(version), std::move(license), {}});
    }
};

}  // namespace ward::facts
