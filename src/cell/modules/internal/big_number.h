// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ward::modules {

// A natural number of a fixed number of 64-bit parts, the lowest first.
using Limbs = std::vector<std::uint64_t>;

// Big-endian bytes as `limbs` parts; nothing when it is too large.
std::optional<Limbs> to_limbs(Bytes number, std::size_t limbs);
Buffer to_bytes(const Limbs& number, std::size_t bytes);
bool is_zero(const Limbs& number);
bool less(const Limbs& a, const Limbs& b);

// Arithmetic modulo an odd number, on numbers in Montgomery's form (a times 2^(64 * limbs)). Public numbers only: the time it
// takes tells what they are. libcrypto's own brings its configuration, providers and dlopen, which no cell may have.
//
//     auto modulus = Modulus::make(n);
//     const Limbs r = modulus->leave(modulus->power(modulus->enter(a), exponent));
class Modulus {
public:
    // Nothing for an even number and for one.
    static std::optional<Modulus> make(Bytes number);

    std::size_t limbs() const { return n_.size(); }
    const Limbs& number() const { return n_; }
    Limbs enter(const Limbs& a) const { return multiply(a, square_); }  // a < n
    Limbs leave(const Limbs& a) const;
    Limbs one() const { return one_; }
    Limbs add(const Limbs& a, const Limbs& b) const;
    Limbs subtract(const Limbs& a, const Limbs& b) const;
    Limbs multiply(const Limbs& a, const Limbs& b) const;
    Limbs power(const Limbs& a, Bytes exponent) const;
    // For a prime modulus.
    Limbs inverse(const Limbs& a) const;

private:
    Limbs n_;
    Limbs one_;            // 1 in Montgomery's form
    Limbs square_;         // 2^(128 * limbs) mod n
    std::uint64_t k_ = 0;  // -1 / n mod 2^64
};

}  // namespace ward::modules
