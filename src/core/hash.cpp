// SPDX-License-Identifier: Apache-2.0
// The low-level functions are "deprecated" in OpenSSL 3 in favour of EVP. EVP pulls in providers, configuration files and
// dlopen, none of which a sealed static program may have; these are plain functions over the same assembly.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

namespace ward {

struct Sha256::Impl {
    SHA256_CTX context;
};

Sha256::Sha256() : impl_{std::make_unique<Impl>()} { SHA256_Init(&impl_->context); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(Bytes bytes) { SHA256_Update(&impl_->context, bytes.data(), bytes.size()); }

Sha256::Digest Sha256::finish() {
    Digest digest;
    SHA256_Final(digest.data(), &impl_->context);
    return digest;
}

Sha256::Digest sha256(Bytes bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.finish();
}

std::string sha256_hex(Bytes bytes) { return to_hex(sha256(bytes)); }

std::array<std::uint8_t, 16> md5(Bytes bytes) {
    MD5_CTX context;
    std::array<std::uint8_t, 16> digest;
    MD5_Init(&context);
    MD5_Update(&context, bytes.data(), bytes.size());
    MD5_Final(digest.data(), &context);
    return digest;
}

std::array<std::uint8_t, 20> sha1(Bytes bytes) {
    SHA_CTX context;
    std::array<std::uint8_t, 20> digest;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes.data(), bytes.size());
    SHA1_Final(digest.data(), &context);
    return digest;
}

}  // namespace ward
