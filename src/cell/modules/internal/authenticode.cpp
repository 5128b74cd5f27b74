// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/authenticode.h"

#include "cell/modules/internal/public_key.h"
#include "core/text.h"

#include <algorithm>
#include <map>

namespace ward::modules {

using formats::Ber;
using formats::Der;

namespace {

// YARA's: of the values of one attribute, so many are looked at.
constexpr std::size_t kMaxNested = 16;
// Signatures in signatures; YARA has no limit, honest files have two.
constexpr int kMaxDepth = 16;
// Of signatures and time stamps together.
constexpr std::size_t kMaxSignedData = 1024;

constexpr std::uint8_t kIndirectData[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x04};
constexpr std::uint8_t kOpusInfo[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0C};
constexpr std::uint8_t kNestedSignature[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x04, 0x01};
constexpr std::uint8_t kMicrosoftCountersignature[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x03, 0x03, 0x01};
constexpr std::uint8_t kCountersignature[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x06};
constexpr std::uint8_t kMessageDigest[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04};
constexpr std::uint8_t kSigningTime[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05};
constexpr std::uint8_t kTimeStamp[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04};

// What was found wrong first; YARA leaves out signatures with some of these and shows the others as not verified.
enum class Fault { none, bad_content, no_signer, no_signer_certificate, digest_missing, invalid, unknown_algorithm, file_unread, wrong_file };

struct Found {
    Authenticode::Signature signature;
    std::optional<DigestKind> digest_kind;
    Fault fault = Fault::none;
};

struct DigestInfo {
    Bytes algorithm;
    Bytes digest;
};

Result<DigestInfo> take_digest_info(Der& from) {
    Der fields{WARD_TRY(from.take(Der::kSequence))};
    DigestInfo out;
    out.algorithm = WARD_TRY(take_algorithm(fields));
    out.digest = WARD_TRY(fields.take(Der::kOctetString));
    if (!fields.at_end()) return fail(Code::malformed, "more than a digest");
    return out;
}

// SpcIndirectDataContent: what the file is, then its digest.
Result<DigestInfo> read_indirect_data(const SignedData& data) {
    if (!std::ranges::equal(data.content_type, kIndirectData) || !data.content) return fail(Code::malformed, "other content");
    Der outer{kept_bytes(*data.content)};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    Der kind{WARD_TRY(fields.take(Der::kSequence))};
    WARD_TRY(take_object(kind));
    if (!kind.at_end()) WARD_TRY(take_any(kind));
    if (!kind.at_end()) return fail(Code::malformed, "more than a kind of data");
    const DigestInfo out = WARD_TRY(take_digest_info(fields));
    if (!fields.at_end()) return fail(Code::malformed, "more than a digest of data");
    return out;
}

// The name of the program in an SpcSpOpusInfo, up to a zero; UTF-16 without pairs, or Latin-1.
Result<std::string> read_program_name(Bytes bytes) {
    constexpr std::uint8_t kWide = 0x80, kNarrow = 0x81;
    Der outer{bytes};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    Der name{WARD_TRY(fields.take(Der::context(0)))};
    const Der::Value value = WARD_TRY(name.next());
    if (!name.at_end()) return fail(Code::malformed, "more than a name");
    if (fields.is_next(Der::context(1))) {  // where to read more: a place, an object or a file
        constexpr std::uint8_t kPlace = 0x80;
        Der choice{WARD_TRY(fields.take(Der::context(1)))};
        const std::uint8_t kind = WARD_TRY(choice.next()).tag;
        const bool known = kind == kPlace || kind == Der::context(1) || kind == Der::context(2);
        if (!known || !choice.at_end()) return fail(Code::malformed, "a place of kind {:#x}", kind);
    }
    if (!fields.at_end()) return fail(Code::malformed, "more than a name and a place");
    const std::size_t width = value.tag == kWide ? 2 : 1;
    if ((value.tag != kWide && value.tag != kNarrow) || value.body.size() % width != 0) return fail(Code::malformed, "a name of another kind");
    std::string text;
    for (std::size_t at = 0; at < value.body.size(); at += width) {
        const std::uint32_t code = width == 2 ? std::uint32_t{value.body[at]} << 8 | value.body[at + 1] : value.body[at];
        if (code >= 0xD800 && code < 0xE000) return fail(Code::unsupported, "a name with pairs");
        append_utf8(text, code);
    }
    if (text.size() >= bytes.size()) return fail(Code::over_limit, "a name of {} bytes", text.size());
    return text.substr(0, text.find('\0'));
}

class Reader {
public:
    Reader(const PeImage& image, std::int64_t now, Deadline* deadline, Authenticode& out)
        : image_{image}, now_{now}, deadline_{deadline}, out_{out} {}

