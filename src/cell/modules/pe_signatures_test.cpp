// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/testing/archives.h"
#include "cell/modules/internal/big_number.h"
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/pe_signatures.h"
#include "cell/modules/internal/public_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace ward::modules {
namespace {

using formats::testing::read_hex;
using namespace std::string_literals;

// What pe says of a file, by paths such as "signatures[0].signer_info.chain[1].subject".
class Asked {
public:
    explicit Asked(Bytes bytes) : environment_{.bytes = bytes}, in_{kPe, environment_} {}

    std::string operator()(std::string_view path) {
        const Value whole{&in_.root()};
        const Value* value = &whole;
        while (!path.empty()) {
            const std::size_t end = std::min(path.find_first_of(".[]"), path.size());
            const std::string_view word = path.substr(0, end);
            path.remove_prefix(std::min(end + 1, path.size()));
            if (word.empty()) continue;
            if (value->index() == 0) break;  // nothing there
            const Object* object = std::get<const Object*>(*value);
            if (object->type() == Type::array) {
                std::size_t number = 0;
                std::from_chars(word.data(), word.data() + word.size(), number);
                value = &object->at(number);
            } else {
                const auto fields = object->fields();
                const auto found = std::ranges::find(fields, word, &Field::name);
                value = &object->member(static_cast<std::size_t>(found - fields.begin()));
            }
        }
        if (const auto* number = std::get_if<std::int64_t>(value)) return std::to_string(*number);
        if (const auto* text = std::get_if<std::string_view>(value)) return std::string{*text};
        return "undefined";
    }

    Value valid_on(std::int64_t time) {
        const Object& signatures = *std::get<const Object*>(in_.root().member(number_of("signatures")));
        const Value argument = time;
        return signature_valid_on(in_, *std::get<const Object*>(signatures.at(std::size_t{0})), {&argument, 1});
    }

private:
    std::size_t number_of(std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(kPe.fields, name, &Field::name) - kPe.fields.begin());
    }

    Environment environment_;
    Instance in_;
};

Buffer sample(const std::string& name) { return read_hex("testdata/modules/" + name + ".hex"); }

