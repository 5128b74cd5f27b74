// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/csaf.h"

#include "cell/advisories/cvss.h"
#include "cell/advisories/internal/json_fields.h"
#include "cell/advisories/internal/json_split.h"
#include "cell/advisories/internal/product.h"
#include "cell/advisories/osv.h"
#include "cell/versions/schemes.h"
#include "core/hash.h"
#include "core/json_read.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace ward::advisories {

namespace {

constexpr std::size_t kMaxProducts = 500'000;         // Red Hat's documents about the kernel have 100,000
constexpr std::size_t kMaxMentions = 30'000'000;      // of products, in all lists; theirs are mentioned five times each
constexpr std::size_t kMaxVulnerabilities = 20'000;   // one of SUSE's about the kernel has 1,500
constexpr std::size_t kMaxAdvised = 2'000'000;        // packages of all advisories of a document
constexpr std::size_t kMaxBranchDepth = 30;           // of branches in branches (CSAF 2.0, section 3.1.2)
constexpr int kMaxHops = 8;                           // a package of a module of a product makes two
constexpr std::size_t kMaxAliases = 100;              // of a document, as each of its vulnerabilities has them all
constexpr std::size_t kMaxFixes = 1000;               // of a package on a platform, for one fault
constexpr std::size_t kMaxEscaped = 2'000'000;        // ids and names that are written with escapes
constexpr std::size_t kMaxSmallBytes = 16 * 1024 * 1024;  // of what becomes a tree
constexpr JsonLimits kSmallLimits{100, 500'000};

struct Product {
    std::string_view name, url, cpe, range;
};
struct Relation {
    std::string_view part, whole, url, cpe;
};

// What a vulnerability's lists say of one package on one platform.
struct Statement {
    std::set<std::string> fixed, recommended, affected, first, last, denied;
    std::vector<Range> ranges, denied_ranges;
    bool all_affected = false;
    bool all_denied = false;
    Level level = Level::none;
    std::string note;
    std::int64_t fixed_on = 0;
};
using Key = std::pair<std::string, std::string>;  // ecosystem and name

// The members of an object that are asked for, as written; empty of those it lacks, and all of them when it is no object.
template <std::size_t N>
Result<std::array<std::string_view, N>> members_of(std::string_view object, const std::string_view (&keys)[N]) {
    std::array<std::string_view, N> values{};
    JsonSplitter members{object};
    if (!object.starts_with('{') || !members.enter()) return values;
    for (;;) {
        const auto next = WARD_TRY(members.next());
        if (!next) return values;
        for (std::size_t i = 0; i < N; ++i) {
            if (keys[i] == next->key) values[i] = next->value;
        }
    }
}

// Each item of an array, as written. `use` gives a Status.
template <class Use>
Status each(std::string_view array, Use use) {
    JsonSplitter items{array};
    if (!array.starts_with('[') || !items.enter()) return done();
    for (;;) {
        const auto next = WARD_TRY(items.next());
        if (!next) return done();
        if (auto used = use(next->value); !used) return used;
    }
}

// Is it the order of a distribution's versions?
bool is_packaged(std::string_view scheme) { return scheme == "debian" || scheme == "rpm" || scheme == "alpine"; }

std::optional<int> compare(std::string_view scheme, std::string_view a, std::string_view b) {
    const auto order = versions::version_scheme(scheme);
    return order ? versions::compare_versions(*order, a, b) : std::nullopt;
}

// Where the line of releases begins in which `later` is a version, and `earlier` is none: "115" of 115.2.0-1 and 102.15.0-1, "5.14.0-427"
// of the builds 5.14.0-427.13.1.el9_4 and 5.14.0-284.30.1.el9_2. Nothing when both are builds of one version after each other.
std::string line_of(std::string_view scheme, std::string_view earlier, std::string_view later) {
    struct Parts { std::string_view epoch, version, build; };
    const auto parts_of = [packaged = is_packaged(scheme)](std::string_view text) {
        Parts parts{{}, text, {}};
        if (!packaged) return parts;
        if (const auto colon = text.find(':'); colon != std::string_view::npos) {
            parts.epoch = text.substr(0, colon + 1);
            text.remove_prefix(colon + 1);
        }
        const auto dash = text.rfind('-');
        parts.version = text.substr(0, dash);
        if (dash != std::string_view::npos) parts.build = text.substr(dash + 1);
        return parts;
    };
    const Parts old = parts_of(earlier);
    const Parts now = parts_of(later);
    if (now.epoch != old.epoch) return std::string{now.epoch} + "0";
    // The components up to the first that differs, and whether another number stands behind it.
    const auto part_ways = [](std::string_view one, std::string_view other, bool& goes_on) {
        const auto known = split(one, '.');
        const auto there = split(other, '.');
        std::string line;
        for (std::size_t at = 0; at < there.size(); ++at) {
            line += (at == 0 ? "" : ".") + std::string{there[at]};
            if (at < known.size() && known[at] == there[at]) continue;
            goes_on = at + 1 < there.size() && parse_unsigned(there[at + 1]).has_value();
            return line;
        }
        return std::string{};
    };
    bool goes_on = false;
    if (now.version != old.version) {
        std::string line = std::string{now.epoch} + part_ways(old.version, now.version, goes_on);
        // Semantic Versioning has no version "2".
        for (int i = 0; i < 2 && !compare(scheme, line, line); ++i) line += ".0";
        return line;
    }
    const std::string build = part_ways(old.build, now.build, goes_on);
    return goes_on ? fmt::format("{}{}-{}", now.epoch, now.version, build) : std::string{};
}

// Each fix is of a line of releases; of a line with several the first counts, since the later ones have it too. `begin` is where
// the fault comes in.
std::vector<Range> ranges_of(std::string_view ecosystem, const std::set<std::string>& fixes, const std::string& begin) {
    const std::string_view scheme = scheme_of(ecosystem);
    std::vector<Range> ranges;
    // rpm's modules are versions of their own: the same package with a module's version is in another line.
    for (const bool modular : {false, true}) {
        std::vector<std::string> order;
        for (const auto& fix : fixes) {
            if ((scheme == "rpm" && is_modular(fix)) != modular) continue;
            if (compare(scheme, fix, fix)) order.push_back(fix);
            else ranges.push_back({false, {{Event::Kind::introduced, begin}, {Event::Kind::fixed, fix}}});
        }
        std::sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) { return compare(scheme, a, b).value_or(0) < 0; });
        for (std::size_t i = 0; i < order.size(); ++i) {
            std::string from = begin;
            if (i > 0) {
                from = line_of(scheme, order[i - 1], order[i]);
                if (from.empty() || compare(scheme, order[i - 1], from).value_or(0) >= 0 || compare(scheme, from, order[i]).value_or(0) > 0) continue;
            }
            ranges.push_back({false, {{Event::Kind::introduced, from}, {Event::Kind::fixed, order[i]}}});
        }
    }
    return ranges;
}

