// SPDX-License-Identifier: Apache-2.0
#include "walks/trust.h"

#include "core/text.h"
#include "gate/process.h"
#include "host/fetcher.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

namespace ward::walks {

namespace {

using gate::Duty;
using gate::Process;
using gate::Program;

constexpr std::chrono::seconds kReadyTime{20};

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

std::string first_word(const std::string& text) {
    const auto all = words(text);
    return all.empty() ? std::string{} : std::string{all[0]};
}

// The kernel puts tabs between numbers.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

LayerEvidence layer(std::string name, bool in_force, std::string evidence) {
    return {std::move(name), in_force ? Standing::in_force : Standing::missing, std::move(evidence), true};
}
LayerEvidence unseen(std::string name, int error) {
    return {std::move(name), Standing::unseen, errno_words(error), true};
}

// The kernel's records of one process, below /proc. They are the kernel's own words about our own programs.
class Records {
public:
    explicit Records(std::string pid) : folder_{"/proc/" + std::move(pid) + "/"} {
        std::ifstream status{folder_ + "status"};
        for (std::string line; std::getline(status, line);) {
            const auto colon = line.find(':');
            if (colon == std::string::npos) continue;
            fields_[line.substr(0, colon)] = std::string{trim(std::string_view{line}.substr(colon + 1))};
        }
    }

