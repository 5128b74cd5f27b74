// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/address.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dpkg.h"
#include "cell/facts/internal/sshd_config.h"
#include "cell/facts/internal/sshd_keywords.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <set>

namespace ward::facts {
namespace {

using Kind = SshdKeyword::Kind;
using Criterion = SshdMatch::Criterion;
using Criteria = std::vector<Criterion>;

constexpr std::size_t kMaxConnections = 200'000;  // kinds of connections that are told apart

bool is_about_users(const Criterion& criterion) { return criterion.name == "user" || criterion.name == "group"; }
bool is_about_addresses(const Criterion& criterion) { return criterion.name == "address" || criterion.name == "localaddress"; }
bool is_pattern(std::string_view text) { return text.find_first_of("*?!") != std::string_view::npos; }

// Who connects: a user by name, or whoever meets criteria that name nobody we know. Neither: anybody whom no block names.
struct Subject {
    std::string label;
    std::string user;
    std::vector<std::string_view> groups;
    Criteria stands_for;

    bool meets(const Criterion& criterion) const {
        for (const Criterion& own : stands_for)
            if (own.name == criterion.name && (own.pattern == criterion.pattern || criterion.pattern == "*")) return true;
        if (user.empty()) return false;
        if (criterion.name == "user") return sshd_pattern_list(criterion.pattern, user);
        bool found = false;
        for (const std::string_view pattern : split(criterion.pattern, ',')) {
            const bool denied = pattern.starts_with('!');
            for (const std::string_view group : groups) {
                if (!sshd_pattern(pattern.substr(denied ? 1 : 0), group)) continue;
                if (denied) return false;
                found = true;
            }
        }
        return found;
    }
};

// Does all that `place` stands for lie within `list`? Networks are compared as such, all else as patterns.
bool address_list_holds(std::string_view list, std::string_view place) {
    const auto network = parse_network(place);
    bool found = false;
    for (std::string_view item : split(list, ',')) {
        const bool denied = item.starts_with('!');
        if (denied) item.remove_prefix(1);
        const auto wanted = parse_network(item);
        const bool holds = network && wanted ? wanted->contains(*network) : item == place || sshd_pattern(item, place);
        if (!holds) continue;
        if (denied) return false;
        found = true;
    }
    return found;
}

// From where, and to which of our addresses and ports.
struct Place {
    std::string label;
    Criteria stands_for;  // one address or network each

    bool meets(const Criterion& criterion) const {
        for (const Criterion& own : stands_for) {
            if (own.name != criterion.name) continue;
            if (is_about_addresses(criterion)) return address_list_holds(criterion.pattern, own.pattern);
            if (own.pattern == criterion.pattern) return true;
            return !is_pattern(own.pattern) && sshd_pattern_list(to_lower_ascii(criterion.pattern), to_lower_ascii(own.pattern));
        }
        return false;
    }
};

// One value in force, with the line that sets it; none for a default.
struct Setting {
    std::string value;
    const SshdLine* line = nullptr;
    bool known = true;
};
using Settings = std::vector<Setting>;

struct ParsedLine {
    const SshdLine* line;
    const SshdKeyword* keyword;
    std::vector<std::string> values;
};

class Server {
public:
    Server(const Request& request, std::string version, Collector& out)
        : request_{request}, version_{std::move(version)}, out_{out}, config_{read_sshd_config(request, out)} {}

    void tell() {
        knows_lists_ = version_ == sshd_keywords().version;
        check_lists();
        read_lines();
        find_subjects();
        find_places();
        const auto general = settings_for(subjects_[0], places_[0], global());
        emit(subjects_[0], places_[0], with_defaults(general));
        tell_exceptions(general);
    }

private:
    using Table = std::map<const SshdKeyword*, Settings>;

    void gap(const SshdLine& line, Code code, std::string why) { out_.gap(line.file, line.line, code, std::move(why)); }

    bool is_known(const SshdKeyword& keyword) const {
        if (keyword.since.empty() || version_.empty()) return true;
        return number_of(version_) >= number_of(keyword.since);
    }
    static std::uint64_t number_of(std::string_view version) {
        const std::size_t dot = std::min(version.find('.'), version.size());
        const std::string_view minor = version.substr(std::min(dot + 1, version.size()));
        return parse_unsigned(version.substr(0, dot)).value_or(0) * 1000 + parse_unsigned(minor).value_or(0);
    }

    // A mask that does not fit its address makes the server refuse the file.
    void check_lists() {
        for (std::size_t i = 0; i < config_.matches.size(); ++i) {
            for (const Criterion& criterion : config_.matches[i].criteria) {
                if (!is_about_addresses(criterion)) continue;
                for (std::string_view item : split(criterion.pattern, ',')) {
                    if (item.starts_with('!')) item.remove_prefix(1);
                    if (item.find('/') == std::string_view::npos || parse_network(item)) continue;
                    out_.gap(kSshdConfig, 0, Code::malformed, "a network in a Match line that is none; the server does not start");
                }
            }
        }
    }

