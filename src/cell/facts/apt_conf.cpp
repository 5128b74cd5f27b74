// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/file_parsers.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kBlanks = " \t\r\n";

struct Setting {
    std::string name;
    std::string value;
    std::string_view file;
    std::uint64_t line = 0;
    bool effective = true;
};

bool is_item(std::string_view name) { return name.ends_with("::"); }

// The syntax of apt.conf(5): `name "value";`, `name { ... };`, list items without a name, `#clear name;`, and three kinds
// of comments.
class AptConf {
public:
    AptConf(const Source& source, std::vector<Setting>& settings, Collector& out)
        : source_{source}, text_{as_text(source.bytes)}, settings_{settings}, out_{out} {}

    void read() {
        std::vector<std::string> scopes{""};
        while (skip_blanks()) {
            const char c = text_[at_];
            if (c == '}') {
                ++at_;
                if (scopes.size() == 1) gap(Code::malformed, "a closing brace without an opening one");
                else scopes.pop_back();
                continue;
            }
            if (c == ';') {
                ++at_;
                continue;
            }
            const std::uint64_t line = line_;
            std::vector<std::string> parts;
            while (skip_blanks() && text_[at_] != ';' && text_[at_] != '{' && text_[at_] != '}') parts.push_back(word());
            const char end = at_ < text_.size() ? text_[at_] : '\0';
            if (end == '\0') out_.gap(source_.about.name, line, Code::malformed, "a setting without a semicolon at its end");
            if (end == ';' || end == '{') ++at_;
            statement(scopes.back(), parts, end == '{', line);
            if (end != '{') continue;
            if (scopes.size() > kMaxDepth) {
                out_.gap(source_.about.name, line, Code::over_limit, "braces nested too deep; the rest of the file was not read");
                return;
            }
            scopes.push_back(parts.empty() ? scopes.back() : full_name(scopes.back(), parts[0]));
        }
        if (scopes.size() > 1) gap(Code::malformed, "an opening brace without a closing one");
    }

private:
    void gap(Code code, std::string why) { out_.gap(source_.about.name, line_, code, std::move(why)); }

    static std::string full_name(std::string_view scope, std::string_view name) {
        const std::string lower = to_lower_ascii(name);
        return scope.empty() ? lower : std::string{scope} + "::" + lower;
    }

    void statement(std::string_view scope, std::vector<std::string>& parts, bool opens, std::uint64_t line) {
        if (parts.empty()) return;
        const std::string first = to_lower_ascii(parts[0]);
        if (first == "#clear") {
            for (std::size_t i = 1; i < parts.size(); ++i) clear(full_name(scope, parts[i]));
            return;
        }
        if (first == "#include") {
            out_.gap(source_.about.name, line, Code::unsupported, "an #include, which is not followed");
            return;
        }
        if (opens && parts.size() == 1) return;
        Setting setting;
        setting.file = source_.about.name;
        setting.line = line;
        // A single word before a semicolon is a value, the next item of the list around it.
        setting.name = parts.size() == 1 ? std::string{scope} + "::" : full_name(scope, parts[0]);
        setting.value = parts.size() == 1 ? parts[0] : parts[1];
        if (!is_item(setting.name)) {
            for (Setting& before : settings_)
                if (before.name == setting.name) before.effective = false;
        }
        settings_.push_back(std::move(setting));
    }

    void clear(const std::string& name) {
        const std::string below = is_item(name) ? name : name + "::";
        for (Setting& setting : settings_)
            if (setting.name == name || setting.name.starts_with(below)) setting.effective = false;
    }

    // Moves to the next character that counts; false at the end.
    bool skip_blanks() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (kBlanks.find(c) != std::string_view::npos) {
                line_ += c == '\n' ? 1 : 0;
                ++at_;
            } else if (text_.substr(at_, 2) == "//" || (c == '#' && !is_directive(text_.substr(at_, 8)))) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.substr(at_, 2) == "/*") {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) gap(Code::malformed, "a comment without an end");
                const std::size_t stop = end == std::string_view::npos ? text_.size() : end + 2;
                line_ += static_cast<std::uint64_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                               text_.begin() + static_cast<std::ptrdiff_t>(stop), '\n'));
                at_ = stop;
            } else {
                return true;
            }
        }
        return false;
    }

    static bool is_directive(std::string_view text) {
        return equal_ignoring_case(text.substr(0, 6), "#clear") || equal_ignoring_case(text.substr(0, 8), "#include");
    }

    // A quoted or bare word; never empty-handed: it moves on at least one character.
    std::string word() {
        if (text_[at_] == '"') {
            const std::size_t end = text_.find('"', at_ + 1);
            const std::size_t stop = end == std::string_view::npos ? text_.size() : end;
            if (end == std::string_view::npos) gap(Code::malformed, "a quote without an end");
            std::string value{text_.substr(at_ + 1, stop - at_ - 1)};
            line_ += static_cast<std::uint64_t>(std::count(value.begin(), value.end(), '\n'));
            at_ = std::min(stop + 1, text_.size());
            return value;
        }
        const std::size_t start = at_;
        at_ = std::min(text_.find_first_of(" \t\r\n;{}\"", at_ + 1), text_.size());
        return std::string{text_.substr(start, at_ - start)};
    }

    const Source& source_;
    std::string_view text_;
    std::vector<Setting>& settings_;
    Collector& out_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
};

// Which files of apt.conf.d apt reads: no ending or ".conf", and only of these characters.
bool counts(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (name.find_first_not_of(kAllowed) != std::string_view::npos || name.starts_with('.')) return false;
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || name.substr(dot) == ".conf";
}

}  // namespace

wire::ParseAnswer parse_apt_conf(const Request& request) {
    Collector out;
    std::vector<const Source*> files;
    for (const Source& source : request.sources) {
        const std::string_view path = source.about.name;
        if (path == "/etc/apt/apt.conf" || counts(base_name(path))) files.push_back(&source);
    }
    std::sort(files.begin(), files.end(), [](const Source* a, const Source* b) {
        const bool a_last = a->about.name == "/etc/apt/apt.conf";
        const bool b_last = b->about.name == "/etc/apt/apt.conf";
        return a_last != b_last ? b_last : a->about.name < b->about.name;
    });
    std::vector<Setting> settings;
    for (const Source* source : files) AptConf{*source, settings, out}.read();
    for (const Setting& setting : settings) {
        out.add({text(setting.name), text(setting.value), flag(setting.effective), text(setting.file), number(setting.line)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
