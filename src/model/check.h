// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/severity.h"

#include <cstdint>
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
    std::vector<std::string> cyber_essentials;  // the control, and the question where it is one: "user access control A7"
    std::vector<std::string> cis;               // numbers in the CIS benchmark for Debian 12, 1.1.0: "5.1.20"
    std::string where_path;              // the column that names the file; empty when a finding has no file
    std::string where_line;              // the column that names the line
    std::uint32_t rank = 0;              // by the harm it prevents, 1 is worst; 0 when it was never ranked
    std::vector<std::string> identity;   // columns that tell one finding from another in the same file; rows that agree in them are one
    std::vector<std::string> evidence;   // columns shown as evidence, those that end in `?` unless NULL; empty for all of them
    std::vector<std::string> whole;      // tables whose lack of a row the query takes for a fact: unless they were read whole, a row is no finding
    bool needs_root = false;             // an ordinary user would see too little: a gap for him, not an answer
    std::string answerable;              // a query that gives a row when silence means that all is well; empty: it always does
    std::string unanswerable;            // what to say when it gives none: "no package index has been downloaded"
};

}  // namespace ward
