// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

std::string le(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}
std::string field(std::string text, std::size_t size) {
    text.resize(size, '\0');
    return text;
}
std::string lastlog(std::uint32_t time, const std::string& terminal, const std::string& host) {
    return le(time, 4) + field(terminal, 32) + field(host, 256);
}
std::string utmp(std::uint16_t kind, const std::string& name, std::uint32_t time, const std::string& terminal, const std::string& host = "") {
    return field(le(kind, 2) + le(0, 2) + le(4711, 4) + field(terminal, 32) + field("ts/0", 4) + field(name, 32) + field(host, 256) +
                     le(0, 4) + le(0, 4) + le(time, 4),
                 384);
}
Buffer bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

constexpr std::string_view kUsers = "root:x:0:0::/root:\nal:x:2:2::/home/al:\ntoor:x:0:0::/root:\n";
const Strings kAll = {"name", "uid", "last_login", "terminal", "host", "source"};

TEST(Logins, TakeTheNewestOfEachAccount) {
    const std::string full_name(32, 'n');
    const auto answer = Sources{}
        .file("/etc/passwd", kUsers)
        .bytes("/var/log/lastlog", bytes_of(lastlog(100, "tty1", "") + lastlog(0, "", "") + lastlog(4'000'000'000, "pts/0", "192.0.2.7") +
                                            lastlog(7, "pts/9", "gone")))
        .bytes("/var/log/wtmp.1", bytes_of(utmp(7, "old", 10, "pts/1") + utmp(7, "al", 900, "pts/1")))
        .bytes("/var/log/wtmp", bytes_of(utmp(2, "reboot", 50, "~") + utmp(7, "al", 300, "pts/2", "h") + utmp(8, "", 400, "pts/2") +
                                         utmp(6, "LOGIN", 500, "tty1") + utmp(7, "root", 200, "tty1") + utmp(7, "root", 200, "tty2") +
                                         utmp(7, "", 1, "x") + utmp(0, "", 0, "") + utmp(7, full_name, 5, std::string(32, 't'), std::string(256, 'h'))))
        .parse(parse_logins);
    EXPECT_EQ(columns("logins", answer, kAll),
              (Strings{"root|0|100|tty1||lastlog", "al|2|4000000000|pts/0|192.0.2.7|lastlog", "|3|7|pts/9|gone|lastlog",
                       "al|2|900|pts/1||wtmp", fmt::format("{}||5|{}|{}|wtmp", full_name, std::string(32, 't'), std::string(256, 'h')),
                       "old||10|pts/1||wtmp", "root|0|200|tty2||wtmp"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(Logins, MakeGapsOfWhatTheyCannotRead) {
    struct Case { const char* name; const char* file; std::string content; std::size_t rows; Strings gaps; };
    const Case cases[] = {
        {"lastlog, cut off", "/var/log/lastlog", lastlog(1, "a", "") + "x", 1, {"/var/log/lastlog:0 truncated"}},
        {"wtmp, cut off", "/var/log/wtmp", utmp(7, "al", 1, "a") + std::string(383, '\0'), 1, {"/var/log/wtmp:0 truncated"}},
        {"wtmp of another layout", "/var/log/wtmp", utmp(7, "al", 1, "a") + utmp(10, "al", 1, "a") + utmp(7, "x", 1, "a"), 1, {"/var/log/wtmp:0 malformed"}},
        {"a database in place of lastlog", "stat:/var/lib/lastlog/lastlog2.db", "", 0, {"/var/lib/lastlog/lastlog2.db:0 unsupported"}},
        {"a database in place of wtmp", "stat:/var/lib/wtmpdb/wtmp.db", "", 0, {"/var/lib/wtmpdb/wtmp.db:0 unsupported"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", kUsers).bytes(c.file, bytes_of(c.content)).parse(parse_logins);
        EXPECT_EQ(answer.rows.rows.size(), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
    const auto missing = Sources{}.file("/etc/passwd", kUsers).state("/var/log/lastlog", wire::SourceBytes::State::missing)
                             .state("stat:/var/lib/wtmpdb/wtmp.db", wire::SourceBytes::State::missing).parse(parse_logins);
    EXPECT_TRUE(missing.rows.rows.empty() && missing.rows.gaps.empty());
}

}  // namespace
}  // namespace ward::facts
