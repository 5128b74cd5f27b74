// SPDX-License-Identifier: Apache-2.0
// The one program of Ward that opens connections. It is started by `ward update` with a socket as descriptor 3, asks ward before
// each request, and sees neither files of this machine nor what is installed on it (docs/update.md).
#include "fetch/job.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
    constexpr int kChannel = 3;
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(kChannel, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        std::fputs("ward-fetch is started by `ward update`; alone it does nothing.\n", stderr);
        return 2;
    }
    ::syscall(SYS_close_range, static_cast<unsigned>(kChannel) + 1, ~0U, 0U);
    ward::fetch::serve(kChannel);
}
