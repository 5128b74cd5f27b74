// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/openpgp.h"

#include "cell/formats/der.h"
#include "cell/facts/internal/x509.h"
#include "core/cursor.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

using formats::bits_of_number;
using formats::object_text;

constexpr std::size_t kMaxKeys = 100'000;      // Debian's keyring of all its developers has some thousand
constexpr std::size_t kMaxKeyBytes = 0xFFFF;   // what the fingerprint of version 4 can count
constexpr std::size_t kMaxUserIdBytes = 2048;  // GnuPG's limit

// Packets (RFC 9580, section 5).
enum Tag : std::uint8_t { kSignature = 2, kSecretKey = 5, kPublicKey = 6, kSecretSubkey = 7, kUserId = 13, kPublicSubkey = 14, kUserAttribute = 17 };
struct Packet {
    std::uint8_t tag = 0;
    Bytes body;
};

// The length of a new packet or of a subpacket; a packet may come in parts, which keys never do.
Result<std::uint32_t> take_length(Cursor& cursor, bool packet) {
    const std::uint32_t first = WARD_TRY(cursor.u8());
    if (first < 192) return first;
    if (first == 255) return cursor.u32be();
    if (packet && first >= 224) return fail(Code::malformed, "a packet in parts");
    return ((first - 192) << 8) + WARD_TRY(cursor.u8()) + 192;
}

Result<Packet> take_packet(Cursor& cursor) {
    const std::uint8_t first = WARD_TRY(cursor.u8());
    if ((first & 0x80) == 0) return fail(Code::malformed, "a byte where a packet should begin");
    Packet packet;
    std::uint32_t length = 0;
    if ((first & 0x40) != 0) {
        packet.tag = first & 0x3F;
        length = WARD_TRY(take_length(cursor, true));
    } else {
        packet.tag = first >> 2 & 0x0F;
        switch (first & 3) {
            case 0: length = WARD_TRY(cursor.u8()); break;
            case 1: length = WARD_TRY(cursor.u16be()); break;
            case 2: length = WARD_TRY(cursor.u32be()); break;
            default: return fail(Code::malformed, "a packet without a length");
        }
    }
    packet.body = WARD_TRY(cursor.take(length));
    return packet;
}

// --- keys