// Changes the first (or last) place of a text.
Buffer with(Buffer bytes, std::string_view from, std::string_view to, bool last = false) {
    const std::string_view all = as_text(bytes);
    const std::size_t at = last ? all.rfind(from) : all.find(from);
    EXPECT_NE(at, std::string_view::npos) << from;
    std::copy(to.begin(), to.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
}

TEST(PeSignatures, TellWhoSigned) {
    struct Case { const char* file; const char* path; const char* want; };
    const Case cases[] = {
        {"pe_headers", "number_of_signatures", "0"},
        {"pe_headers", "is_signed", "0"},
        {"pe_headers", "signatures[0].issuer", "undefined"},
        {"pe_signed_program", "number_of_signatures", "1"},
        {"pe_signed_program", "is_signed", "1"},
        {"pe_signed_program", "signatures[0].thumbprint", "85dee8d66beeed643cdfceca879261d93ddb74da"},
        {"pe_signed_program", "signatures[0].issuer", "/O=Ward/CN=ec root"},
        {"pe_signed_program", "signatures[0].subject", "/C=DE/O=Gr\\xC3\\xB6\\xC3\\x9Fe/CN=curve"},
        {"pe_signed_program", "signatures[0].version", "3"},
        {"pe_signed_program", "signatures[0].algorithm", "ecdsa-with-SHA256"},
        {"pe_signed_program", "signatures[0].algorithm_oid", "1.2.840.10045.4.3.2"},
        {"pe_signed_program", "signatures[0].serial", "00:ab:cd:ef"},
        {"pe_signed_program", "signatures[0].not_before", "1795996870"},
        {"pe_signed_program", "signatures[0].not_after", "2314396870"},
        {"pe_signed_program", "signatures[0].verified", "1"},
        {"pe_signed_program", "signatures[0].digest_alg", "sha256"},
        {"pe_signed_program", "signatures[0].digest", "c4a65bbc6ee1b11ce7c1aff110926b9522058ae820af848119ebe98f19e50de5"},
        {"pe_signed_program", "signatures[0].file_digest", "c4a65bbc6ee1b11ce7c1aff110926b9522058ae820af848119ebe98f19e50de5"},
        {"pe_signed_program", "signatures[0].number_of_certificates", "2"},
        {"pe_signed_program", "signatures[0].certificates[0].subject", "/O=Ward/CN=ec root"},
        {"pe_signed_program", "signatures[0].certificates[1].serial", "00:ab:cd:ef"},
        {"pe_signed_program", "signatures[0].certificates[2].serial", "undefined"},
        {"pe_signed_program", "signatures[0].signer_info.program_name", "Pr\u00c3\u00bcfling"},  // as the signing tool stored it
        {"pe_signed_program", "signatures[0].signer_info.digest_alg", "sha256"},
        {"pe_signed_program", "signatures[0].signer_info.digest", "b532110c87a8a93f4c109457a5a5f2aa5a7f4e7a0f1de50b547e5a866f67a046"},
        {"pe_signed_program", "signatures[0].signer_info.length_of_chain", "2"},
        {"pe_signed_program", "signatures[0].signer_info.chain[0].issuer", "/O=Ward/CN=ec root"},
        {"pe_signed_program", "signatures[0].signer_info.chain[1].serial", "01"},
        {"pe_signed_program", "signatures[0].number_of_countersignatures", "0"},
        {"pe_signed_p384", "signatures[0].verified", "1"},
        {"pe_signed_p384", "signatures[0].signer_info.digest_alg", "sha384"},
        {"pe_signed_p521", "signatures[0].verified", "1"},
        {"pe_signed_p521", "signatures[0].signer_info.digest_alg", "sha512"},
        {"pe_signed_nested", "number_of_signatures", "2"},
        {"pe_signed_nested", "signatures[0].algorithm", "sha1WithRSAEncryption"},
        {"pe_signed_nested", "signatures[0].verified", "1"},
        {"pe_signed_nested", "signatures[0].signer_info.program_name", "undefined"},
        {"pe_signed_nested", "signatures[0].number_of_countersignatures", "0"},
        {"pe_signed_nested", "signatures[1].serial", "00:ab:cd:ef"},
        {"pe_signed_nested", "signatures[1].verified", "1"},
        {"pe_signed_nested", "signatures[1].number_of_certificates", "5"},  // with those of the time stamp
        {"pe_signed_nested", "signatures[1].number_of_countersignatures", "1"},
        {"pe_signed_nested", "signatures[1].countersignatures[0].verified", "1"},
        {"pe_signed_nested", "signatures[1].countersignatures[0].sign_time", "1700000000"},
        {"pe_signed_nested", "signatures[1].countersignatures[0].digest_alg", "sha256"},
        {"pe_signed_nested", "signatures[1].countersignatures[0].length_of_chain", "2"},
        {"pe_signed_nested", "signatures[1].countersignatures[0].chain[0].subject", "/CN=clock"},
        {"pe_signed_cms_stamp", "signatures[0].number_of_certificates", "4"},
        {"pe_signed_cms_stamp", "signatures[0].countersignatures[0].verified", "1"},
        {"pe_signed_cms_stamp", "signatures[0].countersignatures[0].sign_time", "1700000000"},
        {"pe_signed_ber", "signatures[0].verified", "1"},
        {"pe_signed_ber", "signatures[0].countersignatures[0].verified", "1"},
        {"pe_signed_ber", "signatures[0].countersignatures[0].sign_time", "1700000000"},
        {"pe_countersigned", "signatures[0].countersignatures[0].verified", "1"},
        {"pe_countersigned", "signatures[0].countersignatures[0].sign_time", "1767323045"},
        {"pe_countersigned", "signatures[0].countersignatures[0].digest_alg", "sha1"},
        {"pe_countersigned", "signatures[0].countersignatures[0].length_of_chain", "1"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file + " "s + c.path);
        const Buffer bytes = sample(c.file);
        EXPECT_EQ(Asked{bytes}(c.path), c.want);
    }
}

TEST(PeSignatures, AreValidBetweenTheTimesOfTheirCertificate) {
    const Buffer bytes = sample("pe_signed_program");
    Asked asked{bytes};
    struct Case { std::int64_t time; std::int64_t want; };
    for (const auto& c : {Case{1795996869, 0}, {1795996870, 1}, {2314396870, 1}, {2314396871, 0}, {0, 0}}) {
        SCOPED_TRACE(c.time);
        EXPECT_EQ(asked.valid_on(c.time), Value{c.want});
    }
}

TEST(PeSignatures, AreNotVerifiedWhenSomethingWasChanged) {
    const Buffer program = sample("pe_signed_program");
    const Buffer nested = sample("pe_signed_nested");
    const Buffer countersigned = sample("pe_countersigned");
    const auto changed = [](Buffer bytes, std::size_t at) {
        bytes[at] ^= 1;
        return bytes;
    };
    constexpr std::size_t kCode = 0x200, kChecksum = 0x58 + 64, kSecurity = 0x58 + 112 + 4 * 8;
    const auto counter = [](Bytes bytes) { return Asked{bytes}("signatures[0].countersignatures[0].verified"); };
    struct Case { const char* name; Buffer bytes; const char* path; const char* want; };
    const Case cases[] = {
        {"a byte of the code", changed(program, kCode), "signatures[0].verified", "0"},
        {"a byte of the code, so of the digest", changed(program, kCode), "signatures[0].digest",
         "c4a65bbc6ee1b11ce7c1aff110926b9522058ae820af848119ebe98f19e50de5"},
        {"a byte of the code of several", changed(nested, kCode), "signatures[1].verified", "0"},
        {"a byte of the code, for the file", changed(program, kCode), "is_signed", "0"},
        {"the checksum is not signed", changed(program, kChecksum), "signatures[0].verified", "1"},
        {"the name of the program", with(program, "fling", "Fling"), "signatures[0].verified", "0"},
        {"the signer's name, which only its issuer signed", with(program, "curve", "kurve"), "signatures[0].verified", "1"},
        {"the signer's name, which is told as it is", with(program, "curve", "kurve"), "signatures[0].subject",
         "/C=DE/O=Gr\\xC3\\xB6\\xC3\\x9Fe/CN=kurve"},
        {"the issuer's name, which finds the certificate", with(program, "ec root", "EC  oot", true), "number_of_signatures", "0"},
        {"case does not part names", with(program, "ec root", "EC ROOT", true), "signatures[0].signer_info.length_of_chain", "2"},
        {"another place in the file", changed(program, kSecurity + 1), "number_of_signatures", "0"},
        {"a place behind the end", changed(program, kSecurity + 2), "number_of_signatures", "0"},
        {"the length of the outermost value", changed(program, 0x400 + 8 + 3), "number_of_signatures", "0"},
        {"the last byte of a signature", changed(program, program.size() - 8), "signatures[0].verified", "0"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(Asked{c.bytes}(c.path), c.want);
    }
    EXPECT_EQ(counter(with(countersigned, "260102030405Z", "260102030406Z")), "0");
    EXPECT_EQ(Asked{with(countersigned, "260102030405Z", "261302030405Z")}("signatures[0].countersignatures[0].sign_time"),
              std::to_string(kNoTime));
}

// Of each case `yara` 4.5.4 says the same, in a program that is signed so.
TEST(VerifyDigest, TakesSignaturesOnlyAsTheyAreWritten) {
    const auto bytes_of = [](const std::string& hex) {
        Buffer out;
        EXPECT_TRUE(from_hex(hex, out)) << hex;
        return out;
    };
    const Buffer curve = bytes_of(
        "301306072a8648ce3d020106082a8648ce3d03010703420004a182e4e2d5551a5b117f9749af9f752861dd701b811963b88fd4bbb6142f"
        "3fcea93b844ac03b9e6560668527e9bb933e1793a56b6f6751c248b90c847e37dbf0");
    const Buffer curve_digest = bytes_of("d5dd86be57df9d88dd557cfd7a696df7f0e65d9f13ac92331fa041e83e14f04b");
    const std::string r = "0bd8bd18409d3eea1beb71601394b38b6bd3fe5ecfaf5347417fde2c0c017fff";
    const std::string s = "af897db33d08fa73546e3c3be6fc084f0e056f26beb6d8f97c02dbe7b937fc4b";
    const Buffer rsa = bytes_of(
        "300d06092a864886f70d010101050003818d0030818902818100d795c4e3a7420d56bda6f1bf6468d2f862dd25f2c60c1aae98135cdcc1"
        "366e27617c13be1e5b143b9266ad8a94a4ab802cd6926dbb1ff7f9629b58a967476eb22fb49df46ea19ae2f9ec82d2455babbd83e8c7ca"
        "07d941568b31304d64afe4a9aa4b3ba83d3bcbf09993ffda7e460700247dd2b0e670fc7221ba5dd70c4b2ee70203010001");
    const Buffer rsa_digest = bytes_of("586b79d297787e9579e940b1e869c4ab1e15f536");
    const std::string power =  // less its first byte, which is zero
        "de86d0dc264cb3072d88d6562228e45d55fc5c9b205d90ed57a87cfb8fe7f8a4a97902975c4608b6597f616a77818700e82baa10596d95"
        "86d38be4997eadf2fc7ff41941b1585ec04ceb1e7b1c220b98a72cda4ad5e6024ddac2370fbc18e3232124fa2d7c714aa4703e2c468af7"
        "ed055dca82fe33c13c74e791d46715a4e0";
    struct Case { const char* name; bool is_rsa; std::string signature; bool want; };
    const Case cases[] = {
        {"of a curve", false, "30450220" + r + "022100" + s, true},
        {"a zero in front", false, "3046022100" + r + "022100" + s, false},
        {"another zero in front", false, "30460220" + r + "02220000" + s, false},
        {"a negative number", false, "30440220" + r + "0220" + s, false},
        {"a long length", false, "3081450220" + r + "022100" + s, false},
        {"a long length of a number", false, "3046028120" + r + "022100" + s, false},
        {"something behind it", false, "30450220" + r + "022100" + s + "00", false},
        {"something behind its numbers", false, "30470220" + r + "022100" + s + "0500", false},
        {"nothing", false, "", false},
        {"no number", false, "30250200022100" + s, false},
        {"of RSA", true, "00" + power, true},
        {"without its zero", true, power, false},
        {"with one more", true, "0000" + power, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const bool is_right = c.is_rsa ? verify_digest(rsa, DigestKind::sha1, rsa_digest, bytes_of(c.signature), nullptr)
                                       : verify_digest(curve, DigestKind::sha256, curve_digest, bytes_of(c.signature), nullptr);
        EXPECT_EQ(is_right, c.want);
    }
}

TEST(PeSignatures, SurviveAnyCut) {
    const Buffer bytes = sample("pe_signed_nested");
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
        Buffer cut{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
        EXPECT_EQ(Asked{cut}("signatures[0].verified"), "undefined") << size;
        if (size < 0x400 + 16) continue;
        const auto length = static_cast<std::uint32_t>(size - 0x400);  // as if so much were all
        for (std::size_t i = 0; i < 4; ++i) cut[0x58 + 112 + 36 + i] = cut[0x400 + i] = static_cast<std::uint8_t>(length >> (8 * i));
        static_cast<void>(Asked{cut}("signatures[0].verified"));
    }
}

// A certificate that says so much of itself.
X509 certificate(const char* subject, const char* issuer, std::int64_t not_after = 100) {
    X509 out;
    out.der = as_bytes(subject);  // only compared
    out.subject.canon = subject;
    out.issuer.canon = issuer;
    out.not_after = not_after;
    out.key_kind = KeyKind::rsa;
    static constexpr std::uint8_t kSha1WithRsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05};
    out.inner_algorithm = kSha1WithRsa;
    return out;
}

TEST(ChainOf, GoesFromIssuerToIssuer) {
    constexpr std::int64_t kNow = 50;
    const auto with_change = [](X509 it, const auto& change) {
        change(it);
        return it;
    };
    const X509 root = certificate("root", "root");
    const X509 middle = certificate("middle", "root");
    static constexpr std::uint8_t kKey[] = {1}, kOther[] = {2}, kEcdsa[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01};
    struct Case { const char* name; std::vector<X509> others; std::vector<std::size_t> want; };
    const Case cases[] = {
        {"alone", {}, {}},
        {"up to the root", {root, middle}, {1, 0}},
        {"nobody else's", {root, certificate("elsewhere", "root")}, {}},
        {"the first that is valid", {certificate("middle", "x", 10), certificate("middle", "y"), certificate("middle", "z")}, {1}},
        {"the last when none is", {certificate("middle", "x", 10), certificate("middle", "y", 20)}, {1}},
        {"not around in a circle", {certificate("middle", "leaf"), certificate("leaf", "middle")}, {0}},
        {"one that may not sign", {with_change(middle, [](X509& it) { it.key_usage = 0x80; })}, {}},
        {"one that may", {with_change(middle, [](X509& it) { it.key_usage = 0x04; })}, {0}},
        {"one without a key", {with_change(middle, [](X509& it) { it.key_kind.reset(); })}, {}},
        {"one with a key of another kind", {with_change(middle, [](X509& it) { it.key_kind = KeyKind::dsa; })}, {}},
        {"one with broken extensions", {with_change(middle, [](X509& it) { it.extensions_are_right = false; })}, {}},
        {"a root signed with another kind of key ends it too",
         {middle, with_change(root, [](X509& it) { it.inner_algorithm = kEcdsa; })}, {0, 1}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const std::deque<X509> all{c.others.begin(), c.others.end()};
        const X509 leaf = certificate("leaf", "middle");
        const auto chain = chain_of(leaf, all, kNow, nullptr);
        std::vector<const X509*> want{&leaf};
        for (const std::size_t number : c.want) want.push_back(&all[number]);
        EXPECT_EQ(chain, want);
    }
    X509 leaf = certificate("leaf", "middle");
    leaf.authority.emplace().key_id = kKey;
    for (const Bytes key : {Bytes{kKey}, Bytes{kOther}}) {
        const std::deque<X509> all{with_change(middle, [&](X509& it) { it.key_id = key; })};
        EXPECT_EQ(chain_of(leaf, all, kNow, nullptr).size(), key.data() == kKey ? 2u : 1u);
    }
}

TEST(X509Name, IsWrittenAsOneLine) {
    struct Case { const char* name; const char* hex; const char* want; };
    const std::string many = [] {
        std::string hex;
        for (int i = 0; i < 30; ++i) hex += "3111300f060355040a0c0841414141414141 41"s;
        return hex;
    }();
    const Case cases[] = {
        {"nothing", "", ""},
        {"two parts", "310b3009060355040613024445 310a3008060355040a0c0141", "/C=DE/O=A"},
        {"two values of one part", "31143008060355040a0c01413008060355040b0c0142", "/O=A/OU=B"},
        {"a slash stays", "310c300a060355040a0c03412f42", "/O=A/B"},
        {"UTF-16", "310d300b060355040a1e0400410042", "/O=\\x00A\\x00B"},
        {"a number that has no name", "310a300806032a03040c0141", "/1.2.3.4=A"},
        {"bits", "310b3009060355042d03020041", "/x500UniqueIdentifier=A"},
        {"half of a pair of bytes", "310c300a060355040a1e03004100", nullptr},
        {"broken UTF-8", "310a3008060355040a0c01ff", nullptr},
        {"a number in place of a text", "310a3008060355040a020101", nullptr},
        {"more behind the value", "310c300a060355040a0c01410500", nullptr},
        {"no object", "310530030c0141", nullptr},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        const auto name = read_x509_name(bytes);
        ASSERT_EQ(name.ok(), c.want != nullptr);
        if (name) {
            EXPECT_EQ(name->line, c.want);
        }
    }
    Buffer bytes;
    ASSERT_TRUE(from_hex(many, bytes));
    EXPECT_EQ(read_x509_name(bytes)->line.size(), 23u * 11);  // of 30 parts, those that fit in 255 bytes
}

TEST(Asn1Time, IsReadAsOpensslReadsIt) {
    struct Case { std::uint8_t tag; const char* text; std::optional<std::int64_t> want; };
    constexpr std::uint8_t kShort = 23, kLong = 24;
    const Case cases[] = {
        {kShort, "700101000000Z", 0},
        {kShort, "491231235959Z", 2524607999},
        {kShort, "500101000000Z", -631152000},
        {kShort, "7001010000Z", 0},
        {kShort, "700101010000+0100", 0},
        {kLong, "19700101000001Z", 1},
        {kLong, "19700101000001.75Z", 1},
        {kLong, "20240229000000Z", 1709164800},
        {kLong, "20230229000000Z", {}},
        {kLong, "19700101000001.Z", {}},
        {kLong, "19700101000001", {}},
        {kShort, "701301000000Z", {}},
        {kShort, "700101240000Z", {}},
        {kShort, "700101000000ZZ", {}},
        {kShort, "", {}},
        {4, "700101000000Z", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(asn1_time({c.tag, as_bytes(c.text), {}}), c.want);
    }
}

TEST(Modulus, AgreesWithSmallNumbers) {
    for (std::uint64_t n = 3; n < 60; n += 2) {
        const auto byte = [](std::uint64_t value) { return Buffer{static_cast<std::uint8_t>(value)}; };
        const auto modulus = Modulus::make(byte(n));
        ASSERT_TRUE(modulus);
        for (std::uint64_t a = 0; a < n; ++a) {
            std::uint64_t power = 1;
            for (std::uint64_t e = 0; e < 20; ++e, power = power * a % n) {
                ASSERT_EQ(modulus->leave(modulus->power(modulus->enter({a}), byte(e))), Limbs{power}) << a << "^" << e << " mod " << n;
            }
        }
    }
    for (const std::uint8_t bad : Buffer{0, 1, 2, 16}) EXPECT_FALSE(Modulus::make(Buffer{bad}));
}

}  // namespace
}  // namespace ward::modules
