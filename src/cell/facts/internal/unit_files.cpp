// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/unit_files.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

using State = wire::SourceBytes::State;

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxFileSettings = 20'000;    // the largest unit of a distribution has 100
constexpr std::size_t kMaxTotalSettings = 500'000;  // of all units, instances of one file counted each
constexpr std::size_t kMaxLinks = 200'000;          // a host with everything installed has some hundreds
constexpr int kMaxAliases = 8;                      // names that stand for names, as in systemd

enum class Kind { usual, administrator, generated, transient };
struct Folder {
    std::string_view path;
    Kind kind;
};
// The search path, first wins. On hosts where /lib is a link its folder is /usr/lib's, and it is not asked for.
constexpr Folder kFolders[] = {
    {"/etc/systemd/system.control/", Kind::usual},
    {"/run/systemd/system.control/", Kind::usual},
    {"/run/systemd/transient/", Kind::transient},
    {"/run/systemd/generator.early/", Kind::generated},
    {"/etc/systemd/system/", Kind::administrator},
    {"/etc/systemd/system.attached/", Kind::usual},
    {"/run/systemd/system/", Kind::administrator},
    {"/run/systemd/system.attached/", Kind::usual},
    {"/run/systemd/generator/", Kind::generated},
    {"/usr/local/lib/systemd/system/", Kind::usual},
    {"/lib/systemd/system/", Kind::usual},
    {"/usr/lib/systemd/system/", Kind::usual},
    {"/run/systemd/generator.late/", Kind::generated},
};

constexpr std::string_view kTypes[] = {"automount", "device", "mount", "path", "scope", "service",
                                       "slice",     "socket", "swap",  "target", "timer"};
constexpr std::string_view kLinkFolders[] = {".requires", ".upholds", ".wants"};
constexpr std::string_view kPullingKeys[] = {"BindsTo", "Requires", "Upholds", "Wants"};

// Keys that take several assignments; an empty one clears those before it. Of all others the last one counts.
constexpr std::string_view kLists[] = {
    "Alias", "AllowedCPUs", "AllowedMemoryNodes", "Also", "AmbientCapabilities", "BPFProgram", "BindPaths", "BindReadOnlyPaths",
    "CPUAffinity", "CacheDirectory", "CapabilityBoundingSet", "ConfigurationDirectory", "Delegate", "DeviceAllow",
    "DisableControllers", "Documentation", "Environment", "EnvironmentFile", "ExecCondition", "ExecPaths", "ExecReload",
    "ExecSearchPath", "ExecStart", "ExecStartPost", "ExecStartPre", "ExecStop", "ExecStopPost", "ExecStopPre",
    "ExtensionDirectories", "ExtensionImages", "IODeviceLatencyTargetSec", "IODeviceWeight", "IOReadBandwidthMax",
    "IOReadIOPSMax", "IOWriteBandwidthMax", "IOWriteIOPSMax", "IPAddressAllow", "IPAddressDeny", "IPEgressFilterPath",
    "IPIngressFilterPath", "ImportCredential", "InaccessibleDirectories", "InaccessiblePaths", "LoadCredential",
    "LoadCredentialEncrypted", "LogExtraFields", "LogFilterPatterns", "LogsDirectory", "MountImages", "NFTSet", "NoExecPaths",
    "OpenFile", "PassEnvironment", "ReadOnlyDirectories", "ReadOnlyPaths", "ReadWriteDirectories", "ReadWritePaths", "RequiredBy",
    "RestartForceExitStatus", "RestartPreventExitStatus", "RestrictAddressFamilies", "RestrictFileSystems", "RestrictNamespaces",
    "RestrictNetworkInterfaces", "RootImageOptions", "RuntimeDirectory", "SecureBits", "SetCredential", "SetCredentialEncrypted",
    "SocketBindAllow", "SocketBindDeny", "Sockets", "StandardInputData", "StandardInputText", "StartupAllowedCPUs",
    "StartupAllowedMemoryNodes", "StateDirectory", "SuccessExitStatus", "SupplementaryGroups", "Symlinks",
    "SystemCallArchitectures", "SystemCallFilter", "SystemCallLog", "TemporaryFileSystem", "UnsetEnvironment", "UpheldBy",
    "WantedBy",
};
// Several assignments too, and nothing clears them.
constexpr std::string_view kDependencies[] = {
    "After", "Before", "BindTo", "BindsTo", "Conflicts", "JoinsNamespaceOf", "OnFailure", "OnSuccess", "PartOf",
    "PropagateReloadFrom", "PropagateReloadTo", "PropagatesReloadTo", "PropagatesStopTo", "ReloadPropagatedFrom", "Requires",
    "RequiresMountsFor", "Requisite", "StopPropagatedFrom", "Upholds", "Wants", "WantsMountsFor",
};
static_assert(std::is_sorted(std::begin(kLists), std::end(kLists)));
static_assert(std::is_sorted(std::begin(kDependencies), std::end(kDependencies)));

