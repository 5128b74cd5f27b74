// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/severity.h"

#include <string>
#include <vector>

namespace ward {

// A question about a host in SQL, as a file in data/checks states it (docs/checks.md). Every row it yields is a finding.
struct Check {
    std::string id;          // "ssh-root-password-login": also the file's name
    std::string title;
    Area area = Area::network;
    Severity severity = Severity::medium;
    std::string why;
    std::string query;
    std::string fix;                     // what to do, in words
    std::vector<std::string> commands;   // paste-able; {column} stands for the row's value, quoted for a shell
    std::vector<std::string> refs;
    std::vector<std::string> cyber_essentials;  // "A5.3"
    std::vector<std::string> cis;               // "CIS Debian 12 5.1.20"
    std::string where_path;              // the column that names the file; empty when a finding has no file
    std::string where_line;              // the column that names the line
    std::vector<std::string> evidence;   // columns shown as evidence; empty for all of them
    bool needs_root = false;             // an ordinary user would see too little: a gap for him, not an answer
};

}  // namespace ward
