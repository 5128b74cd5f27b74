// SPDX-License-Identifier: Apache-2.0
#include "core/errno_text.h"
#include "core/json_write.h"
#include "core/text.h"
#include "host/spool.h"
#include "host/system_error.h"
#include "walks/internal/update_steps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <map>

namespace ward::walks {

namespace {

using host::SourceRecord;
using host::SourceStore;
using update::SourceSpec;

// The file of a source in a folder: FOLDER/ID/FILE, as a state folder has it, or FOLDER/FILE.
Result<host::Descriptor> find_in(const host::Root& folder, const SourceSpec& source) {
    for (const auto& path : {"/" + source.id + "/" + source.file, "/" + source.file}) {
        host::Descriptor file{folder.try_open(path, O_RDONLY | O_NOFOLLOW)};
        if (file) return file;
        if (errno != ENOENT && errno != ENOTDIR) return host::system_fail(errno, folder.path() + path + " cannot be opened");
    }
    return fail(Code::not_found, "there is no {} in {}", source.file, folder.path());
}

// What a copy is made of: usually one file.
struct Piece {
    std::string path;
    host::Descriptor file;
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;
};

Result<Piece> open_piece(host::Descriptor file, const std::string& path) {
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return host::system_fail(errno, path + " cannot be examined");
    if (!S_ISREG(about.st_mode)) return fail(Code::unsupported, "{} is no regular file", path);
    return Piece{path, std::move(file), static_cast<std::uint64_t>(about.st_size), about.st_mtim.tv_sec};
}

Status write_at(int to, Bytes bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        const ssize_t more = ::pwrite(to, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) return host::system_fail(errno, "the copy cannot be written");
        bytes = bytes.subspan(static_cast<std::size_t>(more));
        at += static_cast<std::uint64_t>(more);
    }
    return done();
}

// Appends it at `at`, which moves behind it.
Status copy_piece(const Piece& piece, int to, std::uint64_t& at, const std::atomic<bool>& stop) {
    Buffer room(256 * kKiB);
    for (std::uint64_t read = 0; read < piece.bytes;) {
        if (stop) return fail(Code::io, "interrupted");
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), piece.bytes - read));
        const ssize_t count = ::pread(piece.file.get(), room.data(), wanted, static_cast<off_t>(read));
        if (count < 0) return host::system_fail(errno, piece.path + " cannot be read");
        if (count == 0) return fail(Code::truncated, "{} became shorter while it was read", piece.path);
        WARD_TRY(write_at(to, Bytes{room}.first(static_cast<std::size_t>(count)), at));
        read += static_cast<std::uint64_t>(count);
        at += static_cast<std::uint64_t>(count);
    }
    return done();
}

Result<Outcome> copy(const UpdateRequest& request, const SourceSpec& source, const Piece& piece, SourceStore& store, host::FetchLog& log) {
    SourceRecord record;
    record.copied_from = request.from;
    record.bytes = piece.bytes;
    record.fetched = seconds_now();
    // It is as old as the file says: nothing that lies in a folder is newer than that.
    record.checked = record.modified = std::min(record.fetched, piece.modified);
    if (const auto right = update::looks_right(source, record.bytes, first_bytes(piece.file.get())); !right) return right.error();
    const auto good = WARD_TRY(host::read_source(store.state(), source.id, source.file));
    if (good && good->modified > record.modified) return Outcome::older;
    auto part = WARD_TRY(store.part(source.id, source.file));
    store.drop(part);
    part = WARD_TRY(store.part(source.id, source.file));
    std::uint64_t at = 0;
    if (const auto copied = copy_piece(piece, part.file(), at, *request.stop); !copied) {
        store.drop(part);
        return copied.error();
    }
    const Outcome outcome = WARD_TRY(take(store, part, source, record, good));
    JsonWriter json;
    json.begin_object().key("at").text(utc_time(seconds_now())).key("event").text("copied").key("source").text(source.id).key("from").text(request.from);
    json.key("bytes").number(record.bytes).key("sha256").text(record.sha256).end_object();
    WARD_TRY(log.append(std::move(json).take()));
    if (outcome != Outcome::unchanged) return Outcome::copied;
    // The same bytes: what the publisher said of them stays true.
    SourceRecord same = *good;
    same.checked = std::max(same.checked, record.checked);
    WARD_TRY(store.confirm(source.id, source.file, same));
    return outcome;
}

