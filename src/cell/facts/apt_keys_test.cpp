// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kFile = "/etc/apt/keyrings/a.gpg";
constexpr std::uint32_t kCreated = 1'600'000'000;

std::string hex(std::string_view digits) {
    Buffer out;
    WARD_CHECK(from_hex(digits, out));
    return to_string(out);
}
std::string be(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}
// The new form, with a length of five bytes where it has to be.
std::string packet(int tag, std::string_view body) {
    std::string out{static_cast<char>(0xC0 | tag)};
    out += body.size() < 192 ? be(body.size(), 1) : "\xFF" + be(body.size(), 4);
    return out.append(body);
}
std::string number(std::uint32_t bits) { return be(bits, 2) + std::string(1, static_cast<char>(1 << ((bits - 1) % 8))) + std::string((bits - 1) / 8, '\x55'); }
std::string key_body(int version, int algorithm, const std::string& material) {
    const std::string middle = version < 4 ? be(0, 2) : "";
    return be(static_cast<std::uint64_t>(version), 1) + be(kCreated, 4) + middle + be(static_cast<std::uint64_t>(algorithm), 1) +
           (version > 4 ? be(material.size(), 4) : "") + material;
}
const std::string kRsa = key_body(4, 1, number(2048) + number(17));
// The end of its fingerprint, as Python's hashlib has it.
const std::string kId = hex("92beab9e15db1609");
std::string name(std::string_view text) { return packet(13, text); }
std::string sub(int kind, std::string_view body) { return be(body.size() + 1, 1) + be(static_cast<std::uint64_t>(kind), 1).append(body); }
std::string signature(int type, std::uint32_t created, int hash, std::string_view more = "", std::string_view issuer = kId) {
    const std::string hashed = sub(2, be(created, 4)).append(more);
    const std::string unhashed = sub(16, issuer);
    return packet(2, be(4, 1) + be(static_cast<std::uint64_t>(type), 1) + be(1, 1) + be(static_cast<std::uint64_t>(hash), 1) + be(hashed.size(), 2) + hashed +
                         be(unhashed.size(), 2) + unhashed + be(0xAABB, 2) + number(9));
}
std::string armored(std::string_view keyring, std::string_view before = "") {
    return fmt::format("-----BEGIN PGP PUBLIC KEY BLOCK-----\n{}\n{}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n", before, to_base64(as_bytes(keyring)));
}

