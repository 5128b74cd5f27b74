// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/internal/product.h"

#include "cell/advisories/osv.h"
#include "core/text.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace ward::advisories {

namespace {

// How a distribution's release stands in the names of its ecosystem.
enum class Release { none, whole, major, minor, ubuntu };

struct Distribution {
    std::string_view ecosystem;
    std::string_view type, space;           // of package URLs
    std::string_view vendor, product;       // of CPEs
    Release release;
};
constexpr Distribution kDistributions[] = {
    {"Debian", "deb", "debian", "debian", "debian_linux", Release::whole},
    {"Ubuntu", "deb", "ubuntu", "canonical", "ubuntu_linux", Release::ubuntu},
    {"Alpine", "apk", "alpine", "alpinelinux", "alpine_linux", Release::minor},
    {"Wolfi", "apk", "wolfi", {}, {}, Release::none},
    {"Chainguard", "apk", "chainguard", {}, {}, Release::none},
    {"AlmaLinux", "rpm", "almalinux", "almalinux", "almalinux", Release::major},
    {"Rocky Linux", "rpm", "rocky", "rocky", "rocky", Release::major},
    {"Rocky Linux", "rpm", "rocky-linux", "rocky", "rocky_linux", Release::major},
    {"Fedora", "rpm", "fedora", "fedoraproject", "fedora", Release::whole},
    {"Oracle Linux", "rpm", "oracle", "oracle", "linux", Release::major},
    {"Amazon Linux", "rpm", "amazon", "amazon", "amazon_linux", Release::whole},
    {"Mageia", "rpm", "mageia", "mageia", "mageia", Release::major},
    {"openEuler", "rpm", "openeuler", "openeuler", "openeuler", Release::whole},
    {"Azure Linux", "rpm", "azurelinux", "microsoft", "azure_linux", Release::major},
};

struct Language {
    std::string_view type, ecosystem;
    char separator;  // between namespace and name; 0 when names have none
};
constexpr Language kLanguages[] = {
    {"cargo", "crates.io", 0}, {"composer", "Packagist", '/'}, {"gem", "RubyGems", 0}, {"golang", "Go", '/'}, {"hex", "Hex", 0},
    {"maven", "Maven", ':'},   {"npm", "npm", '/'},            {"nuget", "NuGet", 0},  {"pub", "Pub", 0},     {"pypi", "PyPI", 0},
    {"swift", "SwiftURL", '/'},
};

constexpr std::string_view kArchitectures[] = {"src",  "nosrc", "noarch", "x86_64", "aarch64", "ppc64le", "ppc64", "s390x",     "s390",   "i386",
                                               "i486", "i586",  "i686",   "armv6hl", "armv7hl", "riscv64", "ia64",  "x86_64_v2", "loongarch64"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' && text.size() - i > 2 ? parse_unsigned(text.substr(i + 1, 2), 16) : std::nullopt;
        if (byte) i += 2;
        out += byte ? static_cast<char>(*byte) : text[i];
    }
    return out;
}

// "9.4" as 9, "3.19.1" as 3.19, as the ecosystem counts.
std::string ecosystem_of_release(const Distribution& distribution, std::string_view release) {
    std::string name{distribution.ecosystem};
    if (distribution.release == Release::none) return name;
    if (release.empty()) return {};
    const auto first = release.find('.');
    if (distribution.release == Release::major) release = release.substr(0, first);
    if (distribution.release == Release::minor && first != std::string_view::npos) release = release.substr(0, release.find('.', first + 1));
    name += distribution.release == Release::minor && is_digit(release[0]) ? ":v" : ":";
    name += release;
    // Every second year's April release is one of long-term support.
    const bool is_year = release.size() == 5 && is_digit(release[0]) && is_digit(release[1]);
    if (distribution.release == Release::ubuntu && is_year && release.ends_with(".04") && (release[1] - '0') % 2 == 0) name += ":LTS";
    return name;
}

