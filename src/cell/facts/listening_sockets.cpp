// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/address.h"
#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/internal/proc_files.h"
#include "cell/facts/values.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace ward::facts {

namespace {

// A host of containers has a namespace for each of them.
constexpr std::size_t kMaxNamespaces = 256;
constexpr unsigned kTcpListen = 10;      // net/tcp_states.h
constexpr unsigned kUnconnected = 7;     // the state TCP_CLOSE, which stands for it in the lists of UDP and raw
constexpr std::uint64_t kUnixListens = 0x10000;  // __SO_ACCEPTCON

struct List {
    std::string_view file;      // below /proc/net or /proc/PID/net
    std::string_view protocol;
    unsigned state;             // of the sockets that wait for others
};
constexpr List kLists[] = {
    {"tcp", "tcp", kTcpListen},      {"tcp6", "tcp", kTcpListen},         {"udp", "udp", kUnconnected},
    {"udp6", "udp", kUnconnected},   {"udplite", "udplite", kUnconnected}, {"udplite6", "udplite", kUnconnected},
    {"raw", "raw", kUnconnected},    {"raw6", "raw", kUnconnected},
};

struct Socket {
    std::string_view protocol;
    Buffer address;  // 4 or 16 bytes; none for a Unix socket
    std::uint64_t port = 0;
    std::string_view path;
    std::uint64_t inode = 0;
    std::optional<std::uint64_t> uid;
    bool own_network = true;
};

// "0100007F:1F90": words of the address as this CPU holds them, so the bytes of each stand in reverse (both our kinds of CPU
// are little-endian).
bool read_address(std::string_view field, Socket& out) {
    const auto colon = field.find(':');
    if (colon != 8 && colon != 32) return false;
    const auto port = parse_unsigned(field.substr(colon + 1), 16);
    Buffer words;
    if (!port || !from_hex(field.substr(0, colon), words)) return false;
    for (auto word = words.begin(); word != words.end(); word += 4) std::reverse(word, word + 4);
    out.address = std::move(words);
    out.port = *port;
    return true;
}

// sl local remote st tx:rx tr:when retrnsmt uid timeout inode ...
void read_list(const Source& source, const List& list, bool own, std::vector<Socket>& sockets, RowSet& out) {
    std::string_view rest = as_text(source.bytes);
    std::string_view line;
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        if (at == 1) continue;  // names of the columns
        const auto fields = words(line);
        Socket socket;
        const auto state = fields.size() >= 10 ? parse_unsigned(fields[3], 16) : std::nullopt;
        const auto inode = fields.size() >= 10 ? parse_unsigned(fields[9]) : std::nullopt;
        if (!state || !inode || !read_address(fields[1], socket)) {
            out.gaps.push_back(gap(source.about.name, at, Code::malformed, "not a line of a list of sockets"));
            continue;
        }
        if (*state != list.state) continue;
        socket.protocol = list.protocol;
        socket.inode = *inode;
        socket.uid = parse_unsigned(fields[7]);
        socket.own_network = own;
        sockets.push_back(std::move(socket));
    }
}

// Num RefCount Protocol Flags Type St Inode Path; the path may hold blanks.
void read_unix_list(const Source& source, bool own, std::vector<Socket>& sockets, RowSet& out) {
    std::string_view rest = as_text(source.bytes);
    std::string_view line;
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        if (at == 1) continue;
        const auto fields = words(line);
        const auto flags = fields.size() >= 7 ? parse_unsigned(fields[3], 16) : std::nullopt;
        const auto inode = fields.size() >= 7 ? parse_unsigned(fields[6]) : std::nullopt;
        if (!flags || !inode) {
            out.gaps.push_back(gap(source.about.name, at, Code::malformed, "not a line of a list of sockets"));
            continue;
        }
        Socket socket;
        const bool is_datagram = fields[4] == "0002";
        socket.protocol = fields[4] == "0001" ? "stream" : is_datagram ? "dgram" : "seqpacket";
        socket.inode = *inode;
        socket.own_network = own;
        if (fields.size() > 7) socket.path = line.substr(static_cast<std::size_t>(fields[7].data() - line.data()));
        // Datagrams need no accept: a socket with a name takes them.
        const bool waits = (*flags & kUnixListens) != 0 || (is_datagram && !socket.path.empty());
        if (waits) sockets.push_back(std::move(socket));
    }
}

