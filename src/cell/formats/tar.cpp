// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/tar.h"

#include "core/cursor.h"
#include "core/text.h"

#include <algorithm>

namespace ward::formats {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMaxExtensionBytes = 1 * kMiB;    // names are kilobytes; a sparse map of 20,000 holes is 0.5 MiB
constexpr std::size_t kMaxSparsePieces = 100'000;
constexpr std::uint64_t kMaxSearchBytes = 64 * kMiB;      // behind a broken header

// POSIX.1-2017, pax, "ustar Interchange Format"; the same places hold in all dialects.
struct Field {
    std::size_t offset;
    std::size_t bytes;
};
constexpr Field kName{0, 100};
constexpr Field kSize{124, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kTypeFlag = 156;
constexpr Field kMagic{257, 6};
constexpr Field kPrefix{345, 155};
// GNU tar manual, "Basic Tar Format": struct oldgnu_header and struct sparse_header.
constexpr std::size_t kOldMap = 386;
constexpr std::size_t kOldMapEntries = 4;
constexpr std::size_t kOldMapMore = 482;
constexpr Field kOldRealSize{483, 12};
constexpr std::size_t kMoreMapEntries = 21;
constexpr std::size_t kMoreMapMore = 504;
constexpr std::size_t kMapEntryBytes = 24;

Bytes part(Bytes header, Field field) { return header.subspan(field.offset, field.bytes); }

std::string_view text_of(Bytes field) {
    const auto text = as_text(field);
    return text.substr(0, text.find('\0'));
}

bool is_zero(Bytes block) {
    return std::all_of(block.begin(), block.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The sum of all bytes, its own field taken as blanks. Some old programs summed signed bytes.
bool checksum_holds(Bytes header) {
    const auto stored = tar_number(part(header, kChecksum));
    if (!stored) return false;
    std::int64_t plain = 0;
    std::int64_t as_signed = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool blank = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.bytes;
        const std::uint8_t byte = blank ? std::uint8_t{' '} : header[i];
        plain += byte;
        as_signed += static_cast<std::int8_t>(byte);
    }
    const auto wanted = static_cast<std::int64_t>(*stored);
    return wanted == plain || wanted == as_signed;
}

bool is_header(Bytes block) { return block.size() == kBlock && !is_zero(block) && checksum_holds(block); }

Bytes block_at(Bytes bytes, std::uint64_t offset) {
    const auto block = slice(bytes, offset, kBlock);
    return block ? *block : Bytes{};
}

std::uint64_t round_up(std::uint64_t size) {
    const std::uint64_t over = size % kBlock;
    return over == 0 ? size : size + (kBlock - over);
}

bool is_link_or_device(char kind) { return kind >= '1' && kind <= '6'; }

}  // namespace

std::optional<std::uint64_t> tar_number(Bytes field) {
    if (!field.empty() && (field[0] & 0x80) != 0) {
        // GNU: 0x80 or 0xff, then a big-endian number. 0xff would be a negative one.
        if (field[0] == 0xff) return std::nullopt;
        std::uint64_t value = field[0] & 0x7fU;
        for (const std::uint8_t byte : field.subspan(1)) {
            if ((value >> 56) != 0) return std::nullopt;
            value = value << 8 | byte;
        }
        return value;
    }
    std::size_t i = 0;
    while (i < field.size() && field[i] == ' ') ++i;
    std::uint64_t value = 0;
    for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i) {
        if ((value >> 61) != 0) return std::nullopt;
        value = value << 3 | static_cast<std::uint64_t>(field[i] - '0');
    }
    for (; i < field.size(); ++i) {
        if (field[i] == 0) break;  // what follows a zero byte means nothing
        if (field[i] != ' ') return std::nullopt;
    }
    return value;
}

bool TarReader::looks_like_tar(Bytes bytes) {
    const Bytes block = block_at(bytes, 0);
    if (block.empty() || block[0] == 0) return false;
    if (is_header(block)) return true;
    return as_text(part(block, kMagic)).starts_with("ustar");  // with a broken checksum
}

// Moves to the next header. False at the end.
bool TarReader::find_header(Budget& budget) {
    std::uint64_t searched = 0;
    const std::uint64_t start = at_;
    while (true) {
        if (!budget.time(kBlock)) return false;
        const Bytes block = block_at(bytes_, at_);
        if (block.empty()) {
            if (searched > 0) {
                fault(fail(Code::malformed, "the tar header at {} is broken, and no good one follows", start));
            } else if (at_ < bytes_.size() && !after_end_mark_) {
                fault(fail(Code::truncated, "the tar header at {} is cut off", at_));
            }
            return false;
        }
        if (is_zero(block)) {
            after_end_mark_ = true;
            at_ += kBlock;
            continue;
        }
        if (checksum_holds(block)) {
            after_end_mark_ = false;
            if (searched > 0) fault(fail(Code::malformed, "the tar header at {} is broken, {} bytes were passed over", start, at_ - start));
            return true;
        }
        // Behind the end mark lies what a disk or tape block held before: no fault.
        if (after_end_mark_) return false;
        if (searched >= kMaxSearchBytes) {
            fault(fail(Code::malformed, "the tar header at {} is broken, and no good one follows", start));
            return false;
        }
        searched += kBlock;
        at_ += kBlock;
    }
}

// The content behind the header and its padding; shorter, with a fault, when the archive ends in it.
Bytes TarReader::take_content(std::uint64_t size, std::vector<Error>& faults) {
    const std::uint64_t left = bytes_.size() - at_;
    const std::uint64_t here = std::min(size, left);
    if (here < size) faults.push_back(fail(Code::truncated, "{} bytes of {} are there", here, size));
    const Bytes content = bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(here));
    at_ += std::min(left, size > left ? left : round_up(size));
    return content;
}

