// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::facts {

// What an X.509 certificate says of itself (RFC 5280). Nothing is verified.
struct Certificate {
    std::string subject;  // RFC 4514, in the order of the certificate
    std::string issuer;
    std::string serial;   // hex
    std::int64_t not_before = 0;  // seconds since 1970
    std::int64_t not_after = 0;
    std::string key_type;  // as in data/tables/certificates.toml
    std::optional<std::uint32_t> key_bits;
    std::string signature_algorithm;
    bool weak_signature = false;
    bool self_issued = false;
    bool is_ca = false;
    std::string dns_names;
    std::string fingerprint;  // SHA-256, hex
};

// From DER; what stands behind the certificate (OpenSSL's "TRUSTED CERTIFICATE") is not looked at.
Result<Certificate> read_certificate(Bytes der);

// Does it begin like a certificate of version 2 or 3 and like nothing else?
bool begins_like_certificate(Bytes file);

// How large the numbers of a named curve are ("1.2.840.10045.3.1.7"); nothing for one that is not known.
std::optional<std::uint32_t> curve_bits(std::string_view object);

}  // namespace ward::facts
