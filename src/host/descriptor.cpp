// SPDX-License-Identifier: Apache-2.0
#include "host/descriptor.h"

#include <unistd.h>

namespace ward::host {

void Descriptor::reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

}  // namespace ward::host
