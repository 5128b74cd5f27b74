// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/sshd_config.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::size_t kMaxIncludeDepth = 16;  // the server's own limit
constexpr std::size_t kMaxLines = 50'000;    // all files together, as often as they are included
constexpr std::string_view kBlanks = " \t\r\n";

void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size())); }

// The next word, which a blank or one '=' ends, or which stands in double quotes; moves `rest` to what follows.
Result<std::string_view> take_delimited(std::string_view& rest) {
    skip_blanks(rest);
    if (rest.starts_with('"')) {
        const std::size_t end = rest.find('"', 1);
        if (end == std::string_view::npos) return fail(Code::malformed, "a quote without an end");
        const std::string_view word = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        skip_blanks(rest);
        return word;
    }
    const std::size_t end = std::min(rest.find_first_of(" \t\r\n\"="), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    if (rest.starts_with('"')) return fail(Code::malformed, "a quote within a word");
    skip_blanks(rest);
    if (rest.starts_with('=')) rest.remove_prefix(1);
    skip_blanks(rest);
    return word;
}

Result<SshdMatch> read_match(std::string_view text) {
    SshdMatch match;
    match.text = text;
    std::string_view rest = text;
    bool all = false;
    while (!rest.empty()) {
        const std::string name = to_lower_ascii(WARD_TRY(take_delimited(rest)));
        if (name.starts_with('#')) break;
        if (all) return fail(Code::malformed, "`all` together with other criteria");
        if (name == "all") {
            all = true;
            continue;
        }
        const std::string_view pattern = WARD_TRY(take_delimited(rest));
        if (pattern.empty() || pattern.starts_with('#')) return fail(Code::malformed, "a criterion without a pattern");
        constexpr std::string_view kKnown[] = {"user", "group", "host", "address", "localaddress", "localport", "rdomain"};
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
            return fail(Code::unsupported, "a criterion of Match that is not known");
        }
        match.criteria.push_back({name, std::string{pattern}});
    }
    if (!all && match.criteria.empty()) return fail(Code::malformed, "a Match without criteria");
    if (all && !match.criteria.empty()) return fail(Code::malformed, "`all` together with other criteria");
    return match;
}

class Reader {
public:
    Reader(const Request& request, Collector& out) : request_{request}, out_{out} {}

    SshdConfig read() && {
        if (const Source* const main = request_.find(kSshdConfig)) read_file(*main, {}, 0);
        return std::move(config_);
    }

private:
    // Includes nest at most kMaxIncludeDepth deep, so a call for each is fine.
    void read_file(const Source& source, std::vector<std::size_t> blocks, std::size_t depth) {
        const std::vector<std::size_t> around = blocks;
        for (Lines lines{source, out_}; lines.next();) {
            std::string_view rest = lines.text();
            const std::size_t last = rest.find_last_not_of(" \t\r\n\f");
            rest = rest.substr(0, last == std::string_view::npos ? 0 : last + 1);
            skip_blanks(rest);
            if (rest.empty() || rest.starts_with('#')) continue;
            if (++lines_read_ > kMaxLines) {
                if (lines_read_ == kMaxLines + 1) gap(source, lines.number(), Code::over_limit, "more lines than are read");
                return;
            }
            const auto word = take_delimited(rest);
            if (!word || word->empty()) {
                gap(source, lines.number(), Code::malformed, "a line without a keyword");
                continue;
            }
            const std::string keyword = to_lower_ascii(*word);
            if (rest.empty()) {
                gap(source, lines.number(), Code::malformed, "a keyword without a value");
            } else if (keyword == "match") {
                blocks = around;
                blocks.push_back(config_.matches.size());
                auto match = read_match(rest);
                if (!match) gap(source, lines.number(), match.error().code, match.error().text);
                config_.matches.push_back(match ? std::move(match).value() : SshdMatch{std::string{rest}, {}, false});
            } else if (keyword == "include") {
                include(source, lines.number(), rest, blocks, depth);
            } else {
                config_.lines.push_back({keyword, std::string{rest}, source.about.name, lines.number(), blocks});
            }
        }
    }

