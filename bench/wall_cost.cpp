// SPDX-License-Identifier: Apache-2.0
// What the wall costs: the same files, once through a sealed cell and once scanned in this very process.
//
//     wall_cost FOLDER [DATABASE.warddb]
//
// Both ways must say the same of every file, or the run fails: a benchmark that stops finding things measures nothing. One
// thread and one cell. Times are of the clock and, all processes together, of the CPU; the first pass over the files, which
// warms the cache, is not counted.
#include "cell/match/rules.h"
#include "cell/scan/scanner.h"
#include "gate/cells.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace ward {
namespace {

struct File {
    std::string path;
    std::uint64_t bytes;
};

// Regular files in one order.
std::vector<File> files_below(const char* folder) {
    std::vector<File> files;
    const auto options = std::filesystem::directory_options::skip_permission_denied;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder, options}) {
        if (entry.is_regular_file() && !entry.is_symlink()) files.push_back({entry.path().string(), entry.file_size()});
    }
    std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
    return files;
}

// What both ways must agree on.
struct Tally {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
    std::uint64_t matches = 0;
    std::uint64_t gaps = 0;
    bool operator==(const Tally&) const = default;

    void add(const Verdict& verdict) {
        ++objects;
        bytes += verdict.bytes;
        members += verdict.members;
        matches += verdict.matches.size();
        gaps += verdict.gaps.size();
    }
};

double cpu_seconds(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Time {
    double clock = 0;
    double cpu = 0;
};

template <class Run>
Time measure(Run run) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
    run();
    const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - begin;
    return {clock.count(), cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN) - cpu};
}

int open_file(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME); }

// Small files are read, large ones mapped, as the two sides of the wall do.
Status scan_here(const std::vector<File>& files, scan::Scanner& scanner, Tally& tally) {
    Buffer small(gate::ScanLane::kMaxSmallBytes);
    for (const auto& file : files) {
        const int descriptor = open_file(file.path);
        if (descriptor < 0) continue;
        const Object object{file.path, file.bytes, 0, 0};
        if (file.bytes <= small.size()) {
            const ssize_t count = ::pread(descriptor, small.data(), small.size(), 0);
            ::close(descriptor);
            if (count >= 0) tally.add(scanner.scan(object, Bytes{small}.first(static_cast<std::size_t>(count))));
            continue;
        }
        void* memory = ::mmap(nullptr, file.bytes, PROT_READ, MAP_SHARED, descriptor, 0);
        ::close(descriptor);
        if (memory == MAP_FAILED) return fail(Code::io, "cannot map {}", file.path);
        tally.add(scanner.scan(object, Bytes{static_cast<const std::uint8_t*>(memory), file.bytes}));
        ::munmap(memory, file.bytes);
    }
    return done();
}

Status scan_behind_wall(const std::vector<File>& files, int database, int spool, Tally& tally) {
    gate::ScanLane lane{gate::ScanSetup{database, spool, {}, {}}, [&](const Object&, const Verdict& verdict) { tally.add(verdict); }};
    for (const auto& file : files) {
        const int descriptor = open_file(file.path);
        if (descriptor >= 0) WARD_TRY(lane.add(Object{file.path, file.bytes, 0, 0}, descriptor));
    }
    return lane.finish();
}

Result<int> run(const char* folder, const char* database_path) {
    const auto files = files_below(folder);
    int database = -1;
    Bytes mapped;
    std::optional<match::RuleScanner> rules;
    if (database_path != nullptr) {
        database = ::open(database_path, O_RDONLY | O_CLOEXEC);
        struct stat about {};
        if (database < 0 || ::fstat(database, &about) != 0) return fail(Code::not_found, "cannot open {}", database_path);
        const auto bytes = static_cast<std::size_t>(about.st_size);
        void* memory = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, database, 0);
        if (memory == MAP_FAILED) return fail(Code::io, "cannot map {}", database_path);
        mapped = {static_cast<const std::uint8_t*>(memory), bytes};
        rules.emplace(WARD_TRY(match::RuleScanner::open(mapped)));
    }
    const int own_spool = ::memfd_create("spool", MFD_CLOEXEC);
    const int cell_spool = ::memfd_create("spool", MFD_CLOEXEC);
    auto scanner = WARD_TRY(scan::Scanner::open(rules ? &*rules : nullptr, Limits{}, {}, own_spool));

    Tally warm;
    WARD_TRY(scan_here(files, scanner, warm));
    Tally here;
    Tally behind;
    Status state = done();
    const Time direct = measure([&] { state = scan_here(files, scanner, here); });
    if (!state) return std::move(state).error();
    const Time walled = measure([&] { state = scan_behind_wall(files, database, cell_spool, behind); });
    if (!state) return std::move(state).error();

    const auto objects = static_cast<double>(std::max<std::uint64_t>(here.objects, 1));
    std::printf("objects,bytes,members,matches,gaps,direct_s,direct_cpu_s,wall_s,wall_cpu_s,cpu_us_per_object\n");
    std::printf("%llu,%llu,%llu,%llu,%llu,%.3f,%.3f,%.3f,%.3f,%.2f\n", static_cast<unsigned long long>(here.objects),
                static_cast<unsigned long long>(here.bytes), static_cast<unsigned long long>(here.members),
                static_cast<unsigned long long>(here.matches), static_cast<unsigned long long>(here.gaps), direct.clock,
                direct.cpu, walled.clock, walled.cpu, (walled.cpu - direct.cpu) * 1e6 / objects);
    if (!(here == behind)) return fail(Code::malformed, "the two ways do not agree");
    return here.objects > 0 ? 0 : 1;
}

}  // namespace
}  // namespace ward

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "wall_cost FOLDER [DATABASE.warddb]\n");
        return 2;
    }
    const auto code = ward::run(argv[1], argc > 2 ? argv[2] : nullptr);
    if (code) return *code;
    std::fprintf(stderr, "wall_cost: %s\n", code.error().text.c_str());
    return 2;
}
