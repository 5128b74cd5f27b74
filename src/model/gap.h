// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/where.h"

namespace ward {

// What could not be looked at, and why. Never dropped: a report is findings plus gaps.
struct Gap {
    Where where;
    Code code = Code::io;
    std::string why;  // lower case, no full stop, no file content

    bool operator==(const Gap&) const = default;
};

}  // namespace ward
