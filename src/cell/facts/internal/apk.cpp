// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/package_row.h"

#include "core/text.h"

namespace ward::facts {

void read_apk(const Source& source, Collector& out) {
    const std::string_view path = source.about.name;
    PackageRow package;
    std::uint64_t first_line = 0;  // of the record; 0 between two
    const auto finish = [&] {
        if (first_line == 0) return;
        if (package.name.empty()) {
            out.gap(path, first_line, Code::malformed, "a record that names no package");
        } else {
            if (package.version.empty()) out.gap(path, first_line, Code::malformed, "a package without a version");
            // Parts of one build share its version.
            package.source_version = package.version;
            add_package(package, out);
        }
        first_line = 0;
    };
    const PackageRow none{.manager = "apk", .path = path};
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.size() < 2) {  // as apk itself tells the end
            finish();
            continue;
        }
        if (first_line == 0) {
            package = none;
            first_line = lines.number();
        }
        if (line[1] != ':') {
            out.gap(path, lines.number(), Code::malformed, "a line that is no field");
            continue;
        }
        const std::string_view value = line.substr(2);
        switch (line[0]) {
            case 'P': package.name = value; break;
            case 'V': package.version = value; break;
            case 'A': package.architecture = value; break;
            case 'T': package.summary = value; break;
            case 'o': package.source = value; break;
            case 'm': package.maintainer = value; break;
            case 'I': {
                constexpr std::uint64_t kKib = 1024;
                const auto bytes = parse_unsigned(value);
                if (!bytes) {
                    out.gap(path, lines.number(), Code::malformed, "an installed size that is no number");
                    break;
                }
                package.installed_kib = *bytes / kKib + (*bytes % kKib == 0 ? 0 : 1);
                break;
            }
            // 'f', 's' and 'x': a file, a script or an attribute that failed. 'S' only names a kind of hash.
            case 'f': package.broken = value.find_first_of("fsx") != std::string_view::npos; break;
            default: break;
        }
    }
    finish();
}

}  // namespace ward::facts
