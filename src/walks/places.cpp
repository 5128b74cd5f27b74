// SPDX-License-Identifier: Apache-2.0
#include "walks/places.h"

#include "core/text.h"
#include "host/system_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>

namespace ward::walks {

namespace {

namespace fs = std::filesystem;

// Folders and files from which something starts by itself.
constexpr const char* kStartPlaces[] = {
    "/etc/ld.so.preload", "/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly",
    "/etc/cron.monthly", "/var/spool/cron", "/var/spool/at", "/etc/anacrontab", "/etc/systemd", "/run/systemd/system",
    "/usr/local/lib/systemd", "/etc/init.d", "/etc/rc.local", "/etc/inittab", "/etc/profile", "/etc/profile.d",
    "/etc/bash.bashrc", "/etc/environment", "/etc/update-motd.d", "/etc/udev/rules.d", "/etc/xdg/autostart", "/etc/apt/apt.conf.d",
    "/etc/dpkg", "/etc/pam.d", "/etc/modules-load.d", "/etc/modprobe.d", "/etc/network", "/etc/NetworkManager/dispatcher.d",
};
constexpr const char* kTemporary[] = {"/tmp", "/var/tmp", "/dev/shm", "/run/user"};
constexpr const char* kWeb[] = {"/var/www", "/srv", "/usr/share/nginx", "/usr/lib/cgi-bin", "/usr/local/www", "/opt"};
constexpr const char* kByHand[] = {"/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/usr/local/share"};

std::string below(const std::string& root, const std::string& path) { return root == "/" ? path : root + path; }

}  // namespace

std::vector<std::string> telling_places(const std::string& root, const std::vector<std::string>& homes) {
    std::vector<std::string> places;
    const auto add = [&](const std::string& path) {
        if (path.size() < 2 || path.front() != '/') return;  // a home of "/" would be the whole machine
        const std::string place = below(root, path);
        std::error_code ignored;
        // A link's target is found where it really lies, or was named with --root on purpose.
        if (!fs::exists(fs::symlink_status(place, ignored)) || fs::is_symlink(fs::symlink_status(place, ignored))) return;
        if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    };
    for (const char* path : kStartPlaces) add(path);
    for (const char* path : kTemporary) add(path);
    for (const char* path : kWeb) add(path);
    for (const auto& home : homes) add(home);
    for (const char* path : kByHand) add(path);
    return places;
}

RunningPrograms running_programs() {
    RunningPrograms out;
    std::uint64_t hidden = 0;
    std::error_code error;
    for (fs::directory_iterator at{"/proc", error}, end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (!parse_unsigned(name)) continue;
        const std::string link = "/proc/" + name + "/exe";
        std::array<char, PATH_MAX> target{};
        const ssize_t length = ::readlink(link.c_str(), target.data(), target.size() - 1);
        if (length < 0) {
            // Kernel threads have none (ENOENT), and neither has a process that has just ended.
            if (errno == EACCES || errno == EPERM) ++hidden;
            continue;
        }
        // Through the link the program is had even when its name is gone.
        host::Descriptor file{::open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
        struct stat info {};
        if (!file || ::fstat(file.get(), &info) != 0) {
            if (errno != ENOENT && errno != ESRCH) ++hidden;
            continue;
        }
        if (!S_ISREG(info.st_mode) || !out.inodes.emplace(info.st_dev, info.st_ino).second) continue;
        const std::string path{target.data(), static_cast<std::size_t>(length)};
        out.files.push_back({Object{path, static_cast<std::uint64_t>(info.st_size), info.st_uid, info.st_mode}, std::move(file), 0});
    }
    if (error) out.gaps.push_back(host::system_gap("/proc", error.value(), "running programs cannot be listed"));
    if (hidden > 0) {
        out.gaps.push_back(Gap{Where{"/proc", 0, {}}, Code::denied,
                               fmt::format("the kernel does not show this user the programs of {} process{}", hidden, hidden == 1 ? "" : "es")});
    }
    return out;
}

}  // namespace ward::walks
