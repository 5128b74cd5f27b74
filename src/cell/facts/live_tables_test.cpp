// SPDX-License-Identifier: Apache-2.0
// The smaller tables about the running system, and those about any file.
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/sources.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using State = wire::SourceBytes::State;
using Lines = std::vector<std::string>;

Buffer uname_bytes() {
    Buffer bytes;
    Encoder out{bytes};
    for (const char* part : {"Linux", "web1", "6.1.0-28-amd64", "#1 SMP", "x86_64"}) out.text(part);
    return bytes;
}

TEST(KernelTable, GathersItsRow) {
    constexpr const char* kSecureBoot = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    const auto answer = testing::Sources{}
                            .bytes("uname:", uname_bytes())
                            .file("/proc/cmdline", "root=/dev/sda1 quiet\n")
                            .file("/proc/stat", "cpu 0\nbtime 1700000000\n")
                            .file("/proc/sys/kernel/tainted", "12289\n")
                            .file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
                            .file("/sys/kernel/security/lsm", "lockdown,yama")
                            .folder("stat:/sys/firmware/efi")
                            .bytes(kSecureBoot, {6, 0, 0, 0, 1})
                            .state("/run/reboot-required", State::missing)
                            .file("/proc/1/comm", "systemd\n")
                            .file("/proc/2/comm", "kthreadd\n")
                            .parse(parse_kernel);
    EXPECT_EQ(testing::lines_of(answer.rows),
              Lines{"Linux|6.1.0-28-amd64|#1 SMP|x86_64|web1|root=/dev/sda1 quiet|12289|POE|1700000000|integrity|lockdown,yama|1|1|0|systemd|0"});
    const auto bare = testing::Sources{}.bytes("uname:", uname_bytes()).file("/run/reboot-required", "").parse(parse_kernel);
    EXPECT_EQ(testing::lines_of(bare.rows), Lines{"Linux|6.1.0-28-amd64|#1 SMP|x86_64|web1|||||||0|0|1||1"});
    EXPECT_EQ(testing::Sources{}.bytes("uname:", {1}).parse(parse_kernel).rows.gaps.size(), 1u);
}

TEST(CpuVulnerabilities, TellsOpenFromClosed) {
    const std::string folder = "/sys/devices/system/cpu/vulnerabilities/";
    const auto answer = testing::Sources{}
                            .file(folder + "a", "Not affected\n")
                            .file(folder + "b", "Mitigation: Retpolines; IBPB: conditional\n")
                            .file(folder + "c", "Vulnerable: Clear CPU buffers attempted, no microcode\n")
                            .file(folder + "d", "Mitigation: PTE Inversion; VMX: vulnerable\n")
                            .file(folder + "e", "KVM: Mitigation: VMX disabled\n")
                            .state(folder + "f", State::denied)
                            .parse(parse_cpu_vulnerabilities);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (Lines{"a|Not affected|0|0", "b|Mitigation: Retpolines; IBPB: conditional|0|1",
                     "c|Vulnerable: Clear CPU buffers attempted, no microcode|1|0", "d|Mitigation: PTE Inversion; VMX: vulnerable|1|1",
                     "e|KVM: Mitigation: VMX disabled|0|1"}));
}

TEST(Mounts, JoinsWhatIsMountedWithFstab) {
    const auto answer = testing::Sources{}
                            .file("/proc/self/mountinfo",
                                  "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n"
                                  "23 22 0:20 / /mnt/with\\040blank ro,nosuid,nodev - tmpfs tmpfs rw,size=1k\n"
                                  "broken line\n")
                            .file("/etc/fstab",
                                  "# comment\n/dev/vda1 / ext4 errors=remount-ro 0 1\n\ntmpfs /tmp tmpfs nosuid,noexec\nbroken\n")
                            .parse(parse_mounts);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (Lines{"/|/dev/vda1|ext4|rw,relatime,errors=remount-ro|errors=remount-ro|0|0|0|0|1|2",
                     "/mnt/with blank|tmpfs|tmpfs|ro,nosuid,nodev,size=1k||1|1|1|0|1|",
                     "/tmp|tmpfs|tmpfs||nosuid,noexec|0|1|0|1|0|4"}));
    ASSERT_EQ(answer.rows.gaps.size(), 2u);
    EXPECT_EQ(answer.rows.gaps[0].where.line, 3u);
    EXPECT_EQ(answer.rows.gaps[1].where, (Where{"/etc/fstab", 5, {}}));
}

