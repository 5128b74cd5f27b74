// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ward::facts {

class Collector;

// What /etc/sudoers and the files that it includes say, in the order in which sudo reads them (sudoers(5), as of sudo 1.9).
// Escapes of the grammar are taken out of texts; those for patterns ("\*") stay.
struct Sudoers {
    struct Member {
        std::string text;  // "alice", "%sudo", "#0", "+net", "ALL", "/bin/ls -l"
        bool negated = false;
        bool may_be_alias = false;  // written as the name of one, in capitals
    };
    using List = std::vector<Member>;
    enum class AliasKind { user, runas, host, command };

    struct Rule {
        std::size_t users = 0;  // in lists
        std::size_t hosts = 0;
        bool names_target = false;  // with parentheses
        List runas_users;           // with those and empty: whoever calls
        List runas_groups;
        Member command;
        bool no_password = false;
        std::vector<std::string> tags;  // in force; options as "CWD=/"
        std::size_t file = 0;           // in files
        std::uint64_t line = 0;         // where the entry begins
    };
    struct Default {
        std::string name;
        std::optional<std::string> value;
        std::string_view operation;  // "=", "+=", "-=" or nothing
        bool negated = false;
        std::string scope;
        std::size_t file = 0;
        std::uint64_t line = 0;
    };

    std::vector<List> lists;  // users and hosts of rules; the rules of one entry share theirs
    std::vector<Rule> rules;
    std::vector<Default> defaults;
    std::vector<std::string> files;
    std::map<std::pair<AliasKind, std::string>, List> aliases;
};

// An entry that sudo would refuse is a gap. Included files and folders are asked for (`want`).
Sudoers read_sudoers(const Request& request, Collector& out);

}  // namespace ward::facts
