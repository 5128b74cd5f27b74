// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/codec.h"
#include "cell/formats/container.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ward::formats {

// Reads zip (APPNOTE 6.3.10), whole, broken, or glued behind something else.
//
// Members come in the order of the central directory; then those that only a local header names, marked `orphan`. Some
// programs trust the one list and some the other, so a file hidden from either must still be seen (sections 4.3.7 and
// 4.3.12). For the same reason every end record in the last 64 KiB counts, and where directory and local header disagree on
// how a member is packed, both are tried.
//
// Members that share packed bytes, which is how a small archive unpacks to petabytes, are read, with a fault; exact
// duplicates are read once. Encrypted members are tried with the passwords that samples are passed around with.
// Keeps a view of the bytes. One thread.
class ZipReader : public Container {
public:
    ZipReader(Bytes bytes, const Limits& limits);
    bool next(Member& member, Sink& sink) override;

    // Does a zip archive end here, whatever the bytes begin with? Self-extracting programs, and files made to be two things.
    // `exactly`: nothing may follow it.
    static bool ends_with_archive(Bytes bytes, bool exactly = false);

private:
    struct Entry {
        Bytes name;
        Bytes extra;
        std::uint64_t header_at = 0;       // of its local header, from the start of the bytes
        std::uint64_t packed = 0;
        std::uint64_t size = 0;
        std::uint32_t crc = 0;
        std::uint16_t method = 0;
        std::uint16_t flags = 0;
        std::uint16_t time = 0;
        bool sizes_known = true;           // false: they stand behind the data (a local header with bit 3 set)
        bool overlaps = false;
        bool duplicate = false;
    };
    struct EndRecord {
        std::uint64_t at = 0;              // where the directory must end
        std::uint64_t entries = 0;
        std::uint64_t directory_bytes = 0;
        std::uint64_t directory_at = 0;    // as stored: from the start of the archive, which may not be that of the bytes
        std::uint32_t disk = 0;
        std::uint32_t directory_disk = 0;
    };
    struct Span {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };

    static std::uint64_t comment_end(Bytes bytes, std::uint64_t at);
    static std::vector<std::uint64_t> find_end_marks(Bytes bytes);
    static Result<EndRecord> read_end_record(Bytes bytes, std::uint64_t at);
    static bool directory_begins_at(Bytes bytes, std::uint64_t at);
    void read_directories(const Limits& limits);
    std::uint64_t read_directory(std::uint64_t at, std::uint64_t base, const EndRecord& end, const Limits& limits);
    void find_overlaps();
    Result<Entry> read_local(std::uint64_t at) const;
    bool next_orphan(Member& member, Sink& sink);
    bool is_plausible(const Entry& local) const;
    std::uint64_t data_at(std::uint64_t header_at) const;
    // Unpacks `entry`, whose data begin at `at`; gives where its data end.
    std::uint64_t unpack(const Entry& entry, std::uint64_t at, Member& member, Sink& sink);
    std::uint64_t decode(const Entry& entry, std::uint16_t method, Bytes packed, Member& member, Sink& sink);
    void decrypt(const Entry& entry, Bytes packed, Member& member, Sink& sink);
    void list_descriptors(Budget& budget);
    std::uint64_t find_data_end(std::uint64_t at, Budget& budget);
    void check_descriptor(std::uint64_t at, std::uint32_t crc, Member& member) const;

    Bytes bytes_;
    bool begins_as_zip_;
    std::vector<Entry> entries_;
    std::size_t next_entry_ = 0;
    std::optional<Entry> second_reading_;  // as the local header of the member before has it
    std::uint64_t first_reading_end_ = 0;
    std::vector<std::uint64_t> descriptors_;  // where they stand, once a member of unknown length was met
    bool descriptors_listed_ = false;
    std::vector<Span> covered_;            // what members took, by begin once the orphans are searched
    bool directory_done_ = false;
    std::uint64_t orphan_at_ = 0;
    std::size_t orphan_span_ = 0;
    std::size_t known_password_ = 0;
    std::uint32_t refused_passwords_ = 0;
    Inflater inflater_;
    ZstdDecoder zstd_;
};

}  // namespace ward::formats
