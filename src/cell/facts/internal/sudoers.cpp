// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/sudoers.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>
#include <tuple>

namespace ward::facts {
namespace {

using Member = Sudoers::Member;
using List = Sudoers::List;
using AliasKind = Sudoers::AliasKind;

constexpr std::string_view kSudoers = "/etc/sudoers";
constexpr std::size_t kMaxDepth = 128;  // of files in files, as in sudo
constexpr std::size_t kMaxFiles = 2'000;
constexpr std::size_t kMaxMembers = 1'000'000;  // of all lists together, and settings
constexpr std::string_view kBlanks = " \t";
// Ends a word unless a backslash stands before it.
constexpr std::string_view kWordEnds = "#>!=:,() \t\r\n\\\"";
constexpr std::string_view kValueEnds = "#=, \t\r\n\\\"";
constexpr std::string_view kPathEnds = ",:=\\ \t\r\n#";
constexpr std::string_view kPathEscapes = ",:= \t#";
constexpr std::string_view kArgumentEscapes = ":\\,= \t#";
constexpr std::string_view kPatternEscapes = "*?[]!^";

// Pairs of tags of which the later one counts.
constexpr std::pair<std::string_view, std::string_view> kTags[] = {
    {"NOPASSWD", "PASSWD"},         {"NOEXEC", "EXEC"},           {"SETENV", "NOSETENV"}, {"LOG_INPUT", "NOLOG_INPUT"},
    {"LOG_OUTPUT", "NOLOG_OUTPUT"}, {"INTERCEPT", "NOINTERCEPT"}, {"MAIL", "NOMAIL"},     {"FOLLOW", "NOFOLLOW"},
};
constexpr std::size_t kNoPassword = 0;  // places in kTags
constexpr std::size_t kSetEnvironment = 2;
constexpr std::string_view kOptions[] = {"APPARMOR_PROFILE", "CHROOT",    "CWD",   "LIMITPRIVS", "NOTAFTER",
                                         "NOTBEFORE",        "PRIVS",     "ROLE",  "TIMEOUT",    "TYPE"};
constexpr std::string_view kDigests[] = {"sha224", "sha256", "sha384", "sha512"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }
template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Has the form of an alias: capitals, digits and '_', a capital first.
bool is_alias_name(std::string_view word) {
    return !word.empty() && is_upper(word[0]) &&
           std::all_of(word.begin(), word.end(), [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

Member member_of(std::string text, bool may_be_alias) {
    const bool alias = may_be_alias && text != "ALL" && is_alias_name(text);
    return {std::move(text), false, alias};
}

// Moves over the text of one file. A backslash at the end of a line joins it with the next wherever blanks may stand.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_{text} {}

    std::uint64_t line() const { return line_; }
    bool at_end() const { return at_ == text_.size(); }
    bool at_line_start() const { return at_ == 0 || text_[at_ - 1] == '\n'; }
    bool starts_with(std::string_view word) const { return text_.substr(at_).starts_with(word); }
    // Zero at the end; a NUL byte in the file is no part of anything either.
    char peek(std::size_t ahead = 0) const { return ahead < text_.size() - at_ ? text_[at_ + ahead] : '\0'; }
    void advance(std::size_t count) { at_ += count; }

    // Tells whether there were any.
    bool skip_blanks() {
        const std::size_t before = at_;
        for (;;) {
            at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
            const std::size_t newline = continuation();
            if (newline == 0) return at_ != before;
            at_ += newline;
            ++line_;
        }
    }
    bool take(char c) {
        skip_blanks();
        if (peek() != c || at_end()) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        if (!starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    // '!' takes away, '!!' gives back.
    bool take_negation() {
        bool negated = false;
        while (take('!')) negated = !negated;
        return negated;
    }
    bool at_id() const { return peek() == '#' && (is_digit(peek(1)) || (peek(1) == '-' && is_digit(peek(2)))); }
    bool at_entry_end() {
        skip_blanks();
        return at_end() || newline_length(at_) != 0 || (peek() == '#' && !at_id());
    }
    // Behind the end of the line. A comment goes to the end of its own line, whatever stands there.
    void skip_line() {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (!at_end()) ++at_;
        ++line_;
    }
    // Behind the end of the entry, after an error in it.
    void skip_entry() {
        for (bool goes_on = true; goes_on && !at_end();) {
            const std::size_t end = std::min(text_.find('\n', at_), text_.size());
            std::string_view rest = text_.substr(at_, end - at_);
            if (rest.ends_with('\r')) rest.remove_suffix(1);
            const std::size_t last = rest.find_last_not_of(kBlanks);
            goes_on = last != std::string_view::npos && rest[last] == '\\';
            skip_line();
        }
    }

    // A number behind '#'.
    std::string take_id() {
        const std::size_t begin = at_++;
        if (peek() == '-') ++at_;
        while (is_digit(peek())) ++at_;
        return std::string{text_.substr(begin, at_ - begin)};
    }
    // A run of characters outside of `ends`, or escaped; escapes are taken out. Empty when there is none here.
    std::string take_word(std::string_view ends = kWordEnds) {
        std::string word;
        while (!at_end()) {
            const char c = peek();
            if (c == '\\' && can_be_escaped(peek(1)) && at_ + 1 < text_.size()) {
                take_escape(word);
            } else if (c != '\0' && !contains(ends, c)) {
                word += c;
                ++at_;
            } else {
                break;
            }
        }
        return word;
    }
    // What take_word() would give, as it is written.
    std::string_view peek_plain_word() const {
        const std::string_view rest = text_.substr(at_);
        const std::size_t end = std::min(rest.find_first_of(kWordEnds), rest.size());
        return end < rest.size() && rest[end] == '\\' ? std::string_view{} : rest.substr(0, end);
    }
    Result<std::string> take_string() {
        ++at_;
        std::string value;
        for (;;) {
            if (at_end() || newline_length(at_) != 0) return fail(Code::malformed, "a quote that is not closed");
            if (const std::size_t newline = continuation(); newline != 0) {
                at_ += newline;
                ++line_;
                at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
            } else if (peek() == '"') {
                ++at_;
                break;
            } else if (peek() == '\\' && peek(1) == '"') {
                value += '"';
                at_ += 2;
            } else {
                value += text_[at_++];
            }
        }
        if (value.empty()) return fail(Code::malformed, "an empty text in quotes");
        return value;
    }
    // An IPv6 address with or without the length of a prefix or a mask; nothing when there is none here.
    std::string take_ipv6() {
        constexpr std::string_view kLetters = "0123456789abcdefABCDEF:.";
        const std::string_view rest = text_.substr(at_);
        std::size_t end = std::min(rest.find_first_not_of(kLetters), rest.size());
        if (std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(end), ':') < 2) return {};
        if (end < rest.size() && rest[end] == '/') end = std::min(rest.find_first_not_of(kLetters, end + 1), rest.size());
        at_ += end;
        return std::string{rest.substr(0, end)};
    }
    std::string take_path() {
        std::string path;
        while (!at_end()) {
            if (peek() == '\\' && contains(kPathEscapes, peek(1)) && peek(1) != '\0') {
                path += peek(1);
                at_ += 2;
            } else if (peek() != '\0' && !contains(kPathEnds, peek())) {
                path += peek();
                ++at_;
            } else {
                break;
            }
        }
        return path;
    }
    // From '^' to '$', as it is written.
    Result<std::string> take_regex() {
        std::string regex;
        for (;;) {
            const char c = peek();
            if (at_end() || c == '#' || c == '\r' || c == '\n' || c == '\0') {
                return fail(Code::malformed, "a regular expression without '$' at its end");
            }
            ++at_;
            regex += c;
            if (c == '$') return regex;
            if (c == '\\' && peek() != '\0' && peek() != '\r' && peek() != '\n') {
                regex += peek();
                ++at_;
            }
        }
    }
    // What follows a command, up to what ends it; blanks in a row become one.
    Result<std::string> take_arguments() {
        std::string arguments;
        for (bool first = true;; first = false) {
            const bool blank = skip_blanks();
            if (at_end() || newline_length(at_) != 0 || contains("#:,", peek())) return arguments;
            if (peek() == '=' && ends_argument(peek(1))) return arguments;
            if (blank || first) arguments += ' ';
            if (first && peek() == '^') return arguments + WARD_TRY(take_regex());
            const std::size_t before = at_;
            while (!at_end() && !ends_argument(peek())) arguments += text_[at_++];
            if (peek() == '\\' && contains(kPatternEscapes, peek(1)) && peek(1) != '\0') {
                arguments.append(text_.substr(at_, 2));
                at_ += 2;
            } else if (peek() == '\\' && contains(kArgumentEscapes, peek(1)) && peek(1) != '\0') {
                arguments += peek(1);
                at_ += 2;
            }
            if (at_ == before) return fail(Code::malformed, "a character that no argument may hold");
        }
    }

private:
    std::size_t newline_length(std::size_t at) const {
        if (text_.substr(at).starts_with('\n')) return 1;
        return text_.substr(at).starts_with("\r\n") ? 2 : 0;
    }
    // The length of a backslash, blanks and the end of the line; zero when this is something else.
    std::size_t continuation() const {
        if (peek() != '\\') return 0;
        const std::size_t end = std::min(text_.find_first_not_of(kBlanks, at_ + 1), text_.size());
        const std::size_t newline = newline_length(end);
        return newline == 0 ? 0 : end + newline - at_;
    }
    static bool can_be_escaped(char c) { return c != '\t' && c != '\r' && c != '\n' && c != '\0'; }
    static bool ends_argument(char c) { return c == '\0' || contains("#\\:, \t\r\n", c); }
    void take_escape(std::string& word) {
        Buffer byte;
        if (peek(1) == 'x' && from_hex(text_.substr(at_).substr(2, 2), byte) && byte.size() == 1) {
            word.append(as_text(byte));
            at_ += 4;
        } else {
            word += peek(1);
            at_ += 2;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
};

class Reader {
public:
    Reader(const Request& request, Collector& out) : request_{request}, out_{out} {}

    Sudoers read() && {
        if (const Source* source = request_.find(kSudoers)) open(*source);
        while (!open_.empty()) {
            if (open_.back().scanner.at_end()) open_.pop_back();
            else read_entry();
        }
        return std::move(sudoers_);
    }

private:
    struct Open {
        Scanner scanner;
        std::size_t file;
        std::size_t depth;
    };
    // What the next command of a list takes over from the one before.
    struct Spec {
        bool names_target = false;
        List runas_users;
        List runas_groups;
        std::vector<std::string> tags = std::vector<std::string>(std::size(kTags));
        std::map<std::string, std::string> options;
    };

    void open(const Source& source, std::size_t depth = 1) {
        if (sudoers_.files.size() == kMaxFiles) {
            if (!full_) out_.gap(source.about.name, 0, Code::over_limit, fmt::format("more than {} files of sudo", kMaxFiles));
            full_ = true;
            return;
        }
        sudoers_.files.push_back(source.about.name);
        open_.push_back({Scanner{as_text(source.bytes)}, sudoers_.files.size() - 1, depth});
    }

    void read_entry() {
        // An entry that includes files opens them, which moves the scanner to another place.
        const std::size_t here = open_.size() - 1;
        line_ = open_[here].scanner.line();
        file_ = open_[here].file;
        const std::string path = sudoers_.files[file_];
        const auto refuse = [&](const Error& error) {
            out_.gap(path, line_, error.code, error.text);
            open_[here].scanner.skip_entry();
        };
        const auto included = read_include(open_[here].scanner);
        if (!included) return refuse(included.error());
        if (included->has_value()) {
            open_[here].scanner.skip_line();
            include(**included, path, open_[here].depth);
            return;
        }
        Scanner& scanner = open_[here].scanner;
        if (!scanner.at_entry_end()) {
            if (const auto read = read_statement(scanner); !read) return refuse(read.error());
            if (!scanner.at_entry_end()) return refuse({Code::malformed, "more than one entry holds"});
        }
        scanner.skip_line();
    }

    struct Include {
        std::string name;
        bool folder = false;
    };
    Result<std::optional<Include>> read_include(Scanner& scanner) {
        Include include;
        if (scanner.at_line_start() && scanner.peek() == '#') {
            Scanner ahead = scanner;
            ahead.advance(1);
            if (ahead.take(std::string_view{"includedir"})) include.folder = true;
            else if (!ahead.take(std::string_view{"include"})) return std::optional<Include>{};
            if (!contains(kBlanks, ahead.peek()) || ahead.at_end()) return std::optional<Include>{};
            scanner = ahead;
        } else {
            scanner.skip_blanks();
            const std::string_view word = scanner.peek_plain_word();
            if (word != "@include" && word != "@includedir") return std::optional<Include>{};
            include.folder = word == "@includedir";
            scanner.advance(word.size());
        }
        scanner.skip_blanks();
        if (scanner.peek() == '"') include.name = WARD_TRY(scanner.take_string());
        else include.name = scanner.take_word(" \t\r\n\v\f");
        if (include.name.empty()) return fail(Code::malformed, "includes a file without a name");
        if (!scanner.at_entry_end()) return fail(Code::malformed, "more than one name of an included file");
        return std::optional{include};
    }

    void include(const Include& include, const std::string& from, std::size_t depth) {
        if (include.name.find("%h") != std::string::npos || include.name.find_first_of("*?[") != std::string::npos) {
            out_.gap(from, line_, Code::unsupported, "the name of an included file with '%h', '*', '?' or '['");
            return;
        }
        if (depth == kMaxDepth) {
            out_.gap(from, line_, Code::over_limit, fmt::format("files that include one another more than {} deep", kMaxDepth));
            return;
        }
        std::string path = include.name.starts_with('/') ? include.name : from.substr(0, from.rfind('/') + 1) + include.name;
        if (!include.folder) {
            const Source* source = request_.find(path);
            if (source == nullptr) out_.want(std::move(path));
            else if (source->about.state == wire::SourceBytes::State::missing) {
                out_.gap(from, line_, Code::not_found, "includes a file that is not there");
            } else {
                open(*source, depth + 1);
            }
            return;
        }
        while (path.ends_with('/')) path.pop_back();
        path += '/';
        out_.want(path + "*");
        std::vector<const Source*> found;
        for (const Source& source : request_.sources) {
            const std::string_view name = source.about.name;
            if (!name.starts_with(path) || name.size() == path.size()) continue;
            const std::string_view last = name.substr(path.size());
            // Names with a dot or a '~' at the end are left aside by sudo.
            const bool folder = (source.about.mode & 0170000) == 0040000;
            if (!folder && last.find_first_of("./") == std::string_view::npos && !last.ends_with('~')) found.push_back(&source);
        }
        // The first in the order of names has to be opened last.
        std::sort(found.begin(), found.end(), [](const Source* a, const Source* b) { return a->about.name > b->about.name; });
        for (const Source* source : found) open(*source, depth + 1);
    }

    Status read_statement(Scanner& scanner) {
        const std::string_view word = scanner.peek_plain_word();
        // '@' may stand in a name, so Defaults@host looks like one.
        if (word == "Defaults" || word.starts_with("Defaults@")) {
            scanner.advance(std::string_view{"Defaults"}.size());
            return read_defaults(scanner);
        }
        constexpr std::pair<std::string_view, AliasKind> kAliases[] = {
            {"User_Alias", AliasKind::user}, {"Runas_Alias", AliasKind::runas}, {"Host_Alias", AliasKind::host},
            {"Cmnd_Alias", AliasKind::command}, {"Cmd_Alias", AliasKind::command},
        };
        for (const auto& [name, kind] : kAliases) {
            if (word != name) continue;
            scanner.advance(word.size());
            return read_aliases(scanner, kind);
        }
        return read_rules(scanner);
    }

    Status read_aliases(Scanner& scanner, AliasKind kind) {
        do {
            scanner.skip_blanks();
            std::string name{scanner.peek_plain_word()};
            if (!is_alias_name(name) || name == "ALL") return fail(Code::malformed, "an alias without a name in capitals");
            scanner.advance(name.size());
            if (!scanner.take('=')) return fail(Code::malformed, "an alias without '='");
            List list = WARD_TRY(read_list(scanner, kind));
            if (!sudoers_.aliases.try_emplace({kind, std::move(name)}, std::move(list)).second) {
                return fail(Code::malformed, "an alias that is defined already");
            }
        } while (scanner.take(':'));
        return done();
    }

    Status read_defaults(Scanner& scanner) {
        constexpr std::tuple<char, std::string_view, AliasKind> kScopes[] = {
            {':', "user:", AliasKind::user}, {'@', "host:", AliasKind::host}, {'>', "runas:", AliasKind::runas},
            {'!', "command:", AliasKind::command},
        };
        std::string scope;
        for (const auto& [letter, name, kind] : kScopes) {
            if (scanner.at_end() || scanner.peek() != letter) continue;
            scanner.advance(1);
            scope = name;
            const bool is_command = kind == AliasKind::command;
            const List list = WARD_TRY(is_command ? read_paths(scanner) : read_list(scanner, kind));
            for (const Member& member : list) {
                if (!scope.ends_with(':')) scope += ',';
                scope.append(member.negated ? "!" : "").append(member.text);
            }
            break;
        }
        do {
            Sudoers::Default entry{{}, {}, {}, scanner.take_negation(), scope, file_, line_};
            scanner.skip_blanks();
            while ((scanner.peek() >= 'a' && scanner.peek() <= 'z') || scanner.peek() == '_') {
                entry.name += scanner.peek();
                scanner.advance(1);
            }
            if (entry.name.empty()) return fail(Code::malformed, "a setting without a name");
            scanner.skip_blanks();
            for (const std::string_view operation : {"=", "+=", "-="}) {
                if (entry.operation.empty() && scanner.take(operation)) entry.operation = operation;
            }
            if (!entry.operation.empty()) {
                if (entry.negated) return fail(Code::malformed, "a setting with both '!' and a value");
                scanner.skip_blanks();
                entry.value = scanner.peek() == '"' ? WARD_TRY(scanner.take_string()) : scanner.take_word(kValueEnds);
                if (entry.value->empty()) return fail(Code::malformed, "a setting without a value");
            }
            if (++members_ > kMaxMembers) return fail(Code::over_limit, "more than {} settings and names", kMaxMembers);
            sudoers_.defaults.push_back(std::move(entry));
        } while (scanner.take(','));
        return done();
    }

    Status read_rules(Scanner& scanner) {
        const std::size_t users = sudoers_.lists.size();
        sudoers_.lists.push_back(WARD_TRY(read_list(scanner, AliasKind::user)));
        std::vector<Sudoers::Rule> rules;
        do {
            const std::size_t hosts = sudoers_.lists.size();
            sudoers_.lists.push_back(WARD_TRY(read_list(scanner, AliasKind::host)));
            if (!scanner.take('=')) return fail(Code::malformed, "a rule without '=' behind its hosts");
            Spec spec;
            do {
                Sudoers::Rule rule;
                rule.command = WARD_TRY(read_command_spec(scanner, spec));
                rule.users = users;
                rule.hosts = hosts;
                rule.names_target = spec.names_target;
                rule.runas_users = spec.runas_users;
                rule.runas_groups = spec.runas_groups;
                rule.no_password = spec.tags[kNoPassword] == kTags[kNoPassword].first;
                for (const auto& tag : spec.tags) {
                    if (!tag.empty()) rule.tags.push_back(tag);
                }
                for (const auto& [name, value] : spec.options) rule.tags.push_back(name + '=' + value);
                rule.file = file_;
                rule.line = line_;
                members_ += 1 + rule.runas_users.size() + rule.runas_groups.size();
                if (members_ > kMaxMembers) return fail(Code::over_limit, "more than {} settings and names", kMaxMembers);
                rules.push_back(std::move(rule));
            } while (scanner.take(','));
        } while (scanner.take(':'));
        // Whole, or not at all: so does sudo.
        if (!scanner.at_entry_end()) return fail(Code::malformed, "a rule with something behind its end");
        std::move(rules.begin(), rules.end(), std::back_inserter(sudoers_.rules));
        return done();
    }

    Result<Member> read_command_spec(Scanner& scanner, Spec& spec) {
        scanner.skip_blanks();
        if (scanner.take('(')) WARD_TRY(read_target(scanner, spec));
        bool tells_environment = false;
        for (;;) {
            scanner.skip_blanks();
            const std::string word{scanner.peek_plain_word()};
            Scanner ahead = scanner;
            ahead.advance(word.size());
            if (is_one_of(word, kOptions) && ahead.take('=')) {
                ahead.skip_blanks();
                std::string value = word == "CWD" || word == "CHROOT" ? ahead.take_path() : ahead.take_word();
                if (value.empty()) return fail(Code::malformed, "an option without a value");
                spec.options[word] = std::move(value);
            } else if (const auto* tag = find_tag(word); tag != nullptr && ahead.take(':')) {
                const auto place = static_cast<std::size_t>(tag - kTags);
                spec.tags[place] = word;
                tells_environment = tells_environment || place == kSetEnvironment;
            } else {
                break;
            }
            scanner = ahead;
        }
        Member command = WARD_TRY(read_command(scanner, true));
        // ALL implies SETENV, which neither counts as a tag nor goes on.
        if (command.text == "ALL" && !command.negated && !tells_environment) spec.tags[kSetEnvironment].clear();
        return command;
    }

    static const std::pair<std::string_view, std::string_view>* find_tag(std::string_view word) {
        const auto* tag = std::find_if(std::begin(kTags), std::end(kTags),
                                       [&](const auto& pair) { return pair.first == word || pair.second == word; });
        return tag == std::end(kTags) ? nullptr : tag;
    }

    // "(alice, bob : staff)"; either side may be empty.
    Status read_target(Scanner& scanner, Spec& spec) {
        spec.names_target = true;
        spec.runas_users.clear();
        spec.runas_groups.clear();
        scanner.skip_blanks();
        if (scanner.peek() != ':' && scanner.peek() != ')') spec.runas_users = WARD_TRY(read_list(scanner, AliasKind::runas));
        if (scanner.take(':')) {
            scanner.skip_blanks();
            if (scanner.peek() != ')') spec.runas_groups = WARD_TRY(read_list(scanner, AliasKind::runas));
        }
        if (!scanner.take(')')) return fail(Code::malformed, "a target without a closing bracket");
        return done();
    }

    Result<List> read_list(Scanner& scanner, AliasKind kind) {
        List list;
        do {
            if (++members_ > kMaxMembers) return fail(Code::over_limit, "more than {} settings and names", kMaxMembers);
            if (kind == AliasKind::command) {
                list.push_back(WARD_TRY(read_command(scanner, true)));
            } else {
                const bool negated = scanner.take_negation();
                Member member = WARD_TRY(read_name(scanner, kind));
                member.negated = negated;
                list.push_back(std::move(member));
            }
        } while (scanner.take(','));
        return list;
    }
    // Commands whose settings follow, so that they have no arguments.
    Result<List> read_paths(Scanner& scanner) {
        List list;
        do {
            if (++members_ > kMaxMembers) return fail(Code::over_limit, "more than {} settings and names", kMaxMembers);
            list.push_back(WARD_TRY(read_command(scanner, false)));
        } while (scanner.take(','));
        return list;
    }

    static Result<Member> read_name(Scanner& scanner, AliasKind kind) {
        scanner.skip_blanks();
        if (scanner.peek() == '"') return Member{WARD_TRY(scanner.take_string()), false, false};
        if (scanner.at_id()) return Member{scanner.take_id(), false, false};
        if (kind == AliasKind::host) {
            if (scanner.peek() == '%') return fail(Code::malformed, "a group in place of a host");
            if (std::string address = scanner.take_ipv6(); !address.empty()) return Member{std::move(address), false, false};
        }
        std::string name;
        for (const std::string_view prefix : {"%:", "%"}) {
            if (kind != AliasKind::host && name.empty() && scanner.take(prefix)) name = prefix;
        }
        const bool plain = name.empty() && !scanner.peek_plain_word().empty();
        const std::string rest = !name.empty() && scanner.at_id() ? scanner.take_id() : scanner.take_word();
        if (rest.empty() || rest == "+") return fail(Code::malformed, "a name is missing");
        return member_of(name + rest, plain);
    }

    static Result<Member> read_command(Scanner& scanner, bool with_arguments) {
        WARD_TRY(skip_digests(scanner));
        const bool negated = scanner.take_negation();
        scanner.skip_blanks();
        Member command;
        bool takes_arguments = with_arguments;
        if (scanner.peek() == '/') {
            command.text = scanner.take_path();
            if (command.text.size() == 1) return fail(Code::malformed, "a command that is nothing but '/'");
            if (command.text.ends_with('/')) takes_arguments = false;  // all of a folder
        } else if (scanner.peek() == '^') {
            command.text = WARD_TRY(scanner.take_regex());
        } else {
            const std::string word{scanner.peek_plain_word()};
            scanner.advance(word.size());
            command = member_of(word, true);
            const bool known = word == "sudoedit" || word == "list";
            if (!known && word != "ALL" && !command.may_be_alias) return fail(Code::malformed, "a command that is no path");
            takes_arguments = takes_arguments && known;
        }
        if (takes_arguments) command.text += WARD_TRY(scanner.take_arguments());
        command.negated = negated;
        return command;
    }

    // "sha256:..., sha512:..." before a command: only a file with one of these hashes may run.
    static Status skip_digests(Scanner& scanner) {
        for (bool first = true;; first = false) {
            Scanner ahead = scanner;
            if (!first && !ahead.take(',')) return done();
            ahead.skip_blanks();
            const std::string_view word = ahead.peek_plain_word();
            if (!is_one_of(word, kDigests)) return done();
            ahead.advance(word.size());
            if (!ahead.take(':')) return fail(Code::malformed, "a hash without ':'");
            ahead.skip_blanks();
            if (ahead.take_word("#!:, \t\r\n\\\"").empty()) return fail(Code::malformed, "an empty hash");
            scanner = ahead;
        }
    }

    const Request& request_;
    Collector& out_;
    Sudoers sudoers_;
    std::vector<Open> open_;
    std::size_t file_ = 0;      // of the entry that is being read
    std::uint64_t line_ = 0;    // where it begins
    std::size_t members_ = 0;
    bool full_ = false;
};

}  // namespace

Sudoers read_sudoers(const Request& request, Collector& out) { return Reader{request, out}.read(); }

}  // namespace ward::facts
