// SPDX-License-Identifier: Apache-2.0
#include "doors/settings.h"

#include "core/text.h"
#include "core/toml_read.h"
#include "host/read_all.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace ward::doors {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxThreads = 256;
constexpr std::uint64_t kMaxSettingsBytes = 1 * kMiB;

constexpr Option kScanOptions[] = {
    {"rules", 0, "SRC", "use these rules instead of Ward's own: a YARA file, a folder of them, or a compiled database", true},
    {"define", 'd', "NAME=VALUE", "give an external variable of the rules its value", true},
    {"threads", 0, "N", "cells that work side by side (one for each processor)"},
    {"exclude", 0, "GLOB", "leave out paths that match, at any depth unless it begins with a slash; ** matches across folders", true},
    {"cross-mounts", 0, nullptr, "also enter network, pseudo and removable file systems below a root"},
    {"max-filesize", 0, "SIZE", "leave out larger files, as gaps (no limit)"},
    {"max-scansize", 0, "SIZE", "unpack at most so much from one file (4G)"},
    {"max-membersize", 0, "SIZE", "unpack at most so much of one member (1G)"},
    {"max-depth", 0, "N", "containers in containers (16)"},
    {"max-members", 0, "N", "members of one file, all depths together (100000)"},
    {"max-ratio", 0, "N", "unpacked bytes for a packed one (250)"},
    {"max-time", 0, "TIME", "for one file (30s)"},
};

Result<std::uint64_t> natural(const TomlNode& table, std::string_view key, std::uint64_t other, std::uint64_t most) {
    const std::int64_t value = WARD_TRY(table.integer_or(key, static_cast<std::int64_t>(other)));
    if (value < 0 || static_cast<std::uint64_t>(value) > most) {
        return table.find(key)->wrong(fmt::format("`{}` must lie between 0 and {}", key, most));
    }
    return static_cast<std::uint64_t>(value);
}

constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
constexpr std::uint64_t kMost32 = 0xffff'ffff;

Status read_limits(const TomlNode& table, Limits& limits) {
    WARD_TRY(table.only({"max_scansize", "max_membersize", "max_depth", "max_members", "max_ratio", "max_time_ms"}));
    limits.max_unpacked_bytes = WARD_TRY(natural(table, "max_scansize", limits.max_unpacked_bytes, kMost));
    limits.max_member_bytes = WARD_TRY(natural(table, "max_membersize", limits.max_member_bytes, kMost));
    limits.max_depth = static_cast<std::uint32_t>(WARD_TRY(natural(table, "max_depth", limits.max_depth, 1000)));
    limits.max_members = static_cast<std::uint32_t>(WARD_TRY(natural(table, "max_members", limits.max_members, kMost32 - 1)));
    limits.max_ratio = static_cast<std::uint32_t>(WARD_TRY(natural(table, "max_ratio", limits.max_ratio, kMost32)));
    const auto now = static_cast<std::uint64_t>(limits.max_time.count());
    limits.max_time = std::chrono::milliseconds{static_cast<std::int64_t>(WARD_TRY(natural(table, "max_time_ms", now, kMost32)))};
    return done();
}

Status read_update(const TomlNode& table, UpdateSettings& update) {
    WARD_TRY(table.only({"on", "off", "proxy", "ca_file", "require", "source"}));
    if (table.find("on") != nullptr) update.on = WARD_TRY(table.texts_or_none("on"));
    if (table.find("off") != nullptr) update.off = WARD_TRY(table.texts_or_none("off"));
    update.proxy = WARD_TRY(table.text_or("proxy", update.proxy));
    update.ca_file = WARD_TRY(table.text_or("ca_file", update.ca_file));
    if (!update.ca_file.empty() && update.ca_file[0] != '/') return table.find("ca_file")->wrong("`ca_file` must be an absolute path");
    const std::string require = WARD_TRY(table.text_or("require", update.require_set ? "set" : "any"));
    if (require != "set" && require != "any") return table.find("require")->wrong("`require` is \"set\" or \"any\"");
    update.require_set = require == "set";
    const TomlNode* sources = table.find("source");
    if (sources == nullptr) return done();
    if (sources->kind != TomlNode::Kind::array) return sources->wrong("a source is written as [[update.source]]");
    for (const auto& node : sources->items) {
        if (node.kind != TomlNode::Kind::table) return node.wrong("a source is written as [[update.source]]");
        auto source = WARD_TRY(update::read_source_spec(node));
        std::erase_if(update.sources, [&](const update::SourceSpec& other) { return other.id == source.id; });
        update.sources.push_back(std::move(source));
    }
    return done();
}