    void read_lines() {
        for (const SshdLine& line : config_.lines) {
            if (sshd_keywords().ignores(line.keyword, !always(line))) continue;
            const SshdKeyword* const keyword = sshd_keywords().find(line.keyword);
            if (keyword == nullptr || !is_known(*keyword)) {
                // Also those without effect, which may not stand in a Match block either.
                gap(line, Code::unsupported, "a keyword that is not known");
                continue;
            }
            if (!keyword->match && !always(line)) {
                gap(line, Code::malformed, "a keyword that may not stand in a Match block; the server does not start");
                continue;
            }
            auto values = read_sshd_value(*keyword, line.value, knows_lists_);
            if (!values) {
                gap(line, values.error().code, values.error().text);
                continue;
            }
            ParsedLine parsed{&line, keyword, std::move(values).value()};
            const bool repeats = std::any_of(lines_.begin(), lines_.end(), [&](const ParsedLine& before) {
                return before.keyword == keyword && always(*before.line);
            });
            if (is_second_any(parsed, repeats)) {
                gap(line, Code::malformed, "`any` where methods are set already; the server does not start");
                continue;
            }
            lines_.push_back(std::move(parsed));
        }
    }

    // The server takes "any" for a mistake once methods are set, although the first line wins.
    static bool is_second_any(const ParsedLine& parsed, bool set_before) {
        return set_before && parsed.keyword->name == "authenticationmethods" && parsed.values.front() == "any";
    }

    // Outside of all blocks, or in nothing but `Match all`?
    bool always(const SshdLine& line) const {
        return std::all_of(line.blocks.begin(), line.blocks.end(), [&](std::size_t block) {
            return config_.matches[block].understood && config_.matches[block].criteria.empty();
        });
    }
    bool meets(const SshdLine& line, const Subject& subject, const Place& place) const {
        return std::all_of(line.blocks.begin(), line.blocks.end(), [&](std::size_t block) {
            const SshdMatch& match = config_.matches[block];
            return match.understood && std::all_of(match.criteria.begin(), match.criteria.end(), [&](const Criterion& criterion) {
                       return is_about_users(criterion) ? subject.meets(criterion) : place.meets(criterion);
                   });
        });
    }

    static void set(Table& table, const ParsedLine& parsed) {
        Settings& settings = table[parsed.keyword];
        if (!settings.empty() && parsed.keyword->kind == Kind::rekey) {
            add_time(settings[0], parsed.values[0]);
            return;
        }
        const bool wins = parsed.keyword->last || (parsed.keyword->none_wins && says_none(*parsed.line));
        if (!settings.empty() && !parsed.keyword->adds_up() && !wins) return;
        if (wins) settings.clear();
        for (const std::string& value : parsed.values) {
            const bool known = parsed.keyword->kind != Kind::algorithms || !value.empty();
            settings.push_back({value, parsed.line, known});
        }
    }

    static bool says_none(const SshdLine& line) {
        const auto words = sshd_words(line.value);
        return words && !words->empty() && equal_ignoring_case(words->front(), "none");
    }

    // The two words of a rekeylimit are set by the first line that has each.
    static void add_time(Setting& setting, std::string_view later) {
        const std::size_t blank = later.find(' ');
        if (blank != std::string_view::npos && setting.value.find(' ') == std::string::npos) setting.value += later.substr(blank);
    }

    Table global() const {
        Table table;
        for (const ParsedLine& parsed : lines_)
            if (always(*parsed.line)) set(table, parsed);
        return table;
    }

    // The blocks are read a second time for each connection, and what they set takes the place of what stood before.
    Table settings_for(const Subject& subject, const Place& place, Table base) {
        Table own;
        for (const ParsedLine& parsed : lines_) {
            // Also in a block that is not about this connection.
            if (is_second_any(parsed, own.contains(parsed.keyword)) && refused_.insert(parsed.line).second) {
                gap(*parsed.line, Code::malformed, "`any` where methods are set already; the server refuses those connections");
            }
            if (!parsed.line->blocks.empty() && parsed.keyword->match && meets(*parsed.line, subject, place)) set(own, parsed);
        }
        for (auto& [keyword, settings] : own) {
            // Subsystems are kept by name, each on its own.
            if (keyword->kind == Kind::subsystem) {
                Settings& all = base[keyword];
                all.insert(all.end(), settings.begin(), settings.end());
            } else if (keyword->kind == Kind::rekey && base.contains(keyword)) {
                add_time(settings[0], base[keyword][0].value);
                base[keyword] = std::move(settings);
            } else {
                base[keyword] = std::move(settings);
            }
        }
        if (const auto rekey = base.find(sshd_keywords().find("rekeylimit")); rekey != base.end()) add_time(rekey->second[0], "0 0");
        return base;
    }

