// SPDX-License-Identifier: Apache-2.0
#include "report/purl.h"

#include <gtest/gtest.h>

namespace ward::report {
namespace {

// The examples of the specification's own tests (purl-spec, tests/types and tests/spec) that build one from parts, for the types
// that are here.
TEST(PackageUrl, IsWrittenAsTheSpecificationsExamples) {
    struct Case { const char* want; PackageUrl url; };
    const Case cases[] = {
        {"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", {"deb", "debian", "curl", "7.50.3-1", {{"distro", "jessie"}, {"arch", "i386"}}}},
        {"pkg:deb/debian/dpkg@1.19.0.4?arch=amd64&distro=stretch", {"deb", "debian", "dpkg", "1.19.0.4", {{"arch", "amd64"}, {"distro", "stretch"}}}},
        {"pkg:deb/ubuntu/dpkg@1.19.0.4?arch=amd64", {"deb", "ubuntu", "dpkg", "1.19.0.4", {{"arch", "amd64"}}}},
        {"pkg:deb/debian/attr@1:2.4.47-2?arch=source", {"deb", "debian", "attr", "1:2.4.47-2", {{"arch", "source"}}}},
        {"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", {"deb", "debian", "attr", "1:2.4.47-2+b1", {{"arch", "amd64"}}}},
        {"pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25", {"rpm", "fedora", "curl", "7.50.3-1.fc25", {{"arch", "i386"}, {"distro", "fedora-25"}}}},
        {"pkg:rpm/centerim@4.22.10-1.el6?arch=i686&distro=fedora-25&epoch=1",
         {"rpm", "", "centerim", "4.22.10-1.el6", {{"arch", "i686"}, {"epoch", "1"}, {"distro", "fedora-25"}}}},
        {"pkg:apk/alpine/curl@7.83.0-r0?arch=x86", {"apk", "alpine", "curl", "7.83.0-r0", {{"arch", "x86"}}}},
        {"pkg:apk/alpine/libcrypto3@3.5.5-r0?arch=x86_64&distro=alpine-edge&upstream=openssl",
         {"apk", "alpine", "libcrypto3", "3.5.5-r0", {{"arch", "x86_64"}, {"distro", "alpine-edge"}, {"upstream", "openssl"}}}},
        {"pkg:pypi/my-pypi-package@1.11.1.dev1", {"pypi", "", "My.PyPI_.--._Package", "1.11.1.dev1", {}}},
        {"pkg:pypi/django@1.11.1?filename=Django-1.11.1.tar.gz", {"pypi", "", "django", "1.11.1", {{"filename", "Django-1.11.1.tar.gz"}}}},
        {"pkg:npm/foobar@12.3.1", {"npm", "", "foobar", "12.3.1", {}}},
        {"pkg:npm/%40angular/animation@12.3.1", {"npm", "@angular", "animation", "12.3.1", {}}},
        {"pkg:npm/%40myscope/mypackage@1.0.0", {"npm", "@MyScope", "MyPackage", "1.0.0", {}}},
        {"pkg:npm/mypackage@12.4.5?vcs_url=git://host.com/path/to/repo.git%404345abcd34343",
         {"npm", "", "mypackage", "12.4.5", {{"vcs_url", "git://host.com/path/to/repo.git@4345abcd34343"}}}},
        {"pkg:composer/laravel/laravel@5.5.0", {"composer", "Laravel", "Laravel", "5.5.0", {}}},
        {"pkg:gem/ruby-advisory-db-check@0.12.4", {"gem", "", "ruby-advisory-db-check", "0.12.4", {}}},
        {"pkg:gem/jruby-launcher@1.1.2?platform=java", {"gem", "", "jruby-launcher", "1.1.2", {{"platform", "java"}}}},
        {"pkg:golang/github.com/gorilla/context@234fd47e07d1004f0aed9c", {"golang", "github.com/gorilla", "context", "234fd47e07d1004f0aed9c", {}}},
        {"pkg:maven/org.apache.commons/io@1.3.4", {"maven", "org.apache.commons", "io", "1.3.4", {}}},
        {"pkg:maven/org.apache.commons/io", {"maven", "org.apache.commons", "io", "", {}}},
        {"pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?classifier=sources&repository_url=repo.spring.io/release",
         {"maven", "org.apache.xmlgraphics", "batik-anim", "1.9.1", {{"repository_url", "repo.spring.io/release"}, {"classifier", "sources"}}}},
        {"pkg:cargo/rand@0.7.2", {"cargo", "", "rand", "0.7.2", {}}},
    };
    for (const auto& c : cases) EXPECT_EQ(to_text(c.url), c.want);
}

TEST(PackageUrl, HoldsWhateverANameHolds) {
    struct Case { const char* name; std::optional<std::string> want; PackageUrl url; };
    const Case cases[] = {
        {"separators", "pkg:gem/a%2Fb%3Fc%23d%40e%25@1%262%3D3?platform=x%26y%3Dz", {"gem", "", "a/b?c#d@e%", "1&2=3", {{"platform", "x&y=z"}}}},
        {"controls and quotes", "pkg:gem/%00%0A%1B%22%5C%7F@%20", {"gem", "", std::string{"\0\n\x1b\"\\\x7f", 6}, " ", {}}},
        {"beyond ASCII", "pkg:gem/gr%C3%BC%C3%9Fe", {"gem", "", "grüße", "", {}}},
        {"bytes that are not UTF-8", "pkg:gem/a%EF%BF%BDb@%EF%BF%BD", {"gem", "", "a\xff" "b", "\xc3", {}}},
        {"slashes around and between", "pkg:golang/a/b/c", {"golang", "//A//b/", "/c/", "", {}}},
        {"no value, no qualifier", "pkg:gem/a", {"gem", "", "a", "", {{"platform", ""}}}},
        {"no name", std::nullopt, {"gem", "", "//", "1", {}}},
        {"no vendor where one is needed", std::nullopt, {"deb", "", "curl", "1", {}}},
        {"no group where one is needed", std::nullopt, {"maven", "", "io", "1", {}}},
        {"no vendor of a private package", std::nullopt, {"composer", "", "private", "1", {}}},
        {"an unknown type", std::nullopt, {"exe", "", "a", "1", {}}},
        {"no type", std::nullopt, {"", "", "a", "1", {}}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(to_text(c.url), c.want);
    }
}

TEST(PackageUrl, SaysWhichSystemAPackageIsFor) {
    const Distribution debian{"debian", "12", "bookworm"};
    struct Case { const char* name; std::optional<std::string> want; PackageFacts package; Distribution distribution; };
    const Case cases[] = {
        {"its own source", "pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12", {"dpkg", "adduser", "3.134", "all", "adduser", "3.134"}, debian},
        {"another source", "pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12&upstream=openssl",
         {"dpkg", "libssl3", "3.0.15-1", "amd64", "openssl", "3.0.15-1"}, debian},
        {"built again", "pkg:deb/debian/attr@1:2.5.1-4%2Bb1?arch=amd64&distro=debian-12&upstream=attr%401:2.5.1-4",
         {"dpkg", "attr", "1:2.5.1-4+b1", "amd64", "attr", "1:2.5.1-4"}, debian},
        {"no version of the release", "pkg:deb/debian/a@1?arch=all&distro=sid", {"dpkg", "a", "1", "all", "a", "1"}, {"debian", "", "sid"}},
        {"no codename either", "pkg:deb/kali/a@1?distro=kali", {"dpkg", "a", "1", "", "", ""}, {"kali", "", ""}},
        {"a system without a name", std::nullopt, {"dpkg", "a", "1", "all", "a", "1"}, {"linux", "", ""}},
        {"no os-release", std::nullopt, {"apk", "a", "1", "all", "a", "1"}, {"", "", ""}},
        {"rpm can do without", "pkg:rpm/a@1-1?arch=noarch", {"rpm", "a", "1-1", "noarch", "a", "1-1"}, {"linux", "", ""}},
        {"an epoch", "pkg:rpm/redhat/bind-libs@9.16-2.el9?arch=x86_64&distro=rhel-9.4&epoch=32&upstream=bind-9.16-2.el9.src.rpm",
         {"rpm", "bind-libs", "32:9.16-2.el9", "x86_64", "bind", "9.16-2.el9"}, {"rhel", "9.4", ""}},
        {"an epoch and the same source", "pkg:rpm/fedora/bind@9.16-2.fc40?arch=x86_64&distro=fedora-40&epoch=32",
         {"rpm", "bind", "32:9.16-2.fc40", "x86_64", "bind", "9.16-2.fc40"}, {"fedora", "40", ""}},
        {"no number, no epoch", "pkg:rpm/fedora/a@x:1-1?distro=fedora-40", {"rpm", "a", "x:1-1", "", "", ""}, {"fedora", "40", ""}},
        {"openSUSE", "pkg:rpm/opensuse/zsh@5.6-1?arch=x86_64&distro=opensuse-leap-15.6", {"rpm", "zsh", "5.6-1", "x86_64", "zsh", "5.6-1"}, {"opensuse-leap", "15.6", ""}},
        {"Alpine", "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.18.4&upstream=openssl",
         {"apk", "libcrypto3", "3.1.4-r5", "x86_64", "openssl", "3.1.4-r5"}, {"alpine", "3.18.4", ""}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(to_text(url_of_package(c.package, c.distribution)), c.want);
    }
}

TEST(PackageUrl, KnowsTheEcosystems) {
    struct Case { const char* ecosystem; const char* name; const char* version; std::optional<std::string> want; };
    const Case cases[] = {
        {"PyPI", "ruamel.yaml", "0.17", "pkg:pypi/ruamel-yaml@0.17"},
        {"npm", "@babel/core", "7.0.0", "pkg:npm/%40babel/core@7.0.0"},
        {"npm", "left-pad", "", "pkg:npm/left-pad"},
        {"RubyGems", "RedCloth", "4.3", "pkg:gem/RedCloth@4.3"},
        {"Packagist", "symfony/console", "v6.1", "pkg:composer/symfony/console@v6.1"},
        {"Go", "github.com/gorilla/mux", "v1.8.0", "pkg:golang/github.com/gorilla/mux@v1.8.0"},
        {"Go", "stdlib", "1.22", std::nullopt},
        {"Maven", "org.apache.commons:commons-io", "2.6", "pkg:maven/org.apache.commons/commons-io@2.6"},
        {"crates.io", "rand", "0.8.5", "pkg:cargo/rand@0.8.5"},
        {"NuGet", "Newtonsoft.Json", "13.0.1", "pkg:nuget/Newtonsoft.Json@13.0.1"},
        {"CPAN", "Moose", "2", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(to_text(url_of_software(c.ecosystem, c.name, c.version)), c.want);
    }
}

}  // namespace
}  // namespace ward::report
