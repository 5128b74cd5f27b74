// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/x509.h"

#include "cell/modules/internal/public_key.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace ward::modules {

using formats::Der;

namespace {

constexpr std::uint8_t kNull = 5, kEnumerated = 10, kUtf8 = 12, kSequenceTag = 0x30, kNumeric = 18, kPrintable = 19, kTeletex = 20, kIa5 = 22,
                       kUtcTime = 23, kGeneralizedTime = 24, kUniversal = 28, kBmp = 30;

struct Attribute {
    std::string_view object;
    std::string_view name;
};
// OpenSSL's short names.
constexpr Attribute kAttributes[] = {
    {"2.5.4.3", "CN"}, {"2.5.4.4", "SN"}, {"2.5.4.5", "serialNumber"}, {"2.5.4.6", "C"}, {"2.5.4.7", "L"}, {"2.5.4.8", "ST"},
    {"2.5.4.9", "street"}, {"2.5.4.10", "O"}, {"2.5.4.11", "OU"}, {"2.5.4.12", "title"}, {"2.5.4.13", "description"},
    {"2.5.4.14", "searchGuide"}, {"2.5.4.15", "businessCategory"}, {"2.5.4.16", "postalAddress"}, {"2.5.4.17", "postalCode"},
    {"2.5.4.18", "postOfficeBox"}, {"2.5.4.19", "physicalDeliveryOfficeName"}, {"2.5.4.20", "telephoneNumber"},
    {"2.5.4.21", "telexNumber"}, {"2.5.4.22", "teletexTerminalIdentifier"}, {"2.5.4.23", "facsimileTelephoneNumber"},
    {"2.5.4.24", "x121Address"}, {"2.5.4.25", "internationaliSDNNumber"}, {"2.5.4.26", "registeredAddress"},
    {"2.5.4.27", "destinationIndicator"}, {"2.5.4.28", "preferredDeliveryMethod"}, {"2.5.4.29", "presentationAddress"},
    {"2.5.4.30", "supportedApplicationContext"}, {"2.5.4.31", "member"}, {"2.5.4.32", "owner"}, {"2.5.4.33", "roleOccupant"},
    {"2.5.4.34", "seeAlso"}, {"2.5.4.35", "userPassword"}, {"2.5.4.36", "userCertificate"}, {"2.5.4.37", "cACertificate"},
    {"2.5.4.38", "authorityRevocationList"}, {"2.5.4.39", "certificateRevocationList"}, {"2.5.4.40", "crossCertificatePair"},
    {"2.5.4.41", "name"}, {"2.5.4.42", "GN"}, {"2.5.4.43", "initials"}, {"2.5.4.44", "generationQualifier"},
    {"2.5.4.45", "x500UniqueIdentifier"}, {"2.5.4.46", "dnQualifier"}, {"2.5.4.47", "enhancedSearchGuide"},
    {"2.5.4.48", "protocolInformation"}, {"2.5.4.49", "distinguishedName"}, {"2.5.4.50", "uniqueMember"},
    {"2.5.4.51", "houseIdentifier"}, {"2.5.4.52", "supportedAlgorithms"}, {"2.5.4.53", "deltaRevocationList"},
    {"2.5.4.54", "dmdName"}, {"2.5.4.65", "pseudonym"}, {"2.5.4.72", "role"}, {"2.5.4.97", "organizationIdentifier"},
    {"2.5.4.98", "c3"}, {"2.5.4.99", "n3"}, {"2.5.4.100", "dnsName"}, {"0.9.2342.19200300.100.1.1", "UID"},
    {"0.9.2342.19200300.100.1.2", "textEncodedORAddress"}, {"0.9.2342.19200300.100.1.3", "mail"},
    {"0.9.2342.19200300.100.1.4", "info"}, {"0.9.2342.19200300.100.1.5", "favouriteDrink"},
    {"0.9.2342.19200300.100.1.6", "roomNumber"}, {"0.9.2342.19200300.100.1.7", "photo"},
    {"0.9.2342.19200300.100.1.8", "userClass"}, {"0.9.2342.19200300.100.1.9", "host"}, {"0.9.2342.19200300.100.1.10", "manager"},
    {"0.9.2342.19200300.100.1.11", "documentIdentifier"}, {"0.9.2342.19200300.100.1.12", "documentTitle"},
    {"0.9.2342.19200300.100.1.13", "documentVersion"}, {"0.9.2342.19200300.100.1.14", "documentAuthor"},
    {"0.9.2342.19200300.100.1.15", "documentLocation"}, {"0.9.2342.19200300.100.1.20", "homeTelephoneNumber"},
    {"0.9.2342.19200300.100.1.21", "secretary"}, {"0.9.2342.19200300.100.1.22", "otherMailbox"},
    {"0.9.2342.19200300.100.1.23", "lastModifiedTime"}, {"0.9.2342.19200300.100.1.24", "lastModifiedBy"},
    {"0.9.2342.19200300.100.1.25", "DC"}, {"0.9.2342.19200300.100.1.26", "aRecord"},
    {"0.9.2342.19200300.100.1.27", "pilotAttributeType27"}, {"0.9.2342.19200300.100.1.28", "mXRecord"},
    {"0.9.2342.19200300.100.1.29", "nSRecord"}, {"0.9.2342.19200300.100.1.30", "sOARecord"},
    {"0.9.2342.19200300.100.1.31", "cNAMERecord"}, {"0.9.2342.19200300.100.1.37", "associatedDomain"},
    {"0.9.2342.19200300.100.1.38", "associatedName"}, {"0.9.2342.19200300.100.1.39", "homePostalAddress"},
    {"0.9.2342.19200300.100.1.40", "personalTitle"}, {"0.9.2342.19200300.100.1.41", "mobileTelephoneNumber"},
    {"0.9.2342.19200300.100.1.42", "pagerTelephoneNumber"}, {"0.9.2342.19200300.100.1.43", "friendlyCountryName"},
    {"0.9.2342.19200300.100.1.44", "uid"}, {"0.9.2342.19200300.100.1.45", "organizationalStatus"},
    {"0.9.2342.19200300.100.1.46", "janetMailbox"}, {"0.9.2342.19200300.100.1.47", "mailPreferenceOption"},
    {"0.9.2342.19200300.100.1.48", "buildingName"}, {"0.9.2342.19200300.100.1.49", "dSAQuality"},
    {"0.9.2342.19200300.100.1.50", "singleLevelQuality"}, {"0.9.2342.19200300.100.1.51", "subtreeMinimumQuality"},
    {"0.9.2342.19200300.100.1.52", "subtreeMaximumQuality"}, {"0.9.2342.19200300.100.1.53", "personalSignature"},
    {"0.9.2342.19200300.100.1.54", "dITRedirect"}, {"0.9.2342.19200300.100.1.55", "audio"},
    {"0.9.2342.19200300.100.1.56", "documentPublisher"}, {"1.2.643.3.131.1.1", "INN"}, {"1.2.643.100.1", "OGRN"},
    {"1.2.643.100.3", "SNILS"}, {"1.2.643.100.111", "subjectSignTool"}, {"1.2.643.100.112", "issuerSignTool"},
    {"1.2.840.113549.1.9.1", "emailAddress"}, {"1.2.840.113549.1.9.2", "unstructuredName"},
    {"1.2.840.113549.1.9.7", "challengePassword"}, {"1.2.840.113549.1.9.8", "unstructuredAddress"},
    {"1.2.840.113549.1.9.14", "extReq"}, {"1.2.840.113549.1.9.15", "SMIME-CAPS"}, {"1.2.840.113549.1.9.16", "SMIME"},
    {"1.2.840.113549.1.9.20", "friendlyName"}, {"1.3.6.1.4.1.311.17.1", "CSPName"}, {"1.3.6.1.4.1.311.17.2", "LocalKeySet"},
    {"1.3.6.1.4.1.311.20.2.2", "msSmartcardLogin"}, {"1.3.6.1.4.1.311.20.2.3", "msUPN"},
    {"1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"}, {"1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"},
    {"1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"}, {"1.3.6.1.5.5.7.9.1", "id-pda-dateOfBirth"},
    {"1.3.6.1.5.5.7.9.2", "id-pda-placeOfBirth"}, {"1.3.6.1.5.5.7.9.3", "id-pda-gender"},
    {"1.3.6.1.5.5.7.9.4", "id-pda-countryOfCitizenship"}, {"1.3.6.1.5.5.7.9.5", "id-pda-countryOfResidence"},
};

// Code points of a string, for those kinds that have them; false when it breaks its kind.
bool to_code_points(std::uint8_t tag, Bytes body, std::u32string& out) {
    const auto wide = [&](std::size_t width) {
        if (body.size() % width != 0) return false;
        for (std::size_t at = 0; at < body.size(); at += width) {
            std::uint32_t code = 0;
            for (std::size_t i = 0; i < width; ++i) code = code << 8 | body[at + i];
            out += static_cast<char32_t>(code);
        }
        return true;
    };
    switch (tag) {
        case kBmp: return wide(2);
        case kUniversal: return wide(4);
        case kUtf8: break;
        default: return wide(1);
    }
    for (std::string_view rest = as_text(body); !rest.empty();) {
        char32_t code = 0;
        const std::size_t length = decode_utf8(rest, code);
        if (length == 0) return false;
        out += code;
        rest.remove_prefix(length);
    }
    return true;
}

// A string as names compare it: without blanks at its ends, single ones within, in lower case (ASCII only).
std::u32string canonical(const std::u32string& text) {
    const auto is_blank = [](char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    std::u32string out;
    bool gap = false;
    for (const char32_t c : text) {
        if (is_blank(c)) {
            gap = !out.empty();
            continue;
        }
        if (gap) out += U' ';
        gap = false;
        out += c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }
    return out;
}

void put_number(std::uint64_t number, std::string& out) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

// Does OpenSSL take this kind of value in a name? Those of the kinds that it knows and that are text, and those it does not know.
bool fits_in_name(std::uint8_t tag) {
    switch (tag) {
        case Der::kBitString: case kUtf8: case kSequenceTag: case kNumeric: case kPrintable: case kTeletex: case kIa5: case kUniversal:
        case kBmp: return true;
        default: return (tag >= 6 && tag <= 15) || tag == 29;
    }
}

// The short name, or the number as text.
Result<std::string> attribute_name(Bytes object) {
    std::string text = WARD_TRY(formats::object_text(object));
    const auto* known = std::find_if(std::begin(kAttributes), std::end(kAttributes), [&](const Attribute& each) { return each.object == text; });
    return known == std::end(kAttributes) ? text : std::string{known->name};
}

std::string entry_line(const std::string& name, Bytes value) {
    std::string out = "/" + name + "=";
    for (const std::uint8_t byte : value) {
        if (byte < 0x20 || byte > 0x7E) out += fmt::format("\\x{:02X}", byte);
        else out += static_cast<char>(byte);
    }
    return out;
}

// Two digits of a time, within bounds.
std::optional<int> two_digits(std::string_view text, std::size_t at, int least, int most) {
    if (at + 2 > text.size()) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!is_digit(text[at]) || !is_digit(text[at + 1])) return std::nullopt;
    const int number = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return number < least || number > most ? std::nullopt : std::optional{number};
}

bool is_integer(Bytes body) {
    if (body.size() < 2) return !body.empty();
    return !(body[0] == 0 && body[1] < 0x80) && !(body[0] == 0xFF && body[1] >= 0x80);
}

bool is_object(Bytes body) {
    if (body.empty() || body.back() >= 0x80) return false;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] == 0x80 && (i == 0 || body[i - 1] < 0x80)) return false;
    }
    return true;
}

