// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/sources.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

// The fields of /proc/PID/stat behind the name; 4200 hundredths of a second after the start of the kernel.
std::string stat_line(std::string_view pid_and_name, std::string_view parent, std::string_view flags) {
    return fmt::format("{} S {} 1 1 0 -1 {} 1 0 0 0 1 2 0 0 20 0 3 0 4200 1000 50", pid_and_name, parent, flags);
}

ProcessFacts sshd() {
    return {.pid = 812,
            .stat = stat_line("812 (sshd)", "1", "4194560"),
            .status = "Name:\tsshd\nUid:\t0\t0\t0\t0\nGid:\t0\t33\t0\t0\nVmRSS:\t    8192 kB\nCapEff:\t000001ffffffffff\n"
                      "NoNewPrivs:\t1\nSeccomp:\t2\n",
            .cmdline = std::string{"sshd:\0-D\0", 9},
            .cgroup = "0::/system.slice/ssh.service\n",
            .exe = "/usr/sbin/sshd"};
}

std::vector<std::string> rows_of(const std::vector<ProcessFacts>& processes, std::string_view mountinfo = "",
                                 std::vector<Gap>* gaps = nullptr, const std::vector<ProcessText>& maps = {}) {
    const auto answer = testing::Sources{}
                            .bytes("proc:", to_bytes(processes))
                            .bytes("maps:", to_bytes(maps))
                            .file("/proc/stat", "cpu 1 2\nbtime 1700000000\n")
                            .file("/proc/self/mountinfo", mountinfo)
                            .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n")
                            .parse(parse_processes);
    if (gaps != nullptr) *gaps = answer.rows.gaps;
    return testing::lines_of(answer.rows);
}

TEST(Processes, ReadsWhatProcTells) {
    EXPECT_EQ(rows_of({sshd()}),
              (std::vector<std::string>{"812|1|sshd|sshd: -D|/usr/sbin/sshd|0|0|S|0|33|root|2199023255551|1|2|1700000042|8388608|3|"
                                        "ssh.service|/system.slice/ssh.service||"}));
}

TEST(Processes, TellsProgramsThatAreGoneFromThoseThatCannotBeSeen) {
    auto gone = sshd();
    gone.exe = "/usr/sbin/sshd (deleted)";
    EXPECT_NE(rows_of({gone})[0].find("|/usr/sbin/sshd|1|"), std::string::npos);
    auto unseen = sshd();
    unseen.exe.clear();
    unseen.exe_state = ProcessFacts::Exe::denied;
    ProcessFacts thread{.pid = 2, .stat = stat_line("2 (kthreadd)", "0", "2129984"), .exe_state = ProcessFacts::Exe::denied};
    std::vector<Gap> gaps;
    EXPECT_NE(rows_of({unseen, thread}, "", &gaps)[0].find("|sshd: -D|||0|"), std::string::npos);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].why, "the kernel does not show this user the programs and sockets of 1 process");
    EXPECT_EQ(rows_of({thread})[0], "2|0|kthreadd||||1|S|||||||1700000042||3|||0|");
}

TEST(Processes, TakesAnyNameThatAProcessGivesItself) {
    auto odd = sshd();
    odd.stat = stat_line("812 (a) S 7 (b))", "1", "0");
    EXPECT_EQ(rows_of({odd})[0].substr(0, 20), "812|1|a) S 7 (b)|ssh");
}

TEST(Processes, CountsLibrariesThatAreGone) {
    const std::string maps =
        "7f00-7f01 r-xp 0 fe:01 7  /usr/lib/libssl.so.3 (deleted)\n"
        "7f01-7f02 r--p 0 fe:01 7  /usr/lib/libread.so (deleted)\n"
        "7f02-7f03 r-xp 0 fe:01 7  /usr/lib/libssl.so.3 (deleted)\n"
        "7f03-7f04 r-xp 0 fe:01 7  /usr/lib/libz.so.1\n"
        "7f04-7f05 r-xs 0 00:01 7  /memfd:jit (deleted)\n"
        "7f05-7f06 r-xp 0 00:01 7  /opt/with blank.so (deleted)\n";
    const auto rows = rows_of({sshd()}, "", nullptr, {{812, maps}});
    EXPECT_TRUE(rows[0].ends_with("|2|/opt/with blank.so /usr/lib/libssl.so.3")) << rows[0];
    EXPECT_TRUE(rows_of({sshd()}, "", nullptr, {{812, "7f00-7f01 r-xp 0 0:0 7 /usr/lib/a.so\n"}})[0].ends_with("|0|"));
}

TEST(Processes, FindsUnitsInEitherHierarchy) {
    struct Case { const char* cgroup; const char* end; };
    const Case cases[] = {
        {"9:name=systemd:/system.slice/cron.service\n0::/\n", "|cron.service|/system.slice/cron.service||"},
        {"0::/user.slice/user-1000.slice/session-3.scope\n", "|session-3.scope|/user.slice/user-1000.slice/session-3.scope||"},
        {"0::/\n", "||/||"},
        {"nonsense\n", "||||"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.cgroup);
        auto process = sshd();
        process.cgroup = c.cgroup;
        const auto rows = rows_of({process});
        EXPECT_TRUE(rows[0].ends_with(c.end)) << rows[0];
    }
}

TEST(Processes, MakesGapsOfWhatItCannotRead) {
    std::vector<Gap> gaps;
    auto broken = sshd();
    broken.stat = "812 (sshd) S 1";
    EXPECT_TRUE(rows_of({broken}, "", &gaps).empty());
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].where.path, "/proc/812/stat");
    static_cast<void>(rows_of({sshd()}, "22 1 0:5 / /proc rw - proc proc rw,hidepid=invisible\n", &gaps));
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].code, Code::denied);
    const auto answer = testing::Sources{}.bytes("proc:", {1, 2, 3}).parse(parse_processes);
    EXPECT_EQ(answer.rows.gaps.size(), 1u);
}

}  // namespace
}  // namespace ward::facts
