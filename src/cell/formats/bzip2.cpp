// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/bzip2.h"

namespace ward::formats {

bool Bzip2Reader::begins(Bytes rest) const { return detect(rest) == Type::bzip2; }

Unpacked Bzip2Reader::unpack(Bytes rest, Sink& sink, std::uint64_t base, Member&) {
    return unpack_bzip2(rest, sink, base);
}

}  // namespace ward::formats
