// SPDX-License-Identifier: Apache-2.0
#include "doors/progress.h"

#include "core/text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>

namespace ward::doors {

namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr double kFirstEstimateSeconds = 1.0;  // a rate over less says nothing

std::atomic<std::atomic<bool>*> stop_flag{nullptr};

void on_signal(int number) {
    if (auto* flag = stop_flag.exchange(nullptr)) {
        *flag = true;
    } else {
        ::signal(number, SIG_DFL);
        ::raise(number);
    }
}

std::string minutes(double seconds) {
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

void write_error(std::string_view text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::size_t width_of_terminal() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const ProgressFacts& facts, std::size_t width) {
    std::string line;
    double share = 0;
    if (facts.total_bytes > 0) share = static_cast<double>(facts.bytes) / static_cast<double>(facts.total_bytes);
    if (facts.budget > 0) share = std::max(share, facts.seconds / facts.budget);
    if (facts.total_bytes > 0 || facts.budget > 0) line += fmt::format("{:3.0f}%  ", 100 * std::min(1.0, share));
    line += facts.processes > 0 ? fmt::format("{} files, {} processes", facts.files, facts.processes) : fmt::format("{} files", facts.files);
    const double rate = facts.seconds >= kFirstEstimateSeconds ? static_cast<double>(facts.bytes) / facts.seconds : 0;
    if (facts.seconds >= kFirstEstimateSeconds) line += fmt::format("  {}/s", human_bytes(static_cast<std::uint64_t>(rate)));
    std::optional<double> left;
    if (facts.total_bytes > facts.bytes && rate > 0) left = static_cast<double>(facts.total_bytes - facts.bytes) / rate;
    if (facts.budget > 0) left = std::min(left.value_or(facts.budget), std::max(0.0, facts.budget - facts.seconds));
    // What is left of the budget is not waited for.
    if (facts.total_bytes > 0 && facts.bytes >= facts.total_bytes) left = 0;
    if (left) line += fmt::format("  {} left", minutes(*left));
    line += fmt::format("  {} found", facts.findings);
    std::string current = escape_for_terminal(facts.current);
    constexpr std::size_t kGap = 2;
    if (line.size() + kGap + 8 > width) return line.substr(0, width);
    const std::size_t room = width - line.size() - kGap;
    // The end of a path tells more than its start. Columns are counted in bytes: too short rather than too long.
    if (current.size() > room) {
        std::size_t cut = current.size() - (room - 3);
        while (cut < current.size() && (static_cast<unsigned char>(current[cut]) & 0xC0) == 0x80) ++cut;
        current = "..." + current.substr(cut);
    }
    return line + "  " + current;
}

ProgressLine::ProgressLine(const walks::ScanProgress& progress, bool wanted) {
    const char* terminal = std::getenv("TERM");
    if (!wanted || ::isatty(STDERR_FILENO) != 1 || (terminal != nullptr && std::string_view{terminal} == "dumb")) return;
    thread_ = std::jthread{[this, &progress](const std::stop_token& token) { show(token, progress); }};
}

ProgressLine::~ProgressLine() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    write_error("\r\033[K");
}

void ProgressLine::show(const std::stop_token& token, const walks::ScanProgress& progress) {
    const auto start = std::chrono::steady_clock::now();
    std::mutex mutex;
    std::condition_variable_any pause;
    std::unique_lock lock{mutex};
    while (!pause.wait_for(lock, token, kInterval, [&] { return token.stop_requested(); })) {
        ProgressFacts facts;
        facts.files = progress.files;
        facts.processes = progress.processes;
        facts.bytes = progress.bytes;
        facts.findings = progress.findings;
        if (progress.counted) facts.total_bytes = progress.total_bytes;
        facts.budget = std::chrono::duration<double>(progress.budget).count();
        facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        facts.current = progress.current();
        write_error("\r\033[K" + progress_line(facts, width_of_terminal() - 1));
    }
}

StopOnSignal::StopOnSignal(std::atomic<bool>& flag) {
    stop_flag = &flag;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

StopOnSignal::~StopOnSignal() {
    stop_flag = nullptr;
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
}

}  // namespace ward::doors
