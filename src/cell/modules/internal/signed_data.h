// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/digest.h"
#include "cell/modules/internal/x509.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace ward::modules {

// Attributes of a signer: object identifiers, each with values.
class SignerAttributes {
public:
    static Result<SignerAttributes> read(Bytes body);
    bool empty() const { return attributes_.empty(); }
    // The body of the set of values of the first attribute with this object; empty when there is none.
    Bytes values(Bytes object) const;
    // Its first value.
    std::optional<formats::Der::Value> value(Bytes object) const;

private:
    struct Attribute {
        Bytes object;
        Bytes values;
    };
    std::vector<Attribute> attributes_;
};

struct SignerInfo {
    std::string issuer;  // canonical; with `serial`, the signer's certificate
    Bytes serial;
    std::optional<Bytes> key_id;  // instead of the two, in CMS only
    Bytes digest_algorithm;       // object identifiers
    Bytes signature;
    Bytes signed_body;  // of the signed attributes
    SignerAttributes signed_attributes;
    SignerAttributes unsigned_attributes;

    bool is_signed_by(const X509& certificate) const;
};

// The body of a SignerInfo.
Result<SignerInfo> read_signer_info(Bytes body);

// SignedData of PKCS #7 (RFC 2315) or CMS (RFC 5652). Views into the bytes it was read from. To be moved, not copied.
struct SignedData {
    SignedData() = default;
    SignedData(SignedData&&) = default;
    SignedData& operator=(SignedData&&) = default;

    std::optional<std::int64_t> version;
    std::vector<Bytes> digest_algorithms;
    Bytes content_type;
    std::optional<formats::Der::Value> content;
    Buffer joined_content;  // that came in pieces; `content` is a view of it
    std::deque<X509> certificates;  // which stay where they are
    std::vector<SignerInfo> signers;
    // Holds what PKCS #7 does not know: certificates of other kinds, which are left out, or a signer who only says by a key which
    // certificate is his.
    bool is_cms_only = false;

    // The certificate of the first signer, when each signer has one (PKCS #7), or of the first signer that has one (CMS).
    const X509* signer_certificate() const;
};

// What stands behind is not looked at.
Result<SignedData> read_signed_data(Bytes bytes);

// What OpenSSL keeps of a value of any kind: the content of a string, anything else with tag and length.
Bytes kept_bytes(const formats::Der::Value& value);

// Is the first signer's signature over `content` right, by the key of this certificate (RFC 2315, section 9.4)?
bool verify_signed_data(const SignedData& data, const X509& certificate, Bytes content, Deadline* deadline);
// The digest that a signature is made of when there are signed attributes.
Buffer signed_attributes_digest(const SignerInfo& signer, DigestKind kind);
// Does it at least name the right digest of the content? What CMS is asked here.
bool has_digest_of(const SignedData& data, Bytes content);

}  // namespace ward::modules