template <std::size_t N>
bool is_one_of(const std::string_view (&words)[N], std::string_view word) {
    return std::binary_search(std::begin(words), std::end(words), word);
}

// Lists that an empty assignment to any of them clears together; empty for keys that stand alone.
std::string_view shared_list(std::string_view section, std::string_view key) {
    constexpr std::string_view kPathKeys[] = {"DirectoryNotEmpty", "PathChanged", "PathExists", "PathExistsGlob", "PathModified"};
    constexpr std::string_view kTimerKeys[] = {"OnActiveSec",  "OnBootSec",       "OnCalendar",
                                               "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec"};
    if (section == "Unit" && key.starts_with("Condition")) return "Condition";
    if (section == "Unit" && key.starts_with("Assert")) return "Assert";
    if (section == "Timer" && is_one_of(kTimerKeys, key)) return "On";
    if (section == "Socket" && key.starts_with("Listen")) return "Listen";
    if (section == "Path" && is_one_of(kPathKeys, key)) return "Path";
    return {};
}

bool is_folder(const Source& source) { return (source.about.mode & 0170000) == 0040000; }

// A link to /dev/null, which an image may not hold, or an empty file.
bool is_masked(const Source& source) {
    return source.about.link == "/dev/null" ||
           (source.about.state == State::whole && source.bytes.empty() && !is_folder(source));
}

// The parts of "getty@tty1.service". Views into the name.
struct Name {
    enum class Form { invalid, plain, of_template, of_instance };
    Form form = Form::invalid;
    std::string_view prefix;    // "getty"
    std::string_view instance;  // "tty1"
    std::string_view type;      // "service"

    // The same with another instance; "" gives the template.
    std::string with(std::string_view other_instance) const { return fmt::format("{}@{}.{}", prefix, other_instance, type); }
};

Name read_name(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\";
    Name name;
    const std::size_t dot = text.rfind('.');
    if (text.size() > kMaxNameBytes || dot == std::string_view::npos || !is_one_of(kTypes, text.substr(dot + 1))) return name;
    name.type = text.substr(dot + 1);
    const std::string_view stem = text.substr(0, dot);
    const std::size_t at = stem.find('@');
    name.prefix = stem.substr(0, at);
    if (name.prefix.empty() || name.prefix.find_first_not_of(kAllowed) != std::string_view::npos) return name;
    if (at == std::string_view::npos) {
        name.form = Name::Form::plain;
        return name;
    }
    name.instance = stem.substr(at + 1);
    for (const char c : name.instance) {
        if (c != '@' && kAllowed.find(c) == std::string_view::npos) return name;
    }
    name.form = name.instance.empty() ? Name::Form::of_template : Name::Form::of_instance;
    return name;
}

// "/a/b" for "/a/./c/../b", by the letters only; ".." above the root stays there.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> parts;
    for (const auto part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") parts.push_back(part);
        else if (!parts.empty()) parts.pop_back();
    }
    std::string out;
    for (const auto part : parts) out.append("/").append(part);
    return out;
}

