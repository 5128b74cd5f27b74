// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe_imports.h"

#include <algorithm>

namespace ward::modules {

namespace {

// YARA's for the import directory; for delayed imports, where it has none, ours.
constexpr std::uint32_t kMaxLibraries = 16'384;
constexpr std::uint32_t kMaxFunctions = 16'384;
constexpr std::size_t kMaxNameBytes = 512;       // YARA's
constexpr std::size_t kMaxLibraryNameBytes = 256;  // YARA's
constexpr std::size_t kMaxDelayedNameBytes = 4'096;  // ours
// Ours, of functions with those that are left out: tables may share their bytes, so a small file can name very many.
constexpr std::uint32_t kMaxTries = 262'144;

// The name of a library, if it is one that Windows takes: it ends, and has no character that file names cannot have.
std::optional<std::string_view> library_name(const PeImage& image, std::uint64_t address, std::size_t most) {
    const auto offset = image.rva_to_offset(address);
    if (!offset) return std::nullopt;
    const std::string_view name = image.text(*offset, most);
    const std::size_t room = std::min<std::size_t>(most, image.bytes.size() - static_cast<std::size_t>(*offset));
    if (name.empty() || name.size() >= room) return std::nullopt;
    const bool valid = std::all_of(name.begin(), name.end(), [](char c) {
        return c >= ' ' && c <= '~' && std::string_view{"\"*<>?|"}.find(c) == std::string_view::npos;
    });
    if (!valid) return std::nullopt;
    return name;
}

// What linkers write; others read no further names.
bool is_function_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"._?@$()<>"}.find(c) != std::string_view::npos;
    });
}

class Reader {
public:
    Reader(const PeImage& image, Deadline* deadline) : image_{image}, deadline_{deadline} {}

    PeImports all() {
        const auto start = table(PeImage::kImport);
        if (!start) return std::move(out_);
        constexpr std::uint64_t kDescriptorBytes = 20;
        std::uint64_t at = *start;
        for (std::uint32_t i = 0; i < kMaxLibraries && image_.has(at, kDescriptorBytes); ++i, at += kDescriptorBytes) {
            const std::uint64_t name_address = word(at + 12);
            if (name_address == 0 || late()) break;
            const auto name = library_name(image_, name_address, kMaxLibraryNameBytes);
            if (!name) continue;
            PeImports::Library library{*name, {}};
            read_functions(library, word(at), word(at + 16));
            if (!library.functions.empty()) out_.libraries.push_back(std::move(library));
        }
        return std::move(out_);
    }

    PeImports all_delayed() {
        const auto start = table(PeImage::kDelayImport);
        if (!start) return std::move(out_);
        constexpr std::uint64_t kDescriptorBytes = 32;
        std::uint64_t at = *start;
        for (std::uint32_t i = 0; i < kMaxLibraries && image_.has(at, kDescriptorBytes) && !late(); ++i, at += kDescriptorBytes) {
            const Bytes descriptor = image_.bytes.subspan(static_cast<std::size_t>(at), kDescriptorBytes);
            if (std::all_of(descriptor.begin(), descriptor.end(), [](std::uint8_t byte) { return byte == 0; })) break;
            const std::uint64_t attributes = word(at);
            if (attributes > 1) break;
            // Linkers before Visual C++ 7 wrote addresses with the image's base.
            const bool absolute = attributes == 0;
            const bool absolute_fields = absolute && !image_.is_64bit;
            const std::uint64_t name_address = relative(word(at + 4), absolute_fields);
            const std::uint64_t cells = relative(word(at + 12), absolute_fields);
            const std::uint64_t names = relative(word(at + 16), absolute_fields);
            if (names >= image_.size_of_image || cells >= image_.size_of_image || name_address < kDosHeaderBytes || names < kDosHeaderBytes) {
                break;
            }
            const auto name = library_name(image_, name_address, kMaxDelayedNameBytes);
            if (!name) continue;
            PeImports::Library& library = out_.libraries.emplace_back(PeImports::Library{*name, {}});
            read_delayed_functions(library, names, cells, absolute);
        }
        return std::move(out_);
    }

private:
    static constexpr std::uint64_t kDosHeaderBytes = 64;

