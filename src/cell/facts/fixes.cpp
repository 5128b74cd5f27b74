// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/advisory.h"
#include "cell/advisories/osv.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/input.h"
#include "cell/facts/internal/joined.h"
#include "cell/versions/schemes.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ward::facts {

namespace {

using advisories::Level;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kDaysAllowed = 14;  // Cyber Essentials, Requirements for IT infrastructure v3.2, security update management
constexpr double kSeriousScore = 7.0;

struct Fault {
    std::string_view cve;
    bool exploited = false;
    std::optional<double> score, epss;
    Level level = Level::none;
};

struct Fix {
    std::string_view ecosystem;
    std::set<std::string_view> packages;
    std::string_view path;
    std::string_view installed;
    std::string_view fixed_in;
    std::optional<bool> on_offer;
    bool held = false;
    std::map<std::string_view, Fault> faults;
    bool unrated = false;   // something in it has no severity
    bool ransomware = false;
    Level level = Level::none;
    std::optional<double> score, epss;
    std::int64_t fixed_on = 0;
};

// What runs of one package.
struct Running {
    std::set<std::string> restarts;
    std::set<std::string> ports;
};

template <class T>
void raise(std::optional<T>& most, const std::optional<T>& value) {
    if (value && (!most || *value > *most)) most = value;
}

std::string_view without_architecture(std::string_view package) { return package.substr(0, package.find(':')); }

class Maker {
public:
    explicit Maker(const Request& request)
        : now_{request.now}, faults_{request, "vulnerabilities"}, updates_{request, "package_updates"}, packages_{request, "packages"},
          processes_{request, "process_packages"}, sockets_{request, "listening_sockets"}, seen_{request, "fixes_seen"} {}

    wire::ParseAnswer make() && {
        for (std::size_t row = 0; row < faults_.size(); ++row) add_fault(row);
        for (std::size_t row = 0; row < updates_.size(); ++row) add_update(row);
        for (std::size_t row = 0; row < packages_.size(); ++row) {
            if (packages_.is_true(row, "held")) held_.insert(packages_.text(row, "name"));
        }
        find_running();
        for (auto& [key, fix] : fixes_) add_row(std::get<0>(key), std::get<1>(key), fix);
        return std::move(out_).finish();
    }

private:
    // Manager, source or name, and the file that tells of it: the same library in two places is mended twice.
    using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

    static bool is_later(std::string_view scheme, std::string_view a, std::string_view b) {
        const auto order = versions::version_scheme(scheme);
        return b.empty() || (order && versions::compare_versions(*order, a, b).value_or(0) > 0);
    }

    void add_fault(std::size_t row) {
        const std::string_view fixed_in = faults_.text(row, "fixed_in");
        if (faults_.text(row, "state") != "affected" || fixed_in.empty()) return;
        const std::string_view manager = faults_.text(row, "manager");
        const std::string_view source = manager.empty() ? faults_.text(row, "package") : faults_.text(row, "source");
        const std::string_view path = faults_.text(row, "path");
        Fix& fix = fixes_[Key{manager, source, path}];
        fix.ecosystem = faults_.text(row, "ecosystem");
        fix.path = path;
        const std::string_view scheme = advisories::scheme_of(fix.ecosystem);
        for (const auto name : split(faults_.text(row, "packages"), ' ')) fix.packages.insert(name);
        // Of several versions of one source the oldest says what is missing, and the latest fix mends it all.
        const std::string_view version = faults_.text(row, "version");
        if (fix.installed.empty() || is_later(scheme, fix.installed, version)) fix.installed = version;
        if (is_later(scheme, fixed_in, fix.fixed_in)) fix.fixed_in = fixed_in;
        if (manager == "dpkg" && !fix.on_offer) fix.on_offer = false;

        const std::string_view cve = faults_.text(row, "cve");
        Fault fault{cve.empty() ? faults_.text(row, "advisory") : cve, faults_.is_true(row, "known_exploited"), faults_.real(row, "cvss"),
                    faults_.real(row, "epss"), advisories::level_of(faults_.text(row, "severity"))};
        fix.ransomware |= faults_.is_true(row, "ransomware");
        fix.unrated |= fault.level == Level::none && !fault.score;
        fix.level = std::max(fix.level, fault.level);
        raise(fix.score, fault.score);
        raise(fix.epss, fault.epss);
        const std::int64_t fixed_on = faults_.number(row, "fixed_on").value_or(0);
        if (fixed_on > 0 && (fix.fixed_on == 0 || fixed_on < fix.fixed_on)) fix.fixed_on = fixed_on;
        fix.faults.emplace(fault.cve, fault);
    }

    void add_update(std::size_t row) {
        const std::string_view source = updates_.text(row, "source");
        const std::string_view version = updates_.text(row, "security_version");
        const Key key{"dpkg", source, "/var/lib/dpkg/status"};
        auto known = fixes_.find(key);
        if (version.empty()) {
            // No suite of security fixes has it, but what is on offer may mend what advisories tell of.
            if (known != fixes_.end() && !is_later("debian", known->second.fixed_in, updates_.text(row, "candidate_version"))) known->second.on_offer = true;
            return;
        }
        const bool is_new = known == fixes_.end();
        Fix& fix = is_new ? fixes_[key] : known->second;
        fix.packages.insert(updates_.text(row, "name"));
        fix.path = "/var/lib/dpkg/status";
        if (fix.installed.empty()) fix.installed = updates_.text(row, "installed_version");
        if (is_new || fix.faults.empty()) fix.unrated = true;
        // A binary package may have versions of its own, which are not to be held against those of its source.
        const bool is_alike = fix.installed == updates_.text(row, "installed_version");
        // What is on offer may be an older fix than the one that advisories tell of.
        if (is_new || !is_alike || !is_later("debian", fix.fixed_in, version)) fix.on_offer = true;
        if (is_new || (is_alike && is_later("debian", version, fix.fixed_in))) fix.fixed_in = version;
        fix.held |= updates_.is_true(row, "held");
    }

