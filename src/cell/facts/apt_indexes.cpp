// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dates.h"
#include "cell/facts/internal/deb822.h"
#include "cell/facts/internal/dpkg.h"
#include "cell/facts/internal/lz4.h"
#include "cell/facts/file_parsers.h"
#include "cell/versions/debian.h"
#include "core/text.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace ward::facts {
namespace {

constexpr std::string_view kLists = "/var/lib/apt/lists/";
constexpr std::uint64_t kMaxIndexBytes = 512 * kMiB;  // Debian's largest, main of one architecture, has 50 MiB

// A repository's Release file, as far as it tells what its indexes are worth.
struct Release {
    const Source* source = nullptr;
    std::string_view prefix;  // of the names of its indexes: "/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_"
    std::string_view origin, label, suite, codename;
    std::string_view date, valid_until;
    bool signed_inside = false;
    bool not_automatic = false;
    bool automatic_upgrades = false;  // of packages that come from there already
};

bool says_security(std::string_view text) { return text.ends_with("-security") || text.ends_with("/updates"); }

bool is_security(const Release& release) {
    return says_security(release.suite) || says_security(release.codename) || release.label == "Debian-Security";
}

// Each repository once: where both an InRelease and a Release file lie there, apt uses the former.
std::vector<Release> read_releases(const Request& request, Collector& out) {
    std::vector<Release> releases;
    for (const Source& source : request.sources) {
        const std::string_view path = source.about.name;
        if (!path.starts_with(kLists) || !path.ends_with("Release")) continue;
        Release release;
        release.source = &source;
        release.signed_inside = path.ends_with("_InRelease");
        release.prefix = path.substr(0, path.rfind('_') + 1);
        if (release.prefix.size() <= kLists.size()) continue;
        const auto other = std::find_if(releases.begin(), releases.end(),
                                        [&](const Release& known) { return known.prefix == release.prefix; });
        if (other != releases.end() && (other->signed_inside || !release.signed_inside)) continue;
        Deb822 file{signed_text(as_text(source.bytes))};
        if (!file.next()) {
            out.gap(path, 0, Code::malformed, "a Release file without a field");
            continue;
        }
        if (file.bad_line() != 0) out.gap(path, file.bad_line(), Code::malformed, "a line that is no field");
        release.origin = file.field("Origin");
        release.label = file.field("Label");
        release.suite = file.field("Suite");
        release.codename = file.field("Codename");
        release.date = file.field("Date");
        release.valid_until = file.field("Valid-Until");
        release.not_automatic = equal_ignoring_case(file.field("NotAutomatic"), "yes");
        release.automatic_upgrades = equal_ignoring_case(file.field("ButAutomaticUpgrades"), "yes");
        if (other != releases.end()) *other = release;
        else releases.push_back(release);
    }
    return releases;
}

// The newest version of an installed package in one index.
struct Offer {
    std::string_view version;
    const Release* release = nullptr;  // nothing when the index has no Release file
    std::string_view component;
    std::string_view file;
    int order = 0;  // against the installed version

    bool security() const {
        return release != nullptr ? is_security(*release) : file.find("-security") != std::string_view::npos;
    }
    bool not_automatic() const { return release != nullptr && release->not_automatic; }
};

struct Installed {
    DpkgPackage package;
    std::vector<Offer> offers;  // one an index, in the order of the indexes
};

// "main_binary-amd64_Packages" gives "main"; nothing for repositories without components.
std::string_view component_of(std::string_view file, const Release* release) {
    const std::string_view rest = release == nullptr ? base_name(file) : file.substr(release->prefix.size());
    const std::size_t binary = rest.find("_binary-");
    if (binary == std::string_view::npos) return {};
    const std::string_view before = rest.substr(0, binary);
    return release == nullptr ? before.substr(before.rfind('_') + 1) : before;
}

bool same_architecture(std::string_view a, std::string_view b, std::string_view native) {
    if (a == b) return true;
    // A package may turn from one for this machine into one for all, or back.
    return (a == "all" && b == native) || (a == native && b == "all");
}

// All installed packages with what the indexes offer for each.
class Market {
public:
    Market(const Request& request, Collector& out) : out_{out}, releases_{read_releases(request, out)} {
        for (const DpkgPackage& package : read_dpkg(request, out)) {
            if (!package.present()) continue;
            if (!versions::compare_debian_versions(package.version, package.version)) {
                out.gap(package.path, 0, Code::malformed, "an installed package with a version that cannot be compared");
                continue;
            }
            if (package.name == "dpkg") native_ = package.architecture;
            installed_.push_back({package, {}});
        }
        // Equal names (architectures) lie together, so a name leads to a range.
        std::stable_sort(installed_.begin(), installed_.end(),
                         [](const Installed& a, const Installed& b) { return a.package.name < b.package.name; });
        for (std::size_t i = installed_.size(); i > 0; --i) by_name_[installed_[i - 1].package.name] = i - 1;
        for (const Source& source : request.sources) read_index(source);
    }

    const std::vector<Installed>& installed() const { return installed_; }

private:
    void read_index(const Source& source) {
        const std::string_view path = source.about.name;
        if (!path.starts_with(kLists)) return;
        if (path.ends_with("_Packages")) return read_index(path, as_text(source.bytes));
        if (path.ends_with("_Packages.lz4")) {
            auto unpacked = unpack_lz4(source.bytes, kMaxIndexBytes);
            if (!unpacked) return out_.gap(path, 0, unpacked.error().code, unpacked.error().text);
            return read_index(path, as_text(unpacked_.emplace_back(*std::move(unpacked))));
        }
        for (const char* ending : {".gz", ".xz", ".bz2", ".zst", ".lzma"}) {
            if (path.ends_with(std::string{"_Packages"} + ending)) {
                out_.gap(path, 0, Code::unsupported, "a package index packed in a way that is not read");
            }
        }
    }

