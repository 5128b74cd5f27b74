// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// A public key of OpenPGP (RFC 9580, and RFC 4880 for the old ones) with what its own signatures say of it, none of which is
// verified.
struct OpenpgpKey {
    std::string fingerprint;          // upper-case hex
    std::string primary_fingerprint;  // its own when it is one
    std::string user_id;              // the first of the primary key; may be empty
    std::uint8_t version = 0;
    std::string algorithm;  // as in data/tables/apt_keys.toml
    std::optional<std::uint32_t> bits;
    std::string hash;                 // of the newest self-signature; empty when there is none
    std::int64_t created = 0;         // seconds since 1970
    std::optional<std::int64_t> expires;
    bool revoked = false;
    bool may_sign = false;
    bool bound = false;  // a subkey: a signature of the primary key says that it belongs to it

    bool is_primary() const { return fingerprint == primary_fingerprint; }
};

// The keys of a keyring, each primary key before its subkeys, and what is wrong with others.
struct OpenpgpKeyring {
    std::vector<OpenpgpKey> keys;
    std::vector<Error> errors;
};
OpenpgpKeyring read_openpgp_keyring(Bytes bytes);

// Does it begin with a public key?
bool begins_like_keyring(Bytes file);

// Text with the armour of RFC 9580, section 6.2.
//
//     ArmorReader armor{text};
//     while (auto block = armor.next()) use(block->keyring);
//
// Only blocks with public keys are given. The checksum is not looked at, as the RFC wants it.
class ArmorReader {
public:
    struct Block {
        std::uint64_t line;  // where it begins
        Result<Buffer> keyring;
    };
    explicit ArmorReader(std::string_view text) : rest_{text} {}
    std::optional<Block> next();

private:
    std::string_view rest_;
    std::uint64_t line_ = 0;
};

}  // namespace ward::facts
