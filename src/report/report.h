// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/finding.h"
#include "model/gap.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ward::report {

// What was run, known before the first finding.
struct Run {
    std::string command;        // "check"
    std::int64_t started = 0;   // seconds since 1970
    std::string version;        // of Ward
    std::string host;
    std::string rules_id;       // digest of the rule database; empty when no malware rules took part
    std::uint64_t rules_count = 0;
};

// What a walk met and did not look into, because there is nothing to look into or because it was told so.
struct PassedOver {
    std::uint64_t links = 0;         // symbolic links
    std::uint64_t special = 0;       // FIFOs, sockets, devices
    std::uint64_t names = 0;         // further names of a file or folder that was looked at
    std::uint64_t excluded = 0;
    std::uint64_t file_systems = 0;  // folders of pseudo and network file systems

    std::uint64_t all() const { return links + special + names + excluded + file_systems; }
};

// What was done in one area. Malware counts objects, the others checks.
struct AreaTally {
    bool ran = false;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t flagged = 0;
    std::uint64_t checks = 0;
    std::uint64_t failed = 0;
    std::uint64_t gaps = 0;
    PassedOver passed_over;
    std::uint64_t processes = 0;
};

struct Summary {
    double seconds = 0;
    bool interrupted = false;
    std::array<AreaTally, 5> areas;  // in the order of kAreas

    AreaTally& of(Area area) { return areas[static_cast<std::size_t>(area)]; }
    const AreaTally& of(Area area) const { return areas[static_cast<std::size_t>(area)]; }
};

// What the last report of the same command and the same roots held, so that this one can say what is new and fixed.
struct Comparison {
    std::int64_t previous = 0;              // when it ran; 0 when there was none
    std::vector<std::string> known;         // ids of its findings
    std::vector<Finding> fixed;             // of those, the ones that are gone; only id, rule, title and where
};

// A check that was answered whole and found nothing.
struct Passed {
    Area area = Area::network;
    std::string rule;
    std::string title;
};

struct Report {
    Run run;
    Summary summary;
    std::vector<Finding> findings;          // worst first
    std::vector<Gap> gaps;
    std::vector<Passed> passed;             // for JUnit, which counts what went well
    Comparison comparison;
};

enum class Format { text, json, jsonl, sarif, junit, html, csv };
std::optional<Format> format_from_name(std::string_view name);
std::string_view format_names();  // "text, json, ...", for messages

struct Style {
    bool colour = false;
    bool quiet = false;    // text: findings and the last line only
    bool verbose = false;  // text: every gap, every further piece of evidence
    std::uint32_t width = 100;
};

// Worst first; then by area, rule and place, so that equal runs give equal reports.
void sort(std::vector<Finding>& findings);

// The whole report as one document. jsonl is one object a line: run, finding, gap, summary (last).
std::string render(const Report& report, Format format, const Style& style);

// `where` for people: path, line and members, escaped for a terminal.
std::string place(const Where& where);

}  // namespace ward::report
