// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace ward::facts {

class Collector;

inline constexpr std::string_view kPasswd = "/etc/passwd";
inline constexpr std::string_view kShadow = "/etc/shadow";
inline constexpr std::string_view kGroup = "/etc/group";
inline constexpr std::string_view kGshadow = "/etc/gshadow";

// The lines of passwd, shadow, group and gshadow as the C library reads them, because that is what a login meets: blanks
// before a name do not count, " 0" and "+0" are numbers, and a line of passwd may end behind its gid. A line that the
// library passes over is a gap. Texts are views into the request's bytes.

struct Account {
    std::string_view name;
    std::string_view password;  // "x" for the one in shadow
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string_view gecos;
    std::string_view home;
    std::string_view shell;     // as written
    std::uint64_t line = 0;
};
std::vector<Account> read_passwd(const Request& request, Collector& out);

struct Shadow {
    struct Entry {
        std::string_view password;
        std::optional<std::int64_t> last_change_day, min_days, max_days, warn_days, inactive_days, expires_day;
    };
    bool whole = false;                                  // all of it was read; a file that is missing says nothing
    std::map<std::string_view, Entry, std::less<>> entries;  // of several lines for a name the first counts
    std::set<std::string_view, std::less<>> unreadable;  // names with a line that could not be understood
};
Shadow read_shadow(const Request& request, Collector& out);

struct Group {
    std::string_view name;
    std::string_view password;
    std::uint32_t gid = 0;
    std::vector<std::string_view> members;
    std::uint64_t line = 0;
};
std::vector<Group> read_group(const Request& request, Collector& out);

// Passwords of groups by name, as Shadow has those of users.
struct GroupShadow {
    bool whole = false;
    std::map<std::string_view, std::string_view, std::less<>> passwords;
};
GroupShadow read_gshadow(const Request& request, Collector& out);

// Was everything there is of this source read? True for one that is missing.
bool is_fully_read(const Source* source);

}  // namespace ward::facts
