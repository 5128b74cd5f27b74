// SPDX-License-Identifier: Apache-2.0
// Plain functions of the crypto library only, as in core/hash.cpp: EVP would bring configuration files, loadable code and
// sockets into the cell programs, which tools/cell_calls.py forbids.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cell/formats/internal/zip_crypto.h"

#include <openssl/aes.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace ward::formats {

namespace {

// APPNOTE 6.1.5 to 6.1.7
class TraditionalKeys {
public:
    explicit TraditionalKeys(std::string_view password) {
        for (const char c : password) update(static_cast<std::uint8_t>(c));
    }
    std::uint8_t decrypt(std::uint8_t byte) {
        const std::uint32_t temporary = (keys_[2] | 2) & 0xffff;
        const auto plain = static_cast<std::uint8_t>(byte ^ (temporary * (temporary ^ 1) >> 8));
        update(plain);
        return plain;
    }

private:
    std::uint32_t crc(std::uint32_t value, std::uint8_t byte) const {
        return static_cast<std::uint32_t>(table_[(value ^ byte) & 0xff]) ^ value >> 8;
    }
    void update(std::uint8_t byte) {
        keys_[0] = crc(keys_[0], byte);
        keys_[1] = (keys_[1] + (keys_[0] & 0xff)) * 134775813U + 1;
        keys_[2] = crc(keys_[2], static_cast<std::uint8_t>(keys_[1] >> 24));
    }
    const z_crc_t* table_ = ::get_crc_table();
    std::array<std::uint32_t, 3> keys_{0x12345678, 0x23456789, 0x34567890};
};

// Writes `count` bytes that `fill` gives, piece by piece.
template <class Fill>
Result<Bytes> write_pieces(Sink& sink, std::uint64_t count, Fill fill) {
    sink.begin();
    std::uint64_t at = 0;
    while (at < count) {
        const auto room = sink.room();
        const auto step = static_cast<std::size_t>(
            std::min<std::uint64_t>({count - at, room.size(), Store::kWindowBytes}));
        fill(at, room.first(step));
        at += step;
        WARD_TRY(sink.wrote(step, at));
    }
    return sink.finish();
}

constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kVerifierBytes = 2;
constexpr std::size_t kCodeBytes = 10;  // HMAC-SHA1-80
constexpr int kRounds = 1000;

// HMAC with SHA-1 (RFC 2104): the key is worked in once, for any number of messages.
class HmacSha1 {
public:
    using Code = std::array<std::uint8_t, SHA_DIGEST_LENGTH>;

    explicit HmacSha1(Bytes key) {
        std::array<std::uint8_t, SHA_CBLOCK> inner{};
        SHA_CTX empty;
        ::SHA1_Init(&empty);
        if (key.size() > inner.size()) {
            const Code shorter = finish(empty, key);
            std::copy(shorter.begin(), shorter.end(), inner.begin());
        } else {
            std::copy(key.begin(), key.end(), inner.begin());
        }
        auto outer = inner;
        for (auto& byte : inner) byte ^= 0x36;
        for (auto& byte : outer) byte ^= 0x5c;
        inner_ = empty;
        outer_ = empty;
        ::SHA1_Update(&inner_, inner.data(), inner.size());
        ::SHA1_Update(&outer_, outer.data(), outer.size());
    }
    Code of(Bytes message, Bytes more = {}) const {
        SHA_CTX context = inner_;
        ::SHA1_Update(&context, message.data(), message.size());
        return finish(outer_, finish(context, more));
    }

private:
    // SHA1() itself would do, but it goes by EVP.
    static Code finish(SHA_CTX context, Bytes last) {
        Code code;
        ::SHA1_Update(&context, last.data(), last.size());
        ::SHA1_Final(code.data(), &context);
        return code;
    }
    SHA_CTX inner_;
    SHA_CTX outer_;
};

// PBKDF2 (RFC 8018, section 5.2) with HMAC-SHA1.
void derive(std::string_view password, Bytes salt, int rounds, std::span<std::uint8_t> out) {
    const HmacSha1 hmac{as_bytes(password)};
    std::uint8_t number = 0;
    while (!out.empty()) {
        const std::array<std::uint8_t, 4> block{0, 0, 0, ++number};  // at most 66 bytes are asked for: four blocks
        auto round = hmac.of(salt, block);
        auto sum = round;
        for (int i = 1; i < rounds; ++i) {
            round = hmac.of(round);
            for (std::size_t j = 0; j < sum.size(); ++j) sum[j] ^= round[j];
        }
        const std::size_t count = std::min(out.size(), sum.size());
        std::copy_n(sum.begin(), count, out.begin());
        out = out.subspan(count);
    }
}

}  // namespace

