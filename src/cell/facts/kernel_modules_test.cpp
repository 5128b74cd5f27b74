// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/testing/sources.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

TEST(KernelModules, ReadsWhatTheKernelLists) {
    struct Case { const char* name; const char* text; std::vector<std::string> rows; std::size_t gaps; };
    const Case cases[] = {
        {"one that others use", "nf_nat 57344 2 nft_nat,nft_masq, Live 0xffffffffc0a1d000\n",
         {"nf_nat|57344|nft_nat,nft_masq|Live|||"}, 0},
        {"one from outside the tree", "zfs 4210688 6 - Live 0x0 (POE)\n", {"zfs|4210688||Live|POE||"}, 0},
        {"a kernel without module unloading", "ext4 811008 1 - Live\n", {"ext4|811008||Live|||"}, 0},
        {"a broken line between others", "a 1 0 - Live 0x0\nnonsense\nb 2 0 - Loading 0x0\n",
         {"a|1||Live|||", "b|2||Loading|||"}, 1},
        {"a size that is no number", "a big 0 - Live 0x0\n", {}, 1},
        {"nothing loaded", "", {}, 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = testing::Sources{}.file("/proc/modules", c.text).parse(parse_kernel_modules);
        EXPECT_EQ(testing::lines_of(answer.rows), c.rows);
        EXPECT_EQ(answer.rows.gaps.size(), c.gaps);
    }
}

TEST(KernelModules, NamesFileAndPackage) {
    Buffer uname;
    Encoder out{uname};
    for (const char* part : {"Linux", "web1", "6.1.0"}) out.text(part);
    testing::Sources sources;
    sources.file("/proc/modules", "nf_nat 1 0 - Live 0x0\nhidden_one 1 0 - Live 0x0\n")
        .bytes("uname:", uname)
        .file("/var/lib/dpkg/info/linux-image.list", "/lib/modules/6.1.0/kernel/net/nf-nat.ko.xz\n")
        .add({.name = "stat:/lib", .link = "usr/lib"}, {});
    const auto first = sources.parse(parse_kernel_modules);
    EXPECT_EQ(first.wants, std::vector<std::string>{"/lib/modules/6.1.0/modules.dep"});
    const auto answer = sources.file("/lib/modules/6.1.0/modules.dep", "kernel/net/nf-nat.ko.xz: kernel/net/other.ko.xz\n")
                            .parse(parse_kernel_modules);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (std::vector<std::string>{"nf_nat|1||Live||/usr/lib/modules/6.1.0/kernel/net/nf-nat.ko.xz|linux-image",
                                        "hidden_one|1||Live|||"}));
}

}  // namespace
}  // namespace ward::facts