bool is_bits(Bytes body) {
    constexpr std::uint8_t kMostUnused = 7;
    return !body.empty() && body[0] <= kMostUnused;
}

Result<Bytes> take_bits(Der& from, std::uint8_t tag = Der::kBitString) {
    const Bytes body = WARD_TRY(from.take(tag));
    if (!is_bits(body)) return fail(Code::malformed, "a string of bits that has none");
    return body.subspan(1);
}

// A GeneralName (RFC 5280, section 4.2.1.6); gives a directory name.
Result<std::optional<X509Name>> take_general_name(Der& from) {
    constexpr std::uint8_t kEmail = 0x81, kDns = 0x82, kUri = 0x86, kAddress = 0x87, kRegisteredId = 0x88;
    const Der::Value value = WARD_TRY(from.next());
    Der inner{value.body};
    switch (value.tag) {
        case Der::context(0):
            WARD_TRY(take_object(inner));
            WARD_TRY(inner.take(Der::context(0)));
            if (!inner.at_end()) return fail(Code::malformed, "more than another name");
            break;
        case Der::context(4): {
            X509Name name = WARD_TRY(read_x509_name(WARD_TRY(inner.take(Der::kSequence))));
            if (!inner.at_end()) return fail(Code::malformed, "more than a directory name");
            return std::optional{std::move(name)};
        }
        case kRegisteredId:
            if (!is_object(value.body)) return fail(Code::malformed, "a registered identifier that is none");
            break;
        case Der::context(3): case Der::context(5): case kEmail: case kDns: case kUri: case kAddress: break;
        default: return fail(Code::malformed, "a name of kind {:#x}", value.tag);
    }
    return std::optional<X509Name>{};
}

