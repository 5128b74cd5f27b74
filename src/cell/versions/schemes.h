// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/versions/alpine.h"
#include "cell/versions/debian.h"
#include "cell/versions/gem.h"
#include "cell/versions/maven.h"
#include "cell/versions/packagist.h"
#include "cell/versions/pypi.h"
#include "cell/versions/rpm.h"
#include "cell/versions/semver.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::versions {

// How package worlds order their versions, by the names that SQL uses.
//
//     if (const auto scheme = version_scheme("npm")) compare_versions(*scheme, "1.0.0-rc.1",
//     "v1.0.0");  // -1
//
// Each scheme has its own header beside this one, which names its specification. All give -1, 0 or
// 1, or nothing for what the scheme cannot read, and take time linear in what they are given.
enum class VersionScheme : std::uint8_t {
    debian,
    rpm,
    alpine,
    semver,
    npm,
    pypi,
    gem,
    go,
    maven,
    nuget,
    cargo,
    packagist,
    hex,
    pub
};

struct VersionSchemeEntry {
    VersionScheme scheme;
    std::string_view name;
    std::optional<int> (*compare)(std::string_view, std::string_view);
};

// In the order of VersionScheme.
inline constexpr VersionSchemeEntry kVersionSchemes[] = {
    {VersionScheme::debian, "debian", compare_debian_versions},
    {VersionScheme::rpm, "rpm", compare_rpm_versions},
    {VersionScheme::alpine, "alpine", compare_alpine_versions},
    {VersionScheme::semver, "semver", compare_semver_versions},
    {VersionScheme::npm, "npm", compare_npm_versions},
    {VersionScheme::pypi, "pypi", compare_pypi_versions},
    {VersionScheme::gem, "gem", compare_gem_versions},
    {VersionScheme::go, "go", compare_go_versions},
    {VersionScheme::maven, "maven", compare_maven_versions},
    {VersionScheme::nuget, "nuget", compare_nuget_versions},
    {VersionScheme::cargo, "cargo", compare_cargo_versions},
    {VersionScheme::packagist, "packagist", compare_packagist_versions},
    {VersionScheme::hex, "hex", compare_hex_versions},
    {VersionScheme::pub, "pub", compare_pub_versions},
};

// No honest version comes near it; longer ones are read by no scheme.
inline constexpr std::size_t kMaxVersionBytes = 64 * 1024;

std::optional<VersionScheme> version_scheme(std::string_view name);
std::string version_scheme_names();  // "debian, rpm, ..."

// Nothing when either is too long, empty, or no version of the scheme.
std::optional<int> compare_versions(VersionScheme scheme, std::string_view a, std::string_view b);

}  // namespace ward::versions