// "vers:npm/>=1.0.0|<1.5.3" (CSAF 2.0, section 3.1.2.3.1). What is behind a version but not the version itself OSV cannot say: it
// counts too. Nothing for what is none.
std::optional<std::pair<Range, std::vector<std::string>>> parse_vers(std::string_view text) {
    if (text.starts_with("vers:")) text.remove_prefix(std::min(text.size(), text.find('/') == std::string_view::npos ? text.size() : text.find('/') + 1));
    if (text.empty() || text.size() > kMaxNameBytes) return std::nullopt;
    Range range;
    std::vector<std::string> versions;
    bool is_open = false;  // a lower bound without an upper one yet
    for (const auto part : split(text, '|')) {
        std::string_view bound = trim(part);
        const auto end = bound.find_first_not_of("<>=!");
        if (bound == "*") {
            range.events.push_back({Event::Kind::introduced, "0"});
            continue;
        }
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view sign = bound.substr(0, end);
        const std::string version{trim(bound.substr(end))};
        if (version.find_first_of(" ,") != std::string::npos) return std::nullopt;  // "<= 1.2, all builds": words for people
        if (sign == ">" || sign == ">=") {
            range.events.push_back({Event::Kind::introduced, version});
            is_open = true;
        } else if (sign == "<" || sign == "<=") {
            if (!is_open) range.events.push_back({Event::Kind::introduced, "0"});
            range.events.push_back({sign == "<" ? Event::Kind::fixed : Event::Kind::last_affected, version});
            is_open = false;
        } else if (sign.empty() || sign == "=" || sign == "==") {
            versions.push_back(version);
        } else if (sign != "!=") {
            return std::nullopt;
        }
    }
    return std::pair{std::move(range), std::move(versions)};
}

