// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/source_reader.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ward::host {

// Sources as a run has read them, to be written down and read again later or elsewhere (docs/facts.md, "Recorded facts").
struct Recording {
    struct Glob {
        std::vector<std::string> names;
        std::vector<Gap> gaps;
    };
    std::int64_t taken = 0;  // seconds since 1970
    std::map<std::string, Glob> globs;
    std::map<std::string, std::shared_ptr<const Source>> sources;

    Buffer encode() const;
    // Code::malformed for what is no recording, Code::unsupported for one of a later version.
    static Result<Recording> decode(Bytes bytes);
    // The file's; errors name it.
    static Result<Recording> load(const std::string& path);
    Status save(const std::string& path) const;
};

}  // namespace ward::host