std::vector<Socket> read_sockets(const Request& request, RowSet& out) {
    std::vector<Socket> sockets;
    for (const auto& source : request.sources) {
        const std::string_view name = source.about.name;
        if (!name.starts_with("/proc/")) continue;
        const bool own = name.starts_with("/proc/net/");
        const std::string_view file = name.substr(name.rfind('/') + 1);
        if (file == "unix") read_unix_list(source, own, sockets, out);
        for (const auto& list : kLists) {
            if (list.file == file) read_list(source, list, own, sockets, out);
        }
    }
    return sockets;
}

// The lists of each other network namespace, as its first process sees them.
void want_other_networks(const Request& request, const std::vector<ProcessFacts>& processes, wire::ParseAnswer& answer) {
    const Source* self = request.find("stat:/proc/self/ns/net");
    if (self == nullptr || self->about.link.empty()) return;
    std::set<std::string_view> seen{self->about.link};
    for (const auto& process : processes) {
        if (process.net_namespace.empty() || !seen.insert(process.net_namespace).second) continue;
        if (seen.size() > kMaxNamespaces) {
            answer.rows.gaps.push_back(
                gap("/proc", 0, Code::over_limit, fmt::format("more than {} network namespaces", kMaxNamespaces)));
            return;
        }
        for (const auto& list : kLists) answer.wants.push_back(fmt::format("/proc/{}/net/{}", process.pid, list.file));
        answer.wants.push_back(fmt::format("/proc/{}/net/unix", process.pid));
    }
}

struct Holder {
    std::uint32_t pid = 0;
    std::uint64_t count = 0;
};

std::map<std::uint64_t, Holder> holders_by_inode(const std::vector<SocketHolder>& list) {
    std::map<std::uint64_t, Holder> holders;
    for (const auto& item : list) {
        auto& holder = holders[item.inode];
        if (holder.count++ == 0 || item.pid < holder.pid) holder.pid = item.pid;
    }
    return holders;
}

}  // namespace

wire::ParseAnswer parse_listening_sockets(const Request& request) {
    wire::ParseAnswer answer;
    const auto snapshot = decode_processes(request.bytes_of("proc:"));
    const auto list = decode_sockets(request.bytes_of("sockets:"));
    if (!snapshot || !list) {
        answer.rows.gaps.push_back(gap("/proc", 0, Code::malformed, "the snapshot of processes and sockets cannot be read"));
        return answer;
    }
    note_unseen_programs(*snapshot, answer.rows);
    want_other_networks(request, *snapshot, answer);
    const auto sockets = read_sockets(request, answer.rows);
    const auto holders = holders_by_inode(*list);
    std::map<std::uint32_t, Process> processes;
    for (const auto& facts : *snapshot) {
        if (auto process = read_process(facts)) processes.emplace(process->pid, *std::move(process));
    }
    const auto holder_of = [&](const Socket& socket) {
        const auto found = holders.find(socket.inode);
        return found == holders.end() ? nullptr : &found->second;
    };
    const auto process_of = [&](const Socket& socket) -> const Process* {
        const Holder* holder = holder_of(socket);
        const auto found = holder == nullptr ? processes.end() : processes.find(holder->pid);
        return found == processes.end() ? nullptr : &found->second;
    };
    std::set<std::string> programs;
    for (const auto& socket : sockets) {
        if (const Process* process = process_of(socket)) programs.emplace(process->program);
    }
    const auto packages = DpkgFiles{request}.owners(programs);
    const auto names = user_names(as_text(request.bytes_of("/etc/passwd")));
    for (const auto& socket : sockets) {
        const bool is_unix = socket.address.empty();
        Row row{text(is_unix ? "unix" : socket.address.size() == 4 ? "ipv4" : "ipv6"), text(socket.protocol),
                is_unix ? null() : text(address_text(socket.address)), is_unix ? null() : number(socket.port),
                text_or_null(socket.path), flag(!is_unix && !is_loopback(socket.address)), number(socket.inode),
                number(socket.uid)};
        const Holder* holder = holder_of(socket);
        row.push_back(holder == nullptr ? null() : number(holder->pid));
        row.push_back(number(holder == nullptr ? 0 : holder->count));
        if (const Process* process = process_of(socket)) {
            const auto user = process->uid ? names.find(*process->uid) : names.end();
            const auto package = packages.find(std::string{process->program});
            row.insert(row.end(), {text(process->name), text_or_null(process->program),
                                   user == names.end() ? null() : text(user->second), text_or_null(process->unit),
                                   package == packages.end() ? null() : text(package->second)});
        } else {
            row.insert(row.end(), 5, null());
        }
        row.push_back(flag(socket.own_network));
        answer.rows.rows.push_back(std::move(row));
    }
    return answer;
}

}  // namespace ward::facts
