// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/big_number.h"

#include <algorithm>
#include <bit>

namespace ward::modules {

namespace {

__extension__ using Wide = unsigned __int128;

// a - b; the borrow is lost.
void take_away(Limbs& a, const Limbs& b) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const Wide difference = Wide{a[i]} - b[i] - borrow;
        a[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
    }
}

// a + b; gives the carry.
std::uint64_t put_to(Limbs& a, const Limbs& b) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const Wide sum = Wide{a[i]} + b[i] + carry;
        a[i] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
    }
    return carry;
}

Bytes without_zeros(Bytes number) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    return number;
}

}  // namespace

std::optional<Limbs> to_limbs(Bytes number, std::size_t limbs) {
    number = without_zeros(number);
    if (number.size() > limbs * 8) return std::nullopt;
    Limbs out(limbs);
    for (std::size_t i = 0; i < number.size(); ++i) out[i / 8] |= std::uint64_t{number[number.size() - 1 - i]} << (i % 8 * 8);
    return out;
}

Buffer to_bytes(const Limbs& number, std::size_t bytes) {
    Buffer out(bytes);
    for (std::size_t i = 0; i < bytes && i / 8 < number.size(); ++i) {
        out[bytes - 1 - i] = static_cast<std::uint8_t>(number[i / 8] >> (i % 8 * 8));
    }
    return out;
}

bool is_zero(const Limbs& number) {
    return std::all_of(number.begin(), number.end(), [](std::uint64_t limb) { return limb == 0; });
}

bool less(const Limbs& a, const Limbs& b) { return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend()); }

std::optional<Modulus> Modulus::make(Bytes number) {
    number = without_zeros(number);
    if (number.empty() || number.back() % 2 == 0 || (number.size() == 1 && number[0] == 1)) return std::nullopt;
    Modulus out;
    out.n_ = *to_limbs(number, (number.size() + 7) / 8);
    std::uint64_t inverse = 1;  // Newton: right bits double with each turn, from one
    for (int i = 0; i < 6; ++i) inverse *= 2 - out.n_[0] * inverse;
    out.k_ = 0 - inverse;
    const std::size_t bits = out.n_.size() * 64;
    std::size_t power = bits - static_cast<std::size_t>(std::countl_zero(out.n_.back())) - 1;
    Limbs value(out.n_.size());  // the largest power of two that is less, doubled until it is the one wanted
    value[power / 64] = std::uint64_t{1} << (power % 64);
    for (; power < bits; ++power) value = out.add(value, value);
    out.one_ = value;
    const Buffer exponent{static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
    out.square_ = out.power(out.add(value, value), exponent);
    return out;
}

Limbs Modulus::leave(const Limbs& a) const {
    Limbs one(n_.size());
    one[0] = 1;
    return multiply(a, one);
}

Limbs Modulus::add(const Limbs& a, const Limbs& b) const {
    Limbs sum = a;
    const std::uint64_t carry = put_to(sum, b);
    if (carry != 0 || !less(sum, n_)) take_away(sum, n_);
    return sum;
}

Limbs Modulus::subtract(const Limbs& a, const Limbs& b) const {
    Limbs difference = a;
    const bool below = less(a, b);
    take_away(difference, b);
    if (below) put_to(difference, n_);
    return difference;
}

Limbs Modulus::multiply(const Limbs& a, const Limbs& b) const {
    const std::size_t size = n_.size();
    Limbs t(size + 2);
    for (std::size_t i = 0; i < size; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < size; ++j) {
            const Wide sum = Wide{a[j]} * b[i] + t[j] + carry;
            t[j] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        Wide sum = Wide{t[size]} + carry;
        t[size] = static_cast<std::uint64_t>(sum);
        t[size + 1] = static_cast<std::uint64_t>(sum >> 64);

        const std::uint64_t m = t[0] * k_;
        carry = static_cast<std::uint64_t>((Wide{m} * n_[0] + t[0]) >> 64);
        for (std::size_t j = 1; j < size; ++j) {
            sum = Wide{m} * n_[j] + t[j] + carry;
            t[j - 1] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        sum = Wide{t[size]} + carry;
        t[size - 1] = static_cast<std::uint64_t>(sum);
        t[size] = t[size + 1] + static_cast<std::uint64_t>(sum >> 64);
    }
    const bool over = t[size] != 0;
    t.resize(size);
    if (over || !less(t, n_)) take_away(t, n_);
    return t;
}

Limbs Modulus::power(const Limbs& a, Bytes exponent) const {
    Limbs out = one_;
    for (const std::uint8_t byte : without_zeros(exponent)) {
        for (int bit = 7; bit >= 0; --bit) {
            out = multiply(out, out);
            if ((byte >> bit & 1) != 0) out = multiply(out, a);
        }
    }
    return out;
}

Limbs Modulus::inverse(const Limbs& a) const {
    Limbs two(n_.size());
    two[0] = 2;
    Limbs exponent = n_;  // n - 2 (Fermat)
    take_away(exponent, two);
    return power(a, to_bytes(exponent, n_.size() * 8));
}

}  // namespace ward::modules
