// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/rpm.h"

#include "cell/facts/internal/package_row.h"
#include "cell/facts/internal/rpm_databases.h"
#include "cell/facts/internal/sqlite_file.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ward::facts {

namespace {

constexpr std::string_view kNewFolder = "/usr/lib/sysimage/rpm";
constexpr std::string_view kOldFolder = "/var/lib/rpm";
constexpr std::string_view kOldFolderFacts = "stat:/var/lib/rpm";
// Newest format first.
constexpr std::string_view kDatabases[] = {"rpmdb.sqlite", "Packages.db", "Packages"};

// "bash-5.1.8-6.el9.src.rpm" is name, version and release; neither of the last two holds a '-'.
void split_source(std::string_view file, PackageRow& out) {
    for (const std::string_view end : {".src.rpm", ".nosrc.rpm"}) {
        if (!file.ends_with(end)) continue;
        file.remove_suffix(end.size());
        const std::size_t release = file.rfind('-');
        const std::size_t version = release == std::string_view::npos || release == 0 ? release : file.rfind('-', release - 1);
        if (version == std::string_view::npos || version == 0) return;
        out.source = file.substr(0, version);
        out.source_version = file.substr(version + 1);
        return;
    }
}

// `number` is the database's own of the package.
void add_header(const Source& source, std::uint64_t number, Bytes bytes, Collector& out) {
    const auto header = read_rpm_header(bytes);
    if (!header) {
        out.gap(source.about.name, 0, header.error().code, fmt::format("package {}: {}", number, header.error().text));
        return;
    }
    constexpr std::uint64_t kKib = 1024;
    std::string version = header->epoch ? fmt::format("{}:", *header->epoch) : "";
    version.append(header->version);
    if (!header->release.empty()) version.append("-").append(header->release);
    PackageRow package{.manager = "rpm",
                       .name = header->name,
                       .version = version,
                       .architecture = header->architecture,
                       .source_version = version,
                       .maintainer = header->packager,
                       .summary = header->summary,
                       .path = source.about.name,
                       .vendor = header->vendor,
                       .installed = header->installed};
    if (header->bytes) package.installed_kib = *header->bytes / kKib + (*header->bytes % kKib == 0 ? 0 : 1);
    split_source(header->source_rpm, package);
    add_package(package, out);
}

void read_sqlite(Bytes bytes, const Source* log, const UseRpmHeader& use, const BrokenRpm& broken, Collector& out) {
    auto file = SqliteFile::open(bytes);
    if (!file) return broken(file.error());
    if (log != nullptr && !log->bytes.empty()) {
        if (auto added = file->add_log(log->bytes); !added) out.gap(log->about.name, 0, added.error().code, added.error().text);
    }
    const auto root = file->find_table("Packages");
    if (!root) return broken(root.error());
    file->each_row(
        *root,
        [&](std::int64_t number, Bytes record) {
            // hnum INTEGER PRIMARY KEY, blob BLOB (rpm: lib/backend/sqlite.c)
            const auto values = read_sqlite_record(record);
            if (!values || values->size() != 2 || (*values)[1].kind != SqliteValue::Kind::blob) {
                return broken(fail(Code::malformed, "row {} of Packages is no package", number));
            }
            use(static_cast<std::uint64_t>(number), (*values)[1].bytes);
        },
        broken);
}

void read_database(const Source& source, const Request& request, Collector& out) {
    const std::string_view name = base_name(source.about.name);
    const UseRpmHeader use = [&](std::uint64_t number, Bytes header) { add_header(source, number, header, out); };
    const BrokenRpm broken = [&](const Error& error) { out.gap(source.about.name, 0, error.code, error.text); };
    if (source.bytes.empty()) return broken(fail(Code::truncated, "is empty"));
    if (name == "rpmdb.sqlite") return read_sqlite(source.bytes, request.find(std::string{source.about.name} + "-wal"), use, broken, out);
    if (name == "Packages.db") return read_rpm_ndb(source.bytes, use, broken);
    read_rpm_bdb(source.bytes, use, broken);
}

bool is_there(const Source* source) {
    return source != nullptr && source->about.state != wire::SourceBytes::State::missing;
}

// What was read, by its bytes: a link may give one database two names.
void read_folder(std::string_view folder, const Request& request, std::vector<Bytes>& read, Collector& out) {
    std::string_view newest;
    for (const std::string_view name : kDatabases) {
        const Source* source = request.find(fmt::format("{}/{}", folder, name));
        if (!is_there(source) || (source->about.state != wire::SourceBytes::State::whole && source->bytes.empty())) continue;
        const auto same = [&](Bytes other) {
            return std::equal(other.begin(), other.end(), source->bytes.begin(), source->bytes.end());
        };
        if (std::any_of(read.begin(), read.end(), same)) return;
        if (!newest.empty()) {
            out.gap(source->about.name, 0, Code::unsupported, fmt::format("is not read because {} lies beside it", newest));
            continue;
        }
        newest = name;
        read.push_back(source->bytes);
        read_database(*source, request, out);
    }
}

}  // namespace

void read_rpm(const Request& request, Collector& out) {
    std::vector<Bytes> read;
    read_folder(kNewFolder, request, read, out);
    const Source* old = request.find(kOldFolderFacts);
    if (!is_there(old) || old->about.link == kNewFolder || old->about.link == "../../usr/lib/sysimage/rpm") return;
    for (const std::string_view name : kDatabases) out.want(fmt::format("{}/{}", kOldFolder, name));
    out.want(fmt::format("{}/rpmdb.sqlite-wal", kOldFolder));
    read_folder(kOldFolder, request, read, out);
}

}  // namespace ward::facts
