// SPDX-License-Identifier: Apache-2.0
// The tables `sudo_rules` and `sudo_defaults`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/sudoers.h"

#include <algorithm>

namespace ward::facts {
namespace {

using Member = Sudoers::Member;
using List = Sudoers::List;
using AliasKind = Sudoers::AliasKind;

// The rows that one rule stands for; an alias of a hundred commands on a hundred hosts for ten users is far below it.
constexpr std::size_t kMaxRowsOfRule = 200'000;
constexpr std::size_t kMaxSteps = 20'000'000;  // aliases that each name another one twice double with each

// Writes the rows of all rules.
class Rows {
public:
    Rows(const Sudoers& sudoers, Collector& out) : sudoers_{sudoers}, out_{out} {
        for (const auto& entry : sudoers.defaults) {
            if (entry.name == "runas_default" && entry.scope.empty() && entry.value) default_target_ = *entry.value;
        }
    }

    void add(const Sudoers::Rule& rule) {
        rule_ = &rule;
        const auto users = expanded(sudoers_.lists[rule.users], AliasKind::user);
        const auto hosts = expanded(sudoers_.lists[rule.hosts], AliasKind::host);
        const auto targets = expanded(rule.runas_users, AliasKind::runas);
        const auto groups = expanded(rule.runas_groups, AliasKind::runas);
        const auto commands = expanded({rule.command}, AliasKind::command);
        std::size_t rows = 1;
        for (const std::size_t count : {users.size(), hosts.size(), std::max<std::size_t>(targets.size(), 1),
                                        std::max<std::size_t>(groups.size(), 1), commands.size()}) {
            if (count != 0 && rows > kMaxRowsOfRule / count) return gap(Code::over_limit, "a rule that stands for too many");
            rows *= count;
        }
        std::vector<Value> target_names = names(targets);
        if (targets.empty()) target_names = {rule.names_target ? null() : text(default_target_)};
        std::vector<Value> group_names = names(groups);
        if (groups.empty()) group_names = {null()};
        std::string tags;
        for (const auto& tag : rule.tags) tags.append(tags.empty() ? "" : " ").append(tag);
        for (const Member& user : users)
            for (const Value& host : names(hosts))
                for (const Value& target : target_names)
                    for (const Value& group : group_names)
                        for (const Member& command : commands)
                            out_.add({text(user.text), host, target, group, text(command.text), flag(command.negated),
                                      flag(rule.no_password), text(tags), flag(user.negated),
                                      text(sudoers_.files[rule.file]), number(rule.line)});
    }

private:
    // What the list stands for. A name that looks like an alias and is none is a plain name, but no command.
    List expanded(const List& list, AliasKind kind) {
        struct Open {
            const List* list;
            std::size_t next;
            bool negated;
            const std::string* alias;
        };
        List found;
        std::vector<Open> open{{&list, 0, false, nullptr}};
        while (!open.empty()) {
            if (open.back().next == open.back().list->size()) {
                open.pop_back();
                continue;
            }
            if (++steps_ > kMaxSteps || found.size() > kMaxRowsOfRule) {
                gap(Code::over_limit, "aliases that stand for too many");
                return {};
            }
            const Member& member = (*open.back().list)[open.back().next++];
            const bool negated = member.negated != open.back().negated;
            const auto alias = member.may_be_alias ? sudoers_.aliases.find({kind, member.text}) : sudoers_.aliases.end();
            if (alias == sudoers_.aliases.end()) {
                if (member.may_be_alias && kind == AliasKind::command) gap(Code::malformed, "an alias of commands that is nowhere defined");
                else found.push_back({member.text, negated, false});
            } else if (std::any_of(open.begin(), open.end(), [&](const Open& one) {
                           return one.alias != nullptr && *one.alias == member.text;
                       })) {
                gap(Code::malformed, "an alias that stands for itself");
            } else {
                open.push_back({&alias->second, 0, negated, &member.text});
            }
        }
        return found;
    }

    static std::vector<Value> names(const List& list) {
        std::vector<Value> found;
        for (const Member& member : list) found.push_back(text((member.negated ? "!" : "") + member.text));
        return found;
    }

    void gap(Code code, std::string why) { out_.gap(sudoers_.files[rule_->file], rule_->line, code, std::move(why)); }

    const Sudoers& sudoers_;
    Collector& out_;
    const Sudoers::Rule* rule_ = nullptr;
    std::string default_target_ = "root";
    std::size_t steps_ = 0;
};

}  // namespace

wire::ParseAnswer parse_sudo_rules(const Request& request) {
    Collector out;
    const Sudoers sudoers = read_sudoers(request, out);
    Rows rows{sudoers, out};
    for (const auto& rule : sudoers.rules) rows.add(rule);
    return std::move(out).finish();
}

wire::ParseAnswer parse_sudo_defaults(const Request& request) {
    Collector out;
    const Sudoers sudoers = read_sudoers(request, out);
    for (const auto& entry : sudoers.defaults) {
        out.add({text(entry.name), entry.value ? text(*entry.value) : null(), text(entry.operation), flag(entry.negated),
                 text(entry.scope), text(sudoers.files[entry.file]), number(entry.line)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
