// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/digest.h"
#include "core/deadline.h"

#include <optional>

namespace ward::modules {

// `info` is the body of a SubjectPublicKeyInfo (RFC 5280): RSA, or one of the curves P-256, P-384 and P-521 (of others only the kind is known).

// What kind of key it is; nothing when it cannot be read.
std::optional<KeyKind> key_kind(Bytes info);

// Is this the signature of a digest: PKCS #1 v1.5 (RFC 8017) or ECDSA (FIPS 186-4)? Not for any other key.
bool verify_digest(Bytes info, DigestKind kind, Bytes digest, Bytes signature, Deadline* deadline);

// What a signature of PKCS #1 v1.5 encloses: mostly a DigestInfo. Nothing for a key of another kind.
std::optional<Buffer> recover(Bytes info, Bytes signature, Deadline* deadline);

}  // namespace ward::modules
