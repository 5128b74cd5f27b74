// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/values.h"
#include "core/text.h"

#include <unordered_map>
#include <unordered_set>

namespace ward::facts {

namespace {

// "0123...def  usr/bin/x" a line: hash and path without its first slash, by path.
using Hashes = std::unordered_map<std::string_view, std::string_view>;

Hashes read_hashes(const Source& source, RowSet& out) {
    constexpr std::size_t kHashDigits = 32;
    Hashes hashes;
    std::string_view rest = as_text(source.bytes);
    std::string_view line;
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        if (line.size() < kHashDigits + 3 || line.substr(kHashDigits, 2) != "  ") {
            out.gaps.push_back(gap(source.about.name, at, Code::malformed, "not a line of hash and path"));
            continue;
        }
        hashes.emplace(line.substr(kHashDigits + 2), line.substr(0, kHashDigits));
    }
    return hashes;
}

}  // namespace

wire::ParseAnswer parse_package_files(const Request& request) {
    wire::ParseAnswer answer;
    const DpkgFiles files{request};
    std::unordered_map<std::string_view, const Source*> by_name;
    for (const auto& source : request.sources) by_name.emplace(source.about.name, &source);
    for (const Source* list : files.lists()) {
        const std::string_view package = DpkgFiles::package_of(*list);
        Hashes hashes;
        const std::string name = list->about.name.substr(0, list->about.name.size() - 5) + ".md5sums";
        if (const auto found = by_name.find(name); found != by_name.end()) hashes = read_hashes(*found->second, answer.rows);
        const std::string_view content = as_text(list->bytes);
        // A list names folders too; what something else lies in is one.
        std::unordered_set<std::string_view> folders;
        std::string_view rest = content;
        std::string_view line;
        while (next_line(rest, line)) folders.insert(line.substr(0, line.rfind('/')));
        rest = content;
        while (next_line(rest, line)) {
            if (!line.starts_with('/') || line == "/." || folders.contains(line)) continue;
            const auto hash = hashes.find(line.substr(1));
            answer.rows.rows.push_back({files.real_path(line, package), text(package),
                                        hash == hashes.end() ? null() : text(hash->second)});
        }
    }
    return answer;
}

}  // namespace ward::facts