    Table with_defaults(Table table) const {
        for (const SshdKeyword& keyword : sshd_keywords().keywords) {
            if (!is_known(keyword) || table.contains(&keyword)) continue;
            const bool known = keyword.kind != Kind::algorithms || knows_lists_;
            for (const std::string& value : keyword.defaults) table[&keyword].push_back({value, nullptr, known});
        }
        const SshdKeyword* const listen = sshd_keywords().find("listenaddress");
        table[listen] = listen_addresses(table);
        return table;
    }

    // Each address with each port, unless it names one.
    static Settings listen_addresses(Table& table) {
        const Settings& ports = table[sshd_keywords().find("port")];
        const std::string& family = table[sshd_keywords().find("addressfamily")].at(0).value;
        Settings asked = table[sshd_keywords().find("listenaddress")];
        if (asked.empty()) {
            if (family != "inet") asked.push_back({"::", nullptr});
            if (family != "inet6") asked.push_back({"0.0.0.0", nullptr});
        }
        Settings found;
        for (const Setting& setting : asked) {
            std::string_view host = setting.value;
            std::string_view port;
            if (host.starts_with('[')) {
                const std::size_t end = std::min(host.find(']'), host.size());
                port = host.substr(std::min(end + 1, host.size()));
                host = host.substr(1, end - 1);
            } else if (std::count(host.begin(), host.end(), ':') == 1) {
                port = host.substr(host.find(':'));
                host = host.substr(0, host.find(':'));
            }
            const bool v6 = host.find(':') != std::string_view::npos;
            const auto add = [&](std::string_view number) {
                found.push_back({fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), host, number), setting.line});
            };
            if (port.size() > 1) add(port.substr(1));
            else for (const Setting& each : ports) add(each.value);
        }
        return found;
    }

    void find_subjects() {
        subjects_.push_back({});
        std::set<std::string> seen;
        const bool any = std::any_of(config_.matches.begin(), config_.matches.end(), [](const SshdMatch& match) {
            return std::any_of(match.criteria.begin(), match.criteria.end(), is_about_users);
        });
        if (!any) return;
        const std::vector<Account> accounts = read_passwd(request_, out_);
        const std::vector<Group> groups = read_group(request_, out_);
        std::map<std::string_view, std::vector<std::string_view>> groups_of;
        std::map<std::uint32_t, std::string_view> names;
        for (const Group& group : groups) {
            names.emplace(group.gid, group.name);
            for (const std::string_view member : group.members) groups_of[member].push_back(group.name);
        }
        const auto add = [&](Subject subject) {
            if (seen.insert(subject.label).second) subjects_.push_back(std::move(subject));
        };
        std::map<std::string_view, std::uint32_t> known;
        for (const Account& account : accounts) known.emplace(account.name, account.gid);
        for (const SshdMatch& match : config_.matches) {
            Criteria criteria;
            std::copy_if(match.criteria.begin(), match.criteria.end(), std::back_inserter(criteria), is_about_users);
            if (criteria.empty()) continue;
            bool found = false;
            bool open = false;
            for (const auto& [name, gid] : known) {
                Subject subject{std::string{name}, std::string{name}, groups_of[name], {}};
                if (const auto group = names.find(gid); group != names.end()) subject.groups.push_back(group->second);
                if (!std::all_of(criteria.begin(), criteria.end(), [&](const Criterion& c) { return subject.meets(c); })) continue;
                found = true;
                add(std::move(subject));
            }
            std::string label;
            for (const Criterion& criterion : criteria) {
                label += (label.empty() ? "" : " ") + std::string{criterion.name == "group" ? "%" : ""} + criterion.pattern;
                if (criterion.name != "user") continue;
                for (const std::string_view name : split(criterion.pattern, ',')) {
                    if (is_pattern(name)) open = true;
                    else if (!name.empty() && criteria.size() == 1 && !known.contains(name)) {
                        found = true;
                        add({std::string{name}, std::string{name}, {}, {}});
                    }
                }
            }
            if (open || !found) add({label, {}, {}, criteria});
        }
    }

