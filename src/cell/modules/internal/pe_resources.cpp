// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe_resources.h"

#include <algorithm>

namespace ward::modules {

namespace {

constexpr std::uint64_t kDirectoryBytes = 16;
constexpr std::uint64_t kEntryBytes = 8;
constexpr std::uint64_t kDataEntryBytes = 16;
constexpr std::uint32_t kHighBit = 0x80000000;
constexpr std::int32_t kVersionType = 16;
constexpr std::size_t kMaxResources = 65'536;         // YARA's
constexpr std::uint64_t kMaxEntriesOfAKind = 32'768;  // YARA's, of one directory
constexpr std::uint64_t kMaxNameCharacters = 1'000;   // YARA's
constexpr std::uint64_t kMaxResourceBytes = 0x3fffffff;  // YARA's
constexpr std::size_t kMaxKeyCharacters = 63;         // YARA's
constexpr std::size_t kMaxValueCharacters = 255;      // YARA's
// Ours: directories, and version resources, may share their bytes, so a small file can spell a very large tree.
constexpr std::uint32_t kMaxEntries = 1'000'000;
constexpr std::size_t kMaxVersionTexts = 16'384;
constexpr std::uint64_t kMaxVersionBytes = 64 * kMiB;

std::uint64_t up_to_four(std::uint64_t count) { return (count + 3) & ~std::uint64_t{3}; }

class Reader {
public:
    Reader(const PeImage& image, Deadline* deadline) : image_{image}, deadline_{deadline} {}

    PeResources all() {
        const auto directory = image_.directory(PeImage::kResource);
        if (!directory || directory->address == 0) return std::move(out_);
        const auto start = image_.rva_to_offset(directory->address);
        if (!start || !image_.has(*start, kDirectoryBytes)) return std::move(out_);
        start_ = *start;
        out_.root = PeResources::Root{word(start_ + 4), half(start_ + 8), half(start_ + 10)};
        read_directory(start_, 0);
        return std::move(out_);
    }

private:
    std::uint32_t word(std::uint64_t offset) const { return static_cast<std::uint32_t>(image_.number(offset, 4).value_or(0)); }
    std::uint16_t half(std::uint64_t offset) const { return static_cast<std::uint16_t>(image_.number(offset, 2).value_or(0)); }
    bool late() { return entries_ >= kMaxEntries || (deadline_ != nullptr && deadline_->passed(16)); }

    // Level 0 tells types, 1 names and 2 languages; data may hang at any of them.
    void read_directory(std::uint64_t at, std::size_t level) {
        const std::uint64_t named = half(at + 12);
        const std::uint64_t numbered = half(at + 14);
        if (word(at) != 0 || named > kMaxEntriesOfAKind || numbered > kMaxEntriesOfAKind) return;
        std::uint64_t entry = at + kDirectoryBytes;
        if (!image_.has(entry, (named + numbered) * kEntryBytes)) return;
        for (std::uint64_t i = 0; i < named + numbered && !late(); ++i, entry += kEntryBytes) {
            ++entries_;
            const std::uint32_t to = word(entry + 4);
            if (to == 0) return;  // YARA goes no further in this directory
            numbers_[level] = static_cast<std::int32_t>(word(entry));
            names_[level] = name_of(word(entry));
            const std::uint64_t next = start_ + (to & ~kHighBit);
            if ((to & kHighBit) != 0 && level < 2) {
                if (!image_.has(next, kDirectoryBytes)) continue;
                read_directory(next, level + 1);
                names_[level + 1].reset();
            } else if (image_.has(next, kDataEntryBytes)) {
                read_data(next);
            }
        }
    }

    std::optional<std::string_view> name_of(std::uint32_t name) const {
        if ((name & kHighBit) == 0) return std::nullopt;
        const std::uint64_t at = start_ + (name & ~kHighBit);
        const auto characters = image_.number(at, 2);
        if (!characters || *characters > kMaxNameCharacters || !image_.has(at + 2, *characters * 2)) return std::nullopt;
        return as_text(image_.bytes).substr(static_cast<std::size_t>(at + 2), static_cast<std::size_t>(*characters * 2));
    }

