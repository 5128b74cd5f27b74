// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/advisory.h"
#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::advisories {

// An advisory database (docs/advisories.md) read where it lies, so that a question touches a few pages of it.
//
//     const View view = WARD_TRY(View::open(bytes));
//     const auto package = view.find("Debian:12", "openssl");
//     for (std::uint32_t i = 0; i < package.count; ++i) {
//         const auto said = view.affected(package.first + i);
//         const auto record = view.record(said.record);
//     }
//
// Opening checks the container and the layout. What is inside may be hostile and may change while it is read: a place outside gives
// empty texts and zeros, a wrong answer and nothing worse; of no entry more than a million events, versions or names are told, no text is longer than 64 KiB, and times
// are 0 or in years 1970 to 9999. Texts are views into the bytes, which the caller keeps alive.
class View {
public:
    struct Package {
        std::string_view ecosystem;
        std::string_view name;
        std::uint32_t first = 0;  // of affected()
        std::uint32_t count = 0;
    };
    struct Said {
        std::uint32_t record = 0;
        std::string_view note;
        std::uint32_t first_event = 0, events = 0;
        std::uint32_t first_version = 0, versions = 0;
        Level level = Level::none;
        bool denied = false;  // the versions do not have the fault
        std::int64_t fixed_on = 0;
    };
    struct EventAt {
        Event::Kind kind = Event::Kind::introduced;
        bool begins_range = false;
        bool semver = false;
        std::string_view version;
    };
    struct Record {
        std::string_view id, summary, url, vector;
        std::optional<double> score;
        Level level = Level::none;
        std::int64_t published = 0, modified = 0, withdrawn = 0;
        std::uint32_t first_name = 0, cves = 0, aliases = 0;  // of name(): CVEs, then aliases
        std::uint32_t source = 0;
    };
    struct Cve {
        std::string_view id;
        bool exploited = false;
        bool ransomware = false;
        std::string_view name;
        std::int64_t added = 0, due = 0;
        std::optional<double> epss, percentile;  // 0 to 1
    };
    struct Cycle {
        std::string_view product, cycle, latest;
        bool is_over = false;
        std::int64_t released = 0, support_ends = 0, fixes_end = 0;
    };
    struct Source {
        std::string_view name, title, digest;
        std::int64_t fetched = 0, newest = 0;
        std::uint64_t records = 0, refused = 0;
    };
    struct Ecosystem {
        std::string_view name;
        std::uint32_t packages = 0;
    };

    static Result<View> open(Bytes bytes);

    std::uint32_t packages() const;
    Package package(std::uint32_t number) const;
    Package find(std::string_view ecosystem, std::string_view name) const;  // count 0 when nothing is said of it
    Said affected(std::uint32_t number) const;
    EventAt event(std::uint32_t number) const;
    std::string_view version(std::uint32_t number) const;
    std::uint32_t records() const;
    Record record(std::uint32_t number) const;
    std::string_view name(std::uint32_t number) const;
    std::optional<Cve> cve(std::string_view id) const;
    std::uint32_t cves() const;
    std::uint32_t exploited() const;  // how many CVEs are known to be exploited; 0 when no catalogue was read
    std::uint32_t forecasts() const;  // how many have a score of EPSS
    std::uint32_t cycles() const;
    Cycle cycle(std::uint32_t number) const;
    std::uint32_t sources() const;
    Source source(std::uint32_t number) const;
    std::uint32_t ecosystems() const;
    Ecosystem ecosystem(std::uint32_t number) const;
    // The first that is not before this text: those that begin with it follow.
    std::uint32_t first_ecosystem(std::string_view name) const;

    // Reads everything: the digest, that tables are in order, and that every place is inside.
    Status verify() const;

private:
    View() = default;
    std::string_view text(std::uint32_t place) const;

    Bytes whole_, summary_, texts_, packages_, affected_, events_, versions_, records_, names_, cves_, cycles_, sources_, ecosystems_;
};

}  // namespace ward::advisories
