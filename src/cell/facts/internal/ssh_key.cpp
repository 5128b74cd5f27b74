// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/ssh_key.h"

#include "cell/formats/der.h"
#include "core/cursor.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>
#include <vector>

namespace ward::facts {
namespace {

using formats::bits_of_number;
using formats::Der;

constexpr std::string_view kVendor = "@openssh.com";
constexpr std::string_view kCertificate = "-cert-v01@openssh.com";
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kNoField = SIZE_MAX;

// The fields behind the name, each a string or a number with a length before it.
struct Kind {
    std::string_view name;
    std::string_view type;
    std::size_t fields;
    std::size_t number_field;  // whose bits count, or kNoField
    std::uint32_t bits;        // for kNoField
};
constexpr Kind kKinds[] = {
    {"ssh-rsa", "rsa", 2, 1, 0},                                 // e, n
    {"ssh-dss", "dsa", 4, 0, 0},                                 // p, q, g, y
    {"ecdsa-sha2-nistp256", "ecdsa", 2, kNoField, 256},          // curve, point
    {"ecdsa-sha2-nistp384", "ecdsa", 2, kNoField, 384},
    {"ecdsa-sha2-nistp521", "ecdsa", 2, kNoField, 521},
    {"ssh-ed25519", "ed25519", 1, kNoField, 256},                // point
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa", 3, kNoField, 256},  // curve, point, application
    {"sk-ssh-ed25519@openssh.com", "sk-ed25519", 2, kNoField, 256},        // point, application
};

// Object identifiers as DER writes them.
constexpr std::string_view kOidRsa = "2a864886f70d010101";
constexpr std::string_view kOidDsa = "2a8648ce380401";
constexpr std::string_view kOidEc = "2a8648ce3d0201";
constexpr std::string_view kOidEd25519 = "2b6570";
constexpr std::string_view kOidPbes2 = "2a864886f70d01050d";
struct Named {
    std::string_view oid;
    std::string_view name;
};
constexpr Named kCurves[] = {{"2a8648ce3d030107", "nistp256"}, {"2b81040022", "nistp384"}, {"2b81040023", "nistp521"}};
constexpr Named kCiphers[] = {
    {"608648016503040102", "aes128-cbc"},
    {"608648016503040116", "aes192-cbc"},
    {"60864801650304012a", "aes256-cbc"},
    {"2a864886f70d0307", "des-ede3-cbc"},
};
template <std::size_t N>
std::string_view named(Bytes oid, const Named (&list)[N]) {
    const std::string hex = to_hex(oid);
    for (const Named& entry : list) {
        if (entry.oid == hex) return entry.name;
    }
    return {};
}

// Both of a certificate and of the plain key.
const Kind* find_kind(std::string_view name, bool& certificate) {
    certificate = name.ends_with(kCertificate);
    if (certificate) name.remove_suffix(kCertificate.size());
    for (const Kind& kind : kKinds) {
        std::string_view known = kind.name;
        if (certificate && known.ends_with(kVendor)) known.remove_suffix(kVendor.size());
        if (known == name) return &kind;
    }
    return nullptr;
}

Result<Bytes> take_string(Cursor& cursor) {
    const std::uint32_t length = WARD_TRY(cursor.u32be());
    return cursor.take(length);
}

void put_string(Buffer& out, Bytes bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(length >> shift));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

std::string fingerprint_of(Bytes blob) {
    const auto digest = sha256(blob);
    std::string text = to_base64(digest);
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

// The key that these fields make.
SshKey key_of(const Kind& kind, const std::vector<Bytes>& fields) {
    Buffer blob;
    put_string(blob, as_bytes(kind.name));
    for (const Bytes field : fields) put_string(blob, field);
    SshKey key;
    key.name = kind.name;
    key.type = kind.type;
    key.bits = kind.number_field == kNoField ? kind.bits : bits_of_number(fields[kind.number_field]);
    key.fingerprint = fingerprint_of(blob);
    return key;
}

const Kind& kind_of_type(std::string_view type) {
    return *std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return kind.type == type; });
}

// --- DER: RFC 8017 appendix A.1 (RSA), OpenSSL's own form of DSA, RFC 5915 (elliptic curves)

Result<SshKey> read_rsa(Bytes der) {
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    WARD_TRY(fields.take(Der::kInteger));  // version
    const Bytes modulus = WARD_TRY(fields.take(Der::kInteger));
    const Bytes exponent = WARD_TRY(fields.take(Der::kInteger));
    return key_of(kind_of_type("rsa"), {exponent, modulus});
}

Result<SshKey> read_dsa(Bytes der) {
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    WARD_TRY(fields.take(Der::kInteger));  // version
    std::vector<Bytes> numbers;
    for (int i = 0; i < 4; ++i) numbers.push_back(WARD_TRY(fields.take(Der::kInteger)));
    return key_of(kind_of_type("dsa"), numbers);
}

// The curve may stand around the key (PKCS #8) in place of in it.
Result<SshKey> read_ec(Bytes der, Bytes curve_oid) {
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    WARD_TRY(fields.take(Der::kInteger));  // version
    WARD_TRY(fields.take(Der::kOctetString));  // the private half
    if (fields.is_next(Der::context(0))) {
        Der parameters{WARD_TRY(fields.take(Der::context(0)))};
        curve_oid = WARD_TRY(parameters.take(Der::kObject));
    }
    const std::string_view curve = named(curve_oid, kCurves);
    SshKey key;
    key.type = "ecdsa";
    if (curve.empty()) return key;
    bool certificate = false;
    const Kind& kind = *find_kind(std::string{"ecdsa-sha2-"}.append(curve), certificate);
    key.name = kind.name;
    key.bits = kind.bits;
    if (!fields.is_next(Der::context(1))) return key;
    Der public_half{WARD_TRY(fields.take(Der::context(1)))};
    const Bytes point = WARD_TRY(public_half.take(Der::kBitString));
    if (point.size() < 2) return fail(Code::malformed, "an empty public half");
    return key_of(kind, {as_bytes(curve), point.subspan(1)});  // the first byte counts unused bits
}

// RFC 5958.
Result<SshKey> read_pkcs8(Bytes der) {
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    WARD_TRY(fields.take(Der::kInteger));  // version
    Der algorithm{WARD_TRY(fields.take(Der::kSequence))};
    const std::string oid = to_hex(WARD_TRY(algorithm.take(Der::kObject)));
    const Bytes inner = WARD_TRY(fields.take(Der::kOctetString));
    if (oid == kOidRsa) return read_rsa(inner);
    if (oid == kOidEc) {
        const bool has_curve = algorithm.is_next(Der::kObject);
        return read_ec(inner, has_curve ? WARD_TRY(algorithm.take(Der::kObject)) : Bytes{});
    }
    SshKey key;
    if (oid == kOidDsa) {
        Der parameters{WARD_TRY(algorithm.take(Der::kSequence))};
        key.type = "dsa";
        key.bits = bits_of_number(WARD_TRY(parameters.take(Der::kInteger)));
    } else if (oid == kOidEd25519) {
        key.type = "ed25519";
        key.bits = 256;
    }
    return key;
}

// RFC 8018, appendix A.4; empty for a cipher that we have no name for.
Result<std::string> read_cipher(Bytes der) {
    Der outer{der};
    Der fields{WARD_TRY(outer.take(Der::kSequence))};
    Der algorithm{WARD_TRY(fields.take(Der::kSequence))};
    if (to_hex(WARD_TRY(algorithm.take(Der::kObject))) != kOidPbes2) return std::string{};
    Der parameters{WARD_TRY(algorithm.take(Der::kSequence))};
    WARD_TRY(parameters.take(Der::kSequence));  // how the passphrase becomes a key
    Der scheme{WARD_TRY(parameters.take(Der::kSequence))};
    return std::string{named(WARD_TRY(scheme.take(Der::kObject)), kCiphers)};
}

// --- the files

// PROTOCOL.key of OpenSSH.
Result<SshPrivateKey> read_openssh(Bytes body) {
    constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
    Cursor cursor{body};
    if (as_text(WARD_TRY(cursor.take(kMagic.size()))) != kMagic) return fail(Code::malformed, "no mark of OpenSSH in it");
    SshPrivateKey found;
    found.format = "openssh";
    const Bytes cipher = WARD_TRY(take_string(cursor));
    if (cipher.size() > kMaxNameBytes) return fail(Code::malformed, "a cipher's name of {} bytes", cipher.size());
    found.encrypted = as_text(cipher) != "none";
    if (found.encrypted) found.cipher = to_string(cipher);
    WARD_TRY(take_string(cursor));  // how the passphrase becomes a key
    WARD_TRY(take_string(cursor));
    const std::uint32_t count = WARD_TRY(cursor.u32be());
    if (count != 1) return fail(Code::unsupported, "{} keys in one file", count);
    found.key = WARD_TRY(read_ssh_blob(WARD_TRY(take_string(cursor))));
    return found;
}

struct Label {
    std::string_view text;
    std::string_view type;  // of the formats that have one for each
};
constexpr Label kLabels[] = {
    {"OPENSSH PRIVATE KEY", ""}, {"RSA PRIVATE KEY", "rsa"},      {"DSA PRIVATE KEY", "dsa"},
    {"EC PRIVATE KEY", "ecdsa"}, {"PRIVATE KEY", ""},             {"ENCRYPTED PRIVATE KEY", ""},
};

// The lines between BEGIN and END (RFC 7468, and RFC 1421 for headers before the body).
Result<SshPrivateKey> read_pem(const Label& label, std::string_view text) {
    SshPrivateKey found;
    found.format = label.type.empty() ? "pkcs8" : "pem";
    found.key.type = label.type;
    std::string digits;  // of all lines together, since OpenSSH breaks them after 70
    std::string_view line;
    bool closed = false;
    while (!closed && next_line(text, line)) {
        closed = line.starts_with("-----END ");
        if (closed || trim(line).empty()) continue;
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            const std::string_view value = trim(line.substr(colon + 1));
            if (line.starts_with("Proc-Type") && value.ends_with("ENCRYPTED")) found.encrypted = true;
            if (line.starts_with("DEK-Info") && value.size() <= kMaxNameBytes) found.cipher = value.substr(0, value.find(','));
        } else {
            digits += line;
        }
    }
    if (!closed) return fail(Code::truncated, "a private key without its end");
    Buffer body;
    if (!from_base64(digits, body)) return fail(Code::malformed, "a private key that is no base64");
    if (label.text == "OPENSSH PRIVATE KEY") return read_openssh(body);
    if (label.text == "ENCRYPTED PRIVATE KEY") {
        found.encrypted = true;
        found.cipher = WARD_TRY(read_cipher(body));
    }
    if (found.encrypted) return found;
    if (label.type == "rsa") found.key = WARD_TRY(read_rsa(body));
    else if (label.type == "dsa") found.key = WARD_TRY(read_dsa(body));
    else if (label.type == "ecdsa") found.key = WARD_TRY(read_ec(body, {}));
    else found.key = WARD_TRY(read_pkcs8(body));
    return found;
}

