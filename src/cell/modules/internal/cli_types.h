// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/cli.h"

#include "core/deadline.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ward::modules {

// How the module dotnet writes types: `System.Collections.Generic.List<int[]>`. Names end at their first backtick, which is
// followed by the count of generic parameters.
//
//     TypeNames names{cli, deadline};
//     const auto name = names.of(Cli::decode(Cli::type_def_or_ref, number), scope);   // of a row
//     Bytes signature = ...;
//     const auto type = names.read(signature, scope);                                 // the next type of a signature
//
// Signatures may name others and themselves, so a small file could ask for names without end: all names together may have as
// many bytes as budget_for() says; after that there are none.
class TypeNames {
public:
    // What `!0` and `!!0` stand for.
    struct Scope {
        std::span<const std::string_view> type_parameters;
        std::span<const std::string_view> method_parameters;
    };
    // Of a type that the file defines.
    struct Definition {
        std::string_view name;
        std::optional<std::string> scope;  // its namespace, after the types it is nested in
        std::string full_name;
    };

    TypeNames(const Cli& cli, Deadline* deadline);

    Definition definition(std::uint32_t row);
    std::optional<std::string> of(Cli::Row row, const Scope& scope);
    // Moves `signature` behind the type; nothing when it is malformed, or asks for parameters the scope has not.
    std::optional<std::string> read(Bytes& signature, const Scope& scope);

    static constexpr std::uint32_t kMaxParameters = 2000;  // of a method; yara's limit

    bool spent() const { return left_ == 0; }
    static std::uint64_t budget_for(std::size_t file_bytes) { return std::min(16 * std::uint64_t{file_bytes} + kMiB, 256 * kMiB); }

private:
    // yara's limits.
    static constexpr int kMaxDepth = 16;  // types in types
    static constexpr std::size_t kMaxNesting = 10;
    static constexpr std::uint32_t kMaxRank = 50;
    static constexpr std::uint32_t kMaxArguments = 1000;  // of a generic type

    std::optional<std::string_view> text_of(std::uint32_t type, std::size_t column) const;
    bool is_nested(std::uint32_t type) const;
    bool spend(std::size_t bytes);
    bool append(std::string& out, std::string_view text);
    bool append_row(std::string& out, Cli::Row row, const Scope& scope, int depth);
    bool append_type(std::string& out, Bytes& signature, const Scope& scope, int depth);
    bool append_wrapped(std::string& out, std::string_view before, std::string_view behind, Bytes& signature, const Scope& scope, int depth);
    bool append_list(std::string& out, std::string_view separator, std::uint32_t count, Bytes& signature, const Scope& scope, int depth);
    bool append_array(std::string& out, Bytes& signature, const Scope& scope, int depth);
    bool append_instance(std::string& out, Bytes& signature, const Scope& scope, int depth);
    bool append_pointer(std::string& out, Bytes& signature, const Scope& scope, int depth);

    const Cli& cli_;
    Deadline* deadline_;
    std::uint64_t left_;
    std::vector<std::optional<std::uint32_t>> enclosing_;  // by row of TypeDef, as its first row of NestedClass has it
};

// A name without the count of generic parameters.
std::string_view plain_name(std::string_view name);

}  // namespace ward::modules
