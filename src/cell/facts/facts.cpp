// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/facts.h"

#include "cell/facts/kernel_modules.h"

#include <algorithm>
#include <iterator>

namespace ward::facts {

namespace {

struct Entry {
    std::string_view table;
    Parser parser;
};

// Sorted by name. Each has its data/tables/NAME.toml, and each of those is here; a test compares the two.
constexpr Entry kParsers[] = {
    {"kernel_modules", parse_kernel_modules},
};
static_assert(std::is_sorted(std::begin(kParsers), std::end(kParsers),
                             [](const Entry& a, const Entry& b) { return a.table < b.table; }));

}  // namespace

const Source* Request::find(std::string_view name) const {
    for (const auto& source : sources) {
        if (source.about.name == name) return &source;
    }
    return nullptr;
}

Bytes Request::bytes_of(std::string_view name) const {
    const Source* source = find(name);
    return source == nullptr ? Bytes{} : source->bytes;
}

Parser find_parser(std::string_view table) {
    const auto* found = std::lower_bound(std::begin(kParsers), std::end(kParsers), table,
                                         [](const Entry& entry, std::string_view name) { return entry.table < name; });
    return found != std::end(kParsers) && found->table == table ? found->parser : nullptr;
}

}  // namespace ward::facts
