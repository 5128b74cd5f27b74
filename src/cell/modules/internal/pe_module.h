// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "cell/modules/internal/pe_exports.h"
#include "cell/modules/internal/pe_imports.h"
#include "cell/modules/internal/pe_resources.h"
#include "cell/modules/internal/pe_toolchain.h"
#include "cell/modules/module.h"

#include <optional>
#include <string>

namespace ward::modules {

// What the module `pe` remembers of a file: the state of its Instance.
struct PeState {
    bool read = false;
    std::optional<PeImage> image;
    std::optional<PeImports> imports;
    std::optional<PeImports> delayed_imports;
    std::optional<PeExports> exports;
    std::string import_hash;
    std::optional<PeResources> resources;
    std::optional<std::uint64_t> checksum;  // calculate_checksum()
    std::optional<PeRichSignature> rich_signature;  // set by its part
};

// The headers of the file in hand, read once; null when it is no portable executable, and then all is undefined but `is_pe`.
const PeImage* pe_image(Instance& in);

}  // namespace ward::modules