constexpr std::size_t kMaxLooseFiles = 200'000;  // JSON documents of a folder; OSV's largest ecosystem has as many
constexpr int kMaxFolders = 8;                   // deep
constexpr std::size_t kMaxOwnFiles = 1'000;      // that become a source each
constexpr std::size_t kMaxGaps = 1'000;          // a folder may hold any number of links
constexpr std::uint64_t kMaxLocalBytes = 4 * kGiB;
constexpr std::string_view kLooseFile = "records.json";

// What else lies in the folder: packed files, JSON lines and tables of scores each for themselves, plain JSON documents, wherever below, together.
// The folder may be another user's, who changes it meanwhile: each file is opened below it, and no link leads out.
class LocalFiles {
public:
    LocalFiles(const UpdateRequest& request, const host::Root& from, SourceStore& store, host::FetchLog& log, UpdateReport& report)
        : request_{request}, from_{from}, store_{store}, log_{log}, report_{report} {}

    void bring() {
        look("", 0);
        for (const auto& [name, path] : own_) bring_as(local_source(name, name + ", brought by hand"), {path});
        std::sort(loose_.begin(), loose_.end());
        if (!loose_.empty()) bring_as(local_source(std::string{kLooseFile}, fmt::format("{} JSON documents, brought by hand", loose_.size())), loose_);
    }

private:
    bool claimed(const std::string& name) const { return std::find(request_.claimed.begin(), request_.claimed.end(), name) != request_.claimed.end(); }

    void leave_out(const std::string& path, Code code, std::string why) {
        if (report_.gaps.size() < kMaxGaps) report_.gaps.push_back({Where{request_.from + path, 0, {}}, code, std::move(why)});
    }

    // `folder` is "" for the folder itself, else "/a/b" below it.
    void look(const std::string& folder, int depth) {
        // As another machine's STATE/sources has them.
        const bool kept_so = depth == 1 && folder.starts_with("/" + std::string{kLocalPrefix});
        std::error_code error;
        for (auto entry = std::filesystem::directory_iterator{request_.from + folder, error}; !error && entry != std::filesystem::directory_iterator{};
             entry.increment(error)) {
            const std::string name = entry->path().filename().string();
            const std::string path = folder + "/" + name;
            if (name.starts_with(".") || claimed(name) || *request_.stop) continue;
            std::error_code ignored;
            const auto kind = entry->symlink_status(ignored).type();
            if (kind == std::filesystem::file_type::directory) {
                if (depth < kMaxFolders) look(path, depth + 1);
                else leave_out(path, Code::over_limit, fmt::format("lies more than {} folders deep", kMaxFolders));
                continue;
            }
            const bool is_loose = name.ends_with(".json");
            const bool is_own = !is_loose && (depth == 0 || kept_so) && is_data(name);
            if (!is_loose && !is_own) continue;
            if (kind != std::filesystem::file_type::regular) {
                leave_out(path, Code::unsupported, "is no regular file; links are not followed");
            } else if (is_loose) {
                if (loose_.size() < kMaxLooseFiles) loose_.push_back(path);
                else too_many_ = true;
            } else if (own_.size() == kMaxOwnFiles) {
                leave_out(path, Code::over_limit, fmt::format("is beyond the {} files that are taken each for itself", kMaxOwnFiles));
            } else if (!own_.emplace(name, path).second) {
                leave_out(path, Code::unsupported, "has the name of another file there");
            }
        }
        if (error) leave_out(folder, Code::io, "cannot be listed: " + errno_text(error.value()));
    }

