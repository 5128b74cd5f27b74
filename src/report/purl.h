// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ward::report {

// A package URL (ECMA-427, https://github.com/package-url/purl-spec): which package, in a form that advisories and other
// tools understand too.
//
//     to_text({"deb", "debian", "curl", "7.50.3-1", {{"arch", "i386"}, {"distro", "jessie"}}})
//         == "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie"
struct PackageUrl {
    std::string type;   // "deb"; in small letters
    std::string space;  // the namespace: a vendor, a scope, a group; empty for none
    std::string name;
    std::string version;                                         // empty for none
    std::vector<std::pair<std::string, std::string>> qualifiers;  // in any order; those without a value do not count
};

// The canonical form: what the type calls the same is written the same, all else percent-encoded. Bytes that are not UTF-8
// become U+FFFD first, for a package URL holds nothing else. Nothing when there is no name, or no namespace where the type
// needs one. There is no subpath: nothing here would fill it.
std::optional<std::string> to_text(const PackageUrl& url);

// The system that packages were made for, as os-release(5) names it.
struct Distribution {
    std::string id;          // "debian"; empty or "linux" when it does not say
    std::string version_id;  // empty on a rolling release
    std::string codename;
};

// A package as the table `packages` describes it.
struct PackageFacts {
    std::string manager;  // dpkg, rpm or apk
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;
    std::string source_version;
};
PackageUrl url_of_package(const PackageFacts& package, const Distribution& distribution);

// Software as OSV names its ecosystem ("PyPI", "npm", "Packagist" ...); without a type when the ecosystem has none here.
PackageUrl url_of_software(std::string_view ecosystem, std::string_view name, std::string_view version);

}  // namespace ward::report
