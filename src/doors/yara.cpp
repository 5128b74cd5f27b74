// SPDX-License-Identifier: Apache-2.0
#include "doors/yara.h"

#include "core/text.h"
#include "doors/settings.h"
#include "doors/yara_text.h"
#include "gate/cells.h"
#include "host/descriptor.h"
#include "host/state.h"
#include "walks/rules.h"
#include "walks/scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <thread>

namespace ward::doors {

namespace {

// yara has no others, whatever was found.
constexpr int kDone = 0;
constexpr int kFailed = 1;

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kMaxThreads = 32;
constexpr std::size_t kMaxFedModules = 8;       // each takes a descriptor of every cell
constexpr std::int64_t kNoTimeout = 1'000'000;  // seconds, as yara
constexpr const char* kLanguage = "4.5.4";      // whose command and language this is

constexpr Option kOptions[] = {
    {"atom-quality-table", 0, "FILE", "taken and not used: patterns are chosen otherwise here"},
    {"compiled-rules", 'C', nullptr, "RULES is a database that `ward rules build` wrote"},
    {"count", 'c', nullptr, "print the number of matching rules only"},
    {"define", 'd', "VAR=VALUE", "define an external variable", true},
    {"disable-console-logs", 'q', nullptr, "print nothing of what rules log"},
    {"fail-on-warnings", 0, nullptr, "a warning about a rule is a failure"},
    {"fast-scan", 'f', nullptr, "of a string whose places no condition asks about, the first one is enough"},
    {"help", 'h', nullptr, "this text"},
    {"identifier", 'i', "IDENTIFIER", "print rules of this name only", true},
    {"max-process-memory-chunk", 0, "NUMBER", "taken and not used: memory is read in pieces of 64 MiB"},
    {"max-rules", 'l', "NUMBER", "stop after this many matching rules"},
    {"max-strings-per-rule", 0, "NUMBER", "taken and not used: a rule has 10000 strings at most"},
    {"module-data", 'x', "MODULE=FILE", "give the module what the file holds", true},
    {"module-names", 'M', nullptr, "print the names of the modules that rules may import"},
    {"negate", 'n', nullptr, "print the rules that do not match"},
    {"no-follow-symlinks", 'N', nullptr, "leave symbolic links in folders alone"},
    {"no-warnings", 'w', nullptr, "print no warnings"},
    {"print-meta", 'm', nullptr, "print the meta values of rules"},
    {"print-module-data", 'D', nullptr, "print all that the modules know of the file"},
    {"print-namespace", 'e', nullptr, "print the namespaces of rules"},
    {"print-string-length", 'L', nullptr, "print the lengths of what strings matched"},
    {"print-stats", 'S', nullptr, "print how large the rules are"},
    {"print-strings", 's', nullptr, "print where strings matched, and what"},
    {"print-tags", 'g', nullptr, "print the tags of rules"},
    {"print-xor-key", 'X', nullptr, "print the keys of xor strings, and what they hid"},
    {"recursive", 'r', nullptr, "also the folders in a folder"},
    {"scan-list", 0, nullptr, "FILE names what to scan, a file or folder a line"},
    {"skip-larger", 'z', "NUMBER", "leave out files of so many bytes in folders"},
    {"stack-size", 'k', "SLOTS", "taken and not used: conditions are evaluated without such a stack"},
    {"state", 0, "DIR", "where compiled rules are kept (/var/lib/ward for root, else $XDG_STATE_HOME/ward); not of yara"},
    {"strict-escape", 'E', nullptr, "warn of escapes in regular expressions that mean nothing"},
    {"tag", 't', "TAG", "print rules with this tag only", true},
    {"threads", 'p', "NUMBER", "scan with so many threads, 32 at most (one for each processor)"},
    {"timeout", 'a', "SECONDS", "stop after so many seconds"},
    {"version", 'v', nullptr, "the version of yara that this stands in for"},
};

void say(std::string_view line) {
    // One write a line, so that lines of several threads do not mix.
    const std::string whole = escape_for_terminal(line) + '\n';
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

Result<std::int64_t> number_of(const Arguments& arguments, const Option& option, std::int64_t other) {
    const auto given = arguments.text(option.name);
    if (!given) return other;
    if (const auto value = parse_signed(*given)) return *value;
    return fail(Code::malformed, "option `--{}` requires an integer argument", option.name);
}

// A rule file may carry its namespace: "ns:a.yar", unless there is a file of the whole name.
void add_source(const std::string& word, walks::RuleSources& sources) {
    const std::size_t colon = ::access(word.c_str(), F_OK) == 0 ? std::string::npos : word.find(':');
    if (colon == std::string::npos) {
        sources.paths.push_back(word);
        sources.rulesets.emplace_back();
    } else {
        sources.paths.push_back(word.substr(colon + 1));
        sources.rulesets.push_back(word.substr(0, colon));
    }
}

bool is_folder(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// What was asked for, beside rules and target.
struct Wish {
    YaraLines lines;
    bool count = false;
    bool negate = false;
    bool warnings = true;
    bool fail_on_warnings = false;
    std::int64_t max_rules = 0;
    std::int64_t timeout = kNoTimeout;
    std::int64_t skip_larger = 0;
    std::int64_t threads = 0;
    std::vector<std::string> tags;
    std::vector<std::string> names;
};

Result<Wish> wish_of(const Arguments& arguments) {
    Wish wish;
    wish.lines.tags = arguments.has("print-tags");
    wish.lines.meta = arguments.has("print-meta");
    wish.lines.ruleset = arguments.has("print-namespace");
    wish.lines.strings = arguments.has("print-strings");
    wish.lines.lengths = arguments.has("print-string-length");
    wish.lines.xor_keys = arguments.has("print-xor-key");
    wish.lines.terminal = ::isatty(STDOUT_FILENO) == 1;
    wish.count = arguments.has("count");
    wish.negate = arguments.has("negate");
    wish.warnings = !arguments.has("no-warnings");
    wish.fail_on_warnings = arguments.has("fail-on-warnings");
    wish.tags = arguments.all("tag");
    wish.names = arguments.all("identifier");
    for (const auto& option : kOptions) {
        const std::string_view kind = option.value == nullptr ? "" : option.value;
        if (kind != "NUMBER" && kind != "SLOTS" && kind != "SECONDS") continue;
        const std::int64_t value = WARD_TRY(number_of(arguments, option, 0));
        const std::string_view name = option.name;
        if (!arguments.has(name)) continue;
        if (name == "max-rules") wish.max_rules = value;
        if (name == "timeout") wish.timeout = std::clamp<std::int64_t>(value, 0, kNoTimeout);
        if (name == "skip-larger") wish.skip_larger = value;
        if (name == "threads") wish.threads = value;
    }
    if (wish.threads > kMaxThreads) return fail(Code::malformed, "maximum number of threads is {}", kMaxThreads);
    if (wish.threads <= 0) wish.threads = std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
    return wish;
}

// Prints answers as they come, one call at a time.
class Printer {
public:
    Printer(const Wish& wish, bool many, bool process, Clock::time_point stop_at) : wish_{wish}, many_{many}, process_{process}, stop_at_{stop_at} {}

    void verdict(const Object& object, const Verdict& verdict) {
        std::string out = wish_.lines.module_data(verdict.module_data);
        for (const auto& line : verdict.console) out += wish_.lines.as_it_is(line) + '\n';
        std::uint64_t satisfied = 0;
        for (const auto& match : verdict.matches) {
            if (shown(match) && !wish_.count) out += wish_.lines.rule(match, object.path);
            if (match.satisfied) {
                ++satisfied;
                ++total_;
            }
            if (wish_.max_rules != 0 && total_ >= wish_.max_rules) break;
        }
        if (wish_.count && (many_ || verdict.gaps.empty())) out += count_line(object.path, satisfied);
        print(out);
        for (const auto& warning : verdict.warnings) {
            if (wish_.warnings) say("warning: " + warning);
            if (wish_.fail_on_warnings) all_read_ = false;
        }
        for (const auto& gap : verdict.gaps) unread(object.path, late(gap) ? "scanning timed out" : gap.why);
    }

    // Of the walk: what could not be opened, or was left out.
    void gap(const Gap& gap) {
        if (gap.code == Code::over_limit) {
            // The walk names an option of `ward scan` in brackets.
            say(fmt::format("skipping {}: {}", gap.where.path, gap.why.substr(0, gap.why.find(" ("))));
            return;
        }
        if (wish_.count && many_ && !is_folder(gap.where.path)) print(count_line(gap.where.path, 0));
        unread(gap.where.path, process_                             ? "can not attach to process (try running as root)"
                               : gap.code == Code::unsupported ? gap.why
                                                               : "could not open file");
    }

    bool all_read() const { return all_read_; }

private:
    bool shown(const Match& match) const {
        const auto has = [](const std::vector<std::string>& list, const std::string& item) { return std::find(list.begin(), list.end(), item) != list.end(); };
        if (match.satisfied == wish_.negate) return false;
        // Names win over tags where both are given.
        if (!wish_.names.empty()) return has(wish_.names, match.rule);
        if (wish_.tags.empty()) return true;
        return std::any_of(match.tags.begin(), match.tags.end(), [&](const std::string& tag) { return has(wish_.tags, tag); });
    }

    std::string count_line(std::string_view path, std::uint64_t count) const {
        return many_ ? fmt::format("{}: {}\n", wish_.lines.as_it_is(path), count) : fmt::format("{}\n", count);
    }

    // Whoever reads this knows yara's words for it.
    bool late(const Gap& gap) const { return gap.code == Code::over_limit && Clock::now() >= stop_at_; }

    void unread(std::string_view path, std::string_view why) {
        all_read_ = false;
        say(fmt::format("error scanning {}: {}", path, why));
    }

    static void print(std::string_view text) {
        if (text.empty()) return;
        // Before anything on standard error, so that both read in order where they go to the same place.
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }

    const Wish& wish_;
    bool many_;
    bool process_;
    Clock::time_point stop_at_;
    std::int64_t total_ = 0;
    bool all_read_ = true;
};

Result<std::vector<std::string>> lines_of(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "re");
    if (file == nullptr) return fail(Code::not_found, "could not open file \"{}\".", path);
    std::vector<std::string> lines;
    char* line = nullptr;
    std::size_t room = 0;
    for (ssize_t size = ::getline(&line, &room, file); size >= 0; size = ::getline(&line, &room, file)) {
        std::string text{line, static_cast<std::size_t>(size)};
        if (text.ends_with('\n')) text.pop_back();
        lines.push_back(std::move(text));
    }
    std::free(line);
    std::fclose(file);
    return lines;
}

// Says what is wrong with the rules; true when that is reason enough to end.
bool faulty(const std::vector<wire::Diagnostic>& diagnostics, const Wish& wish) {
    bool any_error = false;
    bool any_warning = false;
    for (const auto& diagnostic : diagnostics) {
        any_error = any_error || diagnostic.error;
        if (!diagnostic.error && !wish.warnings) continue;
        any_warning = any_warning || !diagnostic.error;
        const std::string text = yara_message(diagnostic);
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
    return any_error || (any_warning && wish.fail_on_warnings);
}

Result<walks::RuleSet> rules_of(const Arguments& arguments, const Wish& wish, const wire::Externals& externals) {
    const auto& words = arguments.operands();
    if (arguments.has("compiled-rules") && words.size() != 2) {
        return fail(Code::malformed, "can't accept multiple rules files if one of them is in compiled form.");
    }
    walks::RuleSources sources;
    sources.as_yara = true;
    sources.strict_escapes = arguments.has("strict-escape");
    sources.compiled = arguments.has("compiled-rules");
    sources.externals = externals;
    sources.state = host::state_folder(arguments.text("state")).value_or("");
    for (std::size_t i = 0; i + 1 < words.size(); ++i) add_source(words[i], sources);
    for (const auto& path : sources.paths) {
        if (is_folder(path)) return fail(Code::unsupported, "{} is a folder, not a file of rules", path);
    }
    std::vector<wire::Diagnostic> faults;
    auto rules = walks::load_rules(sources, &faults);
    if (!rules && !faults.empty()) {
        static_cast<void>(faulty(faults, wish));
        return fail(Code::malformed, "");
    }
    if (rules && faulty(rules->diagnostics, wish)) return fail(Code::malformed, "");
    return rules;
}

// What modules get beside the file.
struct Fed {
    std::vector<std::string> modules;
    std::vector<host::Descriptor> files;
};

Result<Fed> fed_of(const Arguments& arguments) {
    Fed fed;
    for (const auto& word : arguments.all("module-data")) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) return fail(Code::malformed, "wrong syntax for `-x` option.");
        const std::string path = word.substr(equals + 1);
        host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
        struct stat info {};
        if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return fail(Code::not_found, "could not open file \"{}\".", path);
        if (fed.modules.size() >= kMaxFedModules) return fail(Code::over_limit, "no more than {} modules can be given data", kMaxFedModules);
        fed.modules.push_back(word.substr(0, equals));
        fed.files.push_back(std::move(file));
    }
    return fed;
}

Status print_module_names() {
    const host::Descriptor memory{::memfd_create("ward-rules", MFD_CLOEXEC)};
    if (!memory) return fail(Code::io, "no memory for a database");
    static_cast<void>(WARD_TRY(gate::compile({}, [](const std::string& name) -> Result<std::string> { return fail(Code::denied, "{}", name); }, memory.get())));
    const auto about = WARD_TRY(gate::inspect(memory.get()));
    for (const auto& name : about.modules) fmt::print("{}\n", escape_for_terminal(name));
    return done();
}

Status print_stats(int database) {
    const auto about = WARD_TRY(gate::inspect(database));
    fmt::print("{:<35}: {}\n", "size of the database", about.bytes);
    for (const auto& [name, bytes] : about.sections) fmt::print("{:<35}: {}\n", "  " + escape_for_terminal(name), bytes);
    fmt::print("{:<35}: {}\n{:<35}: {}\n", "number of rules", about.rules, "number of different strings", about.patterns);
    return done();
}

// Of the error, when it says something that was not said before.
int failed(const Error& error) {
    if (!error.text.empty()) say("error: " + error.text);
    return kFailed;
}

int scan(const Arguments& arguments) {
    const auto wish = wish_of(arguments);
    if (!wish) return failed(wish.error());
    if (arguments.operands().size() < 2) {
        say("yara: wrong number of arguments");
        say("Usage: yara [OPTION]... [NAMESPACE:]RULES_FILE... FILE | DIR");
        say("Try `--help` for more options");
        return kFailed;
    }
    const auto externals = externals_of(arguments);
    if (!externals) return failed(externals.error());
    const auto fed = fed_of(arguments);
    if (!fed) return failed(fed.error());
    const auto start = Clock::now();
    const auto rules = rules_of(arguments, *wish, *externals);
    if (!rules) return failed(rules.error());
    if (arguments.has("print-stats")) {
        if (auto printed = print_stats(rules->database.get()); !printed) return failed(printed.error());
    }

    const std::string& target = arguments.operands().back();
    const bool listed = arguments.has("scan-list");
    const bool folder = is_folder(target);
    if (listed && folder) return failed(fail(Code::malformed, "cannot use a directory as scan list."));
    walks::ScanRequest request;
    request.walk.roots = {target};
    if (listed) {
        auto lines = lines_of(target);
        if (!lines) return failed(lines.error());
        request.walk.roots = std::move(*lines);
    }
    // A number is a process where no file has that name.
    const auto process = listed || ::access(target.c_str(), F_OK) == 0 ? std::nullopt : parse_unsigned(target);
    if (process) {
        request.walk.roots.clear();
        request.processes.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(*process, UINT32_MAX)));
    }
    request.walk.as_written = true;
    request.walk.cross_file_systems = true;
    request.walk.below = arguments.has("recursive");
    request.walk.follow_links = !arguments.has("no-follow-symlinks");
    if (wish->skip_larger > 1 && (folder || listed)) request.walk.max_bytes = static_cast<std::uint64_t>(wish->skip_larger) - 1;
    request.threads = folder || listed ? static_cast<unsigned>(wish->threads) : 1;
    request.database = rules->database.get();
    request.externals = *externals;
    request.limits.max_time = std::chrono::seconds{wish->timeout};
    request.stop_at = start + request.limits.max_time;
    request.manner.members = false;
    request.manner.file_names = false;
    request.manner.unsatisfied = wish->negate && !wish->count;
    request.manner.meta = wish->lines.meta;
    request.manner.all_hits = !wish->count && (wish->lines.strings || wish->lines.lengths || wish->lines.xor_keys);
    if (wish->lines.strings || wish->lines.xor_keys) request.manner.data_bytes = kYaraDataBytes;
    request.manner.module_data = arguments.has("print-module-data");
    request.manner.once = arguments.has("fast-scan");
    request.manner.warnings = wish->warnings;
    request.manner.console = !arguments.has("disable-console-logs");
    request.manner.fed_modules = fed->modules;
    for (const auto& file : fed->files) request.fed.push_back(file.get());
    Printer printer{*wish, folder || listed, process.has_value(), *request.stop_at};
    request.on_verdict = [&](const Object& object, Verdict verdict) { printer.verdict(object, verdict); };
    request.on_gap = [&](const Gap& gap) { printer.gap(gap); };
    walks::ScanProgress progress;
    const auto outcome = walks::scan(std::move(request), progress);
    if (!outcome) return failed(outcome.error());
    if (outcome->out_of_time) say("scanning timed out: not all files were scanned");
    // In a folder yara goes on, says what it could not read, and ends well.
    return folder || listed || printer.all_read() ? kDone : kFailed;
}

