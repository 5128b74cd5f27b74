// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/match.h"
#include "cell/advisories/osv.h"
#include "cell/advisories/view.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/advisory_database.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/distribution.h"
#include "cell/facts/internal/input.h"
#include "cell/facts/internal/joined.h"
#include "cell/versions/schemes.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ward::facts {

namespace {

using advisories::Judgement;
using advisories::Standing;
using advisories::View;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kStaleDays = 7;
constexpr std::size_t kMaxEcosystems = 1'000;  // that one name with a `*` stands for; Red Hat has 20 to a release

// Something installed that advisories may speak of.
struct Target {
    std::vector<std::string> ecosystems;
    std::string_view manager;    // empty: it stands in `software`
    std::string name;            // that advisories use
    std::string_view source;
    std::string_view version;
    std::vector<std::string_view> packages;
    std::string_view path;
    std::string_view state = "affected";  // what a fault is called here, unless something else speaks against it
    std::string reason;
};

struct Candidate {
    View::Said said;
    View::Record record;
    Judgement judgement;
    std::string_view ecosystem;
    std::int64_t fixed_on = 0;  // 0 when nobody tells
};

// A publisher's word that a package does not have a fault (VEX), whoever says that it does.
struct Denial {
    std::string_view record, ecosystem, note;
    std::int64_t modified = 0;
};
using Denials = std::multimap<std::string_view, Denial>;  // by fault

// What is signed for secure boot is built again, as a source package of its own, from the same kernel: Debian names it by the architecture
// (linux-signed-amd64 of linux), Ubuntu by the kernel (linux-signed of linux, linux-signed-hwe-6.5 of linux-hwe-6.5).
std::optional<std::string> unsigned_source(std::string_view source) {
    constexpr std::string_view kSigned = "linux-signed";
    if (!source.starts_with(kSigned)) return std::nullopt;
    source.remove_prefix(kSigned.size());
    if (source.empty() || source == "-amd64" || source == "-arm64" || source == "-i386") return "linux";
    if (source[0] != '-') return std::nullopt;
    return "linux" + std::string{source};
}

// The program that is the kernel, not its headers, modules or an empty package that names the newest ("linux-image-amd64").
bool is_kernel_image(std::string_view manager, std::string_view name) {
    if (manager == "dpkg") {
        for (const std::string_view prefix : {"linux-image-unsigned-", "linux-image-"}) {
            if (name.starts_with(prefix)) return name.size() > prefix.size() && name[prefix.size()] >= '0' && name[prefix.size()] <= '9';
        }
        return false;
    }
    if (manager == "rpm") return name == "kernel-core" || name == "kernel-rt-core" || name == "kernel-64k-core" || name == "kernel-uek-core" || name == "kernel-default";
    return manager == "apk" && (name == "linux-lts" || name == "linux-virt" || name == "linux-edge" || name == "linux-stable");
}

class Finder {
public:
    explicit Finder(const Request& request, const View& view)
        : view_{view}, now_{request.now}, packages_{request, "packages"}, software_{request, "software"}, kernel_{request, "kernel"},
          changelogs_{request, "changelog_fixes"}, distribution_{distribution_of(Input{request, "os_release"})} {}

    wire::ParseAnswer find() && {
        for (std::size_t i = 0; i < changelogs_.size(); ++i) {
            mended_.emplace(std::pair{changelogs_.text(i, "source"), changelogs_.text(i, "cve")}, i);
        }
        add_packages();
        add_software();
        report_age();
        for (const auto& target : targets_) look(target);
        return std::move(out_).finish();
    }

private:
    std::string_view running() const { return kernel_.text(0, "release"); }

    bool runs(std::size_t row) const {
        const std::string_view name = packages_.text(row, "name");
        const std::string_view manager = packages_.text(row, "manager");
        if (manager == "dpkg") {
            std::string_view release = name.substr(std::min<std::size_t>(name.size(), 12));  // behind "linux-image-"
            if (release.starts_with("unsigned-")) release.remove_prefix(9);
            return release == running();
        }
        if (manager == "apk") return true;  // one version of a package is installed at a time
        std::string_view version = packages_.text(row, "version");
        if (const auto epoch = version.find(':'); epoch != std::string_view::npos) version.remove_prefix(epoch + 1);
        const auto begins = [](std::string_view text, std::string_view start) {
            return text.starts_with(start) && (text.size() == start.size() || text[start.size()] == '.' || text[start.size()] == '+');
        };
        // SUSE's kernels do not tell how often they were built: 5.14.21-150500.55.52-default is of version 5.14.21-150500.55.52.1.
        constexpr std::string_view kFlavour = "-default";
        if (name == "kernel-default" && running().ends_with(kFlavour)) return begins(version, running().substr(0, running().size() - kFlavour.size()));
        return begins(running(), version);
    }

