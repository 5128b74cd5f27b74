// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/x509.h"

#include "cell/facts/internal/dates.h"
#include "cell/formats/der.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>
#include <vector>

namespace ward::facts {
namespace {

using formats::bits_of_number;
using formats::Der;
using formats::object_text;

constexpr std::size_t kMaxNameBytes = 64 * kKiB;  // of a subject or issuer; RFC 5280 has 32,768 characters for the longest part

struct SignatureKind {
    std::string_view object;
    std::string_view name;
    bool weak;
};
// Names as OpenSSL prints them.
constexpr SignatureKind kSignatures[] = {
    {"1.2.840.113549.1.1.2", "md2WithRSAEncryption", true},
    {"1.2.840.113549.1.1.3", "md4WithRSAEncryption", true},
    {"1.2.840.113549.1.1.4", "md5WithRSAEncryption", true},
    {"1.2.840.113549.1.1.5", "sha1WithRSAEncryption", true},
    {"1.2.840.113549.1.1.11", "sha256WithRSAEncryption", false},
    {"1.2.840.113549.1.1.12", "sha384WithRSAEncryption", false},
    {"1.2.840.113549.1.1.13", "sha512WithRSAEncryption", false},
    {"1.2.840.113549.1.1.14", "sha224WithRSAEncryption", false},
    {"1.3.14.3.2.29", "sha1WithRSA", true},
    {"1.2.840.10040.4.3", "dsaWithSHA1", true},
    {"2.16.840.1.101.3.4.3.1", "dsa_with_SHA224", false},
    {"2.16.840.1.101.3.4.3.2", "dsa_with_SHA256", false},
    {"1.2.840.10045.4.1", "ecdsa-with-SHA1", true},
    {"1.2.840.10045.4.3.1", "ecdsa-with-SHA224", false},
    {"1.2.840.10045.4.3.2", "ecdsa-with-SHA256", false},
    {"1.2.840.10045.4.3.3", "ecdsa-with-SHA384", false},
    {"1.2.840.10045.4.3.4", "ecdsa-with-SHA512", false},
    {"1.3.101.112", "ED25519", false},
    {"1.3.101.113", "ED448", false},
};
constexpr std::string_view kPss = "1.2.840.113549.1.1.10";
constexpr std::string_view kWeakHashes[] = {"1.2.840.113549.2.2", "1.2.840.113549.2.4", "1.2.840.113549.2.5", "1.3.14.3.2.26"};

struct Curve {
    std::string_view object;
    std::uint32_t bits;
};
constexpr Curve kCurves[] = {
    {"1.2.840.10045.3.1.1", 192},    {"1.2.840.10045.3.1.7", 256},    {"1.3.132.0.33", 224},
    {"1.3.132.0.34", 384},           {"1.3.132.0.35", 521},           {"1.3.132.0.10", 256},
    {"1.3.36.3.3.2.8.1.1.7", 256},   {"1.3.36.3.3.2.8.1.1.11", 384},  {"1.3.36.3.3.2.8.1.1.13", 512},
};

struct Attribute {
    std::string_view object;
    std::string_view name;
};
// RFC 4514, section 3, and others by the names that OpenSSL has for them.
constexpr Attribute kAttributes[] = {
    {"2.5.4.3", "CN"}, {"2.5.4.4", "SN"}, {"2.5.4.5", "serialNumber"}, {"2.5.4.6", "C"}, {"2.5.4.7", "L"}, {"2.5.4.8", "ST"},
    {"2.5.4.9", "street"}, {"2.5.4.10", "O"}, {"2.5.4.11", "OU"}, {"2.5.4.12", "title"}, {"2.5.4.13", "description"},
    {"2.5.4.15", "businessCategory"}, {"2.5.4.17", "postalCode"}, {"2.5.4.41", "name"}, {"2.5.4.42", "GN"},
    {"2.5.4.43", "initials"}, {"2.5.4.46", "dnQualifier"}, {"2.5.4.97", "organizationIdentifier"},
    {"0.9.2342.19200300.100.1.1", "UID"}, {"0.9.2342.19200300.100.1.25", "DC"}, {"1.2.840.113549.1.9.1", "emailAddress"},
    {"1.2.840.113549.1.9.2", "unstructuredName"}, {"1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"},
    {"1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"}, {"1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"},
};

template <class Entry, std::size_t N>
const Entry* find_object(std::string_view object, const Entry (&list)[N]) {
    const auto found = std::find_if(std::begin(list), std::end(list), [&](const Entry& entry) { return entry.object == object; });
    return found == std::end(list) ? nullptr : found;
}

// A value of one of ASN.1's kinds of strings as UTF-8; nothing for another kind.
std::optional<std::string> string_of(const Der::Value& value) {
    constexpr std::uint8_t kUtf8 = 0x0C, kNumeric = 0x12, kPrintable = 0x13, kTeletex = 0x14, kIa5 = 0x16, kVisible = 0x1A,
                           kUniversal = 0x1C, kBmp = 0x1E;
    std::size_t width = 1;
    switch (value.tag) {
        case kUtf8: return replace_invalid_utf8(as_text(value.body));
        case kNumeric: case kPrintable: case kIa5: case kVisible: break;
        case kTeletex: break;  // taken for Latin-1, as everybody does
        case kBmp: width = 2; break;
        case kUniversal: width = 4; break;
        default: return std::nullopt;
    }
    if (value.body.size() % width != 0) return std::nullopt;
    std::string text;
    for (std::size_t at = 0; at < value.body.size(); at += width) {
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < width; ++i) code = code << 8 | value.body[at + i];
        append_utf8(text, code);
    }
    return text;
}

// RFC 4514, section 2.4; control characters too become \XX.
std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool at_edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == text.size() && c == ' ');
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            out += fmt::format("\\{:02X}", static_cast<unsigned char>(c));
        } else {
            if (at_edge || std::string_view{"\"+,;<>\\"}.find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

// One of several names, which blanks part.
std::string dns_text(Bytes name) {
    std::string out;
    for (const char c : replace_invalid_utf8(as_text(name))) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F || c == '\\') out += fmt::format("\\{:02X}", byte);
        else out += c;
    }
    return out;
}