Status read_general_names(Bytes body) {
    for (Der names{body}; !names.at_end();) WARD_TRY(take_general_name(names));
    return done();
}

Result<X509::Authority> read_authority(Bytes der) {
    constexpr std::uint8_t kKeyId = 0x80, kSerial = 0x82;
    X509::Authority out;
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    if (fields.is_next(kKeyId)) out.key_id = WARD_TRY(fields.take(kKeyId));
    if (fields.is_next(Der::context(1))) {
        for (Der names{WARD_TRY(fields.take(Der::context(1)))}; !names.at_end();) {
            auto name = WARD_TRY(take_general_name(names));
            if (name && !out.issuer) out.issuer = std::move(name->canon);
        }
    }
    if (fields.is_next(kSerial)) out.serial = WARD_TRY(fields.take(kSerial));
    if (!fields.at_end()) return fail(Code::malformed, "more than an authority's key");
    return out;
}

// A DistributionPoint (RFC 5280, section 4.2.1.13).
Status read_distribution_point(Bytes body) {
    constexpr std::uint8_t kReasons = 0x81;
    Der fields{body};
    if (fields.is_next(Der::context(0))) {
        Der choice{WARD_TRY(fields.take(Der::context(0)))};
        const Der::Value name = WARD_TRY(choice.next());
        if (name.tag == Der::context(0)) WARD_TRY(read_general_names(name.body));
        else if (name.tag != Der::context(1)) return fail(Code::malformed, "a point of kind {:#x}", name.tag);
        if (!choice.at_end()) return fail(Code::malformed, "more than a name of a point");
    }
    if (fields.is_next(kReasons)) WARD_TRY(take_bits(fields, kReasons));
    if (fields.is_next(Der::context(2))) WARD_TRY(read_general_names(WARD_TRY(fields.take(Der::context(2)))));
    if (!fields.at_end()) return fail(Code::malformed, "more than a point");
    return done();
}

