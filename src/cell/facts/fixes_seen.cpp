// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "core/text.h"

namespace ward::facts {

// A line each, fields between tabs: when, 1 or 0 for "at the first look", manager, source, installed version (walks/fixes_seen.h).
wire::ParseAnswer parse_fixes_seen(const Request& request) {
    Collector out;
    const Source* const source = request.find("state:fixes-seen");
    if (source == nullptr) return std::move(out).finish();
    for (Lines lines{*source, out}; lines.next();) {
        if (lines.text().starts_with('#')) continue;  // who could tell of fixes at that look
        const auto fields = split(lines.text(), '\t');
        const auto seen = parse_unsigned(fields[0]);
        if (fields.size() != 5 || !seen || (fields[1] != "0" && fields[1] != "1")) {
            out.gap(source->about.name, lines.number(), Code::malformed, "a line that says of no fix when it was seen");
            continue;
        }
        out.add({text(fields[2]), text(fields[3]), text(fields[4]), number(*seen), flag(fields[1] == "1")});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
