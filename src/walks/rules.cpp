// SPDX-License-Identifier: Apache-2.0
#include "walks/rules.h"

#include "core/cursor.h"
#include "core/errno_text.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/text.h"
#include "core/version.h"
#include "gate/cells.h"
#include "gate/process.h"
#include "host/share.h"
#include "host/system_error.h"
#include "model/rule_database.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>

namespace ward::walks {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSourceBytes = 256 * kMiB;   // of one file; the largest public collection has 30 MiB in all
constexpr std::size_t kMaxSourceFiles = 200'000;
constexpr std::string_view kEndings[] = {".yar", ".yara", ".rules"};

Result<std::string> read_descriptor(int descriptor, const std::string& name, std::uint64_t max_bytes) {
    struct stat info {};
    if (::fstat(descriptor, &info) != 0) return host::system_fail(errno, name);
    if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) return fail(Code::unsupported, "{} is no file", name);
    std::string text;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return host::system_fail(errno, name + " cannot be read");
        if (count == 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
        if (text.size() > max_bytes) return fail(Code::over_limit, "{} has more than {}", name, human_bytes(max_bytes));
    }
}

Result<host::Descriptor> open_file(const std::string& path) {
    host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (!file) return host::system_fail(errno, path + " cannot be opened");
    // Opening must not wait for a writer that never comes; reading waits for the one that is there: `--rules <(command)`.
    if (::fcntl(file.get(), F_SETFL, 0) != 0) return host::system_fail(errno, path + " cannot be opened");
    return file;
}

// Twelve bytes say whether the rest goes to the compiler or to the matcher. Both read it in a cell. Nothing for what is no
// database, else its version.
std::optional<std::uint32_t> database_version(int descriptor) {
    std::uint8_t start[kDatabaseMagic.size() + 4];
    if (::pread(descriptor, start, sizeof start, 0) != static_cast<ssize_t>(sizeof start)) return std::nullopt;
    if (as_text(Bytes{start, kDatabaseMagic.size()}) != kDatabaseMagic) return std::nullopt;
    return u32le_at(Bytes{start, sizeof start}, kDatabaseMagic.size()).value();
}

// The digest that the database's header tells. That the rest agrees with it is for `ward rules info` to check: reading a
// hundred megabytes before the first verdict is not.
Result<std::string> digest_of(int descriptor) {
    std::uint8_t header[kDatabaseHeaderBytes];
    const ssize_t count = ::pread(descriptor, header, sizeof header, 0);
    if (count < 0) return host::system_fail(errno, "the rule database cannot be read");
    if (count != static_cast<ssize_t>(sizeof header)) return fail(Code::truncated, "the rule database is cut off in its header");
    return to_hex(Bytes{header, sizeof header}.subspan(kDatabaseDigestOffset));
}

Result<wire::CompileRequest> read_sources(const RuleSources& sources) {
    wire::CompileRequest request;
    request.externals = sources.externals;
    request.strict_escapes = sources.strict_escapes;
    for (std::size_t i = 0; i < sources.paths.size(); ++i) {
        const std::string& source = sources.paths[i];
        const std::string ruleset = i < sources.rulesets.size() ? sources.rulesets[i] : std::string{};
        if (sources.as_yara && source == "-") {
            request.sources.push_back({source, WARD_TRY(read_descriptor(STDIN_FILENO, source, kMaxSourceBytes)), ruleset});
            continue;
        }
        for (const auto& path : WARD_TRY(rule_files(source))) {
            const auto file = WARD_TRY(open_file(path));
            request.sources.push_back({path, WARD_TRY(read_descriptor(file.get(), path, kMaxSourceBytes)), ruleset});
        }
    }
    return request;
}

// A file that the sources include, as it was when they were compiled.
struct Included {
    std::string name;
    std::string digest;  // empty when it could not be read
};

