// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/formats/der.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using formats::object_text;

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kSecret = "MUST-NOT-LEAVE";

std::string hex(std::string_view digits) {
    Buffer out;
    WARD_CHECK(from_hex(digits, out));
    return to_string(out);
}
std::string der(int tag, std::string_view body) {
    std::string out{static_cast<char>(tag)};
    if (body.size() >= 128) out.append("\x82").append({static_cast<char>(body.size() >> 8), static_cast<char>(body.size() & 0xFF)});
    else out += static_cast<char>(body.size());
    return out.append(body);
}
std::string oid(std::string_view digits) { return der(6, hex(digits)); }
std::string attribute(std::string_view object, int tag, std::string_view value) { return der(0x30, oid(object) + der(tag, value)); }
std::string name_of(std::string_view text) { return der(0x30, der(0x31, attribute("550403", 0x0C, text))); }
std::string pem(std::string_view label, std::string_view body) {
    return fmt::format("-----BEGIN {0}-----\n{1}\n-----END {0}-----\n", label, to_base64(as_bytes(body)));
}
std::string extension(std::string_view object, const std::string& value) { return der(0x30, oid(object) + der(4, value)); }

constexpr std::string_view kSha256Rsa = "2a864886f70d01010b";
const std::string kRsa1024 = der(0x30, der(0x30, oid("2a864886f70d010101") + hex("0500")) +
                                           der(3, std::string{'\0'} + der(0x30, der(2, hex("00") + std::string(128, '\xFF')) + der(2, "\3"))));

// A certificate whose parts can be put in.
struct Parts {
    std::string version = der(0xA0, der(2, "\2"));
    std::string serial = der(2, hex("1f00"));
    std::string signature = der(0x30, oid(kSha256Rsa) + hex("0500"));
    std::string issuer = name_of("Issuer");
    std::string validity = der(0x30, der(0x17, "231114221320Z") + der(0x18, "20500101000000Z"));
    std::string subject = name_of("Subject");
    std::string key = kRsa1024;
    std::string extensions;

    std::string text() const {
        const std::string more = extensions.empty() ? "" : der(0xA3, der(0x30, extensions));
        return der(0x30, der(0x30, version + serial + signature + issuer + validity + subject + key + more) + signature + der(3, hex("00aa")));
    }
};

TEST(Der, WritesObjectIdentifiers) {
    struct Case { std::string_view bytes; std::string_view want; };
    const Case cases[] = {
        {"2a864886f70d", "1.2.840.113549"}, {"00", "0.0"}, {"27", "0.39"}, {"28", "1.0"}, {"5504", "2.5.4"}, {"8837", "2.999"},
        {"", "malformed"}, {"2a86", "truncated"}, {"ffffffffffffffffff7f", "malformed"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.bytes);
        const std::string bytes = hex(c.bytes);
        const auto read = object_text(as_bytes(bytes));
        EXPECT_EQ(read ? *read : std::string{code_name(read.error().code)}, c.want);
    }
    const std::string long_one(200, '\1');
    EXPECT_FALSE(object_text(as_bytes(long_one)).ok());
}