enum class ExtensionKind { key_id, key_usage, constraints, authority, usages, names, points, list };
struct Extension {
    std::uint8_t number;  // of 2.5.29
    ExtensionKind kind;
};
constexpr Extension kExtensions[] = {
    {14, ExtensionKind::key_id}, {15, ExtensionKind::key_usage}, {17, ExtensionKind::names},     {19, ExtensionKind::constraints},
    {30, ExtensionKind::list},   {31, ExtensionKind::points},    {35, ExtensionKind::authority}, {37, ExtensionKind::usages},
};

// The extensions that OpenSSL reads of each certificate: one that is broken makes it nobody's issuer.
Status read_extension(ExtensionKind kind, Bytes value, X509& out) {
    Der outer{value};
    switch (kind) {
        case ExtensionKind::key_id: out.key_id = WARD_TRY(outer.take(Der::kOctetString)); break;
        case ExtensionKind::key_usage: {
            const Bytes body = WARD_TRY(outer.take(Der::kBitString));
            if (!is_bits(body)) return fail(Code::malformed, "a string of bits that has none");
            const unsigned unused = body.size() == 2 ? body[0] : 0;
            out.key_usage = body.size() < 2 ? std::uint8_t{0} : static_cast<std::uint8_t>(body[1] >> unused << unused);
            break;
        }
        case ExtensionKind::constraints: {
            Der fields{WARD_TRY(outer.take(Der::kSequence))};
            if (fields.is_next(Der::kBoolean) && WARD_TRY(fields.take(Der::kBoolean)).size() != 1) return fail(Code::malformed, "no truth value");
            if (!fields.at_end() && WARD_TRY(take_integer(fields))[0] >= 0x80) return fail(Code::malformed, "a negative length");
            if (!fields.at_end()) return fail(Code::malformed, "more than constraints");
            break;
        }
        case ExtensionKind::authority: out.authority = WARD_TRY(read_authority(value)); break;
        case ExtensionKind::usages:
            for (Der list{WARD_TRY(outer.take(Der::kSequence))}; !list.at_end();) WARD_TRY(take_object(list));
            break;
        case ExtensionKind::names: WARD_TRY(read_general_names(WARD_TRY(outer.take(Der::kSequence)))); break;
        case ExtensionKind::points:
            for (Der list{WARD_TRY(outer.take(Der::kSequence))}; !list.at_end();) {
                WARD_TRY(read_distribution_point(WARD_TRY(list.take(Der::kSequence))));
            }
            break;
        case ExtensionKind::list:
            for (Der list{WARD_TRY(outer.take(Der::kSequence))}; !list.at_end();) WARD_TRY(list.next());
            break;
    }
    return done();
}

