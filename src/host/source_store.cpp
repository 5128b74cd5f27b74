// SPDX-License-Identifier: Apache-2.0
#include "host/source_store.h"

#include "core/hash.h"
#include "core/json_read.h"
#include "core/json_write.h"
#include "host/read_all.h"
#include "host/state.h"
#include "host/system_error.h"
#include "host/write_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ward::host {

namespace {

constexpr std::uint64_t kMaxRecordBytes = 64 * kKiB;
constexpr mode_t kPublic = 0644;  // anybody may fetch it, so anybody may read it

std::string folder_of(const std::string& state, const std::string& id) { return state + "/sources/" + id; }
// What does not belong to the knowledge itself begins with a dot.
std::string record_path(const std::string& state, const std::string& id, const std::string& file) { return folder_of(state, id) + "/." + file + ".json"; }
std::string part_path(const std::string& state, const std::string& id, const std::string& file) { return folder_of(state, id) + "/." + file + ".part"; }
std::string part_record_path(const std::string& state, const std::string& id, const std::string& file) { return part_path(state, id, file) + ".json"; }

std::string text_of(const JsonNode& node, std::string_view key) {
    const JsonNode* found = node.find(key);
    return found != nullptr && found->text() != nullptr ? *found->text() : std::string{};
}
std::int64_t number_of(const JsonNode& node, std::string_view key) {
    const JsonNode* found = node.find(key);
    return found != nullptr && found->integer() != nullptr ? *found->integer() : 0;
}

// A record of ours that cannot be read is as good as missing.
JsonNode read_record(const std::string& path) {
    const auto text = read_file(path, kMaxRecordBytes);
    return text ? read_json(*text).value_or(JsonNode{}) : JsonNode{};
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

Status write_record(const std::string& path, const SourceRecord& record, const struct stat& about) {
    JsonWriter json{2};
    json.begin_object();
    json.key("url").text(record.url).key("copied_from").text(record.copied_from);
    json.key("etag").text(record.etag).key("last_modified").text(record.last_modified);
    json.key("sha256").text(record.sha256).key("bytes").number(record.bytes);
    json.key("fetched").number(record.fetched).key("checked").number(record.checked).key("modified").number(record.modified);
    // The file that this is about: another one under the name has other times.
    json.key("file_time").number(nanoseconds(about.st_mtim));
    return keep_file(path, std::move(json.end_object()).take() + "\n", kPublic);
}

// The digest of the first `bytes` of an open file.
Result<std::string> digest_of(int file, std::uint64_t bytes, std::string_view name) {
    Sha256 hash;
    Buffer room(256 * kKiB);
    for (std::uint64_t at = 0; at < bytes;) {
        const ssize_t count = ::pread(file, room.data(), static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), bytes - at)), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_fail(errno, fmt::format("{} cannot be read", name));
        if (count == 0) return fail(Code::truncated, "{} is shorter than it was", name);
        hash.add(Bytes{room}.first(static_cast<std::size_t>(count)));
        at += static_cast<std::uint64_t>(count);
    }
    return to_hex(hash.finish());
}

}  // namespace

std::string source_path(const std::string& state, const std::string& id, const std::string& file) { return folder_of(state, id) + "/" + file; }

Result<std::optional<SourceRecord>> read_source(const std::string& state, const std::string& id, const std::string& file) {
    const std::string path = source_path(state, id, file);
    const Descriptor good{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!good && errno == ENOENT) return std::optional<SourceRecord>{};
    if (!good) return system_fail(errno, path + " cannot be opened");
    struct stat about {};
    if (::fstat(good.get(), &about) != 0) return system_fail(errno, path + " cannot be examined");
    if (!S_ISREG(about.st_mode)) return fail(Code::unsupported, "{} is no regular file", path);
    const JsonNode node = read_record(record_path(state, id, file));
    SourceRecord record;
    record.url = text_of(node, "url");
    record.copied_from = text_of(node, "copied_from");
    record.etag = text_of(node, "etag");
    record.last_modified = text_of(node, "last_modified");
    record.sha256 = text_of(node, "sha256");
    record.bytes = static_cast<std::uint64_t>(number_of(node, "bytes"));
    record.fetched = number_of(node, "fetched");
    record.checked = number_of(node, "checked");
    record.modified = number_of(node, "modified");
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (!record.sha256.empty() && record.bytes == size && number_of(node, "file_time") == nanoseconds(about.st_mtim)) return std::optional{record};
    const std::string digest = WARD_TRY(digest_of(good.get(), size, path));
    // A state folder that was moved or restored has other times and the same bytes.
    if (record.sha256 == digest && record.bytes == size) return std::optional{record};
    SourceRecord fresh;
    fresh.sha256 = digest;
    fresh.bytes = size;
    fresh.fetched = fresh.checked = fresh.modified = about.st_mtim.tv_sec;
    return std::optional{fresh};
}

namespace {

// Whoever owns the folder can exchange what lies in it at any moment.
Status check_owner(const std::string& folder, int (*examine)(const char*, struct stat*)) {
    struct stat about {};
    if (examine(folder.c_str(), &about) != 0) return system_fail(errno, folder + " cannot be examined");
    if (!S_ISDIR(about.st_mode)) return fail(Code::denied, "{} is a link or no folder", folder);
    if (::geteuid() == 0 && about.st_uid != 0) {
        return fail(Code::denied, "{} belongs to user {}, who could lead root elsewhere from there; run this as that user, or name a folder of root's",
                    folder, about.st_uid);
    }
    return done();
}

}  // namespace

