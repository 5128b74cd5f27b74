// SPDX-License-Identifier: Apache-2.0
// The tables `ssh_authorized_keys` and `ssh_private_keys`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/ssh_key.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace ward::facts {
namespace {

constexpr std::string_view kSshdConfig = "/etc/ssh/sshd_config";
constexpr std::size_t kMaxConfigFiles = 1'000;
constexpr std::uint32_t kPermissionBits = 07777;

bool is_folder(const Source& source) { return (source.about.mode & 0170000) == 0040000; }
bool has_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

// Without empty names, such as those of a home that is "/".
std::string clean_path(std::string_view path) {
    std::string clean;
    for (const auto name : split(path, '/')) {
        if (!name.empty()) clean.append("/").append(name);
    }
    return clean;
}

// --- AuthorizedKeysFile in sshd_config(5)

struct KeysFiles {
    std::vector<std::string> patterns{".ssh/authorized_keys", ".ssh/authorized_keys2"};
    std::string file;  // that says so; empty for what sshd does by itself
    std::uint64_t line = 0;
};

// Words of a line: blanks part them, quotes keep them together, '#' ends them; '=' may stand behind the first.
std::vector<std::string> config_words(std::string_view line) {
    std::vector<std::string> words;
    for (line = trim(line); !line.empty() && line[0] != '#'; line = trim(line)) {
        std::size_t end = 0;
        if (line[0] == '"') {
            end = std::min(line.find('"', 1), line.size());
            words.emplace_back(line.substr(1, end - 1));
            end = std::min(end + 1, line.size());
        } else {
            end = std::min(line.find_first_of(words.empty() ? " \t=" : " \t"), line.size());
            words.emplace_back(line.substr(0, end));
        }
        line.remove_prefix(end);
        if (words.size() == 1) {
            line = trim(line);
            if (line.starts_with('=')) line.remove_prefix(1);
        }
    }
    return words;
}

// The first that counts for everybody wins.
class KeysFilesReader {
public:
    KeysFilesReader(const Request& request, Collector& out) : request_{request}, out_{out} {}

    KeysFiles read() && {
        if (const Source* source = request_.find(kSshdConfig)) open_.push_back(Open{Lines{*source, out_}, source->about.name});
        while (!open_.empty() && found_.file.empty()) {
            const std::size_t here = open_.size() - 1;
            if (!open_[here].lines.next()) {
                open_.pop_back();
                continue;
            }
            const auto words = config_words(open_[here].lines.text());
            if (words.empty()) continue;
            if (equal_ignoring_case(words[0], "Match")) {
                open_[here].conditional = words.size() != 2 || !equal_ignoring_case(words[1], "all");
            } else if (open_[here].conditional) {
                continue;
            } else if (equal_ignoring_case(words[0], "AuthorizedKeysFile") && words.size() > 1) {
                found_ = {{words.begin() + 1, words.end()}, open_[here].file, open_[here].lines.number()};
            } else if (equal_ignoring_case(words[0], "Include")) {
                include(words, open_[here].file, open_[here].lines.number());
            }
        }
        return std::move(found_);
    }

private:
    struct Open {
        Lines lines;
        std::string file;
        bool conditional = false;
    };

    void include(const std::vector<std::string>& words, const std::string& from, std::uint64_t line) {
        std::vector<const Source*> found;
        for (std::size_t i = 1; i < words.size(); ++i) {
            const std::string pattern = words[i].starts_with('/') ? words[i] : "/etc/ssh/" + words[i];
            out_.want(pattern);
            std::vector<const Source*> matches;
            for (const Source& source : request_.sources) {
                if (!is_folder(source) && glob_match(pattern, source.about.name)) matches.push_back(&source);
            }
            std::sort(matches.begin(), matches.end(), [](const Source* a, const Source* b) { return a->about.name < b->about.name; });
            found.insert(found.end(), matches.begin(), matches.end());
        }
        files_ += found.size();
        if (files_ > kMaxConfigFiles) {
            out_.gap(from, line, Code::over_limit, "includes too many files");
            return;
        }
        for (auto source = found.rbegin(); source != found.rend(); ++source) {
            open_.push_back(Open{Lines{**source, out_}, (*source)->about.name});
        }
    }

    const Request& request_;
    Collector& out_;
    KeysFiles found_;
    std::vector<Open> open_;
    std::size_t files_ = 0;
};

// The path of a pattern for an account; nothing when there is no telling it.
std::optional<std::string> keys_path(std::string_view pattern, const Account& account) {
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            path += pattern[i];
            continue;
        }
        const char letter = ++i < pattern.size() ? pattern[i] : '\0';
        if (letter == '%') path += '%';
        else if (letter == 'h') path += account.home;
        else if (letter == 'u') path += account.name;
        else if (letter == 'U') path += std::to_string(account.uid);
        else return std::nullopt;
    }
    if (!path.starts_with('/')) path = std::string{account.home} + '/' + path;
    if (!path.starts_with('/')) return std::nullopt;
    return clean_path(path);
}

