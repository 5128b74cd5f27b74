// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/container.h"
#include "core/limits.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Archives made byte by byte, right or wrong on purpose, and what a reader sees in them. Tests only.
namespace ward::formats::testing {

// Incompressible, and the same for each seed.
std::string noise(std::size_t bytes, std::uint32_t seed);

Buffer deflated(std::string_view content);  // without a wrapper
Buffer gzipped(std::string_view content, std::string_view name = {});
Buffer xz_packed(std::string_view content);
Buffer zstd_packed(std::string_view content);
Buffer bzip2_packed(std::string_view content);
// A gzip stream of that many MiB of zero bytes, without packing them all. Its checksum is wrong.
Buffer gzip_of_zeros(std::uint64_t mebibytes);

struct ZipMember {
    std::string name;
    std::string content;
    std::uint16_t method = 8;               // 0 and 8 are packed here; for others give `packed`
    std::optional<Buffer> packed;
    std::uint16_t flags = 0;                // with bit 3 a descriptor follows, and the local header has no sizes
    std::optional<std::uint32_t> crc;
    bool in_directory = true;
    bool local = true;                      // false: the directory points at the local header of the member before
    std::optional<std::string> local_name;
    std::optional<std::uint16_t> local_method;
    std::optional<std::uint32_t> local_packed_bytes;
    std::optional<std::uint32_t> declared_bytes;  // in the directory
    std::optional<std::uint32_t> declared_packed_bytes;
    std::optional<std::uint32_t> declared_header_at;
    std::string extra;                            // in the directory
};
struct ZipShape {
    std::string front;        // before the archive, the offsets not knowing it
    std::string comment;
    bool end_record = true;
    std::uint16_t disk = 0;
};
Buffer zipped(const std::vector<ZipMember>& members, const ZipShape& shape = {});

// A small archive whose members all unpack the same `kernel` mebibytes of zeros: each covers all headers behind its own, which
// it quotes in stored blocks, so that no two entries are alike and every one is well-formed.
Buffer zip_of_quoted_headers(std::size_t members, std::uint64_t kernel);
// A zip archive whose one member, "r.zip", unpacks to the archive itself, checksum and all.
Buffer zip_of_itself();

struct TarMember {
    std::string name;
    std::string content;
    char kind = '0';
    std::string magic = std::string{"ustar\0" "00", 8};  // GNU's is "ustar  ", the seventh edition's is empty
    std::optional<std::string> size_field;         // twelve bytes
    std::string prefix;
    bool good_checksum = true;
};
Buffer tar_block(const TarMember& member);  // header, content and padding
Buffer tarred(const std::vector<TarMember>& members, bool end_mark = true);

struct ArMember {
    std::string name;                        // the field of sixteen bytes: "a.o/", "data.tar.xz", "#1/20", "/7"
    std::string content;
    std::optional<std::string> size_field;   // ten bytes
    std::string end = "`\n";
};
Buffer ar_packed(const std::vector<ArMember>& members, std::string_view mark = "!<arch>\n");

struct CpioMember {
    std::string name;
    std::string content;
    std::uint32_t mode = 0100644;
    std::uint32_t links = 1;
    std::optional<std::uint32_t> sum;        // of SVR4's with checksums
    std::optional<std::uint32_t> declared_bytes;
};
enum class CpioForm { portable, svr4, svr4_sums, old_little, old_big };
Buffer cpio_packed(const std::vector<CpioMember>& members, CpioForm form, bool end_mark = true);

struct Seen {
    std::string name;
    std::string content;
    std::vector<std::string> faults;  // "malformed: the checksum is wrong"
    bool orphan = false;
};
struct Listing {
    std::vector<Seen> members;
    std::vector<std::string> faults;
    std::optional<std::string> end;   // the limit that ended the whole file

    const Seen* find(std::string_view name) const;
    bool has_fault() const;           // any, anywhere
};
// Reads all members; `spool` as for Store.
Listing read_all(Type type, Bytes bytes, const Limits& limits = {}, int spool = -1);

// A file of hex text with '#' comments.
Buffer read_hex(const std::string& path);

// Cuts the archive behind each byte and checks: what comes out is a beginning of `content`, and nothing is missing without
// a fault. For formats with one content.
void expect_honest_when_cut(Type type, Bytes archive, std::string_view content);
// Flips each bit of the first `bytes`; nothing may crash, and a content that differs must come with a fault.
void expect_honest_when_flipped(Type type, Bytes archive, std::string_view content, std::size_t bytes);

}  // namespace ward::formats::testing
