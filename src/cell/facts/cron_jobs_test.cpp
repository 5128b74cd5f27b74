// SPDX-License-Identifier: Apache-2.0
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

TEST(CronJobs, ReadLinesOfCrontabs) {
    struct Case { std::string_view line; std::optional<std::string> job; };
    const Case cases[] = {
        {"17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly", "17 * * * *|root|cd / && run-parts --report /etc/cron.hourly"},
        {"  0-30/5,45 1,2 */3 jan-Mar MON-fri www-data a b", "0-30/5,45 1,2 */3 jan-Mar MON-fri|www-data|a b"},
        {"@ReBoot root /bin/a", "@reboot|root|/bin/a"},
        {"@reboot root A=1 /bin/a", "@reboot|root|A=1 /bin/a"},
        {"-0~30 ~ 1~ ~12 7 root a%b", "0~30 ~ 1~ ~12 7|root|a%b"},
        {"* * * * * root a", "* * * * *|root|a"},
        {"* * * * * root", std::nullopt},
        {"* * * * *", std::nullopt},
        {"60 * * * * root a", std::nullopt},
        {"* 24 * * * root a", std::nullopt},
        {"* * 0 * * root a", std::nullopt},
        {"* * * 13 * root a", std::nullopt},
        {"* * * * 8 root a", std::nullopt},
        {"jan * * * * root a", std::nullopt},
        {"1-x * * * * root a", std::nullopt},
        {"*/x * * * * root a", std::nullopt},
        {"1, * * * * root a", std::nullopt},
        {"@never root a", std::nullopt},
        {"root * * * * * a", std::nullopt},
        {"\"A=1", std::nullopt},
        {"=1", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.line);
        const auto answer = Sources{}.file("/etc/crontab", c.line).parse(parse_cron_jobs);
        EXPECT_EQ(columns("cron_jobs", answer, {"schedule", "user", "command"}), (c.job ? Strings{*c.job} : Strings{}));
        EXPECT_EQ(gaps_of(answer), (c.job ? Strings{} : Strings{"/etc/crontab:1 malformed"}));
    }
    for (const std::string_view line : {"", "# * * * * * root a", "\t#", "SHELL=/bin/sh", "  A = b c", "\"A B\" = 1", "'A'=", "MAILTO=\"\""}) {
        SCOPED_TRACE(line);
        const auto answer = Sources{}.file("/etc/crontab", line).parse(parse_cron_jobs);
        EXPECT_TRUE(answer.rows.rows.empty());
        EXPECT_TRUE(answer.rows.gaps.empty());
    }
}

TEST(CronJobs, ComeFromAllPlaces) {
    const auto answer = Sources{}
        .file("/etc/anacrontab", "START_HOURS_RANGE=3-22\n1\t5\tcron.daily\tnice run-parts /etc/cron.daily\n@monthly 45 m  a b\n7 x w c\n1 2 only\n")
        .file("/etc/cron.d/job", "A=1\n1 2 3 4 5 alice /bin/job\n", 0100666, 1000)
        .file("/etc/cron.daily/run", "#!/bin/sh\n", 0100755)
        .file("/etc/cron.daily/link", "#!/bin/sh\n", 0100700, 0, "/opt/run")
        .file("/etc/cron.daily/not-executable", "#!/bin/sh\n", 0100644)
        .folder("/etc/cron.weekly/folder")
        .file("/etc/crontab", "@daily bob c")
        .file("/etc/hosts", "1 2 3 4 5 root no\n")
        .folder("/var/spool/cron/crontabs")
        .file("/var/spool/cron/crontabs/alice", "@hourly mine\n", 0100600, 1000)
        .file("/var/spool/cron/crontabs/tmp.x1", "@hourly no\n")
        .file("/var/spool/cron/root", "@hourly theirs\n")
        .parse(parse_cron_jobs);
    EXPECT_EQ(columns("cron_jobs", answer, {"kind", "user", "schedule", "command", "file_mode", "file_uid", "file", "line"}),
              (Strings{"anacron|root|1 5|nice run-parts /etc/cron.daily|420|0|/etc/anacrontab|2",
                       "anacron|root|@monthly 45|a b|420|0|/etc/anacrontab|3", "cron.d|alice|1 2 3 4 5|/bin/job|438|1000|/etc/cron.d/job|2",
                       "periodic|root|daily|/etc/cron.daily/run|493|0|/etc/cron.daily/run|",
                       "periodic|root|daily|/etc/cron.daily/link|448|0|/etc/cron.daily/link|", "crontab|bob|@daily|c|420|0|/etc/crontab|1",
                       "user|alice|@hourly|mine|384|1000|/var/spool/cron/crontabs/alice|1",
                       "user|root|@hourly|theirs|420|0|/var/spool/cron/root|1"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/anacrontab:4 malformed", "/etc/anacrontab:5 malformed"}));
}

TEST(CronJobs, LeaveOutNamesThatTheDaemonPassesOver) {
    struct Case { const char* name; std::string_view daemon; Strings files; };
    const Case cases[] = {
        {"Debian's", "stat:/usr/sbin/cron", {"/etc/cron.d/a_B-1", "/etc/cron.hourly/a_B-1"}},
        {"cronie", "stat:/usr/sbin/crond", {"/etc/cron.d/a_B-1", "/etc/cron.d/a.b", "/etc/cron.hourly/a_B-1", "/etc/cron.hourly/a.b"}},
        {"unknown", "stat:/usr/sbin/other", {"/etc/cron.d/a_B-1", "/etc/cron.d/a.b", "/etc/cron.hourly/a_B-1", "/etc/cron.hourly/a.b"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        sources.file(std::string{c.daemon}, "", 0100755).state("stat:/usr/sbin/gone", State::missing);
        for (const std::string folder : {"/etc/cron.d/", "/etc/cron.hourly/"}) {
            for (const std::string name : {"a_B-1", "a.b", ".placeholder", "a~", "a.rpmsave", "a.dpkg-dist", "#a#"}) {
                sources.file(folder + name, "@daily root a\n", 0100755);
            }
        }
        EXPECT_EQ(columns("cron_jobs", sources.parse(parse_cron_jobs), {"file"}), c.files);
    }
}

TEST(CronJobs, HoldAgainstHostileFiles) {
    const auto answer = Sources{}
        .file("/etc/crontab", std::string("@daily root a\0b\n", 16) + "@daily root " + std::string(1'000'000, 'x') + "\n@daily root last")
        .state("/etc/cron.d/x", State::denied)
        .parse(parse_cron_jobs);
    EXPECT_EQ(columns("cron_jobs", answer, {"command", "line"}), (Strings{"last|3"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/crontab:1 malformed", "/etc/crontab:2 over_limit"}));
}

}  // namespace
}  // namespace ward::facts