TEST(Sysctl, ComparesNowWithTheNextBoot) {
    const std::vector<TreeFile> tree = {{"/proc/sys/kernel/a", "1\t2\n", true}, {"/proc/sys/kernel/secret", "", false},
                                        {"/proc/sys/net/ipv4/conf/all/x", "0\n", true}, {"/proc/sys/net/ipv4/conf/eth0.1/x", "0\n", true}};
    const auto answer = testing::Sources{}
                            .bytes("tree:/proc/sys", to_bytes(tree))
                            .file("/etc/sysctl.d/50-a.conf", "; comment\nkernel.a = 5\nkernel.b=3\n")
                            .file("/usr/lib/sysctl.d/50-a.conf", "kernel.a = hidden by the one in /etc\n")
                            .file("/usr/lib/sysctl.d/10-net.conf", "net.ipv4.conf.*.x = 2\n-net.ipv4.conf.all.x\nno equals\n")
                            .file("/usr/lib/sysctl.d/99-z.conf", "kernel/a=6\n")
                            .parse(parse_sysctl);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (Lines{"kernel.a|1 2|6|/usr/lib/sysctl.d/99-z.conf|1", "kernel.b||3|/etc/sysctl.d/50-a.conf|3", "kernel.secret||||",
                     "net.ipv4.conf.all.x|0|||", "net.ipv4.conf.eth0/1.x|0|2|/usr/lib/sysctl.d/10-net.conf|1"}));
    ASSERT_EQ(answer.rows.gaps.size(), 1u);
    EXPECT_EQ(answer.rows.gaps[0].where.line, 3u);
}

TEST(Sysctl, KnowsTheNextBootOfATreeWithoutKernel) {
    const auto answer = testing::Sources{}
                            .state("tree:/proc/sys", State::failed)
                            .file("/etc/sysctl.d/a.conf", "kernel.kptr_restrict=1\nnet.*.x=2\n-net.all.x\n")
                            .parse(parse_sysctl);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (Lines{"kernel.kptr_restrict||1|/etc/sysctl.d/a.conf|1", "net.*.x||2|/etc/sysctl.d/a.conf|2"}));
}

TEST(File, ShowsWhatIsAtAPath) {
    testing::Sources sources;
    sources.with("path", std::string{"/etc/*"});
    EXPECT_EQ(sources.parse(parse_file).wants, Lines{"stat:/etc/*"});
    sources.add({.name = "stat:/etc/shadow", .mode = 0100640, .uid = 0, .gid = 42, .modified = 5, .size = 9}, {})
        .add({.name = "stat:/etc/mtab", .link = "/proc/mounts", .mode = 0120777}, {})
        .state("stat:/etc/none", State::missing);
    EXPECT_EQ(testing::lines_of(sources.parse(parse_file).rows),
              (Lines{"/etc/*|/etc/shadow|file|416|0|42|9|5|", "/etc/*|/etc/mtab|link|511|0|0|0|0|/proc/mounts"}));
}

TEST(File, WantsNothingForWhatIsNoPath) {
    for (const Value& value : {Value{}, Value{std::int64_t{3}}, Value{std::string{"etc"}}, Value{std::string{}}}) {
        for (const Parser parser : {parse_file, parse_file_hash, parse_text_lines}) {
            const auto answer = testing::Sources{}.with("path", value).parse(parser);
            EXPECT_TRUE(answer.wants.empty());
            EXPECT_TRUE(answer.rows.rows.empty());
        }
    }
}

TEST(FileHash, HashesRegularFiles) {
    const auto answer = testing::Sources{}.with("path", std::string{"/a"}).file("/a", "abc").folder("/d").parse(parse_file_hash);
    EXPECT_EQ(testing::lines_of(answer.rows),
              Lines{"/a|/a|3|ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad|900150983cd24fb0d6963f7d28e17f72"});
}

TEST(TextLines, NumbersLinesAndKeepsToItsLimits) {
    const auto answer = testing::Sources{}.with("path", std::string{"/*"}).file("/a", "one\r\n\nthree").file("/b", "x").parse(parse_text_lines);
    EXPECT_EQ(testing::lines_of(answer.rows), (Lines{"/*|/a|1|one", "/*|/a|2|", "/*|/a|3|three", "/*|/b|1|x"}));
    const auto wide = testing::Sources{}.with("path", std::string{"/a"}).file("/a", std::string(70'000, 'x')).parse(parse_text_lines);
    EXPECT_EQ(wide.rows.gaps.size(), 1u);
    EXPECT_EQ(std::get<std::string>(wide.rows.rows.at(0).at(3)).size(), 65'536u);
    const auto large = testing::Sources{}.with("path", std::string{"/a"}).file("/a", std::string(5 * kMiB, 'x')).parse(parse_text_lines);
    EXPECT_EQ(large.rows.gaps.size(), 2u);
    const auto many = testing::Sources{}.with("path", std::string{"/a"}).file("/a", std::string(600'000, '\n')).parse(parse_text_lines);
    EXPECT_EQ(many.rows.gaps.size(), 1u);
    EXPECT_EQ(many.rows.rows.size(), 500'000u);
}

}  // namespace
}  // namespace ward::facts
