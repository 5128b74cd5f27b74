// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/pam_files.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>
#include <optional>
#include <set>

namespace ward::facts {
namespace {

// Where libpam looks for the file of a service, in this order.
constexpr std::string_view kFolders[] = {"/etc/pam.d/", "/usr/lib/pam.d/"};
constexpr std::string_view kKinds[] = {"auth", "account", "password", "session"};
constexpr std::string_view kControls[] = {"required", "requisite", "sufficient", "optional", "include", "substack"};

bool is_kept_aside(std::string_view name) {
    constexpr std::string_view kParts[] = {".dpkg-", ".ucf-", ".rpmsave", ".rpmnew", ".pam-old"};
    return name.starts_with('.') || name.ends_with('~') ||
           std::any_of(std::begin(kParts), std::end(kParts),
                       [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

bool is_folder(const Source& source) { return (source.about.mode & 0170000) == 0040000; }

// Lines as libpam puts them together: what follows a '#' is gone, wherever it stands; a backslash at the end is a blank and
// takes in the next line that has something in it.
class PamLines {
public:
    PamLines(const Source& source, Collector& out) : path_{source.about.name}, lines_{source, out}, out_{out} {}

    bool next() {
        while (assemble()) {
            if (text_.size() <= kMaxLineBytes) return true;
            out_.gap(path_, number_, Code::over_limit, "continued lines of more than 64 KiB");
        }
        return false;
    }
    std::string_view text() const { return text_; }
    std::uint64_t number() const { return number_; }

private:
    bool assemble() {
        text_.clear();
        for (bool begun = false; lines_.next();) {
            std::string_view part = lines_.text();
            const std::size_t comment = part.find('#');
            part = trim(part.substr(0, comment));
            if (part.empty()) continue;
            if (!begun) number_ = lines_.number();
            begun = true;
            const bool goes_on = comment == std::string_view::npos && part.ends_with('\\');
            if (goes_on) part.remove_suffix(1);
            // One byte too many is enough to tell that it is too long.
            if (text_.size() <= kMaxLineBytes) text_.append(part).append(goes_on ? " " : "");
            if (!goes_on) return true;
        }
        return !text_.empty();
    }

    std::string_view path_;
    Lines lines_;
    Collector& out_;
    std::string text_;
    std::uint64_t number_ = 0;
};

template <std::size_t N>
std::optional<std::string> known_word(const std::string_view (&words)[N], std::string_view word) {
    for (const auto known : words) {
        if (equal_ignoring_case(known, word)) return std::string{known};
    }
    return std::nullopt;
}

}  // namespace

std::string_view take_pam_word(std::string_view& rest) {
    rest = trim(rest);
    std::size_t end = 0;
    if (rest.starts_with('[')) {
        for (end = 1; end < rest.size() && rest[end] != ']'; ++end) {
            if (rest[end] == '\\' && end + 1 < rest.size()) ++end;
        }
        end = std::min(end + 1, rest.size());
    } else {
        end = std::min(rest.find_first_of(" \t"), rest.size());
    }
    const std::string_view word = rest.substr(0, end);
    rest = trim(rest.substr(end));
    return word;
}

std::vector<std::string> PamFiles::services() const {
    std::set<std::string> names;
    for (const Source& source : request_.sources) {
        for (const auto folder : kFolders) {
            if (!std::string_view{source.about.name}.starts_with(folder) || is_folder(source)) continue;
            const std::string_view name = std::string_view{source.about.name}.substr(folder.size());
            if (name.find('/') == std::string_view::npos && !is_kept_aside(name)) names.emplace(name);
        }
    }
    return {names.begin(), names.end()};
}

const Source* PamFiles::find(std::string_view name) {
    std::vector<std::string> paths;
    if (name.starts_with('/')) paths.emplace_back(name);
    else for (const auto folder : kFolders) paths.push_back(std::string{folder}.append(name));
    for (const auto& path : paths) {
        const Source* source = request_.find(path);
        // All of the two folders is there already.
        if (source == nullptr && name.find('/') != std::string_view::npos) out_.want(path);
        if (source != nullptr && source->about.state != wire::SourceBytes::State::missing) return source;
    }
    return nullptr;
}

const std::vector<PamLine>& PamFiles::lines_of(const Source& source) {
    const auto [found, fresh] = lines_.try_emplace(&source);
    if (fresh) found->second = read(source);
    return found->second;
}

std::vector<PamLine> PamFiles::read(const Source& source) {
    std::vector<PamLine> found;
    for (PamLines lines{source, out_}; lines.next();) {
        const auto refuse = [&](std::string why) {
            out_.gap(source.about.name, lines.number(), Code::malformed, std::move(why));
        };
        std::string_view rest = lines.text();
        PamLine line;
        line.line = lines.number();
        std::string_view kind = take_pam_word(rest);
        if (kind == "@include") {
            line.kind = kind;
            line.control = "include";
        } else {
            line.optional = kind.starts_with('-');
            if (line.optional) kind.remove_prefix(1);
            const auto known = known_word(kKinds, kind);
            if (!known) {
                refuse("a line that is none of auth, account, password, session and @include");
                continue;
            }
            line.kind = *known;
            const std::string_view control = take_pam_word(rest);
            const auto word = known_word(kControls, control);
            if (!word && !(control.starts_with('[') && control.ends_with(']'))) {
                refuse("a control that is neither a known word nor in brackets");
                continue;
            }
            line.control = word.value_or(std::string{control});
        }
        line.module = take_pam_word(rest);
        line.arguments = rest;
        const bool pattern = line.names_a_file() && line.module.find_first_of("*?[") != std::string::npos;
        if (line.module.empty()) refuse("a line without a module, or without the file that it includes");
        else if (pattern) refuse("the name of an included file with '*', '?' or '[' in it");
        else found.push_back(std::move(line));
    }
    return found;
}

}  // namespace ward::facts
