// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

// One value of a TOML document (TOML 1.0), as a plain tree. On the host only for our own configuration and data files; other people's
// are read in a cell, which bounds their size and depth first: each dot of a key may be a level of the tree.
//
//     const TomlNode root = WARD_TRY(read_toml(text, "users.toml"));
//     const std::string name = WARD_TRY(root.text("name"));
//
// The getters of a table say what is wrong with file, line and key, so callers add nothing.
struct TomlNode {
    enum class Kind { text, integer, real, boolean, array, table, time };

    Kind kind = Kind::table;
    std::string value;        // of text; of time as it was written
    std::int64_t integer = 0;
    double real = 0;
    bool boolean = false;
    std::vector<TomlNode> items;                            // of an array
    struct Member;                                          // defined below, where a node is complete
    std::vector<Member> members;                            // of a table, sorted by key
    std::string file;
    std::uint32_t line = 0;

    const TomlNode* find(std::string_view key) const;  // nothing when it is missing
    Result<std::string> text(std::string_view key) const;
    Result<std::string> text_or(std::string_view key, std::string_view other) const;
    Result<std::int64_t> integer_or(std::string_view key, std::int64_t other) const;
    Result<bool> boolean_or(std::string_view key, bool other) const;
    Result<std::vector<std::string>> texts_or_none(std::string_view key) const;
    // A key that is in none of `known` is a mistake of whoever wrote the file.
    Status only(std::initializer_list<std::string_view> known) const;
    Error wrong(std::string_view what) const;  // malformed, with file and line
};

struct TomlNode::Member {
    std::string key;
    TomlNode node;
};

Result<TomlNode> read_toml(std::string_view text, std::string_view file);

}  // namespace ward
