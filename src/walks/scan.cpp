// SPDX-License-Identifier: Apache-2.0
#include "walks/scan.h"

#include "core/log.h"
#include "gate/cells.h"
#include "host/process_memory.h"
#include "host/share.h"
#include "host/spool.h"
#include "host/system_error.h"
#include "judge/judge.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <thread>
#include <tuple>
#include <variant>

namespace ward::walks {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStopInterval = 200;  // milliseconds

// The object that standard input is reported as.
constexpr const char* kStandardInput = "-";

// A pipe cannot be mapped or read twice, so its bytes go into a file first, unseen; into memory where no file can be had.
Result<std::pair<host::Descriptor, std::uint64_t>> read_standard_input(const std::string& folder, const std::atomic<bool>& stop) {
    host::Descriptor file = host::open_spool(folder);
    if (!file) file = host::Descriptor{::memfd_create("ward-stdin", MFD_CLOEXEC)};
    if (!file) return host::system_fail(errno, "no memory for standard input");
    Buffer buffer(1 << 20);
    std::uint64_t total = 0;
    for (;;) {
        // Whoever types, or writes into a pipe, may never come to an end.
        if (stop) return fail(Code::over_limit, "the scan was interrupted while it was read");
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, kStopInterval) <= 0) continue;
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return host::system_fail(errno, "standard input cannot be read");
        if (count == 0) return std::pair{std::move(file), total};
        for (ssize_t put = 0; put < count;) {
            const ssize_t wrote = ::write(file.get(), buffer.data() + put, static_cast<std::size_t>(count - put));
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) return host::system_fail(errno, "there is no room for standard input");
            put += wrote;
        }
        total += static_cast<std::uint64_t>(count);
    }
}

// All threads draw files from one walk and put answers into one outcome.
class Work {
public:
    Work(ScanRequest request, ScanProgress& progress) : request_{std::move(request)}, progress_{progress}, walk_{request_.walk} { feed_magic(); }

