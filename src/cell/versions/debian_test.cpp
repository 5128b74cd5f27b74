// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/debian.h"

#include <gtest/gtest.h>

namespace ward::versions {
namespace {

TEST(DebianVersion, OrdersAsThePolicySays) {
    struct Case { const char* a; const char* b; std::optional<int> want; };
    const Case cases[] = {
        {"1.0", "1.0", 0},
        {"1.0", "1.0-0", 0},
        {"1.00", "1.0", 0},
        {"1.0~rc1", "1.0", -1},
        {"1.0~~", "1.0~", -1},
        {"1.0", "1.0a", -1},
        {"1.0a", "1.0+", -1},
        {"9", "10", -1},
        {"1:0.1", "9.9", 1},
        {"+1:0.1", "1:0.1", 0},
        {"-0:1", "1", 0},
        {"-1:1", "1", std::nullopt},
        {"+-0:1", "1", std::nullopt},
        {"+:1", "1", std::nullopt},
        {"0:1", "1", 0},
        {"2.36-9+deb12u4", "2.36-9+deb12u10", -1},
        {"1.2-3-4", "1.2-3", 1},
        {"99999999999999999999999999", "100000000000000000000000000", -1},
        {"1.2.3", "1.2", 1},
        {"a1", "1", 1},
        {"", "1", std::nullopt},
        {"1-", "1", std::nullopt},
        {":1", "1", std::nullopt},
        {"x:1", "1", std::nullopt},
        {"-1", "1", std::nullopt},
        {"1 2", "1", std::nullopt},
        {"1_2", "1", std::nullopt},
        {"3000000000:1", "1", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.a} + " and " + c.b);
        EXPECT_EQ(compare_debian_versions(c.a, c.b), c.want);
        const auto back = compare_debian_versions(c.b, c.a);
        EXPECT_EQ(back, c.want ? std::optional<int>{-*c.want} : std::nullopt);
    }
}

}  // namespace
}  // namespace ward::versions
