// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace ward::versions {
namespace {

// What versions of a scheme are put together of: few pieces, so that many are equal but for one, or equal.
struct Pieces {
    std::vector<const char*> starts;
    std::vector<const char*> parts;
};

const std::vector<const char*> kSemverParts = {".0", ".1", ".10", "-0", "-1", "-a", "-A", "-rc", "+0", "+1", "+b", "9", ".a", ".a-"};

Pieces pieces_of(VersionScheme scheme) {
    switch (scheme) {
        case VersionScheme::debian: return {{"0", "1", "1:0"}, {"0", "1", ".", "~", "+", "a", "-", "-1", ":"}};
        case VersionScheme::rpm: return {{"0", "1", "1:0", "a"}, {"0", "1", ".", "+", "~", "^", "a", "ab", "-1", "-0"}};
        case VersionScheme::alpine:
            return {{"0", "1", "01"}, {".0", ".1", ".01", ".10", "0", "a", "_alpha", "_rc", "_p", "_git", "1", "~a", "~0", "-r0", "-r1"}};
        case VersionScheme::pypi:
            return {{"0", "1", "1.0", "v1", "0!1", "1!0"}, {".0", ".1", "0", "a", "b1", "rc", "-1", ".post", ".post1", ".dev", "dev1", "+a", "+1", ".a", "_"}};
        case VersionScheme::gem: return {{"0", "1", "1.0", "01"}, {".0", ".1", ".a", ".b", ".A", "-", "a", "0", "1", "-a", ".rc"}};
        // Not all that Maven reads: see its header for the circle.
        case VersionScheme::maven: return {{"0", "1", "1.0", "1.1"}, {".0", ".1", ".10", "-1", "-alpha", "-rc1", "-b2", "-sp", "-foo", "-SNAPSHOT"}};
        case VersionScheme::packagist:
            return {{"0", "1", "v1.0", "1.x", "2010.01"}, {".0", ".1", ".x", "-alpha", "-b", "rc", "-p", "1", "-1", "-dev", "@dev", "+a", "-stable", ".02"}};
        case VersionScheme::go: return {{"v0", "v1", "v1.0", "v1.0.0"}, kSemverParts};
        case VersionScheme::npm: return {{"v1.0.0", "=1.0.0", "0.1.0", "1.1.0"}, kSemverParts};
        case VersionScheme::nuget: return {{"0", "1", "01.0", "1.0.0"}, kSemverParts};
        case VersionScheme::pub: return {{"1.0.0", "01.0.0", "1.0.1"}, kSemverParts};
        default: return {{"1.0.0", "1.0.1", "1.1.0"}, kSemverParts};
    }
}

std::vector<std::string> some_versions(VersionScheme scheme, std::size_t count, std::mt19937& random) {
    const Pieces pieces = pieces_of(scheme);
    const auto one_of = [&](const auto& list) { return std::string{list[random() % list.size()]}; };
    std::vector<std::string> versions;
    for (int tries = 0; versions.size() < count && tries < 200'000; ++tries) {
        std::string version = one_of(pieces.starts);
        for (auto more = random() % 5; more > 0; --more) version += one_of(pieces.parts);
        if (compare_versions(scheme, version, version)) versions.push_back(version);
    }
    return versions;
}

TEST(VersionSchemes, AreFoundByTheirNamesAndNoOther) {
    for (const auto& entry : kVersionSchemes) {
        EXPECT_EQ(version_scheme(entry.name), entry.scheme);
        EXPECT_NE(version_scheme_names().find(entry.name), std::string::npos);
    }
    for (const auto* name : {"", "Debian", "debian ", "perl"}) EXPECT_EQ(version_scheme(name), std::nullopt) << name;
}

TEST(VersionSchemes, ReadNeitherNothingNorTooMuch) {
    const std::string longest = "1." + std::string(kMaxVersionBytes - 4, '9') + ".0";
    for (const auto& entry : kVersionSchemes) {
        const std::string good = entry.scheme == VersionScheme::go ? "v1.0.0" : "1.0.0";
        EXPECT_EQ(compare_versions(entry.scheme, good, good), 0) << entry.name;
        EXPECT_EQ(compare_versions(entry.scheme, good, ""), std::nullopt) << entry.name;
        EXPECT_EQ(compare_versions(entry.scheme, "", ""), std::nullopt) << entry.name;
        EXPECT_EQ(compare_versions(entry.scheme, good, longest + "0"), std::nullopt) << entry.name;
        if (entry.scheme != VersionScheme::go) {
            EXPECT_EQ(compare_versions(entry.scheme, good, longest), -1) << entry.name;
        }
    }
}

// What sorting and looking for the newest rely on.
TEST(VersionSchemes, OrderRandomVersionsConsistently) {
    for (const auto& entry : kVersionSchemes) {
        SCOPED_TRACE(entry.name);
        std::mt19937 random{20260613};
        const auto versions = some_versions(entry.scheme, 150, random);
        ASSERT_EQ(versions.size(), 150U);
        const std::size_t count = versions.size();
        std::vector<int> orders(count * count);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                const auto order = compare_versions(entry.scheme, versions[i], versions[j]);
                ASSERT_TRUE(order) << versions[i] << " and " << versions[j];
                orders[i * count + j] = *order;
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(orders[i * count + i], 0) << versions[i];
            for (std::size_t j = 0; j < count; ++j) {
                ASSERT_EQ(orders[i * count + j], -orders[j * count + i]) << versions[i] << " and " << versions[j];
                if (orders[i * count + j] > 0) continue;
                for (std::size_t k = 0; k < count; ++k) {
                    if (orders[j * count + k] > 0) continue;
                    const int want = std::min(orders[i * count + j], orders[j * count + k]);
                    ASSERT_EQ(orders[i * count + k], want) << versions[i] << ", " << versions[j] << " and " << versions[k];
                }
            }
        }
    }
}

}  // namespace
}  // namespace ward::versions
