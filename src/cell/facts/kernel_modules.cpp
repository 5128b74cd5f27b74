// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/values.h"
#include "core/text.h"

namespace ward::facts {

namespace {

constexpr std::string_view kFile = "/proc/modules";

// "nft_ct,nft_nat," as the kernel writes it, "-" for none.
std::string_view users_of(std::string_view field) {
    if (field == "-") return {};
    if (field.ends_with(',')) field.remove_suffix(1);
    return field;
}

}  // namespace

wire::ParseAnswer parse_kernel_modules(const Request& request) {
    wire::ParseAnswer answer;
    std::string_view rest = as_text(request.bytes_of(kFile));
    std::string_view line;
    for (std::uint64_t number_of_line = 1; next_line(rest, line); ++number_of_line) {
        const auto fields = words(line);
        const auto size = fields.size() >= 5 ? parse_unsigned(fields[1]) : std::nullopt;
        if (!size) {
            answer.rows.gaps.push_back(gap(kFile, number_of_line, Code::malformed, "not a line of /proc/modules"));
            continue;
        }
        std::string_view taint = fields.size() >= 7 ? fields[6] : std::string_view{};
        if (taint.starts_with('(') && taint.ends_with(')')) taint = taint.substr(1, taint.size() - 2);
        answer.rows.rows.push_back({text(fields[0]), number(*size), text(users_of(fields[3])), text(fields[4]), text(taint)});
    }
    return answer;
}

}  // namespace ward::facts