Result<std::string> name_text(Bytes name) {
    if (name.size() > kMaxNameBytes) return fail(Code::over_limit, "a name of {} bytes", name.size());
    std::string text;
    for (Der parts{name}; !parts.at_end();) {
        Der set{WARD_TRY(parts.take(Der::kSet))};
        for (bool first = true; !set.at_end(); first = false) {
            Der attribute{WARD_TRY(set.take(Der::kSequence))};
            const std::string object = WARD_TRY(object_text(WARD_TRY(attribute.take(Der::kObject))));
            const Bytes raw = attribute.rest();
            const Der::Value value = WARD_TRY(attribute.next());
            const Attribute* known = find_object(object, kAttributes);
            const auto string = string_of(value);
            if (!text.empty()) text += first ? ',' : '+';
            text.append(known ? known->name : object).append("=");
            if (known && string) text += escaped(*string);
            else text += '#' + to_hex(raw.first(raw.size() - attribute.rest().size()));
        }
    }
    return text;
}

// UTCTime "YYMMDDHHMMSSZ" or GeneralizedTime "YYYYMMDDHHMMSSZ" (RFC 5280, section 4.1.2.5).
Result<std::int64_t> read_time(const Der::Value& value) {
    constexpr std::uint8_t kUtcTime = 0x17, kGeneralizedTime = 0x18;
    const std::string_view text = as_text(value.body);
    const std::size_t year_digits = value.tag == kUtcTime ? 2 : 4;
    const bool is_time = (value.tag == kUtcTime || value.tag == kGeneralizedTime) && text.size() == year_digits + 11 &&
                         text.back() == 'Z' && text.find_first_not_of("0123456789") == text.size() - 1;
    if (!is_time) return fail(Code::malformed, "a time in another form");
    const auto number = [&](std::size_t at, std::size_t digits) {
        return static_cast<std::int64_t>(*parse_unsigned(text.substr(at, digits)));
    };
    std::int64_t year = number(0, year_digits);
    if (value.tag == kUtcTime) year += year < 50 ? 2000 : 1900;
    const auto midnight = civil_seconds(year, number(year_digits, 2), number(year_digits + 2, 2));
    const std::int64_t hour = number(year_digits + 4, 2), minute = number(year_digits + 6, 2), second = number(year_digits + 8, 2);
    if (!midnight || hour > 23 || minute > 59 || second > 59) return fail(Code::malformed, "a time that is none");
    return *midnight + hour * 3600 + minute * 60 + second;
}

