// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/public_key.h"

#include "cell/formats/der.h"
#include "cell/modules/internal/big_number.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ward::modules {

using formats::Der;

namespace {

// Those of OpenSSL: the largest modulus, and the largest exponent beside a modulus of more than kSmallModulusBits.
constexpr std::size_t kMaxModulusBits = 16'384;
constexpr std::size_t kSmallModulusBits = 3'072;
constexpr std::size_t kMaxExponentBits = 64;

constexpr std::uint8_t kRsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::uint8_t kEllipticCurve[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};

struct OtherKey {
    std::array<std::uint8_t, 9> object;
    std::size_t object_bytes;
    KeyKind kind;
};
constexpr OtherKey kOtherKeys[] = {
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A}, 9, KeyKind::rsa_pss},
    {{0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01}, 7, KeyKind::dsa},
    {{0x2B, 0x65, 0x70}, 3, KeyKind::ed25519},
    {{0x2B, 0x65, 0x71}, 3, KeyKind::ed448},
    {{0x2B, 0x65, 0x6E}, 3, KeyKind::other},                                            // X25519
    {{0x2B, 0x65, 0x6F}, 3, KeyKind::other},                                            // X448
    {{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x03, 0x01}, 9, KeyKind::other},        // Diffie-Hellman, PKCS #3
    {{0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01}, 7, KeyKind::other},                    // Diffie-Hellman, X9.42
};

struct Curve {
    std::array<std::uint8_t, 8> object;
    std::size_t object_bytes;
    std::size_t bytes;  // of a coordinate
    // Hex: the field's prime, b of y^2 = x^3 - 3x + b, the order of the base point, and the base point (FIPS 186-4, D.1.2).
    std::string_view p, b, n, x, y;
};
constexpr Curve kCurves[] = {
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, 8, 32,
     "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
     "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
     "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
     "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"},
    {{0x2B, 0x81, 0x04, 0x00, 0x22}, 5, 48,
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
     "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
     "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
     "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
     "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"},
    {{0x2B, 0x81, 0x04, 0x00, 0x23}, 5, 66,
     "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109"
     "e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
     "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
     "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d"
     "baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
     "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66"
     "2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"},
};

Buffer bytes_of(std::string_view hex) {
    Buffer out;
    static_cast<void>(from_hex(hex, out));
    return out;
}

struct KeyParts {
    Bytes object;
    Bytes parameters;  // whole
    Bytes key;
    bool is_of_whole_bytes = true;
};

Result<KeyParts> parts_of(Bytes info) {
    Der fields{info};
    Der algorithm{WARD_TRY(fields.take(Der::kSequence))};
    KeyParts out;
    out.object = WARD_TRY(algorithm.take(Der::kObject));
    out.parameters = algorithm.rest();
    out.key = WARD_TRY(fields.take(Der::kBitString));
    if (out.key.empty()) return fail(Code::malformed, "a key without bytes");
    out.is_of_whole_bytes = out.key[0] == 0;
    out.key = out.key.subspan(1);
    return out;
}

struct Rsa {
    Bytes modulus;
    Bytes exponent;
    bool is_of_whole_bytes = true;
};

Result<Rsa> rsa_of(Bytes info) {
    const KeyParts parts = WARD_TRY(parts_of(info));
    if (!std::ranges::equal(parts.object, kRsa)) return fail(Code::unsupported, "a key that is not of RSA");
    Der outer{parts.key};
    Der numbers{WARD_TRY(outer.take(Der::kSequence))};
    Rsa out;
    out.is_of_whole_bytes = parts.is_of_whole_bytes;
    out.modulus = WARD_TRY(numbers.take(Der::kInteger));
    out.exponent = WARD_TRY(numbers.take(Der::kInteger));
    if (!numbers.at_end()) return fail(Code::malformed, "more than two numbers in a key of RSA");
    return out;
}

// A point of a curve in Jacobian coordinates (x / z^2, y / z^3), each in Montgomery's form; z is 0 at infinity.
struct Point {
    Limbs x, y, z;
};

struct Group {
    Modulus p;
    Modulus n;
    Limbs b;
    Point base;
    std::size_t bytes;
};