    void find_running() {
        std::map<std::int64_t, std::set<std::string>> ports;
        for (std::size_t row = 0; row < sockets_.size(); ++row) {
            const auto pid = sockets_.number(row, "pid");
            if (!pid || !sockets_.is_true(row, "exposed") || !sockets_.is_true(row, "own_network")) continue;
            ports[*pid].insert(fmt::format("{}/{}", sockets_.text(row, "protocol"), sockets_.number(row, "port").value_or(0)));
        }
        for (std::size_t row = 0; row < processes_.size(); ++row) {
            Running& running = running_[without_architecture(processes_.text(row, "package"))];
            const std::string_view unit = processes_.text(row, "unit");
            if (unit.ends_with(".service")) running.restarts.emplace(unit);
            const auto found = ports.find(processes_.number(row, "pid").value_or(0));
            if (found != ports.end()) running.ports.insert(found->second.begin(), found->second.end());
        }
    }

    // When it was seen first, 0 when it never was, and whether that was the first look of all.
    std::pair<std::int64_t, bool> seen_of(std::string_view manager, std::string_view source, std::string_view installed) const {
        for (std::size_t row = 0; row < seen_.size(); ++row) {
            if (seen_.text(row, "source") == source && seen_.text(row, "manager") == manager && seen_.text(row, "installed") == installed)
                return {seen_.number(row, "seen").value_or(0), seen_.is_true(row, "at_first_look")};
        }
        return {0, false};
    }

    void add_row(std::string_view manager, std::string_view source, Fix& fix) {
        std::vector<const Fault*> faults;
        for (const auto& [cve, fault] : fix.faults) faults.push_back(&fault);
        std::stable_sort(faults.begin(), faults.end(), [](const Fault* a, const Fault* b) {
            return std::tuple{b->exploited, b->level, b->score.value_or(-1), b->epss.value_or(-1)} <
                   std::tuple{a->exploited, a->level, a->score.value_or(-1), a->epss.value_or(-1)};
        });
        std::vector<std::string_view> cves, exploited;
        for (const auto* fault : faults) {
            cves.push_back(fault->cve);
            if (fault->exploited) exploited.push_back(fault->cve);
        }
        Running running;
        bool runs = false;
        for (const auto package : fix.packages) {
            // A library of npm may bear the name of a package that is held.
            fix.held |= !manager.empty() && held_.contains(package);
            const auto found = running_.find(package);
            if (found == running_.end() || manager != "dpkg") continue;
            runs = true;
            running.restarts.insert(found->second.restarts.begin(), found->second.restarts.end());
            running.ports.insert(found->second.ports.begin(), found->second.ports.end());
        }
        // A kernel takes effect at the next start.
        if (!manager.empty() && std::any_of(fix.packages.begin(), fix.packages.end(), [](std::string_view name) { return name.starts_with("linux-image-") || name == "kernel-core"; }))
            running.restarts = {"the whole machine"};
        const bool serious = fix.level >= Level::high || fix.score.value_or(0) >= kSeriousScore || fix.unrated || !exploited.empty();
        const std::string packages = joined(fix.packages);
        const auto real = [](const std::optional<double>& value) { return value ? Value{*value} : null(); };
        const bool can_tell = manager == "dpkg" && processes_.size() > 0;
        const auto [first_seen, at_first_look] = seen_of(manager, source, fix.installed);
        // Days begin to count with the one on which the fix came out, so far as anybody knows. What waited already at the very first look
        // may have waited for long: of it only that it is late can be known.
        std::int64_t begin = fix.fixed_on;
        if (first_seen != 0 && (begin == 0 || first_seen < begin)) begin = first_seen;
        const std::int64_t left = kDaysAllowed - (now_ - begin) / kDaySeconds;
        const bool known = begin != 0 && (begin != first_seen || begin == fix.fixed_on || !at_first_look || left < 0);
        out_.add({text_or_null(manager), text_or_null(fix.ecosystem), text(source), text(packages), text_or_null(fix.path),
                  text_or_null(fix.installed), text_or_null(fix.fixed_in), fix.on_offer ? flag(*fix.on_offer) : null(), flag(fix.held),
                  text_or_null(joined(cves)), number(cves.size()), text_or_null(joined(exploited)), flag(fix.ransomware),
                  text_or_null(advisories::name_of(fix.level)), real(fix.score), real(fix.epss), flag(serious),
                  fix.fixed_on == 0 ? null() : number(fix.fixed_on), first_seen == 0 ? null() : number(first_seen),
                  known ? number(left) : null(), can_tell ? flag(runs) : null(), text_or_null(joined(running.ports)),
                  text_or_null(joined(running.restarts))});
    }

    Collector out_;
    std::int64_t now_;
    Input faults_, updates_, packages_, processes_, sockets_, seen_;
    std::map<Key, Fix> fixes_;
    std::set<std::string_view> held_;
    std::map<std::string_view, Running> running_;
};

}  // namespace

wire::ParseAnswer parse_fixes(const Request& request) { return Maker{request}.make(); }

}  // namespace ward::facts
