// SPDX-License-Identifier: Apache-2.0
// Alone in its file, because the cell programs link another one: they have no stderr to write to.
#include "core/result.h"

#include <unistd.h>

#include <cstdlib>

namespace ward {

void check_failed(const char* condition, const char* file, int line) {
    const std::string text = fmt::format("ward: broken promise at {}:{}: {}\n", file, line, condition);
    // Nothing can be done about a failing write here: the program ends either way.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    std::abort();
}

}  // namespace ward