// The numbers are ours, so all of it succeeds.
Group make_group(const Curve& curve) {
    const Modulus p = *Modulus::make(bytes_of(curve.p));
    const auto coordinate = [&](std::string_view hex) { return p.enter(*to_limbs(bytes_of(hex), p.limbs())); };
    return {p, *Modulus::make(bytes_of(curve.n)), coordinate(curve.b), {coordinate(curve.x), coordinate(curve.y), p.one()}, curve.bytes};
}

// "dbl-2001-b" and "add-1998-cmo-2" of the Explicit-Formulas Database, for a = -3.
Point twice(const Modulus& p, const Point& a) {
    const Limbs delta = p.multiply(a.z, a.z);
    const Limbs gamma = p.multiply(a.y, a.y);
    const Limbs beta = p.multiply(a.x, gamma);
    const Limbs product = p.multiply(p.subtract(a.x, delta), p.add(a.x, delta));
    const Limbs alpha = p.add(p.add(product, product), product);
    const Limbs beta2 = p.add(beta, beta);
    const Limbs beta4 = p.add(beta2, beta2);
    Point out;
    out.x = p.subtract(p.multiply(alpha, alpha), p.add(beta4, beta4));
    const Limbs sum = p.add(a.y, a.z);
    out.z = p.subtract(p.subtract(p.multiply(sum, sum), gamma), delta);
    Limbs gamma8 = p.multiply(gamma, gamma);
    for (int i = 0; i < 3; ++i) gamma8 = p.add(gamma8, gamma8);
    out.y = p.subtract(p.multiply(alpha, p.subtract(beta4, out.x)), gamma8);
    return out;
}

Point sum(const Modulus& p, const Point& a, const Point& b) {
    if (is_zero(a.z)) return b;
    if (is_zero(b.z)) return a;
    const Limbs z1z1 = p.multiply(a.z, a.z);
    const Limbs z2z2 = p.multiply(b.z, b.z);
    const Limbs u1 = p.multiply(a.x, z2z2);
    const Limbs u2 = p.multiply(b.x, z1z1);
    const Limbs s1 = p.multiply(p.multiply(a.y, b.z), z2z2);
    const Limbs s2 = p.multiply(p.multiply(b.y, a.z), z1z1);
    if (u1 == u2) return s1 == s2 ? twice(p, a) : Point{p.one(), p.one(), Limbs(p.limbs())};
    const Limbs h = p.subtract(u2, u1);
    const Limbs r = p.subtract(s2, s1);
    const Limbs hh = p.multiply(h, h);
    const Limbs hhh = p.multiply(h, hh);
    const Limbs v = p.multiply(u1, hh);
    Point out;
    out.x = p.subtract(p.subtract(p.multiply(r, r), hhh), p.add(v, v));
    out.y = p.subtract(p.multiply(r, p.subtract(v, out.x)), p.multiply(s1, hhh));
    out.z = p.multiply(p.multiply(a.z, b.z), h);
    return out;
}

bool lies_on_curve(const Group& group, const Point& point) {
    const Modulus& p = group.p;
    const Limbs cube = p.multiply(p.multiply(point.x, point.x), point.x);
    const Limbs x3 = p.add(p.add(point.x, point.x), point.x);
    return p.multiply(point.y, point.y) == p.add(p.subtract(cube, x3), group.b);
}

bool bit(const Limbs& number, std::size_t at) { return (number[at / 64] >> (at % 64) & 1) != 0; }

// Made once.
const Group& group_of(std::size_t number) {
    static const std::array<Group, std::size(kCurves)> kGroups{make_group(kCurves[0]), make_group(kCurves[1]), make_group(kCurves[2])};
    return kGroups[number];
}

// A curve that OpenSSL knows and we do not: one of SEC 2, of X9.62 or of the Brainpool.
bool is_other_curve(const KeyParts& parts) {
    constexpr std::uint8_t kSec[] = {0x2B, 0x81, 0x04, 0x00}, kX962[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03},
                           kBrainpool[] = {0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01};
    Der parameters{parts.parameters};
    const auto object = parameters.take(Der::kObject);
    if (!object) return false;
    const bool known = std::ranges::any_of(kCurves, [&](const Curve& each) {
        return std::ranges::equal(*object, Bytes{each.object}.first(each.object_bytes));
    });
    const auto begins = [&](Bytes start) { return object->size() > start.size() && std::ranges::equal(object->first(start.size()), start); };
    return !known && (begins(kSec) || begins(kX962) || begins(kBrainpool));
}

struct CurveKey {
    const Group& group;
    Point point;
};

