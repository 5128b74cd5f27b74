// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ward::runtime {

Channel::Message Channel::receive() {
    Message message;
    bool more = true;
    while (more) {
        packet_.resize(wire::kMaxPacketBytes);
        iovec part{packet_.data(), packet_.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * wire::kMaxDescriptors)];
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        const ssize_t bytes = ::recvmsg(descriptor_, &header, 0);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < static_cast<ssize_t>(wire::kPacketHeaderBytes)) ::_exit(0);
        for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
            if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
            const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            const std::size_t old = message.descriptors.size();
            message.descriptors.resize(old + count);
            std::memcpy(message.descriptors.data() + old, CMSG_DATA(item), count * sizeof(int));
        }
        Decoder in{Bytes{packet_.data(), static_cast<std::size_t>(bytes)}};
        message.kind = static_cast<wire::Kind>(in.u32().value_or(0));
        more = in.u32().value_or(0) != 0;
        message.body.insert(message.body.end(), packet_.begin() + wire::kPacketHeaderBytes, packet_.begin() + bytes);
    }
    return message;
}

void Channel::send(wire::Kind kind, Bytes body) {
    constexpr std::size_t kPart = wire::kMaxPacketBytes - wire::kPacketHeaderBytes;
    do {
        const std::size_t count = std::min(kPart, body.size());
        Buffer head;
        Encoder out{head};
        out.u32(static_cast<std::uint32_t>(kind));
        out.u32(count < body.size() ? 1 : 0);
        iovec parts[2] = {{head.data(), head.size()}, {const_cast<std::uint8_t*>(body.data()), count}};
        msghdr header{};
        header.msg_iov = parts;
        header.msg_iovlen = 2;
        ssize_t sent = 0;
        do {
            sent = ::sendmsg(descriptor_, &header, MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
        if (sent < 0) ::_exit(0);
        body = body.subspan(count);
    } while (!body.empty());
}

}  // namespace ward::runtime
