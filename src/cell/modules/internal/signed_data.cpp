// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/signed_data.h"

#include "cell/modules/internal/public_key.h"

#include <algorithm>

namespace ward::modules {

using formats::Ber;
using formats::Der;

namespace {

// Honest ones have at most a dozen certificates, and one signer.
constexpr std::size_t kMaxCertificates = 4096;
constexpr std::size_t kMaxSigners = 256;

constexpr std::uint8_t kSignedData[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};
constexpr std::uint8_t kMessageDigest[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04};

Status end_of(const Der& fields) {
    if (!fields.at_end()) return fail(Code::malformed, "more than there may be");
    return done();
}

// Nothing when it does not fit.
std::optional<std::int64_t> small_number(Bytes integer) {
    if (integer.size() > sizeof(std::int64_t) || integer[0] >= 0x80) return std::nullopt;
    std::int64_t value = 0;
    for (const std::uint8_t byte : integer) value = value << 8 | byte;
    return value;
}

// The digest of the content for the first signer: that of his algorithm, which the list of all algorithms has to name too.
std::optional<Buffer> content_digest(const SignedData& data, Bytes content) {
    const auto kind = digest_kind(data.signers.front().digest_algorithm);
    if (!kind) return std::nullopt;
    bool named = false;
    for (const Bytes algorithm : data.digest_algorithms) {
        const auto each = digest_kind(algorithm);
        if (!each) return std::nullopt;
        named = named || each == kind;
    }
    return named ? std::optional{digest_of(*kind, content)} : std::nullopt;
}

bool names_digest(const SignerInfo& signer, const Buffer& digest) {
    const auto named = signer.signed_attributes.value(kMessageDigest);
    return named && std::ranges::equal(named->body, digest);
}

}  // namespace

Result<SignerAttributes> SignerAttributes::read(Bytes body) {
    SignerAttributes out;
    for (Ber list{body}; !list.at_end();) {
        Ber fields{WARD_TRY(list.take(Der::kSequence))};
        const Bytes object = WARD_TRY(take_object(fields));
        const Bytes values = WARD_TRY(fields.take(Der::kSet));
        WARD_TRY(end_of(fields));
        for (Ber each{values}; !each.at_end();) WARD_TRY(take_any(each));
        out.attributes_.push_back({object, values});
    }
    return out;
}

Bytes SignerAttributes::values(Bytes object) const {
    const auto found = std::ranges::find_if(attributes_, [&](const Attribute& each) { return std::ranges::equal(each.object, object); });
    return found == attributes_.end() ? Bytes{} : found->values;
}

std::optional<Der::Value> SignerAttributes::value(Bytes object) const {
    Ber list{values(object)};
    auto first = list.next();
    return first ? std::optional{*first} : std::nullopt;
}

bool SignerInfo::is_signed_by(const X509& certificate) const {
    if (key_id) return certificate.key_id && std::ranges::equal(*key_id, *certificate.key_id);
    return std::ranges::equal(serial, certificate.serial) && issuer == certificate.issuer.canon;
}

Result<SignerInfo> read_signer_info(Bytes body) {
    constexpr std::uint8_t kKeyId = 0x80;
    SignerInfo out;
    Ber fields{body};
    WARD_TRY(take_integer(fields));  // version
    if (fields.is_next(kKeyId)) {
        out.key_id = WARD_TRY(fields.take(kKeyId));
    } else {
        Ber both{WARD_TRY(fields.take(Der::kSequence))};
        out.issuer = WARD_TRY(read_x509_name(WARD_TRY(both.take(Der::kSequence)))).canon;
        out.serial = WARD_TRY(take_integer(both));
        WARD_TRY(end_of(both));
    }
    out.digest_algorithm = WARD_TRY(take_algorithm(fields));
    if (fields.is_next(Der::context(0))) {
        out.signed_body = WARD_TRY(fields.take(Der::context(0)));
        out.signed_attributes = WARD_TRY(SignerAttributes::read(out.signed_body));
    }
    WARD_TRY(take_algorithm(fields));  // of the signature; the key tells
    out.signature = WARD_TRY(fields.take(Der::kOctetString));
    if (fields.is_next(Der::context(1))) out.unsigned_attributes = WARD_TRY(SignerAttributes::read(WARD_TRY(fields.take(Der::context(1)))));
    WARD_TRY(end_of(fields));
    return out;
}

const X509* SignedData::signer_certificate() const {
    const X509* first = nullptr;
    for (const SignerInfo& signer : signers) {
        const auto found = std::ranges::find_if(certificates, [&](const X509& each) { return signer.is_signed_by(each); });
        if (found == certificates.end() && !is_cms_only) return nullptr;
        if (found != certificates.end() && first == nullptr) first = &*found;
    }
    return first;
}

Result<SignedData> read_signed_data(Bytes bytes) {
    Ber outer{bytes};
    Ber info{WARD_TRY(outer.take(Der::kSequence))};
    const Bytes type = WARD_TRY(take_object(info));
    if (!std::ranges::equal(type, kSignedData)) return fail(Code::unsupported, "data that is not signed");
    Ber wrapped{WARD_TRY(info.take(Der::context(0)))};
    WARD_TRY(end_of(info));
    Ber fields{WARD_TRY(wrapped.take(Der::kSequence))};
    WARD_TRY(end_of(wrapped));

    SignedData out;
    out.version = small_number(WARD_TRY(take_integer(fields)));
    for (Ber algorithms{WARD_TRY(fields.take(Der::kSet))}; !algorithms.at_end();) {
        out.digest_algorithms.push_back(WARD_TRY(take_algorithm(algorithms)));
    }
    Ber content{WARD_TRY(fields.take(Der::kSequence))};
    out.content_type = WARD_TRY(take_object(content));
    if (!content.at_end()) {
        Ber value{WARD_TRY(content.take(Der::context(0)))};
        out.content = WARD_TRY(take_any(value));
        if (out.content->tag == (Der::kOctetString | Der::kConstructed)) {
            out.joined_content = WARD_TRY(formats::join_octets(out.content->body));
            out.content = Der::Value{Der::kOctetString, out.joined_content, out.joined_content};
        }
        WARD_TRY(end_of(value));
    }
    WARD_TRY(end_of(content));
    if (fields.is_next(Der::context(0))) {
        for (Ber list{WARD_TRY(fields.take(Der::context(0)))}; !list.at_end();) {
            if (out.certificates.size() == kMaxCertificates) return fail(Code::over_limit, "more than {} certificates", kMaxCertificates);
            const Der::Value value = WARD_TRY(list.next());
            if (value.tag == Der::kSequence) out.certificates.push_back(WARD_TRY(read_x509(value.whole)));
            else if (value.tag >= Der::context(1) && value.tag <= Der::context(3)) out.is_cms_only = true;
            else return fail(Code::malformed, "a certificate of kind {:#x}", value.tag);
        }
    }
    if (fields.is_next(Der::context(1))) WARD_TRY(fields.take(Der::context(1)));  // lists of revoked certificates
    for (Ber signers{WARD_TRY(fields.take(Der::kSet))}; !signers.at_end();) {
        if (out.signers.size() == kMaxSigners) return fail(Code::over_limit, "more than {} signers", kMaxSigners);
        out.signers.push_back(WARD_TRY(read_signer_info(WARD_TRY(signers.take(Der::kSequence)))));
        out.is_cms_only = out.is_cms_only || out.signers.back().key_id.has_value();
    }
    WARD_TRY(end_of(fields));
    return out;
}

Bytes kept_bytes(const Der::Value& value) {
    constexpr std::uint8_t kClasses = 0xC0;
    return (value.tag & (Der::kConstructed | kClasses)) != 0 ? value.whole : value.body;
}

bool verify_signed_data(const SignedData& data, const X509& certificate, Bytes content, Deadline* deadline) {
    const SignerInfo& signer = data.signers.front();
    const auto digest = content_digest(data, content);
    if (!digest) return false;
    const DigestKind kind = *digest_kind(signer.digest_algorithm);
    if (signer.signed_attributes.empty()) return verify_digest(certificate.key, kind, *digest, signer.signature, deadline);
    if (!names_digest(signer, *digest)) return false;
    return verify_digest(certificate.key, kind, signed_attributes_digest(signer, kind), signer.signature, deadline);
}

bool has_digest_of(const SignedData& data, Bytes content) {
    const auto digest = content_digest(data, content);
    return digest && names_digest(data.signers.front(), *digest);
}

Buffer signed_attributes_digest(const SignerInfo& signer, DigestKind kind) {
    // They are signed as a SET, though they are stored as something else (RFC 5652, section 5.4).
    Digest digest{kind};
    Buffer head{Der::kSet};
    const std::size_t size = signer.signed_body.size();
    if (size < 0x80) {
        head.push_back(static_cast<std::uint8_t>(size));
    } else {
        std::size_t bytes = 1;
        while (size >> (bytes * 8) != 0) ++bytes;
        head.push_back(static_cast<std::uint8_t>(0x80 + bytes));
        while (bytes-- > 0) head.push_back(static_cast<std::uint8_t>(size >> (bytes * 8)));
    }
    digest.add(head);
    digest.add(signer.signed_body);
    return digest.finish();
}

}  // namespace ward::modules