Result<CurveKey> curve_key_of(const KeyParts& parts) {
    Der parameters{parts.parameters};
    const Bytes object = WARD_TRY(parameters.take(Der::kObject));
    const auto* curve = std::find_if(std::begin(kCurves), std::end(kCurves), [&](const Curve& each) {
        return std::ranges::equal(object, Bytes{each.object}.first(each.object_bytes));
    });
    if (curve == std::end(kCurves)) return fail(Code::unsupported, "a key of another curve");
    const std::size_t bytes = curve->bytes;
    constexpr std::uint8_t kUncompressed = 4;
    if (parts.key.size() != 1 + 2 * bytes || parts.key[0] != kUncompressed) return fail(Code::unsupported, "a point in another form");
    const Group& group = group_of(static_cast<std::size_t>(curve - std::begin(kCurves)));
    const Modulus& p = group.p;
    const auto x = to_limbs(parts.key.subspan(1, bytes), p.limbs());
    const auto y = to_limbs(parts.key.subspan(1 + bytes), p.limbs());
    if (!x || !y || !less(*x, p.number()) || !less(*y, p.number())) return fail(Code::malformed, "a point outside of the field");
    const Point point{p.enter(*x), p.enter(*y), p.one()};
    if (!lies_on_curve(group, point)) return fail(Code::malformed, "a point beside the curve");
    return CurveKey{group, point};
}

// What both numbers of a signature are in DER.
Buffer written(const Limbs& r, const Limbs& s, std::size_t bytes) {
    const auto put = [](Buffer& out, std::uint8_t tag, const Buffer& body) {
        constexpr std::size_t kLongForm = 0x80;  // no signature has more than 255 bytes
        out.push_back(tag);
        if (body.size() >= kLongForm) out.push_back(kLongForm | 1);
        out.push_back(static_cast<std::uint8_t>(body.size()));
        out.insert(out.end(), body.begin(), body.end());
    };
    Buffer numbers;
    for (const Limbs* number : {&r, &s}) {
        Buffer body = to_bytes(*number, bytes + 1);
        // No zero in front but one that keeps the number from being negative.
        while (body.size() > 1 && body[0] == 0 && body[1] < 0x80) body.erase(body.begin());
        put(numbers, Der::kInteger, body);
    }
    Buffer out;
    put(out, Der::kSequence, numbers);
    return out;
}

// FIPS 186-4, section 6.4.
Result<bool> verify_curve(const KeyParts& parts, Bytes digest, Bytes signature) {
    const CurveKey whole = WARD_TRY(curve_key_of(parts));
    const Group& group = whole.group;
    const Point& key = whole.point;
    const Modulus& p = group.p;
    const Modulus& n = group.n;
    const std::size_t bytes = group.bytes;
    Der outer{signature};
    Der numbers{WARD_TRY(outer.take(Der::kSequence))};
    const auto r = to_limbs(WARD_TRY(numbers.take(Der::kInteger)), n.limbs());
    const auto s = to_limbs(WARD_TRY(numbers.take(Der::kInteger)), n.limbs());
    if (!r || !s || is_zero(*r) || is_zero(*s) || !less(*r, n.number()) || !less(*s, n.number())) return false;
    // As OpenSSL: nothing but DER, so that nobody can make another signature of one.
    if (!std::ranges::equal(written(*r, *s, bytes), signature)) return false;

    // No digest has more bits than P-521, and those of the others are whole bytes, so cutting it to the order's size is easy.
    Limbs e = *to_limbs(digest.first(std::min(digest.size(), bytes)), n.limbs());
    if (!less(e, n.number())) e = n.subtract(e, n.number());
    const Limbs w = n.inverse(n.enter(*s));
    const Limbs u1 = n.leave(n.multiply(n.enter(e), w));
    const Limbs u2 = n.leave(n.multiply(n.enter(*r), w));

    const Point both = sum(p, group.base, key);
    Point at{p.one(), p.one(), Limbs(p.limbs())};
    for (std::size_t i = bytes * 8; i-- > 0;) {
        at = twice(p, at);
        if (bit(u1, i) && bit(u2, i)) at = sum(p, at, both);
        else if (bit(u1, i)) at = sum(p, at, group.base);
        else if (bit(u2, i)) at = sum(p, at, key);
    }
    if (is_zero(at.z)) return false;
    const Limbs inverse = p.inverse(at.z);
    Limbs found = p.leave(p.multiply(at.x, p.multiply(inverse, inverse)));
    if (!less(found, n.number())) found = n.subtract(found, n.number());
    return found == *r;
}

