// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/encode.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ward {

// Sources that are no file (docs/facts.md): the host writes down what the system says, unseen, as a list of one of these.
// Fields cross the wall in the order in which they stand here.

// `list:`, `setuid:`, `software:`. What lstat says of one name.
struct FolderEntry {
    std::string path;             // absolute, below the root
    std::uint32_t mode = 0;       // type and permissions, as in stat(2)
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int64_t modified = 0;    // seconds since 1970
    std::uint64_t size = 0;
    std::string link;             // of a symbolic link
    std::string capabilities;     // the extended attribute security.capability, raw; `setuid:` only
    bool operator==(const FolderEntry&) const = default;
};

// `tree:`
struct TreeFile {
    std::string path;
    std::string text;             // the first 4 KiB
    bool readable = true;
    bool operator==(const TreeFile&) const = default;
};

// `proc:`. Texts are the files of that name in /proc/PID.
struct ProcessFacts {
    enum class Exe : std::uint8_t { seen = 0, none = 1, denied = 2 };
    std::uint32_t pid = 0;
    std::string stat;
    std::string status;
    std::string cmdline;          // arguments, each ended by a zero byte
    std::string cgroup;
    Exe exe_state = Exe::seen;    // none: a thread of the kernel
    std::string exe;              // where the link points, " (deleted)" included
    std::string net_namespace;    // "net:[4026531840]"; empty when it may not be seen
    bool operator==(const ProcessFacts&) const = default;
};

// `maps:`
struct ProcessText {
    std::uint32_t pid = 0;
    std::string text;
    bool operator==(const ProcessText&) const = default;
};

// `sockets:`. A process that holds a socket open; one socket may have several.
struct SocketHolder {
    std::uint32_t pid = 0;
    std::uint64_t inode = 0;
    bool operator==(const SocketHolder&) const = default;
};

void encode(const std::vector<FolderEntry>& entries, Encoder& out);
void encode(const std::vector<TreeFile>& files, Encoder& out);
void encode(const std::vector<ProcessFacts>& processes, Encoder& out);
void encode(const std::vector<ProcessText>& texts, Encoder& out);
void encode(const std::vector<SocketHolder>& holders, Encoder& out);

template <class Snapshot>
Buffer to_bytes(const std::vector<Snapshot>& list) {
    Buffer bytes;
    Encoder out{bytes};
    encode(list, out);
    return bytes;
}

// The whole of the bytes is the list. None bytes, as of a source that could not be read, are an empty list.
Result<std::vector<FolderEntry>> decode_folder(Bytes bytes);
Result<std::vector<TreeFile>> decode_tree(Bytes bytes);
Result<std::vector<ProcessFacts>> decode_processes(Bytes bytes);
Result<std::vector<ProcessText>> decode_process_texts(Bytes bytes);
Result<std::vector<SocketHolder>> decode_sockets(Bytes bytes);

}  // namespace ward