    void run() {
        const auto place = image_.directory(PeImage::kSecurity);
        constexpr std::uint64_t kHeaderBytes = 8;  // length, revision, kind
        if (!place || place->address == 0 || place->size < kHeaderBytes || !image_.has(place->address, place->size)) return;
        const std::uint64_t length = image_.number(place->address, 4).value_or(0);
        if (length <= kHeaderBytes || !image_.has(place->address, length)) return;
        end_ = place->address;
        read(image_.bytes.subspan(static_cast<std::size_t>(end_ + kHeaderBytes), static_cast<std::size_t>(length - kHeaderBytes)), kMaxDepth);
        compare_with_file();
        for (Found& each : found_) {
            const Fault fault = each.fault;
            if (fault == Fault::no_signer || fault == Fault::no_signer_certificate || fault == Fault::file_unread) continue;
            each.signature.verified = fault == Fault::none;
            out_.signatures.push_back(std::move(each.signature));
        }
    }

private:
    bool late(std::size_t work) { return deadline_ != nullptr && deadline_->passed(static_cast<std::uint32_t>(std::min(work, std::size_t{UINT32_MAX}))); }

    // A signature, then those nested in it.
    void read(Bytes bytes, int depth) {
        if (late(bytes.size()) || out_.owners.size() >= kMaxSignedData) return;
        auto parsed = read_signed_data(bytes);
        if (!parsed || parsed->is_cms_only) return;
        const SignedData& data = out_.owners.emplace_back(std::move(*parsed));
        const std::size_t number = found_.size();
        found_.emplace_back();
        Found found;
        read_parts(data, found, depth);
        found_[number] = std::move(found);
    }

    void read_parts(const SignedData& data, Found& found, int depth) {
        Authenticode::Signature& signature = found.signature;
        for (const X509& each : data.certificates) signature.certificates.push_back(&each);
        const auto digest = read_indirect_data(data);
        if (!digest) {
            found.fault = Fault::bad_content;
            return;
        }
        signature.digest_name = algorithm_name(digest->algorithm);
        signature.digest = digest->digest;
        found.digest_kind = digest_kind(digest->algorithm);
        Authenticode::Signer& signer = signature.signer.emplace();
        if (data.signers.empty()) {
            found.fault = Fault::no_signer;
            return;
        }
        const SignerInfo& info = data.signers.front();
        if (depth > 1) each_value(info, kNestedSignature, [&](const Der::Value& value) { read(kept_bytes(value), depth - 1); });
        each_value(info, kCountersignature, [&](const Der::Value& value) {
            signature.countersignatures.push_back(read_countersignature(kept_bytes(value), data, info));
        });
        each_value(info, kMicrosoftCountersignature, [&](const Der::Value& value) {
            signature.countersignatures.push_back(read_time_stamp(kept_bytes(value), info, signature));
        });
        const X509* certificate = data.signer_certificate();
        if (certificate == nullptr) {
            found.fault = Fault::no_signer_certificate;
            return;
        }
        signer.chain = chain_of(*certificate, data.certificates, now_, deadline_);
        const auto message_digest = info.signed_attributes.value(kMessageDigest);
        if (!message_digest) {
            found.fault = Fault::digest_missing;
            return;
        }
        signer.digest_name = algorithm_name(info.digest_algorithm);
        signer.digest = kept_bytes(*message_digest);
        if (const auto opus = info.signed_attributes.value(kOpusInfo)) {
            if (auto name = read_program_name(kept_bytes(*opus))) signer.program_name = std::move(*name);
        }
        // Version 1 signs what the content holds; in later ones it is signed whole.
        Bytes content = kept_bytes(*data.content);
        if (data.version == 1) content = data.content->body;
        if (!verify_signed_data(data, *certificate, content, deadline_)) found.fault = Fault::invalid;
    }

    template <class Use>
    void each_value(const SignerInfo& info, Bytes object, Use use) {
        Ber values{info.unsigned_attributes.values(object)};
        for (std::size_t i = 0; i < kMaxNested && !values.at_end(); ++i) {
            const auto value = values.next();
            if (!value) break;
            use(*value);
        }
    }