// The qualifier `distro` ("debian-12", "bookworm", "rhel-9.4"); no specification of it says more than "a name".
std::string ecosystem_of_distro(const PackageUrl& url) {
    if (url.space == "redhat") {
        if (!url.distribution.starts_with("rhel-")) return {};
        const std::string_view release = std::string_view{url.distribution}.substr(5);
        return "Red Hat:enterprise_linux:" + std::string{release.substr(0, release.find('.'))};
    }
    if (url.type == "rpm" && (url.space == "suse" || url.space == "opensuse")) {
        const std::string_view distro = url.distribution;
        if (distro.starts_with("opensuse-leap-")) return "openSUSE:Leap " + std::string{distro.substr(14)};
        return distro.starts_with("opensuse-tumbleweed") ? "openSUSE:Tumbleweed" : std::string{};
    }
    for (const auto& distribution : kDistributions) {
        if (distribution.type != url.type || distribution.space != url.space) continue;
        std::string_view release = url.distribution;
        if (release.starts_with(distribution.space) && release.size() > distribution.space.size() && release[distribution.space.size()] == '-') {
            release.remove_prefix(distribution.space.size() + 1);
        }
        return ecosystem_of_release(distribution, release);
    }
    return {};
}

// The parts of either form (NISTIR 7695, sections 6.1 and 6.2) behind the part ("a", "o"); those that say nothing are empty.
std::vector<std::string> parts_of_cpe(std::string_view cpe) {
    std::vector<std::string> parts;
    if (cpe.size() > kMaxNameBytes) return parts;
    if (cpe.starts_with("cpe:/") && cpe.size() > 7 && cpe[6] == ':') {
        for (const auto part : split(cpe.substr(7), ':')) parts.push_back(decode_percent(part));
    } else if (cpe.starts_with("cpe:2.3:") && cpe.size() > 10 && cpe[9] == ':') {
        parts.emplace_back();
        for (std::size_t i = 10; i < cpe.size(); ++i) {
            if (cpe[i] == ':') parts.emplace_back();
            else if (cpe[i] == '\\' && i + 1 < cpe.size()) parts.back() += cpe[++i];
            else parts.back() += cpe[i];
        }
    }
    for (auto& part : parts) {
        if (part == "*" || part == "-") part.clear();
    }
    while (!parts.empty() && parts.back().empty()) parts.pop_back();
    return parts;
}

}  // namespace

std::optional<PackageUrl> parse_package_url(std::string_view text) {
    if (!text.starts_with("pkg:") || text.size() > 4 * kMaxNameBytes) return std::nullopt;
    text.remove_prefix(4);
    text = text.substr(0, text.find('#'));
    PackageUrl url;
    const auto question = text.find('?');
    const std::string_view qualifiers = question == std::string_view::npos ? std::string_view{} : text.substr(question + 1);
    text = text.substr(0, question);
    const auto begin = text.find_first_not_of('/');
    if (begin == std::string_view::npos) return std::nullopt;
    text.remove_prefix(begin);
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    url.type = to_lower_ascii(text.substr(0, slash));
    text.remove_prefix(slash + 1);
    // Of "@angular/cli@1.0" written without escapes the first "@" is no version's.
    const auto at = text.rfind('@');
    if (at != std::string_view::npos && at != 0 && text.find('/', at) == std::string_view::npos) {
        url.version = decode_percent(text.substr(at + 1));
        text = text.substr(0, at);
    }
    while (text.ends_with('/')) text.remove_suffix(1);
    const auto last = text.rfind('/');
    url.name = decode_percent(last == std::string_view::npos ? text : text.substr(last + 1));
    if (last != std::string_view::npos) url.space = decode_percent(text.substr(0, last));
    if (url.name.empty()) return std::nullopt;
    for (const auto qualifier : split(qualifiers, '&')) {
        const auto equals = qualifier.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = qualifier.substr(0, equals);
        std::string value = decode_percent(qualifier.substr(equals + 1));
        if (key == "distro") url.distribution = std::move(value);
        else if (key == "epoch") url.epoch = std::move(value);
        else if (key == "upstream") url.upstream = std::move(value);
        else if (key == "rpmmod") url.is_of_module = true;
    }
    return url;
}

