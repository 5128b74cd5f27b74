// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace ward::modules {

// The digests that signatures are made with.
enum class DigestKind : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };

// A digest in pieces.
//
//     Digest digest{DigestKind::sha384};
//     digest.add(part);
//     const Buffer value = digest.finish();  // once
class Digest {
public:
    explicit Digest(DigestKind kind);
    Digest(Digest&&) noexcept;
    ~Digest();
    void add(Bytes bytes);
    Buffer finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

Buffer digest_of(DigestKind kind, Bytes bytes);
std::size_t digest_bytes(DigestKind kind);
// The object identifier of the digest, as the body of a DER value: what stands in a DigestInfo.
Bytes digest_object(DigestKind kind);

// What OpenSSL calls an algorithm ("sha256", "sha256WithRSAEncryption"), by the body of its object identifier.
inline constexpr std::string_view kUndefinedAlgorithm = "undefined";
std::string_view algorithm_name(Bytes object);
// The kinds of keys that there are signatures of.
enum class KeyKind : std::uint8_t { rsa, rsa_pss, dsa, elliptic_curve, ed25519, ed448, sm2, other };
// The kind of key that an algorithm signs with; nothing for what is no such algorithm.
std::optional<KeyKind> signing_key_kind(Bytes object);
// The digest that an algorithm is, or that its signatures are made with.
std::optional<DigestKind> digest_kind(Bytes object);

}  // namespace ward::modules