// What a link in a folder of the search path stands for: a unit of another name when it leads into the search path, "" for a
// unit that lies elsewhere. `counts` is false for a link that systemd passes over.
struct Alias {
    std::string of;
    bool counts = true;
};
Alias read_alias(std::string_view link, std::string_view folder, std::string_view name) {
    const std::string path = without_dots(link.starts_with('/') ? std::string{link} : std::string{folder}.append(link));
    const bool inside = std::any_of(std::begin(kFolders), std::end(kFolders), [&](const Folder& one) { return path.starts_with(one.path); });
    if (!inside) return {};
    Alias alias{std::string{base_name(path)}, false};
    const Name from = read_name(name);
    const Name to = read_name(alias.of);
    using Form = Name::Form;
    constexpr std::string_view kMayAlias[] = {"device", "path", "service", "socket", "target", "timer"};
    if (alias.of == name || to.form == Form::invalid || from.type != to.type || !is_one_of(kMayAlias, from.type)) return alias;
    if (from.form != to.form && !(from.form == Form::of_instance && to.form == Form::of_template)) return alias;
    if (to.form == Form::of_instance && from.instance != to.instance) return alias;
    alias.counts = true;
    return alias;
}

// What stands before the last dash, with it: "foo-bar-" of "foo-bar-waldo", then "foo-"; empty when there is no more.
std::string_view shorter_prefix(std::string_view prefix) {
    if (prefix.ends_with('-')) prefix.remove_suffix(1);
    const std::size_t dash = prefix.rfind('-');
    return dash == std::string_view::npos ? std::string_view{} : prefix.substr(0, dash + 1);
}

// The folders of drop-ins for a name, without the ".d", the closest first.
std::vector<std::string> levels_of(const std::string& text) {
    const Name name = read_name(text);
    std::vector<std::string> levels{text};
    const auto add_prefixes = [&](std::string_view behind) {
        for (auto prefix = shorter_prefix(name.prefix); !prefix.empty() && prefix != "-"; prefix = shorter_prefix(prefix)) {
            levels.push_back(fmt::format("{}{}.{}", prefix, behind, name.type));
        }
    };
    if (name.form == Name::Form::plain) {
        add_prefixes("");
        return levels;
    }
    if (name.form == Name::Form::of_instance) levels.push_back(name.with(""));
    add_prefixes("@");
    if (name.form == Name::Form::of_instance) add_prefixes("@" + std::string{name.instance});
    return levels;
}

// Lines as the manager puts them together: one that ends in a backslash goes on in the next, with a blank between them, and
// lines that begin with '#' or ';' are left out, also between such two.
class UnitLines {
public:
    UnitLines(const Source& source, Collector& out) : path_{source.about.name}, lines_{source, out}, out_{out} {}

    bool next() {
        while (assemble()) {
            if (text_.size() <= kMaxLineBytes) return true;
            out_.gap(path_, number_, Code::over_limit, "continued lines of more than 64 KiB");
        }
        return false;
    }
    std::string_view text() const { return trim(text_); }
    std::uint64_t number() const { return number_; }

private:
    bool assemble() {
        text_.clear();
        bool begun = false;
        while (lines_.next()) {
            std::string_view part = lines_.text();
            if (lines_.number() == 1 && part.starts_with("\xEF\xBB\xBF")) part.remove_prefix(3);
            const std::string_view start = trim(part);
            if (start.starts_with('#') || start.starts_with(';')) continue;
            if (!begun) number_ = lines_.number();
            begun = true;
            const std::size_t last = part.find_last_not_of('\\');
            const std::size_t backslashes = part.size() - (last == std::string_view::npos ? 0 : last + 1);
            const bool goes_on = backslashes % 2 == 1;
            if (goes_on) part.remove_suffix(1);
            // One byte too many is enough to tell that it is too long.
            if (text_.size() <= kMaxLineBytes) text_.append(part).append(goes_on ? " " : "");
            if (!goes_on) return true;
        }
        return begun;
    }

    std::string_view path_;
    Lines lines_;
    Collector& out_;
    std::string text_;
    std::uint64_t number_ = 0;
};

