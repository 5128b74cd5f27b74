// SPDX-License-Identifier: Apache-2.0
#include "host/state.h"

#include "core/text.h"
#include "core/toml_read.h"
#include "host/read_all.h"
#include "host/system_error.h"
#include "host/write_file.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace ward::host {

namespace {

constexpr int kBusyMilliseconds = 5'000;
constexpr std::string_view kStatusEnd = ".status.toml";
constexpr Severity kSeverities[] = {Severity::info, Severity::low, Severity::medium, Severity::high, Severity::critical};

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : replace_invalid_utf8(text)) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

Result<StatusNote> read_note(const std::filesystem::path& path) {
    constexpr std::uint64_t kMaxNoteBytes = 64 * kKiB;
    const std::string text = WARD_TRY(read_file(path.string(), kMaxNoteBytes));
    const TomlNode root = WARD_TRY(read_toml(text, path.string()));
    StatusNote note;
    note.command = WARD_TRY(root.text("command"));
    note.ended = WARD_TRY(root.integer_or("ended", 0));
    for (std::size_t i = 0; i < std::size(kSeverities); ++i) {
        note.findings[i] = static_cast<std::uint64_t>(WARD_TRY(root.integer_or(severity_name(kSeverities[i]), 0)));
    }
    note.gaps = static_cast<std::uint64_t>(WARD_TRY(root.integer_or("gaps", 0)));
    note.worst = WARD_TRY(root.text_or("worst", ""));
    note.worst_id = WARD_TRY(root.text_or("worst_id", ""));
    note.rules_id = WARD_TRY(root.text_or("rules_id", ""));
    note.rules = static_cast<std::uint64_t>(WARD_TRY(root.integer_or("rules", 0)));
    note.interrupted = WARD_TRY(root.boolean_or("interrupted", false));
    return note;
}

}  // namespace

Result<std::string> state_folder(const std::optional<std::string>& given) {
    if (given) {
        if (given->empty()) return fail(Code::malformed, "--state wants a folder");
        return std::filesystem::absolute(*given).string();
    }
    if (::geteuid() == 0) return std::string{kSystemStateFolder};
    const char* state = std::getenv("XDG_STATE_HOME");
    // The base directory specification: a relative path is to be ignored.
    if (state != nullptr && state[0] == '/') return std::string{state} + "/ward";
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') return fail(Code::not_found, "neither HOME nor XDG_STATE_HOME is set; name a folder with --state DIR");
    return std::string{home} + "/.local/state/ward";
}

Status make_state_folder(const std::string& folder) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(folder, error);
    if (error) return fail(code_of_errno(error.value()), "{} cannot be made: {}", folder, errno_text(error.value()));
    if (made && ::chmod(folder.c_str(), ::geteuid() == 0 ? 0755 : 0700) != 0) return system_fail(errno, folder);
    return done();
}

Result<std::vector<StatusNote>> read_status(const std::string& folder) {
    std::vector<StatusNote> notes;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (at->path().filename().string().ends_with(kStatusEnd)) notes.push_back(WARD_TRY(read_note(at->path())));
    }
    return notes;
}

Status write_status(const std::string& folder, const StatusNote& note) {
    WARD_TRY(make_state_folder(folder));
    std::string text = fmt::format("# Ward's last `{}`, for `ward` alone to show. Written anew each time.\ncommand = {}\nended = {}\n",
                                   note.command, toml_text(note.command), note.ended);
    for (std::size_t i = 0; i < std::size(kSeverities); ++i) text += fmt::format("{} = {}\n", severity_name(kSeverities[i]), note.findings[i]);
    text += fmt::format("gaps = {}\nworst = {}\nworst_id = {}\nrules_id = {}\nrules = {}\ninterrupted = {}\n", note.gaps, toml_text(note.worst),
                        toml_text(note.worst_id), toml_text(note.rules_id), note.rules, note.interrupted);
    return keep_file(folder + "/" + note.command + std::string{kStatusEnd}, text, 0644);
}

