// SPDX-License-Identifier: Apache-2.0
#include "doors/arguments.h"

#include "core/bytes.h"
#include "core/text.h"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ward::doors {

namespace {

constexpr Option kCommon[] = {
    {"color", 0, "WHEN", "auto (the default), always or never; NO_COLOR in the environment means never"},
    {"quiet", 'q', nullptr, "answers only, no talk about the run"},
    {"verbose", 'v', nullptr, "more: every gap, every piece of evidence"},
    {"state", 0, "DIR", "the folder for history and caches (/var/lib/ward for root, else $XDG_STATE_HOME/ward)"},
    {"help", 'h', nullptr, "this text"},
    {"version", 'V', nullptr, "the version"},
};

constexpr Option kReport[] = {
    {"format", 0, "FORMAT", "text (the default), json, jsonl, sarif, junit, html, csv"},
    {"output", 'o', "FILE", "write the report there instead of standard output"},
    {"fail-on", 0, "SEVERITY", "end with 1 only for findings at least this bad: info, low (the default), medium, high, critical"},
    {"strict", 0, nullptr, "end with 3 when nothing was found but something could not be looked at"},
};

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr Unit kSizes[] = {
    {"", 1},          {"b", 1},          {"k", kKiB},  {"kb", kKiB},  {"kib", kKiB}, {"m", kMiB},
    {"mb", kMiB},     {"mib", kMiB},     {"g", kGiB},  {"gb", kGiB},  {"gib", kGiB}, {"t", 1024 * kGiB},
    {"tb", 1024 * kGiB}, {"tib", 1024 * kGiB},
};
constexpr Unit kTimes[] = {{"ms", 1}, {"", 1000}, {"s", 1000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}};

std::optional<std::uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    const auto value = parse_unsigned(text.substr(0, digits));
    const std::string name = to_lower_ascii(text.substr(digits));
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
    if (!value || unit == units.end()) return std::nullopt;
    if (*value > std::numeric_limits<std::uint64_t>::max() / unit->factor) return std::nullopt;
    return *value * unit->factor;
}

std::vector<const Option*> options_of(const Verb& verb) {
    std::vector<const Option*> all;
    for (const auto& option : verb.options) all.push_back(&option);
    if (verb.reports) {
        for (const auto& option : kReport) all.push_back(&option);
    }
    if (verb.run_as_original != nullptr) return all;
    for (const auto& option : kCommon) all.push_back(&option);
    return all;
}

// Damerau's distance in its restricted form: insertions, deletions, replacements, swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

Error usage(std::string text, const Verb& verb) {
    return fail(Code::malformed, "{}; `ward {} --help` shows what there is", text, verb.name);
}

}  // namespace

std::span<const Option> common_options() { return kCommon; }
std::span<const Option> report_options() { return kReport; }

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    std::optional<std::string> best;
    // A third of the letters may be wrong.
    std::size_t least = word.size() / 3 + 1;
    for (const auto& candidate : candidates) {
        if (const std::size_t found = distance(word, candidate); found < least || (found == least && !best)) {
            least = found;
            best = candidate;
        }
    }
    return best;
}