    void add_packages() {
        const std::string_view scheme = distribution_.ecosystems.empty() ? std::string_view{} : advisories::scheme_of(distribution_.ecosystems[0]);
        std::map<std::tuple<std::string_view, std::string_view, std::string_view, bool>, std::size_t> known;
        struct Kernel { bool image = false, runs = false; };
        std::map<std::size_t, Kernel> kernels;  // by target
        for (std::size_t row = 0; row < packages_.size(); ++row) {
            const std::string_view manager = packages_.text(row, "manager");
            const std::string_view name = packages_.text(row, "name");
            std::string_view source = packages_.text(row, "source");
            std::string_view version = manager == "rpm" ? packages_.text(row, "version") : packages_.text(row, "source_version");
            if (version.empty()) version = packages_.text(row, "version");
            const auto of_signed = manager == "dpkg" ? unsigned_source(source) : std::nullopt;
            if (of_signed) {
                source = *unsigned_.insert(*of_signed).first;
                version = packages_.text(row, "version");
            }
            const bool removed = packages_.text(row, "status") == "config-files";
            if (version.empty()) continue;
            // One distribution's advisories say nothing of what another one's package manager has brought here.
            const bool fits = (manager == "dpkg" && scheme == "debian") || (manager == "rpm" && scheme == "rpm") || (manager == "apk" && scheme == "alpine");
            if (!fits) {
                strangers_.insert(manager);
                continue;
            }
            for (const bool by_source : {true, false}) {
                if (by_source ? !distribution_.by_source : !distribution_.by_binary) continue;
                const std::string_view asked = by_source ? source : name;
                if (!by_source && distribution_.by_source && name == source) continue;  // asked already
                const auto [place, is_new] = known.emplace(std::tuple{manager, asked, version, removed}, targets_.size());
                if (is_new) {
                    Target target{distribution_.ecosystems, manager, std::string{asked}, source, version, {}, packages_.text(row, "path"), "affected", {}};
                    if (removed) {
                        target.state = "removed";
                        target.reason = "the package is removed, only its configuration is left";
                    }
                    targets_.push_back(std::move(target));
                }
                targets_[place->second].packages.push_back(name);
                if (source != "linux" && !is_kernel_image(manager, name)) continue;
                Kernel& kernel = kernels[place->second];
                if (!is_kernel_image(manager, name)) continue;
                kernel.image = true;
                kernel.runs |= !running().empty() && runs(row);
            }
        }
        const bool any_image = std::any_of(kernels.begin(), kernels.end(), [](const auto& item) { return item.second.image; });
        const bool any_runs = std::any_of(kernels.begin(), kernels.end(), [](const auto& item) { return item.second.runs; });
        for (const auto& [number, kernel] : kernels) {
            Target& target = targets_[number];
            // It runs until the next start, whatever became of its files.
            if (target.state == "removed" && kernel.runs) {
                target.state = "affected";
                target.reason.clear();
            }
            if (target.state != "affected") continue;
            if (!kernel.image && target.source == "linux" && target.manager == "dpkg") {
                target.state = "not_running";
                target.reason = "no kernel of this package is installed, only what programs are built with";
            } else if (kernel.image && !kernel.runs && any_runs) {
                target.state = "not_running";
                target.reason = fmt::format("kernel {} runs, not this one", running());
            } else if (kernel.image && !kernel.runs && !running().empty()) {
                target.state = "not_running";
                target.reason = fmt::format("the running kernel {} is of no package that is installed here", running());
            }
            if (kernel.image) kernel_installed_ = true;
        }
        if (any_image && !any_runs && !running().empty()) {
            gap(Code::not_found, "the running kernel {} is of no package that is installed here: no advisory is held against it", running());
        }
        std::sort(targets_.begin(), targets_.end(), [](const Target& a, const Target& b) {
            return std::tie(a.manager, a.name, a.version) < std::tie(b.manager, b.name, b.version);
        });
    }