// "Name: value" lines; the public half follows its count of lines (appendix C of PuTTY's manual).
Result<SshPrivateKey> read_putty(std::string_view text) {
    SshPrivateKey found;
    found.format = "putty";
    std::string_view line;
    while (next_line(text, line)) {
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trim(line.substr(std::min(colon + 1, line.size())));
        if (name == "Encryption") {
            if (value.size() > kMaxNameBytes) return fail(Code::malformed, "a cipher's name of {} bytes", value.size());
            found.encrypted = value != "none";
            if (found.encrypted) found.cipher = value;
        } else if (name == "Public-Lines") {
            const auto count = parse_unsigned(value);
            if (!count) return fail(Code::malformed, "a public half without its number of lines");
            std::string digits;
            for (std::uint64_t i = 0; i < *count; ++i) {
                if (!next_line(text, line)) return fail(Code::truncated, "a public half of fewer lines");
                digits += line;
            }
            Buffer blob;
            if (!from_base64(digits, blob)) return fail(Code::malformed, "a public half that is no base64");
            found.key = WARD_TRY(read_ssh_blob(blob));
            return found;
        }
    }
    return fail(Code::truncated, "a private key without its public half");
}

}  // namespace

bool is_ssh_key_name(std::string_view word) {
    bool certificate = false;
    return find_kind(word, certificate) != nullptr;
}

