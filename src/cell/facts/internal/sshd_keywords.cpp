// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/sshd_keywords.h"

#include "cell/facts/internal/joined.h"
#include "cell/facts/internal/sshd_config.h"
#include "cell/facts/knowledge.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace ward::facts {
namespace {

using Kind = SshdKeyword::Kind;
using Values = std::vector<std::string>;

Kind kind_named(std::string_view name) {
    constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"flag", Kind::choice},         {"choice", Kind::choice},       {"integer", Kind::integer},
        {"octal", Kind::octal},         {"time", Kind::time},           {"path", Kind::path},
        {"word", Kind::word},           {"rest", Kind::rest},           {"words", Kind::words},
        {"each", Kind::each},           {"each_first", Kind::each_first}, {"each_line", Kind::each_line},
        {"listen", Kind::listen},       {"subsystem", Kind::subsystem}, {"startups", Kind::startups},
        {"rekey", Kind::rekey},         {"netblock", Kind::netblock},   {"forward", Kind::forward},
        {"algorithms", Kind::algorithms}, {"port", Kind::port},
    };
    const auto* const found = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& kind) { return kind.first == name; });
    WARD_CHECK(found != std::end(kKinds));  // our own data
    return found->second;
}

SshdKeyword read_keyword(const TomlNode& node) {
    SshdKeyword keyword;
    keyword.name = node.text_or("name", "").value_or("");
    const std::string kind = node.text_or("kind", "").value_or("");
    keyword.kind = kind_named(kind);
    keyword.aliases = node.texts_or_none("aliases").value_or({});
    keyword.defaults = node.texts_or_none("default").value_or({});
    keyword.since = node.text_or("since", "").value_or("");
    keyword.match = node.boolean_or("match", false).value_or(false);
    keyword.last = node.boolean_or("last", false).value_or(false);
    keyword.none_wins = node.boolean_or("none_wins", false).value_or(false);
    const std::string all = node.text_or("all", "").value_or("");
    for (const std::string_view name : split(all, ',')) keyword.all.emplace_back(name);
    Values choices = node.texts_or_none("choices").value_or({});
    if (kind == "flag") choices = {"yes", "no"};
    for (const std::string& choice : choices) {
        const std::size_t equals = std::min(choice.find('='), choice.size());
        keyword.choices.emplace_back(choice.substr(0, equals), choice.substr(equals == choice.size() ? 0 : equals + 1));
    }
    return keyword;
}

Error wrong(std::string_view what) { return fail(Code::malformed, "{}; the server does not start", what); }

// "90", "1m30s", "2w".
std::optional<std::uint64_t> seconds_of(std::string_view text) {
    std::uint64_t total = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto count = parse_unsigned(text.substr(0, digits));
        if (!count || *count > INT32_MAX) return std::nullopt;
        text.remove_prefix(digits);
        std::uint64_t unit = 1;
        if (!text.empty()) {
            switch (text[0]) {
                case 's': case 'S': break;
                case 'm': case 'M': unit = 60; break;
                case 'h': case 'H': unit = 3600; break;
                case 'd': case 'D': unit = 86400; break;
                case 'w': case 'W': unit = 7 * 86400; break;
                default: return std::nullopt;
            }
            text.remove_prefix(1);
        }
        total += *count * unit;
        if (total > INT32_MAX) return std::nullopt;
    }
    return total;
}

// "1G": at most 2^63 - 1.
std::optional<std::uint64_t> scaled(std::string_view text) {
    constexpr std::string_view kUnits = "bkmgt";
    std::uint64_t unit = 1;
    if (!text.empty()) {
        const std::size_t at = kUnits.find(static_cast<char>(text.back() | 0x20));
        if (at != std::string_view::npos) {
            for (std::size_t i = 0; i < at; ++i) unit *= 1024;
            text.remove_suffix(1);
        }
    }
    const auto count = parse_unsigned(text);
    if (!count || *count > static_cast<std::uint64_t>(INT64_MAX) / unit) return std::nullopt;
    return *count * unit;
}

Values choose(const SshdKeyword& keyword, std::string_view pattern) {
    Values found;
    for (const std::string& name : keyword.all)
        if (sshd_pattern(pattern, name)) found.push_back(name);
    return found;
}

