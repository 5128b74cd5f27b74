// SPDX-License-Identifier: Apache-2.0
#include "walks/advisories.h"

#include "gate/cells.h"
#include "host/spool.h"
#include "host/state.h"
#include "host/system_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

namespace ward::walks {

namespace {

Gap gap_of(const AdvisorySource& source, const std::string& where, const Error& error) {
    Where place{source.path, 0, {}};
    if (!where.empty()) place.members.push_back(where);
    return {std::move(place), error.code, error.text};
}

// One go over all sources but those that have ended a cell before. Tells which one did this time.
Result<BuiltAdvisories> build_once(std::span<const AdvisorySource> sources, const std::string& state, int database, std::set<std::size_t>& deadly) {
    auto cell = WARD_TRY(gate::AdvisoryCell::start());
    const host::Descriptor spool = host::open_spool(state);
    if (!spool) return fail(Code::io, "{}: no room for what has to be unpacked", state);
    BuiltAdvisories built;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto& source = sources[i];
        if (deadly.contains(i)) continue;
        const host::Descriptor file{::open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
        struct stat about {};
        if (!file || ::fstat(file.get(), &about) != 0) {
            built.gaps.push_back(gap_of(source, {}, host::system_fail(errno, "cannot be opened")));
            continue;
        }
        if (!S_ISREG(about.st_mode)) {
            built.gaps.push_back(gap_of(source, {}, fail(Code::unsupported, "is no file")));
            continue;
        }
        const auto answer = cell.add({source.name, source.title, source.fetched}, spool.get(), file.get());
        if (!answer) {
            deadly.insert(i);
            return fail(answer.error().code, "{}: {}", source.path, answer.error().text);
        }
        built.sources.push_back({source.name, answer->records, answer->refused});
        for (const auto& fault : answer->faults) built.gaps.push_back(gap_of(source, fault.where, fault.error));
    }
    if (::ftruncate(database, 0) != 0) return host::system_fail(errno, "the database of advisories cannot be written");
    built.info = WARD_TRY(cell.finish(database));
    return built;
}

Status replace(const std::string& from, const std::string& to, const std::string& folder) {
    if (::rename(from.c_str(), to.c_str()) != 0) return host::system_fail(errno, to + " cannot be replaced");
    const host::Descriptor parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!parent || ::fsync(parent.get()) != 0) return host::system_fail(errno, folder + " cannot be written to disk");
    return done();
}

}  // namespace

Result<BuiltAdvisories> build_advisories(std::span<const AdvisorySource> sources, const std::string& state) {
    const std::string path = state + "/" + kAdvisoriesName;
    // One build at a time, so what is there was left by one that was killed. It may be anything: it is not opened, but goes.
    const std::string fresh = path + ".new";
    if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return host::system_fail(errno, fresh + " cannot be removed");
    host::Descriptor file{::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
    // For everybody to read, as what it is made from.
    if (!file || ::fchmod(file.get(), 0644) != 0) return host::system_fail(errno, fresh + " cannot be written");
    const auto give_up = [&](Error error) {
        ::unlink(fresh.c_str());
        return error;
    };
    std::set<std::size_t> deadly;
    std::vector<Gap> lost;
    for (;;) {
        const std::size_t before = deadly.size();
        auto built = build_once(sources, state, file.get(), deadly);
        if (!built) {
            if (deadly.size() == before) return give_up(built.error());
            for (std::size_t i = 0; i < sources.size(); ++i) {
                const bool is_new = deadly.contains(i) && std::none_of(lost.begin(), lost.end(), [&](const Gap& gap) { return gap.where.path == sources[i].path; });
                if (is_new) lost.push_back(gap_of(sources[i], {}, built.error()));
            }
            continue;
        }
        if (::fsync(file.get()) != 0) return give_up(host::system_fail(errno, fresh + " cannot be written to disk"));
        if (auto replaced = replace(fresh, path, state); !replaced) return give_up(replaced.error());
        built->gaps.insert(built->gaps.begin(), lost.begin(), lost.end());
        return built;
    }
}

Result<host::Descriptor> open_advisories(const std::string& state) {
    for (const std::string& folder : {state, std::string{host::kSystemStateFolder}}) {
        const std::string path = folder + "/" + kAdvisoriesName;
        host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)};
        struct stat about {};
        if (file && (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))) return fail(Code::unsupported, "{} is no regular file", path);
        if (file) return file;
        if (errno != ENOENT && errno != ENOTDIR && (folder == state || errno != EACCES)) return host::system_fail(errno, path + " cannot be opened");
    }
    return host::Descriptor{};
}

}  // namespace ward::walks
