// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/match.h"
#include "cell/advisories/osv.h"
#include "cell/advisories/view.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ward::advisories::testing {

// Everything that can be asked, with numbers beyond what there is: for databases that lie. Returns how much was said.
inline std::uint64_t ask_everything(const View& view) {
    std::uint64_t said_bytes = 0;
    const auto note = [&](std::string_view text) { said_bytes += text.size(); };
    constexpr std::uint32_t kMost = 50;
    const auto numbers = [&](std::uint32_t count) {
        std::vector<std::uint32_t> all;
        for (std::uint32_t i = 0; i < std::min(count, kMost); ++i) all.push_back(i);
        all.insert(all.end(), {count, count + 1, 0x7fff'ffff, 0xffff'ffff});
        return all;
    };
    for (const auto i : numbers(view.packages())) {
        const auto package = view.package(i);
        note(view.find(package.ecosystem, package.name).name);
        for (std::uint32_t a = 0; a < std::min(package.count, kMost); ++a) {
            const auto said = view.affected(package.first + a);
            for (const char* version : {"1", "", "1.2-3"}) note(judge(view, said, scheme_of(package.ecosystem), version).fixed_in);
            const auto record_of = view.record(said.record);
            note(record_of.summary);
            for (std::uint32_t n = 0; n < std::min(record_of.cves, kMost); ++n) {
                if (const auto cve = view.cve(view.name(record_of.first_name + n))) note(cve->name);
            }
        }
    }
    for (const auto i : numbers(view.records())) note(view.record(i).id);
    for (const auto i : numbers(view.cycles())) note(view.cycle(i).product);
    for (const auto i : numbers(view.sources())) note(view.source(i).title);
    for (const auto i : numbers(view.ecosystems())) note(view.ecosystem(i).name);
    for (const auto i : numbers(0)) {
        note(view.event(i).version);
        note(view.version(i));
        note(view.name(i));
        note(view.affected(i).note);
    }
    note(view.ecosystem(view.first_ecosystem("Debian")).name);
    said_bytes += view.exploited() + view.forecasts();
    return said_bytes;
}

}  // namespace ward::advisories::testing
