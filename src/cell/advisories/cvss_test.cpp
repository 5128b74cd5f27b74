// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/cvss.h"

#include "core/hash.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace ward::advisories {
namespace {

struct Case { const char* name; std::string vector; std::optional<double> want; };

void check(const std::vector<Case>& cases) {
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto score = cvss_base_score(c.vector);
        ASSERT_EQ(score.has_value(), c.want.has_value());
        EXPECT_DOUBLE_EQ(score.value_or(0), c.want.value_or(0));
    }
}

// CVSS v3.1 Examples, FIRST.
TEST(CvssBaseScore, IsWhatTheExamplesOf31Say) {
    check({
        {"CVE-2013-1937", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1},
        {"CVE-2013-0375", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4},
        {"CVE-2014-3566", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1},
        {"CVE-2012-1516", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9},
        {"CVE-2009-0783", "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2},
        {"CVE-2012-0384", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8},
        {"CVE-2015-1098", "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8},
        {"CVE-2014-0160", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5},
        {"CVE-2014-6271", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8},
        {"CVE-2008-1447", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 6.8},
        {"CVE-2014-2005", "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8},
        {"CVE-2010-0467", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 5.8},
        {"CVE-2014-0224", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 7.4},
        {"CVE-2013-6014", "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 9.3},
        {"CVE-2016-0128", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:N", 6.8},
        {"CVE-2016-2118", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.5},
        {"of 3.0", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0},
        {"no impact", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0},
        {"no impact elsewhere", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", 0.0},
        {"in any order", "CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 9.8},
        {"other groups do not count", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U/CR:L/MAV:P", 9.8},
    });
}

// CVSS v4.0 Examples, FIRST: the base scores.
TEST(CvssBaseScore, IsWhatTheExamplesOf4Say) {
    check({
        {"CVE-2022-41741", "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3},
        {"CVE-2020-3549", "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7},
        {"CVE-2023-3089", "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.3},
        {"CVE-2021-44714", "CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 4.6},
        {"CVE-2022-21830", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 5.1},
        {"CVE-2014-0160", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", 8.7},
        {"CVE-2021-44228", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0},
        {"CVE-2014-6271", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3},
        {"CVE-2013-6014", "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H", 6.4},
        {"no impact", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0},
        {"in any order", "CVSS:4.0/SA:N/SI:N/SC:N/VA:H/VI:H/VC:H/UI:N/PR:N/AT:N/AC:L/AV:N", 9.3},
        {"other groups do not count", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U/CR:L/MAV:P/MSI:S/S:P/U:Red", 9.3},
    });
}

// All 104,976 vectors of base metrics, in tenths, in the order of these loops: as another program reckons them that was written from
// FIRST's calculator.
TEST(CvssBaseScore, OfEveryVectorOf4IsTheCalculators) {
    std::string scores;
    const std::string_view values[] = {"NALP", "LH", "NP", "NLH", "NPA", "HLN", "HLN", "HLN", "HLN", "HLN", "HLN"};
    const char* const names[] = {"AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"};
    std::size_t digits[11] = {};
    for (bool more = true; more;) {
        std::string vector = "CVSS:4.0";
        for (std::size_t i = 0; i < 11; ++i) vector += fmt::format("/{}:{}", names[i], values[i][digits[i]]);
        const auto score = cvss_base_score(vector);
        ASSERT_TRUE(score) << vector;
        scores += fmt::format("{}\n", std::lround(*score * 10));
        more = false;
        for (std::size_t i = 11; i-- > 0 && !more;) {
            more = ++digits[i] < values[i].size();
            if (!more) digits[i] = 0;
        }
    }
    EXPECT_EQ(std::count(scores.begin(), scores.end(), '\n'), 104'976);
    EXPECT_EQ(sha256_hex(as_bytes(scores)), "30363e5ad795f5cd4f8c43ecc829254eaea2622176aeeb52e910fe17c6b51276");
}

// A Complete Guide to CVSS Version 2.0, 3.3.
TEST(CvssBaseScore, IsWhatTheGuideOf2Says) {
    check({
        {"CVE-2002-0392", "AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8},
        {"CVE-2003-0818", "AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0},
        {"CVE-2003-0062", "AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2},
        {"temporal", "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", 7.8},
        {"no impact", "AV:N/AC:L/Au:N/C:N/I:N/A:N", 0.0},
    });
}

TEST(CvssBaseScore, RefusesWhatIsNoVector) {
    const std::string good = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    check({
        {"empty", "", {}},
        {"a number", "9.8", {}},
        {"a word", "medium", {}},
        {"the metrics of 3 under the name of 4", "CVSS:4.0" + good.substr(8), {}},
        {"a metric of 4 is missing", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N", {}},
        {"a value that only the environment has", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:S", {}},
        {"a value of two letters", "CVSS:4.0/AV:NA/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", {}},
        {"an unknown version", "CVSS:3.2" + good.substr(8), {}},
        {"the version alone", "CVSS:3.1/", {}},
        {"a metric is missing", good.substr(0, good.size() - 4), {}},
        {"an unknown value", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X", {}},
        {"an unknown scope", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:H/I:H/A:H", {}},
        {"small letters", "CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h", {}},
        {"a metric twice", good + "/AV:P", {}},
        {"the metrics of 2 under the name of 3", "CVSS:3.1/AV:N/AC:L/Au:N/C:N/I:N/A:C", {}},
        {"a metric of 2 is missing", "AV:N/AC:L/Au:N/C:N/I:N", {}},
        {"endless", good + "/" + std::string(100'000, 'X'), {}},
    });
}

}  // namespace
}  // namespace ward::advisories