void TarReader::add_piece(SparseMap& map, std::uint64_t offset, std::uint64_t count) {
    if (map.size() < kMaxSparsePieces) map.emplace_back(offset, count);
    else if (map.size() == kMaxSparsePieces) fault(fail(Code::over_limit, "a sparse file of more than {} pieces", kMaxSparsePieces));
}

void TarReader::pax_record(std::string_view key, std::string_view value, Extension& extension) {
    const auto number = parse_unsigned(value);
    if (key == "path") extension.path = std::string{value};
    else if (key == "size") extension.size = number;
    else if (key == "GNU.sparse.name") extension.sparse_name = std::string{value};
    else if (key == "GNU.sparse.size" || key == "GNU.sparse.realsize" || key == "SCHILY.realsize") extension.sparse_size = number;
    else if (key == "GNU.sparse.major") extension.sparse_in_content = value == "1";
    else if (key == "GNU.sparse.offset") extension.map_offset = number;
    else if (key == "GNU.sparse.numbytes" && extension.map_offset && number) {
        add_piece(extension.map, *extension.map_offset, *number);
        extension.map_offset.reset();
    } else if (key == "GNU.sparse.map") {
        const auto numbers = split(value, ',');
        extension.map.clear();
        for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
            const auto offset = parse_unsigned(numbers[i]);
            const auto count = parse_unsigned(numbers[i + 1]);
            if (!offset || !count) {
                fault(fail(Code::malformed, "a sparse map holds something else than numbers"));
                return;
            }
            add_piece(extension.map, *offset, *count);
        }
    }
}

// POSIX.1-2017, pax, "pax Extended Header": "%d %s=%s\n", the number counting the whole record.
void TarReader::read_pax(Bytes records, Extension& extension) {
    std::string_view rest = as_text(records);
    while (!rest.empty() && rest[0] != '\0') {
        const auto blank = rest.find(' ');
        const auto length = blank == std::string_view::npos ? std::nullopt : parse_unsigned(rest.substr(0, blank));
        if (!length || *length <= blank + 1 || *length > rest.size()) {
            fault(fail(Code::malformed, "a pax record breaks off"));
            return;
        }
        std::string_view record = rest.substr(blank + 1, static_cast<std::size_t>(*length) - blank - 1);
        rest.remove_prefix(static_cast<std::size_t>(*length));
        if (record.ends_with('\n')) record.remove_suffix(1);
        const auto equals = record.find('=');
        if (equals == std::string_view::npos) {
            fault(fail(Code::malformed, "a pax record has no value"));
            continue;
        }
        pax_record(record.substr(0, equals), record.substr(equals + 1), extension);
    }
}

// The map of GNU's old sparse header, and of the blocks that continue it.
void TarReader::read_old_map(Bytes header, SparseMap& map) {
    const auto read = [&](Bytes block, std::size_t first, std::size_t entries) {
        for (std::size_t i = 0; i < entries; ++i) {
            const Bytes entry = block.subspan(first + i * kMapEntryBytes, kMapEntryBytes);
            const auto offset = tar_number(entry.first(12));
            const auto count = tar_number(entry.subspan(12));
            if (entry[0] == 0 || !offset || !count) return;
            add_piece(map, *offset, *count);
        }
    };
    read(header, kOldMap, kOldMapEntries);
    bool more = header[kOldMapMore] != 0;
    while (more) {
        const Bytes block = block_at(bytes_, at_);
        if (block.empty()) {
            fault(fail(Code::truncated, "a sparse map is cut off"));
            return;
        }
        at_ += kBlock;
        read(block, 0, kMoreMapEntries);
        more = block[kMoreMapMore] != 0;
    }
}

