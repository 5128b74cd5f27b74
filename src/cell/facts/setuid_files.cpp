// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/values.h"
#include "core/cursor.h"
#include "model/snapshots.h"

#include <sys/stat.h>

#include <array>

namespace ward::facts {

namespace {

// linux/capability.h, from bit 0.
constexpr std::array<std::string_view, 41> kCapabilities = {
    "cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill", "cap_setgid", "cap_setuid",
    "cap_setpcap", "cap_linux_immutable", "cap_net_bind_service", "cap_net_broadcast", "cap_net_admin", "cap_net_raw",
    "cap_ipc_lock", "cap_ipc_owner", "cap_sys_module", "cap_sys_rawio", "cap_sys_chroot", "cap_sys_ptrace", "cap_sys_pacct",
    "cap_sys_admin", "cap_sys_boot", "cap_sys_nice", "cap_sys_resource", "cap_sys_time", "cap_sys_tty_config", "cap_mknod",
    "cap_lease", "cap_audit_write", "cap_audit_control", "cap_setfcap", "cap_mac_override", "cap_mac_admin", "cap_syslog",
    "cap_wake_alarm", "cap_block_suspend", "cap_audit_read", "cap_perfmon", "cap_bpf", "cap_checkpoint_restore"};

// "cap_a,cap_b=ep" as getcap prints it. The attribute is a vfs_cap_data: a word with the revision in its top byte and
// "effective" in bit 0, then for each 32 capabilities a word permitted and a word inheritable; in revision 3 a user id behind.
Result<std::string> capability_text(std::string_view attribute) {
    Cursor in{as_bytes(attribute)};
    const std::uint32_t magic = WARD_TRY(in.u32le());
    const std::uint32_t revision = magic >> 24;
    if (revision < 1 || revision > 3) return fail(Code::unsupported, "file capabilities of revision {}", revision);
    std::uint64_t permitted = WARD_TRY(in.u32le());
    std::uint64_t inheritable = WARD_TRY(in.u32le());
    if (revision > 1) {
        permitted |= std::uint64_t{WARD_TRY(in.u32le())} << 32;
        inheritable |= std::uint64_t{WARD_TRY(in.u32le())} << 32;
    }
    const std::string_view effective = (magic & 1) != 0 ? "e" : "";
    // One group for each mixture of flags, in a fixed order.
    std::string out;
    const struct { std::uint64_t bits; std::string flags; } groups[] = {
        {permitted & ~inheritable, fmt::format("={}p", effective)},
        {permitted & inheritable, fmt::format("={}ip", effective)},
        {inheritable & ~permitted, fmt::format("={}i", effective)},
    };
    for (const auto& group : groups) {
        std::string names;
        for (std::size_t bit = 0; bit < 64; ++bit) {
            if ((group.bits >> bit & 1) == 0) continue;
            if (!names.empty()) names += ',';
            names += bit < kCapabilities.size() ? std::string{kCapabilities[bit]} : std::to_string(bit);
        }
        if (!names.empty()) out += (out.empty() ? "" : " ") + names + group.flags;
    }
    return out;
}

}  // namespace

wire::ParseAnswer parse_setuid_files(const Request& request) {
    wire::ParseAnswer answer;
    const auto entries = decode_folder(request.bytes_of("setuid:"));
    if (!entries) {
        answer.rows.gaps.push_back(gap("setuid:", 0, entries.error().code, entries.error().text));
        return answer;
    }
    std::set<std::string> paths;
    for (const auto& entry : *entries) paths.insert(entry.path);
    const auto owners = DpkgFiles{request}.owners(paths);
    for (const auto& entry : *entries) {
        Value capabilities;
        if (!entry.capabilities.empty()) {
            const auto words = capability_text(entry.capabilities);
            if (words) {
                capabilities = text(*words);
            } else {
                answer.rows.gaps.push_back(gap(entry.path, 0, words.error().code, words.error().text));
            }
        }
        const auto owner = owners.find(entry.path);
        const bool is_folder = S_ISDIR(entry.mode);
        answer.rows.rows.push_back({text(entry.path), text(is_folder ? "folder" : "file"), number(entry.mode & 07777),
                                    number(entry.uid), number(entry.gid), flag(!is_folder && (entry.mode & S_ISUID) != 0),
                                    flag(!is_folder && (entry.mode & S_ISGID) != 0), capabilities,
                                    flag((entry.mode & S_IWOTH) != 0), flag((entry.mode & S_ISVTX) != 0), number(entry.size),
                                    number(entry.modified), owner == owners.end() ? null() : text(owner->second)});
    }
    return answer;
}

}  // namespace ward::facts