class Reader {
public:
    Result<CsafDocument> read(std::string_view text) {
        const auto [document, tree, vulnerabilities] = WARD_TRY(members_of(text, {"document", "product_tree", "vulnerabilities"}));
        if (document.size() > kMaxSmallBytes) return fail(Code::over_limit, "a `document` of more than {} bytes", kMaxSmallBytes);
        document_ = WARD_TRY(read_json(document, kSmallLimits));
        if (auto read = read_tree(tree); !read) return read.error();
        if (auto head = read_head(); !head) return head.error();
        std::size_t count = 0;
        auto read = each(vulnerabilities, [&](std::string_view vulnerability) -> Status {
            if (++count > kMaxVulnerabilities) return fail(Code::over_limit, "more than {} vulnerabilities", kMaxVulnerabilities);
            return read_vulnerability(vulnerability);
        });
        if (!read) return read.error();
        return std::move(*this).finish();
    }

private:
    // A text as written, without its escapes; empty for what is no text.
    std::string_view text_of(std::string_view value) {
        if (value.size() < 2 || value.front() != '"') return {};
        const std::string_view inside = value.substr(1, value.size() - 2);
        // What is not read as JSON has not been held against its rules: UTF-8, and no control characters as they are.
        const bool is_plain = std::none_of(inside.begin(), inside.end(), [](char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20; });
        if (is_plain) return is_utf8(inside) ? inside : std::string_view{};
        if (value.size() > kMaxNameBytes * 8 || unescaped_.size() == kMaxEscaped) return {};
        const auto json = read_json(value);
        if (!json || json->text() == nullptr) return {};
        return unescaped_.emplace_back(*json->text());
    }

    Status count_products() {
        if (++products_seen_ > kMaxProducts) return fail(Code::over_limit, "more than {} products", kMaxProducts);
        return done();
    }

    Status read_tree(std::string_view tree) {
        const auto [branches, names, relationships, groups] =
            WARD_TRY(members_of(tree, {"branches", "full_product_names", "relationships", "product_groups"}));
        if (auto read = read_branches(branches); !read) return read;
        auto read = each(names, [&](std::string_view name) { return add_product(name, {}, {}); });
        if (!read) return read;
        read = each(relationships, [&](std::string_view relationship) -> Status {
            const auto [name, part, whole] =
                WARD_TRY(members_of(relationship, {"full_product_name", "product_reference", "relates_to_product_reference"}));
            const auto [id, helper] = WARD_TRY(members_of(name, {"product_id", "product_identification_helper"}));
            Relation relation{text_of(part), text_of(whole), {}, {}};
            if (auto identified = identify(helper, relation.url, relation.cpe); !identified) return identified;
            relations_.emplace(text_of(id), relation);
            return count_products();
        });
        if (!read) return read;
        return each(groups, [&](std::string_view group) -> Status {
            const auto [id, members] = WARD_TRY(members_of(group, {"group_id", "product_ids"}));
            auto& ids = groups_[text_of(id)];
            return each(members, [&](std::string_view member) {
                ids.push_back(text_of(member));
                return count_products();
            });
        });
    }

    Status read_branches(std::string_view branches) {
        std::vector<std::pair<std::string_view, std::size_t>> work{{branches, 0}};
        while (!work.empty()) {
            const auto [list, depth] = work.back();
            work.pop_back();
            if (depth == kMaxBranchDepth) return fail(Code::over_limit, "branches in branches more than {} deep", kMaxBranchDepth);
            auto read = each(list, [&, depth = depth](std::string_view branch) -> Status {
                const auto [inner, product, category, name] = WARD_TRY(members_of(branch, {"branches", "product", "category", "name"}));
                if (!inner.empty()) work.emplace_back(inner, depth + 1);
                return product.empty() ? count_products() : add_product(product, text_of(category), text_of(name));
            });
            if (!read) return read;
        }
        return done();
    }

