// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/cron_files.h"
#include "cell/facts/internal/udev_rules.h"
#include "cell/facts/internal/unit_files.h"
#include "cell/facts/startup_parsers.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace ward::facts {
namespace {

constexpr std::string_view kPreload = "/etc/ld.so.preload";
// Read for everybody's sessions.
constexpr std::string_view kSystemShellFiles[] = {
    "/etc/bash.bashrc", "/etc/bashrc",      "/etc/csh.cshrc",   "/etc/csh.login",   "/etc/environment", "/etc/profile",
    "/etc/zsh/zlogin",  "/etc/zsh/zlogout", "/etc/zsh/zprofile", "/etc/zsh/zshenv", "/etc/zsh/zshrc"};
// Read for one user's, in his home.
constexpr std::string_view kHomeShellFiles[] = {
    ".bash_login", ".bash_logout", ".bash_profile", ".bashrc",  ".cshrc",    ".login",   ".profile",   ".tcshrc", ".xinitrc",
    ".xprofile",   ".xsession",    ".xsessionrc",   ".zlogin",  ".zlogout",  ".zprofile", ".zshenv",   ".zshrc"};

bool is_folder(const Source& source) { return (source.about.mode & 0170000) == 0040000; }
// Also when this user may not read it: that it is there is enough where the file as a whole counts.
bool is_file_with_bytes(const Source& source) { return (source.about.mode & 0170000) == 0100000 && source.about.size != 0; }

class Items {
public:
    explicit Items(const Request& request) : request_{request} {}

    wire::ParseAnswer list() {
        add_units();
        add_cron();
        add_init_scripts();
        add_shells();
        add_homes();
        add_preloads();
        add_udev();
        add_apt_hooks();
        return std::move(out_).finish();
    }

private:
    struct Item {
        std::string_view kind;
        std::string_view name;
        Value user;
        Value command;
        const Source* file;
        std::uint64_t line = 0;  // 0 for the file as a whole
    };

    void add(Item item) {
        const auto& about = item.file->about;
        out_.add({text(item.kind), text(item.name), std::move(item.user), std::move(item.command), text(about.name),
                  item.line != 0 ? number(item.line) : null(), number(about.mode & 07777), number(about.uid)});
    }

    void add_units() {
        const UnitFiles units{request_, out_};
        for (const auto& [name, unit] : units.all()) {
            constexpr std::string_view kKinds[] = {"path", "service", "socket", "timer"};
            unit_names_.insert(name);
            if (!unit.enabled() || unit.state == "alias" || !std::binary_search(std::begin(kKinds), std::end(kKinds), unit.type())) continue;
            // Timers and their like run nothing themselves.
            const Unit* service = unit.type() == "service" ? &unit : units.find(unit.starts());
            const auto user = service != nullptr ? service->user() : std::nullopt;
            const UnitSetting* start = service != nullptr ? service->first("Service", "ExecStart") : nullptr;
            add({unit.type(), name, user ? text(*user) : null(), start != nullptr ? text(start->value) : null(), unit.file});
        }
    }

    void add_cron() {
        for (const CronJob& job : read_cron_jobs(request_, out_)) {
            add({"cron", base_name(job.file->about.name), text(job.user), text(job.command), job.file, job.line});
        }
    }

    // A script of /etc/init.d counts when a runlevel has a link to it, unless systemd has a unit of its name (or its name without
    // ".sh"): then it starts that, or nothing.
    void add_init_scripts() {
        std::set<std::string_view> linked;
        for (const Source& source : request_.sources) {
            const std::string_view path = source.about.name;
            if (path.starts_with("stat:/etc/rc") || path.starts_with("stat:/etc/runlevels/")) linked.insert(base_name(source.about.link));
        }
        const Source* init = request_.find("stat:/sbin/init");
        const bool systemd = init != nullptr && base_name(init->about.link) == "systemd";
        for (const Source& source : request_.sources) {
            const std::string_view path = source.about.name;
            if (path == "/etc/rc.local" || path == "/etc/rc.d/rc.local") {
                if (is_program(source)) add({"rc.local", "rc.local", text("root"), text(path), &source});
                continue;
            }
            const std::string_view name = base_name(path);
            if (path.starts_with("/etc/update-motd.d/")) {
                if (is_program(source) && counts_as_motd(name)) add({"motd", name, text("root"), text(path), &source});
                continue;
            }
            if (!path.starts_with("/etc/init.d/") || !linked.contains(name) || !is_program(source)) continue;
            const std::string_view stem = name.ends_with(".sh") ? name.substr(0, name.size() - 3) : name;
            if (systemd && unit_names_.contains(fmt::format("{}.service", stem))) continue;
            add({"init", name, text("root"), text(path), &source});
        }
    }