    Result<ScanOutcome> run() {
        std::jthread counter;
        if (request_.count_ahead) counter = std::jthread{[this](const std::stop_token& token) { count(token); }};
        const unsigned threads = std::max(1U, request_.threads);
        {
            std::vector<std::jthread> lanes;
            for (unsigned i = 1; i < threads; ++i) lanes.emplace_back([this] { run_lane(false); });
            run_lane(request_.standard_input);
        }
        counter.request_stop();
        if (failure_) return std::move(*failure_);
        outcome_.counts = walk_.counts();
        outcome_.roots_failed = walk_.roots_failed() + stdin_failed_;
        outcome_.interrupted = progress_.stop;
        if (const auto denied = outcome_.processes_denied.size(); denied > 0) {
            tell(Gap{Where{"/proc", 0, {}}, Code::denied,
                     fmt::format("the memory of {} process{} cannot be read{}", denied, denied == 1 ? "" : "es",
                                 ::geteuid() == 0 ? "" : " without root")});
        }
        if (outcome_.interrupted || outcome_.out_of_time) {
            for (const auto& file : request_.files) outcome_.not_reached.push_back(file.object.path);
            for (const std::uint32_t process : request_.processes) outcome_.not_reached.push_back(process_name(process));
            for (auto& root : walk_.remaining()) outcome_.not_reached.push_back(std::move(root));
        }
        const auto by_place = [](const Gap& a, const Gap& b) {
            return std::tie(a.where.path, a.where.members, a.why) < std::tie(b.where.path, b.where.members, b.why);
        };
        std::sort(outcome_.gaps.begin(), outcome_.gaps.end(), by_place);
        return std::move(outcome_);
    }

private:
    // Whether a rule asks libmagic only the cell knows, and it costs nothing to hand the database over. A missing one is an
    // error of the cell, if a rule asks.
    void feed_magic() {
        constexpr const char* kModule = "magic";
        auto& fed = request_.manner.fed_modules;
        if (request_.database < 0 || std::find(fed.begin(), fed.end(), kModule) != fed.end()) return;
        magic_ = host::Descriptor{::open((host::share_folder() + "/magic.mgc").c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
        if (!magic_) return;
        fed.emplace_back(kModule);
        request_.fed.push_back(magic_.get());
    }

    void run_lane(bool standard_input) {
        const host::Descriptor spool = host::open_spool(request_.spool_folder);  // each lane its own; without one, members too large for memory are gaps
        gate::ScanSetup setup;
        setup.database = request_.database;
        setup.spool = spool.get();
        setup.limits = request_.limits;
        setup.externals = request_.externals;
        setup.manner = request_.manner;
        setup.fed = request_.fed;
        setup.stop_at = request_.stop_at;
        setup.stop = &progress_.stop;
        gate::ScanLane lane{setup, [this](const Object& object, Verdict verdict) { take(object, std::move(verdict)); }};
        Status going = done();
        if (standard_input) going = add_standard_input(lane);
        while (going) {
            auto next_one = next();
            if (!next_one) break;
            if (const auto* process = std::get_if<std::uint32_t>(&*next_one)) {
                going = add_process(lane, *process);
                continue;
            }
            auto& file = std::get<host::FileWalk::File>(*next_one);
            progress_.set_current(file.object.path);
            going = lane.add(std::move(file.object), file.descriptor.release());
        }
        if (going) going = lane.finish();
        const std::scoped_lock lock{mutex_};
        outcome_.rules = std::max(outcome_.rules, lane.rules());
        if (!going && !failure_) failure_ = std::move(going).error();
    }

    Status add_standard_input(gate::ScanLane& lane) {
        auto input = read_standard_input(request_.spool_folder, progress_.stop);
        Object object;
        object.path = kStandardInput;
        object.owner = ::geteuid();
        object.mode = S_IFIFO | 0600;
        if (!input) {
            const std::scoped_lock lock{mutex_};
            ++stdin_failed_;
            outcome_.gaps.push_back(Gap{Where{object.path, 0, {}}, input.error().code, input.error().text});
            return done();
        }
        object.bytes = input->second;
        return lane.add(std::move(object), input->first.release());
    }

    Status add_process(gate::ScanLane& lane, std::uint32_t id) {
        auto opened = host::open_process(id);
        if (!opened || !*opened) {
            const std::scoped_lock lock{mutex_};
            if (opened && !request_.walk.as_written) return done();  // it has ended, or is the kernel's
            if (!opened && opened.error().code == Code::denied && !request_.walk.as_written) {
                outcome_.processes_denied.push_back(id);
                return done();
            }
            tell(Gap{Where{process_name(id), 0, {}}, opened ? Code::not_found : opened.error().code, opened ? "there is no such process" : opened.error().text});
            return done();
        }
        auto& process = **opened;
        if (request_.walk.as_written) process.object.path = process_name(id);
        progress_.set_current(process.object.path);
        std::array<int, wire::kProcessDescriptors> files{};
        for (std::size_t i = 0; i < files.size(); ++i) files[i] = process.files[i].release();
        return lane.add_process(std::move(process.object), files);
    }

    std::string process_name(std::uint32_t id) const { return request_.walk.as_written ? std::to_string(id) : host::process_name(id); }

    // Under the lock.
    void tell(Gap gap) {
        if (request_.on_gap) {
            request_.on_gap(gap);
        } else {
            outcome_.gaps.push_back(std::move(gap));
        }
    }

    std::optional<std::variant<host::FileWalk::File, std::uint32_t>> next() {
        const std::scoped_lock lock{mutex_};
        for (;;) {
            if (progress_.stop || failure_) return std::nullopt;
            if (request_.stop_at && Clock::now() >= *request_.stop_at) {
                // Only when something is left over.
                if (!request_.files.empty() || !request_.processes.empty() || !walk_.remaining().empty()) outcome_.out_of_time = true;
                return std::nullopt;
            }
            if (!request_.files.empty()) {
                auto file = std::move(request_.files.back());
                request_.files.pop_back();
                return file;
            }
            if (!request_.processes.empty()) {
                const std::uint32_t process = request_.processes.back();
                request_.processes.pop_back();
                if (process == static_cast<std::uint32_t>(::getpid())) continue;
                return process;
            }
            auto step = walk_.next();
            if (!step) return std::nullopt;
            if (auto* file = std::get_if<host::FileWalk::File>(&*step)) return std::move(*file);
            tell(std::get<Gap>(std::move(*step)));
        }
    }

    void take(const Object& object, Verdict verdict) {
        auto& answered = object.process != 0 ? outcome_.processes : outcome_.files;
        if (request_.on_verdict) {
            const std::scoped_lock lock{mutex_};
            ++answered;
            request_.on_verdict(object, std::move(verdict));
            return;
        }
        auto findings = judge::weigh(object, verdict);
        (object.process != 0 ? progress_.processes : progress_.files).fetch_add(1, std::memory_order_relaxed);
        progress_.bytes.fetch_add(object.bytes, std::memory_order_relaxed);
        progress_.findings.fetch_add(findings.size(), std::memory_order_relaxed);
        const std::scoped_lock lock{mutex_};
        ++answered;
        outcome_.bytes += verdict.bytes;
        if (!findings.empty()) ++outcome_.flagged;
        std::move(findings.begin(), findings.end(), std::back_inserter(outcome_.findings));
        std::move(verdict.gaps.begin(), verdict.gaps.end(), std::back_inserter(outcome_.gaps));
    }

    void count(const std::stop_token& token) {
        host::WalkRequest request = request_.walk;
        request.names_only = true;
        request.recent_first.reset();  // one round counts them all
        host::FileWalk ahead{request};
        while (auto step = ahead.next()) {
            if (token.stop_requested() || progress_.stop) return;
            const auto* file = std::get_if<host::FileWalk::File>(&*step);
            if (file == nullptr) continue;
            progress_.total_files.fetch_add(1, std::memory_order_relaxed);
            progress_.total_bytes.fetch_add(file->object.bytes, std::memory_order_relaxed);
        }
        progress_.counted = true;
    }

    ScanRequest request_;             // `files` and `processes` by mutex_, the rest is fixed
    host::Descriptor magic_;          // open for as long as cells may be started
    ScanProgress& progress_;
    std::mutex mutex_;                // of all below
    host::FileWalk walk_;
    ScanOutcome outcome_;
    std::optional<Error> failure_;
    std::uint32_t stdin_failed_ = 0;
};

}  // namespace

std::string ScanProgress::current() const {
    const std::scoped_lock lock{lock_};
    return current_;
}

void ScanProgress::set_current(std::string path) {
    const std::scoped_lock lock{lock_};
    current_ = std::move(path);
}

void add_to(report::Report& report, ScanOutcome&& outcome) {
    const std::size_t gaps_before = report.gaps.size();
    std::move(outcome.findings.begin(), outcome.findings.end(), std::back_inserter(report.findings));
    std::move(outcome.gaps.begin(), outcome.gaps.end(), std::back_inserter(report.gaps));
    if (outcome.interrupted) {
        for (auto& path : outcome.not_reached) {
            report.gaps.push_back(
                Gap{Where{std::move(path), 0, {}}, Code::over_limit, "was not looked at to its end: the scan was interrupted"});
        }
    }
    report.run.rules_count = outcome.rules;
    report.summary.interrupted = report.summary.interrupted || outcome.interrupted;
    auto& tally = report.summary.of(Area::malware);
    tally.ran = true;
    tally.files += outcome.files;
    tally.processes += outcome.processes;
    tally.bytes += outcome.bytes;
    tally.flagged += outcome.flagged;
    tally.gaps += report.gaps.size() - gaps_before;
    tally.passed_over.links += outcome.counts.links;
    tally.passed_over.special += outcome.counts.special;
    tally.passed_over.names += outcome.counts.repeated;
    tally.passed_over.excluded += outcome.counts.excluded;
    tally.passed_over.file_systems += outcome.counts.foreign;
}

Result<ScanOutcome> scan(ScanRequest request, ScanProgress& progress) { return Work{std::move(request), progress}.run(); }

}  // namespace ward::walks