Status read_signature_algorithm(Bytes algorithm, Certificate& out) {
    Der fields{algorithm};
    const std::string object = WARD_TRY(object_text(WARD_TRY(fields.take(Der::kObject))));
    if (object == kPss) {
        // RFC 4055, section 3.1: the hash stands in [0]; SHA-1 where it does not.
        out.signature_algorithm = "rsassaPss";
        out.weak_signature = true;
        if (!fields.is_next(Der::kSequence)) return done();
        Der parameters{WARD_TRY(fields.take(Der::kSequence))};
        if (!parameters.is_next(Der::context(0))) return done();
        Der outer{WARD_TRY(parameters.take(Der::context(0)))};
        Der hash{WARD_TRY(outer.take(Der::kSequence))};
        const std::string name = WARD_TRY(object_text(WARD_TRY(hash.take(Der::kObject))));
        out.weak_signature = std::find(std::begin(kWeakHashes), std::end(kWeakHashes), name) != std::end(kWeakHashes);
        return done();
    }
    const SignatureKind* known = find_object(object, kSignatures);
    out.signature_algorithm = known ? known->name : object;
    out.weak_signature = known && known->weak;
    return done();
}

// SubjectPublicKeyInfo (RFC 3279, RFC 5480, RFC 8410).
Status read_key(Bytes info, Certificate& out) {
    Der fields{info};
    Der algorithm{WARD_TRY(fields.take(Der::kSequence))};
    const std::string object = WARD_TRY(object_text(WARD_TRY(algorithm.take(Der::kObject))));
    const Bytes key = WARD_TRY(fields.take(Der::kBitString));
    if (key.empty()) return fail(Code::malformed, "a key without bytes");
    out.key_type = object;
    if (object == "1.2.840.113549.1.1.1" || object == kPss) {
        out.key_type = object == kPss ? "rsa-pss" : "rsa";
        Der outer{key.subspan(1)};  // the first byte counts unused bits
        Der numbers{WARD_TRY(outer.take(Der::kSequence))};
        out.key_bits = bits_of_number(WARD_TRY(numbers.take(Der::kInteger)));
    } else if (object == "1.2.840.10045.2.1") {
        out.key_type = "ec";
        if (!algorithm.is_next(Der::kObject)) return done();  // the curve is written out, which RFC 5480 forbids
        out.key_bits = curve_bits(WARD_TRY(object_text(WARD_TRY(algorithm.take(Der::kObject)))));
    } else if (object == "1.2.840.10040.4.1") {
        out.key_type = "dsa";
        if (!algorithm.is_next(Der::kSequence)) return done();  // its numbers are the issuer's
        Der numbers{WARD_TRY(algorithm.take(Der::kSequence))};
        out.key_bits = bits_of_number(WARD_TRY(numbers.take(Der::kInteger)));
    } else if (object == "1.3.101.112") {
        out.key_type = "ed25519";
        out.key_bits = 256;
    } else if (object == "1.3.101.113") {
        out.key_type = "ed448";
        out.key_bits = 456;
    }
    return done();
}

Status read_extensions(Bytes extensions, Certificate& out) {
    constexpr std::uint8_t kDnsName = 0x82;
    Der outer{extensions};
    for (Der list{WARD_TRY(outer.take(Der::kSequence))}; !list.at_end();) {
        Der extension{WARD_TRY(list.take(Der::kSequence))};
        const std::string object = WARD_TRY(object_text(WARD_TRY(extension.take(Der::kObject))));
        if (extension.is_next(Der::kBoolean)) WARD_TRY(extension.take(Der::kBoolean));  // critical
        Der value{WARD_TRY(extension.take(Der::kOctetString))};
        if (object == "2.5.29.19") {  // basic constraints
            Der fields{WARD_TRY(value.take(Der::kSequence))};
            if (!fields.is_next(Der::kBoolean)) continue;
            const Bytes authority = WARD_TRY(fields.take(Der::kBoolean));
            out.is_ca = !authority.empty() && authority[0] != 0;
        } else if (object == "2.5.29.17") {  // subject alternative name
            for (Der names{WARD_TRY(value.take(Der::kSequence))}; !names.at_end();) {
                const Der::Value name = WARD_TRY(names.next());
                if (name.tag != kDnsName) continue;
                if (!out.dns_names.empty()) out.dns_names += ' ';
                out.dns_names += dns_text(name.body);
            }
        }
    }
    return done();
}