Result<SourceStore> SourceStore::open(const std::string& state) {
    WARD_TRY(make_state_folder(state));
    WARD_TRY(check_owner(state, ::stat));
    WARD_TRY(make_state_folder(state + "/sources"));
    WARD_TRY(check_owner(state + "/sources", ::lstat));
    const std::string path = state + "/sources/.lock";
    Descriptor lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) return system_fail(errno, path + " cannot be opened");
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail(Code::denied, "another `ward update` is at work in {}", state);
    return SourceStore{state, std::move(lock)};
}

Result<SourceStore::Part> SourceStore::part(const std::string& id, const std::string& file) {
    WARD_TRY(make_state_folder(folder_of(state_, id)));
    const std::string path = part_path(state_, id, file);
    Part part;
    part.id_ = id;
    part.name_ = file;
    part.file_ = Descriptor{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
    if (!part.file_) return system_fail(errno, path + " cannot be opened");
    struct stat about {};
    if (::fstat(part.file_.get(), &about) != 0) return system_fail(errno, path + " cannot be examined");
    if (!S_ISREG(about.st_mode)) return fail(Code::unsupported, "{} is no regular file", path);
    const JsonNode node = read_record(part_record_path(state_, id, file));
    part.url = text_of(node, "url");
    part.validator = text_of(node, "validator");
    const std::int64_t bytes = number_of(node, "bytes");
    if (bytes > 0 && bytes <= about.st_size && !part.url.empty() && !part.validator.empty()) part.bytes = static_cast<std::uint64_t>(bytes);
    return part;
}

Status SourceStore::keep(Part& part, std::uint64_t bytes, const std::string& url, const std::string& validator) {
    const std::string path = part_path(state_, part.id_, part.name_);
    const std::string record = part_record_path(state_, part.id_, part.name_);
    const bool same = part.url == url && part.validator == validator && bytes >= part.bytes;
    // Bytes of one file must never lie under the record of another: the record goes first, then the bytes.
    if (!same && ::unlink(record.c_str()) != 0 && errno != ENOENT) return system_fail(errno, record + " cannot be removed");
    if (!same && ::ftruncate(part.file_.get(), static_cast<off_t>(bytes)) != 0) return system_fail(errno, path + " cannot be shortened");
    if (::fdatasync(part.file_.get()) != 0) return system_fail(errno, path + " cannot be written");
    part.bytes = bytes;
    part.url = url;
    part.validator = validator;
    JsonWriter json;
    json.begin_object().key("url").text(url).key("validator").text(validator).key("bytes").number(bytes).end_object();
    return keep_file(record, std::move(json).take() + "\n", 0600);
}

void SourceStore::drop(Part& part) {
    ::unlink(part_record_path(state_, part.id_, part.name_).c_str());
    ::unlink(part_path(state_, part.id_, part.name_).c_str());
    part = Part{};
}

Status SourceStore::install(Part& part, SourceRecord& record) {
    const std::string from = part_path(state_, part.id_, part.name_);
    const std::string to = source_path(state_, part.id_, part.name_);
    const int file = part.file_.get();
    struct stat about {};
    if (::fstat(file, &about) != 0) return system_fail(errno, from + " cannot be examined");
    if (static_cast<std::uint64_t>(about.st_size) < record.bytes) return fail(Code::truncated, "{} has {} of {} bytes", from, about.st_size, record.bytes);
    if (::ftruncate(file, static_cast<off_t>(record.bytes)) != 0) return system_fail(errno, from + " cannot be shortened");
    record.sha256 = WARD_TRY(digest_of(file, record.bytes, from));
    if (::fchmod(file, kPublic) != 0 || ::fsync(file) != 0) return system_fail(errno, from + " cannot be written");
    if (::fstat(file, &about) != 0) return system_fail(errno, from + " cannot be examined");
    if (::rename(from.c_str(), to.c_str()) != 0) return system_fail(errno, to + " cannot be replaced");
    const Descriptor holder{::open(folder_of(state_, part.id_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (holder) ::fsync(holder.get());
    // A cut here leaves a record of the file before; read_source sees that it is not this one's.
    WARD_TRY(write_record(record_path(state_, part.id_, part.name_), record, about));
    ::unlink(part_record_path(state_, part.id_, part.name_).c_str());
    part = Part{};
    return done();
}

Status SourceStore::confirm(const std::string& id, const std::string& file, SourceRecord record) {
    struct stat about {};
    const std::string path = source_path(state_, id, file);
    if (::stat(path.c_str(), &about) != 0) return system_fail(errno, path + " cannot be examined");
    return write_record(record_path(state_, id, file), record, about);
}

Result<FetchLog> FetchLog::open(const std::string& state) {
    const std::string path = state + "/" + kFetchLogName;
    Descriptor file{::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return system_fail(errno, path + " cannot be opened");
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return system_fail(errno, path + " cannot be examined");
    // A cut may have left half a line, which must not swallow the next one.
    char last = '\n';
    if (about.st_size > 0 && ::pread(file.get(), &last, 1, about.st_size - 1) == 1 && last != '\n' && ::write(file.get(), "\n", 1) != 1) {
        return system_fail(errno, path + " cannot be written");
    }
    return FetchLog{std::move(file)};
}

Status FetchLog::append(std::string_view line) {
    // Half a line that a full disk left must not swallow this one.
    const std::string whole = (torn_ ? "\n" : "") + std::string{line} + "\n";
    const ssize_t count = ::write(file_.get(), whole.data(), whole.size());
    if (count > 0) torn_ = count != static_cast<ssize_t>(whole.size());
    if (count != static_cast<ssize_t>(whole.size()) || ::fdatasync(file_.get()) != 0) {
        return system_fail(count < 0 || count == static_cast<ssize_t>(whole.size()) ? errno : ENOSPC, "the record of requests (fetch.jsonl) cannot be written");
    }
    return done();
}

}  // namespace ward::host
