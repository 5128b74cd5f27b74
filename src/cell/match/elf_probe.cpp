// SPDX-License-Identifier: Apache-2.0
// Prints what the ELF reader sees in files, and the entry point that rules see, for tools/elf_diff.py. Tests only.
#include "cell/formats/elf.h"
#include "cell/match/internal/entry_point.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

void show(ward::Bytes bytes) {
    const auto elf = ward::formats::Elf::read(bytes);
    if (!elf) {
        fmt::print("no {}\n", elf.error().text);
        return;
    }
    fmt::print("header {} {} {} {} {:x} {} {}\n", elf->is_64 ? 64 : 32, elf->big_endian ? "big" : "little", elf->type, elf->machine,
               elf->entry, elf->segments_at, elf->sections_at);
    for (const auto& s : elf->segments) {
        fmt::print("segment {:x} {:x} {:x} {:x} {:x} {:x}\n", s.type, s.offset, s.address, s.file_bytes, s.memory_bytes, s.flags);
    }
    for (const auto& s : elf->sections) fmt::print("section {:x} {:x} {:x} {:x} {}\n", s.type, s.address, s.offset, s.bytes, s.name);
    for (const auto& name : elf->needed) fmt::print("needed {}\n", name);
    if (!elf->soname.empty()) fmt::print("soname {}\n", elf->soname);
    if (!elf->interpreter.empty()) fmt::print("interpreter {}\n", elf->interpreter);
    if (!elf->build_id.empty()) fmt::print("build-id {}\n", ward::to_hex(elf->build_id));
    fmt::print("dynamic-symbols {}\nsymbols {}\n", elf->dynamic_symbols.size(), elf->symbols.size());
    if (const auto offset = elf->entry_offset()) fmt::print("entry-offset {}\n", *offset);
    for (const auto& fault : elf->faults) fmt::print("fault {}\n", fault.text);
    if (const auto entry = ward::match::entry_point(bytes)) fmt::print("entrypoint {}\n", *entry);
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const int file = ::open(argv[i], O_RDONLY | O_CLOEXEC);
        struct stat about {};
        if (file < 0 || ::fstat(file, &about) != 0) return 2;
        const auto size = static_cast<std::size_t>(about.st_size);
        void* memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (memory == MAP_FAILED) return 2;
        fmt::print("file {}\n", argv[i]);
        show({static_cast<const std::uint8_t*>(memory), size});
        if (memory != nullptr) ::munmap(memory, size);
        ::close(file);
    }
    return 0;
}
