// SPDX-License-Identifier: Apache-2.0
// The wall, tried from inside by a probe cell and watched from outside.
#include "gate/cells.h"
#include "gate/probe.h"
#include "gate/testing/programs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace ward::gate {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::map<std::string, std::string> status_of(pid_t pid) {
    std::map<std::string, std::string> fields;
    std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        const auto value = line.find_first_not_of("\t ", colon + 1);
        fields[line.substr(0, colon)] = value == std::string::npos ? "" : line.substr(value);
    }
    return fields;
}

std::string space_of(const std::string& pid, const std::string& name) {
    char text[128];
    const ssize_t length = ::readlink(("/proc/" + pid + "/ns/" + name).c_str(), text, sizeof text);
    return length < 0 ? std::string{} : std::string{text, static_cast<std::size_t>(length)};
}

// Not so for the root of a container with a single user.
bool nobody_has_a_number() {
    std::ifstream file{"/proc/self/uid_map"};
    std::uint64_t inside = 0;
    std::uint64_t outside = 0;
    std::uint64_t count = 0;
    while (file >> inside >> outside >> count) {
        if (inside <= 65'534 && 65'534 < inside + count) return true;
    }
    return false;
}

bool user_namespaces_are_allowed() {
    std::ifstream file{"/proc/sys/user/max_user_namespaces"};
    std::uint64_t count = 1;
    file >> count;
    return count > 0;
}

// A root that is not mounted is a chroot's. There the kernel makes no user namespaces, and moves no roots.
bool root_is_mounted() {
    std::ifstream file{"/proc/self/mountinfo"};
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string word;
        for (int i = 0; i < 5; ++i) words >> word;
        if (word == "/") return true;
    }
    return false;
}

Process ready_cell(Program program, Duty duty) {
    auto cell = Process::start(program, duty);
    if (!cell) throw std::runtime_error{cell.error().text};
    if (auto ready = cell->wait_ready(std::chrono::seconds{20}); !ready) throw std::runtime_error{ready.error().text};
    return std::move(cell).value();
}

TEST(Wall, RefusesEveryForbiddenThing) {
    if (kSanitized) GTEST_SKIP() << "the runtime of a sanitizer needs calls that a cell is refused otherwise";
    const auto attempts = try_forbidden_things();
    ASSERT_TRUE(attempts.ok()) << attempts.error().text;
    EXPECT_GE(attempts->size(), 60U);
    std::set<std::string> names;
    for (const auto& attempt : *attempts) {
        SCOPED_TRACE(attempt.name);
        EXPECT_TRUE(names.insert(attempt.name).second) << "twice the same attempt";
        EXPECT_TRUE(attempt.refused) << attempt.how;
        const bool ended = attempt.how.find("forbidden system call") != std::string::npos;
        EXPECT_TRUE(ended || attempt.how == "Operation not permitted") << attempt.how;
    }
    EXPECT_NE(::access("/tmp/ward-probe-must-not-exist", F_OK), 0);
    EXPECT_NE(::access("/dev/shm/ward-probe", F_OK), 0);
}

TEST(Wall, StandsInTheKernelsOwnRecords) {
    struct Case { const char* name; Program program; Duty duty; };
    const Case cases[] = {
        {"facts", Program::cell, Duty::facts},
        {"sql", Program::cell_sql, Duty::sql},
        {"probe", Program::cell, Duty::probe},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Process cell = ready_cell(c.program, c.duty);
        auto status = status_of(cell.pid());
        EXPECT_EQ(status["Seccomp"], "2");
        EXPECT_EQ(status["NoNewPrivs"], "1");
        for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) EXPECT_EQ(status[set], "0000000000000000") << set;
        // As seen from outside: never root, unless there is nobody else to be; and not in the caller's group of processes.
        EXPECT_TRUE(!nobody_has_a_number() || !status["Uid"].starts_with("0\t")) << status["Uid"];
        EXPECT_NE(::getsid(cell.pid()), ::getsid(0));
    }
}