// Includes are answered below the folders of the sources only; openat2 keeps links from leading out.
gate::IncludeReader include_reader(const RuleSources& sources, std::vector<Included>& asked) {
    std::vector<std::string> roots;
    for (const auto& source : sources.paths) {
        std::error_code error;
        const fs::path path = fs::absolute(source, error).lexically_normal();
        roots.push_back((fs::is_directory(path, error) ? path : path.parent_path()).string());
    }
    const auto read = [roots](const std::string& name) -> Result<std::string> {
        std::error_code error;
        const std::string path = fs::absolute(name, error).lexically_normal().string();
        for (const auto& root : roots) {
            const std::string prefix = root.ends_with('/') ? root : root + "/";
            if (!path.starts_with(prefix)) continue;
            const host::Descriptor folder{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
            if (!folder) return host::system_fail(errno, root + " cannot be opened");
            open_how how{};
            how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
            how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
            const host::Descriptor file{static_cast<int>(
                ::syscall(SYS_openat2, folder.get(), path.c_str() + prefix.size(), &how, sizeof how))};
            if (!file) return host::system_fail(errno, name + " cannot be opened");
            return read_descriptor(file.get(), name, kMaxSourceBytes);
        }
        return fail(Code::denied, "{} lies outside the folders of the rules that were named", name);
    };
    return [read, &asked](const std::string& name) {
        auto text = read(name);
        asked.push_back({name, text ? sha256_hex(as_bytes(*text)) : std::string{}});
        return text;
    };
}

std::string key_of(const wire::CompileRequest& request) {
    Buffer bytes;
    Encoder out{bytes};
    out.text(kVersion);
    out.u32(kDatabaseVersion);
    // Another program that compiles may say something else of the same sources.
    struct stat program {};
    if (::stat(gate::cell_program_path(gate::Program::cell).c_str(), &program) == 0) {
        out.i64(program.st_size);
        out.i64(program.st_mtim.tv_sec);
        out.i64(program.st_mtim.tv_nsec);
    }
    wire::encode(request, out);
    return sha256_hex(bytes);
}

Result<host::Descriptor> unnamed_file() {
    host::Descriptor file{::memfd_create("ward-rules", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file) return host::system_fail(errno, "no memory for the compiled rules");
    return file;
}

// The descriptor can write, and every scan cell gets it: none may change the rules of the others. The cell that compiled is
// gone by now, and what it had mapped with it.
Status seal(int database) {
    if (::fcntl(database, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) return done();
    return host::system_fail(errno, "the compiled rules cannot be sealed");
}

// Which database it is; the digest as its header tells it.
struct Identity {
    std::string digest;
    std::uint64_t bytes = 0;
    bool operator==(const Identity&) const = default;
};

Result<Identity> identity_of(int database) {
    struct stat info {};
    if (::fstat(database, &info) != 0) return host::system_fail(errno, "the rule database cannot be read");
    return Identity{WARD_TRY(digest_of(database)), static_cast<std::uint64_t>(info.st_size)};
}

// What a compilation said, and what it had read beside its sources: kept next to the database. The two files are renamed one
// after the other, by any number of processes, so it tells to which database it belongs.
struct Memory {
    Identity database;
    wire::CompileAnswer answer;
    std::vector<Included> included;
};
constexpr std::uint64_t kMaxMemoryBytes = 256 * kMiB;
constexpr const char* kMemoryEnding = ".answer";

Buffer encode(const Memory& memory) {
    Buffer bytes;
    Encoder out{bytes};
    out.text(memory.database.digest);
    out.u64(memory.database.bytes);
    wire::encode(memory.answer, out);
    out.u32(static_cast<std::uint32_t>(memory.included.size()));
    for (const auto& file : memory.included) {
        out.text(file.name);
        out.text(file.digest);
    }
    return bytes;
}
Result<Memory> decode_memory(Bytes bytes) {
    Decoder in{bytes};
    Memory memory;
    memory.database.digest = WARD_TRY(in.text());
    memory.database.bytes = WARD_TRY(in.u64());
    memory.answer = WARD_TRY(wire::decode_compile_answer(in));
    const std::uint32_t count = WARD_TRY(in.count(8));
    for (std::uint32_t i = 0; i < count; ++i) {
        Included file;
        file.name = WARD_TRY(in.text());
        file.digest = WARD_TRY(in.text());
        memory.included.push_back(std::move(file));
    }
    WARD_TRY(in.end());
    return memory;
}

// Only what this user wrote, and what no one else could have changed, is taken for ours.
host::Descriptor open_own(const std::string& path) {
    host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0 || info.st_uid != ::geteuid() || (info.st_mode & 022) != 0) return {};
    return file;
}

struct Recalled {
    host::Descriptor database;
    wire::CompileAnswer answer;
};

// What was kept, unless an included file is another one by now, or the two files do not belong together.
std::optional<Recalled> recall(const std::string& path, const gate::IncludeReader& read_include, std::vector<Included>& asked) {
    Recalled kept;
    kept.database = open_own(path);
    const auto notes = open_own(path + kMemoryEnding);
    if (!kept.database || !notes || database_version(kept.database.get()) != kDatabaseVersion) return std::nullopt;
    const auto bytes = read_descriptor(notes.get(), path, kMaxMemoryBytes);
    if (!bytes) return std::nullopt;
    auto memory = decode_memory(as_bytes(*bytes));
    if (!memory) return std::nullopt;
    const auto database = identity_of(kept.database.get());
    if (!database || *database != memory->database) return std::nullopt;
    for (const auto& file : memory->included) {
        static_cast<void>(read_include(file.name));
        if (asked.back().digest != file.digest) return std::nullopt;
    }
    kept.answer = std::move(memory->answer);
    return kept;
}

// Beside its final name first, so that a cut leaves no half file. A cache that cannot be written is no fault.
void keep_file(const std::string& path, const std::function<bool(int)>& write) {
    const std::string temporary = fmt::format("{}.{}", path, ::getpid());
    const host::Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return;
    if (!write(file.get()) || ::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) ::unlink(temporary.c_str());
}

void keep(int database, const Buffer& memory, const std::string& path) {
    std::error_code error;
    fs::create_directories(fs::path{path}.parent_path(), error);
    keep_file(path, [database](int file) {
        struct stat info {};
        bool whole = ::fstat(database, &info) == 0;
        off_t offset = 0;
        while (whole && offset < info.st_size) {
            const ssize_t count = ::copy_file_range(database, &offset, file, nullptr, static_cast<std::size_t>(info.st_size - offset), 0);
            if (count > 0) continue;
            // Across file systems older kernels want a plain copy.
            char buffer[64 * 1024];
            const ssize_t got = ::pread(database, buffer, sizeof buffer, offset);
            whole = got > 0 && ::write(file, buffer, static_cast<std::size_t>(got)) == got;
            offset += got;
        }
        return whole;
    });
    keep_file(path + kMemoryEnding, [&memory](int file) {
        std::size_t put = 0;
        while (put < memory.size()) {
            const ssize_t count = ::write(file, memory.data() + put, memory.size() - put);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return false;
            put += static_cast<std::size_t>(count);
        }
        return true;
    });
}

void note_left_out(RuleSet& set) {
    for (const auto& diagnostic : set.diagnostics) {
        if (!diagnostic.error) continue;
        set.gaps.push_back(Gap{Where{diagnostic.file, diagnostic.line, {}}, Code::malformed,
                               diagnostic.rule.empty() ? "rules were left out: " + diagnostic.text
                                                       : fmt::format("rule {} was left out: {}", diagnostic.rule, diagnostic.text)});
    }
}

}  // namespace

Result<std::vector<std::string>> rule_files(const std::string& source) {
    std::error_code error;
    const auto status = fs::status(source, error);
    if (!fs::exists(status)) return fail(Code::not_found, "{}: {}", source, error ? errno_text(error.value()) : "no such file or directory");
    if (!fs::is_directory(status)) return std::vector<std::string>{source};
    std::vector<std::string> files;
    fs::recursive_directory_iterator at{source, fs::directory_options::none, error};
    for (; !error && at != fs::recursive_directory_iterator{}; at.increment(error)) {
        const std::string ending = to_lower_ascii(at->path().extension().string());
        if (std::find(std::begin(kEndings), std::end(kEndings), ending) == std::end(kEndings)) continue;
        std::error_code ignored;
        if (!at->is_regular_file(ignored)) continue;
        files.push_back(at->path().string());
        if (files.size() > kMaxSourceFiles) return fail(Code::over_limit, "{} holds more than {} rule files", source, kMaxSourceFiles);
    }
    if (error) return fail(host::code_of_errno(error.value()), "{} cannot be read: {}", source, errno_text(error.value()));
    if (files.empty()) return fail(Code::not_found, "{} holds no file that ends in .yar, .yara or .rules", source);
    std::sort(files.begin(), files.end());
    return files;
}

Result<wire::CompileAnswer> compile_rules(const RuleSources& sources, int database) {
    std::vector<Included> asked;
    return gate::compile(WARD_TRY(read_sources(sources)), include_reader(sources, asked), database);
}

Result<RuleSet> load_rules(const RuleSources& sources, std::vector<wire::Diagnostic>* faults) {
    RuleSet set;
    if (sources.paths.size() <= 1) {
        const std::string path = sources.paths.empty() ? host::share_folder() + "/rules.warddb" : sources.paths.front();
        std::error_code ignored;
        const bool standard_input = sources.as_yara && path == "-";
        if (sources.paths.empty() || !(standard_input || fs::is_directory(path, ignored))) {
            auto file = WARD_TRY(open_file(path));
            const auto version = database_version(file.get());
            const std::string_view remedy = sources.paths.empty() ? "install Ward again" : "build it again from its sources with `ward rules build`";
            if (version && *version != kDatabaseVersion) {
                return fail(Code::unsupported, "{} is a rule database of version {}, this program reads version {}; {}", path, *version, kDatabaseVersion, remedy);
            }
            if (version) {
                set.id = WARD_TRY(digest_of(file.get()));
                set.database = std::move(file);
                return set;
            }
            if (sources.paths.empty() || sources.compiled) return fail(Code::malformed, "{} is no rule database; {}", path, remedy);
        }
    }
    for (const auto& source : sources.paths) {
        std::error_code ignored;
        if (fs::is_directory(source, ignored) || (sources.as_yara && source == "-")) continue;
        if (database_version(WARD_TRY(open_file(source)).get())) {
            return fail(Code::unsupported, "{} is a compiled database, which stands alone; build one of all sources with `ward rules build`", source);
        }
    }
    const auto request = WARD_TRY(read_sources(sources));
    const std::string cached = sources.state.empty() ? std::string{} : fmt::format("{}/cache/{}.warddb", sources.state, key_of(request));
    std::vector<Included> asked;
    const auto read_include = include_reader(sources, asked);
    auto kept = cached.empty() ? std::nullopt : recall(cached, read_include, asked);
    wire::CompileAnswer answer;
    if (kept) {
        set.database = std::move(kept->database);
        answer = std::move(kept->answer);
    } else {
        asked.clear();
        set.database = WARD_TRY(unnamed_file());
        answer = WARD_TRY(gate::compile(request, read_include, set.database.get()));
        WARD_TRY(seal(set.database.get()));
        if (!cached.empty() && answer.rules > 0) {
            keep(set.database.get(), encode(Memory{WARD_TRY(identity_of(set.database.get())), answer, asked}), cached);
        }
    }
    set.diagnostics = std::move(answer.diagnostics);
    set.rules = answer.rules;
    set.left_out = answer.left_out;
    const auto is_error = [](const auto& diagnostic) { return diagnostic.error; };
    if (sources.as_yara ? std::any_of(set.diagnostics.begin(), set.diagnostics.end(), is_error) : answer.rules == 0) {
        const auto first = std::find_if(set.diagnostics.begin(), set.diagnostics.end(), is_error);
        const std::string why = first == set.diagnostics.end() ? "the sources hold none" : first->text;
        if (faults != nullptr) *faults = std::move(set.diagnostics);
        return fail(Code::malformed, "{}: {}", sources.as_yara ? "a rule is faulty" : "no rule is left", why);
    }
    note_left_out(set);
    set.id = WARD_TRY(digest_of(set.database.get()));
    return set;
}

std::string render(const wire::Diagnostic& diagnostic) {
    std::string out = escape_for_terminal(diagnostic.file);
    if (diagnostic.line != 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
    out += fmt::format(": {}: {}\n", diagnostic.error ? "error" : "warning", escape_for_terminal(diagnostic.text));
    if (diagnostic.line == 0 || diagnostic.column == 0) return out;
    // Tabs would put the caret elsewhere than the fault.
    const auto shown = [](std::string_view text) {
        std::string flat;
        for (const char c : text) flat += c == '\t' ? ' ' : c;
        return escape_for_terminal(flat);
    };
    const std::string_view line = diagnostic.source_line;
    const std::size_t start = std::min<std::size_t>(diagnostic.column - 1, line.size());
    const std::string fault = shown(line.substr(start, diagnostic.length));
    const std::string number = fmt::format("{}", diagnostic.line);
    out += fmt::format("  {} | {}\n", number, shown(line));
    out += fmt::format("  {} | {}{}\n", std::string(number.size(), ' '), std::string(shown(line.substr(0, start)).size(), ' '),
                       std::string(std::max<std::size_t>(fault.size(), 1), '^'));
    return out;
}

}  // namespace ward::walks
