// SPDX-License-Identifier: Apache-2.0
// A checkup of trees, through the true cells.
#include "walks/check.h"

#include "judge/checks.h"
#include "walks/rules.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ward::walks {
namespace {

namespace fs = std::filesystem;

std::string source_folder() {
    const char* source = std::getenv("WARD_SOURCE");
    return source != nullptr ? source : "../..";
}

// The EICAR test file's text, in two halves so that this source holds it nowhere.
const std::string kEicar = std::string{R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)"} + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

class CheckTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "ward-check-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        work_ = fs::canonical(pattern);
        put("state/.keep", "");
        RuleSources sources;
        sources.paths = {source_folder() + "/data/rules/test/eicar.yar"};
        sources.state = work_ / "state";
        auto rules = load_rules(sources, nullptr);
        ASSERT_TRUE(rules) << rules.error().text;
        rules_ = std::move(*rules);
        auto checks = judge::load_checks(source_folder() + "/data/checks");
        ASSERT_TRUE(checks) << checks.error().text;
        checks_ = std::move(*checks);
    }
    void TearDown() override { fs::remove_all(work_); }

    std::string put(const std::string& name, std::string_view text) {
        const fs::path path = work_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path.string();
    }

    CheckRequest request() {
        CheckRequest request;
        request.share = source_folder() + "/data";
        request.checks = checks_;
        request.scan.database = rules_.database.get();
        request.command = "ward check";
        return request;
    }

    Result<LookedAgain> run(CheckRequest request) { return check(std::move(request), progress_, report_); }

    bool gap_with(Code code, std::string_view words) const {
        return std::any_of(report_.gaps.begin(), report_.gaps.end(),
                           [&](const Gap& gap) { return gap.code == code && gap.why.find(words) != std::string::npos; });
    }

    std::vector<std::string> malware() const {
        std::vector<std::string> paths;
        for (const auto& finding : report_.findings) {
            if (finding.area == Area::malware) paths.push_back(finding.where.path);
        }
        return paths;
    }

    fs::path work_;
    RuleSet rules_;
    std::vector<Check> checks_;
    ScanProgress progress_;
    report::Report report_;
};

TEST_F(CheckTest, LooksAtTellingPlacesOfATreeAndAuditsIt) {
    put("disk/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    put("disk/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    const std::string found = put("disk/var/www/upload/a.txt", kEicar);
    put("disk/usr/bin/elsewhere", kEicar);
    CheckRequest asked = request();
    asked.root = (work_ / "disk").string();
    const auto done = run(std::move(asked));
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(malware(), std::vector<std::string>{found});
    for (const Area area : {Area::malware, Area::updates, Area::network, Area::credentials}) {
        EXPECT_TRUE(report_.summary.of(area).ran) << area_name(area);
    }
    EXPECT_EQ(report_.summary.of(Area::malware).files, 1U);
}

TEST_F(CheckTest, NamesWhatTheTimeDidNotSufficeFor) {
    put("disk/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    const std::string web = put("disk/var/www/a.txt", kEicar);
    CheckRequest asked = request();
    asked.root = (work_ / "disk").string();
    asked.budget = std::chrono::milliseconds{0};
    asked.command = "ward check --root disk";
    const auto looked_again = run(std::move(asked));
    ASSERT_TRUE(looked_again) << looked_again.error().text;
    EXPECT_TRUE(malware().empty());
    EXPECT_TRUE(gap_with(Code::over_limit, "`ward scan " + (work_ / "disk/var/www").string() + "` goes on"));
    EXPECT_FALSE(report_.summary.interrupted);
    Finding old;
    old.rule = "eicar";
    old.where.path = web;
    EXPECT_FALSE((*looked_again)(old));
    old.where.path = (work_ / "disk/var/www2").string();
    EXPECT_TRUE((*looked_again)(old));
}

TEST_F(CheckTest, LooksThroughAFolderWholeAndSaysWhatItIsNot) {
    const std::string found = put("checkout/deep/below/a.txt", kEicar);
    CheckRequest asked = request();
    asked.paths = {(work_ / "checkout").string()};
    ASSERT_TRUE(run(std::move(asked)));
    EXPECT_EQ(malware(), std::vector<std::string>{found});
    EXPECT_TRUE(gap_with(Code::unsupported, "holds no operating system"));
    EXPECT_FALSE(report_.summary.of(Area::network).ran);
}

TEST_F(CheckTest, AuditsAFolderThatHoldsASystem) {
    put("image/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    const std::string found = put("image/usr/bin/tool", kEicar);
    CheckRequest asked = request();
    asked.paths = {(work_ / "image").string()};
    ASSERT_TRUE(run(std::move(asked)));
    EXPECT_EQ(malware(), std::vector<std::string>{found});
    EXPECT_TRUE(report_.summary.of(Area::network).ran);
}

TEST_F(CheckTest, FailsWhenNothingOfWhatWasNamedIsThere) {
    CheckRequest asked = request();
    asked.paths = {(work_ / "missing").string()};
    const auto done = run(std::move(asked));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::not_found);
    EXPECT_NE(done.error().text.find("missing"), std::string::npos);
}

}  // namespace
}  // namespace ward::walks