Status read_extensions(Bytes body, X509& out) {
    std::array<bool, std::size(kExtensions)> seen{};
    Der outer{body};
    for (Der list{WARD_TRY(outer.take(Der::kSequence))}; !list.at_end();) {
        Der extension{WARD_TRY(list.take(Der::kSequence))};
        const Bytes object = WARD_TRY(take_object(extension));
        if (extension.is_next(Der::kBoolean) && WARD_TRY(extension.take(Der::kBoolean)).size() != 1) {
            return fail(Code::malformed, "a truth value of several bytes");
        }
        const Bytes value = WARD_TRY(extension.take(Der::kOctetString));
        if (!extension.at_end()) return fail(Code::malformed, "more in an extension than its value");
        constexpr std::uint8_t kCertificateExtension[] = {0x55, 0x1D};
        if (object.size() != 3 || !std::ranges::equal(object.first(2), kCertificateExtension)) continue;
        const auto* known = std::ranges::find(kExtensions, object[2], &Extension::number);
        if (known == std::end(kExtensions)) continue;
        bool& twice = seen[static_cast<std::size_t>(known - std::begin(kExtensions))];
        if (twice || !read_extension(known->kind, value, out)) out.extensions_are_right = false;
        twice = true;
    }
    if (!outer.at_end()) return fail(Code::malformed, "more than one list of extensions");
    return done();
}

Result<std::int64_t> take_time(Der& from, bool& right) {
    const Der::Value value = WARD_TRY(from.next());
    if (value.tag != kUtcTime && value.tag != kGeneralizedTime) return fail(Code::malformed, "a time of another kind");
    const auto time = asn1_time(value);
    right = right && time.has_value();
    return time.value_or(kNoTime);
}

Status read_key_info(Bytes info) {
    Der fields{info};
    WARD_TRY(take_algorithm(fields));
    WARD_TRY(take_bits(fields));
    if (!fields.at_end()) return fail(Code::malformed, "more than a key");
    return done();
}

Status read_signed_part(Bytes body, X509& out) {
    Der fields{body};
    if (fields.is_next(Der::context(0))) {
        Der version{WARD_TRY(fields.take(Der::context(0)))};
        const Bytes number = WARD_TRY(take_integer(version));
        if (!version.at_end()) return fail(Code::malformed, "more than a version");
        // A number that does not fit reads as -1 (OpenSSL's ASN1_INTEGER_get).
        std::int64_t value = static_cast<std::int8_t>(number[0]);
        for (const std::uint8_t byte : number.subspan(1)) value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | byte);
        out.version = number.size() > sizeof value ? -1 : value;
    }
    out.serial = WARD_TRY(take_integer(fields));
    out.inner_algorithm = WARD_TRY(take_algorithm(fields));
    out.issuer = WARD_TRY(read_x509_name(WARD_TRY(fields.take(Der::kSequence))));
    Der validity{WARD_TRY(fields.take(Der::kSequence))};
    out.not_before = WARD_TRY(take_time(validity, out.times_are_right));
    out.not_after = WARD_TRY(take_time(validity, out.times_are_right));
    if (!validity.at_end()) return fail(Code::malformed, "more than two times");
    out.subject = WARD_TRY(read_x509_name(WARD_TRY(fields.take(Der::kSequence))));
    out.key = WARD_TRY(fields.take(Der::kSequence));
    WARD_TRY(read_key_info(out.key));
    out.key_kind = key_kind(out.key);
    for (const std::uint8_t unique_id : {std::uint8_t{0x81}, std::uint8_t{0x82}}) {
        if (fields.is_next(unique_id)) WARD_TRY(take_bits(fields, unique_id));
    }
    if (fields.is_next(Der::context(3))) WARD_TRY(read_extensions(WARD_TRY(fields.take(Der::context(3))), out));
    if (!fields.at_end()) return fail(Code::malformed, "more than a certificate");
    return done();
}

