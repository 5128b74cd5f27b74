// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/toml_read.h"
#include "core/url.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ward::update {

// What a source's file holds, and so which part of Ward reads it.
enum class SourceKind { osv, kev, epss, debian_tracker, endoflife, yara };
std::string_view kind_name(SourceKind kind);  // "debian-tracker"

// A publisher's whole file, as data/sources/ID.toml describes it (docs/update.md). Every host asks for the same file: nothing in
// an address may depend on the machine, so there are no placeholders.
struct SourceSpec {
    std::string id;                    // "osv-debian"; also the folder in the state
    std::string title;
    std::string publisher;
    SourceKind kind = SourceKind::osv;
    std::string ecosystem;             // of osv: "Debian", "PyPI"
    std::vector<std::string> urls;     // asked in this order until one answers; each gives the same file
    std::vector<std::string> origins;  // "github.com": whom a request may be sent to, redirections included
    std::string file;                  // its name in the state, and in a folder for --from
    std::vector<std::string> begins;   // bytes that it may begin with; none: any
    std::uint64_t min_bytes = 1;       // a shorter one is no such file but an excuse
    std::uint64_t max_bytes = 0;
    std::uint32_t schedule_hours = 24; // how often the publisher has news
    std::string licence;               // SPDX, or a few words
    std::string licence_page;
    bool on = false;                   // unless configuration says otherwise
};

// One file of data/sources, or one [[update.source]] of the configuration.
Result<SourceSpec> parse_source(std::string_view text, std::string_view file);
Result<SourceSpec> read_source_spec(const TomlNode& node);
// All *.toml of a folder, sorted by id. One broken file is an error: the data came with the program.
Result<std::vector<SourceSpec>> load_sources(const std::string& folder);

// The sources of this machine: `shipped`, with those of the configuration added or in place of those with the same id, and each
// turned on or off as it says (`off` wins). An id that names no source is an error, since a slip would leave something undone.
Result<std::vector<SourceSpec>> merge_sources(std::vector<SourceSpec> shipped, const std::vector<SourceSpec>& further, const std::vector<std::string>& on,
                                              const std::vector<std::string>& off);

// May a request of this source go there? Only https, only to a host and port that the source names.
Status may_ask(const SourceSpec& source, const Url& url);

// Does a file look like this source's, by its size and first bytes? What is in it is for a cell to say.
Status looks_right(const SourceSpec& source, std::uint64_t bytes, std::string_view first);
inline constexpr std::size_t kFirstBytes = 64;  // of them looks_right wants at most so many

// Has the publisher probably had news since `checked` (seconds since 1970)?
bool due(const SourceSpec& source, std::int64_t checked, std::int64_t now);

}  // namespace ward::update