// Those of a unit's assignments that count, in place.
void keep_in_force(std::vector<const UnitSetting*>& settings) {
    std::map<std::string, std::vector<std::size_t>> standing;
    const auto clear = [&](std::vector<std::size_t>& places) {
        for (const std::size_t place : places) settings[place] = nullptr;
        places.clear();
    };
    for (std::size_t i = 0; i < settings.size(); ++i) {
        const UnitSetting& setting = *settings[i];
        if (is_one_of(kDependencies, setting.key)) {
            if (setting.value.empty()) settings[i] = nullptr;
            continue;
        }
        const std::string_view shared = shared_list(setting.section, setting.key);
        auto& before = standing[fmt::format("{}.{}", setting.section, shared.empty() ? std::string_view{setting.key} : shared)];
        const bool is_list = !shared.empty() || is_one_of(kLists, setting.key);
        if (!is_list || setting.value.empty()) clear(before);
        // An empty set of capabilities is a set too, and not the one that stands where nothing is set.
        if (setting.value.empty() && setting.key != "CapabilityBoundingSet") settings[i] = nullptr;
        else before.push_back(i);
    }
    std::erase(settings, nullptr);
}

// "a-b\x2dc" gives "a/b-c" (systemd-escape(1)).
std::string unescaped_name(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code = text.substr(i).starts_with("\\x") && text.size() - i >= 4 ? parse_unsigned(text.substr(i + 2, 2), 16) : std::nullopt;
        if (code) {
            out += static_cast<char>(*code);
            i += 3;
        } else {
            out += text[i] == '-' ? '/' : text[i];
        }
    }
    return out;
}

}  // namespace

std::string_view Unit::type() const { return read_name(name).type; }
std::string_view Unit::instance() const { return read_name(name).instance; }

const UnitSetting* Unit::first(std::string_view section, std::string_view key) const {
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const UnitSetting* one) {
        return one->key == key && one->section == section;
    });
    return found == settings.end() ? nullptr : *found;
}

std::string_view Unit::value(std::string_view section, std::string_view key) const {
    const auto found = std::find_if(settings.rbegin(), settings.rend(), [&](const UnitSetting* one) {
        return one->key == key && one->section == section;
    });
    return found == settings.rend() ? std::string_view{} : std::string_view{(*found)->value};
}

bool Unit::is_on(std::string_view section, std::string_view key) const {
    constexpr std::string_view kYes[] = {"1", "on", "t", "true", "y", "yes"};
    return is_one_of(kYes, to_lower_ascii(value(section, key)));
}

std::optional<std::string> Unit::user() const {
    if (std::string user = expanded(value("Service", "User")); !user.empty()) return user;
    return is_on("Service", "DynamicUser") ? std::nullopt : std::optional<std::string>{"root"};
}

std::string Unit::starts() const {
    const std::string_view kind = type();
    std::string named = kind == "socket" ? expanded(value("Socket", "Service")) : expanded(value(kind == "path" ? "Path" : "Timer", "Unit"));
    if (!named.empty()) return named;
    // One instance for each connection.
    const bool accepts = kind == "socket" && is_on("Socket", "Accept");
    return name.substr(0, name.rfind('.')) + (accepts ? "@.service" : ".service");
}

std::string Unit::expanded(std::string_view value) const {
    const Name parts = read_name(name);
    std::string out;
    for (std::size_t i = 0; i < value.size() && out.size() <= kMaxLineBytes; ++i) {
        if (value[i] != '%' || i + 1 == value.size()) {
            out += value[i];
            continue;
        }
        switch (value[++i]) {
            case 'i': out += parts.instance; break;
            case 'I': out += unescaped_name(parts.instance); break;
            case 'n': out += name; break;
            case 'N': out += name.substr(0, name.rfind('.')); break;
            case 'p': out += parts.prefix; break;
            case 'P': out += unescaped_name(parts.prefix); break;
            case '%': out += '%'; break;
            default: out.append("%").append(1, value[i]);
        }
    }
    return out;
}

