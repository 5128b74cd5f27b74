// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/authenticode.h"
#include "cell/modules/module.h"

namespace ward::modules {

// The field `signatures` of the module pe.

Value signature_valid_on(Instance& in, const Object& owner, std::span<const Value> arguments);

inline constexpr Field kPeCertificate[] = {text("thumbprint"),    text("issuer"), text("subject"),       integer("version"), text("algorithm"),
                                           text("algorithm_oid"), text("serial"), integer("not_before"), integer("not_after")};
inline constexpr Field kPeSigner[] = {text("program_name"), text("digest"), text("digest_alg"), integer("length_of_chain"),
                                      array("chain", kPeCertificate)};
inline constexpr Field kPeCountersignature[] = {integer("verified"), integer("sign_time"),       text("digest"),
                                                text("digest_alg"),  integer("length_of_chain"), array("chain", kPeCertificate)};
inline constexpr Signature kPeValidOn[] = {{"i", Type::integer, signature_valid_on}};
// Those of the signer's certificate come first, in the order of kPeCertificate.
inline constexpr Field kPeSignature[] = {
    text("thumbprint"), text("issuer"), text("subject"), integer("version"), text("algorithm"), text("algorithm_oid"), text("serial"),
    integer("not_before"), integer("not_after"), integer("verified"), text("digest_alg"), text("digest"), text("file_digest"),
    integer("number_of_certificates"), array("certificates", kPeCertificate), structure("signer_info", kPeSigner),
    integer("number_of_countersignatures"), array("countersignatures", kPeCountersignature), function("valid_on", kPeValidOn)};

void put_signatures(const Authenticode& read, Object& signatures);

}  // namespace ward::modules