    std::optional<std::uint64_t> table(std::uint32_t number) const {
        const auto directory = image_.directory(number);
        if (!directory || directory->address == 0) return std::nullopt;
        return image_.rva_to_offset(directory->address);
    }

    std::uint64_t word(std::uint64_t offset) const { return image_.number(offset, 4).value_or(0); }
    std::uint64_t relative(std::uint64_t address, bool absolute) const {
        return absolute && address > image_.image_base ? address - image_.image_base : address;
    }
    std::size_t width() const { return image_.is_64bit ? 8 : 4; }
    std::uint64_t ordinal_flag() const { return image_.is_64bit ? std::uint64_t{1} << 63 : std::uint64_t{1} << 31; }
    bool late() { return tries_ >= kMaxTries || (deadline_ != nullptr && deadline_->passed(64)); }

    void add(PeImports::Library& library, std::string_view name, std::uint64_t address) {
        library.functions.push_back({name, std::nullopt, address});
        ++out_.functions;
    }

    void add(PeImports::Library& library, std::uint16_t ordinal, std::uint64_t address) {
        std::string_view name = name_of_ordinal(library.name, ordinal);
        if (name.empty()) name = out_.names.emplace_back("ord" + std::to_string(ordinal));
        library.functions.push_back({name, ordinal, address});
        ++out_.functions;
    }

    void read_functions(PeImports::Library& library, std::uint64_t names, std::uint64_t cells) {
        auto start = image_.rva_to_offset(names);
        if (!start || *start == 0) start = image_.rva_to_offset(cells);
        if (!start) return;
        std::uint64_t at = *start;
        for (std::uint64_t i = 0; i < kMaxFunctions && out_.functions < kMaxFunctions; ++i, at += width()) {
            const auto entry = image_.number(at, width());
            if (!entry || *entry == 0 || late()) return;
            ++tries_;
            std::uint64_t address = cells + width() * i;
            if (!image_.is_64bit) address &= 0xffffffff;
            if ((*entry & ordinal_flag()) != 0) {
                if (*entry - ordinal_flag() <= 0xffff) add(library, static_cast<std::uint16_t>(*entry), address);
                continue;
            }
            const auto offset = image_.rva_to_offset(*entry);
            if (!offset || !image_.has(*offset, 3)) continue;  // a hint, and a byte of name
            const std::string_view name = image_.text(*offset + 2, kMaxNameBytes);
            if (is_function_name(name)) add(library, name, address);
        }
    }

    void read_delayed_functions(PeImports::Library& library, std::uint64_t names, std::uint64_t cells, bool absolute) {
        for (;; names += width(), cells += width()) {
            const auto entry = number_at(names);
            const auto cell = number_at(cells);
            if (!entry || !cell || *entry == 0 || *cell == 0 || out_.functions >= kMaxFunctions || late()) return;
            ++tries_;
            if ((*entry & ordinal_flag()) != 0) {
                add(library, static_cast<std::uint16_t>(*entry), cells);
                continue;
            }
            const auto offset = image_.rva_to_offset(relative(*entry, absolute) + 2);
            if (offset) add(library, image_.text(*offset, kMaxNameBytes), cells);
        }
    }

    std::optional<std::uint64_t> number_at(std::uint64_t address) const {
        const auto offset = image_.rva_to_offset(address);
        return offset ? image_.number(*offset, width()) : std::nullopt;
    }

    const PeImage& image_;
    Deadline* deadline_;
    PeImports out_;
    std::uint32_t tries_ = 0;
};

}  // namespace

PeImports PeImports::read(const PeImage& image, Deadline* deadline) { return Reader{image, deadline}.all(); }
PeImports PeImports::read_delayed(const PeImage& image, Deadline* deadline) { return Reader{image, deadline}.all_delayed(); }

}  // namespace ward::modules