    void add_software() {
        std::map<std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>, std::size_t> known;
        for (std::size_t row = 0; row < software_.size(); ++row) {
            const std::string_view ecosystem = software_.text(row, "ecosystem");
            const std::string_view name = software_.text(row, "name");
            const std::string_view version = software_.text(row, "version");
            // What a package brought, the distribution looks after: it mends without a new version of the program.
            if (!software_.text(row, "package").empty() || version.empty() || name.empty() || advisories::scheme_of(ecosystem).empty()) continue;
            const std::string_view path = software_.text(row, "path");
            if (!known.emplace(std::tuple{ecosystem, name, version, path}, targets_.size()).second) continue;
            Target target{{std::string{ecosystem}}, {}, advisories::normal_name(ecosystem, name), {}, version, {name}, path, "affected", {}};
            targets_.push_back(std::move(target));
            of_software_.insert(ecosystem);
        }
    }

    // What the database cannot say: gaps, so that silence about it is not taken for "nothing is wrong".
    void report_age() {
        for (std::uint32_t i = 0; i < view_.sources(); ++i) {
            const auto source = view_.source(i);
            if (source.fetched == 0) {
                gap(Code::not_found, "nobody knows how old {} is: `ward update` fetches it again", source.title);
                continue;
            }
            const std::int64_t days = (now_ - source.fetched) / kDaySeconds;
            if (days > kStaleDays) gap(Code::not_found, "{} is {} days old: `ward update` fetches it again", source.title, days);
        }
        if (view_.exploited() == 0) gap(Code::not_found, "no catalogue of known exploited vulnerabilities is here: `ward update` fetches it");
        if (packages_.size() > 0 && distribution_.ecosystems.empty()) {
            gap(Code::unsupported, "no advisories are known for {}", distribution_.id.empty() ? "this system, which does not say what it is" : distribution_.id);
        }
        for (const auto manager : strangers_) {
            if (!distribution_.ecosystems.empty())
                gap(Code::unsupported, "no advisories are known for the packages of {} on {}", manager, distribution_.id);
        }
        const auto has = [&](std::string_view ecosystem) { return !matching(ecosystem).empty(); };
        const auto& names = distribution_.ecosystems;
        const bool has_own = std::any_of(targets_.begin(), targets_.end(), [](const Target& target) { return !target.manager.empty(); });
        if (has_own && std::none_of(names.begin(), names.end(), has)) {
            gap(Code::not_found, "no source has advisories for {}: `ward update --list` shows what there is", names[0]);
        } else if (kernel_installed_ && !names.empty() && advisories::scheme_of(names[0]) == "debian" &&
                   std::none_of(names.begin(), names.end(), [&](const std::string& name) { return view_.find(name, "linux").count > 0; })) {
            gap(Code::not_found, "no source has advisories about the kernel of {}", names[0]);
        }
        for (const auto ecosystem : of_software_) {
            if (!has(ecosystem)) gap(Code::not_found, "no source has advisories for {}: `ward update --list` shows what there is", ecosystem);
        }
    }

    // Those of the database that have this name, or begin with it where it ends in `*`.
    const std::vector<std::string_view>& matching(std::string_view ecosystem) {
        const auto [place, is_new] = matching_.try_emplace(ecosystem);
        auto& found = place->second;
        if (!is_new) return found;
        const bool any_end = ecosystem.ends_with('*');
        if (any_end) ecosystem.remove_suffix(1);
        for (std::uint32_t at = view_.first_ecosystem(ecosystem); at < view_.ecosystems(); ++at) {
            const std::string_view there = view_.ecosystem(at).name;
            if (!(any_end ? there.starts_with(ecosystem) : there == ecosystem)) break;
            if (found.size() == kMaxEcosystems) {
                gap(Code::over_limit, "advisories of more than {} ecosystems whose names begin with {}: the rest is left out", kMaxEcosystems, ecosystem);
                break;
            }
            found.push_back(there);
        }
        return found;
    }

