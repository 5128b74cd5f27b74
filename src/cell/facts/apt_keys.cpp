// SPDX-License-Identifier: Apache-2.0
// The table `apt_keys`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/deb822.h"
#include "cell/facts/internal/openpgp.h"
#include "core/text.h"

#include <sys/stat.h>

namespace ward::facts {
namespace {

constexpr std::string_view kTrusted = "/etc/apt/trusted.gpg";
constexpr std::string_view kTrustedFolder = "/etc/apt/trusted.gpg.d/";

bool has_key_name(std::string_view path) { return path.ends_with(".gpg") || path.ends_with(".asc"); }

// apt takes no other files of that folder.
bool is_trusted_for_all(std::string_view path) {
    return path == kTrusted || (path.starts_with(kTrustedFolder) && has_key_name(path));
}

void add_keyring(std::string_view path, std::uint64_t line, Bytes keyring, Collector& out) {
    const OpenpgpKeyring read = read_openpgp_keyring(keyring);
    for (const OpenpgpKey& key : read.keys) {
        if (!key.is_primary() && !(key.may_sign && key.bound)) continue;
        out.add({text(path), text(key.fingerprint), flag(key.is_primary()), text(key.primary_fingerprint), text_or_null(key.user_id),
                 number(key.version), text(key.algorithm), number(key.bits), text_or_null(key.hash), number(key.created),
                 number(key.expires), flag(key.revoked), flag(is_trusted_for_all(path))});
    }
    for (const Error& error : read.errors) out.gap(path, line, error.code, error.text);
}

// Blocks in a text that begins at `first_line` of the file; how many there are.
std::size_t add_armored(std::string_view path, std::uint64_t first_line, std::string_view text, Collector& out) {
    std::size_t blocks = 0;
    for (ArmorReader armor{text}; const auto block = armor.next(); ++blocks) {
        const std::uint64_t line = first_line + block->line - 1;
        if (block->keyring) add_keyring(path, line, *block->keyring, out);
        else out.gap(path, line, block->keyring.error().code, block->keyring.error().text);
    }
    return blocks;
}

// Signed-By may hold the key itself: a blank before each line, and a dot for an empty one (sources.list(5)).
void add_inline_keys(const Source& source, Collector& out) {
    Deb822 file{as_text(source.bytes)};
    while (file.next()) {
        const Deb822::Field* field = file.find("Signed-By");
        if (field == nullptr || field->value.find("-----BEGIN") == std::string_view::npos) continue;
        std::string key;
        std::string_view rest = field->value;
        std::string_view line;
        while (next_line(rest, line)) key.append(trim(line) == "." ? "" : trim(line)).append("\n");
        const std::uint64_t first = field->line + (field->value.starts_with("-----") ? 0 : 1);
        if (add_armored(source.about.name, first, key, out) == 0) {
            out.gap(source.about.name, field->line, Code::malformed, "a Signed-By without a whole key");
        }
    }
}

void add_file(const Source& source, Collector& out) {
    const std::string_view path = source.about.name;
    if (begins_like_keyring(source.bytes)) return add_keyring(path, 0, source.bytes, out);
    if (add_armored(path, 1, as_text(source.bytes), out) != 0 || source.bytes.empty() || !has_key_name(path)) return;
    out.gap(path, 0, Code::malformed, "no OpenPGP key in it");
}

}  // namespace

wire::ParseAnswer parse_apt_keys(const Request& request) {
    Collector out;
    for (const Source& source : request.sources) {
        if (S_ISDIR(source.about.mode)) continue;
        if (source.about.name.ends_with(".sources")) add_inline_keys(source, out);
        else add_file(source, out);
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
