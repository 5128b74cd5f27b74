// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Files of data/knowledge, built into the program: what Ward knows of the world outside, for parsers that have no files.
namespace ward::facts::knowledge {

extern const std::string_view kEcosystems;    // ecosystems.toml
extern const std::string_view kOsSupport;     // os_support.toml
extern const std::string_view kPrograms;      // programs.toml
extern const std::string_view kSshdDefaults;  // sshd_defaults.toml

}  // namespace ward::facts::knowledge