// Without the zeros in front that keep it positive; "-" and its value for a negative one, which some old authorities have.
std::string serial_text(Bytes number) {
    Buffer value{number.begin(), number.end()};
    const bool negative = !value.empty() && value[0] >= 0x80;
    if (negative) {
        unsigned carry = 1;
        for (auto byte = value.rbegin(); byte != value.rend(); ++byte) {
            const unsigned sum = static_cast<std::uint8_t>(~*byte) + carry;
            *byte = static_cast<std::uint8_t>(sum);
            carry = sum >> 8;
        }
    }
    while (value.size() > 1 && value[0] == 0) value.erase(value.begin());
    return (negative ? "-" : "") + to_hex(value);
}

}  // namespace

Result<Certificate> read_certificate(Bytes der) {
    constexpr std::size_t kMaxSerialBytes = 64;  // RFC 5280 has 20
    Der outer{der};
    Der whole{WARD_TRY(outer.take(Der::kSequence))};
    Certificate out;
    out.fingerprint = sha256_hex(der.first(der.size() - outer.rest().size()));
    Der fields{WARD_TRY(whole.take(Der::kSequence))};
    const bool has_version = fields.is_next(Der::context(0));
    if (has_version) WARD_TRY(fields.take(Der::context(0)));
    const Bytes serial = WARD_TRY(fields.take(Der::kInteger));
    if (serial.size() > kMaxSerialBytes) return fail(Code::malformed, "a serial number of {} bytes", serial.size());
    out.serial = serial_text(serial);
    WARD_TRY(fields.take(Der::kSequence));  // the algorithm of the signature, which stands behind once more
    const Bytes issuer = WARD_TRY(fields.take(Der::kSequence));
    out.issuer = WARD_TRY(name_text(issuer));
    Der validity{WARD_TRY(fields.take(Der::kSequence))};
    out.not_before = WARD_TRY(read_time(WARD_TRY(validity.next())));
    out.not_after = WARD_TRY(read_time(WARD_TRY(validity.next())));
    const Bytes subject = WARD_TRY(fields.take(Der::kSequence));
    out.subject = WARD_TRY(name_text(subject));
    out.self_issued = std::equal(subject.begin(), subject.end(), issuer.begin(), issuer.end());
    WARD_TRY(read_key(WARD_TRY(fields.take(Der::kSequence)), out));
    out.is_ca = !has_version && out.self_issued;
    while (!fields.at_end()) {
        const Der::Value value = WARD_TRY(fields.next());  // before them stand unique identifiers, which nobody uses
        if (value.tag == Der::context(3)) WARD_TRY(read_extensions(value.body, out));
    }
    WARD_TRY(read_signature_algorithm(WARD_TRY(whole.take(Der::kSequence)), out));
    WARD_TRY(whole.take(Der::kBitString));  // the signature
    return out;
}

std::optional<std::uint32_t> curve_bits(std::string_view object) {
    const Curve* curve = find_object(object, kCurves);
    return curve == nullptr ? std::nullopt : std::optional{curve->bits};
}

bool begins_like_certificate(Bytes file) {
    constexpr std::uint8_t kVersion[] = {0xA0, 0x03, 0x02, 0x01};
    Cursor cursor{file};
    for (int i = 0; i < 2; ++i) {
        const auto tag = cursor.u8();
        const auto length = cursor.u8();
        if (!tag || !length || *tag != Der::kSequence) return false;
        if (*length > 0x80 && !cursor.skip(*length - 0x80u)) return false;
    }
    const auto version = cursor.peek(sizeof kVersion);
    return version && std::equal(version->begin(), version->end(), std::begin(kVersion));
}

}  // namespace ward::facts
