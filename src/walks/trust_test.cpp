// SPDX-License-Identifier: Apache-2.0
#include "walks/trust.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <set>

namespace ward::walks {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

TEST(Trust, ShowsEveryProcessWithItsLayers) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's build is not sealed in full";
    const auto report = trust();
    ASSERT_TRUE(report.ok()) << report.error().text;
    ASSERT_EQ(report->processes.size(), 6U);
    EXPECT_EQ(report->processes.back().name, "ward-fetch");
    EXPECT_FALSE(report->processes[0].sealed);
    for (std::size_t i = 1; i < report->processes.size(); ++i) {
        const auto& process = report->processes[i];
        SCOPED_TRACE(process.name);
        EXPECT_TRUE(process.sealed);
        std::set<std::string> in_force;
        std::size_t not_seen = 0;
        for (const auto& each : process.layers) {
            if (each.standing == Standing::in_force) in_force.insert(each.name);
            not_seen += each.standing == Standing::unseen ? 1 : 0;
            EXPECT_FALSE(each.evidence.empty() && each.from_kernel) << each.name;
        }
        // These stand wherever Ward runs at all, and everybody may see them.
        for (const char* name : {"system call filter", "no new privileges", "no capabilities", "no further process",
                                 "no core dump", "memory limit"}) {
            EXPECT_EQ(in_force.count(name), 1U) << name;
        }
        EXPECT_TRUE(::geteuid() != 0 || not_seen == 0) << not_seen;
    }
    EXPECT_GE(report->attempts.size(), 60U);
    for (const auto& attempted : report->attempts) EXPECT_TRUE(attempted.refused) << attempted.name;
    EXPECT_EQ(report->answers.size(), 4U);
    // What may not be seen is a gap, each once.
    std::size_t hidden = 0;
    for (const auto& process : report->processes) {
        hidden += static_cast<std::size_t>(std::count_if(process.layers.begin(), process.layers.end(), [](const auto& each) {
            return each.standing == Standing::unseen;
        }));
    }
    EXPECT_EQ(report->gaps.size(), hidden);
}

// A small report with one of everything that can be wrong.
TrustReport sample() {
    TrustReport report;
    report.processes.push_back({"ward", "opens files", 10, false, {{"no internet socket", Standing::in_force, "0 sockets", true}}});
    report.processes.push_back({"ward-cell scan", "looks into files", 11, true,
                                {{"system call filter", Standing::in_force, "Seccomp: 2", true},
                                 {"users of its own (none)", Standing::unseen, "Permission denied", true},
                                 {"landlock", Standing::missing, "this kernel has none", false}}});
    report.attempts.push_back({"open a file", true, "Operation not permitted"});
    report.attempts.push_back({"a TCP socket", false, "nothing refused it"});
    report.answers.push_back({"What does it collect regularly?", "Nothing."});
    report.gaps.push_back({Where{"/proc/11", 0, {}}, Code::denied, "may not be seen"});
    return report;
}

TEST(Trust, SaysFirstWhatIsMissing) {
    EXPECT_TRUE(sample().anything_missing());
    const std::string text = render_text(sample(), false);
    EXPECT_TRUE(text.starts_with("Part of the wall is missing")) << text;
    for (const char* part : {"NO   landlock", " ?   users of its own", "NOT REFUSED  a TCP socket", "1 layers in force, 1 missing, 1 not",
                             "2 forbidden things, 1 refused", "What does it collect regularly?\n  Nothing."}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    EXPECT_EQ(text.find("Seccomp: 2"), std::string::npos);
    EXPECT_NE(render_text(sample(), true).find("Seccomp: 2"), std::string::npos);

    TrustReport whole = sample();
    whole.processes[1].layers.pop_back();
    whole.attempts.pop_back();
    EXPECT_FALSE(whole.anything_missing());
    EXPECT_TRUE(render_text(whole, false).starts_with("The wall stands"));
}

TEST(Trust, RendersAsJson) {
    const std::string json = render_json(sample());
    for (const char* part : {"\"schema\": \"ward.trust/1\"", "\"whole\": false", "\"standing\": \"missing\"", "\"source\": \"cell\"",
                             "\"name\": \"a TCP socket\"", "\"code\": \"denied\""}) {
        EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
    }
}

}  // namespace
}  // namespace ward::walks
