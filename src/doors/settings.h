// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "doors/arguments.h"
#include "model/messages.h"
#include "update/source.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ward::doors {

// [update]: what `ward update` may ask for, and how.
struct UpdateSettings {
    std::vector<std::string> on;     // ids of sources that are off unless somebody turns them on
    std::vector<std::string> off;    // wins over `on`
    std::string proxy;               // "http://host:port", "none", or empty: as the environment says
    std::string ca_file;             // certificates to trust beside the system's
    bool require_set = false;        // require = "set": nothing that is only signed by TLS
    std::vector<update::SourceSpec> sources;  // [[update.source]]: further ones, or in place of those with the same id
};

// What configuration says (docs/configuration.md): /etc/ward/ward.toml, then /etc/ward/ward.d/*.toml by name, then
// $XDG_CONFIG_HOME/ward/ward.toml; a later file wins key by key. Options of the command line win over all.
struct Settings {
    std::vector<std::string> rules;       // [scan] rules
    std::vector<std::string> exclude;     // [scan] exclude
    unsigned threads = 0;                 // [scan] threads; 0: one for each processor
    std::uint64_t max_filesize = 0;       // [scan] max_filesize; 0: no limit
    bool cross_mounts = false;            // [scan] cross_mounts
    Limits limits;                        // [limits]
    wire::Externals externals;            // of the command line only
    std::chrono::milliseconds budget{120'000};  // [check] budget
    UpdateSettings update;                // [update]
};

// A file that is missing is none; one that cannot be read or is wrong is an error that names file, line and key, because to
// go on without what it says might leave out what it asks for.
Result<Settings> load_settings();
// The same from named files, in their order.
Result<Settings> read_settings(const std::vector<std::string>& files);

// What --define says. As yara -d: true and false are booleans, digits a number, digits with a point a real, all else a text.
Result<wire::Externals> externals_of(const Arguments& arguments);

// The options of scanning, over the settings: --threads, --exclude, --max-*, --cross-mounts, --rules, --define.
std::span<const Option> scan_options();
Status apply(const Arguments& arguments, Settings& settings);

}  // namespace ward::doors
