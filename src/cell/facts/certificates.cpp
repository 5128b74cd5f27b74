// SPDX-License-Identifier: Apache-2.0
// The table `certificates`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/x509.h"
#include "core/text.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

namespace ward::facts {
namespace {

constexpr std::string_view kStore = "/etc/ssl/certs/";
constexpr std::string_view kBundle = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::uint32_t kPermissionBits = 07777;
constexpr std::size_t kMaxCertificateBytes = 1 * kMiB;

// The absolute path that a link names; "" when it leads out of the root.
std::string target_of(const wire::SourceBytes& about) {
    std::vector<std::string_view> parts;
    const std::string_view folder = std::string_view{about.name}.substr(0, about.name.rfind('/'));
    const auto add = [&](std::string_view path) {
        for (const std::string_view part : split(path, '/')) {
            if (part == "..") {
                if (!parts.empty()) parts.pop_back();
            } else if (!part.empty() && part != ".") {
                parts.push_back(part);
            }
        }
    };
    if (!about.link.starts_with('/')) add(folder);
    add(about.link);
    std::string path;
    for (const std::string_view part : parts) path.append("/").append(part);
    return path;
}

// Is it a name by which OpenSSL finds what lies beside it under another: "3513523f.0"?
bool is_hash_link(const Request& request, const wire::SourceBytes& about) {
    const std::string_view name = base_name(about.name);
    const std::string_view digits = name.substr(0, name.find('.'));
    if (digits.size() != 8 || digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
    if (!parse_unsigned(name.substr(std::min(digits.size() + 1, name.size())))) return false;
    return !about.link.empty() && about.link.find('/') == std::string::npos && request.find(target_of(about)) != nullptr;
}

class Reader {
public:
    explicit Reader(const Request& request) : request_{request} {}

    void read(const Source& source) {
        source_ = &source;
        position_ = 0;
        if (begins_like_certificate(source.bytes)) {
            add(source.bytes, 0);
        } else if (as_text(source.bytes).find("-----BEGIN ") != std::string_view::npos) {
            read_pem();
        } else if (const auto old = read_certificate(source.bytes)) {  // version 1 begins like many things
            add(source.bytes, 0);
        }
    }

    wire::ParseAnswer finish() && { return std::move(out_).finish(); }

private:
    // Text around and between is allowed (RFC 7468, section 2); headers of RFC 1421 too.
    void read_pem() {
        std::string_view rest = as_text(source_->bytes);
        std::string_view line;
        std::string digits;
        std::uint64_t number = 0;
        std::uint64_t begin = 0;  // the line where the open certificate begins; 0 outside of one
        while (next_line(rest, line)) {
            ++number;
            line = trim(line);
            if (line.starts_with("-----BEGIN ")) {
                if (begin != 0) gap(begin, Code::truncated, "a certificate without its end");
                begin = is_label(line.substr(11)) ? number : 0;
                digits.clear();
            } else if (begin == 0) {
                continue;
            } else if (line.starts_with("-----END ")) {
                Buffer der;
                if (!from_base64(digits, der)) gap(begin, Code::malformed, "a certificate that is no base64");
                else add(der, begin);
                begin = 0;
            } else if (line.find(':') == std::string_view::npos) {
                if (digits.size() + line.size() > kMaxCertificateBytes) {
                    gap(begin, Code::over_limit, "a certificate of more than 1 MiB");
                    begin = 0;
                } else {
                    digits += line;
                }
            }
        }
        if (begin != 0) gap(begin, Code::truncated, "a certificate without its end");
    }

    static bool is_label(std::string_view text) {
        return text == "CERTIFICATE-----" || text == "X509 CERTIFICATE-----" || text == "TRUSTED CERTIFICATE-----";
    }

    void gap(std::uint64_t line, Code code, std::string why) {
        ++position_;
        out_.gap(source_->about.name, line, code, std::move(why));
    }

    void add(Bytes der, std::uint64_t line) {
        const auto read = read_certificate(der);
        if (!read) return gap(line, read.error().code, read.error().text);
        const auto& about = source_->about;
        ++position_;
        // Whatever else lies in the folder was read before.
        if (about.name == kBundle && in_store_.contains(read->fingerprint)) return;
        if (about.name.starts_with(kStore)) in_store_.insert(read->fingerprint);
        out_.add({text(about.name), number(position_), text(read->subject), text(read->issuer), text(read->serial),
                  number(read->not_before), number(read->not_after), number(read->not_after - request_.now),
                  text(read->key_type), number(read->key_bits), text(read->signature_algorithm), flag(read->weak_signature),
                  flag(read->self_issued), flag(read->is_ca), text(read->dns_names), text(read->fingerprint),
                  about.link.empty() ? null() : text(target_of(about)), number(about.mode & kPermissionBits), number(about.uid)});
    }

    const Request& request_;
    Collector out_;
    const Source* source_ = nullptr;
    std::uint64_t position_ = 0;
    std::set<std::string> in_store_;  // fingerprints
};

}  // namespace

wire::ParseAnswer parse_certificates(const Request& request) {
    Reader reader{request};
    for (const Source& source : request.sources) {
        if (!S_ISDIR(source.about.mode) && source.about.name != kBundle && !is_hash_link(request, source.about)) reader.read(source);
    }
    if (const Source* bundle = request.find(kBundle)) reader.read(*bundle);
    return std::move(reader).finish();
}

}  // namespace ward::facts
