// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

class Collector;

// An assignment in a unit file.
struct UnitSetting {
    std::string section;
    std::string key;
    std::string value;       // continued lines joined
    std::string_view file;
    std::uint64_t line = 0;  // where it begins
};

// A unit as the manager would put it together, whether or not it runs.
struct Unit {
    std::string name;
    const Source* file = nullptr;              // the file in force
    bool masked = false;                       // then it has no settings
    std::string state;                         // enabled, disabled, static, masked, alias, linked, generated, transient
    std::set<std::string> wanted_by;           // units that pull it in; none for a masked one
    std::vector<std::string_view> drop_ins;    // in the order in which they are merged
    std::vector<const UnitSetting*> settings;  // in force, in the order in which they were made

    bool enabled() const { return !wanted_by.empty(); }
    std::string_view type() const;             // "service"
    std::string_view instance() const;         // "tty1" of getty@tty1.service, else ""

    const UnitSetting* first(std::string_view section, std::string_view key) const;
    std::string_view value(std::string_view section, std::string_view key) const;  // the last, or ""
    bool is_on(std::string_view section, std::string_view key) const;              // a boolean that says yes
    std::optional<std::string> user() const;   // root where it is not set; nothing for a DynamicUser without a name
    // The service that a timer, a path or a socket starts.
    std::string starts() const;
    // The value with the specifiers for parts of the name (%i, %I, %n, %N, %p, %P, %%) replaced; others stay as they are.
    std::string expanded(std::string_view value) const;
};

// All units of the system manager (systemd.unit(5)):
//
//     const UnitFiles units{request, out};
//     for (const auto& [name, unit] : units.all()) use(unit);
//
// The first folder of the search path wins. Drop-ins come from the folders named after the unit, its template, its other names,
// what stands before a dash in its name, and its type. An instance is there when a link or a target names it. A unit without a
// file is not there, whatever names it, since it cannot start. Asks for what is behind folders that are links. Keeps views into
// the request.
class UnitFiles {
public:
    UnitFiles(const Request& request, Collector& out);
    UnitFiles(const UnitFiles&) = delete;  // units point to settings
    UnitFiles& operator=(const UnitFiles&) = delete;

    const std::map<std::string, Unit, std::less<>>& all() const { return units_; }
    // By any of its names.
    const Unit* find(std::string_view name) const;

private:
    struct Entry {
        const Source* source = nullptr;
        std::size_t folder = 0;  // of the search path
        std::string alias_of;    // empty for a file
    };
    struct Link {
        std::size_t folder = 0;
        std::string by;          // "multi-user.target"
        std::string name;        // what it pulls in
    };
    struct DropIn {
        std::size_t folder = 0;
        const Source* source = nullptr;
    };
    using Names = std::vector<std::string>;

    void index(const Source& source, std::size_t folder, std::string_view below);
    void index_link(const Source& source, std::size_t folder, std::string_view holder, std::string_view name);
    void add_links_of_targets();
    std::set<std::string> targets_of_a_start() const;
    std::string resolve(std::string_view name) const;
    void add(const std::string& name, const Entry& entry);
    void pull_in(const Link& link);
    void add_aliases();
    std::string state_of(const Unit& unit) const;
    Names names_of(const std::string& name) const;
    std::vector<const Source*> drop_ins_of(const Unit& unit) const;
    bool load(Unit& unit);
    const std::vector<UnitSetting>& settings_of(const Source& source);

    Collector& out_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::map<std::string, Names, std::less<>> aliases_;              // by the name that they stand for
    std::map<std::string, std::vector<DropIn>, std::less<>> drop_ins_;  // by folder: "ssh.service.d"
    std::vector<Link> links_;
    std::set<std::string> linked_;                                   // folder and name of each link that was seen
    std::set<std::string> enabled_;                                  // named by a link that an administrator made
    std::map<const Source*, std::vector<UnitSetting>> settings_;
    std::map<std::string, Unit, std::less<>> units_;
    std::size_t total_settings_ = 0;
};

// "-/bin/sh -c 'exit 0'" gives "/bin/sh": the first word without quotes, escapes and the prefixes of ExecStart=.
std::string unit_program(std::string_view command);

}  // namespace ward::facts