    // PKCS #9: another signer of the first one's signature, with his certificate among the others (RFC 2985, section 5.3.6).
    Authenticode::Countersignature read_countersignature(Bytes bytes, const SignedData& data, const SignerInfo& signed_one) {
        Authenticode::Countersignature out;
        Ber outer{bytes};
        const auto body = outer.take(Der::kSequence);
        if (!body) return out;
        const auto signer = read_signer_info(*body);
        if (!signer || signer->key_id) return out;
        out.digest_name = algorithm_name(signer->digest_algorithm);
        const auto time = signer->signed_attributes.value(kSigningTime);
        if (!time) return out;
        out.sign_time = asn1_time(*time).value_or(kNoTime);
        const auto certificate = std::ranges::find_if(data.certificates, [&](const X509& each) { return signer->is_signed_by(each); });
        if (certificate == data.certificates.end()) return out;
        out.chain = chain_of(*certificate, data.certificates, now_, deadline_);
        const auto message_digest = signer->signed_attributes.value(kMessageDigest);
        const auto kind = digest_kind(signer->digest_algorithm);
        if (!message_digest || message_digest->body.empty() || !kind) return out;
        out.digest = kept_bytes(*message_digest);
        // Some enclose a DigestInfo, others the bare digest.
        const auto enclosed = recover(certificate->key, signer->signature, deadline_);
        if (!enclosed) return out;
        Bytes digest = *enclosed;
        if (digest.size() != digest_bytes(*kind)) {
            Der info{digest};
            const auto read = take_digest_info(info);
            if (!read) return out;
            digest = read->digest;
        }
        out.verified = std::ranges::equal(digest, signed_attributes_digest(*signer, *kind)) &&
                       std::ranges::equal(out.digest, digest_of(*kind, signed_one.signature));
        return out;
    }

    struct Stamp {
        std::int64_t version;
        DigestInfo imprint;
        std::int64_t time;
    };

    // What may stand in a TSTInfo behind the time: how exact it is, whether stamps come in order, a number used once, whose stamp.
    static Status read_rest_of_stamp(Der& fields) {
        if (fields.is_next(Der::kSequence)) {
            constexpr std::uint8_t kMillis = 0x80, kMicros = 0x81;
            Der accuracy{WARD_TRY(fields.take(Der::kSequence))};
            if (accuracy.is_next(Der::kInteger)) WARD_TRY(take_integer(accuracy));
            for (const std::uint8_t tag : {kMillis, kMicros}) {
                if (accuracy.is_next(tag)) WARD_TRY(accuracy.take(tag));
            }
            if (!accuracy.at_end()) return fail(Code::malformed, "more than an accuracy");
        }
        if (fields.is_next(Der::kBoolean) && WARD_TRY(fields.take(Der::kBoolean)).size() != 1) return fail(Code::malformed, "no truth value");
        if (fields.is_next(Der::kInteger)) WARD_TRY(take_integer(fields));
        if (fields.is_next(Der::context(0))) {
            Der name{WARD_TRY(fields.take(Der::context(0)))};
            const Der::Value value = WARD_TRY(name.next());
            if (value.tag == Der::context(4)) {  // a directory name
                Der inner{value.body};
                WARD_TRY(read_x509_name(WARD_TRY(inner.take(Der::kSequence))));
            }
            if (!name.at_end()) return fail(Code::malformed, "more than a name");
        }
        if (fields.is_next(Der::context(1))) WARD_TRY(fields.take(Der::context(1)));
        if (!fields.at_end()) return fail(Code::malformed, "more than a time stamp");
        return done();
    }

    // TSTInfo (RFC 3161, section 2.4.2).
    static Result<Stamp> read_stamp(const SignedData& data) {
        if (!std::ranges::equal(data.content_type, kTimeStamp) || !data.content || data.content->tag != Der::kOctetString) {
            return fail(Code::malformed, "other content");
        }
        constexpr std::uint8_t kGeneralizedTime = 24;
        Der outer{data.content->body};
        Der fields{WARD_TRY(outer.take(Der::kSequence))};
        Stamp out;
        const Bytes version = WARD_TRY(take_integer(fields));
        out.version = version.size() == 1 ? version[0] : 0;
        WARD_TRY(take_object(fields));  // policy
        out.imprint = WARD_TRY(take_digest_info(fields));
        WARD_TRY(take_integer(fields));  // serial number
        const Der::Value time = WARD_TRY(fields.next());
        if (time.tag != kGeneralizedTime) return fail(Code::malformed, "a time of another kind");
        out.time = asn1_time(time).value_or(kNoTime);
        WARD_TRY(read_rest_of_stamp(fields));
        return out;
    }

