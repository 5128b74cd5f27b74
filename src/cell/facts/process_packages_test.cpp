// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/table.h"
#include "model/encode.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

ProcessFacts process(std::uint32_t pid, std::string exe, std::string cgroup = "0::/system.slice/a.service\n") {
    return {.pid = pid,
            .stat = fmt::format("{} (name{}) S 1 1 1 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 3 0 4200 1000 50", pid, pid),
            .status = "Name:\tname\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
            .cgroup = std::move(cgroup),
            .exe = std::move(exe)};
}

Sources host(const std::vector<ProcessFacts>& processes, const std::vector<ProcessText>& maps) {
    Sources sources;
    sources.bytes("proc:", to_bytes(processes)).bytes("maps:", to_bytes(maps));
    sources.file("/var/lib/dpkg/info/nginx.list", "/.\n/usr/sbin/nginx\n")
        .file("/var/lib/dpkg/info/libssl3:amd64.list", "/usr/lib/libssl.so.3\n/usr/lib/libcrypto.so.3\n/usr/lib/data\n/lib/old\n")
        .add({.name = "stat:/lib", .link = "usr/lib"}, {});
    return sources;
}

TEST(ProcessPackages, NamesWhatAProcessHasInMemory) {
    const std::string maps = "7f00-7f01 r--p 00000000 08:01 1 /usr/lib/data\n"
                             "7f01-7f02 r-xp 00001000 08:01 1                  /usr/lib/libssl.so.3 (deleted)\n"
                             "7f02-7f03 r-xp 00000000 00:00 0                          [vdso]\n"
                             "7f03-7f04 rwxp 00000000 00:00 0\n"
                             "broken /\n/\n\n";
    const auto answer = host({process(7, "/usr/sbin/nginx (deleted)"), process(8, "/usr/bin/mine"), process(9, "/usr/sbin/nginx")},
                             {{7, maps}, {8, "7f01-7f02 r-xp 00001000 08:01 1 /usr/lib/old\n"}, {10, maps}})
                            .parse(parse_process_packages);
    EXPECT_EQ(columns("process_packages", answer, {"package", "pid", "process", "unit", "is_program"}),
              (Strings{"libssl3:amd64|7|name7|a.service|0", "nginx|7|name7|a.service|1", "libssl3:amd64|8|name8|a.service|0", "nginx|9|name9|a.service|1"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

// Files of a container have the names of ours; an engine's own services and virtual machines are programs of this host.
TEST(ProcessPackages, LeavesOutContainersAlone) {
    struct Case { const char* cgroup; bool want; };
    const Case cases[] = {
        {"/system.slice/nginx.service", true},
        {"/system.slice/docker.service", true},
        {"/system.slice/containerd.service", true},
        {"/system.slice/docker-registry.service", true},
        {"/system.slice/lxcfs.service", true},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/podman.service", true},
        {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", true},
        {"/system.slice/docker-0123456789abcdef.scope", false},
        {"/docker/0123456789abcdef", false},
        {"/system.slice/docker-0123456789abcdef.scope/init.scope", false},
        {"/machine.slice/libpod-0123.scope/container", false},
        {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-0123.scope", false},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-01.scope", false},
        {"/kubepods/besteffort/pod1/0123", false},
        {"/lxc/name", false},
        {"/lxc.payload.name/system.slice/nginx.service", false},
        {"/machine.slice/systemd-nspawn@name.service/payload", false},
    };
    for (const auto& c : cases) {
        const auto answer = host({process(7, "/usr/sbin/nginx", fmt::format("0::{}\n", c.cgroup))}, {}).parse(parse_process_packages);
        EXPECT_EQ(!answer.rows.rows.empty(), c.want) << c.cgroup;
    }
}

TEST(ProcessPackages, SaysWhatItCouldNotRead) {
    EXPECT_EQ(gaps_of(Sources{}.bytes("proc:", {9}).bytes("maps:", {}).parse(parse_process_packages)), Strings{"/proc:0 malformed"});
    const auto nothing = host({}, {}).parse(parse_process_packages);
    EXPECT_TRUE(nothing.rows.rows.empty());
    EXPECT_EQ(gaps_of(nothing), Strings{});
    auto denied = process(7, "");
    denied.exe_state = ProcessFacts::Exe::denied;
    EXPECT_EQ(host({denied}, {}).parse(parse_process_packages).rows.gaps.size(), 1U);
}

}  // namespace
}  // namespace ward::facts