void add_once(Values& names, std::string_view name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

Result<Values> algorithms(const SshdKeyword& keyword, std::string_view list, bool knows_lists) {
    const char sign = list.empty() ? '\0' : list[0];
    const bool builds = sign == '+' || sign == '-' || sign == '^';
    if (builds) list.remove_prefix(1);
    if (list.empty() || keyword.all.empty()) return wrong("a list of algorithms without a name");
    Values defaults;
    if (builds) {
        if (!knows_lists || keyword.defaults.empty()) return Values{""};
        for (const std::string_view name : split(keyword.defaults[0], ',')) defaults.emplace_back(name);
    }
    if (sign == '-') {
        Values left;
        for (const std::string& name : defaults)
            if (!sshd_pattern_list(list, name)) left.push_back(name);
        // Nothing left is taken for nothing set.
        return Values{left.empty() ? keyword.defaults[0] : joined(left, ",")};
    }
    // Only the lists of key types may hold patterns, as the server checks the other ones name by name.
    const bool patterns = keyword.name.find("algorithms") != std::string::npos && keyword.name != "kexalgorithms";
    Values named;
    for (const std::string_view name : split(list, ',')) {
        const Values found = choose(keyword, name);
        const bool is_pattern = name.find_first_of("*?") != std::string_view::npos;
        if (name.empty() || (is_pattern && !patterns) || (found.empty() && knows_lists)) {
            return wrong("an algorithm that is not known");
        }
        if (found.empty()) add_once(named, name);
        for (const std::string& one : found) add_once(named, one);
    }
    if (sign == '+') std::swap(named, defaults);
    for (const std::string& name : defaults) add_once(named, name);
    return Values{joined(named, ",")};
}

Result<std::string> startups(std::string_view word) {
    const auto parts = split(word, ':');
    Values numbers;
    for (const std::string_view part : parts) {
        const auto number = parse_unsigned(part);
        if (!number || *number > INT32_MAX) return wrong("no number");
        numbers.push_back(fmt::format("{}", *number));
    }
    if (numbers.size() == 1) return numbers[0] + ":30:" + numbers[0];
    if (numbers.size() != 3) return wrong("not start:rate:full");
    const auto number = [&](std::size_t i) { return parse_unsigned(numbers[i]).value_or(0); };
    if (number(0) > number(2) || number(1) < 1 || number(1) > 100) return wrong("not start:rate:full");
    return joined(numbers, ":");
}

Result<std::string> subsystem(const Values& words) {
    if (words.size() < 2) return wrong("a subsystem without a command");
    return joined(words, " ");
}

Result<std::string> rekey(const Values& words) {
    if (words.size() > 2) return wrong("more words than expected");
    const auto bytes = words[0] == "default" ? std::optional<std::uint64_t>{0} : scaled(words[0]);
    if (!bytes || (*bytes != 0 && *bytes < 16)) return wrong("no size");
    if (words.size() < 2 || words[1] == "none") return fmt::format("{}", *bytes);
    const auto time = seconds_of(words[1]);
    if (!time) return wrong("no time");
    return fmt::format("{} {}", *bytes, *time);
}

Result<std::string> netblock(std::string_view word) {
    const auto parts = split(word, ':');
    if (parts.size() > 2) return wrong("not bits:bits");
    const auto v4 = parse_unsigned(parts[0]);
    const auto v6 = parts.size() == 2 ? parse_unsigned(parts[1]) : std::optional<std::uint64_t>{0};
    if (!v4 || *v4 > 32 || !v6 || *v6 > 128) return wrong("more bits than an address has");
    return fmt::format("{}:{}", *v4, *v6);
}

Result<std::string> forward(const SshdKeyword& keyword, Values words) {
    if (words.size() == 1 && (words[0] == "any" || words[0] == "none")) return words[0];
    for (std::string& word : words) {
        const std::size_t colon = word.rfind(':');
        const std::string_view port = std::string_view{word}.substr(colon == std::string::npos ? 0 : colon + 1);
        const auto number = parse_unsigned(port);
        if (port != "*" && (!number || *number == 0 || *number > 65535)) return wrong("no port");
        if (colon != std::string::npos) continue;
        if (keyword.name == "permitopen") return wrong("a port without a host");
        word = "*:" + word;
    }
    return joined(words, " ");
}

Result<std::string> single(const SshdKeyword& keyword, const Values& words) {
    if (words.size() != 1) return wrong("more words than expected");
    const std::string& word = words[0];
    switch (keyword.kind) {
        case Kind::choice: {
            for (const auto& [written, printed] : keyword.choices)
                if (equal_ignoring_case(written, word)) return printed;
            return wrong("a value that is not known");
        }
        case Kind::integer: {
            const auto number = parse_unsigned(word);
            if (!number || *number > INT32_MAX) return wrong("no number");
            return fmt::format("{}", *number);
        }
        case Kind::port: {
            // By name too, which /etc/services turns into a number.
            const auto number = parse_unsigned(word);
            if (!number || *number == 0 || *number > 65535) return wrong("no number of a port");
            return fmt::format("{}", *number);
        }
        case Kind::octal: {
            const auto number = parse_unsigned(word, 8);
            if (!number || *number > 0777) return wrong("no octal number");
            return fmt::format("0{:o}", *number);
        }
        case Kind::time: {
            // sshd writes a timeout that is off as a word where it accepts that word.
            const bool may_be_none = keyword.defaults == Values{"none"};
            if (may_be_none && equal_ignoring_case(word, "none")) return std::string{"none"};
            const auto seconds = seconds_of(word);
            if (!seconds) return wrong("no time");
            return may_be_none && *seconds == 0 ? std::string{"none"} : fmt::format("{}", *seconds);
        }
        case Kind::path:
            if (equal_ignoring_case(word, "none")) return std::string{"none"};
            if (word.starts_with("~/")) return "/root" + word.substr(1);
            // The server is started in the root folder.
            return word.starts_with('/') ? word : "/" + word;
        case Kind::netblock: return netblock(word);
        case Kind::startups: return startups(word);
        case Kind::word: return equal_ignoring_case(word, "none") ? std::string{"none"} : word;
        default: return word;
    }
}

}  // namespace