    void find_places() {
        places_.push_back({});
        std::set<std::string> seen;
        for (const SshdMatch& match : config_.matches) {
            std::vector<Place> places{{}};
            for (const Criterion& criterion : match.criteria) {
                if (is_about_users(criterion)) continue;
                std::vector<std::string> items{criterion.pattern};
                if (is_about_addresses(criterion)) {
                    items.clear();
                    for (const std::string_view item : split(criterion.pattern, ','))
                        if (!item.starts_with('!')) items.emplace_back(item);
                }
                std::vector<Place> next;
                for (const Place& place : places) {
                    for (const std::string& item : items) {
                        if (next.size() >= kMaxConnections) break;
                        Place one = place;
                        one.label += (one.label.empty() ? "" : " ") + (criterion.name == "address" ? item : criterion.name + " " + item);
                        one.stands_for.push_back({criterion.name, item});
                        next.push_back(std::move(one));
                    }
                }
                places = std::move(next);
            }
            for (Place& place : places)
                if (!place.label.empty() && seen.insert(place.label).second) places_.push_back(std::move(place));
        }
    }

    void tell_exceptions(const Table& general) {
        if (subjects_.size() * places_.size() > kMaxConnections) {
            out_.gap(kSshdConfig, 0, Code::over_limit, "Match blocks name more users and addresses than are told apart");
            return;
        }
        const Table base = global();
        std::vector<Table> by_place;
        for (const Place& place : places_) by_place.push_back(settings_for(subjects_[0], place, base));
        for (std::size_t s = 0; s < subjects_.size(); ++s) {
            const Table by_subject = settings_for(subjects_[s], places_[0], base);
            for (std::size_t p = 0; p < places_.size(); ++p) {
                if (s == 0 && p == 0) continue;
                const Table own = settings_for(subjects_[s], places_[p], base);
                Table differs;
                for (const auto& [keyword, settings] : own) {
                    if (same(settings, general, keyword) && (s == 0 || p == 0 || (same(settings, by_subject, keyword) && same(settings, by_place[p], keyword)))) {
                        continue;
                    }
                    differs.emplace(keyword, settings);
                }
                emit(subjects_[s], places_[p], differs);
            }
        }
    }

    static bool same(const Settings& settings, const Table& table, const SshdKeyword* keyword) {
        const auto found = table.find(keyword);
        const auto value = [](const Setting& setting) { return setting.value; };
        std::vector<std::string> other;
        if (found == table.end()) other = keyword->defaults;
        else std::transform(found->second.begin(), found->second.end(), std::back_inserter(other), value);
        std::vector<std::string> own;
        std::transform(settings.begin(), settings.end(), std::back_inserter(own), value);
        return own == other;
    }

    void emit(const Subject& subject, const Place& place, const Table& table) {
        for (const SshdKeyword& keyword : sshd_keywords().keywords) {
            const auto found = table.find(&keyword);
            if (found == table.end()) continue;
            for (const Setting& setting : found->second) {
                const SshdLine* const line = setting.line;
                out_.add({text(subject.label), text(place.label), text(keyword.name), setting.known ? text(setting.value) : null(),
                          line == nullptr ? null() : text(line->file), line == nullptr ? null() : number(line->line),
                          text(line == nullptr ? "" : config_.criteria(*line))});
            }
        }
    }

    const Request& request_;
    std::string version_;
    Collector& out_;
    SshdConfig config_;
    bool knows_lists_ = false;
    std::vector<ParsedLine> lines_;
    std::set<const SshdLine*> refused_;  // what there is a gap for
    std::vector<Subject> subjects_;  // the first one is whom no block names
    std::vector<Place> places_;      // the same
};

// "1:9.2p1-2+deb12u10" gives "9.2".
std::string upstream_version(std::string_view version) {
    const std::size_t colon = version.find(':');
    if (colon != std::string_view::npos) version.remove_prefix(colon + 1);
    return std::string{version.substr(0, version.find_first_not_of("0123456789."))};
}

bool is_there(const Source* source) { return source != nullptr && source->about.state != wire::SourceBytes::State::missing; }

}  // namespace

wire::ParseAnswer parse_ssh_server(const Request& request) {
    Collector out;
    const SshdConfig config = read_sshd_config(request, out);
    for (const SshdLine& line : config.lines) {
        out.add({text(line.keyword), text(line.value), text(config.criteria(line)), text(line.file), number(line.line)});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_sshd_effective(const Request& request) {
    Collector out;
    if (!is_there(request.find(kSshdConfig))) return std::move(out).finish();
    std::string version;
    if (is_there(request.find(kDpkgStatus))) {
        for (const DpkgPackage& package : read_dpkg(request, out))
            if (package.name == "openssh-server" && package.present()) version = upstream_version(package.version);
        if (version.empty()) return std::move(out).finish();
    } else {
        out.gap(kSshdConfig, 0, Code::unsupported,
                fmt::format("the version of OpenSSH is not known; what is not set is told as of {}", sshd_keywords().version));
    }
    Server{request, version, out}.tell();
    return std::move(out).finish();
}

}  // namespace ward::facts