TEST(Wall, GivesACellNamespacesOfItsOwn) {
    const Process cell = ready_cell(Program::cell, Duty::facts);
    const std::string pid = std::to_string(cell.pid());
    if (::geteuid() != 0 && space_of(pid, "user").empty()) {
        GTEST_SKIP() << "an ordinary user may not look at the namespaces of a process that cannot be dumped";
    }
    if (space_of(pid, "net") == space_of("self", "net")) {
        GTEST_SKIP() << "no namespaces can be made here (a container or a setting refuses them)";
    }
    // A process cannot move itself into a new pid namespace, so that one needs the right to start children in it.
    const bool may_start_in_namespaces =
        ::geteuid() != 0 || (std::stoull(status_of(::getpid())["CapEff"], nullptr, 16) >> CAP_SYS_ADMIN & 1) != 0;
    for (const char* name : {"net", "mnt", "ipc", "uts", "pid", "cgroup", "user"}) {
        if (std::string_view{name} == "pid" && !may_start_in_namespaces) continue;
        if (std::string_view{name} == "user" && !(user_namespaces_are_allowed() && root_is_mounted())) continue;
        EXPECT_NE(space_of(pid, name), space_of("self", name)) << name;
    }
    if (!kSanitized && root_is_mounted()) {
        // The root is an empty folder that nothing can be put into.
        EXPECT_NE(::access(("/proc/" + pid + "/root/etc").c_str(), F_OK), 0);
    }
}

TEST(Wall, LeavesNothingOpenButTheChannel) {
    if (kSanitized) GTEST_SKIP() << "sanitizers report on stderr";
    const int leaked = ::open("/etc/passwd", O_RDONLY);  // on purpose without O_CLOEXEC
    ASSERT_GE(leaked, 0);
    const Process cell = ready_cell(Program::cell, Duty::facts);
    ::close(leaked);
    const std::string folder = "/proc/" + std::to_string(cell.pid()) + "/fd/";
    if (::access(folder.c_str(), R_OK | X_OK) != 0) {
        GTEST_SKIP() << "an ordinary user may not look at the descriptors of a process that cannot be dumped";
    }
    for (int number = 0; number < 200; ++number) {
        struct stat about {};
        const bool open = ::lstat((folder + std::to_string(number)).c_str(), &about) == 0;
        EXPECT_EQ(open, number == 3) << number;
    }
}

TEST(Wall, StartsTheCellAlsoWhenDescriptor3IsTaken) {
    // The program's own descriptor may be the 3 that the channel has to become.
    const int saved = ::fcntl(3, F_DUPFD_CLOEXEC, 100);
    ::close(3);
    auto cell = Process::start(Program::cell, Duty::facts);
    ASSERT_TRUE(cell.ok());
    EXPECT_TRUE(cell->wait_ready(std::chrono::seconds{20}).ok());
    if (saved >= 0) {
        ::dup2(saved, 3);
        ::close(saved);
    }
}

TEST(Wall, StartsFromAProgramThatOnlyRootMayExecute) {
    if (::geteuid() != 0) GTEST_SKIP() << "this is about root";
    if (kSanitized) GTEST_SKIP() << "a dynamic program needs its loader";
    char folder[] = "/tmp/ward-wall-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    const std::string copy = std::string{folder} + "/ward-cell";
    {
        std::ifstream from{testing::program("ward-cell"), std::ios::binary};
        std::ofstream to{copy, std::ios::binary};
        to << from.rdbuf();
    }
    ASSERT_EQ(::chmod(copy.c_str(), 0700), 0);
    auto cell = Process::start_file(copy, Duty::facts, {});
    ASSERT_TRUE(cell.ok()) << cell.error().text;
    const auto ready = cell->wait_ready(std::chrono::seconds{20});
    EXPECT_TRUE(ready.ok()) << ready.error().text;
    ::unlink(copy.c_str());
    ::rmdir(folder);
}

TEST(Wall, TellsWhatIsNoCell) {
    auto missing = Process::start_file("/nowhere/ward-cell", Duty::facts, {});
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, Code::not_found);

    auto other = Process::start_file("/bin/true", Duty::facts, {});
    ASSERT_TRUE(other.ok());
    EXPECT_FALSE(other->wait_ready(std::chrono::seconds{20}).ok());
}

