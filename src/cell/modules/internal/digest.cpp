// SPDX-License-Identifier: Apache-2.0
// The low-level functions, for the reason that core/hash.cpp gives.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cell/modules/internal/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <variant>

namespace ward::modules {

namespace {

struct Algorithm {
    std::array<std::uint8_t, 10> object;
    std::size_t object_bytes;
    std::string_view name;
    std::optional<DigestKind> digest;
    std::optional<KeyKind> key = {};  // of signatures
};

// OpenSSL's long names. The digests come first, in the order of DigestKind.
constexpr Algorithm kAlgorithms[] = {
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05}, 8, "md5", DigestKind::md5},
    {{0x2B, 0x0E, 0x03, 0x02, 0x1A}, 5, "sha1", DigestKind::sha1},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04}, 9, "sha224", DigestKind::sha224},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}, 9, "sha256", DigestKind::sha256},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}, 9, "sha384", DigestKind::sha384},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}, 9, "sha512", DigestKind::sha512},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x05}, 9, "sha512-224", {}},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x06}, 9, "sha512-256", {}},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x08}, 9, "sha3-256", {}},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x09}, 9, "sha3-384", {}},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0A}, 9, "sha3-512", {}},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x02}, 8, "md2", {}},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x04}, 8, "md4", {}},
    {{0x2B, 0x24, 0x03, 0x02, 0x01}, 5, "ripemd160", {}},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}, 9, "rsaEncryption", {}},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x02}, 9, "md2WithRSAEncryption", {}, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x03}, 9, "md4WithRSAEncryption", {}, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x04}, 9, "md5WithRSAEncryption", DigestKind::md5, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05}, 9, "sha1WithRSAEncryption", DigestKind::sha1, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07}, 9, "rsaesOaep", {}},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A}, 9, "rsassaPss", {}, KeyKind::rsa_pss},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B}, 9, "sha256WithRSAEncryption", DigestKind::sha256, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C}, 9, "sha384WithRSAEncryption", DigestKind::sha384, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D}, 9, "sha512WithRSAEncryption", DigestKind::sha512, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0E}, 9, "sha224WithRSAEncryption", DigestKind::sha224, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0F}, 9, "sha512-224WithRSAEncryption", {}, KeyKind::rsa},
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x10}, 9, "sha512-256WithRSAEncryption", {}, KeyKind::rsa},
    {{0x2B, 0x0E, 0x03, 0x02, 0x1D}, 5, "sha1WithRSA", DigestKind::sha1, KeyKind::rsa},
    {{0x2B, 0x0E, 0x03, 0x02, 0x03}, 5, "md5WithRSA", DigestKind::md5, KeyKind::rsa},
    {{0x2B, 0x0E, 0x03, 0x02, 0x0F}, 5, "shaWithRSAEncryption", {}, KeyKind::rsa},
    {{0x2B, 0x0E, 0x03, 0x02, 0x12}, 5, "sha", {}},
    {{0x2B, 0x0E, 0x03, 0x02, 0x0C}, 5, "dsaEncryption-old", {}},
    {{0x2B, 0x0E, 0x03, 0x02, 0x1B}, 5, "dsaWithSHA1-old", {}, KeyKind::dsa},
    {{0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01}, 7, "dsaEncryption", {}},
    {{0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x03}, 7, "dsaWithSHA1", {}, KeyKind::dsa},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x01}, 9, "dsa_with_SHA224", {}, KeyKind::dsa},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02}, 9, "dsa_with_SHA256", {}, KeyKind::dsa},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01}, 7, "id-ecPublicKey", {}},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}, 7, "ecdsa-with-SHA1", {}, KeyKind::elliptic_curve},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x01}, 8, "ecdsa-with-SHA224", {}, KeyKind::elliptic_curve},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}, 8, "ecdsa-with-SHA256", {}, KeyKind::elliptic_curve},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03}, 8, "ecdsa-with-SHA384", {}, KeyKind::elliptic_curve},
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04}, 8, "ecdsa-with-SHA512", {}, KeyKind::elliptic_curve},
    {{0x2B, 0x65, 0x70}, 3, "ED25519", {}, KeyKind::ed25519},
    {{0x2B, 0x65, 0x71}, 3, "ED448", {}, KeyKind::ed448},
    {{0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x11}, 8, "sm3", {}},
    {{0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75}, 8, "SM2-with-SM3", {}, KeyKind::sm2},
};

