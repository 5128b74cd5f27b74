// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/container.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace ward::formats {

// A number of a tar header: octal digits between blanks, or base-256 when the first byte's high bit is set (GNU). Nothing
// when it is neither, negative, or beyond 64 bits. Blank means zero.
std::optional<std::uint64_t> tar_number(Bytes field);

// Reads tar: the seventh edition's, ustar and pax (POSIX.1-2017, pax), GNU's long names, base-256 numbers and sparse files
// (the old kind and pax 0.0, 0.1, 1.0), star and Solaris variants of them.
//
// Members are views, but for sparse files, whose holes are written out. Readers disagree on three things, and we take what
// lets us see more: a link or device that says it has content has it, unless a header follows at once; members behind the
// end mark are read (as `tar -i` does); behind a header that is broken the next good one is searched.
// Keeps a view of the bytes. One thread.
class TarReader : public Container {
public:
    explicit TarReader(Bytes bytes) : bytes_{bytes} {}

    static bool looks_like_tar(Bytes bytes);
    bool next(Member& member, Sink& sink) override;

private:
    using SparseMap = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // offset in the file, bytes stored

    // What extension headers said about the next member, or about all that follow.
    struct Extension {
        std::optional<std::string> path;
        std::optional<std::uint64_t> size;
        std::optional<std::string> sparse_name;
        std::optional<std::uint64_t> sparse_size;
        bool sparse_in_content = false;  // pax 1.0: the map is the first thing in the content
        SparseMap map;
        std::optional<std::uint64_t> map_offset;  // pax 0.0: waits for its length
    };

    bool find_header(Budget& budget);
    Bytes take_content(std::uint64_t size, std::vector<Error>& faults);
    void read_pax(Bytes records, Extension& extension);
    void pax_record(std::string_view key, std::string_view value, Extension& extension);
    void add_piece(SparseMap& map, std::uint64_t offset, std::uint64_t count);
    void read_old_map(Bytes header, SparseMap& map);
    Bytes read_map_in_content(Bytes content, SparseMap& map);
    void spread(Member& member, const SparseMap& map, std::uint64_t size, Sink& sink);

    Bytes bytes_;
    std::uint64_t at_ = 0;
    bool after_end_mark_ = false;
    Extension global_;
};

}  // namespace ward::formats
