// SPDX-License-Identifier: Apache-2.0
#include "host/recording.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace ward::host {
namespace {

Recording sample() {
    Recording recording;
    recording.taken = 1'700'000'000;
    recording.globs["/etc/x.d/*"] = {{"/etc/x.d/a"}, {{Where{"/etc/x.d", 0, {}}, Code::denied, "by the test"}}};
    Source source;
    source.about = {.name = "/etc/x.d/a", .state = wire::SourceBytes::State::cut, .why = "long", .link = "b", .mode = 0100600,
                    .uid = 1, .gid = 2, .modified = -3, .size = 9, .bytes = 3};
    source.bytes = {1, 2, 3};
    source.gaps = {{Where{"/x", 4, {}}, Code::io, "by the test"}};
    recording.sources["/etc/x.d/a"] = std::make_shared<const Source>(source);
    return recording;
}

TEST(Recording, ComesBackAsItWas) {
    const Recording before = sample();
    const auto after = Recording::decode(before.encode());
    ASSERT_TRUE(after) << after.error().text;
    EXPECT_EQ(after->taken, before.taken);
    EXPECT_EQ(after->globs.at("/etc/x.d/*").names, before.globs.at("/etc/x.d/*").names);
    EXPECT_EQ(after->globs.at("/etc/x.d/*").gaps, before.globs.at("/etc/x.d/*").gaps);
    const Source& source = *after->sources.at("/etc/x.d/a");
    EXPECT_EQ(source.bytes, (Buffer{1, 2, 3}));
    EXPECT_EQ(source.about.state, wire::SourceBytes::State::cut);
    EXPECT_EQ(source.about.mode, 0100600u);
    EXPECT_EQ(source.gaps.size(), 1u);
    EXPECT_EQ(after->encode(), before.encode());
}

TEST(Recording, IsForItsOwnerOnly) {
    const std::string path = std::filesystem::temp_directory_path() / ("ward-facts-" + std::to_string(::getpid()));
    ASSERT_TRUE(sample().save(path));
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_TRUE(Recording::load(path));
    std::filesystem::remove(path);
    EXPECT_EQ(Recording::load(path).error().code, Code::not_found);
}

TEST(Recording, RefusesWhatIsNone) {
    const Buffer good = sample().encode();
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(Recording::decode(Bytes{good}.first(size))) << size;
    Buffer more = good;
    more.push_back(0);
    EXPECT_FALSE(Recording::decode(more));
    Buffer later = good;
    later[8] = 2;
    EXPECT_EQ(Recording::decode(later).error().code, Code::unsupported);
}

}  // namespace
}  // namespace ward::host
