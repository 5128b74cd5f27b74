// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ward {

// One value of a JSON document (RFC 8259), as a plain tree.
//
//     const JsonNode root = WARD_TRY(read_json(text));
//     if (const JsonNode* hosts = root.find("hosts")) {
//         for (const JsonNode& host : hosts->items()) use(host.text());
//     }
//
// Asking a value for what it is not gives nothing: no member, no items, no text. Of members with the same key the last counts.
class JsonNode {
public:
    struct Member;
    using Items = std::vector<JsonNode>;
    using Members = std::vector<Member>;  // in the document's order
    using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Items, Members>;  // monostate: null

    JsonNode() = default;
    explicit JsonNode(Value value);

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_object() const { return std::holds_alternative<Members>(value_); }
    bool is_array() const { return std::holds_alternative<Items>(value_); }
    const bool* boolean() const { return std::get_if<bool>(&value_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
    const double* real() const { return std::get_if<double>(&value_); }  // written with a point or an exponent
    const std::string* text() const { return std::get_if<std::string>(&value_); }
    const Items& items() const;
    const Members& members() const;
    const JsonNode* find(std::string_view key) const;

private:
    Value value_;
};

struct JsonNode::Member {
    std::string key;
    JsonNode value;
};

struct JsonLimits {
    std::uint32_t max_depth = 100;           // containers inside containers
    std::uint64_t max_values = 8'000'000;    // each takes 40 bytes in an array, 72 in an object, twice that where lists grew, and its text
};

// The whole text is one value; malformed (with the offset) where it breaks RFC 8259 or is not UTF-8, unsupported for a number
// that neither 64 bits nor a double hold, over_limit behind a limit.
Result<JsonNode> read_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace ward