    // 2.0 has one package URL, 2.1 a list.
    Status identify(std::string_view helper, std::string_view& url, std::string_view& cpe) {
        const auto [purl, purls, platform] = WARD_TRY(members_of(helper, {"purl", "purls", "cpe"}));
        url = text_of(purl);
        cpe = text_of(platform);
        return each(purls, [&](std::string_view item) {
            if (url.empty()) url = text_of(item);
            return done();
        });
    }

    Status add_product(std::string_view product, std::string_view category, std::string_view branch) {
        const auto [id, name, helper] = WARD_TRY(members_of(product, {"product_id", "name", "product_identification_helper"}));
        Product read;
        if (auto identified = identify(helper, read.url, read.cpe); !identified) return identified;
        // A version's branch is named as the package's file is; the product's own name is for people.
        read.name = category == "product_version" && !branch.empty() ? branch : text_of(name);
        if (category == "product_version_range") read.range = branch;
        products_.emplace(text_of(id), read);
        return count_products();
    }

    Status read_head() {
        const JsonNode* const tracking = document_.find("tracking");
        const JsonNode* const publisher = document_.find("publisher");
        static const JsonNode none;
        const JsonNode& track = tracking == nullptr ? none : *tracking;
        head_.id = text_at(track, "id");
        if (!is_name(head_.id)) return fail(Code::malformed, "a document without an id");
        // Several publishers' documents of a CVE have the CVE as their id: then it is the publisher's name that makes it one.
        if (is_cve(head_.id)) head_.id = prefix(publisher == nullptr ? std::string_view{} : text_at(*publisher, "namespace")) + head_.id;
        head_.published = parse_time(text_at(track, "initial_release_date"));
        head_.modified = parse_time(text_at(track, "current_release_date"));
        head_.summary = shorten(trim(text_at(document_, "title")), kMaxSummaryBytes);
        const std::string_view category = text_at(document_, "category");
        if (category == "csaf_withdrawn" || category == "csaf_superseded") head_.withdrawn = std::max<std::int64_t>(head_.modified, 1);
        for (const auto& alias : items_at(track, "aliases")) {
            if (alias.text() != nullptr && is_name(*alias.text()) && head_.aliases.size() < kMaxAliases) head_.aliases.push_back(*alias.text());
        }
        if (const JsonNode* const severity = document_.find("aggregate_severity")) head_.level = level_of(text_at(*severity, "text"));
        read_references(document_, head_.url);
        return done();
    }

    // "https://www.redhat.com" as "REDHAT-".
    static std::string prefix(std::string_view space) {
        const auto scheme = space.find("://");
        std::string_view host = scheme == std::string_view::npos ? space : space.substr(scheme + 3);
        host = host.substr(0, host.find_first_of("/:"));
        const auto labels = split(host, '.');
        std::string name;
        if (labels.size() >= 2) {
            for (const char c : labels[labels.size() - 2].substr(0, 64)) {
                const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (letter || (c >= '0' && c <= '9')) name += letter ? static_cast<char>(c & ~0x20) : c;
            }
        }
        return (name.empty() ? "CSAF" : name) + "-";
    }

    // A page for people before the document itself.
    static void read_references(const JsonNode& owner, std::string& url) {
        for (const bool any : {false, true}) {
            for (const auto& reference : items_at(owner, "references")) {
                const std::string_view written = text_at(reference, "url");
                if (!written.starts_with("https://") || !is_name(written)) continue;
                if (!url.empty() || (!any && (text_at(reference, "category") != "self" || written.ends_with(".json")))) continue;
                url = written;
            }
        }
    }

    // Every product that an object's `product_ids` and `group_ids` mention.
    template <class Use>
    Status mentioned(std::string_view ids, std::string_view groups, Use use) {
        auto read = each(ids, [&](std::string_view id) -> Status {
            if (++mentions_ > kMaxMentions) return fail(Code::over_limit, "products are mentioned more than {} times", kMaxMentions);
            use(text_of(id));
            return done();
        });
        if (!read) return read;
        return each(groups, [&](std::string_view group) -> Status {
            const auto found = groups_.find(text_of(group));
            if (found == groups_.end()) return done();
            for (const auto id : found->second) {
                if (++mentions_ > kMaxMentions) return fail(Code::over_limit, "products are mentioned more than {} times", kMaxMentions);
                use(id);
            }
            return done();
        });
    }

