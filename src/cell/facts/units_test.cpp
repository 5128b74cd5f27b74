// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/unit_files.h"
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

// A file of the search path: below /usr/lib/systemd/system when its name is no whole path.
struct File {
    std::string name;
    std::string_view text;
    std::string link = {};
    State state = State::whole;
};

// With a /lib that is a link, as most hosts have it.
wire::ParseAnswer parse(Parser parser, const std::vector<File>& files) {
    Sources sources;
    sources.add({.name = "stat:/lib", .link = "usr/lib", .mode = 0120777}, {});
    for (const auto& file : files) {
        const std::string path = file.name.starts_with('/') ? file.name : "/usr/lib/systemd/system/" + file.name;
        sources.add({.name = path, .state = file.state, .link = file.link, .mode = 0100644}, Buffer{file.text.begin(), file.text.end()});
    }
    return sources.parse(parser);
}

constexpr std::string_view kPlain = "[Service]\nExecStart=/bin/a\n";
constexpr std::string_view kInstalled = "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n";

TEST(Services, AreInTheStateThatSystemctlTells) {
    const std::string kAdmin = "/etc/systemd/system/";
    struct Case { const char* name; std::vector<File> files; Strings rows; };
    const Case cases[] = {
        {"could be enabled", {{"a.service", kInstalled}}, {"a.service|disabled|0|"}},
        {"cannot", {{"a.service", kPlain}}, {"a.service|static|0|"}},
        {"an empty WantedBy", {{"a.service", "[Install]\nWantedBy=x.target\nWantedBy=\n"}}, {"a.service|static|0|"}},
        {"by a drop-in", {{"a.service", kPlain}, {"a.service.d/x.conf", "[Install]\nWantedBy=x.target\n"}}, {"a.service|disabled|0|"}},
        {"by an alias", {{"a.service", "[Install]\nAlias=b.service\n"}}, {"a.service|disabled|0|"}},
        {"enabled", {{"a.service", kInstalled}, {kAdmin + "x.target.wants/a.service", kInstalled, "/lib/systemd/system/a.service"}},
         {"a.service|enabled|1|x.target"}},
        {"by an alias in /etc", {{"a.service", kPlain}, {kAdmin + "b.service", kPlain, "/lib/systemd/system/a.service"}},
         {"a.service|enabled|0|", "b.service|alias|0|"}},
        {"by a package, in two ways", {{"a.service", kInstalled}, {"x.target.requires/a.service", kInstalled, "../a.service"},
                                       {"y.service.upholds/a.service", kInstalled, "../a.service"}}, {"a.service|disabled|1|x.target y.service"}},
        {"no link, so it does not count", {{"a.service", kPlain}, {kAdmin + "x.target.wants/a.service", kPlain}}, {"a.service|static|0|"}},
        {"the link is masked in /etc", {{"a.service", kPlain}, {kAdmin + "x.target.wants/a.service", "", "/dev/null"},
                                        {"x.target.wants/a.service", kPlain, "../a.service"}}, {"a.service|static|0|"}},
        {"masked by a link", {{"a.service", kPlain}, {kAdmin + "a.service", "", "/dev/null"},
                              {"x.target.wants/a.service", kPlain, "../a.service"}}, {"a.service|masked|0|"}},
        {"masked in an image without /dev/null", {{"a.service", kPlain}, {kAdmin + "a.service", "", "/dev/null", State::missing}}, {"a.service|masked|0|"}},
        {"masked by an empty file", {{"a.service", ""}}, {"a.service|masked|0|"}},
        {"from elsewhere", {{kAdmin + "a.service", kPlain, "/opt/a.service"}}, {"a.service|linked|0|"}},
        {"from elsewhere by dots", {{kAdmin + "a.service", kPlain, "../../../usr/lib/systemd/../../../opt/a.service"}}, {"a.service|linked|0|"}},
        {"a link to its own name", {{"a.service", kPlain}, {kAdmin + "a.service", kPlain, "/usr/lib/systemd/system/a.service"}}, {"a.service|static|0|"}},
        {"generated", {{"/run/systemd/generator.late/a.service", kPlain}}, {"a.service|generated|0|"}},
        {"transient", {{"/run/systemd/transient/a.service", kPlain}}, {"a.service|transient|0|"}},
        {"no units", {{"a.service.dpkg-new", kPlain}, {"README", ""}, {".service", kPlain}, {"a b.service", kPlain}, {"a.service/b.service", kPlain}}, {}},
        {"links in circles", {{"a.service", "", "b.service", State::failed}, {"b.service", "", "a.service", State::failed}}, {}},
        {"links to nothing", {{kAdmin + "a.service", "", "/opt/a.service", State::missing}, {kAdmin + "b.service", "", "c.service", State::missing},
                              {kAdmin + "x.target.wants/d.service", "", "../d.service", State::missing}}, {}},
        {"an alias of another kind", {{"a.timer", kPlain}, {"b.service", kPlain, "a.timer"}}, {}},
        {"not readable, so nothing is said", {{"a.service", "", "", State::denied}}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = parse(parse_services, c.files);
        EXPECT_EQ(columns("services", answer, {"name", "state", "enabled", "wanted_by"}), c.rows);
        EXPECT_TRUE(answer.rows.gaps.empty());
        EXPECT_TRUE(answer.wants.empty());
    }
}

TEST(Services, FollowTargetsFromTheDefaultOne) {
    const auto answer = parse(parse_services, {
        {"graphical.target", "[Unit]\nWants=dm.service multi-user.target\n"},
        {"default.target", "[Unit]\n", "graphical.target"},
        {"multi-user.target", "[Unit]\nUpholds=\\\n own.service\nAfter=late.service\n"},
        {"rescue.target", "[Unit]\nRequires=shell.service\n"},
        {"lightdm.service", kPlain},
        {"/etc/systemd/system/dm.service", kPlain, "/lib/systemd/system/lightdm.service"},
        {"own.service", kPlain}, {"late.service", kPlain}, {"shell.service", kPlain},
    });
    EXPECT_EQ(columns("services", answer, {"name", "state", "wanted_by"}),
              (Strings{"dm.service|alias|graphical.target", "late.service|static|", "lightdm.service|enabled|graphical.target",
                       "own.service|static|multi-user.target", "shell.service|static|"}));
}

TEST(Services, PutInstancesTogether) {
    const auto answer = parse(parse_services, {
        {"t@.service", "[Unit]\nDescription=Of %i, %I\n[Service]\nUser=%i\nExecStart=-\"/opt/%p/%i\" %n\n[Install]\nWantedBy=x.target\n"},
        {"alias@.service", "[Unit]\n", "t@.service"},
        {"/etc/systemd/system/x.target.wants/t@a-b.service", "", "/lib/systemd/system/t@.service"},  // masked
        {"/etc/systemd/system/x.target.wants/alias@c-d.service", "x", "/lib/systemd/system/t@.service"},
        {"/etc/systemd/system/x.target.wants/none@e.service", "x", "/lib/systemd/system/none@.service"},
        {"t@.service.d/1.conf", "[Service]\nGroup=all\n"},
        {"t@c-d.service.d/2.conf", "[Service]\nGroup=c\n"},
        {"alias@.service.d/3.conf", "[Service]\nRestart=always\n"},
    });
    EXPECT_EQ(columns("services", answer, {"name", "state", "enabled", "description", "user", "group_name", "program", "restart"}),
              (Strings{"alias@.service|alias|0|Of , |root|all|/opt/alias/|always", "t@.service|enabled|0|Of , |root|all|/opt/t/|always",
                       "t@c-d.service|enabled|1|Of c-d, c/d|c-d|c|/opt/t/c-d|always"}));
}

TEST(Services, MergeDropInsOfAllLevels) {
    const auto answer = parse(parse_services, {
        {"a-b-c.service", "[Service]\nUser=0\n"}, {"masked.service", ""},
        {"/etc/systemd/system/service.d/10.conf", "[Service]\nUser=type\n"},
        {"a-.service.d/20.conf", "[Service]\nUser=a\nGroup=a\n"},
        {"a-b-.service.d/20.conf", "[Service]\nUser=a-b\n"},  // hidden, as the one before, by that of /etc
        {"/etc/systemd/system/a-.service.d/20.conf", "[Service]\nRestart=always\n"},
        {"a-b-c.service.d/30.conf", "[Service]\nUser=abc\n"},
        {"/etc/systemd/system/a-b-c.service.d/30.conf", "", "/dev/null"},
        {"a-b-c.service.d/40.config", "[Service]\nUser=no\n"}, {"a-b-c.service.d/.40.conf", "[Service]\nUser=no\n"},
        {"a-b-c.service.d/deep/50.conf", "[Service]\nUser=no\n"}, {"-.service.d/60.conf", "[Service]\nUser=no\n"},
    });
    EXPECT_EQ(columns("services", answer, {"name", "user", "group_name", "restart", "drop_ins"}),
              (Strings{"a-b-c.service|type||always|/etc/systemd/system/service.d/10.conf /etc/systemd/system/a-.service.d/20.conf",
                       "masked.service||||"}));
}

TEST(Services, TellWhatIsInForce) {
    struct Case { const char* name; std::string_view text; Strings wanted; std::string row; };
    const Strings kProtection = {"user", "dynamic_user", "no_new_privileges", "private_tmp", "protect_system", "protect_home"};
    const Strings kSets = {"capability_bounding_set", "system_call_filter"};
    const Strings kStart = {"type", "exec_start", "program"};
    const Case cases[] = {
        {"nothing is set", "[Service]\n", kProtection, "root|0|0|0|no|no"},
        {"all is set", "[Service]\nUser=u\nNoNewPrivileges=On\nPrivateTmp=1\nProtectSystem=full\nProtectHome=tmpfs\n", kProtection, "u|0|1|1|full|tmpfs"},
        {"words for yes and no", "[Service]\nPrivateTmp=disconnected\nProtectSystem=true\nProtectHome=off\n", kProtection, "root|0|0|1|yes|no"},
        {"a dynamic user", "[Service]\nDynamicUser=yes\n", kProtection, "|1|1|1|strict|read-only"},
        {"a dynamic user with a name", "[Service]\nDynamicUser=y\nUser=n\nProtectSystem=full\n", kProtection, "n|1|1|1|full|read-only"},
        {"the last counts, an empty one none", "[Service]\nUser=a\nUser=b\nProtectHome=yes\nProtectHome=\n", kProtection, "b|0|0|0|no|no"},
        {"of another section", "[Unit]\nUser=a\n[X-Service]\nUser=b\nUser=c", kProtection, "root|0|0|0|no|no"},
        {"sets", "[Service]\nCapabilityBoundingSet=CAP_A CAP_B\nCapabilityBoundingSet=CAP_C\nSystemCallFilter=@x\nSystemCallFilter=\nSystemCallFilter=~@y", kSets, "CAP_A CAP_B CAP_C|~@y"},
        {"no type, no program", "[Service]\n", kStart, "oneshot||"},
        {"no type, a name on the bus", "[Service]\nBusName=a.b\nExecStart=a", kStart, "dbus|a|a"},
        {"cleared before", "[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=@/bin/b c\nExecStart=/bin/d\n", kStart, "simple|@/bin/b c|/bin/b"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(columns("services", parse(parse_services, {{"a.service", c.text}}), c.wanted), (Strings{c.row}));
    }
    // An empty set of capabilities is no missing one.
    const auto none = parse(parse_services, {{"a.service", "[Service]\nCapabilityBoundingSet=CAP_A\nCapabilityBoundingSet=\n"}});
    EXPECT_EQ(none.rows.rows.at(0).at(16), Value{std::string{}});
    const auto unset = parse(parse_services, {{"a.service", "[Service]\n"}});
    EXPECT_EQ(unset.rows.rows.at(0).at(16), Value{});
}

TEST(UnitProgram, IsTheFirstWord) {
    struct Case { std::string_view command; std::string_view program; };
    const Case cases[] = {
        {"/bin/a", "/bin/a"}, {"-@+!!:/bin/a b", "/bin/a"}, {"|/bin/a", "/bin/a"}, {R"("/opt/a b/c" d)", "/opt/a b/c"},
        {R"(-'/opt/a b'\x20c\sd e)", "/opt/a b c d"}, {R"(/a\)", R"(/a\)"}, {R"("/never closed)", "/never closed"},
        {R"(/a\xzz)", "/axzz"}, {"", ""}, {"@", ""},
    };
    for (const auto& c : cases) EXPECT_EQ(unit_program(c.command), c.program) << c.command;
}

TEST(UnitSettings, AreThoseInForceWithTheirPlaces) {
    const auto answer = parse(parse_unit_settings, {
        {"a.service", "\xEF\xBB\xBF# comment \\\n[Unit]\nAfter=x\nAfter=\nConditionPathExists=/a\nConditionHost=b\n"
                           "Outside\n=x\n[Service]\nEnvironment=A=1 \\\n; between\n  \"B=2\\\\\"\nEnvironment = LD_PRELOAD=/x.so\r\n"
                           "ExecStart=/bin/a \\\n\nNice=1\nNice=2"},
        {"/etc/systemd/system/a.service.d/b.conf", "Nice=3\n[Unit]\nConditionNull=\nAssertNull=1\n[Service]\nExecStart=\nExecStart=/bin/b"},
        {"alias.service", "[Unit]\n", "a.service"},
    });
    EXPECT_EQ(columns("unit_settings", answer, {"unit", "section", "key", "value", "file", "line"}),
              (Strings{"a.service|Unit|After|x|/usr/lib/systemd/system/a.service|3",
                       "a.service|Service|Environment|A=1    \"B=2\\\\\"|/usr/lib/systemd/system/a.service|10",
                       "a.service|Service|Environment|LD_PRELOAD=/x.so|/usr/lib/systemd/system/a.service|13",
                       "a.service|Service|Nice|2|/usr/lib/systemd/system/a.service|17",
                       "a.service|Unit|AssertNull|1|/etc/systemd/system/a.service.d/b.conf|4",
                       "a.service|Service|ExecStart|/bin/b|/etc/systemd/system/a.service.d/b.conf|7"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(UnitSettings, ClearListsThatBelongTogether) {
    const auto answer = parse(parse_unit_settings, {
        {"a.socket", "[Socket]\nListenStream=1\nListenDatagram=2\nListenFIFO=\nListenStream=3\n"},
        {"a.timer", "[Timer]\nOnCalendar=daily\nOnBootSec=1\nOnClockChange=yes\nOnUnitActiveSec=\n"},
        {"a.path", "[Path]\nPathExists=/a\nPathChanged=\nMakeDirectory=1\n"},
    });
    EXPECT_EQ(columns("unit_settings", answer, {"unit", "key", "value"}),
              (Strings{"a.path|MakeDirectory|1", "a.socket|ListenStream|3", "a.timer|OnClockChange|yes"}));
}

TEST(UnitSettings, MakeGapsOfWhatCannotBeRead) {
    std::string many = "[Service]\n";
    for (int i = 0; i < 20'001; ++i) many += "ExecStartPre=a\n";
    const std::string hostile = "[Service\nUser=a\n[Unit]\n" + std::string("Wants=\0\n", 8) + "Description=" + std::string(1'000'000, 'x') + "\nAfter=y";
    const std::string endless = "[Unit]\nAfter=" + std::string(40'000, 'x') + "\\\n" + std::string(40'000, 'x') + "\nBefore=z\\";
    const auto answer = parse(parse_unit_settings, {{"a.service", hostile}, {"b.service", endless}, {"c.service", many}});
    const auto rows = columns("unit_settings", answer, {"unit", "key", "value"});
    ASSERT_EQ(rows.size(), 20'002u);
    EXPECT_EQ(rows[0], "a.service|After|y");
    EXPECT_EQ(rows[1], "b.service|Before|z");
    EXPECT_EQ(gaps_of(answer), (Strings{"/usr/lib/systemd/system/a.service:1 malformed", "/usr/lib/systemd/system/a.service:4 malformed",
                                        "/usr/lib/systemd/system/a.service:5 over_limit", "/usr/lib/systemd/system/b.service:2 over_limit",
                                        "/usr/lib/systemd/system/c.service:20002 over_limit"}));
}

TEST(UnitFiles, AskForFoldersThatAreLinks) {
    Sources linked;
    linked.add({.name = "stat:/lib", .link = "usr/lib", .mode = 0120777}, {});
    for (const char* name : {"a.service.d", "x.target.wants", "other", "b.service"}) {
        linked.add({.name = fmt::format("/etc/systemd/system/{}", name), .link = "/opt", .mode = 040755}, {});
    }
    EXPECT_EQ(linked.parse(parse_services).wants, (Strings{"/etc/systemd/system/a.service.d/*", "/etc/systemd/system/x.target.wants/*"}));
    // Where /lib is a folder of its own, its units count before those of /usr/lib.
    const auto split = Sources{}
        .folder("stat:/lib")
        .file("/usr/lib/systemd/system/a.service", kPlain)
        .file("/lib/systemd/system/a.service", kPlain)
        .parse(parse_services);
    EXPECT_EQ(split.wants, (Strings{"/lib/systemd/system/**"}));
    EXPECT_EQ(columns("services", split, {"path"}), (Strings{"/lib/systemd/system/a.service"}));
}

TEST(UnitFiles, HoldWhenManyInstancesShareManySettings) {
    std::string many = "[Service]\n";
    for (int i = 0; i < 10'000; ++i) many += "ExecStartPre=a\n";
    std::vector<File> files{{"t@.service", many}};
    for (int i = 0; i < 60; ++i) files.push_back({fmt::format("x.target.wants/t@{}.service", i), "x", "../t@.service"});
    const auto answer = parse(parse_services, files);
    EXPECT_EQ(answer.rows.rows.size(), 50u);
    EXPECT_EQ(gaps_of(answer).at(0), "/usr/lib/systemd/system/t@.service:0 over_limit");
}

TEST(Timers, TellWhenAndWhatTheyStart) {
    const auto answer = Sources{}
        .file("/usr/lib/systemd/system/a.timer", "[Unit]\nDescription=A\n[Timer]\nOnCalendar=daily\nOnBootSec=5min\nRandomizedDelaySec=1h\nPersistent=true\n")
        .file("/etc/systemd/system/timers.target.wants/a.timer", "x", 0100644, 0, "/lib/systemd/system/a.timer")
        .file("/usr/lib/systemd/system/b@.timer", "[Timer]\nOnActiveSec=1\nOnClockChange=no\nOnTimezoneChange=1\nUnit=c-%i.service\n")
        .file("/etc/systemd/system/timers.target.wants/b@x.timer", "x", 0100644, 0, "/lib/systemd/system/b@.timer")
        .add({.name = "/var/lib/systemd/timers/stamp-a.timer", .modified = 1'700'000'000}, {})
        .parse(parse_timers);
    EXPECT_EQ(columns("timers", answer, {"name", "description", "state", "enabled", "unit", "schedule", "persistent", "last_run"}),
              (Strings{"a.timer|A|enabled|1|a.service|OnCalendar=daily; OnBootSec=5min|1|1700000000",
                       "b@.timer||enabled|0|c-.service|OnActiveSec=1; OnTimezoneChange=1|0|",
                       "b@x.timer||enabled|1|c-x.service|OnActiveSec=1; OnTimezoneChange=1|0|"}));
}

}  // namespace
}  // namespace ward::facts
