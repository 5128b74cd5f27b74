// SPDX-License-Identifier: Apache-2.0
#include "walks/update.h"

#include "core/json_write.h"
#include "core/text.h"
#include "host/fetcher.h"
#include "host/root.h"
#include "host/spool.h"
#include "host/system_error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <map>

namespace ward::walks {

namespace {

using host::SourceRecord;
using host::SourceStore;
using update::SourceSpec;

// How often what has come is made certain, so that a power cut costs no more than this.
constexpr std::uint64_t kKeepBytes = 8 * kMiB;

std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }

std::string first_bytes(int file) {
    std::array<char, update::kFirstBytes> room{};
    const ssize_t count = ::pread(file, room.data(), room.size(), 0);
    return count > 0 ? std::string{room.data(), static_cast<std::size_t>(count)} : std::string{};
}

// A part can only be gone on with when the publisher can say whether it is of the same bytes: by an ETag that is not weak.
std::string validator_of(const wire::FetchAnswer& answer) {
    return answer.etag.starts_with("W/") ? std::string{} : answer.etag;
}

std::string status_words(std::uint32_t status) {
    switch (status) {
        case 403: return "refuses (status 403)";
        case 404:
        case 410: return fmt::format("has no such file (status {})", status);
        case 429: return "asks to come later (status 429)";
        default: return fmt::format("answered with status {}", status);
    }
}

// One request after another, as fetch.jsonl tells it: a line before each, and one after it.
class Requests {
public:
    Requests(host::FetchLog& log, std::string source) : log_{log}, source_{std::move(source)} {}

    Status asking(const Url& url, const wire::FetchRoute& route) {
        answered_by_end({}, 0, {});
        url_ = url.text();
        via_ = route.proxy_host.empty() ? "direct" : fmt::format("{}:{}", route.proxy_host, route.proxy_port);
        peer_.clear();
        status_ = 0;
        WARD_TRY(log_.append(std::move(begin("asking").end_object()).take()));
        open_ = true;
        return done();
    }
    void refused(const std::string& url, const std::string& why) {
        answered_by_end({}, 0, {});
        JsonWriter json;
        json.begin_object().key("at").text(utc_time(now())).key("event").text("refused").key("source").text(source_).key("url").text(url);
        (void)log_.append(std::move(json.key("error").text(why).end_object()).take());
    }
    void answered(const wire::FetchAnswer& answer) {
        status_ = answer.status;
        peer_ = answer.peer;
    }
    // The last word on the request that is open, if one is.
    void answered_by_end(const std::string& error, std::uint64_t bytes, const std::string& sha256) {
        if (!open_) return;
        open_ = false;
        JsonWriter json = begin("done");
        json.key("peer").text(peer_).key("status").number(status_).key("bytes").number(bytes).key("sha256").text(sha256).key("error").text(error);
        // The line before says that it was made; a full disk shows in what follows.
        (void)log_.append(std::move(json.end_object()).take());
    }

private:
    JsonWriter begin(std::string_view event) const {
        JsonWriter json;
        json.begin_object().key("at").text(utc_time(now())).key("event").text(event).key("source").text(source_).key("url").text(url_).key("via").text(via_);
        return json;
    }
    host::FetchLog& log_;
    std::string source_;
    std::string url_;
    std::string via_;
    std::string peer_;
    std::uint32_t status_ = 0;
    bool open_ = false;
};

// Puts what has come in place of the good copy, if it can be what it should be.
Result<Outcome> take(SourceStore& store, SourceStore::Part& part, const SourceSpec& source, SourceRecord& record, const std::optional<SourceRecord>& before) {
    if (const auto right = update::looks_right(source, record.bytes, first_bytes(part.file())); !right) {
        store.drop(part);
        return fail(right.error().code, "what came is not the file: {}", right.error().text);
    }
    WARD_TRY(store.install(part, record));
    return before && before->sha256 == record.sha256 ? Outcome::unchanged : Outcome::fetched;
}

class Fetch {
public:
    Fetch(const UpdateRequest& request, SourceStore& store, host::FetchLog& log) : request_{request}, store_{store}, log_{log} {}