    PeResources::Label label(std::size_t level) const {
        if (names_[level]) return *names_[level];
        if (numbers_[level] == -1) return std::monostate{};
        return numbers_[level];
    }

    void read_data(std::uint64_t at) {
        const std::uint32_t size = word(at + 4);
        if (size == 0 || size > kMaxResourceBytes || out_.resources.size() >= kMaxResources) return;
        const std::uint32_t address = word(at);
        const auto offset = image_.rva_to_offset(address);
        out_.resources.push_back({address, offset, size, label(0), label(1), label(2)});
        if (numbers_[0] == kVersionType && offset) read_version(*offset);
    }

    // The number of characters before the zero that ends a text in UTF-16; nothing when none does.
    std::optional<std::uint64_t> wide_length(std::uint64_t at) {
        for (std::uint64_t i = 0; image_.has(at, 2 * (i + 1)); ++i) {
            if (++version_characters_ > kMaxVersionBytes / 2) return std::nullopt;
            if (half(at + 2 * i) == 0) return i;
        }
        return std::nullopt;
    }

    // Its lower bytes: keys and values are Latin letters, or YARA's rules could not name them.
    std::string narrow(std::uint64_t at, std::uint64_t characters, std::size_t most) const {
        std::string out;
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(characters, most); ++i) {
            const char c = static_cast<char>(half(at + 2 * i) & 0xff);
            if (c == '\0') break;
            out += c;
        }
        return out;
    }

    bool has_key(std::uint64_t at, std::string_view key) const {
        if (!image_.has(at, 2 * (key.size() + 1)) || half(at + 2 * key.size()) != 0) return false;
        for (std::size_t i = 0; i < key.size(); ++i) {
            if (half(at + 2 * i) != static_cast<std::uint8_t>(key[i])) return false;
        }
        return true;
    }

    // VS_VERSIONINFO: blocks of a length, the length of the value, a kind, a key, and then, each at a multiple of four bytes, the
    // value and the blocks inside. Of them: StringFileInfo, tables by language, texts.
    static constexpr std::uint64_t kKey = 6;

    void read_version(std::uint64_t at) {
        if (!has_key(at + kKey, "VS_VERSION_INFO")) return;
        at += 92;  // with its value, which has a fixed size
        while (has_key(at + kKey, "VarFileInfo") && half(at) != 0 && !late()) at += up_to_four(half(at));
        while (has_key(at + kKey, "StringFileInfo") && half(at) != 0 && !late()) {
            std::uint64_t table = at + 36;
            at += up_to_four(half(at));
            while (table < at && !late()) {
                const auto key = image_.has(table, kKey) ? wide_length(table + kKey) : std::nullopt;
                if (!key || half(table) == 0) break;
                const std::uint64_t first = table + up_to_four(kKey + 2 * (*key + 1));
                table += up_to_four(half(table));
                if (!read_texts(first, table)) return;
            }
        }
    }

    bool read_texts(std::uint64_t at, std::uint64_t end) {
        while (at < end) {
            if (late() || out_.versions.size() >= kMaxVersionTexts) return false;
            const auto key = image_.has(at, kKey) ? wide_length(at + kKey) : std::nullopt;
            if (!key || half(at) == 0) break;
            const std::uint64_t value = at + up_to_four(kKey + 2 * (*key + 1));
            if (const auto length = wide_length(value)) {
                const bool empty = half(at + 2) == 0;
                out_.versions.push_back({narrow(at + kKey, *key, kMaxKeyCharacters), empty ? "" : narrow(value, *length, kMaxValueCharacters)});
            }
            at += up_to_four(half(at));
        }
        return true;
    }

    const PeImage& image_;
    Deadline* deadline_;
    PeResources out_;
    std::uint64_t start_ = 0;
    std::uint32_t entries_ = 0;
    std::uint64_t version_characters_ = 0;
    // Of the entries on the way down; numbers stay when the way goes up again, as in YARA.
    std::int32_t numbers_[3] = {-1, -1, -1};
    std::optional<std::string_view> names_[3];
};

}  // namespace

PeResources PeResources::read(const PeImage& image, Deadline* deadline) { return Reader{image, deadline}.all(); }

}  // namespace ward::modules
