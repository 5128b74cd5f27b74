// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "model/messages.h"
#include "model/query.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ward::facts {

// A host file, a listing or an answer of the kernel, read unseen by the host (docs/facts.md names the kinds).
struct Source {
    wire::SourceBytes about;
    Bytes bytes;
};

// Everything a parser may know. No clock, no file, no environment: the same request gives the same answer.
// Keeps views of what it is made from.
struct Request {
    Request(std::span<const Constraint> constraints, std::span<const Source> sources, std::int64_t now);

    std::span<const Constraint> constraints;  // on the table's required columns
    std::span<const Source> sources;          // in the order they were asked for
    std::int64_t now;                         // seconds since 1970
    std::span<const wire::InputTable> inputs = {};   // the tables that this one is made from, in the order of its description
    std::optional<Bytes> advisories = {};     // the advisory database, where the table asks for it and there is one

    const Source* find(std::string_view name) const;
    Bytes bytes_of(std::string_view name) const;  // empty when it is not there

private:
    std::unordered_map<std::string_view, const Source*> by_name_;  // a table may have 60,000 sources
};

// Rows in the order of the columns of data/tables/<table>.toml. What a source holds that cannot be read is a gap with its
// path and line; the rest of that source is still read. `wants` names further sources (docs/facts.md tells how); when it is not
// empty, everything is parsed again with those added, so a parser keeps no state. Sources that are cut, denied or failed become gaps without
// the parser's help (docs/facts.md); it reads what there is of them.
using Parser = wire::ParseAnswer (*)(const Request& request);

// The parser of a table, or nothing when no table has that name.
Parser find_parser(std::string_view table);

}  // namespace ward::facts