    SourceOutcome run(const SourceSpec& source) {
        SourceOutcome outcome{source, Outcome::failed, {}, 0, {}};
        for (const auto& url : source.urls) {
            if (*request_.stop) break;
            came_ = 0;
            auto result = ask(source, url, true);
            outcome.came += came_;
            if (result) {
                outcome.outcome = *result;
                outcome.why.clear();
                break;
            }
            outcome.why += (outcome.why.empty() ? "" : "; ") + result.error().text;
        }
        if (outcome.outcome == Outcome::failed && *request_.stop) outcome.why = "interrupted";
        return outcome;
    }

private:
    Result<Outcome> ask(const SourceSpec& source, const std::string& url, bool may_go_on) {
        auto part = WARD_TRY(store_.part(source.id, source.file));
        const auto good = WARD_TRY(host::read_source(store_.state(), source.id, source.file));
        wire::FetchJob job;
        job.url = url;
        job.max_bytes = source.max_bytes;
        if (may_go_on && part.url == url && part.bytes > 0 && part.bytes < source.max_bytes) {
            job.offset = part.bytes;
            job.validator = part.validator;
        } else if (good && good->url == url) {
            job.etag = good->etag;
            job.last_modified = good->last_modified;
        }
        Requests requests{log_, source.id};
        SourceRecord record;
        std::string refusal;
        const auto end = run_job(source, job, part, requests, record, refusal);
        const std::string why = !end ? end.error().text : (!refusal.empty() ? refusal : end->error.text);
        const auto tell = [&](const std::string& error, const std::string& sha256 = {}) { requests.answered_by_end(error, came_, sha256); };
        if (!end) {
            tell(why);
            return end.error();
        }
        if (end->whole) {
            record.url = url;
            record.bytes = end->bytes;
            record.fetched = record.checked = now();
            if (record.modified == 0) record.modified = record.fetched;
            const auto taken = take(store_, part, source, record, good);
            tell(taken ? "" : taken.error().text, record.sha256);
            return taken;
        }
        if (end->status == 304 && job.offset == 0 && good && end->error.text.empty()) {
            tell("");
            SourceRecord same = *good;
            same.checked = now();
            WARD_TRY(store_.confirm(source.id, source.file, same));
            return Outcome::unchanged;
        }
        if (end->status == 416 && job.offset > 0) {
            // What there is of it fits to nothing that the publisher has.
            tell("");
            store_.drop(part);
            return ask(source, url, false);
        }
        if (why.empty()) {
            const Error error = fail(Code::not_found, "{} {}", parse_url(url)->host, status_words(end->status));
            tell(error.text);
            return error;
        }
        tell(why);
        const bool later = end->error.code == Code::io || end->error.code == Code::truncated;
        if (end->bytes > 0 && later && refusal.empty() && !part.validator.empty() && store_.keep(part, end->bytes, url, part.validator)) {
            return fail(end->error.code, "{}; the next run goes on behind the {} that came", why, human_bytes(end->bytes));
        }
        // What had begun and cannot be gone on with, or would meet the same again.
        const bool nothing = part.bytes == 0 && end->bytes == 0;
        if (nothing || end->bytes > 0 || end->error.code == Code::over_limit || end->error.code == Code::malformed) store_.drop(part);
        return fail(end->error.code, "{}", why);
    }

    Result<wire::FetchEnd> run_job(const SourceSpec& source, const wire::FetchJob& job, SourceStore::Part& part, Requests& requests, SourceRecord& record,
                                   std::string& refusal) {
        // One for each file: it ends before the file is looked at, so that nobody can write to what was looked at, and what one publisher
        // sent does no harm to another one's file.
        auto fetcher = WARD_TRY(host::Fetcher::start(setup(), *request_.stop));
        std::uint64_t kept = 0;
        std::uint64_t began = 0;
        std::optional<std::uint64_t> total;
        host::Fetcher::Steps steps;
        steps.may_ask = [&](const std::string& text) -> Result<wire::FetchRoute> {
            const auto allowed = [&]() -> Result<wire::FetchRoute> {
                const Url next = WARD_TRY(parse_url(text));
                WARD_TRY(update::may_ask(source, next));
                const auto route = update::route_to(next, request_.proxy);
                // No request without its record.
                WARD_TRY(requests.asking(next, route));
                return route;
            }();
            if (!allowed) {
                refusal = allowed.error().text;
                requests.refused(text, refusal);
            }
            return allowed;
        };
        steps.answered = [&](const wire::FetchAnswer& answer) { requests.answered(answer); };
        steps.begin = [&](const wire::FetchAnswer& answer) -> Result<std::uint64_t> {
            record.etag = answer.etag;
            record.last_modified = answer.last_modified;
            record.modified = answer.modified;
            total = answer.total;
            if (answer.status == 206) {
                if (job.offset == 0 || answer.offset != part.bytes) return fail(Code::malformed, "the answer is another part than the one asked for");
                kept = began = part.bytes;
                return part.bytes;
            }
            WARD_TRY(store_.keep(part, 0, job.url, validator_of(answer)));
            return std::uint64_t{0};
        };
        steps.moving = [&](std::uint64_t bytes) -> Status {
            came_ = bytes - std::min(bytes, began);
            if (bytes >= kept + kKeepBytes && !part.validator.empty()) {
                WARD_TRY(store_.keep(part, bytes, part.url, part.validator));
                kept = bytes;
            }
            if (request_.moving) request_.moving(source, bytes, total);
            return done();
        };
        auto end = fetcher.fetch(job, part.file(), steps);
        if (!end) return end;
        came_ = end->bytes - std::min(end->bytes, began);
        return end;
    }