Result<Arguments> Arguments::parse(const Verb& verb, std::span<const std::string> words) {
    const auto options = options_of(verb);
    std::vector<option> table;
    std::string letters = ":";
    constexpr int kFirst = 256;  // above every letter
    for (std::size_t i = 0; i < options.size(); ++i) {
        const Option& item = *options[i];
        table.push_back({item.name, item.value != nullptr ? required_argument : no_argument, nullptr, kFirst + static_cast<int>(i)});
        if (item.letter != 0) {
            letters += item.letter;
            if (item.value != nullptr) letters += ':';
        }
    }
    table.push_back({nullptr, 0, nullptr, 0});

    std::vector<std::string> copies{verb.name};
    copies.insert(copies.end(), words.begin(), words.end());
    std::vector<char*> pointers;
    for (auto& word : copies) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int count = static_cast<int>(copies.size());

    Arguments arguments;
    arguments.verb_ = &verb;
    ::optind = 0;  // begins anew (getopt(3))
    ::opterr = 0;
    for (;;) {
        const int before = std::max(::optind, 1);
        const int got = ::getopt_long(count, pointers.data(), letters.c_str(), table.data(), nullptr);
        if (got < 0) break;
        if (got == '?' || got == ':') {
            // The word in question is the one that was just stepped over.
            const int index = std::clamp(::optind > before || got == ':' ? ::optind - 1 : ::optind, 1, count - 1);
            const std::string word = pointers[static_cast<std::size_t>(index)];
            if (got == ':') return usage(fmt::format("{} wants a value", word), verb);
            const std::string name = word.substr(0, word.find('='));
            if (!word.starts_with("--")) return usage(fmt::format("no option -{}", static_cast<char>(::optopt)), verb);
            std::vector<std::string> names;
            for (const auto* item : options) names.push_back(std::string{"--"} + item->name);
            if (std::find(names.begin(), names.end(), name) != names.end()) return usage(fmt::format("{} takes no value", name), verb);
            const auto near = nearest(name, names);
            return usage(fmt::format("no option {}{}", name, near ? ", did you mean " + *near + "?" : ""), verb);
        }
        const Option* found = nullptr;
        for (std::size_t i = 0; i < options.size(); ++i) {
            if (got == kFirst + static_cast<int>(i) || (options[i]->letter != 0 && got == options[i]->letter)) found = options[i];
        }
        WARD_CHECK(found != nullptr);
        auto& values = arguments.values_[found->name];
        if (!found->repeats) values.clear();
        values.emplace_back(found->value != nullptr ? ::optarg : "");
    }
    for (int i = ::optind; i < count; ++i) arguments.operands_.emplace_back(pointers[static_cast<std::size_t>(i)]);
    if (!arguments.operands_.empty() && verb.operands[0] == '\0' && !arguments.has("help")) {
        return usage(fmt::format("{} takes no operands, and {} is one", verb.name, shell_quote(arguments.operands_.front())), verb);
    }
    return arguments;
}

bool Arguments::has(std::string_view option) const { return values_.find(option) != values_.end(); }

std::optional<std::string> Arguments::text(std::string_view option) const {
    const auto found = values_.find(option);
    if (found == values_.end()) return std::nullopt;
    return found->second.back();
}

const std::vector<std::string>& Arguments::all(std::string_view option) const {
    static const std::vector<std::string> kNone;
    const auto found = values_.find(option);
    return found == values_.end() ? kNone : found->second;
}

Result<std::uint64_t> Arguments::number(std::string_view option, std::uint64_t other) const {
    const auto given = text(option);
    if (!given) return other;
    if (const auto value = parse_unsigned(*given)) return *value;
    return usage(fmt::format("--{} wants a whole number, not {}", option, shell_quote(*given)), *verb_);
}

Result<std::uint64_t> Arguments::bytes(std::string_view option, std::uint64_t other) const {
    const auto given = text(option);
    if (!given) return other;
    if (const auto value = with_unit(*given, kSizes)) return *value;
    return usage(fmt::format("--{} wants a size such as 100M or 2G, not {}", option, shell_quote(*given)), *verb_);
}

Result<std::chrono::milliseconds> Arguments::time(std::string_view option, std::chrono::milliseconds other) const {
    const auto given = text(option);
    if (!given) return other;
    // A thousand years is beyond any wish and far from any overflow.
    constexpr std::uint64_t kMost = 1000ULL * 366 * 24 * 3'600'000;
    if (const auto value = with_unit(*given, kTimes); value && *value <= kMost) {
        return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
    }
    return usage(fmt::format("--{} wants a time such as 90s or 2m, not {}", option, shell_quote(*given)), *verb_);
}

std::string help_text(const Verb& verb) {
    std::string out = fmt::format("ward {}{}{}: {}\n\n{}\n\nOptions:\n", verb.name, verb.operands[0] != '\0' ? " " : "",
                                  verb.operands, verb.summary, verb.examples);
    for (const auto* item : options_of(verb)) {
        std::string left = item->letter != 0 ? fmt::format("  -{}, --{}", item->letter, item->name) : fmt::format("      --{}", item->name);
        if (item->value != nullptr) left += fmt::format(" {}", item->value);
        out += fmt::format("{:<28} {}{}\n", left, item->help, item->repeats ? " (repeatable)" : "");
    }
    if (verb.details[0] != '\0') out += fmt::format("\n{}\n", verb.details);
    if (verb.reports) {
        out += "\nEnds with 0 when nothing was found, 1 when something was, 2 when the work could not be done,\n"
               "3 with --strict when nothing was found but something could not be looked at, 130 after Ctrl-C.\n";
    }
    return out;
}

}  // namespace ward::doors