    void include(const Source& from, std::uint64_t line, std::string_view value, const std::vector<std::size_t>& blocks,
                 std::size_t depth) {
        const auto names = sshd_words(value);
        if (!names) return gap(from, line, names.error().code, names.error().text);
        if (depth + 1 >= kMaxIncludeDepth) return gap(from, line, Code::over_limit, "files included too deep");
        for (const std::string& name : *names) {
            if (name.empty() || name.starts_with('~')) {
                gap(from, line, Code::unsupported, "an Include of a home directory");
                continue;
            }
            const std::string pattern = name.starts_with('/') ? name : "/etc/ssh/" + name;
            out_.want(pattern);
            std::vector<const Source*> found;
            for (const Source& source : request_.sources)
                if (matches(pattern, source)) found.push_back(&source);
            std::sort(found.begin(), found.end(),
                      [](const Source* a, const Source* b) { return a->about.name < b->about.name; });
            for (const Source* source : found) read_file(*source, blocks, depth + 1);
        }
    }

    static bool matches(std::string_view pattern, const Source& source) {
        if (source.about.state == wire::SourceBytes::State::missing || (source.about.mode & 0170000) == 0040000) return false;
        if (source.about.name == pattern) return true;
        // Names that begin with a dot need one in the pattern (glob(3)).
        const auto parts = split(source.about.name, '/');
        const auto wanted = split(pattern, '/');
        if (parts.size() != wanted.size()) return false;
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (parts[i].starts_with('.') && !wanted[i].starts_with('.')) return false;
        return glob_match(pattern, source.about.name);
    }

    void gap(const Source& source, std::uint64_t line, Code code, std::string why) {
        out_.gap(source.about.name, line, code, std::move(why));
    }

    const Request& request_;
    Collector& out_;
    SshdConfig config_;
    std::size_t lines_read_ = 0;
};

}  // namespace

std::string SshdConfig::criteria(const SshdLine& line) const {
    std::string text;
    for (const std::size_t block : line.blocks) text += (text.empty() ? "" : "; ") + matches[block].text;
    return text;
}

SshdConfig read_sshd_config(const Request& request, Collector& out) { return Reader{request, out}.read(); }

Result<std::vector<std::string>> sshd_words(std::string_view value) {
    std::vector<std::string> found;
    std::size_t i = 0;
    while (true) {
        i = std::min(value.find_first_not_of(" \t", i), value.size());
        if (i == value.size() || value[i] == '#') return found;
        std::string word;
        char quote = '\0';
        for (; i < value.size(); ++i) {
            const char c = value[i];
            const char next = i + 1 < value.size() ? value[i + 1] : '\0';
            if (c == '\\' && (next == '\'' || next == '"' || next == '\\' || (quote == '\0' && next == ' '))) {
                word += next;
                ++i;
            } else if (quote == '\0' && (c == ' ' || c == '\t')) {
                break;
            } else if (quote == '\0' && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote != '\0' && c == quote) {
                quote = '\0';
            } else {
                word += c;
            }
        }
        if (quote != '\0') return fail(Code::malformed, "a quote without an end");
        found.push_back(std::move(word));
    }
}

bool sshd_pattern(std::string_view pattern, std::string_view text) {
    // Goes back to the last '*' alone, so the work is at most the product of the two lengths.
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool sshd_pattern_list(std::string_view list, std::string_view text) {
    bool found = false;
    for (std::string_view pattern : split(list, ',')) {
        const bool denied = pattern.starts_with('!');
        if (denied) pattern.remove_prefix(1);
        if (!sshd_pattern(pattern, text)) continue;
        if (denied) return false;
        found = true;
    }
    return found;
}

}  // namespace ward::facts