TEST(Certificates, ShowTheirParts) {
    const auto answer = Sources{}.file("/etc/ssl/a.der", Parts{}.text(), 0100640, 7).at(1'700'000'060).parse(parse_certificates);
    EXPECT_EQ(columns("certificates", answer, {"path", "position", "subject", "issuer", "serial", "not_before", "not_after", "expires_in", "key_type",
                                               "key_bits", "signature_algorithm", "weak_signature", "self_issued", "is_ca", "dns_names", "mode", "uid"}),
              (Strings{"/etc/ssl/a.der|1|CN=Subject|CN=Issuer|1f00|1700000000|2524608000|824607940|rsa|1024|sha256WithRSAEncryption|0|0|0||416|7"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(Certificates, ReadEachKindOfPart) {
    const auto key = [](std::string_view object, const std::string& parameters, std::string_view bits = "x") {
        return der(0x30, der(0x30, oid(object) + parameters) + der(3, std::string{'\0'}.append(bits)));
    };
    const auto pss = [](std::string_view hash) {
        return der(0x30, oid("2a864886f70d01010a") + der(0x30, hash.empty() ? "" : der(0xA0, der(0x30, oid(hash)))));
    };
    const auto names = [](const std::string& list) { return extension("551d11", der(0x30, list)); };
    struct Case { const char* name; Parts parts; Strings columns; std::string want; };
    const Case cases[] = {
        {"two attributes in one part", {.subject = der(0x30, der(0x31, attribute("550406", 0x13, "GB")) + der(0x31, attribute("55040a", 0x13, "A") + attribute("550403", 0x13, "B")))},
         {"subject"}, "C=GB,O=A+CN=B"},
        {"what has to be escaped", {.subject = name_of(" a,b+c\"d\\e<f>g;h# ")}, {"subject"}, "CN=\\ a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h#\\ "},
        {"a cross in front, a line feed, a NUL", {.subject = name_of(std::string{"#a\n\0b", 5})}, {"subject"}, "CN=\\#a\\0A\\00b"},
        {"what is no UTF-8", {.subject = name_of("a\xFF")}, {"subject"}, "CN=a\uFFFD"},
        {"Latin-1", {.subject = der(0x30, der(0x31, attribute("550403", 0x14, "\xE9")))}, {"subject"}, "CN=é"},
        {"two bytes each", {.subject = der(0x30, der(0x31, attribute("550403", 0x1E, hex("00e920ac"))))}, {"subject"}, "CN=é€"},
        {"four bytes each", {.subject = der(0x30, der(0x31, attribute("550403", 0x1C, hex("0001f6000000d800"))))}, {"subject"}, "CN=😀\uFFFD"},
        {"half a character", {.subject = der(0x30, der(0x31, attribute("550403", 0x1E, "abc")))}, {"subject"}, "CN=#1e03616263"},
        {"an unknown attribute", {.subject = der(0x30, der(0x31, attribute("2a03", 0x0C, "x")))}, {"subject"}, "1.2.3=#0c0178"},
        {"nobody", {.subject = der(0x30, "")}, {"subject"}, ""},
        {"serial with a zero in front", {.serial = der(2, hex("00ff"))}, {"serial"}, "ff"},
        {"serial of zero", {.serial = der(2, hex("00"))}, {"serial"}, "00"},
        {"serial below zero", {.serial = der(2, hex("ff00"))}, {"serial"}, "-0100"},
        {"the last century", {.validity = der(0x30, der(0x17, "500101000000Z") + der(0x17, "491231235959Z"))}, {"not_before", "not_after"}, "-631152000|2524607999"},
        {"P-256", {.key = key("2a8648ce3d0201", oid("2a8648ce3d030107"))}, {"key_type", "key_bits"}, "ec|256"},
        {"an unknown curve", {.key = key("2a8648ce3d0201", oid("2a03"))}, {"key_type", "key_bits"}, "ec|"},
        {"a curve written out", {.key = key("2a8648ce3d0201", der(0x30, "x"))}, {"key_type", "key_bits"}, "ec|"},
        {"Ed25519", {.key = key("2b6570", "")}, {"key_type", "key_bits"}, "ed25519|256"},
        {"Ed448", {.key = key("2b6571", "")}, {"key_type", "key_bits"}, "ed448|456"},
        {"DSA", {.key = key("2a8648ce380401", der(0x30, der(2, hex("00") + std::string(128, '\x80'))))}, {"key_type", "key_bits"}, "dsa|1024"},
        {"DSA with its issuer's numbers", {.key = key("2a8648ce380401", "")}, {"key_type", "key_bits"}, "dsa|"},
        {"RSA for PSS only", {.key = key("2a864886f70d01010a", "", der(0x30, der(2, hex("0001"))))}, {"key_type", "key_bits"}, "rsa-pss|1"},
        {"another kind", {.key = key("2a03", "")}, {"key_type", "key_bits"}, "1.2.3|"},
        {"MD5", {.signature = der(0x30, oid("2a864886f70d010104"))}, {"signature_algorithm", "weak_signature"}, "md5WithRSAEncryption|1"},
        {"SHA-1", {.signature = der(0x30, oid("2a8648ce3d0401"))}, {"signature_algorithm", "weak_signature"}, "ecdsa-with-SHA1|1"},
        {"another signature", {.signature = der(0x30, oid("2a03"))}, {"signature_algorithm", "weak_signature"}, "1.2.3|0"},
        {"PSS with SHA-256", {.signature = pss("608648016503040201")}, {"signature_algorithm", "weak_signature"}, "rsassaPss|0"},
        {"PSS with SHA-1", {.signature = pss("2b0e03021a")}, {"signature_algorithm", "weak_signature"}, "rsassaPss|1"},
        {"PSS that names no hash", {.signature = pss("")}, {"signature_algorithm", "weak_signature"}, "rsassaPss|1"},
        {"self-issued", {.subject = name_of("Issuer")}, {"self_issued", "is_ca"}, "1|0"},
        {"self-issued, version 1", {.version = "", .subject = name_of("Issuer")}, {"self_issued", "is_ca"}, "1|1"},
        {"version 1", {.version = ""}, {"self_issued", "is_ca"}, "0|0"},
        {"an authority", {.extensions = der(0x30, oid("551d13") + der(1, "\xFF") + der(4, der(0x30, der(1, "\xFF") + der(2, "\0"))))}, {"is_ca"}, "1"},
        {"no authority", {.extensions = extension("551d13", der(0x30, ""))}, {"is_ca"}, "0"},
        {"names", {.extensions = extension("2a03", "x") + names(der(0x82, "a.example") + der(0x87, "\1\2\3\4") + der(0x82, "*.b.example"))}, {"dns_names"}, "a.example *.b.example"},
        {"a name that would be two", {.extensions = names(der(0x82, std::string{"a b\0\\", 5}))}, {"dns_names"}, "a\\20b\\00\\5C"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/ssl/a.pem", pem("CERTIFICATE", c.parts.text())).parse(parse_certificates);
        EXPECT_EQ(columns("certificates", answer, c.columns), (Strings{c.want}));
        EXPECT_EQ(gaps_of(answer), Strings{});
    }
}

TEST(Certificates, AreGapsWhenTheyAreBroken) {
    const std::string good = Parts{}.text();
    struct Case { const char* name; std::string text; const char* code; };
    const Case cases[] = {
        {"cut off", good.substr(0, good.size() - 1), "truncated"},
        {"a length that lies", std::string{"\x30\x84\xFF\xFF\xFF\xFF\x30\x03\xA0\x03\x02\x01\x02", 13}, "truncated"},
        {"no length", std::string{"\x30\x82\x01\x00\x30\x80\xA0\x03\x02\x01\x02", 11}, "truncated"},
        {"a time with a zone", Parts{.validity = der(0x30, der(0x17, "2311142213+0100") + der(0x17, "231114221320Z"))}.text(), "malformed"},
        {"no day", Parts{.validity = der(0x30, der(0x17, "230230000000Z") + der(0x17, "231114221320Z"))}.text(), "malformed"},
        {"one time", Parts{.validity = der(0x30, der(0x17, "231114221320Z"))}.text(), "truncated"},
        {"a long serial", Parts{.serial = der(2, std::string(65, 'x'))}.text(), "malformed"},
        {"an empty key", Parts{.key = der(0x30, der(0x30, oid("2b6570")) + der(3, ""))}.text(), "malformed"},
        {"a key that is none", Parts{.key = der(0x30, der(0x30, oid("2a864886f70d010101")) + der(3, hex("00020178")))}.text(), "malformed"},
        {"names that are none", Parts{.extensions = extension("551d11", "x")}.text(), "truncated"},
        {"an extension that is none", Parts{.extensions = "x"}.text(), "truncated"},
        {"PSS without a name", Parts{.signature = der(0x30, oid("2a864886f70d01010a") + der(0x30, der(0xA0, "")))}.text(), "truncated"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto plain = Sources{}.file("/etc/ssl/a.der", c.text).parse(parse_certificates);
        EXPECT_EQ(gaps_of(plain), (Strings{fmt::format("/etc/ssl/a.der:0 {}", c.code)}));
        EXPECT_TRUE(plain.rows.rows.empty());
        const auto wrapped = Sources{}.file("/etc/ssl/a.pem", "x\n" + pem("CERTIFICATE", c.text) + pem("CERTIFICATE", good)).parse(parse_certificates);
        EXPECT_EQ(gaps_of(wrapped), (Strings{fmt::format("/etc/ssl/a.pem:2 {}", c.code)}));
        EXPECT_EQ(columns("certificates", wrapped, {"position", "subject"}), (Strings{"2|CN=Subject"}));
    }
    std::string deep;
    for (int i = 0; i < 20'000; ++i) deep = std::string{"\x30\x84", 2} + hex(fmt::format("{:08x}", deep.size())) + deep;
    EXPECT_EQ(Sources{}.file("/etc/ssl/a.der", deep).parse(parse_certificates).rows, RowSet{});
}

TEST(Certificates, AreFoundInText) {
    const std::string good = Parts{}.text();
    const std::string one = pem("CERTIFICATE", good);
    struct Case { const char* name; std::string text; Strings positions; Strings gaps; };
    const Case cases[] = {
        {"two, with words around", "Subject: x\n" + one + "\n\n# more\n" + one, {"1", "2"}, {}},
        {"carriage returns and blanks", fmt::format("-----BEGIN CERTIFICATE----- \r\n {}\r\n-----END CERTIFICATE-----\r\n", to_base64(as_bytes(good))), {"1"}, {}},
        {"an old label, and OpenSSL's own", pem("X509 CERTIFICATE", good) + pem("TRUSTED CERTIFICATE", good + der(0x30, "")), {"1", "2"}, {}},
        {"behind a private key", pem("PRIVATE KEY", kSecret) + one, {"1"}, {}},
        {"other things", pem("PRIVATE KEY", kSecret) + pem("X509 CRL", good) + pem("CERTIFICATE REQUEST", good), {}, {}},
        {"no end", "\n-----BEGIN CERTIFICATE-----\nAAAA\n" + one, {"2"}, {"/etc/ssl/a.pem:2 truncated"}},
        {"no end at all", "-----BEGIN CERTIFICATE-----\nAAAA\n", {}, {"/etc/ssl/a.pem:1 truncated"}},
        {"no base64", "-----BEGIN CERTIFICATE-----\nA*\n-----END CERTIFICATE-----\n" + one, {"2"}, {"/etc/ssl/a.pem:1 malformed"}},
        {"nothing in it", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", {}, {"/etc/ssl/a.pem:1 truncated"}},
        {"too much of it", "-----BEGIN CERTIFICATE-----\n" + std::string(kMiB + 1, 'A') + "\n" + one, {"2"}, {"/etc/ssl/a.pem:1 over_limit"}},
        {"a revocation list", der(0x30, der(0x30, der(2, "\1") + der(0x30, "") + der(0x30, "") + der(0x17, "231114221320Z"))), {}, {}},
        {"a private key", der(0x30, der(2, hex("00")) + der(0x30, oid("2b6570")) + der(4, kSecret)), {}, {}},
        {"a certificate of version 1", Parts{.version = ""}.text(), {"1"}, {}},
        {"a setting", "[req]\nprompt = no\n", {}, {}},
        {"nothing", "", {}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/ssl/a.pem", c.text).parse(parse_certificates);
        EXPECT_EQ(columns("certificates", answer, {"position"}), c.positions);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(Certificates, ShowTheStoreOnce) {
    const auto one = [](std::string_view name) { return pem("CERTIFICATE", Parts{.subject = name_of(name)}.text()); };
    const auto answer = Sources{}
        .file("/etc/ssl/certs/3513523f.0", one("A"), 0100644, 0, "A.pem")
        .file("/etc/ssl/certs/3513523f.1", one("lost"), 0100644, 0, "gone.pem")
        .file("/etc/ssl/certs/3513523f.2", one("own"))
        .file("/etc/ssl/certs/A.pem", one("A"), 0100644, 0, "/usr/share/ca-certificates/mozilla/A.crt")
        .file("/etc/ssl/certs/B.pem", one("B"), 0100644, 0, "../../../usr/./local/B.crt")
        .file("/etc/ssl/certs/ca-certificates.crt", one("A") + one("B") + one("hidden") + one("A"))
        .folder("/etc/ssl/certs/java")
        .file("/usr/local/share/ca-certificates/C.crt", one("hidden"))
        .parse(parse_certificates);
    EXPECT_EQ(columns("certificates", answer, {"path", "position", "subject", "target"}),
              (Strings{"/etc/ssl/certs/3513523f.1|1|CN=lost|/etc/ssl/certs/gone.pem", "/etc/ssl/certs/3513523f.2|1|CN=own|",
                       "/etc/ssl/certs/A.pem|1|CN=A|/usr/share/ca-certificates/mozilla/A.crt", "/etc/ssl/certs/B.pem|1|CN=B|/usr/local/B.crt",
                       "/usr/local/share/ca-certificates/C.crt|1|CN=hidden|", "/etc/ssl/certs/ca-certificates.crt|3|CN=hidden|"}));
}

}  // namespace
}  // namespace ward::facts
