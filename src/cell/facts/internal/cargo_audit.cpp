// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/cargo_audit.h"

#include "cell/facts/internal/unpack.h"
#include "core/json_read.h"
#include "core/text.h"

namespace ward::facts {

namespace {

constexpr std::string_view kSection = ".dep-v0";
// The tool's own reader takes 8 MiB unpacked; the list of rust-analyzer's 200 crates has 20 KiB.
constexpr std::uint64_t kMaxPackedBytes = 4 * kMiB;
constexpr std::uint64_t kMaxBytes = 8 * kMiB;

}  // namespace

Status read_audit(FileParts& file, const ElfOutline& elf, Told& told) {
    const auto* section = elf.find(kSection);
    if (section == nullptr) return done();
    if (section->bytes > kMaxPackedBytes) return fail(Code::over_limit, "a list of crates of {}", human_bytes(section->bytes));
    const Buffer json = WARD_TRY(unpack_zlib(WARD_TRY(file.at(section->offset, section->bytes)), kMaxBytes));
    const JsonNode root = WARD_TRY(read_json(as_text(json)));
    const JsonNode* packages = root.find("packages");
    if (packages == nullptr || !packages->is_array()) return fail(Code::malformed, "a list of crates that is none");
    told.ecosystem = "crates.io";
    for (const auto& item : packages->items()) {
        const JsonNode* name = item.find("name");
        const JsonNode* version = item.find("version");
        const JsonNode* kind = item.find("kind");
        if (name == nullptr || name->text() == nullptr || version == nullptr || version->text() == nullptr) {
            return fail(Code::malformed, "a crate without name or version");
        }
        if (kind != nullptr && kind->text() != nullptr && *kind->text() == "build") continue;
        told.add(*name->text(), *version->text());
    }
    return done();
}

}  // namespace ward::facts