const Algorithm* find(Bytes object) {
    const auto* found = std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms), [&](const Algorithm& each) {
        return std::ranges::equal(object, Bytes{each.object}.first(each.object_bytes));
    });
    return found == std::end(kAlgorithms) ? nullptr : found;
}

}  // namespace

struct Digest::Impl {
    DigestKind kind;
    std::variant<MD5_CTX, SHA_CTX, SHA256_CTX, SHA512_CTX> context;
};

Digest::Digest(DigestKind kind) : impl_{std::make_unique<Impl>()} {
    impl_->kind = kind;
    auto& context = impl_->context;
    switch (kind) {
        case DigestKind::md5: MD5_Init(&context.emplace<MD5_CTX>()); break;
        case DigestKind::sha1: SHA1_Init(&context.emplace<SHA_CTX>()); break;
        case DigestKind::sha224: SHA224_Init(&context.emplace<SHA256_CTX>()); break;
        case DigestKind::sha256: SHA256_Init(&context.emplace<SHA256_CTX>()); break;
        case DigestKind::sha384: SHA384_Init(&context.emplace<SHA512_CTX>()); break;
        case DigestKind::sha512: SHA512_Init(&context.emplace<SHA512_CTX>()); break;
    }
}

Digest::Digest(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::add(Bytes bytes) {
    auto& context = impl_->context;
    if (auto* md5 = std::get_if<MD5_CTX>(&context)) MD5_Update(md5, bytes.data(), bytes.size());
    if (auto* sha1 = std::get_if<SHA_CTX>(&context)) SHA1_Update(sha1, bytes.data(), bytes.size());
    if (auto* sha256 = std::get_if<SHA256_CTX>(&context)) SHA256_Update(sha256, bytes.data(), bytes.size());
    if (auto* sha512 = std::get_if<SHA512_CTX>(&context)) SHA512_Update(sha512, bytes.data(), bytes.size());
}

Buffer Digest::finish() {
    Buffer out(digest_bytes(impl_->kind));
    auto& context = impl_->context;  // SHA-224 and SHA-384 know from their start how short they are
    if (auto* md5 = std::get_if<MD5_CTX>(&context)) MD5_Final(out.data(), md5);
    if (auto* sha1 = std::get_if<SHA_CTX>(&context)) SHA1_Final(out.data(), sha1);
    if (auto* sha256 = std::get_if<SHA256_CTX>(&context)) SHA256_Final(out.data(), sha256);
    if (auto* sha512 = std::get_if<SHA512_CTX>(&context)) SHA512_Final(out.data(), sha512);
    return out;
}

Buffer digest_of(DigestKind kind, Bytes bytes) {
    Digest digest{kind};
    digest.add(bytes);
    return digest.finish();
}

std::size_t digest_bytes(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5: return 16;
        case DigestKind::sha1: return 20;
        case DigestKind::sha224: return 28;
        case DigestKind::sha256: return 32;
        case DigestKind::sha384: return 48;
        case DigestKind::sha512: return 64;
    }
    return 0;
}

Bytes digest_object(DigestKind kind) {
    const Algorithm& algorithm = kAlgorithms[static_cast<std::size_t>(kind)];
    return Bytes{algorithm.object}.first(algorithm.object_bytes);
}

std::string_view algorithm_name(Bytes object) {
    const Algorithm* found = find(object);
    return found == nullptr ? kUndefinedAlgorithm : found->name;
}

std::optional<DigestKind> digest_kind(Bytes object) {
    const Algorithm* found = find(object);
    return found == nullptr ? std::nullopt : found->digest;
}

std::optional<KeyKind> signing_key_kind(Bytes object) {
    const Algorithm* found = find(object);
    return found == nullptr ? std::nullopt : found->key;
}

}  // namespace ward::modules