UnitFiles::UnitFiles(const Request& request, Collector& out) : out_{out} {
    const Source* lib = request.find("stat:/lib");
    if (lib == nullptr || lib->about.link.empty()) out_.want("/lib/systemd/system/**");
    for (std::size_t folder = 0; folder < std::size(kFolders); ++folder) {
        for (const Source& source : request.sources) {
            const std::string_view path = source.about.name;
            if (path.starts_with(kFolders[folder].path)) index(source, folder, path.substr(kFolders[folder].path.size()));
        }
    }
    for (const auto& [name, entry] : entries_) {
        if (entry.alias_of.empty()) continue;
        const std::string real = resolve(name);
        if (!real.empty()) aliases_[real].push_back(name);
        if (kFolders[entry.folder].kind == Kind::administrator) enabled_.insert(real);
    }
    for (const auto& [name, entry] : entries_) {
        if (entry.alias_of.empty()) add(name, entry);
    }
    add_links_of_targets();
    const auto started = targets_of_a_start();
    for (const auto& link : links_) {
        const bool by_setting = link.folder == std::size(kFolders);
        if (!by_setting || started.contains(link.by)) pull_in(link);
    }
    for (auto& [name, unit] : units_) unit.state = state_of(unit);
    add_aliases();
}

const Unit* UnitFiles::find(std::string_view name) const {
    auto found = units_.find(name);
    if (found == units_.end()) found = units_.find(resolve(name));
    // An instance that nothing names has not been put together.
    if (found == units_.end() && read_name(name).form == Name::Form::of_instance) found = units_.find(resolve(read_name(name).with("")));
    return found == units_.end() ? nullptr : &found->second;
}

void UnitFiles::index(const Source& source, std::size_t folder, std::string_view below) {
    const std::size_t slash = below.find('/');
    if (slash == std::string_view::npos) {
        if (is_folder(source)) {
            const bool holds = below.ends_with(".d") || std::any_of(std::begin(kLinkFolders), std::end(kLinkFolders),
                                                                    [&](auto end) { return below.ends_with(end); });
            if (holds) out_.want(source.about.name + "/*");
            return;
        }
        if (read_name(below).form == Name::Form::invalid || entries_.contains(below)) return;
        const Alias alias = source.about.link.empty() ? Alias{} : read_alias(source.about.link, kFolders[folder].path, below);
        if (alias.counts) entries_.emplace(below, Entry{&source, folder, alias.of});
        return;
    }
    const std::string_view holder = below.substr(0, slash);
    const std::string_view name = below.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) return;
    if (holder.ends_with(".d")) {
        if (name.ends_with(".conf") && !name.starts_with('.')) drop_ins_[std::string{holder}].push_back({folder, &source});
        return;
    }
    for (const auto end : kLinkFolders) {
        if (holder.ends_with(end)) return index_link(source, folder, holder, name);
    }
}

// Only links count, and the first one of a name; one to a masked unit takes the others of its name away.
void UnitFiles::index_link(const Source& source, std::size_t folder, std::string_view holder, std::string_view name) {
    if (source.about.link.empty() || read_name(name).form == Name::Form::invalid) return;
    if (!linked_.insert(fmt::format("{}/{}", holder, name)).second || is_masked(source)) return;
    links_.push_back({folder, std::string{holder.substr(0, holder.rfind('.'))}, std::string{name}});
}

// What targets ask for in their files stands beside what links ask for.
void UnitFiles::add_links_of_targets() {
    for (const auto& [name, unit] : units_) {
        if (unit.type() != "target") continue;
        for (const UnitSetting* setting : unit.settings) {
            if (setting->section != "Unit" || !is_one_of(kPullingKeys, setting->key)) continue;
            for (const auto wanted : words(setting->value)) {
                if (links_.size() == kMaxLinks) {
                    return out_.gap(setting->file, setting->line, Code::over_limit, fmt::format("units that name more than {} others", kMaxLinks));
                }
                links_.push_back({std::size(kFolders), name, unit.expanded(wanted)});
            }
        }
    }
}

