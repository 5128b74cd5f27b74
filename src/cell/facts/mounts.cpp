// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/values.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace ward::facts {

namespace {

constexpr std::string_view kMountinfo = "/proc/self/mountinfo";
constexpr std::string_view kFstab = "/etc/fstab";

// Blanks, tabs, line ends and backslashes in a name are written as \ooo (proc(5), fstab(5)).
std::string unescape(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto code = field[i] == '\\' && field.size() - i > 3 ? parse_unsigned(field.substr(i + 1, 3), 8) : std::nullopt;
        if (code && *code <= 0xff) {
            out += static_cast<char>(*code);
            i += 3;
        } else {
            out += field[i];
        }
    }
    return out;
}

bool has_option(std::string_view options, std::string_view name) {
    const auto all = split(options, ',');
    return std::find(all.begin(), all.end(), name) != all.end();
}

struct Mount {
    std::string path, device, type;
    std::string options;
    std::string boot_options;
    bool mounted = false;
    std::uint64_t line = 0;  // in fstab
};

Value option(const Mount& mount, std::string_view name) {
    return flag(has_option(mount.mounted ? mount.options : mount.boot_options, name));
}

// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": before the dash a variable number of
// fields, behind it type, device and the options of the file system itself.
std::optional<Mount> read_mount(std::string_view line) {
    const auto fields = words(line);
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) return std::nullopt;
    Mount mount{unescape(fields[4]), unescape(dash[2]), unescape(dash[1]), std::string{fields[5]}, {}, true, 0};
    // What the file system says goes on the whole; a read-only one is so whatever the mount point says.
    for (const auto part : split(dash[3], ',')) {
        if (part != "rw" && !has_option(mount.options, part)) mount.options.append(",").append(part);
    }
    return mount;
}

}  // namespace

wire::ParseAnswer parse_mounts(const Request& request) {
    wire::ParseAnswer answer;
    std::vector<Mount> mounts;
    std::string_view rest = as_text(request.bytes_of(kMountinfo));
    std::string_view line;
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        if (auto mount = read_mount(line)) {
            mounts.push_back(*std::move(mount));
        } else {
            answer.rows.gaps.push_back(gap(kMountinfo, at, Code::malformed, "not a line of mountinfo"));
        }
    }
    rest = as_text(request.bytes_of(kFstab));
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        const auto fields = words(line);
        if (fields.empty() || fields[0].starts_with('#')) continue;
        if (fields.size() < 3) {
            answer.rows.gaps.push_back(gap(kFstab, at, Code::malformed, "a line of fstab needs device, path and type"));
            continue;
        }
        const std::string path = unescape(fields[1]);
        const std::string_view options = fields.size() > 3 ? fields[3] : "defaults";
        // Of several mounts at one place the last lies on top.
        const auto found = std::find_if(mounts.rbegin(), mounts.rend(), [&](const Mount& mount) {
            return mount.mounted && mount.path == path && mount.line == 0;
        });
        if (found != mounts.rend()) {
            found->boot_options = options;
            found->line = at;
        } else {
            mounts.push_back({path, unescape(fields[0]), unescape(fields[2]), {}, std::string{options}, false, at});
        }
    }
    for (const auto& mount : mounts) {
        answer.rows.rows.push_back({text(mount.path), text(mount.device), text(mount.type),
                                    mount.mounted ? text(mount.options) : null(),
                                    mount.line != 0 ? text(mount.boot_options) : null(),
                                    option(mount, "ro"), option(mount, "nosuid"), option(mount, "nodev"), option(mount, "noexec"),
                                    flag(mount.mounted), mount.line != 0 ? number(mount.line) : null()});
    }
    return answer;
}

}  // namespace ward::facts
