// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/udev_rules.h"
#include "cell/facts/startup_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;
using State = wire::SourceBytes::State;

const Strings kShown = {"kind", "name", "user", "command", "path", "line"};

// Of start_items, without the rows that are there whatever the test is about.
Strings shown(const Sources& sources) { return columns("start_items", sources.parse(parse_start_items), kShown); }

TEST(StartItems, HoldUnitsThatSomethingPullsIn) {
    Sources sources;
    const auto pulled = [&](const std::string& name, std::string_view text) {
        sources.file("/usr/lib/systemd/system/" + name, text);
        sources.file("/etc/systemd/system/x.target.wants/" + name, "x", 0100644, 0, "/usr/lib/systemd/system/" + name);
    };
    pulled("a.service", "[Service]\nUser=u\nExecStart=-/bin/a b\n");
    pulled("b.timer", "[Timer]\nOnBootSec=1\n");
    pulled("c.socket", "[Socket]\nListenStream=1\nAccept=yes\n");
    pulled("d.path", "[Path]\nPathExists=/x\nUnit=b.service\n");
    pulled("e.socket", "[Socket]\nListenStream=2\nService=b.service\n");
    pulled("f.mount", "[Mount]\nWhat=x\n");
    sources.file("/usr/lib/systemd/system/b.service", "[Service]\nDynamicUser=1\nExecStart=/bin/b\n");
    sources.file("/usr/lib/systemd/system/c@.service", "[Service]\nExecStart=/bin/c\n");
    sources.file("/usr/lib/systemd/system/not-enabled.service", "[Service]\nExecStart=/bin/n\n");
    sources.file("/etc/systemd/system/alias.service", "[Unit]\n", 0100644, 0, "/usr/lib/systemd/system/a.service");
    EXPECT_EQ(shown(sources), (Strings{"service|a.service|u|-/bin/a b|/usr/lib/systemd/system/a.service|",
                                       "timer|b.timer||/bin/b|/usr/lib/systemd/system/b.timer|",
                                       "socket|c.socket|root|/bin/c|/usr/lib/systemd/system/c.socket|",
                                       "path|d.path||/bin/b|/usr/lib/systemd/system/d.path|",
                                       "socket|e.socket||/bin/b|/usr/lib/systemd/system/e.socket|"}));
}

TEST(StartItems, HoldInitScriptsThatARunlevelStarts) {
    const auto with_init = [](std::string target) {
        Sources sources;
        sources.add({.name = "stat:/sbin/init", .link = std::move(target), .mode = 0120777}, {});
        sources.file("/usr/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n");
        sources.add({.name = "/usr/lib/systemd/system/b.service", .link = "/dev/null", .mode = 020666}, {});
        for (const std::string name : {"a", "b.sh", "c", "d", "e"}) {
            sources.file("/etc/init.d/" + name, "#!/bin/sh\n", name == "d" ? 0100644 : 0100755);
            if (name != "e") sources.add({.name = "stat:/etc/rc2.d/S01" + name, .link = "../init.d/" + name, .mode = 0120777}, {});
        }
        return sources;
    };
    EXPECT_EQ(shown(with_init("/lib/systemd/systemd")), (Strings{"init|c|root|/etc/init.d/c|/etc/init.d/c|"}));
    EXPECT_EQ(shown(with_init("/usr/sbin/sysvinit")),
              (Strings{"init|a|root|/etc/init.d/a|/etc/init.d/a|", "init|b.sh|root|/etc/init.d/b.sh|/etc/init.d/b.sh|",
                       "init|c|root|/etc/init.d/c|/etc/init.d/c|"}));
}