    const Package& package_of(std::string_view id) {
        const auto [place, is_new] = packages_.try_emplace(id);
        Package& package = place->second;
        if (!is_new) return package;
        // A product that is a relationship is a part of another, which may be one itself: a package of a module of a system.
        std::string_view part = id, whole, url;
        for (int hops = 0; hops < kMaxHops && products_.find(part) == products_.end(); ++hops) {
            const auto relation = relations_.find(part);
            if (relation == relations_.end()) break;
            if (whole.empty()) whole = relation->second.whole;
            if (url.empty()) url = relation->second.url;
            part = relation->second.part;
        }
        bool is_of_module = false;
        for (int hops = 0; hops < kMaxHops && products_.find(whole) == products_.end(); ++hops) {
            const auto relation = relations_.find(whole);
            if (relation == relations_.end()) break;
            whole = relation->second.whole;
            is_of_module = true;
        }
        const auto product = products_.find(part);
        if (product == products_.end()) {
            ++unknown_products_;
            return package;
        }
        if (url.empty()) url = product->second.url;
        const auto platform = products_.find(whole);
        const std::string ecosystem = platform == products_.end() ? std::string{} : ecosystem_of_platform(platform->second.cpe, platform->second.name);
        if (!url.empty()) {
            if (const auto parsed = parse_package_url(url)) package = package_of_url(*parsed, !whole.empty(), ecosystem);
        } else if (!ecosystem.empty() && product->second.cpe.empty()) {
            package = package_of_rpm(product->second.name, ecosystem);
        }
        // "nodejs:18/nodejs" and the like, all versions of a module's stream: they cannot be told from those of another stream.
        is_of_module |= product->second.name.find('/') != std::string_view::npos;
        if (is_of_module && package.version.empty() && scheme_of(package.ecosystem) == "rpm") package = {};
        const bool usable = is_name(package.ecosystem) && is_name(package.name) && (package.version.empty() || is_name(package.version));
        if (!usable) package = {};
        else if (!product->second.range.empty()) ranges_.emplace(id, product->second.range);
        return package;
    }

