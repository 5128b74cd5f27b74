// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/store.h"
#include "core/bytes.h"
#include "core/result.h"

#include <optional>
#include <string_view>

namespace ward::formats {

// What samples are passed around with.
inline constexpr std::string_view kUsualPasswords[] = {"infected", "virus", "malware"};

// Traditional PKWARE encryption (APPNOTE 6.1). One byte tells whether the password may be right, so what comes out must be
// checked by its CRC. Nothing when the byte says no; else the packed data, unpacked onto the store.
inline constexpr std::size_t kTraditionalHeaderBytes = 12;
std::optional<Result<Bytes>> decrypt_traditional(Bytes data, std::string_view password, std::uint8_t check, Sink& sink);

// AE-1 and AE-2 (APPNOTE 7.2.5 reserves method 99; WinZip's "AES Encryption Information"). `strength`: 1, 2, 3 for 128, 192, 256 bits.
// Nothing when the password is wrong.
std::optional<Result<Bytes>> decrypt_aes(Bytes data, std::string_view password, int strength, Sink& sink);

}  // namespace ward::formats