std::string upper_hex(Bytes bytes) {
    std::string text = to_hex(bytes);
    for (char& c : text) {
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

std::string algorithm_name(std::uint8_t number) {
    switch (number) {
        case 1: case 2: case 3: return "rsa";
        case 16: case 20: return "elgamal";
        case 17: return "dsa";
        case 18: return "ecdh";
        case 19: return "ecdsa";
        case 22: return "eddsa";
        case 27: return "ed25519";
        case 28: return "ed448";
        default: return fmt::format("unknown-{}", number);
    }
}

bool can_sign(std::uint8_t algorithm) {
    constexpr std::uint8_t kSigning[] = {1, 3, 17, 19, 22, 27, 28};
    return std::find(std::begin(kSigning), std::end(kSigning), algorithm) != std::end(kSigning);
}

Result<Bytes> take_number(Cursor& cursor) {
    const std::uint32_t bits = WARD_TRY(cursor.u16be());
    return cursor.take((bits + 7) / 8);
}

// As GnuPG counts them.
Result<std::optional<std::uint32_t>> key_bits(std::uint8_t algorithm, Cursor material) {
    constexpr std::uint32_t kEd25519Bits = 255, kEd448Bits = 448;
    switch (algorithm) {
        case 1: case 2: case 3: case 16: case 17: case 20: return std::optional{bits_of_number(WARD_TRY(take_number(material)))};
        case 18: case 19: case 22: {
            const std::uint8_t length = WARD_TRY(material.u8());
            const std::string curve = WARD_TRY(object_text(WARD_TRY(material.take(length))));
            if (curve == "1.3.6.1.4.1.11591.15.1" || curve == "1.3.101.112") return std::optional{kEd25519Bits};
            if (curve == "1.3.101.113") return std::optional{kEd448Bits};
            return curve_bits(curve);
        }
        case 27: return std::optional{kEd25519Bits};
        case 28: return std::optional{kEd448Bits};
        default: return std::optional<std::uint32_t>{};
    }
}

std::string fingerprint_of(Bytes body, std::uint8_t version) {
    Buffer hashed;
    const auto put = [&](std::size_t value, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) hashed.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    put(version == 4 ? 0x99u : version == 5 ? 0x9Au : 0x9Bu, 1);
    put(body.size(), version == 4 ? 2 : 4);
    hashed.insert(hashed.end(), body.begin(), body.end());
    return version == 4 ? upper_hex(sha1(hashed)) : upper_hex(sha256(hashed));
}

// RFC 4880, section 12.2: of the two numbers alone.
std::string old_fingerprint(Bytes modulus, Bytes exponent) {
    Buffer hashed{modulus.begin(), modulus.end()};
    hashed.insert(hashed.end(), exponent.begin(), exponent.end());
    return upper_hex(md5(hashed));
}

struct NamedKey {
    OpenpgpKey key;
    std::string id;  // by which signatures name it, upper-case hex
};

Result<NamedKey> read_key(Bytes body) {
    if (body.size() > kMaxKeyBytes) return fail(Code::over_limit, "a key of {} bytes", body.size());
    constexpr std::int64_t kDaySeconds = 86'400;
    constexpr std::size_t kIdBytes = 8;
    Cursor cursor{body};
    NamedKey named;
    OpenpgpKey& key = named.key;
    key.version = WARD_TRY(cursor.u8());
    if (key.version < 2 || key.version > 6) return fail(Code::unsupported, "a key of version {}", key.version);
    key.created = WARD_TRY(cursor.u32be());
    if (key.version < 4) {
        const std::int64_t days = WARD_TRY(cursor.u16be());
        if (days != 0) key.expires = key.created + days * kDaySeconds;
    }
    const std::uint8_t algorithm = WARD_TRY(cursor.u8());
    if (key.version > 4) WARD_TRY(cursor.u32be());  // how long the rest is
    key.algorithm = algorithm_name(algorithm);
    key.may_sign = can_sign(algorithm);
    key.bits = WARD_TRY(key_bits(algorithm, cursor));
    if (key.version < 4) {
        const Bytes modulus = WARD_TRY(take_number(cursor));
        const Bytes exponent = WARD_TRY(take_number(cursor));
        key.fingerprint = old_fingerprint(modulus, exponent);
        if (modulus.size() >= kIdBytes) named.id = upper_hex(modulus.last(kIdBytes));
    } else {
        key.fingerprint = fingerprint_of(body, key.version);
        named.id = key.version == 4 ? key.fingerprint.substr(key.fingerprint.size() - 2 * kIdBytes) : key.fingerprint.substr(0, 2 * kIdBytes);
    }
    return named;
}

// --- signatures

std::string hash_name(std::uint8_t number) {
    switch (number) {
        case 1: return "md5";
        case 2: return "sha1";
        case 3: return "ripemd160";
        case 8: return "sha256";
        case 9: return "sha384";
        case 10: return "sha512";
        case 11: return "sha224";
        case 12: return "sha3-256";
        case 14: return "sha3-512";
        default: return fmt::format("unknown-{}", number);
    }
}

// Types (RFC 9580, section 5.2.1).
enum Type : std::uint8_t {
    kFirstCertification = 0x10, kLastCertification = 0x13, kSubkeyBinding = 0x18, kDirectKey = 0x1F, kKeyRevocation = 0x20,
    kSubkeyRevocation = 0x28, kCertificationRevocation = 0x30,
};

struct Signature {
    std::uint8_t type = 0;
    std::uint8_t hash = 0;
    std::int64_t created = 0;
    std::int64_t key_seconds = 0;  // from its creation until it expires; 0 for ever
    std::optional<std::uint8_t> key_flags;
    std::string issuer_id;           // upper-case hex, as the next
    std::string issuer_fingerprint;

    bool is_by(const NamedKey& key) const {
        return issuer_fingerprint.empty() ? !issuer_id.empty() && issuer_id == key.id : issuer_fingerprint == key.key.fingerprint;
    }
};

// Who has signed may stand outside of what is signed; nothing else counts there.
Status read_subpackets(Bytes area, bool hashed, Signature& out) {
    enum Kind : std::uint8_t { kCreated = 2, kKeyExpires = 9, kIssuerId = 16, kKeyFlags = 27, kIssuer = 33 };
    Cursor cursor{area};
    while (!cursor.at_end()) {
        const std::uint32_t length = WARD_TRY(take_length(cursor, false));
        Cursor body{WARD_TRY(cursor.take(length))};
        const std::uint8_t kind = WARD_TRY(body.u8()) & 0x7F;  // the highest bit: critical
        if (kind == kIssuerId) {
            out.issuer_id = upper_hex(WARD_TRY(body.take(8)));
        } else if (kind == kIssuer) {
            WARD_TRY(body.u8());  // the version of that key
            out.issuer_fingerprint = upper_hex(body.rest());
        } else if (hashed && kind == kCreated) {
            out.created = WARD_TRY(body.u32be());
        } else if (hashed && kind == kKeyExpires) {
            out.key_seconds = WARD_TRY(body.u32be());
        } else if (hashed && kind == kKeyFlags) {
            out.key_flags = body.at_end() ? std::uint8_t{0} : WARD_TRY(body.u8());
        }
    }
    return done();
}

Result<Signature> read_signature(Bytes packet) {
    Cursor cursor{packet};
    Signature out;
    const std::uint8_t version = WARD_TRY(cursor.u8());
    if (version == 2 || version == 3) {
        WARD_TRY(cursor.u8());  // how much of it is hashed
        out.type = WARD_TRY(cursor.u8());
        out.created = WARD_TRY(cursor.u32be());
        out.issuer_id = upper_hex(WARD_TRY(cursor.take(8)));
        WARD_TRY(cursor.u8());  // the algorithm of the key
        out.hash = WARD_TRY(cursor.u8());
        return out;
    }
    if (version < 4 || version > 6) return fail(Code::unsupported, "a signature of version {}", version);
    out.type = WARD_TRY(cursor.u8());
    WARD_TRY(cursor.u8());  // the algorithm of the key
    out.hash = WARD_TRY(cursor.u8());
    for (const bool hashed : {true, false}) {
        const std::uint32_t length = version == 6 ? WARD_TRY(cursor.u32be()) : WARD_TRY(cursor.u16be());
        WARD_TRY(read_subpackets(WARD_TRY(cursor.take(length)), hashed, out));
    }
    return out;
}

// --- a keyring

// Puts together what the packets of each primary key say. Of each part (the key itself, a name, a subkey) the newest
// signature by the primary key counts. How long the primary key lives, the one on itself says; else the newest on a name that
// says it, as in GnuPG.
class Reader {
public:
    OpenpgpKeyring read(Bytes bytes) && {
        for (Cursor cursor{bytes}; !cursor.at_end();) {
            const auto packet = take_packet(cursor);
            if (!packet) {
                error(packet.error());
                break;
            }
            if (out_.keys.size() == kMaxKeys) {
                error({Code::over_limit, fmt::format("more than {} keys", kMaxKeys)});
                break;
            }
            take(*packet);
        }
        finish_primary();
        return std::move(out_);
    }

private:
    enum class Part { none, primary, name, subkey };

    void error(Error what) { out_.errors.push_back(std::move(what)); }

    void take(const Packet& packet) {
        switch (packet.tag) {
            case kPublicKey: begin_primary(packet.body); break;
            case kPublicSubkey: begin_subkey(packet.body); break;
            case kUserId: begin_name(packet.body); break;
            case kUserAttribute: begin(Part::name); break;
            case kSignature: sign(packet.body); break;
            case kSecretKey: case kSecretSubkey:
                finish_primary();
                error({Code::malformed, "a secret key in a keyring of public ones"});
                break;
            default: break;  // trust, markers, padding
        }
    }

    // A part of a primary key that could not be read is none.
    void begin(Part part) {
        finish_part();
        part_ = primary_ ? part : Part::none;
    }

    void begin_primary(Bytes body) {
        finish_primary();
        auto read = read_key(body);
        if (!read) return error(read.error());
        primary_ = *std::move(read);
        primary_->key.primary_fingerprint = primary_->key.fingerprint;
        place_ = out_.keys.size();
        out_.keys.push_back(primary_->key);
        begin(Part::primary);
    }

    void begin_subkey(Bytes body) {
        begin(Part::subkey);
        if (!primary_) return;
        auto read = read_key(body);
        if (!read) {
            part_ = Part::none;
            return error(read.error());
        }
        read->key.primary_fingerprint = primary_->key.fingerprint;
        read->key.user_id = out_.keys[place_].user_id;
        out_.keys.push_back(std::move(read->key));
    }

    void begin_name(Bytes body) {
        begin(Part::name);
        if (!primary_ || has_name_) return;
        has_name_ = true;
        if (body.size() > kMaxUserIdBytes) return error({Code::over_limit, fmt::format("a name of {} bytes", body.size())});
        out_.keys[place_].user_id = replace_invalid_utf8(as_text(body));
    }

    void sign(Bytes body) {
        if (part_ == Part::none) return;
        const auto read = read_signature(body);
        if (!read) return error(read.error());
        const Signature& found = *read;
        if (!found.is_by(*primary_)) return;
        const bool certifies = found.type >= kFirstCertification && found.type <= kLastCertification;
        bool counts = false;
        switch (part_) {
            case Part::primary:
                counts = found.type == kDirectKey;
                if (found.type == kKeyRevocation) out_.keys[place_].revoked = true;
                break;
            case Part::name: counts = certifies || found.type == kCertificationRevocation; break;
            default:
                counts = found.type == kSubkeyBinding;
                if (found.type == kSubkeyRevocation) out_.keys.back().revoked = true;
        }
        if (counts && (!newest_ || found.created >= newest_->created)) newest_ = found;
    }

    static void keep_newer(std::optional<Signature>& kept, const Signature& other) {
        if (!kept || other.created >= kept->created) kept = other;
    }

    static void apply(const Signature& signature, OpenpgpKey& key) {
        constexpr std::uint8_t kSignsData = 0x02;
        key.hash = hash_name(signature.hash);
        if (signature.key_flags) key.may_sign = (*signature.key_flags & kSignsData) != 0;
    }

    void finish_part() {
        if (newest_ && part_ == Part::subkey) {
            OpenpgpKey& key = out_.keys.back();
            key.bound = true;
            if (newest_->key_seconds != 0) key.expires = key.created + newest_->key_seconds;
            apply(*newest_, key);
        } else if (newest_ && newest_->type != kCertificationRevocation) {
            keep_newer(newest_on_primary_, *newest_);
            const bool on_itself = newest_->type == kDirectKey;
            if (newest_->key_seconds != 0) keep_newer(on_itself ? life_by_key_ : life_by_name_, *newest_);
        }
        newest_.reset();
    }

    void finish_primary() {
        finish_part();
        if (primary_) {
            OpenpgpKey& key = out_.keys[place_];
            if (newest_on_primary_) apply(*newest_on_primary_, key);
            const auto& life = life_by_key_ ? life_by_key_ : life_by_name_;
            if (life) key.expires = key.created + life->key_seconds;
        }
        OpenpgpKeyring kept = std::move(out_);
        *this = Reader{};
        out_ = std::move(kept);
    }

    OpenpgpKeyring out_;
    std::optional<NamedKey> primary_;
    std::size_t place_ = 0;  // of the primary key in out_.keys
    Part part_ = Part::none;
    bool has_name_ = false;
    std::optional<Signature> newest_;  // on the part
    std::optional<Signature> newest_on_primary_;
    std::optional<Signature> life_by_key_;
    std::optional<Signature> life_by_name_;
};

}  // namespace

OpenpgpKeyring read_openpgp_keyring(Bytes bytes) { return Reader{}.read(bytes); }

bool begins_like_keyring(Bytes file) {
    Cursor cursor{file};
    const auto packet = take_packet(cursor);
    if (packet) return packet->tag == kPublicKey;
    // Cut off in its first key?
    return !file.empty() && (file[0] == 0x98 || file[0] == 0x99 || file[0] == 0xC6);
}

std::optional<ArmorReader::Block> ArmorReader::next() {
    constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    std::string_view line;
    std::optional<Block> block;
    std::string digits;
    while (next_line(rest_, line)) {
        ++line_;
        line = trim(line);
        if (line == kBegin) {
            if (block) break;  // the one before has no end
            block = Block{line_, Buffer{}};
        } else if (!block) {
            continue;
        } else if (line.starts_with("-----END ")) {
            Buffer keyring;
            if (from_base64(digits, keyring)) block->keyring = std::move(keyring);
            else block->keyring = Error{Code::malformed, "a key that is no base64"};
            return block;
        } else if (line.find(':') == std::string_view::npos && !line.starts_with('=')) {
            digits += line;
        }
    }
    if (block) block->keyring = Error{Code::truncated, "a key without its end"};
    return block;
}

}  // namespace ward::facts