    Status read_vulnerability(std::string_view text) {
        const auto [cve, title, status, scores, metrics, threats, remediations, flags, references, ids] =
            WARD_TRY(members_of(text, {"cve", "title", "product_status", "scores", "metrics", "threats", "remediations", "flags", "references", "ids"}));
        Advisory advisory = head_;
        if (is_cve(text_of(cve))) advisory.cves.emplace_back(text_of(cve));
        if (const auto id = text_of(cve); !id.empty() && advisory.cves.empty() && is_name(id)) advisory.aliases.emplace_back(id);
        if (advisory.summary.empty()) advisory.summary = shorten(trim(text_of(title)), kMaxSummaryBytes);
        auto read = each(ids, [&](std::string_view id) -> Status {
            const auto [name] = WARD_TRY(members_of(id, {"text"}));
            // Others are numbers of bug trackers, which are no names without the tracker.
            if (text_of(name).starts_with("GHSA-") && is_name(text_of(name)) && advisory.aliases.size() < kMaxListed) advisory.aliases.emplace_back(text_of(name));
            return done();
        });
        if (!read) return read;
        if (references.size() <= kMaxSmallBytes && (advisory.url.empty() || advisory.url.ends_with(".json"))) {
            const auto json = read_json(references.empty() ? std::string_view{"[]"} : references, kSmallLimits);
            std::string url;
            if (json) read_references(JsonNode{JsonNode::Members{{"references", *json}}}, url);
            if (!url.empty()) advisory.url = url;
        }
        if (read = read_scores(scores, metrics, advisory); !read) return read;

        std::unordered_map<std::string_view, Level> impacts;
        std::unordered_map<std::string_view, std::int64_t> days;
        std::unordered_map<std::string_view, std::string> notes;
        Level impact = Level::none;
        read = each(threats, [&](std::string_view threat) -> Status {
            const auto [category, details, products, groups] = WARD_TRY(members_of(threat, {"category", "details", "product_ids", "group_ids"}));
            const Level level = text_of(category) == "impact" ? level_of(text_of(details)) : Level::none;
            if (level == Level::none) return done();
            impact = std::max(impact, level);
            return mentioned(products, groups, [&](std::string_view id) { impacts[id] = std::max(impacts[id], level); });
        });
        if (!read) return read;
        read = each(remediations, [&](std::string_view remedy) -> Status {
            const auto [category, details, date, products, groups] =
                WARD_TRY(members_of(remedy, {"category", "details", "date", "product_ids", "group_ids"}));
            const std::string_view kind = text_of(category);
            if (kind == "vendor_fix") {
                const std::int64_t day = parse_time(text_of(date));
                if (day == 0) return done();
                return mentioned(products, groups, [&](std::string_view id) {
                    auto& earliest = days[id];
                    if (earliest == 0 || day < earliest) earliest = day;
                });
            }
            if (kind != "no_fix_planned" && kind != "none_available" && kind != "fix_planned") return done();
            const std::string_view words = trim(text_of(details));
            const std::string note = shorten(fmt::format("{}: {}", kind, words.substr(0, words.find('\n'))), kMaxSummaryBytes);
            return mentioned(products, groups, [&](std::string_view id) { notes.emplace(id, note); });
        });
        if (!read) return read;
        read = each(flags, [&](std::string_view flag) -> Status {
            const auto [label, products, groups] = WARD_TRY(members_of(flag, {"label", "product_ids", "group_ids"}));
            const std::string note = shorten(text_of(label), kMaxSummaryBytes);
            return mentioned(products, groups, [&](std::string_view id) { notes.emplace(id, note); });
        });
        if (!read) return read;
        if (!advisory.score && impact != Level::none) advisory.level = impact;

        std::map<Key, Statement> statements;
        const auto [first_affected, first_fixed, fixed, affected, not_affected, last_affected, recommended] =
            WARD_TRY(members_of(status, {"first_affected", "first_fixed", "fixed", "known_affected", "known_not_affected", "last_affected", "recommended"}));
        const auto state = [&](std::string_view list, auto use) {
            return mentioned(list, {}, [&](std::string_view id) {
                const Package& package = package_of(id);
                if (package.ecosystem.empty()) return;
                Statement& statement = statements[{package.ecosystem, package.name}];
                if (const auto level = impacts.find(id); level != impacts.end()) statement.level = std::max(statement.level, level->second);
                if (const auto note = notes.find(id); note != notes.end() && statement.note.empty()) statement.note = note->second;
                if (const auto day = days.find(id); day != days.end() && (statement.fixed_on == 0 || day->second < statement.fixed_on)) statement.fixed_on = day->second;
                const auto range = ranges_.find(id);
                use(statement, package.version, range == ranges_.end() ? std::string_view{} : range->second);
            });
        };
        const auto fixes = [](Statement& to, const std::string& version, std::string_view range) {
            if (!version.empty() && to.fixed.size() < kMaxFixes) to.fixed.insert(version);
            // ">=1.5.3": all from there on have it.
            const auto parsed = range.empty() ? std::nullopt : parse_vers(range);
            if (parsed && parsed->first.events.size() == 1 && parsed->first.events[0].version != "0") to.fixed.insert(parsed->first.events[0].version);
        };
        const auto claims = [](Statement& to, const std::string& version, std::string_view range) {
            const auto parsed = range.empty() ? std::nullopt : parse_vers(range);
            if (parsed) {
                if (!parsed->first.events.empty() && to.ranges.size() < kMaxListed) to.ranges.push_back(parsed->first);
                to.affected.insert(parsed->second.begin(), parsed->second.end());
            } else if (version.empty()) {
                to.all_affected = true;
            } else {
                to.affected.insert(version);
            }
        };
        if (read = state(first_fixed, fixes); !read) return read;
        if (read = state(fixed, fixes); !read) return read;
        if (read = state(affected, claims); !read) return read;
        read = state(recommended, [](Statement& to, const std::string& version, std::string_view) {
            if (!version.empty() && to.recommended.size() < kMaxFixes) to.recommended.insert(version);
        });
        if (!read) return read;
        read = state(first_affected, [](Statement& to, const std::string& version, std::string_view) {
            if (!version.empty() && to.first.size() < kMaxFixes) to.first.insert(version);
        });
        if (!read) return read;
        read = state(last_affected, [](Statement& to, const std::string& version, std::string_view) {
            if (!version.empty() && to.last.size() < kMaxFixes) to.last.insert(version);
        });
        if (!read) return read;
        read = state(not_affected, [](Statement& to, const std::string& version, std::string_view range) {
            const auto parsed = range.empty() ? std::nullopt : parse_vers(range);
            if (parsed) {
                if (!parsed->first.events.empty() && to.denied_ranges.size() < kMaxListed) to.denied_ranges.push_back(parsed->first);
                to.denied.insert(parsed->second.begin(), parsed->second.end());
            } else if (!range.empty()) {
                return;  // of some versions, in words
            } else if (version.empty()) {
                to.all_denied = true;
            } else {
                to.denied.insert(version);
            }
        });
        if (!read) return read;

        for (auto& [key, statement] : statements) {
            Affected said = affected_of(key, statement);
            if (said.ranges.empty() && said.versions.empty()) continue;
            if (++advised_ > kMaxAdvised) return fail(Code::over_limit, "more than {} packages in its advisories", kMaxAdvised);
            advisory.affected.push_back(std::move(said));
        }
        add(std::move(advisory));
        return done();
    }