    void read_index(std::string_view path, std::string_view content) {
        const Release* release = nullptr;
        for (const Release& each : releases_) {
            if (path.starts_with(each.prefix) && (release == nullptr || each.prefix.size() > release->prefix.size())) {
                release = &each;
            }
        }
        Offer offer;
        offer.release = release;
        offer.component = component_of(path, release);
        offer.file = path;
        Deb822 file{content};
        while (file.next()) {
            if (file.bad_line() != 0) out_.gap(path, file.bad_line(), Code::malformed, "a line that is no field");
            const auto range = by_name_.find(file.field("Package"));
            if (range == by_name_.end()) continue;
            offer.version = file.field("Version");
            const std::string_view architecture = file.field("Architecture");
            for (std::size_t i = range->second; i < installed_.size() && installed_[i].package.name == range->first; ++i) {
                if (!same_architecture(installed_[i].package.architecture, architecture, native_)) continue;
                const auto order = versions::compare_debian_versions(offer.version, installed_[i].package.version);
                if (!order) {
                    out_.gap(path, file.line(), Code::malformed, "a version that cannot be compared");
                    continue;
                }
                offer.order = *order;
                keep_newest(installed_[i].offers, offer);
            }
        }
    }

    static void keep_newest(std::vector<Offer>& offers, const Offer& offer) {
        if (offers.empty() || offers.back().file != offer.file) {
            offers.push_back(offer);
        } else if (versions::compare_debian_versions(offer.version, offers.back().version).value_or(0) > 0) {
            offers.back() = offer;
        }
    }

    Collector& out_;
    std::deque<Buffer> unpacked_;  // what the offers look into, so it stays where it is
    std::vector<Release> releases_;
    std::vector<Installed> installed_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::string_view native_;
};

const Offer* newest(const std::vector<Offer>& offers, bool (*counts)(const Offer&)) {
    const Offer* best = nullptr;
    for (const Offer& offer : offers) {
        if (!counts(offer)) continue;
        if (best == nullptr || versions::compare_debian_versions(offer.version, best->version).value_or(0) > 0) best = &offer;
    }
    return best;
}

// What apt would upgrade to (apt_preferences(5), "APT's Default Priority Assignments"): the newest of the suites with
// priority 500. Those with priority 100 count only when the installed version is newer than all of the former.
const Offer* upgrade(const std::vector<Offer>& offers) {
    const Offer* const best = newest(offers, [](const Offer& offer) { return !offer.not_automatic(); });
    if (best != nullptr && best->order >= 0) return best->order > 0 ? best : nullptr;
    const Offer* const later = newest(offers, [](const Offer& offer) {
        return offer.not_automatic() && offer.release->automatic_upgrades;
    });
    return later != nullptr && later->order > 0 ? later : nullptr;
}

Value of(const Release* release, std::string_view Release::*part) {
    return release == nullptr ? null() : text_or_null(release->*part);
}

}  // namespace

wire::ParseAnswer parse_package_updates(const Request& request) {
    Collector out;
    const Market market{request, out};
    for (const Installed& each : market.installed()) {
        const Offer* const candidate = upgrade(each.offers);
        if (candidate == nullptr) continue;
        const Offer* const security = newest(each.offers, [](const Offer& offer) {
            return offer.security() && offer.order > 0 && !offer.not_automatic();
        });
        const DpkgPackage& package = each.package;
        out.add({text(package.name), text(package.architecture), text(package.source), text(package.version),
                 text(candidate->version), flag(security != nullptr), security == nullptr ? null() : text(security->version),
                 of(candidate->release, &Release::origin), of(candidate->release, &Release::suite),
                 of(candidate->release, &Release::codename), text_or_null(candidate->component),
                 flag(package.want == "hold"), text(candidate->file)});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_package_candidates(const Request& request) {
    Collector out;
    const Market market{request, out};
    for (const Installed& each : market.installed()) {
        for (const Offer& offer : each.offers) {
            const DpkgPackage& package = each.package;
            out.add({text(package.name), text(package.architecture), text(package.source), text(package.version),
                     text(offer.version), text(offer.order > 0 ? "newer" : offer.order < 0 ? "older" : "same"),
                     of(offer.release, &Release::origin), of(offer.release, &Release::label),
                     of(offer.release, &Release::suite), of(offer.release, &Release::codename),
                     text_or_null(offer.component), flag(offer.security()), flag(offer.not_automatic()),
                     text(offer.file)});
        }
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_apt_lists(const Request& request) {
    Collector out;
    for (const Release& release : read_releases(request, out)) {
        const auto moment = [&](std::string_view value, const char* what) -> std::optional<std::int64_t> {
            const auto seconds = parse_release_date(value);
            if (!value.empty() && !seconds) out.gap(release.source->about.name, 0, Code::malformed, what);
            return seconds;
        };
        const auto date = moment(release.date, "a Date that cannot be read");
        const auto until = moment(release.valid_until, "a Valid-Until that cannot be read");
        out.add({text(release.source->about.name), text_or_null(release.origin), text_or_null(release.label),
                 text_or_null(release.suite), text_or_null(release.codename), number(date), number(until),
                 date ? number(request.now - *date) : null(), flag(until && *until < request.now),
                 flag(release.signed_inside), flag(release.not_automatic), flag(is_security(release))});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_apt_stamps(const Request& request) {
    Collector out;
    for (const Source& source : request.sources) {
        if (source.about.state != wire::SourceBytes::State::whole) continue;
        std::string_view path = source.about.name;
        path.remove_prefix(std::string_view{"stat:"}.size());
        out.add({text(base_name(path)), text(path), number(source.about.modified), number(request.now - source.about.modified)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
