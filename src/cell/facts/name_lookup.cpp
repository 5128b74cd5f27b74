// SPDX-License-Identifier: Apache-2.0
// The tables `etc_hosts` and `resolv_conf`: what the C library reads to find a host by its name.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/address.h"
#include "cell/facts/internal/collector.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::string_view kHosts = "/etc/hosts";
constexpr std::string_view kResolvConf = "/etc/resolv.conf";
constexpr std::string_view kBlanks = " \t\v\f\r";

std::string_view next_word(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
    rest.remove_prefix(word.size());
    return word;
}

}  // namespace

wire::ParseAnswer parse_etc_hosts(const Request& request) {
    Collector out;
    const Source* source = request.find(kHosts);
    if (source == nullptr) return std::move(out).finish();
    for (Lines lines{*source, out}; lines.next();) {
        std::string_view rest = lines.text().substr(0, lines.text().find('#'));
        const std::string_view address = next_word(rest);
        if (address.empty()) continue;
        if (!parse_address(address)) {
            out.gap(kHosts, lines.number(), Code::malformed, "does not begin with an address, so the C library passes over it");
            continue;
        }
        for (auto name = next_word(rest); !name.empty(); name = next_word(rest)) {
            out.add({text(address), text(name), text(kHosts), number(lines.number())});
        }
    }
    return std::move(out).finish();
}

// The C library passes over lines whose first column is no keyword of its own (resolv.conf(5)), so they are no rows and no
// gaps. A comment stands on a line of its own; only the address of a name server may have one behind it.
wire::ParseAnswer parse_resolv_conf(const Request& request) {
    constexpr std::string_view kKeywords[] = {"domain", "nameserver", "options", "search", "sortlist"};
    Collector out;
    const Source* source = request.find(kResolvConf);
    if (source == nullptr) return std::move(out).finish();
    for (Lines lines{*source, out}; lines.next();) {
        std::string_view rest = lines.text();
        const std::string_view keyword = rest.substr(0, rest.find_first_of(" \t"));
        if (std::find(std::begin(kKeywords), std::end(kKeywords), keyword) == std::end(kKeywords)) continue;
        rest.remove_prefix(keyword.size());
        const bool one_word = keyword == "nameserver" || keyword == "domain";
        if (keyword == "nameserver") rest = rest.substr(0, rest.find_first_of(";#"));
        for (auto word = next_word(rest); !word.empty(); word = one_word ? std::string_view{} : next_word(rest)) {
            out.add({text(keyword), text(word), text(kResolvConf), number(lines.number())});
        }
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
