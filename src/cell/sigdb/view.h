// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/sections.h"
#include "core/bytes.h"
#include "core/result.h"

#include <bit>
#include <cstring>

namespace ward::sigdb {

// A compiled database, read where it lies (mapped from a file, shared by processes).
//
//     const View view = WARD_TRY(View::open(bytes));
//     const Bytes atoms = WARD_TRY(view.section(SectionId::pattern_atoms));
//
// Opening checks the header and the section table, nothing else, so it costs microseconds whatever the size. What is inside
// a section may be hostile, and may even change while we read: load a number once, check it, then use it.
// Keeps a view; the caller keeps the bytes alive.
class View {
public:
    static Result<View> open(Bytes bytes);

    // Code::not_found when the database has no such section.
    Result<Bytes> section(SectionId id) const;
    bool has(SectionId id) const { return section(id).ok(); }
    std::uint32_t version() const;  // of the container's layout
    Bytes digest() const;           // that the header claims; `verify` says whether it is right

    // Reads everything: is the content what the writer wrote (SHA-256)? What sections mean is checked by their readers'
    // own `verify`.
    Status verify() const;

private:
    explicit View(Bytes bytes) : bytes_{bytes} {}
    Bytes bytes_;
};

// One little-endian number at any address. The caller has checked the range.
template <class T>
T load(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big && sizeof(T) > 1) {
        T turned = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            turned = static_cast<T>(static_cast<T>(turned << 8) | static_cast<T>(value >> (8 * i) & 0xff));
        value = turned;
    }
    return value;
}

// Numbers of one size, one after the other. An index out of range reads 0: a database that lies gives wrong answers, and
// never a read outside.
template <class T>
class Numbers {
public:
    Numbers() = default;
    explicit Numbers(Bytes bytes) : data_{bytes.data()}, count_{bytes.size() / sizeof(T)} {}

    std::size_t size() const { return count_; }
    T operator[](std::size_t index) const { return index < count_ ? load<T>(data_ + index * sizeof(T)) : T{0}; }

private:
    const std::uint8_t* data_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace ward::sigdb