// Does the certificate bear the names and numbers that the other one says its issuer has?
bool is_authority(const X509& issuer, const X509& subject) {
    if (!subject.authority) return true;
    const X509::Authority& authority = *subject.authority;
    if (authority.key_id && issuer.key_id && !std::ranges::equal(*authority.key_id, *issuer.key_id)) return false;
    if (authority.serial && !std::ranges::equal(*authority.serial, issuer.serial)) return false;
    return !authority.issuer || *authority.issuer == issuer.issuer.canon;
}

bool may_sign_certificates(const X509& certificate) {
    constexpr std::uint8_t kCertificateSign = 0x04;
    return !certificate.key_usage || (*certificate.key_usage & kCertificateSign) != 0;
}

bool is_self_signed(const X509& it) {
    return it.extensions_are_right && it.issuer.canon == it.subject.canon && is_authority(it, it) && may_sign_certificates(it);
}

bool is_issuer(const X509& issuer, const X509& subject) {
    return issuer.subject.canon == subject.issuer.canon && issuer.extensions_are_right && subject.extensions_are_right &&
           is_authority(issuer, subject) && may_sign_certificates(issuer) && issuer.key_kind &&
           issuer.key_kind == signing_key_kind(subject.inner_algorithm);
}

}  // namespace

Result<Bytes> take_integer(Der& from) {
    const Bytes body = WARD_TRY(from.take(Der::kInteger));
    if (!is_integer(body)) return fail(Code::malformed, "a number of no or needless bytes");
    return body;
}

Result<Bytes> take_object(Der& from) {
    const Bytes body = WARD_TRY(from.take(Der::kObject));
    if (!is_object(body)) return fail(Code::malformed, "an object identifier that does not end, or has needless bytes");
    return body;
}

Result<Der::Value> take_any(Der& from) {
    const Der::Value value = WARD_TRY(from.next());
    const auto right = [&] {
        switch (value.tag) {
            case Der::kBoolean: return value.body.size() == 1;
            case Der::kInteger: case kEnumerated: return is_integer(value.body);
            case Der::kBitString: return is_bits(value.body);
            case kNull: return value.body.empty();
            case Der::kObject: return is_object(value.body);
            case kBmp: return value.body.size() % 2 == 0;
            case kUniversal: return value.body.size() % 4 == 0;
            default: return true;
        }
    };
    if (!right()) return fail(Code::malformed, "a value that breaks its kind");
    return value;
}

Result<Bytes> take_algorithm(Der& from) {
    Der fields{WARD_TRY(from.take(Der::kSequence))};
    const Bytes object = WARD_TRY(take_object(fields));
    if (!fields.at_end()) WARD_TRY(take_any(fields));
    if (!fields.at_end()) return fail(Code::malformed, "more than an algorithm and its parameters");
    return object;
}

Result<X509Name> read_x509_name(Bytes body) {
    constexpr std::size_t kMaxBytes = kMiB;       // OpenSSL's
    constexpr std::size_t kMaxLineBytes = 255;    // a buffer of 256, with a zero at the end
    if (body.size() > kMaxBytes) return fail(Code::over_limit, "a name of {} bytes", body.size());
    X509Name out;
    std::string canon;
    bool full = false;
    for (Der parts{body}; !parts.at_end();) {
        std::vector<std::string> entries;
        for (Der set{WARD_TRY(parts.take(Der::kSet))}; !set.at_end();) {
            Der attribute{WARD_TRY(set.take(Der::kSequence))};
            const Bytes object = WARD_TRY(take_object(attribute));
            const Der::Value value = WARD_TRY(take_any(attribute));
            if (!attribute.at_end() || !fits_in_name(value.tag)) return fail(Code::malformed, "a part of a name that is none");
            Bytes content = value.body;
            if (value.tag == kSequenceTag) content = value.whole;
            if (value.tag == Der::kBitString) content = content.subspan(1);
            if (!full) {
                const std::string line = entry_line(WARD_TRY(attribute_name(object)), content);
                full = out.line.size() + line.size() > kMaxLineBytes;
                if (!full) out.line += line;
            }

            std::string entry;
            put_number(object.size(), entry);
            entry += as_text(object);
            switch (value.tag) {
                case kUtf8: case kPrintable: case kTeletex: case kIa5: case kUniversal: case kBmp: {
                    std::u32string points;
                    if (!to_code_points(value.tag, content, points)) return fail(Code::malformed, "a part of a name that breaks its kind");
                    entry += 's';
                    for (const char32_t point : canonical(points)) put_number(point, entry);
                    break;
                }
                default: entry.append(1, static_cast<char>(value.tag)).append(as_text(content));
            }
            entries.push_back(std::move(entry));
        }
        std::sort(entries.begin(), entries.end());
        put_number(entries.size(), canon);
        for (const std::string& entry : entries) {
            put_number(entry.size(), canon);
            canon += entry;
        }
    }
    out.canon = to_string(sha256(as_bytes(canon)));
    return out;
}