TEST(AptKeys, TellTheKeyOfEachVersionAndAlgorithm) {
    const std::string ed25519 = be(9, 1) + hex("2b06010401da470f01") + number(263);
    const std::string p256 = be(8, 1) + hex("2a8648ce3d030107") + number(515);
    struct Case { const char* name; std::string body; std::string want; };
    const Case cases[] = {
        {"RSA", kRsa, "4|rsa|2048|40"},
        {"RSA with a zero in front", key_body(4, 3, be(16, 2) + hex("007f") + number(17)), "4|rsa|7|40"},
        {"DSA", key_body(4, 17, number(1024) + number(160)), "4|dsa|1024|40"},
        {"ElGamal", key_body(4, 20, number(1024)), "4|elgamal|1024|40"},
        {"ECDSA", key_body(4, 19, p256), "4|ecdsa|256|40"},
        {"EdDSA", key_body(4, 22, ed25519), "4|eddsa|255|40"},
        {"an unknown curve", key_body(4, 19, be(2, 1) + hex("2a03")), "4|ecdsa||40"},
        {"Ed25519 of RFC 9580", key_body(6, 27, std::string(32, 'x')), "6|ed25519|255|64"},
        {"Ed448 of RFC 9580", key_body(6, 28, std::string(57, 'x')), "6|ed448|448|64"},
        {"version 5", key_body(5, 1, number(1024) + number(17)), "5|rsa|1024|64"},
        {"version 3", key_body(3, 1, number(1024) + number(17)), "3|rsa|1024|32"},
        {"another algorithm", key_body(4, 99, "x"), "4|unknown-99||40"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(std::string{kFile}, packet(6, c.body)).parse(parse_apt_keys);
        auto rows = columns("apt_keys", answer, {"version", "algorithm", "bits", "fingerprint"});
        ASSERT_EQ(rows.size(), 1u);
        const std::size_t at = rows[0].rfind('|') + 1;
        EXPECT_EQ(rows[0].substr(0, at) + std::to_string(rows[0].size() - at), c.want);
        EXPECT_EQ(gaps_of(answer), Strings{});
    }
}

TEST(AptKeys, TellWhatTheirSignaturesSay) {
    const std::string other = hex("0102030405060708");
    const auto expires = [](std::uint32_t seconds) { return sub(9, be(seconds, 4)); };
    const std::string own = packet(6, kRsa);
    struct Case { const char* name; std::string packets; std::string want; };
    const Case cases[] = {
        {"alone", own, "|||0"},
        {"a name", own + name("A <a@example.org>") + signature(0x13, 5, 10), "A <a@example.org>|sha512||0"},
        {"the newest", own + name("A") + signature(0x10, 9, 8) + signature(0x13, 5, 2, expires(7)), "A|sha256||0"},
        {"a life", own + name("A") + signature(0x13, 5, 8, expires(7)), "A|sha256|1600000007|0"},
        {"by another", own + name("A") + signature(0x13, 9, 2, expires(7), other) + signature(0x20, 9, 2, "", other), "A|||0"},
        {"a newer name without a life", own + name("A") + signature(0x13, 5, 8, expires(7)) + name("B") + signature(0x13, 6, 10), "A|sha512|1600000007|0"},
        {"the key's own word first", own + signature(0x1F, 4, 8, expires(9)) + name("A") + signature(0x13, 5, 2, expires(7)), "A|sha1|1600000009|0"},
        {"a name taken back", own + name("A") + signature(0x13, 5, 8, expires(7)) + signature(0x30, 6, 8), "A|||0"},
        {"a picture", own + packet(17, "x") + signature(0x13, 5, 8, expires(7)), "|sha256|1600000007|0"},
        {"revoked", own + signature(0x20, 5, 8) + name("A") + signature(0x13, 5, 10), "A|sha512||1"},
        {"a name that is no UTF-8", own + name("\xE9") + packet(12, "trust"), "\uFFFD|||0"},
        {"an old signature", own + name("A") + packet(2, be(3, 1) + be(5, 1) + be(0x10, 1) + be(5, 4) + kId + be(1, 1) + be(1, 1)), "A|md5||0"},
        {"names its issuer by the whole fingerprint", own + name("A") + signature(0x10, 5, 8, sub(33, be(4, 1) + std::string(20, 'x'))), "A|||0"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(std::string{kFile}, c.packets).parse(parse_apt_keys);
        EXPECT_EQ(columns("apt_keys", answer, {"user_id", "hash", "expires", "revoked"}), (Strings{c.want}));
        EXPECT_EQ(gaps_of(answer), Strings{});
    }
}

TEST(AptKeys, ShowSubkeysThatSign) {
    const auto binding = [](std::string_view more) { return signature(0x18, 5, 8, more); };
    const std::string subkey = packet(14, key_body(4, 1, number(1024) + number(17)));
    struct Case { const char* name; std::string packets; Strings want; };
    const Case cases[] = {
        {"it says so", binding(sub(27, "\x02")), {"0|1024|A||0"}},
        {"and for how long", binding(sub(27, "\x02") + sub(9, be(3, 4))), {"0|1024|A|1600000003|0"}},
        {"nothing said", binding(""), {"0|1024|A||0"}},
        {"for secrets only", binding(sub(27, "\x0C")), {}},
        {"nobody binds it", "", {}},
        {"another binds it", signature(0x18, 5, 8, "", hex("0102030405060708")), {}},
        {"revoked", binding("") + signature(0x28, 6, 8), {"0|1024|A||1"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(std::string{kFile}, packet(6, kRsa) + name("A") + subkey + c.packets).parse(parse_apt_keys);
        auto rows = columns("apt_keys", answer, {"is_primary", "bits", "user_id", "expires", "revoked"});
        ASSERT_FALSE(rows.empty());
        EXPECT_EQ(rows[0], "1|2048|A||0");
        rows.erase(rows.begin());
        EXPECT_EQ(rows, c.want);
        for (const auto& line : columns("apt_keys", answer, {"primary_fingerprint"})) EXPECT_TRUE(line.ends_with("92BEAB9E15DB1609"));
        EXPECT_EQ(gaps_of(answer), Strings{});
    }
}

TEST(AptKeys, AreFoundInArmourAndInSources) {
    const std::string key = packet(6, kRsa);
    const std::string inline_key = " -----BEGIN PGP PUBLIC KEY BLOCK-----\n Comment: x\n .\n " + to_base64(as_bytes(key)) + "\n -----END PGP PUBLIC KEY BLOCK-----\n";
    struct Case { const char* name; std::string path; std::string text; std::size_t rows; Strings gaps; };
    const std::string asc = "/etc/apt/keyrings/a.asc";
    const std::string sources = "/etc/apt/sources.list.d/a.sources";
    const Case cases[] = {
        {"armour", asc, "words\n" + armored(key, "Version: x\n"), 1, {}},
        {"two blocks", asc, armored(key) + armored(key), 2, {}},
        {"armour under another name", std::string{kFile}, armored(key), 1, {}},
        {"another label", asc, "-----BEGIN PGP PRIVATE KEY BLOCK-----\nAAAA\n", 0, {asc + ":0 malformed"}},
        {"no end", asc, "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmA==\n", 0, {asc + ":2 truncated"}},
        {"no base64", asc, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n*\n-----END PGP PUBLIC KEY BLOCK-----\n", 0, {asc + ":1 malformed"}},
        {"a keybox", std::string{kFile}, std::string{"\0\0\0\x20\1\1\0\0KBXf", 12}, 0, {std::string{kFile} + ":0 malformed"}},
        {"empty", std::string{kFile}, "", 0, {}},
        {"another file", "/usr/share/keyrings/README", "hello", 0, {}},
        {"in a source", sources, "Types: deb\nSigned-By:\n" + inline_key, 1, {}},
        {"in the second source", sources, "Types: deb\nSigned-By: /a.gpg\n\nTypes: deb\nSigned-By:\n" + inline_key, 1, {}},
        {"half in a source", sources, "Types: deb\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mA==\n", 0, {sources + ":3 truncated"}},
        {"another thing in a source", sources, "Types: deb\nSigned-By:\n -----BEGIN X-----\n", 0, {sources + ":2 malformed"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(c.path, c.text).parse(parse_apt_keys);
        EXPECT_EQ(columns("apt_keys", answer, {"file"}), Strings(c.rows, c.path));
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(AptKeys, AreGapsWhenTheyAreBroken) {
    const std::string key = packet(6, kRsa);
    struct Case { const char* name; std::string packets; std::size_t rows; Strings codes; };
    const Case cases[] = {
        {"cut off in the first", key.substr(0, 99), 0, {"truncated"}},
        {"cut off behind it", key + "\xC2\x50", 1, {"truncated"}},
        {"no packet", key + "x", 1, {"malformed"}},
        {"a length that lies", key + "\xC2\xFF\xFF\xFF\xFF\xFF", 1, {"truncated"}},
        {"in parts", key + "\xC6\xE1xx", 1, {"malformed"}},
        {"without a length", key + "\x9B" "abc", 1, {"malformed"}},
        {"an unknown version, and a good one", packet(6, key_body(9, 1, "")) + name("x") + signature(0x20, 1, 1) + key, 1, {"unsupported"}},
        {"a short number", packet(6, key_body(4, 1, be(2048, 2) + "x")) + key, 1, {"truncated"}},
        {"too large for its fingerprint", packet(6, key_body(4, 1, number(65'000) + std::string(70'000, 'x'))), 0, {"over_limit"}},
        {"a subkey of nobody", packet(6, key_body(9, 1, "")) + packet(14, kRsa), 0, {"unsupported"}},
        {"a bad subkey", key + packet(14, "\4") + signature(0x18, 5, 8), 1, {"truncated"}},
        {"a secret", key + packet(5, kRsa + "MUST-NOT-LEAVE"), 1, {"malformed"}},
        {"a signature of tomorrow", key + packet(2, "\7xxxxx"), 1, {"unsupported"}},
        {"a signature cut off", key + packet(2, be(4, 1) + "xyz" + be(99, 2)), 1, {"truncated"}},
        {"part of a signature of length none", key + packet(2, be(4, 1) + "xyz" + be(1, 2) + be(0, 1) + be(0, 2)), 1, {"truncated"}},
        {"a name too long", key + name(std::string(3000, 'x')), 1, {"over_limit"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(std::string{kFile}, c.packets).parse(parse_apt_keys);
        EXPECT_EQ(answer.rows.rows.size(), c.rows);
        Strings codes;
        for (const auto& gap : answer.rows.gaps) codes.emplace_back(code_name(gap.code));
        EXPECT_EQ(codes, c.codes);
        for (const auto& line : testing::lines_of(answer.rows)) EXPECT_EQ(line.find("MUST-NOT-LEAVE"), std::string::npos);
    }
}

TEST(AptKeys, KnowWhichAreGoodForEveryRepository) {
    const std::string key = packet(6, kRsa);
    const auto answer = Sources{}
        .file("/etc/apt/trusted.gpg", key).file("/etc/apt/trusted.gpg.d/a.gpg", key).file("/etc/apt/trusted.gpg.d/b.asc", armored(key))
        .file("/etc/apt/trusted.gpg.d/c.gpg~", key).file("/etc/apt/keyrings/d.gpg", key).folder("/etc/apt/keyrings/e").parse(parse_apt_keys);
    EXPECT_EQ(columns("apt_keys", answer, {"file", "trusted_for_all"}),
              (Strings{"/etc/apt/trusted.gpg|1", "/etc/apt/trusted.gpg.d/a.gpg|1", "/etc/apt/trusted.gpg.d/b.asc|1", "/etc/apt/trusted.gpg.d/c.gpg~|0",
                       "/etc/apt/keyrings/d.gpg|0"}));
}

}  // namespace
}  // namespace ward::facts