// pax 1.0: the number of pieces, then offset and length of each, a line a number, filled up to a block.
Bytes TarReader::read_map_in_content(Bytes content, SparseMap& map) {
    std::string_view rest = as_text(content);
    const auto number = [&]() -> std::optional<std::uint64_t> {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        const auto value = parse_unsigned(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        return value;
    };
    const auto pieces = number();
    for (std::uint64_t i = 0; pieces && i < *pieces; ++i) {
        const auto offset = number();
        const auto count = number();
        if (!offset || !count) {
            fault(fail(Code::malformed, "a sparse map holds something else than numbers"));
            break;
        }
        add_piece(map, *offset, *count);
    }
    const std::uint64_t used = round_up(content.size() - rest.size());
    return content.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(used, content.size())));
}

// Writes a sparse file out as a reader of it would see it.
void TarReader::spread(Member& member, const SparseMap& map, std::uint64_t size, Sink& sink) {
    Bytes stored = member.content;
    const std::uint64_t packed = stored.size();
    sink.begin();
    const auto write_all = [&]() -> Status {
        for (const auto& [offset, count] : map) {
            if (offset < sink.size()) return fail(Code::malformed, "the pieces of a sparse file overlap");
            WARD_TRY(sink.write_zeros(offset - sink.size(), packed));
            const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(count, stored.size()));
            WARD_TRY(sink.write(stored.first(here), packed));
            stored = stored.subspan(here);
            if (here < count) return fail(Code::truncated, "a sparse file ends in the middle of a piece");
        }
        if (size > sink.size()) return sink.write_zeros(size - sink.size(), packed);
        return done();
    };
    if (auto status = write_all(); !status) member.faults.push_back(std::move(status).error());
    auto content = sink.finish();
    if (content) member.content = *content;
    else member.faults.push_back(std::move(content).error());
}

bool TarReader::next(Member& member, Sink& sink) {
    member.clear();
    Extension extension = global_;
    std::optional<std::string> long_name;
    while (find_header(sink.budget())) {
        const Bytes header = block_at(bytes_, at_);
        const std::uint64_t header_at = at_;
        at_ += kBlock;
        const char kind = static_cast<char>(header[kTypeFlag]);
        const auto stored_size = tar_number(part(header, kSize));
        if (!stored_size) fault(fail(Code::malformed, "the size in the tar header at {} is not a number", header_at));
        std::uint64_t size = stored_size.value_or(0);

        const bool is_extension = kind == 'x' || kind == 'X' || kind == 'g' || kind == 'L' || kind == 'K';
        if (is_extension) {
            std::vector<Error> faults;
            const Bytes text = take_content(size, faults);
            for (auto& error : faults) fault(std::move(error));
            if (text.size() > kMaxExtensionBytes) {
                fault(fail(Code::over_limit, "an extended tar header of {}", human_bytes(text.size())));
            } else if (kind == 'L') {
                long_name = std::string{text_of(text)};
            } else if (kind == 'g') {
                read_pax(text, global_);
                extension = global_;
            } else if (kind != 'K') {
                read_pax(text, extension);
            }
            continue;
        }

        if (extension.size) size = *extension.size;
        const std::string_view magic = as_text(part(header, kMagic));
        std::string name{text_of(part(header, kName))};
        // GNU's old header has other things in the place of the prefix.
        if (magic == std::string_view{"ustar\0", 6}) {
            const auto prefix = text_of(part(header, kPrefix));
            if (!prefix.empty()) name = std::string{prefix} + "/" + name;
        }
        if (long_name) name = std::move(*long_name);
        if (extension.path) name = *extension.path;
        if (extension.sparse_name) name = *extension.sparse_name;

        SparseMap map = std::move(extension.map);
        std::optional<std::uint64_t> whole_size = extension.sparse_size;
        const bool old_sparse = kind == 'S' && magic == "ustar ";
        if (old_sparse) {
            read_old_map(header, map);
            whole_size = tar_number(part(header, kOldRealSize));
        }
        const bool no_content = is_link_or_device(kind) && (size == 0 || is_header(block_at(bytes_, at_)));
        const bool in_content = extension.sparse_in_content;
        extension = global_;
        long_name.reset();
        if (no_content) continue;

        member.content = take_content(size, member.faults);
        const bool folder = kind == '5' || name.ends_with('/');
        if (folder && member.content.empty()) {
            for (auto& error : member.faults) fault(std::move(error));
            member.clear();
            continue;
        }
        member.name = std::move(name);
        if (in_content) member.content = read_map_in_content(member.content, map);
        if (old_sparse || in_content || !map.empty()) {
            std::uint64_t end = 0;
            for (const auto& [offset, count] : map) end = offset > UINT64_MAX - count ? UINT64_MAX : std::max(end, offset + count);
            spread(member, map, whole_size.value_or(end), sink);
        }
        return true;
    }
    return false;
}

}  // namespace ward::formats
