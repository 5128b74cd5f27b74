// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe_toolchain.h"

namespace ward::modules {

namespace {

constexpr std::uint64_t kDosHeaderBytes = 64;
constexpr std::uint32_t kRich = 0x68636952;
constexpr std::uint32_t kDans = 0x536e6144;
constexpr std::uint64_t kRichHeaderBytes = 16;  // "DanS" and three times the key
constexpr std::uint64_t kRichEntryBytes = 8;
constexpr std::uint64_t kDebugEntryBytes = 28;
constexpr std::uint32_t kCodeView = 2;
constexpr std::size_t kMaxPathBytes = 4096;  // YARA's

std::uint32_t word_of(std::string_view text, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(text[at + i]);
    return value;
}

}  // namespace

std::optional<PeRichSignature> PeRichSignature::read(const PeImage& image) {
    const auto word = [&](std::uint64_t at) { return static_cast<std::uint32_t>(image.number(at, 4).value_or(0)); };
    // Backwards from the headers, in steps of four bytes. A header may lie within the DOS header.
    if (image.coff_offset < kDosHeaderBytes + 8) return std::nullopt;
    std::uint64_t end = image.coff_offset - 8;
    while (end >= kDosHeaderBytes && word(end) != kRich) end -= 4;
    if (end < kDosHeaderBytes) return std::nullopt;
    const std::uint32_t key = word(end + 4);
    if (key == 0) return std::nullopt;
    std::uint64_t start = end - 4;
    while (start >= kDosHeaderBytes && (word(start) ^ key) != kDans) start -= 4;
    if (start < kDosHeaderBytes) return std::nullopt;
    PeRichSignature out{};
    out.offset = start;
    out.key = key;
    out.raw = as_text(image.bytes).substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
    out.clear = out.raw;
    for (std::size_t i = 0; i < out.clear.size(); ++i) out.clear[i] = static_cast<char>(out.clear[i] ^ static_cast<char>(key >> (8 * (i % 4))));
    if (out.clear.size() >= kRichHeaderBytes) {
        out.versions.emplace();
        for (std::size_t at = kRichHeaderBytes; at + kRichEntryBytes <= out.clear.size(); at += kRichEntryBytes) {
            *out.versions += out.clear.substr(at, 4);
        }
    }
    return out;
}

std::int64_t PeRichSignature::objects(std::optional<std::int64_t> version, std::optional<std::int64_t> tool) const {
    std::int64_t count = 0;
    for (std::size_t at = kRichHeaderBytes; at + kRichEntryBytes <= clear.size(); at += kRichEntryBytes) {
        const std::uint32_t id = word_of(clear, at);
        if (version && *version != static_cast<std::int64_t>(id & 0xffff)) continue;
        if (tool && *tool != static_cast<std::int64_t>(id >> 16)) continue;
        count += word_of(clear, at + 4);
    }
    return count;
}

std::optional<std::string_view> pdb_path(const PeImage& image, Deadline* deadline) {
    const auto word = [&](std::uint64_t offset) { return static_cast<std::uint32_t>(image.number(offset, 4).value_or(0)); };
    const auto directory = image.directory(PeImage::kDebug);
    if (!directory || directory->address == 0) return std::nullopt;
    const auto start = image.rva_to_offset(directory->address);
    if (!start) return std::nullopt;
    for (std::uint64_t i = 0; i < directory->size / kDebugEntryBytes; ++i) {
        const std::uint64_t at = *start + i * kDebugEntryBytes;
        if (!image.has(at, kDebugEntryBytes) || (deadline != nullptr && deadline->passed(16))) break;
        if (word(at + 12) != kCodeView) continue;
        // The address counts, unless it leads nowhere; then the place in the file.
        std::uint64_t place = word(at + 20) != 0 ? image.rva_to_offset(word(at + 20)).value_or(0) : 0;
        if (place == 0) place = word(at + 24);
        if (place == 0) continue;
        // Where the path is in the formats of CodeView.
        std::uint64_t path = 0;
        switch (word(place)) {
            case 0x3031424e: path = 16; break;  // NB10
            case 0x53445352: path = 24; break;  // RSDS
            case 0x434f544d: path = 20; break;  // MTOC
            default: continue;
        }
        if (!image.has(place, path + 1)) continue;
        const std::string_view text = image.text(place + path, kMaxPathBytes);
        if (text.size() < kMaxPathBytes) return text;
    }
    return std::nullopt;
}

}  // namespace ward::modules