TEST(StartItems, HoldFilesThatCountAsAWhole) {
    const auto answer = Sources{}
        .file("/etc/cron.d/job", "@reboot alice /bin/job\n", 0100666, 1000)
        .file("/etc/rc.local", "#!/bin/sh\n", 0100700)
        .file("/etc/update-motd.d/10-uname", "#!/bin/sh\n", 0100755)
        .file("/etc/update-motd.d/10-uname.dpkg-new", "#!/bin/sh\n", 0100755)
        .file("/etc/update-motd.d/20-off", "#!/bin/sh\n", 0100644)
        .file("/etc/profile", "umask 022\n")
        .file("/etc/environment", "")
        .file("/etc/profile.d/a.sh", "x\n", 0100644, 1000)
        .file("/etc/profile.d/README", "x\n")
        .parse(parse_start_items);
    EXPECT_EQ(columns("start_items", answer, {"kind", "name", "user", "command", "path", "line", "mode", "uid"}),
              (Strings{"cron|job|alice|/bin/job|/etc/cron.d/job|1|438|1000", "rc.local|rc.local|root|/etc/rc.local|/etc/rc.local||448|0",
                       "motd|10-uname|root|/etc/update-motd.d/10-uname|/etc/update-motd.d/10-uname||493|0",
                       "shell|profile||/etc/profile|/etc/profile||420|0", "shell|a.sh||/etc/profile.d/a.sh|/etc/profile.d/a.sh||420|1000"}));
    EXPECT_EQ(shown(Sources{}.file("/etc/rc.local", "#!/bin/sh\n", 0100644)), Strings{});
}

