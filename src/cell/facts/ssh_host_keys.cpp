// SPDX-License-Identifier: Apache-2.0
// The table `ssh_host_keys`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/ssh_key.h"
#include "core/text.h"

#include <sys/stat.h>

namespace ward::facts {
namespace {

using State = wire::SourceBytes::State;

constexpr std::string_view kPrefix = "/etc/ssh/ssh_host_";
constexpr std::uint32_t kPermissionBits = 07777;

void add_key(const wire::SourceBytes& about, bool is_private, const SshKey& key, const Value& encrypted, Collector& out) {
    out.add({text(about.name), flag(is_private), text_or_null(key.type_name()), number(key.bits), text_or_null(key.fingerprint),
             encrypted, number(about.mode & kPermissionBits), number(about.uid), number(about.gid)});
}

// A file that may not be read: only its name says which half it is.
void add_unseen(const wire::SourceBytes& about, Collector& out) {
    if (S_ISREG(about.mode)) add_key(about, !about.name.ends_with(".pub"), SshKey{}, null(), out);
}

// The public half: a key a line, as in authorized_keys but without options.
void add_public(const Source& source, Collector& out) {
    bool any = false;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = trim(lines.text());
        if (line.empty() || line.starts_with('#')) continue;
        any = true;
        const auto read = read_ssh_key_line(line);
        if (read) add_key(source.about, false, read->key, null(), out);
        else out.gap(source.about.name, lines.number(), read.error().code, read.error().text);
    }
    if (!any) out.gap(source.about.name, 0, Code::malformed, "no key in it");
}

}  // namespace

wire::ParseAnswer parse_ssh_host_keys(const Request& request) {
    Collector out;
    for (const Source& source : request.sources) {
        const auto& about = source.about;
        if (!about.name.starts_with(kPrefix) || S_ISDIR(about.mode)) continue;
        if (about.state == State::denied || about.state == State::failed) add_unseen(about, out);
        if (about.state != State::whole) continue;
        const auto read = read_ssh_private_key(source.bytes);
        if (!read) out.gap(about.name, 0, read.error().code, read.error().text);
        else if (*read) add_key(about, true, (*read)->key, flag((*read)->encrypted), out);
        else add_public(source, out);
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
