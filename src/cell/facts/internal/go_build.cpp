// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/go_build.h"

#include "core/cursor.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::string_view kMagic{"\xff Go buildinf:"};
constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint64_t kAlign = 16;
constexpr std::string_view kSection = ".go.buildinfo";
constexpr std::uint64_t kMaxBytes = 4 * kMiB;  // of the information; that of Kubernetes has 20 KiB

// A varint's length and the text, as since Go 1.18.
Result<std::string_view> inline_text(Cursor& cursor) {
    std::uint64_t count = 0;
    for (int shift = 0;; shift += 7) {
        if (shift > 63) return fail(Code::malformed, "a length that has no end in Go's build information");
        const std::uint8_t byte = WARD_TRY(cursor.u8());
        count |= std::uint64_t{byte & 0x7fU} << shift;
        if ((byte & 0x80) == 0) break;
    }
    return as_text(WARD_TRY(cursor.take(count)));
}

// A pointer to a string's header: a pointer to its bytes and their count.
class Pointed {
public:
    Pointed(FileParts& file, const ElfOutline& elf, std::uint8_t bytes, bool big_endian)
        : file_{file}, elf_{elf}, bytes_{bytes}, big_endian_{big_endian} {}

    Result<std::uint64_t> number(Bytes bytes, std::uint64_t at) const {
        Cursor cursor{bytes};
        WARD_TRY(cursor.seek(at));
        if (bytes_ == 4) return std::uint64_t{WARD_TRY(big_endian_ ? cursor.u32be() : cursor.u32le())};
        return WARD_TRY(big_endian_ ? cursor.u64be() : cursor.u64le());
    }
    Result<std::string_view> text(std::uint64_t address) const {
        const Bytes head = WARD_TRY(at(address, 2 * std::uint64_t{bytes_}));
        const std::uint64_t count = WARD_TRY(number(head, bytes_));
        if (count == 0) return std::string_view{};
        if (count > kMaxBytes) return fail(Code::over_limit, "{} bytes of Go's build information", count);
        return as_text(WARD_TRY(at(WARD_TRY(number(head, 0)), count)));
    }

private:
    Result<Bytes> at(std::uint64_t address, std::uint64_t count) const {
        const auto place = elf_.place_of(address);
        if (!place || count > place->bytes) {
            return fail(Code::unsupported, "Go's build information lies at an address that is known when the program runs");
        }
        return file_.at(place->offset, count);
    }

    FileParts& file_;
    const ElfOutline& elf_;
    std::uint8_t bytes_;
    bool big_endian_;
};

struct Module {
    std::string_view path;
    std::string_view version;
};

Result<Module> module_of(std::string_view columns, std::uint64_t line) {
    const auto parts = split(columns, '\t');
    if (parts.size() < 2 || parts.size() > 3 || parts[0].empty()) return fail(Code::malformed, "Go's build information breaks off in line {}", line);
    return Module{parts[0], parts[1]};
}

Status read_modules(std::string_view text, Told& told) {
    std::string_view line;
    bool replaceable = false;
    for (std::uint64_t number = 1; next_line(text, line); ++number) {
        const auto tab = std::min(line.find('\t'), line.size());
        const std::string_view key = line.substr(0, tab);
        const bool replacement = key == "=>";
        if (!replacement && key != "mod" && key != "dep") continue;
        if (replacement && !replaceable) return fail(Code::malformed, "Go's build information replaces no module in line {}", number);
        const Module module = WARD_TRY(module_of(line.substr(std::min(tab + 1, line.size())), number));
        const bool released = module.version.starts_with('v');  // else it is "(devel)", or nothing
        const std::optional<std::string> version = released ? std::optional<std::string>{module.version} : std::nullopt;
        replaceable = !replacement;
        if (!replacement) told.add(std::string{module.path}, version);
        // One replaced by a folder goes by its own name still.
        if (!replacement) continue;
        Software& last = told.all.back();
        last.version = version;
        if (version) last.name = module.path;
    }
    return done();
}

}  // namespace

std::optional<std::string> go_release(std::string_view version) {
    version = version.substr(0, version.find(' '));
    if (!version.starts_with("go")) return std::nullopt;
    version.remove_prefix(2);
    const auto end = std::min(version.find_first_not_of("0123456789."), version.size());
    const std::string_view suffix = version.substr(end);
    auto numbers = split(version.substr(0, end), '.');
    if (numbers.size() > 3 || std::any_of(numbers.begin(), numbers.end(), [](auto part) { return part.empty(); })) return std::nullopt;
    while (numbers.size() < 3) numbers.push_back("0");
    std::string out = fmt::format("v{}.{}.{}", numbers[0], numbers[1], numbers[2]);
    if (suffix.empty()) return out;
    // What a distributor adds ("-fips", "+auto") is no release of its own.
    if (suffix.front() == '-' || suffix.front() == '+') return out;
    return out + "-" + std::string{suffix};
}

Status read_go(FileParts& file, const ElfOutline& elf, Told& told) {
    const auto* section = elf.find(kSection);
    if (section == nullptr) return done();
    if (section->bytes > kMaxBytes) return fail(Code::over_limit, "{} of Go's build information", human_bytes(section->bytes));
    const Bytes data = WARD_TRY(file.at(section->offset, section->bytes));
    // Aligned as an address, not in the file.
    std::size_t at = as_text(data).find(kMagic);
    while (at != std::string_view::npos && (section->address + at) % kAlign != 0) at = as_text(data).find(kMagic, at + 1);
    if (at == std::string_view::npos) return fail(Code::malformed, "a section {} without Go's build information", kSection);
    Cursor cursor{data};
    WARD_TRY(cursor.seek(at));
    const Bytes header = WARD_TRY(cursor.take(kHeaderBytes));
    const std::uint8_t pointer_bytes = header[kMagic.size()];
    const std::uint8_t flags = header[kMagic.size() + 1];
    std::string_view version;
    std::string_view modules;
    if ((flags & 2) != 0) {
        version = WARD_TRY(inline_text(cursor));
        modules = WARD_TRY(inline_text(cursor));
    } else {
        if (pointer_bytes != 4 && pointer_bytes != 8) return fail(Code::malformed, "pointers of {} bytes in Go's build information", pointer_bytes);
        const Pointed pointed{file, elf, pointer_bytes, (flags & 1) != 0};
        const std::uint64_t first = WARD_TRY(pointed.number(header, 16));
        const std::uint64_t second = WARD_TRY(pointed.number(header, 16 + std::uint64_t{pointer_bytes}));
        // Both at once, because each may have to be asked for.
        const auto first_text = pointed.text(first);
        const auto second_text = pointed.text(second);
        version = WARD_TRY(first_text);
        modules = WARD_TRY(second_text);
    }
    if (version.empty()) return fail(Code::malformed, "Go's build information has no version");
    told.ecosystem = "Go";
    told.add("stdlib", go_release(version));
    // Between two marks of 16 bytes each, unless it was built without modules.
    constexpr std::size_t kMarkBytes = 16;
    if (modules.size() < 2 * kMarkBytes + 1 || modules[modules.size() - kMarkBytes - 1] != '\n') return done();
    return read_modules(modules.substr(kMarkBytes, modules.size() - 2 * kMarkBytes), told);
}

}  // namespace ward::facts
