// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::facts {

// What the password field of passwd, shadow, group or gshadow says, without the hash itself: kinds as in data/tables/users.toml.
struct PasswordField {
    std::string_view kind;
    std::string_view hash_kind;           // of the hash, locked or not; empty when there is none
    std::optional<std::uint32_t> rounds;  // of sha256 and sha512, or the exponent of bcrypt
    std::optional<bool> usable;           // unknown when the kind is
};

// The prefixes are those of crypt(5). A text that no kind of hash begins like, such as "NP" or "*LK*", matches no password.
PasswordField read_password_field(std::string_view field);

}  // namespace ward::facts
