// SPDX-License-Identifier: Apache-2.0
// The tables `users`, `groups` and `group_members`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/password_hash.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::string_view kDefaultShell = "/bin/sh";
constexpr std::string_view kNoShells[] = {"false", "git-shell", "halt", "nologin", "shutdown", "sync", "true"};

bool is_interactive(std::string_view shell) {
    return std::find(std::begin(kNoShells), std::end(kNoShells), base_name(shell)) == std::end(kNoShells);
}

Value seconds(std::optional<std::int64_t> day) { return day ? number(*day * kDaySeconds) : null(); }

// pam_unix asks shadow for "x" and for "##" with the name behind; all else is the password itself, whatever shadow says.
bool is_in_shadow(const Account& account) {
    return account.password == "x" || (account.password.starts_with("##") && account.password.substr(2) == account.name);
}

}  // namespace

wire::ParseAnswer parse_users(const Request& request) {
    Collector out;
    const Shadow shadow = read_shadow(request, out);
    for (const Account& account : read_passwd(request, out)) {
        const auto found = shadow.entries.find(account.name);
        const bool listed = found != shadow.entries.end();
        const bool answered = listed || (shadow.whole && !shadow.unreadable.contains(account.name));
        const Shadow::Entry entry = listed ? found->second : Shadow::Entry{};
        std::optional<PasswordField> password;
        if (!is_in_shadow(account)) password = read_password_field(account.password);
        else if (listed) password = read_password_field(entry.password);
        else if (answered) password = read_password_field("*");  // "x" and no line: nothing to compare with
        const std::string_view shell = account.shell.empty() ? kDefaultShell : account.shell;
        out.add({text(account.name), number(account.uid), number(account.gid), text(account.gecos), text(account.home),
                 text(shell), flag(is_interactive(shell)), password ? text(password->kind) : null(),
                 password ? text_or_null(password->hash_kind) : null(), password ? number(password->rounds) : null(),
                 password && password->usable ? flag(*password->usable) : null(), seconds(entry.last_change_day),
                 number(entry.min_days), number(entry.max_days), number(entry.warn_days), number(entry.inactive_days),
                 seconds(entry.expires_day), answered ? flag(listed) : null(), text(kPasswd), number(account.line)});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_groups(const Request& request) {
    Collector out;
    const GroupShadow shadow = read_gshadow(request, out);
    for (const Group& group : read_group(request, out)) {
        // Other than for users, a line in gshadow wins over the field in group (newgrp).
        const auto found = shadow.passwords.find(group.name);
        Value kind;
        if (found != shadow.passwords.end()) kind = text(read_password_field(found->second).kind);
        else if (shadow.whole) kind = text(read_password_field(group.password).kind);
        out.add({text(group.name), number(group.gid), std::move(kind), text(kGroup), number(group.line)});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_group_members(const Request& request) {
    Collector out;
    const auto groups = read_group(request, out);
    for (const Group& group : groups) {
        for (const auto member : group.members) {
            out.add({text(group.name), number(group.gid), text(member), flag(false), text(kGroup), number(group.line)});
        }
    }
    std::map<std::uint32_t, std::string_view> names;
    for (const Group& group : groups) names.try_emplace(group.gid, group.name);
    for (const Account& account : read_passwd(request, out)) {
        const auto name = names.find(account.gid);
        out.add({name == names.end() ? null() : text(name->second), number(account.gid), text(account.name), flag(true),
                 text(kPasswd), number(account.line)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
