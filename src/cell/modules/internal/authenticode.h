// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "cell/modules/internal/signed_data.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::modules {

// The signatures of a portable executable: Authenticode (Microsoft's "Windows Authenticode Portable Executable Signature
// Format"), with those nested in others and with the time stamps. What YARA 4.5 tells of them; whether somebody trusts a
// certificate is not asked. Views into the file.
struct Authenticode {
    using Chain = std::vector<const X509*>;

    struct Countersignature {
        bool verified = false;
        std::int64_t sign_time = 0;                  // seconds since 1970
        std::optional<std::string_view> digest_name;
        Bytes digest;
        Chain chain;
    };
    struct Signer {
        std::optional<std::string> program_name;
        std::optional<std::string_view> digest_name;
        Bytes digest;
        Chain chain;
    };
    struct Signature {
        bool verified = false;
        std::optional<std::string_view> digest_name;
        Bytes digest;
        Buffer file_digest;
        Chain certificates;  // also those of Microsoft's time stamps
        std::optional<Signer> signer;
        std::vector<Countersignature> countersignatures;
    };

    std::vector<Signature> signatures;
    std::deque<SignedData> owners;  // of the certificates

    static Authenticode read(const PeImage& image, std::int64_t now, Deadline* deadline);
};

}  // namespace ward::modules
