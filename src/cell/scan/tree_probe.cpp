// SPDX-License-Identifier: Apache-2.0
// Lists what a walk sees in files: a line for each object with its SHA-256, size, type and chain, and a line for each gap.
// tools/archive_diff.py compares this with what other programs unpack. Tests only.
#include "cell/scan/tree.h"
#include "core/hash.h"
#include "core/text.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace {

class Lister : public ward::scan::TreeVisitor {
public:
    void object(const ward::scan::Chain& chain, ward::formats::Type type, ward::Bytes bytes, ward::Deadline&) override {
        fmt::print("object {} {} {} {}\n", ward::sha256_hex(bytes), bytes.size(), ward::formats::type_name(type), join(chain));
    }
    void gap(const ward::scan::Chain& chain, const ward::Error& error) override {
        fmt::print("gap {} {} | {}\n", ward::code_name(error.code), join(chain), error.text);
    }

private:
    static std::string join(const ward::scan::Chain& chain) {
        std::string text;
        for (const auto& name : chain) text += "/" + ward::to_hex(ward::as_bytes(name));
        return text.empty() ? "." : text;
    }
};

}  // namespace

int main(int argc, char** argv) {
    const int spool = ::memfd_create("spool", MFD_CLOEXEC);
    auto tree = ward::scan::Tree::open(spool);
    if (!tree) return 2;
    for (int i = 1; i < argc; ++i) {
        const int file = ::open(argv[i], O_RDONLY | O_CLOEXEC);
        struct stat about {};
        if (file < 0 || ::fstat(file, &about) != 0) return 2;
        const auto size = static_cast<std::size_t>(about.st_size);
        void* memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (memory == MAP_FAILED) return 2;
        fmt::print("file {}\n", argv[i]);
        Lister lister;
        const auto tally = tree->walk(argv[i], {static_cast<const std::uint8_t*>(memory), size}, {}, lister);
        fmt::print("end {} bytes, {} members\n", tally.bytes, tally.members);
        if (memory != nullptr) ::munmap(memory, size);
        ::close(file);
    }
    return 0;
}