// The targets that default.target leads to. Others, as of a rescue or a shutdown, ask for much that does not start by itself.
std::set<std::string> UnitFiles::targets_of_a_start() const {
    std::map<std::string, Names> next;
    for (const auto& link : links_) {
        if (link.name.ends_with(".target")) next[resolve(link.by)].push_back(resolve(link.name));
    }
    std::set<std::string> reached;
    Names open{resolve("default.target")};
    while (!open.empty()) {
        const std::string name = std::move(open.back());
        open.pop_back();
        if (!reached.insert(name).second) continue;
        const auto found = next.find(name);
        if (found != next.end()) open.insert(open.end(), found->second.begin(), found->second.end());
    }
    return reached;
}

// The name under which the unit is put together; "" when there is no file for it.
std::string UnitFiles::resolve(std::string_view text) const {
    std::string name{text};
    for (int hop = 0; hop < kMaxAliases; ++hop) {
        const Name parts = read_name(name);
        const bool is_instance = parts.form == Name::Form::of_instance;
        auto found = entries_.find(name);
        if (found == entries_.end() && is_instance) found = entries_.find(parts.with(""));
        if (found == entries_.end()) return {};
        const std::string& alias = found->second.alias_of;
        if (alias.empty()) return name;
        const Name next = read_name(alias);
        name = is_instance && next.form == Name::Form::of_template ? next.with(parts.instance) : alias;
    }
    return {};
}

void UnitFiles::add(const std::string& name, const Entry& entry) {
    Unit unit;
    unit.name = name;
    unit.file = entry.source;
    const State state = entry.source->about.state;
    unit.masked = is_masked(*entry.source);
    if (!unit.masked && ((state != State::whole && state != State::cut) || is_folder(*entry.source) || !load(unit))) return;
    units_.emplace(name, std::move(unit));
}

void UnitFiles::pull_in(const Link& link) {
    const std::string name = resolve(link.name);
    if (name.empty()) return;
    const Name parts = read_name(name);
    const std::string in_template = parts.form == Name::Form::of_instance ? parts.with("") : std::string{};
    if (link.folder < std::size(kFolders) && kFolders[link.folder].kind == Kind::administrator) {
        enabled_.insert(name);
        if (!in_template.empty()) enabled_.insert(in_template);
    }
    if (!in_template.empty() && !units_.contains(name)) {
        if (const auto entry = entries_.find(in_template); entry != entries_.end()) add(name, entry->second);
    }
    const auto unit = units_.find(name);
    if (unit == units_.end() || unit->second.masked || parts.form == Name::Form::of_template) return;
    unit->second.wanted_by.insert(link.by);
}

void UnitFiles::add_aliases() {
    for (const auto& [real, names] : aliases_) {
        const auto found = units_.find(real);
        if (found == units_.end()) continue;
        for (const auto& name : names) {
            Unit unit = found->second;
            unit.name = name;
            unit.state = "alias";
            units_.emplace(name, std::move(unit));
        }
    }
}

std::string UnitFiles::state_of(const Unit& unit) const {
    if (unit.masked) return "masked";
    const std::string_view path = unit.file->about.name;
    const auto folder = std::find_if(std::begin(kFolders), std::end(kFolders), [&](const Folder& one) { return path.starts_with(one.path); });
    if (folder->kind == Kind::generated) return "generated";
    if (folder->kind == Kind::transient) return "transient";
    if (enabled_.contains(unit.name)) return "enabled";
    if (!unit.file->about.link.empty()) return "linked";
    for (const std::string_view key : {"Alias", "RequiredBy", "UpheldBy", "WantedBy"}) {
        if (unit.first("Install", key) != nullptr) return "disabled";
    }
    return "static";
}

std::vector<std::string> UnitFiles::names_of(const std::string& name) const {
    Names names{name};
    if (const auto found = aliases_.find(name); found != aliases_.end()) {
        names.insert(names.end(), found->second.begin(), found->second.end());
    }
    const Name parts = read_name(name);
    if (parts.form != Name::Form::of_instance) return names;
    if (const auto found = aliases_.find(parts.with("")); found != aliases_.end()) {
        for (const auto& alias : found->second) names.push_back(read_name(alias).with(parts.instance));
    }
    return names;
}

