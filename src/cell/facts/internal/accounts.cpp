// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/accounts.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r";
constexpr std::size_t kMaxFields = 64;

// A number as strtoul(3) reads it: blanks and a sign may stand before it, and a minus counts down from 2^64. The C library
// passes over what does not fit in 32 bits then.
std::optional<std::uint32_t> read_id(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    auto value = parse_unsigned(text);
    if (value && negative) value = 0 - *value;
    if (!value || *value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

// The entries of one file, split at colons.
class Entries {
public:
    Entries(const Source& source, Collector& out) : path_{source.about.name}, lines_{source, out}, out_{out} {}

    bool next() {
        while (lines_.next()) {
            text_ = lines_.text();
            text_.remove_prefix(std::min(text_.find_first_not_of(kBlanks), text_.size()));
            if (text_.empty() || text_.starts_with('#')) continue;
            if (text_.starts_with('+') || text_.starts_with('-')) {
                out_.gap(path_, lines_.number(), Code::unsupported, "takes entries from NIS, which are not listed");
                continue;
            }
            fields_ = split(text_, ':');
            if (fields_.size() > kMaxFields) {
                out_.gap(path_, lines_.number(), Code::over_limit, fmt::format("a line of {} fields", fields_.size()));
                continue;
            }
            return true;
        }
        return false;
    }
    void refuse(std::string why) { out_.gap(path_, lines_.number(), Code::malformed, std::move(why)); }
    std::size_t size() const { return fields_.size(); }
    std::string_view field(std::size_t place) const { return place < fields_.size() ? fields_[place] : std::string_view{}; }
    // This field and all behind it, colons included.
    std::string_view rest_from(std::size_t place) const {
        if (place >= fields_.size()) return {};
        std::size_t start = 0;
        for (std::size_t i = 0; i < place; ++i) start += fields_[i].size() + 1;
        return text_.substr(start);
    }
    std::uint64_t line() const { return lines_.number(); }

private:
    std::string_view path_;
    Lines lines_;
    Collector& out_;
    std::string_view text_;
    std::vector<std::string_view> fields_;
};

// Days, or nothing for an empty field and for 2^32 - 1; false when it is no number.
bool read_days(std::string_view field, std::optional<std::int64_t>& days) {
    if (field.empty()) return true;
    const auto value = read_id(field);
    if (value && *value <= INT32_MAX) days = *value;
    return value.has_value();
}

bool read_entry(const Entries& entries, Shadow::Entry& entry) {
    // Nine fields. The oldest form has five, with or without a colon behind; the flag and its colon may be missing too.
    const std::size_t count = entries.size();
    const bool complete = count == 9 || (count == 8 && !entries.field(7).empty()) ||
                          (count == 6 && trim(entries.field(5)).empty()) || (count == 5 && !entries.field(4).empty());
    if (!complete) return false;
    entry.password = entries.field(1);
    std::optional<std::int64_t> flag;
    return read_days(entries.field(2), entry.last_change_day) && read_days(entries.field(3), entry.min_days) &&
           read_days(entries.field(4), entry.max_days) && (count <= 6 || read_days(entries.field(5), entry.warn_days)) &&
           read_days(entries.field(6), entry.inactive_days) && read_days(entries.field(7), entry.expires_day) &&
           read_days(entries.field(8), flag);
}

}  // namespace

bool is_fully_read(const Source* source) {
    using State = wire::SourceBytes::State;
    return source != nullptr && (source->about.state == State::whole || source->about.state == State::missing);
}

std::vector<Account> read_passwd(const Request& request, Collector& out) {
    std::vector<Account> accounts;
    const Source* source = request.find(kPasswd);
    if (source == nullptr) return accounts;
    for (Entries entries{*source, out}; entries.next();) {
        const auto uid = read_id(entries.field(2));
        const auto gid = read_id(entries.field(3));
        if (!uid || !gid) {
            entries.refuse("no line of an account: name, password, uid, gid, comment, home, shell");
            continue;
        }
        accounts.push_back({entries.field(0), entries.field(1), *uid, *gid, entries.field(4), entries.field(5),
                            entries.rest_from(6), entries.line()});
    }
    return accounts;
}

Shadow read_shadow(const Request& request, Collector& out) {
    Shadow shadow;
    const Source* source = request.find(kShadow);
    shadow.whole = is_fully_read(source);
    if (source == nullptr) return shadow;
    for (Entries entries{*source, out}; entries.next();) {
        Shadow::Entry entry;
        if (read_entry(entries, entry)) {
            shadow.entries.try_emplace(entries.field(0), entry);
        } else {
            entries.refuse("no line of a password: nine fields, of them seven numbers or empty");
            shadow.unreadable.insert(entries.field(0));
        }
    }
    return shadow;
}

std::vector<Group> read_group(const Request& request, Collector& out) {
    std::vector<Group> groups;
    const Source* source = request.find(kGroup);
    if (source == nullptr) return groups;
    for (Entries entries{*source, out}; entries.next();) {
        const auto gid = read_id(entries.field(2));
        if (!gid) {
            entries.refuse("no line of a group: name, password, gid, members");
            continue;
        }
        Group group{entries.field(0), entries.field(1), *gid, {}, entries.line()};
        for (const auto member : split(entries.rest_from(3), ',')) {
            if (!trim(member).empty()) group.members.push_back(trim(member));
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

GroupShadow read_gshadow(const Request& request, Collector& out) {
    GroupShadow shadow;
    const Source* source = request.find(kGshadow);
    shadow.whole = is_fully_read(source);
    if (source == nullptr) return shadow;
    for (Entries entries{*source, out}; entries.next();) {
        if (entries.size() == 4) shadow.passwords.try_emplace(entries.field(0), entries.field(1));
        else entries.refuse("no line of a group's password: name, password, administrators, members");
    }
    return shadow;
}

}  // namespace ward::facts
