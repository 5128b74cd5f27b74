// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts::testing {

// Makes ELF programs for tests: sections one after the other, all of the file loaded at kBase, the table of sections at the end.
//
//     ElfFile elf;
//     elf.add(".go.buildinfo", content);
//     const Buffer program = elf.bytes();
struct ElfFile {
    struct Section {
        std::string name;
        std::string content;
        std::uint32_t type = 1;  // of bytes
    };
    static constexpr std::uint64_t kBase = 0x400000;

    bool is_64 = true;
    bool big_endian = false;
    std::uint16_t type = 2;
    std::size_t padding = 0;  // before the first section
    std::vector<Section> sections;

    void add(std::string name, std::string content) { sections.push_back({std::move(name), std::move(content)}); }

    std::string number(std::uint64_t value, std::size_t bytes) const {
        std::string out;
        for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i) & 0xff);
        return out;
    }
    std::string word(std::uint64_t value) const { return number(value, is_64 ? 8 : 4); }

    // Where a section's content will lie, in the file.
    std::size_t offset_of(std::size_t index) const {
        std::size_t at = aligned(header_bytes() + segment_bytes() + padding);
        for (std::size_t i = 0; i < index; ++i) at = aligned(at + sections[i].content.size());
        return at;
    }

    std::string text() const {
        std::string names(1, '\0');
        std::vector<std::size_t> name_at;
        for (const auto& section : sections) {
            name_at.push_back(names.size());
            names += section.name + std::string(1, '\0');
        }
        const std::size_t names_name = names.size();
        names += std::string{".shstrtab"} + std::string(1, '\0');
        const std::size_t names_at = offset_of(sections.size());
        const std::size_t table_at = aligned(names_at + names.size());
        std::string out = std::string{"\x7f" "ELF"} + (is_64 ? '\2' : '\1') + (big_endian ? '\2' : '\1') + '\1' + std::string(9, '\0');
        out += number(type, 2) + number(62, 2) + number(1, 4) + word(0) + word(header_bytes()) + word(table_at) + number(0, 4);
        out += number(header_bytes(), 2) + number(segment_bytes(), 2) + number(1, 2) + number(section_bytes(), 2) +
               number(sections.size() + 2, 2) + number(sections.size() + 1, 2);
        if (is_64) out += number(1, 4) + number(7, 4) + word(0) + word(kBase) + word(kBase) + word(table_at) + word(table_at) + word(4096);
        else out += number(1, 4) + word(0) + word(kBase) + word(kBase) + word(table_at) + word(table_at) + number(7, 4) + word(4096);
        std::string table(section_bytes(), '\0');
        const auto describe = [&](std::size_t name, std::uint32_t kind, std::size_t at, std::size_t bytes) {
            table += number(name, 4) + number(kind, 4) + word(2) + word(kBase + at) + word(at) + word(bytes) + number(0, 8) + word(1) + word(0);
        };
        for (std::size_t i = 0; i < sections.size(); ++i) {
            out.resize(offset_of(i));
            out += sections[i].content;
            describe(name_at[i], sections[i].type, offset_of(i), sections[i].content.size());
        }
        out.resize(names_at);
        out += names;
        describe(names_name, 3, names_at, names.size());
        out.resize(table_at);
        return out + table;
    }
    Buffer bytes() const {
        const std::string all = text();
        return {all.begin(), all.end()};
    }

private:
    static std::size_t aligned(std::size_t at) { return (at + 15) / 16 * 16; }
    std::size_t header_bytes() const { return is_64 ? 64 : 52; }
    std::size_t segment_bytes() const { return is_64 ? 56 : 32; }
    std::size_t section_bytes() const { return is_64 ? 64 : 40; }
};

}  // namespace ward::facts::testing
