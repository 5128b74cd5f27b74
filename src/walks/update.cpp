// SPDX-License-Identifier: Apache-2.0
#include "walks/update.h"

#include "host/root.h"
#include "host/system_error.h"
#include "walks/internal/update_steps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace ward::walks {

using host::SourceRecord;
using host::SourceStore;
using update::SourceSpec;

std::string first_bytes(int file) {
    std::array<char, update::kFirstBytes> room{};
    const ssize_t count = ::pread(file, room.data(), room.size(), 0);
    return count > 0 ? std::string{room.data(), static_cast<std::size_t>(count)} : std::string{};
}

Result<Outcome> take(SourceStore& store, SourceStore::Part& part, const SourceSpec& source, SourceRecord& record, const std::optional<SourceRecord>& before) {
    if (const auto right = update::looks_right(source, record.bytes, first_bytes(part.file())); !right) {
        store.drop(part);
        return fail(right.error().code, "what came is not the file: {}", right.error().text);
    }
    WARD_TRY(store.install(part, record));
    return before && before->sha256 == record.sha256 ? Outcome::unchanged : Outcome::fetched;
}

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
        files.push_back({source.id, source.kind, host::source_path(state, source.id, source.file), record->checked});
    }
    return files;
}

Result<UpdateReport> update(const UpdateRequest& request) {
    auto store = WARD_TRY(SourceStore::open(request.state));
    auto log = WARD_TRY(host::FetchLog::open(request.state));
    std::optional<host::Root> from;
    if (!request.from.empty()) from = WARD_TRY(host::Root::open(request.from));
    UpdateReport report;
    for (const auto& source : request.sources) {
        SourceOutcome outcome{source, Outcome::failed, {}, 0, {}};
        if (*request.stop) {
            outcome.why = "interrupted";
        } else if (!from) {
            outcome = fetch_source(request, source, store, log);
        } else if (auto copied = copy_source(request, *from, source, store, log)) {
            outcome.outcome = *copied;
        } else {
            outcome.why = copied.error().text;
        }
        // A copy that cannot be read shows when the advisories are compiled.
        outcome.record = host::read_source(request.state, source.id, source.file).value_or(std::nullopt);
        report.outcomes.push_back(std::move(outcome));
    }
    if (from) copy_local_files(request, *from, store, log, report);
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
