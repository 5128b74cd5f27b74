// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/internal/zip_crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

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

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
};

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
    if (::PKCS5_PBKDF2_HMAC_SHA1(password.data(), static_cast<int>(password.size()), salt.data(),
                                 static_cast<int>(salt.size()), kRounds, static_cast<int>(derived_bytes), derived.data()) != 1) {
        return fail(Code::io, "the crypto library gives no PBKDF2");
    }
    if (!std::equal(verifier.begin(), verifier.end(), derived.begin() + static_cast<std::ptrdiff_t>(2 * key_bytes))) {
        return std::nullopt;
    }
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
    unsigned mac_bytes = 0;
    if (::HMAC(::EVP_sha1(), derived.data() + key_bytes, static_cast<int>(key_bytes), packed.data(), packed.size(),
               mac.data(), &mac_bytes) == nullptr) {
        return fail(Code::io, "the crypto library gives no HMAC");
    }
    if (!std::equal(code.begin(), code.end(), mac.begin())) return std::nullopt;

    // Counter mode, but with a little-endian counter that starts at 1, which the library does not have.
    const EVP_CIPHER* const ciphers[] = {::EVP_aes_128_ecb(), ::EVP_aes_192_ecb(), ::EVP_aes_256_ecb()};
    const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context{::EVP_CIPHER_CTX_new()};
    if (!context || ::EVP_EncryptInit_ex(context.get(), ciphers[strength - 1], nullptr, derived.data(), nullptr) != 1) {
        return fail(Code::io, "the crypto library gives no AES");
    }
    constexpr std::size_t kBlocksAtOnce = 256;
    std::array<std::uint8_t, kBlocksAtOnce * kAesBlock> counters{};
    std::array<std::uint8_t, kBlocksAtOnce * kAesBlock + kAesBlock> stream{};
    std::size_t stream_at = kBlocksAtOnce * kAesBlock;
    std::uint64_t counter = 1;
    const auto refill = [&] {
        for (std::size_t block = 0; block < kBlocksAtOnce; ++block, ++counter) {
            for (std::size_t i = 0; i < 8; ++i) {
                counters[block * kAesBlock + i] = static_cast<std::uint8_t>(counter >> (8 * i));
            }
        }
        int count = 0;
        WARD_CHECK(::EVP_EncryptUpdate(context.get(), stream.data(), &count, counters.data(), static_cast<int>(counters.size())) == 1);
        stream_at = 0;
    };
    return write_pieces(sink, packed.size(), [&](std::uint64_t at, std::span<std::uint8_t> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (stream_at == counters.size()) refill();
            out[i] = packed[static_cast<std::size_t>(at) + i] ^ stream[stream_at++];
        }
    });
}

}  // namespace ward::formats