Status read_file(const std::string& path, Settings& settings) {
    const auto text = host::read_file(path, kMaxSettingsBytes);
    if (!text && text.error().code == Code::not_found) return done();
    if (!text) return text.error();
    const TomlNode root = WARD_TRY(read_toml(*text, path));
    WARD_TRY(root.only({"scan", "limits", "check", "update"}));
    if (const auto* scan = root.find("scan")) {
        if (scan->kind != TomlNode::Kind::table) return scan->wrong("`scan` must be a table");
        WARD_TRY(scan->only({"rules", "exclude", "threads", "max_filesize", "cross_mounts"}));
        if (scan->find("rules") != nullptr) settings.rules = WARD_TRY(scan->texts_or_none("rules"));
        if (scan->find("exclude") != nullptr) settings.exclude = WARD_TRY(scan->texts_or_none("exclude"));
        settings.threads = static_cast<unsigned>(WARD_TRY(natural(*scan, "threads", settings.threads, kMaxThreads)));
        settings.max_filesize = WARD_TRY(natural(*scan, "max_filesize", settings.max_filesize, kMost));
        settings.cross_mounts = WARD_TRY(scan->boolean_or("cross_mounts", settings.cross_mounts));
    }
    if (const auto* limits = root.find("limits")) {
        if (limits->kind != TomlNode::Kind::table) return limits->wrong("`limits` must be a table");
        WARD_TRY(read_limits(*limits, settings.limits));
    }
    if (const auto* check = root.find("check")) {
        if (check->kind != TomlNode::Kind::table) return check->wrong("`check` must be a table");
        WARD_TRY(check->only({"budget_seconds"}));
        const auto now = static_cast<std::uint64_t>(settings.budget.count()) / 1000;
        settings.budget = std::chrono::seconds{static_cast<std::int64_t>(WARD_TRY(natural(*check, "budget_seconds", now, kMost32)))};
    }
    if (const auto* update = root.find("update")) {
        if (update->kind != TomlNode::Kind::table) return update->wrong("`update` must be a table");
        WARD_TRY(read_update(*update, settings.update));
    }
    return done();
}

}  // namespace

Result<Settings> read_settings(const std::vector<std::string>& files) {
    Settings settings;
    for (const auto& file : files) WARD_TRY(read_file(file, settings));
    return settings;
}

Result<Settings> load_settings() {
    std::vector<std::string> files{"/etc/ward/ward.toml"};
    std::vector<std::string> parts;
    std::error_code error;
    for (fs::directory_iterator at{"/etc/ward/ward.d", error}, end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".toml") parts.push_back(at->path().string());
    }
    std::sort(parts.begin(), parts.end());
    files.insert(files.end(), parts.begin(), parts.end());
    const char* folder = std::getenv("XDG_CONFIG_HOME");
    const char* home = std::getenv("HOME");
    if (folder != nullptr && folder[0] == '/') {
        files.push_back(std::string{folder} + "/ward/ward.toml");
    } else if (home != nullptr && home[0] == '/') {
        files.push_back(std::string{home} + "/.config/ward/ward.toml");
    }
    return read_settings(files);
}

Result<wire::Externals> externals_of(const Arguments& arguments) {
    wire::Externals externals;
    for (const auto& item : arguments.all("define")) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos || equals == 0) return fail(Code::malformed, "--define wants NAME=VALUE, not {}", shell_quote(item));
        const std::string name = item.substr(0, equals);
        const std::string value = item.substr(equals + 1);
        double real = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), real);
        if (value == "true" || value == "false") {
            externals[name] = value == "true";
        } else if (const auto number = parse_signed(value)) {
            externals[name] = *number;
        } else if (!value.empty() && error == std::errc{} && end == value.data() + value.size() && value.find('.') != std::string::npos) {
            externals[name] = real;
        } else {
            externals[name] = value;
        }
    }
    return externals;
}

std::span<const Option> scan_options() { return kScanOptions; }

Status apply(const Arguments& arguments, Settings& settings) {
    if (arguments.has("rules")) settings.rules = arguments.all("rules");
    settings.externals = WARD_TRY(externals_of(arguments));
    if (arguments.has("exclude")) settings.exclude = arguments.all("exclude");
    settings.cross_mounts = settings.cross_mounts || arguments.has("cross-mounts");
    const std::uint64_t threads = WARD_TRY(arguments.number("threads", settings.threads));
    if (threads > kMaxThreads) return fail(Code::malformed, "--threads may be at most {}", kMaxThreads);
    settings.threads = static_cast<unsigned>(threads);
    if (settings.threads == 0) settings.threads = std::max(1U, std::thread::hardware_concurrency());
    Limits& limits = settings.limits;
    settings.max_filesize = WARD_TRY(arguments.bytes("max-filesize", settings.max_filesize));
    limits.max_unpacked_bytes = WARD_TRY(arguments.bytes("max-scansize", limits.max_unpacked_bytes));
    limits.max_member_bytes = WARD_TRY(arguments.bytes("max-membersize", limits.max_member_bytes));
    const auto small = [&](std::string_view option, std::uint32_t& field, std::uint32_t most) -> Status {
        const std::uint64_t value = WARD_TRY(arguments.number(option, field));
        if (value > most) return fail(Code::malformed, "--{} may be at most {}", option, most);
        field = static_cast<std::uint32_t>(value);
        return done();
    };
    WARD_TRY(small("max-depth", limits.max_depth, 1000));
    WARD_TRY(small("max-members", limits.max_members, kMost32 - 1));
    WARD_TRY(small("max-ratio", limits.max_ratio, kMost32));
    limits.max_time = WARD_TRY(arguments.time("max-time", limits.max_time));
    return done();
}

}  // namespace ward::doors
