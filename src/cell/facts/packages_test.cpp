// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/rpm.h"
#include "cell/facts/internal/sqlite_file.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kApk =
    "C:Q1v4QhLje3kWlC8DJj+ZfJTjlJRSU=\nP:alpine-baselayout-data\nV:3.6.8-r1\nA:x86_64\nS:11435\nI:73729\nT:Base layout\n"
    "o:alpine-baselayout\nm:A <a@example.org>\nt:1740504474\nF:etc\nM:0:0:1777\nR:P:fstab\na:0:0:600\nZ:Q11Q7h=\n\n"
    "P:musl\nV:1.2.5-r9\nA:x86_64\nf:xS\nr:libc\n\n\n"
    "P:whole\nV:1-r0\nf:S\n";

TEST(Packages, ReadsApk) {
    const auto answer = Sources{}.file("/usr/lib/apk/db/installed", kApk).parse(parse_packages);
    EXPECT_EQ(columns("packages", answer, {"manager", "name", "version", "architecture", "source", "source_version", "status",
                                           "want", "held", "broken", "maintainer", "summary", "installed_size", "path"}),
              (Strings{"apk|alpine-baselayout-data|3.6.8-r1|x86_64|alpine-baselayout|3.6.8-r1|installed||0|0|A <a@example.org>|"
                       "Base layout|73|/usr/lib/apk/db/installed",
                       "apk|musl|1.2.5-r9|x86_64|musl|1.2.5-r9|installed||0|1||||/usr/lib/apk/db/installed",
                       "apk|whole|1-r0||whole|1-r0|installed||0|0||||/usr/lib/apk/db/installed"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(Packages, ReadsADatabaseOfTwoNamesOnce) {
    const auto once = Sources{}.file("/usr/lib/apk/db/installed", kApk).file("/lib/apk/db/installed", kApk).parse(parse_packages);
    EXPECT_EQ(once.rows.rows.size(), 3U);
    const auto twice = Sources{}.file("/usr/lib/apk/db/installed", kApk).file("/lib/apk/db/installed", "P:a\nV:1\n").parse(parse_packages);
    EXPECT_EQ(twice.rows.rows.size(), 4U);
}

TEST(Packages, TellsWhatOfApkIsBroken) {
    struct Case { const char* name; std::string_view text; Strings rows; Strings gaps; };
    const Case cases[] = {
        {"empty", "", {}, {}},
        {"no name", "V:1\nA:x\n\nP:b\nV:2\n", {"b|2|"}, {":1 malformed"}},
        {"no version", "\nP:a\nA:x\n\n", {"a||"}, {":2 malformed"}},
        {"no field", "P:a\nV:1\nnonsense\n", {"a|1|"}, {":3 malformed"}},
        {"a size that is none", "P:a\nV:1\nI:-5\n", {"a|1|"}, {":3 malformed"}},
        {"a size at the end of numbers", "P:a\nV:1\nI:18446744073709551615\n", {"a|1|18014398509481984"}, {}},
        {"a NUL byte", std::string_view{"P:a\nV:1\nT:\0\n", 12}, {"a|1|"}, {":3 malformed"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/lib/apk/db/installed", c.text).parse(parse_packages);
        EXPECT_EQ(columns("packages", answer, {"name", "version", "installed_size"}), c.rows);
        Strings gaps;
        for (const auto& gap : c.gaps) gaps.push_back("/lib/apk/db/installed" + gap);
        EXPECT_EQ(gaps_of(answer), gaps);
    }
}

// ---- rpm ----------------------------------------------------------------------------------------------------------------

std::string big_endian(std::uint64_t value, int bytes = 4) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
    return out;
}

struct Tag {
    std::uint32_t tag;
    std::uint32_t type;
    std::string body;  // texts with their NUL
    std::uint32_t count = 1;
};

std::string rpm_header(const std::vector<Tag>& tags) {
    std::string index;
    std::string data;
    for (const auto& tag : tags) {
        index += big_endian(tag.tag) + big_endian(tag.type) + big_endian(data.size()) + big_endian(tag.count);
        data += tag.body;
    }
    return big_endian(tags.size()) + big_endian(data.size()) + index + data;
}

std::string text0(std::string_view text) { return std::string{text} + '\0'; }

TEST(RpmHeader, ReadsWhatItWantsAndTheLaterOfTwo) {
    const std::string bytes = rpm_header({{63, 7, std::string(16, '\0'), 16},
                                          {1000, 6, text0("bash")},
                                          {1001, 6, text0("5.1")},
                                          {1003, 4, big_endian(7)},
                                          {1004, 9, text0("The shell") + text0("Die Shell"), 2},
                                          {1008, 4, big_endian(1)},
                                          {5009, 5, big_endian(5'000'000'000, 8)},
                                          {9999, 77, "?"},
                                          {1008, 4, big_endian(1'700'000'000)}});
    const auto header = read_rpm_header(as_bytes(bytes));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->name, "bash");
    EXPECT_EQ(header->version, "5.1");
    EXPECT_EQ(header->release, "");
    EXPECT_EQ(header->summary, "The shell");
    EXPECT_EQ(header->epoch, 7U);
    EXPECT_EQ(header->bytes, 5'000'000'000U);
    EXPECT_EQ(header->installed, 1'700'000'000U);
    // Whatever is cut off is missed, and nothing is read behind the end.
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(read_rpm_header(as_bytes(std::string_view{bytes}.substr(0, size)))) << size;
    }
    EXPECT_FALSE(read_rpm_header(as_bytes(bytes + "x")));
}

TEST(RpmHeader, RefusesWhatIsBroken) {
    struct Case { const char* name; std::string bytes; Code code; };
    const Case cases[] = {
        {"no bytes", "", Code::truncated},
        {"no name", rpm_header({{1001, 6, text0("1")}}), Code::malformed},
        {"a name of no letters", rpm_header({{1000, 6, text0("")}}), Code::malformed},
        {"a name that is a number", rpm_header({{1000, 4, big_endian(1)}}), Code::malformed},
        {"a name without an end", rpm_header({{1000, 6, "bash"}}), Code::malformed},
        {"an epoch that is text", rpm_header({{1000, 6, text0("a")}, {1003, 6, text0("1")}}), Code::malformed},
        {"an epoch of two bytes", rpm_header({{1000, 6, text0("a")}, {1003, 4, "12"}}), Code::truncated},
        {"a text outside", big_endian(1) + big_endian(2) + big_endian(1000) + big_endian(6) + big_endian(3) + big_endian(1) + text0("a"),
         Code::malformed},
        {"a number far outside", big_endian(1) + big_endian(2) + big_endian(1003) + big_endian(4) + big_endian(0xffffffff) + big_endian(1) + "12",
         Code::truncated},
        {"too many entries", big_endian(0x10000) + big_endian(0), Code::over_limit},
        {"more entries than bytes", big_endian(0xffff) + big_endian(0), Code::truncated},
        {"too much data", big_endian(0) + big_endian(0xffffffff), Code::over_limit},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto header = read_rpm_header(as_bytes(c.bytes));
        ASSERT_FALSE(header);
        EXPECT_EQ(header.error().code, c.code);
    }
}

constexpr std::string_view kSqlite = "/usr/lib/sysimage/rpm/rpmdb.sqlite";

Buffer fixture(const std::string& name) {
    std::ifstream file{"testdata/package_facts/" + name + ".hex"};
    std::string digits;
    for (std::string line; std::getline(file, line);) digits += line.substr(0, line.find('#')) + " ";
    Buffer bytes;
    EXPECT_TRUE(from_hex(digits, bytes) && !bytes.empty());
    return bytes;
}

Buffer rpmdb_sqlite() { return fixture("rpmdb_sqlite"); }

const Strings kRpmRows = {"rpm|bash|5.1.8-6.el9|x86_64|bash|5.1.8-6.el9|installed|3|1700000000",
                          "rpm|bind-libs|32:9.16.23-18.el9|x86_64|bind|9.16.23-18.el9|installed|3|1700000000",
                          "rpm|tzdata|0:2024a-1.el9|noarch|tzdata|2024a-1.el9|installed|3|1700000000",
                          "rpm|gpg-pubkey|fd431d51-4ae0493b||gpg-pubkey|fd431d51-4ae0493b|installed||"};
const Strings kRpmColumns = {"manager", "name", "version", "architecture", "source", "source_version", "status", "installed_size",
                             "installed_at"};

// Each file of rpm's holds the same packages.
struct RpmFile {
    const char* fixture;
    const char* path;
};
const RpmFile kRpmFiles[] = {{"rpmdb_sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite"},
                             {"rpm_ndb", "/usr/lib/sysimage/rpm/Packages.db"},
                             {"rpm_bdb_le", "/usr/lib/sysimage/rpm/Packages"},
                             {"rpm_bdb_be", "/usr/lib/sysimage/rpm/Packages"}};

TEST(Packages, ReadsRpmInEachFormat) {
    for (const auto& file : kRpmFiles) {
        SCOPED_TRACE(file.fixture);
        const auto answer = Sources{}.bytes(file.path, fixture(file.fixture)).parse(parse_packages);
        auto rows = columns("packages", answer, kRpmColumns);
        std::sort(rows.begin(), rows.end());  // a hash has an order of its own
        auto want = kRpmRows;
        std::sort(want.begin(), want.end());
        EXPECT_EQ(rows, want);
        ASSERT_EQ(gaps_of(answer), (Strings{std::string{file.path} + ":0 malformed"}));
        EXPECT_EQ(answer.rows.gaps[0].why, "package 5: a header that names no package");
        EXPECT_TRUE(answer.wants.empty());
    }
}

TEST(Packages, MissesNothingOfRpmInSilenceWhereTheFileIsCut) {
    for (const auto& file : kRpmFiles) {
        SCOPED_TRACE(file.fixture);
        const Buffer whole = fixture(file.fixture);
        for (std::size_t size = 0; size < whole.size(); size += 37) {
            const auto answer = Sources{}.bytes(file.path, Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))
                                    .parse(parse_packages);
            const auto& gaps = answer.rows.gaps;
            EXPECT_TRUE(std::any_of(gaps.begin(), gaps.end(), [](const Gap& gap) { return gap.code == Code::truncated; }) ||
                        answer.rows.rows.size() == 4)
                << size;
        }
    }
}

// Any byte may be any other: no crash, and a package that is missing is a gap.
TEST(Packages, MissesNoPackageOfRpmInSilenceWhereAByteIsWrong) {
    for (const auto& file : kRpmFiles) {
        SCOPED_TRACE(file.fixture);
        const Buffer whole = fixture(file.fixture);
        std::size_t silent = 0;
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
                Buffer bytes = whole;
                bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ flip);
                const auto answer = Sources{}.bytes(file.path, std::move(bytes)).parse(parse_packages);
                const auto& gaps = answer.rows.gaps;
                const bool told = std::any_of(gaps.begin(), gaps.end(), [](const Gap& gap) {
                    return gap.why != "package 5: a header that names no package";
                });
                if (answer.rows.rows.size() < 4 && !told) ++silent;
            }
        }
        // Of some 14,000: a number of cells or items that is lower, a first page of a bucket that is another.
        EXPECT_LE(silent, 3U);
    }
}

TEST(Packages, LooksForRpmInItsOldPlaceOnce) {
    const auto old = [](std::string link) { return wire::SourceBytes{.name = "stat:/var/lib/rpm", .link = std::move(link)}; };
    // A folder, or a link elsewhere.
    for (const char* link : {"", "/srv/rpm", "/x/usr/lib/sysimage/rpm"}) {
        Sources sources;
        sources.add(old(link), {});
        EXPECT_EQ(sources.parse(parse_packages).wants,
                  (Strings{"/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages.db", "/var/lib/rpm/Packages",
                           "/var/lib/rpm/rpmdb.sqlite-wal"}));
        sources.bytes("/var/lib/rpm/rpmdb.sqlite", rpmdb_sqlite());
        EXPECT_EQ(sources.parse(parse_packages).rows.rows.size(), 4U);
        sources.bytes(std::string{kSqlite}, rpmdb_sqlite());
        EXPECT_EQ(sources.parse(parse_packages).rows.rows.size(), 4U);
    }
    for (const char* link : {"/usr/lib/sysimage/rpm", "../../usr/lib/sysimage/rpm"}) {
        EXPECT_TRUE(Sources{}.add(old(link), {}).parse(parse_packages).wants.empty());
    }
    EXPECT_TRUE(Sources{}.state("stat:/var/lib/rpm", wire::SourceBytes::State::missing).parse(parse_packages).wants.empty());
}

TEST(Packages, SaysWhatOfRpmIsNotRead) {
    const std::string folder = "/usr/lib/sysimage/rpm/";
    struct Case { const char* name; std::vector<std::pair<std::string, std::string>> files; Strings gaps; };
    const Case cases[] = {
        {"nothing", {}, {}},
        {"an empty file", {{"rpmdb.sqlite", ""}}, {"rpmdb.sqlite:0 truncated"}},
        {"no database", {{"rpmdb.sqlite", std::string(200, 'x')}}, {"rpmdb.sqlite:0 malformed"}},
        {"a short one", {{"rpmdb.sqlite", "SQLite"}}, {"rpmdb.sqlite:0 truncated"}},
        {"an older beside it", {{"rpmdb.sqlite", "x"}, {"Packages", "y"}}, {"rpmdb.sqlite:0 truncated", "Packages:0 unsupported"}},
        {"no ndb", {{"Packages.db", std::string(64, 'x')}}, {"Packages.db:0 malformed"}},
        {"an ndb to come", {{"Packages.db", "RpmP\1" + std::string(64, '\0')}}, {"Packages.db:0 unsupported"}},
        {"no Berkeley DB", {{"Packages", std::string(64, 'x')}}, {"Packages:0 unsupported"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        for (const auto& [name, text] : c.files) sources.file(folder + name, text);
        const auto answer = sources.parse(parse_packages);
        EXPECT_TRUE(answer.rows.rows.empty());
        Strings gaps;
        for (const auto& gap : c.gaps) gaps.push_back(folder + gap);
        EXPECT_EQ(gaps_of(answer), gaps);
    }
}

TEST(Packages, SaysThatALogOfRpmIsNone) {
    for (const auto& [log, code] : {std::pair{std::string{"short"}, "truncated"}, std::pair{std::string(64, 'x'), "malformed"}}) {
        const auto answer = Sources{}.bytes(std::string{kSqlite}, rpmdb_sqlite()).file(std::string{kSqlite} + "-wal", log).parse(parse_packages);
        EXPECT_EQ(answer.rows.rows.size(), 4U);
        ASSERT_FALSE(gaps_of(answer).empty());
        EXPECT_EQ(gaps_of(answer)[0], fmt::format("{}-wal:0 {}", kSqlite, code));
    }
}

TEST(SqliteFile, GivesAGapForEachKindOfDamage) {
    // The file has nine pages of 512 bytes: 1 the schema, 2 the top of Packages.
    const auto with = [](std::size_t at, std::initializer_list<std::uint8_t> bytes) {
        Buffer file = rpmdb_sqlite();
        std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
        return file;
    };
    struct Case { const char* name; Buffer file; Code code; const char* why; };
    const Case cases[] = {
        {"pages of no power of two", with(16, {2, 1}), Code::malformed, "pages of 513"},
        {"pages too small", with(16, {1, 0}), Code::malformed, "pages of 256"},
        {"all reserved", with(20, {200}), Code::malformed, "200 bytes reserved"},
        {"a version to come", with(19, {3}), Code::unsupported, "version 3"},
        {"UTF-16", with(56, {0, 0, 0, 2}), Code::unsupported, "not UTF-8"},
        {"a schema that is an index", with(100, {10}), Code::malformed, "kind 10"},
        {"cells outside of the page", with(108, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), Code::truncated, ""},
        {"a table that is an index", with(512, {2}), Code::malformed, "kind 2"},
        {"a child that is the table itself", with(512 + 8, {0, 0, 0, 2}), Code::malformed, "in use twice"},
        {"a child behind the end", with(512 + 8, {0, 0, 1, 0}), Code::truncated, "page 256"},
        {"a child that is none", with(512 + 8, {0, 0, 0, 0}), Code::malformed, "page 0"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.bytes(std::string{kSqlite}, c.file).parse(parse_packages);
        const auto& gaps = answer.rows.gaps;
        EXPECT_TRUE(std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
            return gap.code == c.code && gap.where.path == kSqlite && gap.why.find(c.why) != std::string::npos;
        })) << gaps.size() << " gaps, first: " << (gaps.empty() ? "none" : gaps[0].why);
    }
}

TEST(SqliteFile, StopsWhereRecordsTogetherAreLargerThanTheFile) {
    // 40 cells of a page that all point to the same record of 400 bytes.
    Buffer file = rpmdb_sqlite();
    file.resize(512);
    Buffer leaf(512, 0);
    leaf[0] = 13;
    leaf[4] = 40;
    for (std::size_t i = 0; i < 40; ++i) leaf[8 + 2 * i + 1] = 100;
    leaf[100] = 0x83;  // 400 bytes
    leaf[101] = 0x10;
    file.insert(file.end(), leaf.begin(), leaf.end());
    auto opened = SqliteFile::open(file);
    ASSERT_TRUE(opened);
    int rows = 0;
    std::vector<Code> codes;
    opened->each_row(2, [&](std::int64_t, Bytes) { ++rows; }, [&](const Error& error) { codes.push_back(error.code); });
    EXPECT_EQ(rows, 2);
    EXPECT_EQ(codes, std::vector<Code>{Code::over_limit});
}

TEST(SqliteFile, FollowsEachPageOnce) {
    // An interior page that points 60 times to the page behind it, of three in all.
    Buffer file = rpmdb_sqlite();
    file.resize(1536);
    std::fill(file.begin() + 512, file.end(), std::uint8_t{0});
    file[512] = 5;
    file[512 + 4] = 60;
    file[512 + 11] = 3;
    for (std::size_t i = 0; i < 60; ++i) file[512 + 12 + 2 * i] = 1;
    file[512 + 256 + 3] = 3;
    auto opened = SqliteFile::open(file);
    ASSERT_TRUE(opened);
    std::vector<Code> codes;
    opened->each_row(2, [&](std::int64_t, Bytes) { FAIL(); }, [&](const Error& error) { codes.push_back(error.code); });
    // All but the first of them, and that page, which is none of a table.
    EXPECT_EQ(codes, std::vector<Code>(61, Code::malformed));
}

TEST(RpmNdb, SaysWhatIsBroken) {
    struct Case { const char* name; std::size_t at; std::string bytes; Code code; const char* why; };
    const Case cases[] = {
        {"more pages of slots than bytes", 12, std::string{"\xff\xff\xff\xff"}, Code::truncated, "pages of slots"},
        {"no slot", 32, "slot", Code::malformed, "at 32 is no slot"},
        {"another's number", 36, std::string{"\7\0\0\0", 4}, Code::malformed, "package 7 is not where"},
        {"behind the end", 40, std::string{"\0\0\0\1", 4}, Code::truncated, "package 1 lies behind"},
        {"no room for head and tail", 44, std::string{"\1\0\0\0", 4}, Code::malformed, "package 1 of"},
        {"larger than its blocks", 4096 + 12, std::string{"\xff\xff\0\0", 4}, Code::malformed, "package 1 of 65535"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer file = fixture("rpm_ndb");
        std::copy(c.bytes.begin(), c.bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(c.at));
        const auto answer = Sources{}.bytes("/usr/lib/sysimage/rpm/Packages.db", file).parse(parse_packages);
        const auto& gaps = answer.rows.gaps;
        EXPECT_TRUE(std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
            return gap.code == c.code && gap.why.find(c.why) != std::string::npos;
        })) << (gaps.empty() ? "none" : gaps[0].why);
    }
    // A slot that is there a thousand times is read as often as the file has room for.
    Buffer file = fixture("rpm_ndb");
    for (std::size_t at = 48; at < 4096; at += 16) std::copy_n(file.begin() + 32, 16, file.begin() + static_cast<std::ptrdiff_t>(at));
    const auto answer = Sources{}.bytes("/usr/lib/sysimage/rpm/Packages.db", file).parse(parse_packages);
    EXPECT_LT(answer.rows.rows.size(), 30U);
    EXPECT_EQ(gaps_of(answer), Strings{"/usr/lib/sysimage/rpm/Packages.db:0 over_limit"});
}

TEST(RpmBdb, SaysWhatIsBroken) {
    struct Case { const char* name; std::size_t at; std::string bytes; Code code; const char* why; };
    const Case cases[] = {
        {"a tree", 12, std::string{"\x62\x31\5\0", 4}, Code::unsupported, "no hash"},
        {"a version to come", 16, std::string{"\x0b\0\0\0", 4}, Code::unsupported, "version 11"},
        {"pages of no power of two", 20, std::string{"\1\2\0\0", 4}, Code::malformed, "pages of 513"},
        {"encrypted", 24, "\1", Code::unsupported, "encrypted"},
        {"another first page", 25, "\7", Code::malformed, "kind 7"},
        {"buckets without end", 72, std::string{"\xff\xff\xff\xff", 4}, Code::truncated, "4294967296 buckets"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer file = fixture("rpm_bdb_le");
        std::copy(c.bytes.begin(), c.bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(c.at));
        const auto answer = Sources{}.bytes("/usr/lib/sysimage/rpm/Packages", file).parse(parse_packages);
        const auto& gaps = answer.rows.gaps;
        EXPECT_TRUE(std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
            return gap.code == c.code && gap.why.find(c.why) != std::string::npos;
        })) << (gaps.empty() ? "none" : gaps[0].why);
    }
}

TEST(SqliteRecord, ReadsEachKindOfValue) {
    Buffer bytes;
    // header of 13 bytes: NULL, the whole numbers of each size, a real, 0, 1, text of 2, blob of 1
    ASSERT_TRUE(from_hex("0d 00 01 02 03 04 05 06 07 08 09 11 0e"
                         "ff 8000 000001 7fffffff ffffffffffff 0000000000000005 3ff0000000000000 6162 7a", bytes));
    const auto values = read_sqlite_record(bytes);
    ASSERT_TRUE(values);
    std::vector<std::int64_t> numbers;
    for (const auto& value : *values) numbers.push_back(value.integer);
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, -1, -32768, 1, 2147483647, -1, 5, 0, 0, 1, 0, 0}));
    EXPECT_EQ(as_text((*values)[10].bytes), "ab");
    EXPECT_EQ((*values)[11].kind, SqliteValue::Kind::blob);
    for (const char* broken : {"", "00", "05 01", "02 0a 00", "02 01", "02 80", "0b ffffffffffffffffff 0000"}) {
        SCOPED_TRACE(broken);
        Buffer record;
        ASSERT_TRUE(from_hex(broken, record));
        EXPECT_FALSE(read_sqlite_record(record));
    }
}

}  // namespace
}  // namespace ward::facts
