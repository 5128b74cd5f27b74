// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cursor.h"

#include <string>

namespace ward::formats {

// Reads the values of DER (X.690) one after the other; lengths are definite and at most four bytes long.
//
//     Der outer{bytes};
//     Der fields{WARD_TRY(outer.take(Der::kSequence))};
//     const Bytes number = WARD_TRY(fields.take(Der::kInteger));
//
// Keeps a view.
class Der {
public:
    static constexpr std::uint8_t kBoolean = 0x01;
    static constexpr std::uint8_t kInteger = 0x02;
    static constexpr std::uint8_t kBitString = 0x03;
    static constexpr std::uint8_t kOctetString = 0x04;
    static constexpr std::uint8_t kObject = 0x06;  // identifier
    static constexpr std::uint8_t kSequence = 0x30;
    static constexpr std::uint8_t kSet = 0x31;
    static constexpr std::uint8_t kConstructed = 0x20;  // added to the tags of others
    static constexpr std::uint8_t context(std::uint8_t number) { return static_cast<std::uint8_t>(0xA0 | number); }

    struct Value {
        std::uint8_t tag;
        Bytes body;
        Bytes whole;  // with tag and length
    };

    explicit Der(Bytes bytes) : cursor_{bytes} {}
    bool at_end() const { return cursor_.at_end(); }
    Bytes rest() const { return cursor_.rest(); }
    bool is_next(std::uint8_t tag) const;
    Result<Value> next();
    // The body of the next value, which has to have this tag.
    Result<Bytes> take(std::uint8_t tag);

protected:
    Der(Bytes bytes, bool takes_indefinite) : cursor_{bytes}, takes_indefinite_{takes_indefinite} {}

private:
    Result<Bytes> take_indefinite();

    Cursor cursor_;
    bool takes_indefinite_ = false;
};

// Reads BER too where values have no stated length and end with a mark (X.690, section 8.1.3.6). What lies within such a value
// is read once to find its end and again by whoever opens it, so nothing should be opened as deep as the bytes ask for.
class Ber : public Der {
public:
    explicit Ber(Bytes bytes) : Der{bytes, true} {}
};

// An octet string that comes in pieces, put together: the body of a value with kConstructed (X.690, section 8.7.3).
Result<Buffer> join_octets(Bytes body);

// "1.2.840.113549", of the body of an object identifier (X.690, section 8.19).
Result<std::string> object_text(Bytes body);
// How many bits a number has, without zeros in front.
std::uint32_t bits_of_number(Bytes number);

}  // namespace ward::formats
