// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/messages.h"

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace ward::gate {

enum class Program { cell, cell_sql };

// What a cell is for; decides its limits.
enum class Duty { scan, compile, facts, sql, probe };
std::string_view duty_name(Duty duty);

// One cell: a child process in empty namespaces that seals itself before anything is sent to it.
//
//     auto cell = WARD_TRY(Process::start(Program::cell, Duty::scan));
//     WARD_TRY(cell.send(wire::Kind::scan_setup, body, descriptors));
//     auto answer = WARD_TRY(cell.receive(deadline, max_bytes));
//
// Whatever comes back is untrusted. An error of send or receive says how the cell ended; the object is then only good for
// destruction. Destruction kills. One thread at a time, and the thread that started it must not end before it: the kernel
// ends a cell together with that thread.
class Process {
public:
    using Clock = std::chrono::steady_clock;
    struct Message {
        wire::Kind kind{};
        Buffer body;
    };

    // Starts and does not wait: the first receive finds the cell's `ready`, which is taken away here.
    static Result<Process> start(Program program, Duty duty);
    // The same with another program, for tests of what a cell might do.
    static Result<Process> start_file(const std::string& path, Duty duty, const std::string& argument);

    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    // Waits until the cell says that it is sealed.
    Status wait_ready(std::chrono::milliseconds time);
    const std::vector<wire::Layer>& layers() const { return layers_; }
    pid_t pid() const { return pid_; }
    Duty duty() const { return duty_; }

    // Blocks while the channel is full; a cell that takes nothing for `kSendTime` is given up.
    Status send(wire::Kind kind, Bytes body, std::span<const int> descriptors = {});
    // A whole message of at most max_bytes. Code::over_limit when the deadline passes: then `timed_out` is true and the cell
    // lives on, so that the caller may look at its progress and wait again. All else ends the cell.
    Result<Message> receive(Clock::time_point deadline, std::uint64_t max_bytes, bool* timed_out = nullptr);

    // Ends it and says how it had ended, in words: "was killed by signal 11", "made a forbidden system call".
    std::string end();

private:
    static constexpr std::chrono::seconds kSendTime{30};

    Process(int channel, pid_t pid, Duty duty) : channel_{channel}, pid_{pid}, duty_{duty} {}
    Error died(std::string_view while_doing);

    int channel_ = -1;
    pid_t pid_ = -1;
    Duty duty_ = Duty::probe;
    bool ready_ = false;
    std::vector<wire::Layer> layers_;
    Buffer partial_;               // of a message whose last packet has not come
    bool killed_by_us_ = false;
};

// Where the cell programs lie: beside the running program. Empty when they are not there.
std::string cell_program_path(Program program);

}  // namespace ward::gate