    static bool is_data(std::string_view name) {
        constexpr std::string_view kEndings[] = {".jsonl", ".ndjson", ".csv", ".gz", ".zip", ".xz", ".zst", ".bz2", ".tar", ".tgz"};
        return std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view ending) { return name.ends_with(ending); });
    }

    void bring_as(SourceSpec source, const std::vector<std::string>& paths) {
        SourceOutcome outcome{source, Outcome::failed, {}, 0, {}};
        const auto copied = [&]() -> Result<Outcome> {
            if (too_many_ && source.file == kLooseFile) return fail(Code::over_limit, "there are more than {} documents; pack them into a zip file", kMaxLooseFiles);
            const Piece piece = paths.size() == 1 ? WARD_TRY(open_path(paths.front())) : WARD_TRY(gather(paths));
            return copy(request_, source, piece, store_, log_);
        }();
        if (copied) outcome.outcome = *copied;
        else outcome.why = copied.error().text;
        outcome.record = host::read_source(request_.state, source.id, source.file).value_or(std::nullopt);
        report_.outcomes.push_back(std::move(outcome));
    }

    Result<Piece> open_path(const std::string& path) const {
        host::Descriptor file{from_.try_open(path, O_RDONLY | O_NOFOLLOW)};
        if (!file) return host::system_fail(errno, request_.from + path + " cannot be opened");
        return open_piece(std::move(file), request_.from + path);
    }

    // All of them in a file without a name, each on lines of its own.
    Result<Piece> gather(const std::vector<std::string>& paths) const {
        Piece all{request_.from, host::open_spool(request_.state), 0, 0};
        if (!all.file) return fail(Code::io, "{}: no room to gather the documents", request_.state);
        for (const auto& path : paths) {
            const Piece piece = WARD_TRY(open_path(path));
            if (piece.bytes >= kMaxLocalBytes - all.bytes) {
                return fail(Code::over_limit, "the documents have more than {} together; pack them into zip files", human_bytes(kMaxLocalBytes));
            }
            WARD_TRY(copy_piece(piece, all.file.get(), all.bytes, *request_.stop));
            WARD_TRY(write_at(all.file.get(), as_bytes("\n"), all.bytes));
            ++all.bytes;
            all.modified = std::max(all.modified, piece.modified);
        }
        return all;
    }

    const UpdateRequest& request_;
    const host::Root& from_;
    SourceStore& store_;
    host::FetchLog& log_;
    UpdateReport& report_;
    std::map<std::string, std::string> own_;  // name, and path below the folder
    std::vector<std::string> loose_;          // paths
    bool too_many_ = false;
};

}  // namespace

Result<Outcome> copy_source(const UpdateRequest& request, const host::Root& from, const SourceSpec& source, SourceStore& store, host::FetchLog& log) {
    auto found = find_in(from, source);
    if (!found && found.error().code == Code::not_found) return Outcome::missing;
    if (!found) return found.error();
    const Piece piece = WARD_TRY(open_piece(*std::move(found), request.from + "/" + source.file));
    return copy(request, source, piece, store, log);
}

SourceSpec local_source(const std::string& file, std::string title) {
    SourceSpec source;
    source.id = kLocalPrefix;
    for (const char c : file) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool upper = c >= 'A' && c <= 'Z';
        if (plain || upper) source.id += upper ? static_cast<char>(c - 'A' + 'a') : c;
        else if (source.id.back() != '-') source.id += '-';
    }
    source.title = std::move(title);
    source.publisher = "whoever brought it";
    source.file = file;
    source.max_bytes = kMaxLocalBytes;
    source.on = true;
    return source;
}

void copy_local_files(const UpdateRequest& request, const host::Root& from, SourceStore& store, host::FetchLog& log, UpdateReport& report) {
    LocalFiles{request, from, store, log, report}.bring();
}

}  // namespace ward::walks