bool SshdKeyword::adds_up() const {
    return kind == Kind::each || kind == Kind::each_line || kind == Kind::port || kind == Kind::listen || kind == Kind::subsystem;
}

const SshdKeyword* SshdKeywords::find(std::string_view name) const {
    for (const SshdKeyword& keyword : keywords) {
        if (keyword.name == name) return &keyword;
        if (std::find(keyword.aliases.begin(), keyword.aliases.end(), name) != keyword.aliases.end()) return &keyword;
    }
    return nullptr;
}

bool SshdKeywords::ignores(std::string_view name, bool in_match) const {
    const auto holds = [&](const Values& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    return holds(ignored_anywhere) || (!in_match && holds(ignored));
}

const SshdKeywords& sshd_keywords() {
    static const SshdKeywords known = [] {
        const auto root = read_toml(knowledge::kSshdDefaults, "sshd_defaults.toml");
        WARD_CHECK(root.ok() && root->find("keyword") != nullptr);  // our own data
        SshdKeywords all;
        all.version = root->text("version").value_or("");
        all.ignored_anywhere = root->texts_or_none("ignored_anywhere").value_or({});
        all.ignored = root->texts_or_none("ignored").value_or({});
        for (const TomlNode& node : root->find("keyword")->items) all.keywords.push_back(read_keyword(node));
        return all;
    }();
    return known;
}

Result<Values> read_sshd_value(const SshdKeyword& keyword, std::string_view value, bool knows_lists) {
    const Values words = WARD_TRY(sshd_words(value));
    if (keyword.kind == Kind::rest) return Values{equal_ignoring_case(value, "none") ? "none" : std::string{value}};
    if (words.empty() || words[0].empty()) return wrong("a keyword without a value");
    switch (keyword.kind) {
        case Kind::words:
            // One class of service stands for interactive and for other sessions.
            if (keyword.name == "ipqos" && words.size() == 1) return Values{words[0] + " " + words[0]};
            if (keyword.name == "authenticationmethods" && words.size() > 1 && std::find(words.begin(), words.end(), "any") != words.end()) {
                return wrong("`any` together with other methods");
            }
            return Values{joined(words, " ")};
        case Kind::each:
        case Kind::each_first: return words;
        case Kind::algorithms:
            if (words.size() != 1) return wrong("more words than expected");
            return algorithms(keyword, words[0], knows_lists);
        case Kind::listen: return Values{joined(words, " ")};
        case Kind::subsystem: return Values{WARD_TRY(subsystem(words))};
        case Kind::rekey: return Values{WARD_TRY(rekey(words))};
        case Kind::forward: return Values{WARD_TRY(forward(keyword, words))};
        default: return Values{WARD_TRY(single(keyword, words))};
    }
}

}  // namespace ward::facts