// --- authorized_keys, as sshd(8) has it

struct KeyOptions {
    std::string_view whole;
    std::optional<std::string> command;
    std::optional<std::string> from;
    bool cert_authority = false;
};

// Options end at the first blank outside of quotes; what is left of the line is the key. False for a quote that stays open.
bool take_options(std::string_view& line, KeyOptions& options) {
    const std::string_view text = line;
    std::size_t at = 0;
    while (at < text.size() && text[at] != ' ' && text[at] != '\t') {
        const std::size_t name_end = std::min(text.find_first_of("=, \t\"", at), text.size());
        const std::string_view name = text.substr(at, name_end - at);
        std::string value;
        bool quoted = false;
        for (at = name_end; at < text.size(); ++at) {
            const char c = text[at];
            if (!quoted && (c == ',' || c == ' ' || c == '\t')) break;
            if (c == '\\' && at + 1 < text.size() && text[at + 1] == '"') value += text[++at];
            else if (c == '"') quoted = !quoted;
            else if (quoted) value += c;
        }
        if (quoted) return false;
        if (equal_ignoring_case(name, "command")) options.command = std::move(value);
        else if (equal_ignoring_case(name, "from")) options.from = std::move(value);
        else if (equal_ignoring_case(name, "cert-authority")) options.cert_authority = true;
        if (at < text.size() && text[at] == ',') ++at;
    }
    options.whole = text.substr(0, at);
    line = trim(text.substr(at));
    return true;
}

void add_keys(const Account& account, const Source& source, Collector& out) {
    const auto text_of = [](const std::optional<std::string>& value) { return value ? text(*value) : null(); };
    for (Lines lines{source, out}; lines.next();) {
        std::string_view line = trim(lines.text());
        if (line.empty() || line.starts_with('#')) continue;
        KeyOptions options;
        const bool plain = is_ssh_key_name(line.substr(0, line.find_first_of(" \t")));
        if (!plain && !take_options(line, options)) {
            out.gap(source.about.name, lines.number(), Code::malformed, "options with a quote that is not closed");
            continue;
        }
        const auto read = read_ssh_key_line(line);
        if (!read) {
            out.gap(source.about.name, lines.number(), read.error().code, read.error().text);
            continue;
        }
        const SshKey& key = read->key;
        out.add({text(account.name), number(account.uid), text_or_null(key.type_name()), number(key.bits), text(key.fingerprint),
                 text(read->comment), text(options.whole), text_of(options.command), text_of(options.from),
                 flag(options.cert_authority), number(source.about.mode & kPermissionBits), number(source.about.uid),
                 text(source.about.name), number(lines.number())});
    }
}

}  // namespace

wire::ParseAnswer parse_ssh_authorized_keys(const Request& request) {
    Collector out;
    const KeysFiles files = KeysFilesReader{request, out}.read();
    std::set<std::string> told;  // patterns that are a gap already
    for (const Account& account : read_passwd(request, out)) {
        std::set<std::string> seen;
        for (const auto& pattern : files.patterns) {
            if (pattern == "none") continue;
            const auto path = keys_path(pattern, account);
            if (!path || has_pattern(*path)) {
                if (told.insert(pattern).second) {
                    out.gap(files.file.empty() ? kPasswd : std::string_view{files.file}, files.file.empty() ? account.line : files.line,
                            Code::unsupported, "the path of a file with keys cannot be told");
                }
                continue;
            }
            if (!seen.insert(*path).second) continue;
            const Source* source = request.find(*path);
            if (source == nullptr) out.want(*path);
            else if (!is_folder(*source)) add_keys(account, *source, out);
        }
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_ssh_private_keys(const Request& request) {
    Collector out;
    std::set<std::string> folders;
    for (const Account& account : read_passwd(request, out)) {
        if (!account.home.starts_with('/')) continue;
        const std::string folder = clean_path(account.home) + "/.ssh/";
        if (!folders.insert(folder).second) continue;
        if (has_pattern(folder)) {
            out.gap(kPasswd, account.line, Code::unsupported, "a home with '*', '?' or '[' in its path");
            continue;
        }
        out.want(folder + "*");
        for (const Source& source : request.sources) {
            const std::string_view path = source.about.name;
            if (!path.starts_with(folder) || path.find('/', folder.size()) != std::string_view::npos || is_folder(source)) continue;
            const auto read = read_ssh_private_key(source.bytes);
            if (!read) {
                out.gap(path, 0, read.error().code, read.error().text);
                continue;
            }
            if (!*read) continue;
            const SshPrivateKey& found = **read;
            out.add({text(account.name), text(path), text(found.format), text_or_null(found.key.type_name()),
                     number(found.key.bits), text_or_null(found.key.fingerprint), flag(found.encrypted),
                     text_or_null(found.cipher), number(source.about.mode & kPermissionBits), number(source.about.uid),
                     number(source.about.gid)});
        }
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
