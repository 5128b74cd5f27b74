// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <array>
#include <memory>

namespace ward {

// SHA-256 (FIPS 180-4) in pieces. Uses the CPU's instructions where it has them.
//
//     Sha256 hash;
//     hash.add(part);
//     const auto digest = hash.finish();      // once; then the object is spent
class Sha256 {
public:
    using Digest = std::array<std::uint8_t, 32>;
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    void add(Bytes bytes);
    Digest finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

Sha256::Digest sha256(Bytes bytes);
std::string sha256_hex(Bytes bytes);

// MD5 (RFC 1321): only to compare with what package databases recorded, never for trust.
std::array<std::uint8_t, 16> md5(Bytes bytes);

// SHA-1 (FIPS 180-4): only where a format names things by it, as OpenPGP does its keys; never for trust.
std::array<std::uint8_t, 20> sha1(Bytes bytes);

}  // namespace ward