std::string ecosystem_of_platform(std::string_view cpe, std::string_view name) {
    const auto parts = parts_of_cpe(cpe);
    const std::string vendor = parts.size() >= 2 ? to_lower_ascii(parts[0]) : std::string{};
    if (vendor == "redhat") {
        std::string ecosystem = "Red Hat";
        for (std::size_t i = 1; i < parts.size(); ++i) ecosystem += ":" + parts[i];
        return ecosystem;
    }
    // OSV takes SUSE's names of products as they are: "SUSE:Linux Enterprise Server 15 SP5".
    for (const std::string_view brand : {"SUSE ", "openSUSE "}) {
        if (name.starts_with(brand) && name.size() > brand.size()) return fmt::format("{}:{}", trim(brand), name.substr(brand.size()));
    }
    if (vendor.empty()) return {};
    const std::string product = to_lower_ascii(parts[1]);
    for (const auto& distribution : kDistributions) {
        if (!vendor.empty() && distribution.vendor == vendor && distribution.product == product) {
            return ecosystem_of_release(distribution, parts.size() > 2 ? std::string_view{parts[2]} : std::string_view{});
        }
    }
    return {};
}

Package package_of_url(const PackageUrl& url, bool is_part, std::string_view platform) {
    Package package;
    package.version = url.version;
    if (url.type == "deb" || url.type == "apk" || url.type == "rpm") {
        package.ecosystem = platform.empty() ? ecosystem_of_distro(url) : std::string{platform};
        package.name = url.name;
        // All versions of a module's stream: they cannot be told from those of another stream.
        if (url.is_of_module && url.version.empty()) return {};
        // Debian's and Alpine's advisories are of source packages; `upstream` names one, with its version where that is another.
        if (url.type != "rpm" && !url.upstream.empty()) {
            const auto at = url.upstream.find('@');
            package.name = url.upstream.substr(0, at);
            if (at != std::string::npos) package.version = url.upstream.substr(at + 1);
        }
        const bool has_epoch = package.version.find(':') != std::string::npos;
        if (url.type == "rpm" && !package.version.empty() && !has_epoch && !url.epoch.empty() && url.epoch != "0") {
            package.version = url.epoch + ":" + package.version;
        }
        const std::string_view scheme = scheme_of(package.ecosystem);
        const bool fits = scheme == (url.type == "deb" ? "debian" : url.type == "apk" ? "alpine" : "rpm");
        if (!fits) package.ecosystem.clear();
        return package;
    }
    if (is_part) return package;
    for (const auto& language : kLanguages) {
        if (language.type != url.type) continue;
        package.ecosystem = language.ecosystem;
        package.name = url.space.empty() || language.separator == 0 ? url.name : url.space + language.separator + url.name;
        package.name = normal_name(package.ecosystem, package.name);
    }
    return package;
}

Package package_of_rpm(std::string_view name, std::string_view platform) {
    Package package;
    // "nodejs:18/nodejs" is all versions of a module's stream, "rhel9/toolbox" is an image: not the package of that name.
    if (name.find('/') != std::string_view::npos) return package;
    if (scheme_of(platform) != "rpm" || name.empty()) return package;
    package.ecosystem = platform;
    if (name.ends_with(".rpm")) name.remove_suffix(4);
    if (const auto dot = name.rfind('.'); dot != std::string_view::npos) {
        const bool known = std::find(std::begin(kArchitectures), std::end(kArchitectures), name.substr(dot + 1)) != std::end(kArchitectures);
        if (known) name = name.substr(0, dot);
    }
    const auto release = name.rfind('-');
    const auto version = release == std::string_view::npos || release == 0 ? std::string_view::npos : name.rfind('-', release - 1);
    // A release is a number, "lp150.2.1" or "slfo.1.1_1.2"; that of java-11-openjdk is none.
    const auto is_release = [](std::string_view text) {
        const bool has_digit = std::any_of(text.begin(), text.end(), is_digit);
        return has_digit && (is_digit(text[0]) || text.find('.') != std::string_view::npos);
    };
    const bool has_version = version != std::string_view::npos && version != 0 && is_digit(name[version + 1]) && is_release(name.substr(release + 1));
    package.name = has_version ? name.substr(0, version) : name;
    if (!has_version) return package;
    std::string_view written = name.substr(version + 1);
    if (written.starts_with("0:")) written.remove_prefix(2);
    package.version = written;
    return package;
}

bool is_modular(std::string_view version) { return version.find(".module") != std::string_view::npos; }

}  // namespace ward::advisories
