// SPDX-License-Identifier: Apache-2.0
#include "fetch/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ward::fetch {

Channel::Message Channel::receive() {
    Message message;
    message.body.resize(wire::kMaxFetchPacketBytes);
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
    iovec part{message.body.data(), message.body.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t count = 0;
    do count = ::recvmsg(socket_, &header, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < static_cast<ssize_t>(wire::kFetchHeaderBytes)) ::_exit(0);
    if (const cmsghdr* given = CMSG_FIRSTHDR(&header); given != nullptr && given->cmsg_level == SOL_SOCKET && given->cmsg_type == SCM_RIGHTS) {
        std::memcpy(&message.descriptor, CMSG_DATA(given), sizeof(int));
    }
    std::uint32_t kind = 0;
    std::memcpy(&kind, message.body.data(), sizeof kind);  // little-endian, on both architectures
    message.kind = static_cast<wire::FetchKind>(kind);
    message.body.resize(static_cast<std::size_t>(count));
    message.body.erase(message.body.begin(), message.body.begin() + wire::kFetchHeaderBytes);
    return message;
}

Channel::Message Channel::expect(wire::FetchKind kind) {
    Message message = receive();
    WARD_CHECK(message.kind == kind);
    return message;
}

void Channel::send(wire::FetchKind kind, Bytes body) {
    Buffer packet;
    Encoder{packet}.u32(static_cast<std::uint32_t>(kind));
    packet.insert(packet.end(), body.begin(), body.end());
    WARD_CHECK(packet.size() <= wire::kMaxFetchPacketBytes);
    ssize_t count = 0;
    do count = ::send(socket_, packet.data(), packet.size(), MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count < 0) ::_exit(0);
}

}  // namespace ward::fetch
