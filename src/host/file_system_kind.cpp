// SPDX-License-Identifier: Apache-2.0
#include "host/file_system_kind.h"

#include <sys/statfs.h>

namespace ward::host {

namespace {

// statfs(2) and linux/magic.h. What is not listed is a local file system and is entered.
constexpr FileSystemKind kForeign[] = {
    {0x9fa0, "proc", false},        {0x62656572, "sysfs", false},   {0x64626720, "debugfs", false},
    {0x74726163, "tracefs", false}, {0x27e0eb, "cgroup", false},    {0x63677270, "cgroup2", false},
    {0x73636673, "securityfs", false}, {0xcafe4a11, "bpf", false},  {0x6165676c, "pstore", false},
    {0x19800202, "mqueue", false},  {0x62656570, "configfs", false}, {0x65735543, "fusectl", false},
    {0x42494e4d, "binfmt_misc", false}, {0x1cd1, "devpts", false},  {0x6e736673, "nsfs", false},
    {0xde5e81e4, "efivarfs", false}, {0xf97cff8c, "selinuxfs", false}, {0x67596969, "rpc_pipefs", false},
    {0x187, "autofs", true},        {0x6969, "nfs", true},          {0xff534d42, "cifs", true},
    {0xfe534d42, "smb2", true},     {0x517b, "smb", true},          {0x65735546, "fuse", true},
    {0xc36400, "ceph", true},       {0x01021997, "9p", true},       {0x5346414f, "afs", true},
    {0x6b414653, "kafs", true},     {0x73757245, "coda", true},     {0xbd00bd0, "lustre", true},
    {0x47504653, "gpfs", true},     {0x7461636f, "ocfs2", true},    {0x01161970, "gfs2", true},
};

}  // namespace

const FileSystemKind* foreign_kind(int descriptor) {
    struct statfs info {};
    if (::fstatfs(descriptor, &info) != 0) return nullptr;
    const auto magic = static_cast<std::uint32_t>(info.f_type);
    for (const auto& kind : kForeign) {
        if (kind.magic == magic) return &kind;
    }
    return nullptr;
}

}  // namespace ward::host
