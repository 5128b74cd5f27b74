// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/messages.h"

#include <vector>

namespace ward::runtime {

// The cell's end of the channel to its gate. What comes from the gate is trusted to be well-formed as far as it is ours, and
// decoded with the same care all the same. One thread.
class Channel {
public:
    struct Message {
        wire::Kind kind{};
        Buffer body;
        std::vector<int> descriptors;  // the receiver closes them
    };

    explicit Channel(int descriptor) : descriptor_{descriptor} {}

    // The next message; ends the process when the gate is gone.
    Message receive();
    // Sends in as many packets as it takes; ends the process when the gate is gone.
    void send(wire::Kind kind, Bytes body);

private:
    int descriptor_;
    Buffer packet_;
};

}  // namespace ward::runtime
