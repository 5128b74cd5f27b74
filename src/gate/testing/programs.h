// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

namespace ward::testing {

// A program beside the tests; ctest says where, and so may whoever runs a test by hand.
inline std::string program(const std::string& name) {
    const char* folder = std::getenv("WARD_BIN");
    return (folder == nullptr ? std::string{"../../build/dev/bin"} : std::string{folder}) + "/" + name;
}

}  // namespace ward::testing
