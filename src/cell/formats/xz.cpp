// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/xz.h"

namespace ward::formats {

bool XzReader::begins(Bytes rest) const {
    using namespace std::string_view_literals;
    return as_text(rest).starts_with("\xfd\x37zXZ\0"sv);
}

Unpacked XzReader::unpack(Bytes rest, Sink& sink, std::uint64_t base, Member&) { return unpack_xz(rest, sink, base); }

}  // namespace ward::formats
