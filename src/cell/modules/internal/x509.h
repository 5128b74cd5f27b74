// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/der.h"
#include "cell/modules/internal/digest.h"
#include "core/deadline.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace ward::modules {

// A name of X.509.
struct X509Name {
    std::string line;   // "/C=DE/O=Ward", as OpenSSL's X509_NAME_oneline writes it into 256 bytes
    std::string canon;  // a digest, the same for names that count as equal: neither case, blanks nor the kind of string matter
};

// A certificate (RFC 5280), read as strictly as OpenSSL reads it. Views into the bytes it was read from.
struct X509 {
    Bytes der;
    std::int64_t version = 0;  // as it is stored: 2 for version 3
    Bytes serial;
    X509Name issuer;
    X509Name subject;
    std::int64_t not_before = 0;  // seconds since 1970
    std::int64_t not_after = 0;
    bool times_are_right = true;
    Bytes algorithm;        // of its signature
    Bytes inner_algorithm;  // the same, as the signed part says
    Bytes key;              // the body of SubjectPublicKeyInfo
    std::optional<KeyKind> key_kind;

    bool extensions_are_right = true;  // of those below, none is broken or there twice
    std::optional<std::uint8_t> key_usage;  // the first eight bits
    std::optional<Bytes> key_id;
    struct Authority {
        std::optional<Bytes> key_id;
        std::optional<Bytes> serial;
        std::optional<std::string> issuer;  // canonical
    };
    std::optional<Authority> authority;
};

Result<X509> read_x509(Bytes der);

// The body of a Name.
Result<X509Name> read_x509_name(Bytes body);

// The body of an INTEGER, which has to be as short as it can be.
Result<Bytes> take_integer(formats::Der& from);
// The body of an OBJECT IDENTIFIER that is one.
Result<Bytes> take_object(formats::Der& from);
// The next value, of any kind; one of a kind that OpenSSL looks into has to be right.
Result<formats::Der::Value> take_any(formats::Der& from);
// The object of an AlgorithmIdentifier.
Result<Bytes> take_algorithm(formats::Der& from);

// Seconds since 1970 of a UTCTime or GeneralizedTime as OpenSSL reads them; nothing when it is neither.
std::optional<std::int64_t> asn1_time(const formats::Der::Value& value);
// What YARA makes of a time that is none: the last day of 1899.
inline constexpr std::int64_t kNoTime = -2'209'075'200;

// From a certificate up to the last one of `all` that goes on: its issuer, the issuer of that, until one is its own issuer. Of
// several issuers the first that is valid `now` counts, else the last.
std::vector<const X509*> chain_of(const X509& leaf, const std::deque<X509>& all, std::int64_t now, Deadline* deadline);

}  // namespace ward::modules
