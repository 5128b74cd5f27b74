// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ward::advisories {

// What a package URL says (purl-spec), decoded. Of the qualifiers those that tell which package of which distribution it is.
struct PackageUrl {
    std::string type;       // "rpm"
    std::string space;      // "redhat"; "a/b" of several parts
    std::string name;
    std::string version;    // "" of all versions
    std::string distribution, epoch, upstream;
    bool is_of_module = false;  // of rpm's
};

// Nothing for what is none.
std::optional<PackageUrl> parse_package_url(std::string_view text);

// A package as OSV names it. The ecosystem is empty where there is no such name: then nothing can be held against it.
struct Package {
    std::string ecosystem, name, version;
};

// The ecosystem of a platform that is named by a CPE ("cpe:/a:redhat:enterprise_linux:9::appstream", or the form of CPE 2.3) and by
// words ("SUSE Linux Enterprise Server 15 SP5"), either of which may be empty; "" for one that OSV has no name for.
std::string ecosystem_of_platform(std::string_view cpe, std::string_view name);

// `platform` is the ecosystem of what it is a part of; empty when it stands for itself. A language's package as a part of something
// else is no package of that language's world: what is said of it holds for the whole alone.
Package package_of_url(const PackageUrl& url, bool is_part, std::string_view platform);

// A package of rpm by its file's name, with an epoch or without: "xz-0:5.2.5-8.el9_0.src", or "xz" for all versions. Nothing for an image
// or a module's stream ("nodejs:18/nodejs").
Package package_of_rpm(std::string_view name, std::string_view platform);

// Is a version of rpm's that of a module's build, as "1.3.1-1.module+el8.9.0+20429+de2ba5d6" is?
bool is_modular(std::string_view version);

}  // namespace ward::advisories
