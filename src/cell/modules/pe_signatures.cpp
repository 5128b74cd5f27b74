// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe_signatures.h"

#include "core/hash.h"

#include <algorithm>
#include <map>

namespace ward::modules {

namespace {

// Puts what a certificate says wherever it is asked for; its texts are made once.
class CertificateWriter {
public:
    explicit CertificateWriter(Instance& in) : in_{in} {}

    // `out` begins with the fields of kPeCertificate.
    void put(const X509& certificate, Object& out) {
        const Texts& texts = texts_of(certificate);
        out.set(field(kPeCertificate, "thumbprint"), texts.thumbprint);
        out.set(field(kPeCertificate, "issuer"), texts.issuer);
        out.set(field(kPeCertificate, "subject"), texts.subject);
        out.set(field(kPeCertificate, "version"), certificate.version + 1);
        out.set(field(kPeCertificate, "algorithm"), texts.algorithm);
        out.set(field(kPeCertificate, "algorithm_oid"), texts.object);
        if (!texts.serial.empty()) out.set(field(kPeCertificate, "serial"), texts.serial);
        out.set(field(kPeCertificate, "not_before"), certificate.not_before);
        out.set(field(kPeCertificate, "not_after"), certificate.not_after);
    }

    void put_all(const Authenticode::Chain& chain, Object& out) {
        for (const X509* each : chain) {
            if (put_ == kMaxPut) return;
            ++put_;
            put(*each, out.add());
        }
    }

private:
    // A small file may hold long chains that many time stamps share; they are written out for each.
    static constexpr std::size_t kMaxPut = 65'536;

    struct Texts {
        std::string_view thumbprint, issuer, subject, algorithm, object, serial;
    };

    const Texts& texts_of(const X509& certificate) {
        const auto [place, is_new] = texts_.try_emplace(&certificate);
        Texts& texts = place->second;
        if (!is_new) return texts;
        texts.thumbprint = in_.keep(to_hex(sha1(certificate.der)));
        texts.issuer = in_.keep(certificate.issuer.line);
        texts.subject = in_.keep(certificate.subject.line);
        texts.algorithm = algorithm_name(certificate.algorithm);
        // An algorithm without a name has no number either.
        const auto object = formats::object_text(certificate.algorithm);
        texts.object = texts.algorithm == kUndefinedAlgorithm || !object ? std::string_view{} : in_.keep(*object);
        texts.serial = in_.keep(serial_text(certificate.serial));
        return texts;
    }

    // "00:ab:cd"; empty for one that is longer than RFC 5280 allows.
    static std::string serial_text(Bytes serial) {
        constexpr std::size_t kMaxBytes = 20;
        std::string out;
        if (serial.size() > kMaxBytes) return out;
        for (const std::uint8_t byte : serial) out += fmt::format("{}{:02x}", out.empty() ? "" : ":", byte);
        return out;
    }

    Instance& in_;
    std::map<const X509*, Texts> texts_;
    std::size_t put_ = 0;
};

void put_digest(std::optional<std::string_view> name, std::size_t name_field, Bytes digest, std::size_t digest_field, Object& out) {
    if (name) out.set(name_field, *name);
    if (!digest.empty()) out.set(digest_field, out.instance().keep(to_hex(digest)));
}

}  // namespace

Value signature_valid_on(Instance&, const Object& owner, std::span<const Value> arguments) {
    const auto* from = std::get_if<std::int64_t>(&owner.at(field(kPeSignature, "not_before")));
    const auto* to = std::get_if<std::int64_t>(&owner.at(field(kPeSignature, "not_after")));
    if (from == nullptr || to == nullptr) return {};
    const std::int64_t time = std::get<std::int64_t>(arguments[0]);
    return std::int64_t{*from <= time && time <= *to};
}

void put_signatures(const Authenticode& read, Object& signatures) {
    CertificateWriter writer{signatures.instance()};
    for (const auto& signature : read.signatures) {
        Object& out = signatures.add();
        out.set(field(kPeSignature, "verified"), std::int64_t{signature.verified});
        put_digest(signature.digest_name, field(kPeSignature, "digest_alg"), signature.digest, field(kPeSignature, "digest"), out);
        if (!signature.file_digest.empty()) out.set(field(kPeSignature, "file_digest"), out.instance().keep(to_hex(signature.file_digest)));
        out.set(field(kPeSignature, "number_of_certificates"), static_cast<std::int64_t>(signature.certificates.size()));
        writer.put_all(signature.certificates, out.child(field(kPeSignature, "certificates")));
        if (const auto& signer = signature.signer) {
            if (!signer->chain.empty()) writer.put(*signer->chain.front(), out);
            Object& info = out.child(field(kPeSignature, "signer_info"));
            if (signer->program_name) info.set(field(kPeSigner, "program_name"), info.instance().keep(*signer->program_name));
            put_digest(signer->digest_name, field(kPeSigner, "digest_alg"), signer->digest, field(kPeSigner, "digest"), info);
            info.set(field(kPeSigner, "length_of_chain"), static_cast<std::int64_t>(signer->chain.size()));
            writer.put_all(signer->chain, info.child(field(kPeSigner, "chain")));
        }
        out.set(field(kPeSignature, "number_of_countersignatures"), static_cast<std::int64_t>(signature.countersignatures.size()));
        Object& countersignatures = out.child(field(kPeSignature, "countersignatures"));
        for (const auto& each : signature.countersignatures) {
            Object& counter = countersignatures.add();
            counter.set(field(kPeCountersignature, "verified"), std::int64_t{each.verified});
            put_digest(each.digest_name, field(kPeCountersignature, "digest_alg"), each.digest, field(kPeCountersignature, "digest"), counter);
            counter.set(field(kPeCountersignature, "sign_time"), each.sign_time);
            counter.set(field(kPeCountersignature, "length_of_chain"), static_cast<std::int64_t>(each.chain.size()));
            writer.put_all(each.chain, counter.child(field(kPeCountersignature, "chain")));
        }
    }
}

}  // namespace ward::modules