Result<SshKey> read_ssh_blob(Bytes blob) {
    Cursor cursor{blob};
    const Bytes name = WARD_TRY(take_string(cursor));
    const bool printable = std::all_of(name.begin(), name.end(), [](std::uint8_t c) { return c > ' ' && c < 0x7F; });
    if (name.empty() || name.size() > kMaxNameBytes || !printable) return fail(Code::malformed, "a key without a name");
    bool certificate = false;
    const Kind* kind = find_kind(as_text(name), certificate);
    if (kind == nullptr) {
        SshKey key;
        key.name = to_string(name);
        key.fingerprint = fingerprint_of(blob);
        return key;
    }
    if (certificate) WARD_TRY(take_string(cursor));  // a nonce
    std::vector<Bytes> fields;
    for (std::size_t i = 0; i < kind->fields; ++i) fields.push_back(WARD_TRY(take_string(cursor)));
    if (!certificate && !cursor.at_end()) return fail(Code::malformed, "{} bytes behind a key", cursor.left());
    SshKey key = key_of(*kind, fields);
    key.name = to_string(name);
    key.certificate = certificate;
    return key;
}

Result<SshKeyLine> read_ssh_key_line(std::string_view line) {
    const auto take = [&] {
        line = trim(line);
        const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
        const std::string_view word = line.substr(0, end);
        line.remove_prefix(end);
        return word;
    };
    const std::string_view name = take();
    const std::string_view body = take();
    Buffer blob;
    if (name.empty() || body.empty() || !from_base64(body, blob)) return fail(Code::malformed, "a line that is no key");
    SshKey key = WARD_TRY(read_ssh_blob(blob));
    if (key.name != name) return fail(Code::malformed, "a key of another kind than its line says");
    return SshKeyLine{std::move(key), trim(line)};
}

Result<std::optional<SshPrivateKey>> read_ssh_private_key(Bytes file) {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kDashes = "-----";
    std::string_view rest = as_text(file);
    if (rest.starts_with("PuTTY-User-Key-File-")) return std::optional{WARD_TRY(read_putty(rest))};
    std::string_view line;
    while (next_line(rest, line)) {
        line = trim(line);
        if (!line.starts_with(kBegin) || !line.ends_with(kDashes)) continue;
        const std::string_view name = line.substr(kBegin.size(), line.size() - kBegin.size() - kDashes.size());
        for (const Label& label : kLabels) {
            if (label.text == name) return std::optional{WARD_TRY(read_pem(label, rest))};
        }
    }
    return std::optional<SshPrivateKey>{};
}

}  // namespace ward::facts