std::optional<Result<Bytes>> decrypt_traditional(Bytes data, std::string_view password, std::uint8_t check, Sink& sink) {
    TraditionalKeys keys{password};
    std::uint8_t last = 0;
    for (const std::uint8_t byte : data.first(kTraditionalHeaderBytes)) last = keys.decrypt(byte);
    if (last != check) return std::nullopt;
    const Bytes packed = data.subspan(kTraditionalHeaderBytes);
    return write_pieces(sink, packed.size(), [&](std::uint64_t at, std::span<std::uint8_t> out) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = keys.decrypt(packed[static_cast<std::size_t>(at) + i]);
    });
}

std::optional<Result<Bytes>> decrypt_aes(Bytes data, std::string_view password, int strength, Sink& sink) {
    const auto key_bytes = static_cast<std::size_t>(8 + 8 * strength);
    const std::size_t salt_bytes = key_bytes / 2;
    if (data.size() < salt_bytes + kVerifierBytes + kCodeBytes) {
        return fail(Code::truncated, "the encrypted data are cut off");
    }
    const Bytes salt = data.first(salt_bytes);
    const Bytes verifier = data.subspan(salt_bytes, kVerifierBytes);
    const Bytes packed = data.subspan(salt_bytes + kVerifierBytes, data.size() - salt_bytes - kVerifierBytes - kCodeBytes);
    const Bytes code = data.last(kCodeBytes);

    std::array<std::uint8_t, 2 * 32 + kVerifierBytes> derived{};
    const std::size_t derived_bytes = 2 * key_bytes + kVerifierBytes;
    derive(password, salt, kRounds, std::span{derived}.first(derived_bytes));
    if (!std::equal(verifier.begin(), verifier.end(), derived.begin() + static_cast<std::ptrdiff_t>(2 * key_bytes))) {
        return std::nullopt;
    }
    const auto mac = HmacSha1{Bytes{derived}.subspan(key_bytes, key_bytes)}.of(packed);
    if (!std::equal(code.begin(), code.end(), mac.begin())) return std::nullopt;

    // Counter mode, but with a little-endian counter that starts at 1, which the library does not have.
    AES_KEY key;
    WARD_CHECK(::AES_set_encrypt_key(derived.data(), static_cast<int>(8 * key_bytes), &key) == 0);
    std::array<std::uint8_t, kAesBlock> counter_block{};
    std::array<std::uint8_t, kAesBlock> stream{};
    std::size_t stream_at = stream.size();
    std::uint64_t counter = 1;
    const auto refill = [&] {
        for (std::size_t i = 0; i < 8; ++i) counter_block[i] = static_cast<std::uint8_t>(counter >> (8 * i));
        ::AES_encrypt(counter_block.data(), stream.data(), &key);
        ++counter;
        stream_at = 0;
    };
    return write_pieces(sink, packed.size(), [&](std::uint64_t at, std::span<std::uint8_t> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (stream_at == stream.size()) refill();
            out[i] = packed[static_cast<std::size_t>(at) + i] ^ stream[stream_at++];
        }
    });
}

}  // namespace ward::formats