    wire::FetchSetup setup() const {
        wire::FetchSetup setup;
        setup.ca_file = request_.ca_file;
        for (const auto& source : request_.sources) {
            setup.max_file_bytes = std::max(setup.max_file_bytes, source.max_bytes);
            for (const auto& origin : source.origins) {
                if (const auto url = parse_url("https://" + origin)) setup.ports.push_back(url->port);
            }
        }
        if (request_.proxy.url) setup.ports.push_back(request_.proxy.url->port);
        std::sort(setup.ports.begin(), setup.ports.end());
        setup.ports.erase(std::unique(setup.ports.begin(), setup.ports.end()), setup.ports.end());
        return setup;
    }

    const UpdateRequest& request_;
    SourceStore& store_;
    host::FetchLog& log_;
    std::uint64_t came_ = 0;
};

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
    record.fetched = now();
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
    json.begin_object().key("at").text(utc_time(now())).key("event").text("copied").key("source").text(source.id).key("from").text(request.from);
    json.key("bytes").number(record.bytes).key("sha256").text(record.sha256).end_object();
    WARD_TRY(log.append(std::move(json).take()));
    if (outcome != Outcome::unchanged) return Outcome::copied;
    // The same bytes: what the publisher said of them stays true.
    SourceRecord same = *good;
    same.checked = std::max(same.checked, record.checked);
    WARD_TRY(store.confirm(source.id, source.file, same));
    return outcome;
}

Result<Outcome> copy_named(const UpdateRequest& request, const host::Root& from, const SourceSpec& source, SourceStore& store, host::FetchLog& log) {
    auto found = find_in(from, source);
    if (!found && found.error().code == Code::not_found) return Outcome::missing;
    if (!found) return found.error();
    const Piece piece = WARD_TRY(open_piece(*std::move(found), request.from + "/" + source.file));
    return copy(request, source, piece, store, log);
}

constexpr std::size_t kMaxLooseFiles = 200'000;  // JSON documents of a folder; OSV's largest ecosystem has as many
constexpr int kMaxFolders = 8;                   // deep
constexpr std::size_t kMaxOwnFiles = 1'000;      // that become a source each
constexpr std::size_t kMaxGaps = 1'000;          // a folder may hold any number of links
constexpr std::uint64_t kMaxLocalBytes = 4 * kGiB;
constexpr std::string_view kLooseFile = "records.json";

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
        if (error) leave_out(folder, Code::io, "cannot be listed: " + host::errno_text(error.value()));
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

std::string_view outcome_name(Outcome outcome) {
    constexpr std::string_view kNames[] = {"fetched", "unchanged", "copied", "older", "missing", "failed"};
    return kNames[static_cast<std::size_t>(outcome)];
}

bool UpdateReport::any_had() const {
    return std::any_of(outcomes.begin(), outcomes.end(), [](const SourceOutcome& each) { return each.outcome != Outcome::failed && each.outcome != Outcome::missing; });
}
bool UpdateReport::any_failed() const {
    return std::any_of(outcomes.begin(), outcomes.end(), [](const SourceOutcome& each) { return each.outcome == Outcome::failed; });
}

