// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/versions/schemes.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace ward::versions::testing {

using Versions = std::initializer_list<std::string_view>;

// Every two of them are in this order, asked both ways.
inline void expect_ascending(VersionScheme scheme, Versions versions) {
    for (auto a = versions.begin(); a != versions.end(); ++a) {
        EXPECT_EQ(compare_versions(scheme, *a, *a), 0) << *a;
        for (auto b = a + 1; b != versions.end(); ++b) {
            EXPECT_EQ(compare_versions(scheme, *a, *b), -1) << *a << " and " << *b;
            EXPECT_EQ(compare_versions(scheme, *b, *a), 1) << *b << " and " << *a;
        }
    }
}

// Spellings of one version.
inline void expect_equal(VersionScheme scheme, Versions versions) {
    for (const auto a : versions) {
        for (const auto b : versions)
            EXPECT_EQ(compare_versions(scheme, a, b), 0) << a << " and " << b;
    }
}

// None is a version, whichever side it stands on; `good` is one.
inline void expect_unreadable(VersionScheme scheme, std::string_view good, Versions versions) {
    ASSERT_EQ(compare_versions(scheme, good, good), 0) << good;
    for (const auto bad : versions) {
        EXPECT_EQ(compare_versions(scheme, bad, good), std::nullopt) << bad;
        EXPECT_EQ(compare_versions(scheme, good, bad), std::nullopt) << bad;
    }
}

}  // namespace ward::versions::testing