TEST(SqlCell, AnswersFromRowsThatItPulls) {
    std::vector<TableShape> shapes{{"users", {{"name", "text"}, {"uid", "integer"}}, {}},
                                   {"file", {{"path", "text"}, {"size", "integer"}}, {"path"}}};
    int pulls = 0;
    SqlCell cell{shapes, [&](const std::string& table, const std::vector<Constraint>& constraints) -> Result<RowSet> {
        ++pulls;
        if (table == "users") return RowSet{{{Value{"root"}, Value{std::int64_t{0}}}, {Value{"eve"}, Value{std::int64_t{7}}}}, {}};
        if (constraints.size() != 1) return fail(Code::malformed, "{} constraints", constraints.size());
        if (constraints[0].value == Value{"/gone"}) return fail(Code::not_found, "no such file");
        return RowSet{{{constraints[0].value, Value{std::int64_t{42}}}}, {}};
    }};
    const auto names = cell.query("SELECT name FROM users WHERE uid = 7", {});
    ASSERT_TRUE(names.ok()) << names.error().text;
    ASSERT_EQ(names->rows.size(), 1U);
    EXPECT_EQ(names->rows[0][0], Value{"eve"});
    EXPECT_EQ(names->reads, (std::vector<TableRead>{{"users", {}}}));
    const auto size = cell.query("SELECT size FROM file WHERE path = '/x'", {});
    ASSERT_TRUE(size.ok()) << size.error().text;
    EXPECT_EQ(size->rows[0][0], Value{std::int64_t{42}});
    EXPECT_EQ(size->reads, (std::vector<TableRead>{{"file", {{"path", Value{"/x"}}}}}));
    EXPECT_EQ(pulls, 2);

    struct Refusal { const char* name; const char* sql; Code code; };
    const Refusal refusals[] = {
        {"broken SQL", "SELEKT 1", Code::malformed},
        {"a write", "DELETE FROM users", Code::malformed},
        {"a file", "ATTACH '/etc/passwd' AS x", Code::denied},
        {"code from outside", "SELECT load_extension('/tmp/x.so')", Code::malformed},
        {"a pull that fails", "SELECT size FROM file WHERE path = '/gone'", Code::not_found},
        {"no constraint", "SELECT size FROM file", Code::unsupported},
    };
    for (const auto& r : refusals) {
        SCOPED_TRACE(r.name);
        const auto answer = cell.query(r.sql, {});
        ASSERT_FALSE(answer.ok());
        EXPECT_EQ(answer.error().code, r.code) << answer.error().text;
    }
    // The same cell still answers, and functions that would ask for the time zone or the clock work without a file.
    const auto time = cell.query("SELECT datetime(0, 'unixepoch', 'localtime'), date('now') > '2020-01-01', "
                                 "length(randomblob(8)), upper('a') || printf('%.2f', 1.5)", {});
    ASSERT_TRUE(time.ok()) << time.error().text;
    EXPECT_EQ(time->rows[0][0], Value{"1970-01-01 00:00:00"});
    EXPECT_EQ(time->rows[0][1], Value{std::int64_t{1}});
    EXPECT_EQ(time->rows[0][3], Value{"A1.50"});
}

TEST(SqlCell, SurvivesWhatNeedsMuchMemoryOrTime) {
    std::vector<TableShape> shapes{{"numbers", {{"n", "integer"}, {"text", "text"}}, {}}};
    SqlCell cell{shapes, [&](const std::string&, const std::vector<Constraint>&) -> Result<RowSet> {
        RowSet rows;
        for (std::int64_t i = 0; i < 5'000; ++i) rows.rows.push_back({Value{i * 7919 % 5'003}, Value{std::string(40, 'x')}});
        return rows;
    }};
    const auto sorted = cell.query("SELECT n FROM numbers ORDER BY text, n DESC LIMIT 1", {});
    ASSERT_TRUE(sorted.ok()) << sorted.error().text;
    EXPECT_EQ(sorted->rows[0][0], Value{std::int64_t{5'002}});
    QueryLimits limits;
    limits.max_time = std::chrono::milliseconds{200};
    const auto endless = cell.query("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c", limits);
    ASSERT_FALSE(endless.ok());
    EXPECT_EQ(endless.error().code, Code::over_limit) << endless.error().text;
    const auto large = cell.query("SELECT group_concat(hex(zeroblob(1000000))) FROM numbers", {});
    ASSERT_FALSE(large.ok());
    EXPECT_EQ(large.error().code, Code::over_limit) << large.error().text;
    EXPECT_TRUE(cell.query("SELECT 1", {}).ok());
}

TEST(FactsCell, ParsesAndGoesOnAfterARefusal) {
    FactsCell cell;
    const auto unknown = cell.parse({"no_such_table", {}, {}, 0}, {});
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().code, Code::not_found);
    wire::ParseRequest request{"kernel_modules", {}, {}, 0};
    const std::string text = "ext4 1019904 1 - Live 0x0000000000000000\n";
    wire::SourceBytes source;
    source.name = "/proc/modules";
    source.bytes = text.size();
    request.sources.push_back(source);
    const auto rows = cell.parse(request, as_bytes(text));
    ASSERT_TRUE(rows.ok()) << rows.error().text;
    ASSERT_EQ(rows->rows.rows.size(), 1U);
    EXPECT_EQ(rows->rows.rows[0][0], Value{"ext4"});
    // A source that points past the bytes is our own fault; the cell says so and lives.
    request.sources[0].bytes = text.size() + 1;
    EXPECT_FALSE(cell.parse(request, as_bytes(text)).ok());
    EXPECT_NE(cell.process(), nullptr);
}

}  // namespace
}  // namespace ward::gate
