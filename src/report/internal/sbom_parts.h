// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/sbom.h"

namespace ward::report {

// A component with what both formats need of it.
struct SbomEntry {
    const SbomComponent* component;
    std::string id;                   // unique in the document: the package URL where it is
    std::optional<std::string> purl;
};
std::vector<SbomEntry> entries_of(const Sbom& sbom);

// "Debian Adduser Developers <adduser@example.org>" in two; the address is left out unless it is plainly one.
struct Party {
    std::string name;
    std::string email;
};
Party party(std::string_view text);
// Who gave it out: the vendor, else who maintains it.
Party supplier_of(const SbomComponent& component);

// "path:line: why"
std::string gap_text(const Gap& gap);

// Where a document's own name will be. It stands before any text from outside.
inline constexpr std::string_view kNilUuid = "00000000-0000-0000-0000-000000000000";

std::string as_cyclonedx(const Sbom& sbom, const std::vector<SbomEntry>& entries);
std::string as_spdx(const Sbom& sbom, const std::vector<SbomEntry>& entries);

}  // namespace ward::report
