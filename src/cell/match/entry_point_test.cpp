// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/entry_point.h"

#include <gtest/gtest.h>

#include <vector>

namespace ward::match {
namespace {

void put(Buffer& out, std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : 0));
}

struct Part {
    std::uint32_t type;
    std::uint64_t address, bytes, offset;
};

// A 64-bit little-endian ELF file that is nothing but headers.
Buffer elf(std::uint16_t type, std::uint64_t entry, const std::vector<Part>& segments, const std::vector<Part>& sections) {
    Buffer out{0x7f, 'E', 'L', 'F', 2, 1, 1};
    out.resize(16);
    const std::uint64_t sections_at = 64 + 56 * segments.size();
    put(out, type, 2), put(out, 62, 2), put(out, 1, 4), put(out, entry, 8), put(out, segments.empty() ? 0 : 64, 8);
    put(out, sections.empty() ? 0 : sections_at, 8), put(out, 0, 4), put(out, 64, 2), put(out, 56, 2), put(out, segments.size(), 2);
    put(out, 64, 2), put(out, sections.size(), 2), put(out, 0, 2);
    for (const auto& s : segments) put(out, s.type, 4), put(out, 5, 4), put(out, s.offset, 8), put(out, s.address, 8), put(out, s.address, 8), put(out, s.bytes, 8), put(out, s.bytes, 8), put(out, 4096, 8);
    for (const auto& s : sections) put(out, 0, 4), put(out, s.type, 4), put(out, 0, 8), put(out, s.address, 8), put(out, s.offset, 8), put(out, s.bytes, 8), put(out, 0, 8), put(out, 1, 8), put(out, 0, 8);
    return out;
}

Buffer with(Buffer bytes, std::size_t at, std::uint8_t value) {
    bytes[at] = value;
    return bytes;
}

// A PE program with its header at 64.
Buffer pe(std::uint16_t machine, std::uint32_t entry, const std::vector<Part>& sections, std::size_t behind = 1) {
    Buffer out{'M', 'Z'};
    out.resize(60);
    put(out, 64, 4), put(out, 0x4550, 4), put(out, machine, 2), put(out, sections.size(), 2), put(out, 0, 12), put(out, 224, 2), put(out, 2, 2);
    put(out, 0x10b, 2), put(out, 0, 14), put(out, entry, 4);
    out.resize(64 + 24 + 224);
    for (const auto& s : sections) put(out, 0, 8), put(out, s.bytes, 4), put(out, s.address, 4), put(out, s.bytes, 4), put(out, s.offset, 4), put(out, 0, 16);
    out.resize(out.size() + behind);
    return out;
}

constexpr std::uint16_t kExecutable = 2, kShared = 3;
constexpr std::uint32_t kLoad = 1, kNote = 4, kProgBits = 1, kNoBits = 8;

// The answers of yara 4.2.3 to `entrypoint == N` on the same bytes.
TEST(EntryPoint, IsWhereYaraSaysItIs) {
    struct Case { const char* name; Buffer bytes; std::optional<std::uint64_t> want; };
    const Case cases[] = {
        {"a program, by its segments", elf(kExecutable, 0x401010, {{kLoad, 0x400000, 0x100, 0}, {kLoad, 0x401000, 0x100, 0x500}}, {}), 0x510},
        {"a segment of another type counts", elf(kExecutable, 0x401010, {{kNote, 0x401000, 0x100, 0x300}, {kLoad, 0x401000, 0x100, 0x500}}, {}), 0x310},
        {"a program that no segment holds", elf(kExecutable, 0x500000, {{kLoad, 0x400000, 0x100, 0}}, {}), 0},
        {"a program's sections do not count", elf(kExecutable, 0x500, {}, {{kProgBits, 0x400, 0x200, 0x40}}), 0},
        {"a shared object, by its sections", elf(kShared, 0x1010, {{kLoad, 0x1000, 0x100, 0x500}}, {{0, 0, 0x9000, 7}, {kNoBits, 0x1000, 0x100, 9}, {kProgBits, 0x1000, 0x100, 0x700}}), 0x710},
        {"a shared object without sections", elf(kShared, 0x1010, {{kLoad, 0x1000, 0x100, 0x500}}, {}), 0},
        {"a section whose offset wraps round", elf(kShared, 0x1010, {}, {{kProgBits, 0x1000, 0x100, UINT64_MAX}}), 15},
        {"more sections stated than there are", with(elf(kShared, 0x1010, {}, {{kProgBits, 0x1000, 0x100, 0x700}}), 60, 2), 0},
        {"sections of another stated size", with(elf(kShared, 0x1010, {}, {{kProgBits, 0x1000, 0x100, 0x700}}), 58, 63), 0x710},
        {"a section whose end wraps round", elf(kShared, 0x1010, {}, {{kProgBits, 0x1000, UINT64_MAX, 0x700}}), 0},
        {"more segments stated than there are", with(elf(kExecutable, 0x401010, {{kLoad, 0x401000, 0x100, 0x500}}, {}), 56, 2), 0},
        {"an ELF header that is cut off", Buffer{0x7f, 'E', 'L', 'F', 2, 1, 1}, std::nullopt},
        {"an unknown class", Buffer{0x7f, 'E', 'L', 'F', 3, 1, 1}, std::nullopt},
        {"a 32-bit PE", pe(0x14c, 0x1010, {{0, 0x1000, 0x200, 0x400}}), 0x410},
        {"a 64-bit one", pe(0x8664, 0x2010, {{0, 0x1000, 0x200, 0x400}, {0, 0x2000, 0x200, 0x600}}), 0x610},
        {"behind every section", pe(0x14c, 0x9010, {{0, 0x1000, 0x200, 0x400}}), 0x8410},
        {"before every section", pe(0x14c, 0x10, {{0, 0x1000, 0x200, 0x400}}), 0x10},
        {"a PE without sections", pe(0x14c, 0x10, {}), 0x10},
        {"a PE for another machine", pe(0xaa64, 0x1010, {{0, 0x1000, 0x200, 0x400}}), std::nullopt},
        {"a section table that reaches the end", pe(0x14c, 0x1010, {{0, 0x1000, 0x200, 0x400}}, 0), 0},
        {"a PE header that is cut off", pe(0x14c, 0x10, {}, 0), std::nullopt},
        {"text", Buffer{'t', 'e', 'x', 't'}, std::nullopt},
        {"nothing", {}, std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(entry_point(c.bytes), c.want);
        // Cut anywhere it may say less, but must stay inside what it is given.
        for (std::size_t cut = 0; cut < c.bytes.size(); ++cut) static_cast<void>(entry_point(Bytes{c.bytes}.first(cut)));
    }
}

}  // namespace
}  // namespace ward::match