    static Affected affected_of(const Key& key, Statement& statement) {
        Affected affected;
        affected.ecosystem = key.first;
        affected.name = key.second;
        affected.level = statement.level;
        affected.note = statement.note;
        affected.fixed_on = statement.fixed_on;
        const std::string_view scheme = scheme_of(key.first);
        const bool packaged = is_packaged(scheme);
        const auto all = [](const std::set<std::string>& versions) { return std::vector<std::string>{versions.begin(), versions.end()}; };
        // What a distribution recommends is its fix; elsewhere it is any version that a publisher would rather see.
        if (packaged && statement.fixed.empty()) statement.fixed = statement.recommended;
        if (!statement.ranges.empty()) {
            affected.ranges = std::move(statement.ranges);
            if (!packaged) affected.versions = all(statement.affected);
        } else if (!statement.first.empty() || !statement.last.empty()) {
            Range range;
            if (statement.first.empty()) range.events.push_back({Event::Kind::introduced, "0"});
            for (const auto& version : statement.first) range.events.push_back({Event::Kind::introduced, version});
            for (const auto& version : statement.last) range.events.push_back({Event::Kind::last_affected, version});
            for (const auto& version : statement.fixed) range.events.push_back({Event::Kind::fixed, version});
            affected.ranges.push_back(std::move(range));
            if (!packaged) affected.versions = all(statement.affected);
        } else if (!statement.fixed.empty()) {
            // Of a language's package each affected version is named; what is before the first of them nobody claims.
            std::string begin = "0";
            if (!packaged && !statement.all_affected) {
                for (const auto& version : statement.affected) {
                    if (begin == "0" || compare(scheme, version, begin).value_or(0) < 0) begin = version;
                }
                affected.versions = all(statement.affected);
            }
            affected.ranges = ranges_of(key.first, statement.fixed, begin);
        } else if (statement.all_affected || (packaged && !statement.affected.empty())) {
            affected.ranges.push_back({false, {{Event::Kind::introduced, "0"}}});
        } else if (!statement.affected.empty()) {
            affected.versions = all(statement.affected);
        } else {
            affected.denied = true;
            affected.level = Level::none;
            affected.fixed_on = 0;
            affected.ranges = std::move(statement.denied_ranges);
            if (statement.all_denied) affected.ranges = {{false, {{Event::Kind::introduced, "0"}}}};
            affected.versions = all(statement.denied);
        }
        return affected;
    }