std::optional<std::int64_t> asn1_time(const Der::Value& value) {
    if (value.tag != kUtcTime && value.tag != kGeneralizedTime) return std::nullopt;
    const std::string_view text = as_text(value.body);
    const bool has_century = value.tag == kGeneralizedTime;
    if (text.size() < (has_century ? 13u : 11u)) return std::nullopt;
    std::size_t at = 0;
    const auto next = [&](int least, int most) {
        const auto number = two_digits(text, at, least, most);
        at += 2;
        return number;
    };
    int year = 1900;
    if (has_century) {
        const auto century = next(0, 99);
        if (!century) return std::nullopt;
        year = *century * 100;
    }
    const auto in_century = next(0, 99);
    const auto month = next(1, 12);
    const auto day = next(1, 31);
    const auto hour = next(0, 23);
    const auto minute = next(0, 59);
    if (!in_century || !month || !day || !hour || !minute) return std::nullopt;
    year += *in_century + (!has_century && *in_century < 50 ? 100 : 0);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || at >= text.size()) return std::nullopt;
    int second = 0;
    const auto ends_time = [](char c) { return c == 'Z' || c == '+' || c == '-'; };
    if (!ends_time(text[at])) {
        const auto number = next(0, 59);
        if (!number || at >= text.size()) return std::nullopt;
        second = *number;
    }
    if (has_century && text[at] == '.') {
        const std::size_t end = text.find_first_not_of("0123456789", at + 1);
        if (end == std::string_view::npos || end == at + 1) return std::nullopt;
        at = end;
    }
    std::int64_t east = 0;  // seconds
    const char zone = text[at++];
    if (!ends_time(zone)) return std::nullopt;
    if (zone != 'Z') {
        const auto hours = next(0, 12);
        const auto minutes = next(0, 59);
        if (!hours || !minutes) return std::nullopt;
        east = (*hours * 3600 + *minutes * 60) * (zone == '+' ? 1 : -1);
    }
    if (at != text.size()) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    return days * 86'400 + *hour * 3600 + *minute * 60 + second - east;
}

Result<X509> read_x509(Bytes der) {
    Der outer{der};
    Der whole{WARD_TRY(outer.take(Der::kSequence))};
    if (!outer.at_end()) return fail(Code::malformed, "more than a certificate");
    X509 out;
    out.der = der;
    WARD_TRY(read_signed_part(WARD_TRY(whole.take(Der::kSequence)), out));
    out.algorithm = WARD_TRY(take_algorithm(whole));
    WARD_TRY(take_bits(whole));
    if (!whole.at_end()) return fail(Code::malformed, "more than a certificate and its signature");
    return out;
}

std::vector<const X509*> chain_of(const X509& leaf, const std::deque<X509>& all, std::int64_t now, Deadline* deadline) {
    constexpr std::size_t kMaxLength = 101;  // OpenSSL's depth of 100, and the leaf
    std::vector<const X509*> chain{&leaf};
    while (chain.size() < kMaxLength) {
        const X509& last = *chain.back();
        const bool ends = is_self_signed(last);
        if (ends || (deadline != nullptr && deadline->passed(static_cast<std::uint32_t>(all.size())))) break;
        const X509* found = nullptr;
        for (const X509& issuer : all) {
            if (&issuer == &last || !is_issuer(issuer, last)) continue;
            if (deadline != nullptr && deadline->passed(static_cast<std::uint32_t>(chain.size()))) break;
            const bool used = std::ranges::any_of(chain, [&](const X509* each) {
                return each == &issuer || (chain.size() > 1 && std::ranges::equal(each->der, issuer.der));
            });
            if (used) continue;
            found = &issuer;
            if (issuer.times_are_right && issuer.not_before <= now && now <= issuer.not_after) break;
        }
        if (found == nullptr) break;
        chain.push_back(found);
    }
    return chain;
}

}  // namespace ward::modules