Result<std::vector<KnowledgeFile>> knowledge_files(const std::string& state, const std::vector<SourceSpec>& sources) {
    std::vector<KnowledgeFile> files;
    for (const auto& source : sources) {
        const auto record = WARD_TRY(host::read_source(state, source.id, source.file));
        if (!record) continue;
        files.push_back({source.id, source.kind, source.ecosystem, host::source_path(state, source.id, source.file), record->sha256, record->bytes,
                         record->fetched, record->checked});
    }
    return files;
}

Result<UpdateReport> update(const UpdateRequest& request) {
    auto store = WARD_TRY(SourceStore::open(request.state));
    auto log = WARD_TRY(host::FetchLog::open(request.state));
    std::optional<host::Root> from;
    if (!request.from.empty()) from = WARD_TRY(host::Root::open(request.from));
    UpdateReport report;
    Fetch fetch{request, store, log};
    for (const auto& source : request.sources) {
        SourceOutcome outcome{source, Outcome::failed, {}, 0, {}};
        if (*request.stop) {
            outcome.why = "interrupted";
        } else if (!from) {
            outcome = fetch.run(source);
        } else if (auto copied = copy_named(request, *from, source, store, log)) {
            outcome.outcome = *copied;
        } else {
            outcome.why = copied.error().text;
        }
        // A copy that cannot be read shows when the advisories are compiled.
        outcome.record = host::read_source(request.state, source.id, source.file).value_or(std::nullopt);
        report.outcomes.push_back(std::move(outcome));
    }
    if (from) LocalFiles{request, *from, store, log, report}.bring();
    report.interrupted = *request.stop;
    return report;
}

Result<std::vector<SourceSpec>> local_sources(const std::string& state) {
    std::vector<SourceSpec> sources;
    std::error_code error;
    const std::string folder = state + "/sources";
    for (auto entry = std::filesystem::directory_iterator{folder, error}; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        if (!entry->path().filename().string().starts_with(kLocalPrefix)) continue;
        std::error_code inner;
        for (auto file = std::filesystem::directory_iterator{entry->path(), inner}; !inner && file != std::filesystem::directory_iterator{}; file.increment(inner)) {
            const std::string name = file->path().filename().string();
            if (!name.starts_with(".")) sources.push_back(local_source(name, name + ", brought by hand"));
        }
        if (inner) return fail(Code::io, "{}: {}", entry->path().string(), inner.message());
    }
    if (error && error != std::errc::no_such_file_or_directory) return fail(Code::io, "{}: {}", folder, error.message());
    std::sort(sources.begin(), sources.end(), [](const SourceSpec& a, const SourceSpec& b) { return a.id < b.id; });
    return sources;
}

Status forget_source(const std::string& state, const std::string& id) {
    const auto store = WARD_TRY(SourceStore::open(state));  // no other run brings it just now
    const auto known = WARD_TRY(local_sources(state));
    const bool found = std::any_of(known.begin(), known.end(), [&](const SourceSpec& source) { return source.id == id; });
    if (!found) return fail(Code::not_found, "nothing that was brought by hand is called {}; `ward update --list` shows what was", id);
    std::error_code error;
    std::filesystem::remove_all(state + "/sources/" + id, error);
    if (error) return fail(Code::io, "{}/sources/{}: {}", state, id, error.message());
    return done();
}

Result<BuiltAdvisories> compile_advisories(const std::string& state, const std::vector<SourceSpec>& sources) {
    // One after the other, each from what is there at its turn: so the last one that ends has seen all that came before.
    const std::string path = state + "/sources/.compiling";
    const host::Descriptor lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) return host::system_fail(errno, path + " cannot be opened");
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return host::system_fail(errno, path + " cannot be locked");
    }
    auto all = sources;
    for (auto& local : WARD_TRY(local_sources(state))) all.push_back(std::move(local));
    std::vector<AdvisorySource> found;
    std::vector<Gap> unread;
    for (const auto& source : all) {
        if (source.kind == update::SourceKind::yara) continue;
        const auto record = host::read_source(state, source.id, source.file);
        const std::string file = host::source_path(state, source.id, source.file);
        if (!record) unread.push_back({Where{file, 0, {}}, record.error().code, record.error().text});
        else if (*record) found.push_back({source.id, source.title, file, (*record)->checked});
    }
    auto built = WARD_TRY(build_advisories(found, state));
    built.gaps.insert(built.gaps.begin(), unread.begin(), unread.end());
    return built;
}

}  // namespace ward::walks