    void look(const Target& target) {
        std::map<std::string_view, Candidate> by_fault;
        Denials denials;
        for (const auto& ecosystem : target.ecosystems) {
            for (const auto there : matching(ecosystem)) {
                judge(target, view_.find(there, target.name), by_fault, denials);
                // A denial of a source package, as Red Hat has them, is one of all that was built from it.
                if (target.source != target.name) deny(target, view_.find(there, target.source), denials);
            }
        }
        for (const auto& [fault, candidate] : by_fault) add_row(target, fault, candidate, denial_of(denials, fault, candidate));
    }

    // What a publisher says of a system holds for its parts too: of Red Hat:enterprise_linux:9 for Red Hat:enterprise_linux:9::appstream.
    // An advisory that came out after it was said knows better.
    static const Denial* denial_of(const Denials& denials, std::string_view fault, const Candidate& candidate) {
        const auto [first, last] = denials.equal_range(fault);
        const auto found = std::find_if(first, last, [&](const auto& denial) {
            const std::string_view system = denial.second.ecosystem;
            const std::string_view part = candidate.ecosystem;
            const bool is_later = denial.second.modified != 0 && candidate.record.published > denial.second.modified;
            return !is_later && part.starts_with(system) && (part.size() == system.size() || part[system.size()] == ':');
        });
        return found == last ? nullptr : &found->second;
    }

    void judge(const Target& target, const View::Package& package, std::map<std::string_view, Candidate>& by_fault, Denials& denials) {
        const std::string_view scheme = advisories::scheme_of(package.ecosystem);
        bool unknown = false;
        for (std::uint32_t i = 0; i < package.count; ++i) {
            const auto said = view_.affected(package.first + i);
            const Judgement judgement = advisories::judge(view_, said, scheme, target.version);
            if (judgement.standing == Standing::not_affected) continue;
            const auto record = view_.record(said.record);
            if (said.denied) {
                deny(record, package, said, judgement, denials);
                continue;
            }
            if (judgement.standing == Standing::unknown) {
                if (!unknown && record.withdrawn == 0) {
                    out_.gap(target.path, 0, Code::unsupported, fmt::format("version {} of {} cannot be compared with those of {}", target.version, target.name, record.id));
                }
                unknown = true;
                continue;
            }
            const Candidate candidate{said, record, judgement, package.ecosystem, fixed_on(target, said, record)};
            if (record.cves == 0) keep(record.id, candidate, scheme, by_fault);
            for (std::uint32_t cve = 0; cve < record.cves; ++cve) keep(view_.name(record.first_name + cve), candidate, scheme, by_fault);
        }
    }

    void deny(const Target& target, const View::Package& package, Denials& denials) const {
        const std::string_view scheme = advisories::scheme_of(package.ecosystem);
        for (std::uint32_t i = 0; i < package.count; ++i) {
            const auto said = view_.affected(package.first + i);
            if (said.denied) deny(view_.record(said.record), package, said, advisories::judge(view_, said, scheme, target.version), denials);
        }
    }

    void deny(const View::Record& record, const View::Package& package, const View::Said& said, const Judgement& judgement, Denials& denials) const {
        if (judgement.standing != Standing::affected || record.withdrawn != 0) return;
        const Denial denial{record.id, package.ecosystem, said.note, record.modified};
        if (record.cves == 0) denials.emplace(record.id, denial);
        for (std::uint32_t cve = 0; cve < record.cves; ++cve) denials.emplace(view_.name(record.first_name + cve), denial);
    }

    // When the fix came out. An erratum comes with its fix, and languages' advisories come once there is one; a distribution's record of a
    // CVE comes with the CVE, often months before.
    static std::int64_t fixed_on(const Target& target, const View::Said& said, const View::Record& record) {
        if (said.fixed_on != 0) return said.fixed_on;
        const bool of_fault = !target.manager.empty() && record.id.find("CVE-") != std::string_view::npos;
        return of_fault ? 0 : record.published;
    }