    // The newest CVSS that can be reckoned; of several of a version the highest.
    Status read_scores(std::string_view scores, std::string_view metrics, Advisory& advisory) {
        int best = 0;
        const auto one = [&](std::string_view object) -> Status {
            const auto values = WARD_TRY(members_of(object, {"cvss_v2", "cvss_v3", "cvss_v4"}));
            for (int i = 0; i < 3; ++i) {
                const auto [vector, base] = WARD_TRY(members_of(values[static_cast<std::size_t>(i)], {"vectorString", "baseScore"}));
                const std::string_view written = text_of(vector);
                auto score = is_name(written) ? cvss_base_score(written) : std::nullopt;
                if (!score && !base.empty()) {
                    double value = -1;
                    const auto read = std::from_chars(base.data(), base.data() + base.size(), value);
                    if (read.ec == std::errc{} && read.ptr == base.data() + base.size() && value >= 0 && value <= 10) score = value;
                }
                if (!score || i + 1 < best || (i + 1 == best && *score <= advisory.score.value_or(0))) continue;
                best = i + 1;
                advisory.score = score;
                advisory.vector = is_name(written) ? std::string{written} : std::string{};
                advisory.level = level_of(*score);
            }
            return done();
        };
        auto read = each(scores, one);
        if (!read) return read;
        return each(metrics, [&](std::string_view metric) -> Status {
            const auto [content] = WARD_TRY(members_of(metric, {"content"}));
            return one(content);
        });
    }

    // Vulnerabilities of the same packages are one advisory, as an erratum is.
    void add(Advisory advisory) {
        if (advisory.affected.empty()) return;
        std::string key;
        const auto put = [&](std::string_view text) { key += fmt::format("{}:{}", text.size(), text); };
        for (const auto& affected : advisory.affected) {
            put(affected.ecosystem);
            put(affected.name);
            put(affected.denied ? "d" : "a");
            for (const auto& range : affected.ranges) {
                put("[");
                for (const auto& event : range.events) {
                    put(std::string(1, static_cast<char>('0' + static_cast<int>(event.kind))));
                    put(event.version);
                }
            }
            put("]");
            for (const auto& version : affected.versions) put(version);
            put(";");
        }
        const auto [place, is_new] = by_packages_.emplace(sha256_hex(as_bytes(key)), advisories_.size());
        if (is_new) {
            advisories_.push_back(std::move(advisory));
            return;
        }
        Advisory& old = advisories_[place->second];
        old.cves.insert(old.cves.end(), advisory.cves.begin(), advisory.cves.end());
        old.aliases.insert(old.aliases.end(), advisory.aliases.begin(), advisory.aliases.end());
        if (advisory.score && (!old.score || *advisory.score > *old.score)) {
            old.score = advisory.score;
            old.vector = advisory.vector;
        }
        old.level = std::max(old.level, advisory.level);
        for (std::size_t i = 0; i < old.affected.size(); ++i) {
            old.affected[i].level = std::max(old.affected[i].level, advisory.affected[i].level);
        }
    }

    Result<CsafDocument> finish() && {
        CsafDocument document;
        document.unknown_products = unknown_products_;
        const bool several = advisories_.size() > 1;
        std::size_t number = 0;
        for (auto& advisory : advisories_) {
            for (auto* const names : {&advisory.cves, &advisory.aliases}) {
                std::sort(names->begin(), names->end());
                names->erase(std::unique(names->begin(), names->end()), names->end());
            }
            ++number;
            if (several) {
                const std::string id = fmt::format("{}/{}", head_.id, advisory.cves.empty() ? std::to_string(number) : advisory.cves[0]);
                advisory.id = is_name(id) ? id : shorten(head_.id, kMaxNameBytes / 2) + "/" + std::to_string(number);
            }
            document.advisories.push_back(std::move(advisory));
        }
        return document;
    }

    JsonNode document_;
    Advisory head_;  // what holds for each vulnerability
    std::deque<std::string> unescaped_;
    std::unordered_map<std::string_view, Product> products_;
    std::unordered_map<std::string_view, Relation> relations_;
    std::unordered_map<std::string_view, std::vector<std::string_view>> groups_;
    std::unordered_map<std::string_view, Package> packages_;
    std::unordered_map<std::string_view, std::string_view> ranges_;
    std::size_t products_seen_ = 0;
    std::size_t mentions_ = 0;
    std::size_t advised_ = 0;
    std::size_t unknown_products_ = 0;
    std::vector<Advisory> advisories_;
    std::map<std::string, std::size_t> by_packages_;
};

}  // namespace

Result<CsafDocument> read_csaf(std::string_view text) { return Reader{}.read(text); }

bool is_csaf(std::string_view value) {
    const auto members = members_of(value, {"csaf_version"});
    return members.ok() && !(*members)[0].empty();
}

}  // namespace ward::advisories
