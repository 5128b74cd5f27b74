// SPDX-License-Identifier: Apache-2.0
#include "host/netlink.h"

#include "core/text.h"
#include "host/descriptor.h"
#include "host/system_error.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ward::host {

namespace {

using State = wire::SourceBytes::State;

constexpr int kMaxTries = 4;  // of a dump that was disturbed by a change
constexpr time_t kWaitSeconds = 5;
constexpr std::size_t kReceiveBytes = 256 * kKiB;  // the kernel fills at most 32 KiB, plus one large message

// One request: its type and what follows the message header.
struct Request {
    std::uint16_t type;
    Buffer body;
};

struct Outcome {
    int error = 0;
    bool disturbed = false;
    bool cut = false;
};

template <class Struct>
Buffer body_of(const Struct& header) {
    Buffer body(sizeof header);
    std::memcpy(body.data(), &header, sizeof header);
    return body;
}

void add_text_attribute(Buffer& body, std::uint16_t type, std::string_view text) {
    const nlattr attribute{static_cast<std::uint16_t>(sizeof(nlattr) + text.size() + 1), type};
    const Buffer head = body_of(attribute);
    body.insert(body.end(), head.begin(), head.end());
    body.insert(body.end(), text.begin(), text.end());
    body.push_back(0);
    body.resize(NLMSG_ALIGN(body.size()));
}

Request nft_request(int message, std::uint8_t family) {
    return {static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message), body_of(nfgenmsg{family, NFNETLINK_V0, 0})};
}

// 0 or errno.
int send_request(int socket, const Request& request) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + request.body.size());
    header.nlmsg_type = request.type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.nlmsg_seq = 1;
    Buffer message = body_of(header);
    message.insert(message.end(), request.body.begin(), request.body.end());
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const ssize_t sent = ::sendto(socket, message.data(), message.size(), 0,
                                  reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
    return sent < 0 ? errno : 0;
}

// Appends the messages of one packet that belong to the answer. True when the answer is complete.
bool take_packet(Bytes packet, Buffer& out, Outcome& outcome) {
    while (packet.size() >= NLMSG_HDRLEN) {
        nlmsghdr header{};
        std::memcpy(&header, packet.data(), sizeof header);
        if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > packet.size()) return true;
        if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) outcome.disturbed = true;
        if (header.nlmsg_type == NLMSG_DONE) return true;
        const std::size_t size = std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), packet.size());
        if (header.nlmsg_type == NLMSG_ERROR) {
            nlmsgerr error{};
            if (header.nlmsg_len >= NLMSG_HDRLEN + sizeof error.error) {
                std::memcpy(&error.error, packet.data() + NLMSG_HDRLEN, sizeof error.error);
            }
            outcome.error = error.error != 0 ? -error.error : EPROTO;
            return true;
        }
        const Bytes message = packet.first(size);
        out.insert(out.end(), message.begin(), message.end());
        out.resize(NLMSG_ALIGN(out.size()));
        packet = packet.subspan(size);
    }
    return false;
}

Outcome dump_once(int protocol, const std::vector<Request>& requests, std::uint64_t max_bytes, Buffer& out) {
    Outcome outcome;
    const Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
    if (!socket) return {errno, false, false};
    const timeval wait{kWaitSeconds, 0};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0) return {errno, false, false};
    Buffer packet(kReceiveBytes);
    for (const auto& request : requests) {
        if (const int error = send_request(socket.get(), request); error != 0) return {error, false, false};
        for (bool complete = false; !complete;) {
            sockaddr_nl from{};
            socklen_t from_bytes = sizeof from;
            const ssize_t count = ::recvfrom(socket.get(), packet.data(), packet.size(), MSG_TRUNC,
                                             reinterpret_cast<sockaddr*>(&from), &from_bytes);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return {errno == EAGAIN ? ETIMEDOUT : errno, outcome.disturbed, false};
            if (from.nl_pid != 0) continue;  // only the kernel answers
            if (static_cast<std::size_t>(count) > packet.size()) return {EMSGSIZE, outcome.disturbed, false};
            complete = take_packet(Bytes{packet.data(), static_cast<std::size_t>(count)}, out, outcome);
            if (outcome.error != 0) return outcome;
            if (out.size() > max_bytes) return {0, outcome.disturbed, true};
        }
    }
    return outcome;
}

// "nftset/2/filter/allowed": table and set names hold no slash.
std::vector<Request> set_request(std::string_view what) {
    const auto parts = split(what, '/');
    if (parts.size() != 4) return {};
    const auto family = parse_unsigned(parts[1]);
    if (!family || *family > UINT8_MAX || parts[2].size() >= NFT_NAME_MAXLEN || parts[3].size() >= NFT_NAME_MAXLEN) return {};
    Request request = nft_request(NFT_MSG_GETSETELEM, static_cast<std::uint8_t>(*family));
    add_text_attribute(request.body, NFTA_SET_ELEM_LIST_TABLE, parts[2]);
    add_text_attribute(request.body, NFTA_SET_ELEM_LIST_SET, parts[3]);
    return {std::move(request)};
}

std::vector<Request> requests_for(std::string_view what, int& protocol) {
    protocol = NETLINK_ROUTE;
    if (what == "link") return {{RTM_GETLINK, body_of(ifinfomsg{})}};
    if (what == "addr") return {{RTM_GETADDR, body_of(ifaddrmsg{})}};
    if (what == "route") return {{RTM_GETROUTE, body_of(rtmsg{})}};
    protocol = NETLINK_NETFILTER;
    if (what == "nftables") {
        return {nft_request(NFT_MSG_GETTABLE, NFPROTO_UNSPEC), nft_request(NFT_MSG_GETCHAIN, NFPROTO_UNSPEC),
                nft_request(NFT_MSG_GETRULE, NFPROTO_UNSPEC), nft_request(NFT_MSG_GETSET, NFPROTO_UNSPEC)};
    }
    if (what.starts_with("nftset/")) return set_request(what);
    return {};
}

}  // namespace

void dump_netlink(std::string_view what, std::uint64_t max_bytes, Source& out) {
    int protocol = 0;
    const auto requests = requests_for(what, protocol);
    if (requests.empty()) {
        out.about.state = State::failed;
        out.about.why = "is no dump that the kernel is asked for";
        return;
    }
    Outcome outcome;
    for (int tries = 0; tries < kMaxTries; ++tries) {
        out.bytes.clear();
        outcome = dump_once(protocol, requests, max_bytes, out.bytes);
        if (!outcome.disturbed) break;
    }
    const bool unknown_to_kernel = outcome.error == EPROTONOSUPPORT || outcome.error == EOPNOTSUPP ||
                                   (protocol == NETLINK_NETFILTER && outcome.error == EINVAL);
    if (unknown_to_kernel) {
        // The kernel was built without it, or its module is not there to be loaded: then there are no such rules.
        out.bytes.clear();
        out.about.state = State::missing;
    } else if (outcome.error != 0) {
        out.bytes.clear();
        out.about.state = code_of_errno(outcome.error) == Code::denied ? State::denied : State::failed;
        out.about.why = fmt::format("the kernel does not answer: {}", errno_text(outcome.error));
    } else if (outcome.cut || outcome.disturbed) {
        out.about.state = State::cut;
        out.about.why = outcome.cut ? fmt::format("only the first {} are kept", human_bytes(max_bytes))
                                    : "it changed each time while it was read";
    }
}

}  // namespace ward::host