    // The wider rule of run-parts(8), --lsbsysinit.
    static bool counts_as_motd(std::string_view name) {
        if (name.starts_with('.') || name.find(".dpkg-") != std::string_view::npos || name.ends_with('.')) return false;
        return std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || is_run_parts_name({&c, 1}); });
    }

    void add_shells() {
        for (const Source& source : request_.sources) {
            const std::string_view path = source.about.name;
            if (!is_file_with_bytes(source)) continue;
            const bool in_folder = path.starts_with("/etc/profile.d/") && (path.ends_with(".sh") || path.ends_with(".csh"));
            if (in_folder || std::binary_search(std::begin(kSystemShellFiles), std::end(kSystemShellFiles), path)) {
                add({"shell", base_name(path), null(), text(path), &source});
            } else if (path.starts_with("/etc/xdg/autostart/")) {
                add_autostart(source, null());
            }
        }
    }

    // Of accounts that have a shell. Several with one home run the same files; the first is named.
    void add_homes() {
        std::map<std::string, const Account*, std::less<>> homes;
        const auto accounts = read_passwd(request_, out_);
        for (const Account& account : accounts) {
            const std::string_view shell = base_name(account.shell);
            const bool has_shell = shell != "nologin" && shell != "false";
            if (!has_shell || !account.home.starts_with('/') || trim_slashes(account.home).empty()) continue;
            const std::string home{trim_slashes(account.home)};
            if (home.find_first_of("*?[") != std::string::npos) {
                out_.gap(kPasswd, account.line, Code::unsupported, "a home with '*', '?' or '[' in its path");
            } else if (homes.emplace(home, &account).second) {
                for (const auto file : kHomeShellFiles) out_.want(fmt::format("{}/{}", home, file));
                out_.want(home + "/.config/autostart/*.desktop");
            }
        }
        constexpr std::string_view kAutostart = "/.config/autostart";
        for (const Source& source : request_.sources) {
            const std::string_view path = source.about.name;
            const std::string_view name = base_name(path);
            std::string_view folder = path.substr(0, path.size() - std::min(name.size() + 1, path.size()));
            const bool autostart = folder.ends_with(kAutostart);
            if (autostart) folder.remove_suffix(kAutostart.size());
            const auto home = homes.find(folder);
            if (home == homes.end() || !is_file_with_bytes(source)) continue;
            if (autostart) add_autostart(source, text(home->second->name));
            else if (std::binary_search(std::begin(kHomeShellFiles), std::end(kHomeShellFiles), name)) add({"shell", name, text(home->second->name), text(path), &source});
        }
    }

    static std::string_view trim_slashes(std::string_view path) {
        const std::size_t last = path.find_last_not_of('/');
        return path.substr(0, last == std::string_view::npos ? 0 : last + 1);
    }

    // An entry of a desktop (Desktop Entry Specification): Exec in its first group, unless it is hidden.
    void add_autostart(const Source& source, Value user) {
        std::string command;
        std::uint64_t line = 0;
        bool hidden = false;
        bool in_entry = false;
        for (Lines lines{source, out_}; lines.next();) {
            const std::string_view entry = trim(lines.text());
            if (entry.starts_with('[')) in_entry = entry == "[Desktop Entry]";
            const std::size_t equals = entry.find('=');
            if (!in_entry || equals == std::string_view::npos) continue;
            const std::string_view key = trim(entry.substr(0, equals));
            const std::string_view value = trim(entry.substr(equals + 1));
            if (key == "Hidden") hidden = value == "true";
            if (key != "Exec") continue;
            command = value;
            line = lines.number();
        }
        if (line != 0 && !hidden) add({"autostart", base_name(source.about.name), std::move(user), text(command), &source, line});
    }

    // Names between blanks and colons; a '#' ends the line (ld.so(8)). Loaded into what root runs too.
    void add_preloads() {
        const Source* source = request_.find(kPreload);
        if (source == nullptr) return;
        for (Lines lines{*source, out_}; lines.next();) {
            std::string line{lines.text().substr(0, lines.text().find('#'))};
            std::replace(line.begin(), line.end(), ':', ' ');
            for (const auto library : words(line)) add({"preload", base_name(library), text("root"), text(library), source, lines.number()});
        }
    }

    void add_udev() {
        for (const UdevProgram& program : read_udev_programs(request_, out_)) {
            add({"udev", base_name(program.file->about.name), text("root"), text(program.command), program.file, program.line});
        }
    }

    void add_apt_hooks() {
        std::vector<Source> files;
        for (const Source& source : request_.sources) {
            if (source.about.name.starts_with("/etc/apt/") && !is_folder(source)) files.push_back(source);
        }
        auto settings = parse_apt_conf({{}, files, request_.now});
        for (auto& gap : settings.rows.gaps) out_.gap(gap.where.path, gap.where.line, gap.code, std::move(gap.why));
        enum { kName, kValue, kEffective, kFile, kLine };
        for (const Row& row : settings.rows.rows) {
            const auto& name = std::get<std::string>(row[kName]);
            const bool runs = name.find("-invoke") != std::string::npos || name.starts_with("dpkg::pre-install-pkgs") ||
                              name.starts_with("aptcli::hooks") || name.find("proxy-auto-detect") != std::string::npos;
            const bool effective = std::get<std::int64_t>(row[kEffective]) != 0;
            const auto& command = std::get<std::string>(row[kValue]);
            if (!runs || !effective || command.empty()) continue;
            const Source* file = request_.find(std::get<std::string>(row[kFile]));
            add({"apt-hook", name, text("root"), text(command), file, static_cast<std::uint64_t>(std::get<std::int64_t>(row[kLine]))});
        }
    }

    const Request& request_;
    Collector out_;
    std::set<std::string, std::less<>> unit_names_;
};

}  // namespace

wire::ParseAnswer parse_start_items(const Request& request) { return Items{request}.list(); }

}  // namespace ward::facts
