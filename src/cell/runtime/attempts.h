// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace ward::runtime {

// A thing that no cell may do, tried by a probe cell that was sealed like every other: by the tests, and by `ward trust` on
// the machine it runs on. Each is harmless should it succeed. Each asks the kernel itself, past the stand-ins.
struct Attempt {
    std::string_view name;
    int (*try_it)();  // the errno it got, or 0 when nothing refused it
};
std::span<const Attempt> attempts();

}  // namespace ward::runtime
