// SPDX-License-Identifier: Apache-2.0
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(Snapshots, ComeBackAsTheyWere) {
    const std::vector<FolderEntry> entries = {{"/a", 0104755, 1, 2, -3, 4, "to", std::string("\1\0\0\2", 4)}, {"/b"}};
    EXPECT_EQ(decode_folder(to_bytes(entries)).value(), entries);
    const std::vector<TreeFile> files = {{"/proc/sys/a", "1\n", true}, {"/proc/sys/b", "", false}};
    EXPECT_EQ(decode_tree(to_bytes(files)).value(), files);
    const std::vector<ProcessFacts> processes = {
        {1, "1 (init)", "Name: init", "init", "0::/init.scope", ProcessFacts::Exe::denied, "", "net:[1]"}};
    EXPECT_EQ(decode_processes(to_bytes(processes)).value(), processes);
    const std::vector<ProcessText> texts = {{7, "maps"}};
    EXPECT_EQ(decode_process_texts(to_bytes(texts)).value(), texts);
    const std::vector<SocketHolder> holders = {{7, 12345}};
    EXPECT_EQ(decode_sockets(to_bytes(holders)).value(), holders);
}

TEST(Snapshots, NoBytesAreAnEmptyList) { EXPECT_TRUE(decode_folder({}).value().empty()); }

TEST(Snapshots, RefuseWhatIsNotOne) {
    struct Case { const char* name; const char* hex; Code code; };
    const Case cases[] = {
        {"a count that cannot be", "ffff0000 00", Code::truncated},
        {"a count over the limit", "ffffffff 00", Code::over_limit},
        {"the second holder is missing", "02000000 01000000 0200000000000000 0300", Code::truncated},
        {"bytes left over", "01000000 01000000 0200000000000000 ff", Code::malformed},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        const auto holders = decode_sockets(bytes);
        ASSERT_FALSE(holders);
        EXPECT_EQ(holders.error().code, c.code);
    }
}

}  // namespace
}  // namespace ward
