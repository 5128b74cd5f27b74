// SPDX-License-Identifier: Apache-2.0
// Plain functions of the crypto library only, as in core/hash.cpp; those there do not ask the clock.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/range.h"

#include <libdeflate.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <array>
#include <tuple>

namespace ward::modules {

namespace {

struct Md5 {
    MD5_CTX context;
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest;
    void begin() { ::MD5_Init(&context); }
    void add(Bytes bytes) { ::MD5_Update(&context, bytes.data(), bytes.size()); }
    void finish() { ::MD5_Final(digest.data(), &context); }
};

struct Sha1 {
    SHA_CTX context;
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
    void begin() { ::SHA1_Init(&context); }
    void add(Bytes bytes) { ::SHA1_Update(&context, bytes.data(), bytes.size()); }
    void finish() { ::SHA1_Final(digest.data(), &context); }
};

struct Sha256 {
    SHA256_CTX context;
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
    void begin() { ::SHA256_Init(&context); }
    void add(Bytes bytes) { ::SHA256_Update(&context, bytes.data(), bytes.size()); }
    void finish() { ::SHA256_Final(digest.data(), &context); }
};

// Rules by the hundred ask for the digest of the whole file. What is hashed lies where it lies as long as the instance lives, so
// its place tells it from all else.
struct Digests {
    std::map<std::tuple<const std::uint8_t*, std::size_t, std::size_t>, std::string> known;  // by place, size and digest's size
};

template <class Hash>
Value digest_of(Instance& in, Bytes bytes) {
    auto& known = in.state<Digests>().known;
    Hash hash;
    const std::tuple key{bytes.data(), bytes.size(), hash.digest.size()};
    if (const auto found = known.find(key); found != known.end()) return std::string_view{found->second};
    if (known.size() >= kMaxTexts) return {};
    hash.begin();
    if (!in_steps(in, bytes, [&](Bytes step) { hash.add(step); })) return {};
    hash.finish();
    return std::string_view{known.emplace(key, to_hex(hash.digest)).first->second};
}

Value crc32_of(Instance& in, Bytes bytes) {
    std::uint32_t crc = 0;
    if (!in_steps(in, bytes, [&](Bytes step) { crc = ::libdeflate_crc32(crc, step.data(), step.size()); })) return {};
    return std::int64_t{crc};
}

Value checksum32_of(Instance& in, Bytes bytes) {
    std::uint32_t sum = 0;
    const auto add = [&](Bytes step) {
        for (const std::uint8_t byte : step) sum += byte;
    };
    if (!in_steps(in, bytes, add)) return {};
    return std::int64_t{sum};
}

constexpr Signature kMd5[] = {{"ii", Type::text, of_range<digest_of<Md5>>}, {"s", Type::text, of_text<digest_of<Md5>>}};
constexpr Signature kSha1[] = {{"ii", Type::text, of_range<digest_of<Sha1>>}, {"s", Type::text, of_text<digest_of<Sha1>>}};
constexpr Signature kSha256[] = {{"ii", Type::text, of_range<digest_of<Sha256>>}, {"s", Type::text, of_text<digest_of<Sha256>>}};
constexpr Signature kCrc32[] = {{"ii", Type::integer, of_range<crc32_of>}, {"s", Type::integer, of_text<crc32_of>}};
constexpr Signature kChecksum32[] = {{"ii", Type::integer, of_range<checksum32_of>}, {"s", Type::integer, of_text<checksum32_of>}};
constexpr Field kFields[] = {function("md5", kMd5), function("sha1", kSha1), function("sha256", kSha256), function("checksum32", kChecksum32),
                             function("crc32", kCrc32)};

}  // namespace

const Declaration kHash{"hash", kFields, {}};

}  // namespace ward::modules
