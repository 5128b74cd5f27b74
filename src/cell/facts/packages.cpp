// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/dpkg.h"

#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/deb822.h"
#include "cell/facts/internal/package_row.h"
#include "cell/facts/internal/rpm.h"
#include "cell/facts/file_parsers.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {

std::vector<DpkgPackage> read_dpkg(const Request& request, Collector& out) {
    std::vector<DpkgPackage> packages;
    for (const Source& source : request.sources) {
        const std::string& path = source.about.name;
        // status.d holds a file a package, and files of checksums beside them (images without a package manager).
        const bool is_status = path == kDpkgStatus || (path.starts_with("/var/lib/dpkg/status.d/") && !path.ends_with(".md5sums"));
        if (!is_status) continue;
        Deb822 file{as_text(source.bytes)};
        while (file.next()) {
            if (file.bad_line() != 0) out.gap(path, file.bad_line(), Code::malformed, "a line that is no field");
            DpkgPackage package;
            package.name = file.field("Package");
            package.version = file.field("Version");
            package.architecture = file.field("Architecture");
            package.path = path;
            if (package.name.empty()) {
                out.gap(path, file.line(), Code::malformed, "a paragraph that names no package");
                continue;
            }
            const auto status = words(file.field("Status"));
            if (status.size() == 3) {
                package.want = status[0];
                package.reinstall = status[1] == "reinstreq";
                package.status = status[2];
            } else if (path != kDpkgStatus) {
                package.want = "install";
                package.status = "installed";
            } else {
                out.gap(path, file.line(), Code::malformed, "a package without a status of three words");
                continue;
            }
            if (package.status == "not-installed") continue;
            // "Source: openssl (3.0.14-1)": the version stands there only when it is another one.
            std::string_view source_field = file.field("Source");
            package.source = source_field.empty() ? package.name : take_word(source_field);
            package.source_version = package.version;
            if (source_field.starts_with('(') && source_field.ends_with(')')) {
                package.source_version = trim(source_field.substr(1, source_field.size() - 2));
            }
            package.essential = equal_ignoring_case(file.field("Essential"), "yes");
            package.section = file.field("Section");
            package.priority = file.field("Priority");
            package.maintainer = file.field("Maintainer");
            package.summary = file.field("Description");
            package.summary = trim(package.summary.substr(0, package.summary.find('\n')));
            const std::string_view size = file.field("Installed-Size");
            package.installed_kib = parse_unsigned(size);
            if (!size.empty() && !package.installed_kib) {
                out.gap(path, file.line(), Code::malformed, "an installed size that is no number");
            }
            packages.push_back(package);
        }
    }
    return packages;
}

void add_package(const PackageRow& package, Collector& out) {
    out.add({text(package.manager), text(package.name), text_or_null(package.version), text_or_null(package.architecture),
             text(package.source.empty() ? package.name : package.source), text_or_null(package.source_version),
             text(package.status), text_or_null(package.want), flag(package.want == "hold"), flag(package.broken),
             flag(package.essential), text_or_null(package.section), text_or_null(package.priority),
             text_or_null(package.maintainer), text_or_null(package.summary), number(package.installed_kib),
             text(package.path), text_or_null(package.vendor), number(package.installed)});
}

namespace {

void add_dpkg(const Request& request, Collector& out) {
    for (const DpkgPackage& package : read_dpkg(request, out)) {
        const bool broken = package.reinstall || package.status == "half-installed" ||
                            package.status == "half-configured" || package.status == "unpacked";
        add_package({.manager = "dpkg",
                     .name = package.name,
                     .version = package.version,
                     .architecture = package.architecture,
                     .source = package.source,
                     .source_version = package.source_version,
                     .status = package.status,
                     .want = package.want,
                     .broken = broken,
                     .essential = package.essential,
                     .section = package.section,
                     .priority = package.priority,
                     .maintainer = package.maintainer,
                     .summary = package.summary,
                     .installed_kib = package.installed_kib,
                     .path = package.path},
                    out);
    }
}

// A manager has moved its database and left a link behind, so two names may be one file: it is read once, under the first.
bool is_again(const Source& source, std::span<const Source> before) {
    return std::any_of(before.begin(), before.end(), [&](const Source& other) {
        return base_name(other.about.name) == base_name(source.about.name) &&
               std::equal(other.bytes.begin(), other.bytes.end(), source.bytes.begin(), source.bytes.end());
    });
}

}  // namespace

wire::ParseAnswer parse_packages(const Request& request) {
    Collector out;
    add_dpkg(request, out);
    read_rpm(request, out);
    for (std::size_t i = 0; i < request.sources.size(); ++i) {
        const Source& source = request.sources[i];
        if (source.about.name.ends_with("/apk/db/installed") && !is_again(source, request.sources.first(i))) read_apk(source, out);
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
