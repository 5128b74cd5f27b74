// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "model/fetch.h"

namespace ward::fetch {

// The socket to the ward that started this program (model/fetch.h). When ward has gone there is nobody to fetch for: the
// program ends, quietly.
class Channel {
public:
    explicit Channel(int socket) : socket_{socket} {}

    struct Message {
        wire::FetchKind kind{};
        Buffer body;
        int descriptor = -1;  // that came with it; the caller closes it
    };
    Message receive();
    // Receives a message that must be of this kind; anything else is a broken promise of ours.
    Message expect(wire::FetchKind kind);
    void send(wire::FetchKind kind, Bytes body = {});

    template <class T>
    void send_value(wire::FetchKind kind, const T& value) {
        Buffer body;
        Encoder out{body};
        using wire::encode;  // of what belongs to no other noun
        encode(value, out);
        send(kind, body);
    }

private:
    int socket_;
};

}  // namespace ward::fetch
