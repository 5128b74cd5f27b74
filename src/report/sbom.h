// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/gap.h"
#include "report/purl.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::report {

// One thing that is installed, or that a lock file wants. Texts are as their owners wrote them: hostile. Empty ones are not known.
struct SbomComponent {
    enum class Kind { package, software };  // of a package manager; of a language's own
    Kind kind = Kind::package;
    std::string keeper;          // who knows of it: dpkg, rpm, apk; PyPI, npm ... as OSV names ecosystems
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;          // its source package
    std::string source_version;
    std::string section;
    std::string status;          // of a package: installed, half-configured ...
    std::string vendor;
    std::string maintainer;
    std::string summary;
    std::string license;
    bool locked = false;         // a lock file wants it; whether it is installed is another matter
    std::string brought_by;      // of software: the Debian package that it came with
    std::vector<std::string> paths;  // the files that say so
};

// What an advisory says of components of the list, and what is known against it here (the table `vulnerabilities`).
struct SbomFault {
    std::string id;              // a CVE, else the advisory's own
    std::string advisory;
    std::string url;
    std::string summary;
    std::string severity;        // low to critical; empty when nobody gives any
    std::optional<double> cvss;
    std::string fixed_in;
    std::string state;           // affected, fixed, not_running, not_affected, withdrawn
    std::string reason;          // of every state but affected
    std::string knowledge;       // which source says so
    std::int64_t published = 0;  // seconds since 1970; 0 when it is not told
    bool known_exploited = false;
    std::vector<std::size_t> components;  // numbers in Sbom::components
};

struct Sbom {
    Distribution system;
    std::string system_name;  // "Debian GNU/Linux 12 (bookworm)"
    std::string host;         // the machine's name; empty when it is not known
    std::int64_t created = 0;   // seconds since 1970, of the document
    std::int64_t observed = 0;  // and of the facts in it: earlier when they were recorded
    std::string ward;           // its version
    std::vector<SbomComponent> components;
    std::optional<std::vector<SbomFault>> faults;  // asked for, of CycloneDX only
    std::vector<Gap> gaps;
};

enum class SbomFormat { cyclonedx, spdx };
std::optional<SbomFormat> sbom_format(std::string_view name);

// A software bill of materials: CycloneDX 1.6 or SPDX 2.3, in JSON. The same content gives the same bytes, whose digest is the
// document's own name. What could not be read stands in the document too.
std::string render(const Sbom& sbom, SbomFormat format);

}  // namespace ward::report