namespace {

struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

void bind(sqlite3_stmt* statement, int place, std::string_view text) {
    // Names may hold any byte, so they are kept as blobs.
    sqlite3_bind_blob64(statement, place, text.data(), text.size(), SQLITE_TRANSIENT);
}
void bind(sqlite3_stmt* statement, int place, std::int64_t number) { sqlite3_bind_int64(statement, place, number); }

std::string text_at(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    return bytes == nullptr ? std::string{} : std::string{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

// Members are kept in one column, each with a NUL behind it: no name can hold one that matters.
std::string joined(const std::vector<std::string>& members) {
    std::string out;
    for (const auto& member : members) {
        for (const char c : member) out += c == '\0' ? '?' : c;
        out += '\0';
    }
    return out;
}

constexpr const char* kColumns = "id, rule, area, severity, title, path, line, members";

Finding finding_at(sqlite3_stmt* statement) {
    Finding finding;
    finding.id = text_at(statement, 0);
    finding.rule = text_at(statement, 1);
    finding.area = area_from_name(text_at(statement, 2)).value_or(Area::malware);
    finding.severity = severity_from_name(text_at(statement, 3)).value_or(Severity::info);
    finding.title = text_at(statement, 4);
    finding.where.path = text_at(statement, 5);
    finding.where.line = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 6));
    std::string members = text_at(statement, 7);
    while (!members.empty()) {
        const std::size_t end = members.find('\0');
        finding.where.members.push_back(members.substr(0, end));
        members.erase(0, end == std::string::npos ? members.size() : end + 1);
    }
    return finding;
}

}  // namespace

struct History::Impl {
    sqlite3* db = nullptr;
    std::string path;
    ~Impl() { sqlite3_close(db); }