    // Several advisories may speak of one fault: what still stands counts before what was withdrawn, then the latest fix, since only
    // that mends all of it.
    static void keep(std::string_view fault, const Candidate& candidate, std::string_view scheme, std::map<std::string_view, Candidate>& by_fault) {
        const auto [place, is_new] = by_fault.emplace(fault, candidate);
        if (is_new) return;
        Candidate& old = place->second;
        if ((old.record.withdrawn == 0) != (candidate.record.withdrawn == 0)) {
            if (candidate.record.withdrawn == 0) old = candidate;
            return;
        }
        if (old.judgement.fixed_in.empty() || candidate.judgement.fixed_in.empty()) {
            if (candidate.record.modified > old.record.modified) old = candidate;
            return;
        }
        const auto scheme_of_both = versions::version_scheme(scheme);
        const int order = scheme_of_both ? versions::compare_versions(*scheme_of_both, candidate.judgement.fixed_in, old.judgement.fixed_in).value_or(0) : 0;
        if (order > 0) old = candidate;
        // The same fix in an erratum, which tells its day, and in a record of the fault, which does not.
        else if (order == 0 && old.fixed_on == 0) old.fixed_on = candidate.fixed_on;
    }

    void add_row(const Target& target, std::string_view fault, const Candidate& candidate, const Denial* denial) {
        const auto& record = candidate.record;
        std::string_view state = target.state;
        std::string reason = target.reason;
        std::string_view file;
        std::optional<std::int64_t> line;
        const auto mended = target.manager == "dpkg" ? mended_.find({target.source, fault}) : mended_.end();
        if (record.withdrawn != 0) {
            state = "withdrawn";
            reason = "the publisher has taken the advisory back";
        } else if (denial != nullptr) {
            state = "not_affected";
            reason = fmt::format("{} says that {} does not have it{}{}", denial->record, denial->ecosystem, denial->note.empty() ? "" : ": ", denial->note);
        } else if (mended != mended_.end()) {
            const std::string_view version = changelogs_.text(mended->second, "version");
            if (versions::compare_debian_versions(version, target.version).value_or(1) <= 0) {
                state = "fixed";
                reason = fmt::format("the changelog says that {} fixed it", version);
                file = changelogs_.text(mended->second, "file");
                line = changelogs_.number(mended->second, "line");
            }
        }
        const View::Cve cve = view_.cve(fault).value_or(View::Cve{});
        const auto level = candidate.said.level != advisories::Level::none ? candidate.said.level : record.level;
        const bool has_fix = !candidate.judgement.fixed_in.empty();
        const auto real = [](const std::optional<double>& value) { return value ? Value{*value} : null(); };
        const auto time = [](std::int64_t value) { return value == 0 ? null() : number(value); };
        out_.add({text(candidate.ecosystem), text_or_null(target.manager), text(target.name), text(joined(target.packages)), text_or_null(target.source),
                  text(target.version), text_or_null(target.path), advisories::is_cve(fault) ? text(fault) : null(), text(record.id),
                  text_or_null(record.summary), text_or_null(record.url), text_or_null(advisories::name_of(level)), real(record.score),
                  view_.exploited() == 0 ? null() : flag(cve.exploited), cve.exploited ? time(cve.added) : null(),
                  view_.exploited() == 0 ? null() : flag(cve.ransomware), real(cve.epss), time(record.published),
                  text_or_null(candidate.judgement.fixed_in), has_fix ? time(candidate.fixed_on) : null(), text(state), text_or_null(reason),
                  text_or_null(file), number(line), text_or_null(candidate.said.note), text_or_null(view_.source(record.source).name)});
    }

    template <class... Parts>
    void gap(Code code, fmt::format_string<Parts...> format, Parts&&... parts) {
        out_.gap({}, 0, code, fmt::format(format, std::forward<Parts>(parts)...));
    }

    Collector out_;
    const View& view_;
    std::int64_t now_;
    Input packages_, software_, kernel_, changelogs_;
    Distribution distribution_;
    std::vector<Target> targets_;
    std::map<std::string_view, std::vector<std::string_view>> matching_;
    std::set<std::string> unsigned_;           // names of sources that targets point to
    std::set<std::string_view> strangers_;     // managers whose packages no advisories here are about
    std::set<std::string_view> of_software_;   // ecosystems of what stands in `software`
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> mended_;  // source and CVE: row of changelog_fixes
    bool kernel_installed_ = false;
};

}  // namespace

wire::ParseAnswer parse_vulnerabilities(const Request& request) {
    wire::ParseAnswer none;
    const auto view = open_advisories(request, none);
    return view ? Finder{request, *view}.find() : none;
}

}  // namespace ward::facts
