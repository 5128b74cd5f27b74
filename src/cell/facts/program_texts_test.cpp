// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/program_texts.h"

#include "cell/facts/knowledge.h"
#include "cell/facts/testing/elf_file.h"
#include "cell/facts/testing/software.h"
#include "core/toml_read.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::ElfFile;
using testing::Strings;

TEST(ProgramTexts, FindTheVersionsOfTheirCases) {
    const auto root = read_toml(knowledge::kPrograms, "programs.toml");
    ASSERT_TRUE(root);
    const auto& items = root->find("program")->items;
    const auto& known = program_texts();
    ASSERT_EQ(items.size(), known.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        SCOPED_TRACE(fmt::format("{} in line {}", known[i].product, items[i].line));
        EXPECT_FALSE(known[i].files.empty());
        ASSERT_NE(items[i].find("case"), nullptr);
        for (const auto& c : items[i].find("case")->items) {
            const std::string version = c.text_or("version", "").value();
            const auto found = known[i].version_in(as_bytes(c.text("bytes").value()));
            EXPECT_EQ(found.value_or(""), version);
            EXPECT_EQ(found.has_value(), !version.empty());
        }
    }
}

TEST(ProgramTexts, TakeNoTextWithoutAnEndForAVersion) {
    const ProgramText text{"p", {"p"}, "v", "", "", false};
    EXPECT_EQ(text.version_in(as_bytes("v" + std::string(32, '1'))), std::string(32, '1'));
    EXPECT_EQ(text.version_in(as_bytes("v" + std::string(33, '1'))), std::nullopt);
    EXPECT_EQ(text.version_in(as_bytes("v" + std::string(33, '1') + " v2 ")), "2");
    EXPECT_EQ(text.version_in(as_bytes("v")), std::nullopt);
    EXPECT_EQ(text.version_in({}), std::nullopt);
}

TEST(ProgramTexts, TellOfProgramsThatNoPackageBrought) {
    ElfFile elf;
    elf.padding = 20'000;
    elf.add(".rodata", std::string(20'000, ' ') + "nginx version: nginx/1.25.3" + std::string(20'000, ' '));
    elf.add(".data", std::string(20'000, 'x') + "nginx version: nginx/9.9.9");
    const Strings wanted = {"ecosystem", "name", "version", "state"};
    EXPECT_EQ(testing::read_by_parts(elf.text(), "/opt/nginx/sbin/nginx", wanted).rows, Strings{"program|nginx|1.25.3|installed"});
    EXPECT_TRUE(testing::read_by_parts(elf.text(), "/opt/nginx/sbin/nginx2", wanted).rows.empty());
    elf.padding = 2 * kMiB;
    EXPECT_TRUE(testing::read_by_parts(elf.text(), "/usr/sbin/nginx", wanted, "/usr/sbin/nginx\n").rows.empty());
}

TEST(ProgramTexts, TellOfRuntimesOfJava) {
    const auto rows = [](const std::string& text, const std::string& owned) {
        const auto list = to_bytes(std::vector<FolderEntry>{{"/opt/jdk/release", 0100644, 0, 0, 0, 1, {}, {}}});
        const auto answer = testing::Sources{}.bytes("software:", list).file("/var/lib/dpkg/info/jdk.list", owned).file("/opt/jdk/release", text).parse(parse_software);
        EXPECT_TRUE(answer.rows.gaps.empty());
        return testing::columns("software", answer, {"ecosystem", "name", "version", "folder"});
    };
    const std::string temurin = "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"17.0.9\"\n";
    EXPECT_EQ(rows(temurin, ""), Strings{"program|eclipse-temurin|17.0.9|/opt/jdk"});
    EXPECT_EQ(rows("JAVA_VERSION=\"21\"\n", ""), Strings{"program|openjdk|21|/opt/jdk"});
    EXPECT_TRUE(rows(temurin, "/opt/jdk/release\n").empty());
    EXPECT_TRUE(rows("Fedora release 40\n", "").empty());
    EXPECT_TRUE(rows("", "").empty());
}

}  // namespace
}  // namespace ward::facts
