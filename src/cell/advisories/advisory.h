// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::advisories {

// What publishers say of faults in software, in one form whatever they wrote it in: OSV's (OSV schema 1.7), because the other
// forms fit into it. Times are seconds since 1970, UTC; 0 when nothing is said.

// How bad a publisher calls it. Each has words of its own; these are what they mean.
enum class Level : std::uint8_t { none = 0, low = 1, medium = 2, high = 3, critical = 4 };

struct Event {
    enum class Kind : std::uint8_t { introduced = 0, fixed = 1, last_affected = 2, limit = 3 };
    Kind kind = Kind::introduced;
    std::string version;  // "0" of introduced: before all versions
    bool operator==(const Event&) const = default;
};

struct Range {
    bool semver = false;  // ordered by Semantic Versioning, whatever the ecosystem's order is
    std::vector<Event> events;
    bool operator==(const Range&) const = default;
};

struct Affected {
    std::string ecosystem;              // "Debian:12", "npm"
    std::string name;
    std::vector<Range> ranges;
    std::vector<std::string> versions;  // affected too, one by one
    Level level = Level::none;          // of this package; none: as the advisory says
    std::string note;                   // "no-dsa: minor issue"
    std::int64_t fixed_on = 0;          // when the fix came out
    bool denied = false;                // the reverse: the publisher says that these versions do not have the fault (VEX)
};

struct Advisory {
    std::string id;
    std::string summary;
    std::string url;
    std::vector<std::string> cves;      // all that it is about
    std::vector<std::string> aliases;   // other names of it, CVEs left out
    std::string vector;                 // CVSS, as written
    std::optional<double> score;        // of it, 0 to 10
    Level level = Level::none;
    std::int64_t published = 0;
    std::int64_t modified = 0;
    std::int64_t withdrawn = 0;
    std::vector<Affected> affected;
};

// CISA's catalogue of known exploited vulnerabilities.
struct KnownExploited {
    std::string cve;
    std::string name;
    std::int64_t added = 0;
    std::int64_t due = 0;
    bool ransomware = false;
};

// FIRST's Exploit Prediction Scoring System: how likely it is to be exploited in the next 30 days. In hundred-thousandths.
struct Exploitability {
    std::string cve;
    std::uint32_t score = 0;
    std::uint32_t percentile = 0;
};

// How long a line of releases is looked after.
struct LifeCycle {
    std::string product;          // endoflife.date's name: "nginx"
    std::string cycle;            // "1.22"
    std::string latest;           // its newest version; empty when it is not told
    std::int64_t released = 0;
    std::int64_t support_ends = 0;
    std::int64_t fixes_end = 0;   // of security fixes
    bool is_over = false;         // the publisher says so, with or without a day
};

// OSV's rating by vendors' words: "Important" and "HIGH" are high, "moderate" is medium. none for other words.
Level level_of(std::string_view word);
// By the bands of CVSS 3 (specification document, section 5).
Level level_of(double score);
std::string_view name_of(Level level);  // "" of none

// "2025-07-01T19:42:01Z" (RFC 3339) or "2025-07-01"; 0 for what is neither, or before 1970.
std::int64_t parse_time(std::string_view text);
bool is_cve(std::string_view text);  // "CVE-2024-3094"

}  // namespace ward::advisories
