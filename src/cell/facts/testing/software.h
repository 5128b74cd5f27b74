// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"
#include "model/encode.h"
#include "model/snapshots.h"

#include <set>

namespace ward::facts::testing {

// What the table `software` tells of one file that is read in parts, where the parser gets what it asks for.
struct ReadByParts {
    Strings rows;
    Strings gaps;
    int rounds = 0;
    std::uint64_t bytes = 0;  // that were asked for
};

inline constexpr int kMaxRounds = 20;  // as on a host

inline ReadByParts read_by_parts(const std::string& content, const std::string& path, const Strings& wanted, const std::string& owned = "") {
    ReadByParts out;
    std::set<std::string> known;
    for (;; ++out.rounds) {
        Sources sources;
        sources.bytes("software:", to_bytes(std::vector<FolderEntry>{{path, 0100755, 0, 0, 0, content.size(), {}, {}}}));
        if (!owned.empty()) sources.file("/var/lib/dpkg/info/owner.list", owned);
        out.bytes = 0;
        for (const auto& name : known) {
            const auto part = wire::FilePart::parse(name).value();
            EXPECT_EQ(part.path, path);
            EXPECT_LE(part.offset + part.bytes, content.size());
            sources.file(name, std::string_view{content}.substr(part.offset, part.bytes));
            out.bytes += part.bytes;
        }
        const auto answer = sources.parse(parse_software);
        const std::size_t before = known.size();
        known.insert(answer.wants.begin(), answer.wants.end());
        out.rows = columns("software", answer, wanted);
        out.gaps = gaps_of(answer);
        if (known.size() == before || out.rounds == kMaxRounds) return out;
    }
}

}  // namespace ward::facts::testing