    std::string field(const std::string& name) const {
        const auto found = fields_.find(name);
        return found == fields_.end() ? std::string{} : found->second;
    }
    // The hard limit, which cannot be raised again: the second number in `Max open files   64   64   files`.
    std::string limit(const std::string& name) const {
        std::ifstream limits{folder_ + "limits"};
        for (std::string line; std::getline(limits, line);) {
            if (!line.starts_with(name)) continue;
            const auto values = words(std::string_view{line}.substr(name.size()));
            return values.size() < 2 ? std::string{} : std::string{values[1]};
        }
        return {};
    }
    Result<std::string> link(const std::string& name) const {
        std::array<char, 128> text{};
        const ssize_t length = ::readlink((folder_ + name).c_str(), text.data(), text.size());
        if (length < 0) return fail(Code::denied, "{}", errno_words(errno));
        return std::string{text.data(), static_cast<std::size_t>(length)};
    }
    // Numbers of the open descriptors.
    std::optional<std::vector<int>> descriptors() const {
        const std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir((folder_ + "fd").c_str()), ::closedir};
        if (!folder) return std::nullopt;
        std::vector<int> numbers;
        while (const dirent* entry = ::readdir(folder.get())) {
            const auto number = parse_unsigned(entry->d_name);
            if (number) numbers.push_back(static_cast<int>(*number));
        }
        std::sort(numbers.begin(), numbers.end());
        return numbers;
    }
    // Mappings that can be both written and executed; nothing when the list may not be read.
    std::optional<std::size_t> writable_code() const {
        std::ifstream maps{folder_ + "maps"};
        if (!maps) return std::nullopt;
        std::size_t count = 0;
        std::size_t lines = 0;
        for (std::string line; std::getline(maps, line); ++lines) {
            const auto parts = words(line);
            if (parts.size() > 1 && parts[1].size() == 4 && parts[1][1] == 'w' && parts[1][2] == 'x') ++count;
        }
        // The file opens for everybody and is empty for those who may not look.
        if (lines == 0) return std::nullopt;
        return count;
    }
    // The files of a process that cannot be dumped belong to root, whoever it runs as (proc(5), "/proc/pid").
    std::optional<unsigned> owner() const {
        struct stat about {};
        if (::stat((folder_ + "status").c_str(), &about) != 0) return std::nullopt;
        return about.st_uid;
    }

private:
    std::string folder_;
    std::map<std::string, std::string> fields_;
};

void add_namespaces(const Records& own, const Records& cell, std::vector<LayerEvidence>& layers) {
    struct Space { const char* link; const char* name; };
    constexpr Space kSpaces[] = {
        {"ns/net", "network of its own (empty)"},      {"ns/mnt", "file system of its own (empty)"},
        {"ns/ipc", "shared memory of its own"},        {"ns/uts", "host name of its own"},
        {"ns/cgroup", "control groups of its own"},    {"ns/user", "users of its own (none)"},
    };
    for (const auto& space : kSpaces) {
        const auto theirs = cell.link(space.link);
        const auto ours = own.link(space.link);
        if (!theirs || !ours) {
            layers.push_back({space.name, Standing::unseen, theirs ? ours.error().text : theirs.error().text, true});
            continue;
        }
        layers.push_back(layer(space.name, *theirs != *ours, fmt::format("{}, here {}", *theirs, *ours)));
    }
    // This one stands in a record that everybody may read: the process has a second number, which is 1.
    const std::string numbers = cell.field("NSpid");
    const std::string own_numbers = own.field("NSpid");
    layers.push_back(layer("processes of its own (itself)", words(numbers).size() > words(own_numbers).size(),
                           "NSpid: " + one_line(numbers)));
}

// What holds for every sealed process, and for a cell its namespaces beside that. `said`: in the words of the process.
std::vector<LayerEvidence> layers_of(pid_t pid, const std::vector<wire::Layer>& said_layers, bool has_namespaces) {
    const Records own{"self"};
    const Records cell{std::to_string(pid)};
    std::vector<LayerEvidence> layers;
    layers.push_back(layer("system call filter", cell.field("Seccomp") == "2",
                           fmt::format("Seccomp: {}, Seccomp_filters: {}", cell.field("Seccomp"), cell.field("Seccomp_filters"))));
    layers.push_back(layer("no new privileges", cell.field("NoNewPrivs") == "1", "NoNewPrivs: " + cell.field("NoNewPrivs")));
    const std::string none(16, '0');
    bool no_capabilities = true;
    for (const char* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) no_capabilities &= cell.field(set) == none;
    layers.push_back(layer("no capabilities", no_capabilities, "CapEff: " + cell.field("CapEff")));
    const std::string user = first_word(cell.field("Uid"));
    layers.push_back(layer("not root", user != "0", "Uid: " + user));
    const auto owner = cell.owner();
    if (!owner) {
        layers.push_back(unseen("not dumpable, not traceable", errno));
    } else {
        layers.push_back(layer("not dumpable, not traceable", *owner == 0 && user != "0",
                               fmt::format("runs as {}, its records belong to {}", user, *owner)));
    }
    if (has_namespaces) add_namespaces(own, cell, layers);
    struct Limit { const char* name; const char* wanted; const char* shown; };
    constexpr Limit kLimits[] = {
        {"Max processes", "0", "no further process"},
        {"Max core file size", "0", "no core dump"},
        {"Max locked memory", "0", "no locked memory"},
    };
    for (const auto& limit : kLimits) {
        const std::string value = cell.limit(limit.name);
        layers.push_back(layer(limit.shown, value == limit.wanted, fmt::format("{}: {}", limit.name, value)));
    }
    const std::string memory = cell.limit("Max data size");
    layers.push_back(layer("memory limit", !memory.empty() && memory != "unlimited", "Max data size: " + memory));
    if (const auto numbers = cell.descriptors()) {
        std::string shown;
        for (const int number : *numbers) shown += (shown.empty() ? "" : ", ") + std::to_string(number);
        layers.push_back(layer("nothing open but the channel", *numbers == std::vector<int>{3}, "descriptors: " + shown));
    } else {
        layers.push_back(unseen("nothing open but the channel", EACCES));
    }
    if (const auto writable = cell.writable_code()) {
        layers.push_back(layer("no memory both writable and executable", *writable == 0, fmt::format("{} such mappings", *writable)));
    } else {
        layers.push_back(unseen("no memory both writable and executable", EACCES));
    }
    // What the kernel keeps no record of.
    for (const auto& said : said_layers) {
        if (said.name != "landlock" && said.name != "no writable code (kernel)") continue;
        layers.push_back({said.name, said.in_force ? Standing::in_force : Standing::missing, said.detail, false});
    }
    return layers;
}

// `ward` itself opens files, so it is not sealed. What can be shown of it is that it has no way out.
ProcessEvidence this_process() {
    const Records own{"self"};
    ProcessEvidence evidence{"ward", "opens files and hands them on unread; prints reports", ::getpid(), false, {}};
    std::size_t sockets = 0;
    std::size_t internet = 0;
    for (const int number : own.descriptors().value_or(std::vector<int>{})) {
        int family = 0;
        socklen_t size = sizeof family;
        if (::getsockopt(number, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) continue;
        ++sockets;
        if (family != AF_UNIX && family != AF_NETLINK) ++internet;
    }
    evidence.layers.push_back(layer("no internet socket", internet == 0,
                                    fmt::format("{} sockets open, {} of them not local", sockets, internet)));
    if (const auto writable = own.writable_code()) {
        evidence.layers.push_back(layer("no memory both writable and executable", *writable == 0,
                                        fmt::format("{} such mappings", *writable)));
    }
    return evidence;
}

std::vector<TrustAnswer> answers_for(const TrustReport& report) {
    const auto refused = std::count_if(report.attempts.begin(), report.attempts.end(),
                                       [](const gate::Attempted& attempted) { return attempted.refused; });
    return {
        {"What does it collect regularly?",
         "Nothing. No file, name, hash or number leaves this machine. Reports and their history stay in Ward's state folder. When "
         "`ward update` is run, publishers are asked for whole files, the same ones from every machine and never about a package; "
         "`ward update --log` shows each request."},
        {"What is it capable of collecting?",
         fmt::format("`ward` can open what the user who runs it can open, and passes it on unread. The programs that look "
                     "inside are sealed as shown above: of {} forbidden things tried in them just now, {} were refused. The program "
                     "that connects, ward-fetch, can open no file.",
                     report.attempts.size(), refused)},
        {"What changes can it make if commanded by a cloud service?",
         "None. There is no such service. ward-fetch alone connects to other machines: the system call for it is in no other program "
         "of Ward. It runs while `ward update` does, which nothing starts by itself, asks `ward` before each request, and writes into "
         "the one file that it is given. What it brings are texts about vulnerabilities (and rules, if you turn them on), never programs. Nothing is fetched, "
         "updated or removed by itself; rules and checks are text files beside the programs."},
        {"What controls do you have over these?",
         "All: which folders, rules and checks are used is said on the command line, which sources may be asked, and through whom, "
         "in the configuration ([update]); `ward update --from DIR` asks nobody. No option, variable or build switch turns the wall "
         "off. Every match of a rule is reported."},
    };
}

}  // namespace

std::string_view standing_name(Standing standing) {
    switch (standing) {
        case Standing::in_force: return "in_force";
        case Standing::missing: return "missing";
        case Standing::unseen: return "unseen";
    }
    return "unseen";
}

bool TrustReport::anything_missing() const {
    const auto is_missing = [](const LayerEvidence& layer) { return layer.standing == Standing::missing; };
    return std::any_of(processes.begin(), processes.end(),
                       [&](const ProcessEvidence& process) {
                           return std::any_of(process.layers.begin(), process.layers.end(), is_missing);
                       }) ||
           std::any_of(attempts.begin(), attempts.end(), [](const gate::Attempted& attempted) { return !attempted.refused; });
}

Result<TrustReport> trust() {
    struct Cell { Program program; Duty duty; const char* name; const char* purpose; };
    constexpr Cell kCells[] = {
        {Program::cell, Duty::scan, "ward-cell scan", "looks into files for malware"},
        {Program::cell, Duty::compile, "ward-cell compile", "reads rules and compiled rule databases"},
        {Program::cell, Duty::facts, "ward-cell facts", "reads host files and answers of the kernel"},
        {Program::cell_sql, Duty::sql, "ward-cell-sql", "runs the SQL of checks and queries"},
    };
    TrustReport report;
    report.processes.push_back(this_process());
    for (const auto& cell : kCells) {
        Process process = WARD_TRY(Process::start(cell.program, cell.duty));
        WARD_TRY(process.wait_ready(kReadyTime));
        report.processes.push_back({cell.name, cell.purpose, process.pid(), true, layers_of(process.pid(), process.layers(), true)});
    }
    // The one that connects; here it is started and asked for nothing.
    const std::atomic<bool> never = false;
    wire::FetchSetup setup;
    setup.ports = {443};
    const auto fetcher = WARD_TRY(host::Fetcher::start(setup, never));
    report.processes.push_back({"ward-fetch", "connects to publishers while `ward update` runs; sees no file of this machine", fetcher.pid(), true,
                                layers_of(fetcher.pid(), fetcher.layers(), false)});
    report.attempts = WARD_TRY(gate::try_forbidden_things());
    for (const auto& process : report.processes) {
        for (const auto& each : process.layers) {
            if (each.standing != Standing::unseen) continue;
            report.gaps.push_back({Where{"/proc/" + std::to_string(process.pid), 0, {}}, Code::denied,
                                   fmt::format("{}: whether \"{}\" is in force may not be seen by this user ({})", process.name,
                                               each.name, each.evidence)});
        }
    }
    report.answers = answers_for(report);
    return report;
}

}  // namespace ward::walks