    // Microsoft's: a time stamp of RFC 3161, with certificates of its own.
    Authenticode::Countersignature read_time_stamp(Bytes bytes, const SignerInfo& signed_one, Authenticode::Signature& signature) {
        Authenticode::Countersignature out;
        if (late(bytes.size()) || out_.owners.size() >= kMaxSignedData) return out;
        auto parsed = read_signed_data(bytes);
        if (!parsed) return out;
        const auto stamp = read_stamp(*parsed);
        if (!stamp) return out;
        out.sign_time = stamp->time;
        const X509* certificate = parsed->signer_certificate();
        if (certificate == nullptr) return out;
        const SignedData& data = out_.owners.emplace_back(std::move(*parsed));  // its certificates stay where they are
        for (const X509& each : data.certificates) signature.certificates.push_back(&each);
        out.chain = chain_of(*certificate, data.certificates, now_, deadline_);
        out.digest_name = algorithm_name(stamp->imprint.algorithm);
        out.digest = stamp->imprint.digest;
        const auto kind = digest_kind(stamp->imprint.algorithm);
        if (!kind || !std::ranges::equal(out.digest, digest_of(*kind, signed_one.signature)) || stamp->version != 1) return out;
        const Bytes content = data.content->body;
        out.verified = data.is_cms_only ? has_digest_of(data, content) : verify_signed_data(data, *certificate, content, deadline_);
        return out;
    }

    // The digest of the file up to the signatures, less its checksum and the place of the signatures, which come to be after it.
    std::optional<Buffer> file_digest(DigestKind kind) {
        constexpr std::uint64_t kChecksumOffset = 64, kChecksumBytes = 4;   // from the optional header
        const std::uint64_t directory_offset = image_.is_64bit ? 144 : 128;
        constexpr std::uint64_t kDirectoryBytes = 8;
        const std::uint64_t checksum = image_.optional_offset + kChecksumOffset;
        const std::uint64_t directory = image_.optional_offset + directory_offset;
        if (directory >= end_) return std::nullopt;
        Digest digest{kind};
        const auto add = [&](std::uint64_t from, std::uint64_t to) {
            constexpr std::uint64_t kPieceBytes = kMiB;
            for (std::uint64_t at = from; at < to; at += kPieceBytes) {
                const std::uint64_t size = std::min(kPieceBytes, to - at);
                if (late(static_cast<std::size_t>(size / 64))) return false;
                digest.add(image_.bytes.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size)));
            }
            return true;
        };
        const bool whole = add(0, checksum) && add(checksum + kChecksumBytes, directory) && add(directory + kDirectoryBytes, end_);
        return whole ? std::optional{digest.finish()} : std::nullopt;
    }

    void compare_with_file() {
        std::map<DigestKind, std::optional<Buffer>> digests;
        for (Found& each : found_) {
            if (!each.digest_kind || each.signature.digest.empty()) {
                if (each.fault == Fault::none) each.fault = Fault::unknown_algorithm;
                continue;
            }
            const auto [place, is_new] = digests.try_emplace(*each.digest_kind);
            if (is_new) place->second = file_digest(*each.digest_kind);
            if (!place->second) {
                if (each.fault == Fault::none) each.fault = Fault::file_unread;
                continue;
            }
            each.signature.file_digest = *place->second;
            // Also of a signature that lacks its signer: YARA shows one whose digest is wrong.
            if (!std::ranges::equal(each.signature.file_digest, each.signature.digest)) each.fault = Fault::wrong_file;
        }
    }

    const PeImage& image_;
    std::int64_t now_;
    Deadline* deadline_;
    Authenticode& out_;
    std::vector<Found> found_;
    std::uint64_t end_ = 0;  // where the signatures begin
};

}  // namespace

Authenticode Authenticode::read(const PeImage& image, std::int64_t now, Deadline* deadline) {
    Authenticode out;
    Reader{image, now, deadline, out}.run();
    return out;
}

}  // namespace ward::modules