int run_yara(std::span<const std::string> words) {
    const auto arguments = Arguments::parse(kYaraVerb, words);
    if (!arguments) return failed(arguments.error());
    if (arguments->has("version")) {
        std::puts(kLanguage);
        return kDone;
    }
    if (arguments->has("help")) {
        std::fputs(help_text(kYaraVerb).c_str(), stdout);
        return kDone;
    }
    if (arguments->has("module-names")) {
        const auto printed = print_module_names();
        return printed ? kDone : failed(printed.error());
    }
    return scan(*arguments);
}

}  // namespace

const Verb kYaraVerb{
    "yara", "[NAMESPACE:]RULES... TARGET", "the yara command: its options, its output, its exit codes",
    "  ward yara rules.yar suspicious.exe       the rules that match a file\n"
    "  ward yara -s -g rules.yar suspicious.exe with what matched where, and the rules' tags\n"
    "  ward yara -r rules.yar /srv              all files below a folder\n"
    "  ward yara rules.yar 4711                 the memory of the process with this number, where no file is named so\n"
    "  ward yara a:one.yar b:two.yar FILE       two files of rules, each in its own namespace",
    "Also when it is called by the name `yara` through a link. It ends with 0 whatever was found, and with 1 when rules are\n"
    "faulty or the one file or process named could not be scanned. A file is looked at as it is;\n"
    "`ward scan` opens archives too.",
    kOptions, false, nullptr, run_yara};

}  // namespace ward::doors