TEST(StartItems, HoldFilesOfHomes) {
    Sources sources;
    sources.file("/etc/passwd", "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice/:/bin/sh\nal:x:1001:1000::/home/alice:/bin/sh\n"
                             "www:x:33:33::/var/www:/usr/sbin/nologin\nodd:x:5:5::/home/*:/bin/sh\ntop:x:6:6::/:\n")
        .file("/home/alice/.bashrc", "x", 0100644, 1000)
        .file("/home/alice/.config/autostart/x.desktop", "[Desktop Entry]\nExec=/bin/x %U\n")
        .file("/var/www/.bashrc", "x")
        .file("/home/alice/.other", "x")
        .file("/root/.profile", "");
    const auto answer = sources.parse(parse_start_items);
    EXPECT_EQ(columns("start_items", answer, kShown),
              (Strings{"shell|.bashrc|alice|/home/alice/.bashrc|/home/alice/.bashrc|",
                       "autostart|x.desktop|alice|/bin/x %U|/home/alice/.config/autostart/x.desktop|2"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/passwd:5 unsupported"}));
    const auto asks = [&](std::string_view name) { return std::count(answer.wants.begin(), answer.wants.end(), name); };
    EXPECT_EQ(asks("/root/.bashrc"), 1);
    EXPECT_EQ(asks("/home/alice/.config/autostart/*.desktop"), 1);
    EXPECT_EQ(asks("/var/www/.bashrc"), 0);
    EXPECT_EQ(asks("/.bashrc"), 0);
    // What may not be read is there all the same.
    Sources denied;
    denied.file("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n");
    denied.add({.name = "/home/alice/.zshrc", .state = State::denied, .mode = 0100600, .uid = 1000, .size = 5}, {});
    EXPECT_EQ(shown(denied), (Strings{"shell|.zshrc|alice|/home/alice/.zshrc|/home/alice/.zshrc|"}));
}

TEST(StartItems, ReadEntriesOfDesktops) {
    struct Case { const char* name; std::string_view text; Strings rows; };
    const Case cases[] = {
        {"an entry", "# x\n[Desktop Entry]\nName=A\n Exec = /bin/a --b\n[Desktop Action x]\nExec=/bin/no\n", {"autostart|a.desktop||/bin/a --b|/etc/xdg/autostart/a.desktop|4"}},
        {"hidden", "[Desktop Entry]\nExec=/bin/a\nHidden=true\n", {}},
        {"shown", "[Desktop Entry]\nExec=/bin/a\nHidden=false", {"autostart|a.desktop||/bin/a|/etc/xdg/autostart/a.desktop|2"}},
        {"no program", "[Desktop Entry]\nName=A\n", {}},
        {"no group", "Exec=/bin/a\n", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(shown(Sources{}.file("/etc/xdg/autostart/a.desktop", c.text)), c.rows);
    }
}

TEST(StartItems, ReadPreloadsAndHooks) {
    const auto answer = Sources{}
        .file("/etc/ld.so.preload", "# none\n/lib/a.so:/lib/b.so\tlibc.so # /lib/no.so\n")
        .file("/etc/apt/apt.conf.d/50x", "DPkg::Post-Invoke { \"a\"; \"b\"; };\nAPT::Update::Pre-Invoke:: \"c\";\nDPkg::Pre-Install-Pkgs {\"d\";};\n"
                                        "Acquire::http::Proxy-Auto-Detect \"/bin/e\";\nAPT::Color \"1\";\n")
        .file("/etc/apt/apt.conf.d/60x", "#clear DPkg::Post-Invoke;\nAPT::Periodic { \n")
        .file("/etc/apt/apt.conf.d/70.bak", "DPkg::Post-Invoke { \"no\"; };\n")
        .parse(parse_start_items);
    EXPECT_EQ(columns("start_items", answer, kShown),
              (Strings{"preload|a.so|root|/lib/a.so|/etc/ld.so.preload|2", "preload|b.so|root|/lib/b.so|/etc/ld.so.preload|2",
                       "preload|libc.so|root|libc.so|/etc/ld.so.preload|2",
                       "apt-hook|apt::update::pre-invoke::|root|c|/etc/apt/apt.conf.d/50x|2",
                       "apt-hook|dpkg::pre-install-pkgs::|root|d|/etc/apt/apt.conf.d/50x|3",
                       "apt-hook|acquire::http::proxy-auto-detect|root|/bin/e|/etc/apt/apt.conf.d/50x|4"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/apt/apt.conf.d/60x:3 malformed"}));
}

TEST(UdevPrograms, AreThoseOfRulesThatCanBeRead) {
    struct Case { std::string_view rule; std::optional<Strings> programs; };
    const Case cases[] = {
        {R"(ACTION=="add", RUN+="/bin/a b")", Strings{"/bin/a b"}},
        {R"(RUN{program}+="a", RUN{builtin}+="kmod", PROGRAM=="b", IMPORT{program}="c", IMPORT{file}="d")", Strings{"a", "b", "c"}},
        {R"(  KERNEL=="x",,RUN := "a",)", Strings{"a"}},
        {"RUN+=\\\n\"/bin/a\\\n b\"", Strings{"/bin/a b"}},
        {R"(RUN+="a \"b\" c")", Strings{R"(a "b" c)"}},
        {R"(RUN+=e"a", ENV{X}=i"b")", Strings{"a"}},
        {R"(RUN="")", Strings{}},
        {R"(# RUN+="a")", Strings{}},
        {R"(RUN+="a)", std::nullopt},
        {R"(RUN+="a" x)", std::nullopt},
        {R"(RUN+=a)", std::nullopt},
        {R"(RUN{program+="a")", std::nullopt},
        {R"(RUN=+="a")", std::nullopt},
        {R"(="a")", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.rule);
        Strings rows;
        for (const auto& program : c.programs.value_or(Strings{})) rows.push_back("udev|a.rules|root|" + program + "|/etc/udev/rules.d/a.rules|1");
        const auto answer = Sources{}.file("/etc/udev/rules.d/a.rules", c.rule).parse(parse_start_items);
        EXPECT_EQ(columns("start_items", answer, kShown), rows);
        EXPECT_EQ(gaps_of(answer), (c.programs ? Strings{} : Strings{"/etc/udev/rules.d/a.rules:1 malformed"}));
    }
}

TEST(UdevPrograms, ComeFromTheFirstFolder) {
    Sources sources;
    sources.file("/etc/udev/rules.d/a.rules", "", 020666, 0, "/dev/null")
        .file("/usr/lib/udev/rules.d/a.rules", "RUN=\"no\"\n")
        .file("/usr/lib/udev/rules.d/b.rules", "\nRUN=\"b\"")
        .file("/lib/udev/rules.d/b.rules", "RUN=\"no\"\n")
        .file("/usr/lib/udev/rules.d/c.conf", "RUN=\"no\"\n");
    EXPECT_EQ(shown(sources), (Strings{"udev|b.rules|root|b|/usr/lib/udev/rules.d/b.rules|2"}));
}

}  // namespace
}  // namespace ward::facts