// Of several with one name the first counts, whatever its folder; they are merged in the order of their names.
std::vector<const Source*> UnitFiles::drop_ins_of(const Unit& unit) const {
    std::map<std::string_view, const Source*> by_name;
    const auto take = [&](const Names& levels) {
        std::vector<const std::vector<DropIn>*> holders;
        for (const auto& level : levels) {
            if (const auto found = drop_ins_.find(level + ".d"); found != drop_ins_.end()) holders.push_back(&found->second);
        }
        for (std::size_t folder = 0; !holders.empty() && folder < std::size(kFolders); ++folder) {
            for (const auto* holder : holders) {
                for (const auto& file : *holder) {
                    if (file.folder == folder) by_name.try_emplace(base_name(file.source->about.name), file.source);
                }
            }
        }
    };
    for (const auto& name : names_of(unit.name)) take(levels_of(name));
    take({std::string{unit.type()}});
    std::vector<const Source*> files;
    for (const auto& [name, source] : by_name) {
        const State state = source->about.state;
        if ((state == State::whole || state == State::cut) && !is_masked(*source) && !is_folder(*source)) files.push_back(source);
    }
    return files;
}

// False when there are too many settings to go on; a unit without them would be a lie.
bool UnitFiles::load(Unit& unit) {
    std::vector<const Source*> files = drop_ins_of(unit);
    for (const Source* file : files) unit.drop_ins.push_back(file->about.name);
    files.insert(files.begin(), unit.file);
    for (const Source* file : files) {
        const auto& settings = settings_of(*file);
        if (settings.size() > kMaxTotalSettings - total_settings_) {
            out_.gap(unit.file->about.name, 0, Code::over_limit, fmt::format("units with more than {} settings", kMaxTotalSettings));
            return false;
        }
        total_settings_ += settings.size();
        for (const auto& setting : settings) unit.settings.push_back(&setting);
    }
    keep_in_force(unit.settings);
    return true;
}

const std::vector<UnitSetting>& UnitFiles::settings_of(const Source& source) {
    const auto [found, fresh] = settings_.try_emplace(&source);
    auto& settings = found->second;
    if (!fresh) return settings;
    const std::string_view path = source.about.name;
    std::string section;
    for (UnitLines lines{source, out_}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.starts_with('[')) {
            if (!line.ends_with(']')) out_.gap(path, lines.number(), Code::malformed, "a section without its closing bracket, so systemd refuses the unit");
            section = line.ends_with(']') ? line.substr(1, line.size() - 2) : std::string_view{};
            continue;
        }
        // The manager passes over lines outside of a section or without a key.
        const std::size_t equals = line.find('=');
        const std::string_view key = trim(line.substr(0, equals));
        if (section.empty() || equals == std::string_view::npos || key.empty()) continue;
        if (settings.size() == kMaxFileSettings) {
            out_.gap(path, lines.number(), Code::over_limit, fmt::format("only {} settings of a file are read", kMaxFileSettings));
            break;
        }
        settings.push_back({section, std::string{key}, std::string{trim(line.substr(equals + 1))}, path, lines.number()});
    }
    return settings;
}

std::string unit_program(std::string_view command) {
    std::string word;
    char quote = '\0';
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote == '\0' && (c == ' ' || c == '\t')) break;
        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == '\\' && i + 1 < command.size()) {
            const char escaped = command[++i];
            const auto code = escaped == 'x' && command.size() - i > 2 ? parse_unsigned(command.substr(i + 1, 2), 16) : std::nullopt;
            if (code) i += 2;
            word += code ? static_cast<char>(*code) : escaped == 's' ? ' ' : escaped;
        } else {
            word += c;
        }
    }
    word.erase(0, std::min(word.find_first_not_of("@-:+!|"), word.size()));
    return word;
}

}  // namespace ward::facts
