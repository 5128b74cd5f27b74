// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace ward {

// The memory of a process: pieces of bytes at their addresses. Where a file's offset is meant, an address takes its place.
//
//     for (std::size_t i = 0; i < memory.pieces().size(); ++i) look_at(*memory.fetch(i));
//
// Each fetch reads anew what was not kept, so two may differ when the process is at work. Not for two threads at once.
class Memory {
public:
    // Bytes that are mapped one behind the other. A large region is several pieces; so that nothing is missed between them,
    // a fetch then also gives some of what lies around the piece.
    struct Piece {
        std::uint64_t address = 0;
        std::uint64_t bytes = 0;
        std::uint32_t before = 0;  // bytes given with it, of the same region
        std::uint32_t behind = 0;
    };

    virtual ~Memory() = default;

    // By ascending address; they do not overlap.
    virtual std::span<const Piece> pieces() const = 0;
    // From address - before to address + bytes + behind. What cannot be read is zeros.
    virtual std::shared_ptr<const Buffer> fetch(std::size_t piece) = 0;

    // The piece that holds the address.
    std::optional<std::size_t> piece_at(std::uint64_t address) const;
    // So many bytes, as far as one piece and what is given behind it reach; fewer when that ends before.
    Buffer read(std::uint64_t address, std::uint64_t bytes);
};

}  // namespace ward