// The DigestInfo of PKCS #1 v1.5, with the parameters that everybody writes: NULL.
Buffer digest_info(DigestKind kind, Bytes digest) {
    const Bytes object = digest_object(kind);
    const auto length = [](std::size_t size) { return static_cast<std::uint8_t>(size); };  // all are short
    Buffer out{Der::kSequence, length(8 + object.size() + digest.size()), Der::kSequence, length(4 + object.size()), Der::kObject,
               length(object.size())};
    out.insert(out.end(), object.begin(), object.end());
    constexpr std::uint8_t kNull = 0x05;
    out.insert(out.end(), {kNull, 0, Der::kOctetString, length(digest.size())});
    out.insert(out.end(), digest.begin(), digest.end());
    return out;
}

}  // namespace

std::optional<KeyKind> key_kind(Bytes info) {
    const auto parts = parts_of(info);
    if (!parts) return std::nullopt;
    if (std::ranges::equal(parts->object, kRsa)) return rsa_of(info) ? std::optional{KeyKind::rsa} : std::nullopt;
    if (std::ranges::equal(parts->object, kEllipticCurve)) {
        return is_other_curve(*parts) || curve_key_of(*parts) ? std::optional{KeyKind::elliptic_curve} : std::nullopt;
    }
    const auto* known = std::ranges::find_if(kOtherKeys, [&](const OtherKey& each) {
        return std::ranges::equal(parts->object, Bytes{each.object}.first(each.object_bytes));
    });
    return known == std::end(kOtherKeys) ? std::nullopt : std::optional{known->kind};
}

std::optional<Buffer> recover(Bytes info, Bytes signature, Deadline* deadline) {
    const auto key = rsa_of(info);
    if (!key || !key->is_of_whole_bytes) return std::nullopt;
    const std::uint32_t bits = formats::bits_of_number(key->modulus);
    const std::uint32_t exponent_bits = formats::bits_of_number(key->exponent);
    if (bits > kMaxModulusBits || exponent_bits > bits || (bits > kSmallModulusBits && exponent_bits > kMaxExponentBits)) return std::nullopt;
    const auto work = exponent_bits * (bits / 64 + 1) * (bits / 64 + 1);
    if (deadline != nullptr && deadline->passed(work)) return std::nullopt;
    const auto modulus = Modulus::make(key->modulus);
    if (!modulus) return std::nullopt;
    const std::size_t bytes = (bits + 7) / 8;
    const auto number = to_limbs(signature, modulus->limbs());
    if (!number || signature.size() > bytes || !less(*number, modulus->number())) return std::nullopt;
    const Buffer block = to_bytes(modulus->leave(modulus->power(modulus->enter(*number), key->exponent)), bytes);

    // 00 01 FF .. FF 00, with eight FF at least (RFC 8017, section 9.2).
    constexpr std::size_t kMinFill = 8;
    if (block.size() < kMinFill + 3 || block[0] != 0 || block[1] != 1) return std::nullopt;
    const auto end = std::find_if(block.begin() + 2, block.end(), [](std::uint8_t byte) { return byte != 0xFF; });
    if (end == block.end() || *end != 0 || static_cast<std::size_t>(end - block.begin()) < kMinFill + 2) return std::nullopt;
    return Buffer{end + 1, block.end()};
}

bool verify_digest(Bytes info, DigestKind kind, Bytes digest, Bytes signature, Deadline* deadline) {
    const auto parts = parts_of(info);
    if (!parts || !parts->is_of_whole_bytes) return false;
    if (std::ranges::equal(parts->object, kEllipticCurve)) {
        constexpr std::uint32_t kWork = 200'000;  // multiplications of 64 bits, about, with the largest curve
        if (deadline != nullptr && deadline->passed(kWork)) return false;
        const auto verified = verify_curve(*parts, digest, signature);
        return verified && *verified;
    }
    const auto key = rsa_of(info);
    if (!key || signature.size() != (formats::bits_of_number(key->modulus) + 7) / 8) return false;
    const auto enclosed = recover(info, signature, deadline);
    return enclosed && *enclosed == digest_info(kind, digest);
}

}  // namespace ward::modules