    Error wrong(std::string_view doing) const {
        return fail(Code::io, "{} cannot be {}: {}; moving it aside starts a new history", path, doing, sqlite3_errmsg(db));
    }
    Status run(const char* sql) {
        if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return wrong("written");
        return done();
    }
    Result<Statement> prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return wrong("read");
        return Statement{statement};
    }
    Result<bool> step(const Statement& statement) {
        switch (sqlite3_step(statement.get())) {
            case SQLITE_ROW: return true;
            case SQLITE_DONE: return false;
            default: return wrong("used");
        }
    }
    Status make_tables() {
        auto version = WARD_TRY(prepare("PRAGMA user_version"));
        WARD_TRY(step(version));
        const int found = sqlite3_column_int(version.get(), 0);
        version.reset();
        if (found > kSchema) {
            return fail(Code::unsupported, "{} was written by a later Ward (schema {}, this one knows {}); use that one, or another --state",
                        path, found, kSchema);
        }
        if (found == kSchema) return done();
        return run(
            "BEGIN IMMEDIATE;"
            "CREATE TABLE IF NOT EXISTS run(run INTEGER PRIMARY KEY, command BLOB NOT NULL, scope BLOB NOT NULL,"
            " started INTEGER NOT NULL, seconds REAL NOT NULL) STRICT;"
            "CREATE INDEX IF NOT EXISTS run_of ON run(command, scope, run);"
            "CREATE TABLE IF NOT EXISTS finding(run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, id BLOB NOT NULL,"
            " rule BLOB NOT NULL, area BLOB NOT NULL, severity BLOB NOT NULL, title BLOB NOT NULL, path BLOB NOT NULL,"
            " line INTEGER NOT NULL, members BLOB NOT NULL) STRICT;"
            "CREATE INDEX IF NOT EXISTS finding_of ON finding(run);"
            "CREATE INDEX IF NOT EXISTS finding_id ON finding(id, run);"
            "PRAGMA user_version = 1;"
            "COMMIT");
    }
    Status write(const std::string& command, const std::string& scope, std::int64_t started, double seconds,
                 std::span<const Finding> findings) {
        auto run_row = WARD_TRY(prepare("INSERT INTO run(command, scope, started, seconds) VALUES (?, ?, ?, ?)"));
        bind(run_row.get(), 1, command);
        bind(run_row.get(), 2, scope);
        bind(run_row.get(), 3, started);
        sqlite3_bind_double(run_row.get(), 4, seconds);
        WARD_TRY(step(run_row));
        const std::int64_t number = sqlite3_last_insert_rowid(db);
        auto row = WARD_TRY(prepare(fmt::format("INSERT INTO finding({}, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kColumns)));
        for (const auto& finding : findings) {
            sqlite3_reset(row.get());
            bind(row.get(), 1, finding.id);
            bind(row.get(), 2, finding.rule);
            bind(row.get(), 3, area_name(finding.area));
            bind(row.get(), 4, severity_name(finding.severity));
            bind(row.get(), 5, finding.title);
            bind(row.get(), 6, finding.where.path);
            bind(row.get(), 7, static_cast<std::int64_t>(finding.where.line));
            bind(row.get(), 8, joined(finding.where.members));
            bind(row.get(), 9, number);
            WARD_TRY(step(row));
        }
        auto old = WARD_TRY(prepare("DELETE FROM run WHERE command = ?1 AND scope = ?2 AND run NOT IN "
                                    "(SELECT run FROM run WHERE command = ?1 AND scope = ?2 ORDER BY run DESC LIMIT ?3)"));
        bind(old.get(), 1, command);
        bind(old.get(), 2, scope);
        bind(old.get(), 3, std::int64_t{kMaxRuns});
        WARD_TRY(step(old));
        return done();
    }
};

History::History(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

Result<History> History::open(const std::string& folder) {
    WARD_TRY(make_state_folder(folder));
    auto impl = std::make_unique<Impl>();
    impl->path = folder + "/history.db";
    const mode_t before = ::umask(0077);
    const int code = sqlite3_open_v2(impl->path.c_str(), &impl->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, nullptr);
    if (code != SQLITE_OK) {
        ::umask(before);
        return impl->wrong("opened");
    }
    sqlite3_busy_timeout(impl->db, kBusyMilliseconds);
    auto ready = impl->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    if (ready) ready = impl->make_tables();
    ::umask(before);
    if (!ready) return std::move(ready).error();
    return History{std::move(impl)};
}

Result<std::optional<PastRun>> History::last(const std::string& command, const std::string& scope) {
    auto newest = WARD_TRY(impl_->prepare("SELECT run, started FROM run WHERE command = ? AND scope = ? ORDER BY run DESC LIMIT 1"));
    bind(newest.get(), 1, command);
    bind(newest.get(), 2, scope);
    if (!WARD_TRY(impl_->step(newest))) return std::optional<PastRun>{};
    PastRun past;
    past.started = sqlite3_column_int64(newest.get(), 1);
    auto rows = WARD_TRY(impl_->prepare(fmt::format("SELECT {} FROM finding WHERE run = ?", kColumns)));
    bind(rows.get(), 1, sqlite3_column_int64(newest.get(), 0));
    while (WARD_TRY(impl_->step(rows))) past.findings.push_back(finding_at(rows.get()));
    return std::optional{std::move(past)};
}

Status History::record(const std::string& command, const std::string& scope, std::int64_t started, double seconds,
                       std::span<const Finding> findings) {
    WARD_TRY(impl_->run("BEGIN IMMEDIATE"));
    if (auto written = impl_->write(command, scope, started, seconds, findings); !written) {
        sqlite3_exec(impl_->db, "ROLLBACK", nullptr, nullptr, nullptr);
        return written;
    }
    return impl_->run("COMMIT");
}

Result<std::optional<Finding>> History::find(const std::string& id) {
    auto row = WARD_TRY(impl_->prepare(fmt::format("SELECT {} FROM finding WHERE id = ? ORDER BY run DESC LIMIT 1", kColumns)));
    bind(row.get(), 1, id);
    if (!WARD_TRY(impl_->step(row))) return std::optional<Finding>{};
    return std::optional{finding_at(row.get())};
}

}  // namespace ward::host
