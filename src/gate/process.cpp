// SPDX-License-Identifier: Apache-2.0
#include "gate/process.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace ward::gate {

namespace {

constexpr std::uint64_t kMaxReadyBytes = 16 * 1024;
constexpr unsigned kNobody = 65534;
constexpr int kExitNotStarted = 94;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // a dynamic program needs its loader, so it keeps its root folder
#else
constexpr bool kSanitized = false;
#endif

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

constexpr std::uint64_t kSpaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWCGROUP;

// fork(2) into new namespaces. Raw, because glibc's wrapper would need a stack, and this child wants a copy of ours. The old
// call and not clone3, which container managers refuse as a whole because their filters cannot look at its arguments.
pid_t fork_into(std::uint64_t spaces) { return static_cast<pid_t>(::syscall(SYS_clone, spaces | SIGCHLD, 0, 0, 0, 0)); }

// Everything from here to exec runs in a copy of a process that may have had other threads: system calls only, no memory.

void empty_root() {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    // Any folder will do to mount on; nobody else sees it. One inode: room for the root itself and nothing in it. It may be
    // searched, or chdir would fail for a user whose name means nothing in the new user namespace.
    if (::mount("none", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nr_inodes=1,mode=0111") != 0) return;
    if (::chdir("/proc") != 0) return;
    // pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on the new one and is taken away.
    if (::syscall(SYS_pivot_root, ".", ".") != 0) return;
    ::umount2(".", MNT_DETACH);
    ::mount("none", "/", nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

// Root's cells run as nobody, in a user namespace where even that name means nothing. Where root may not make the other
// namespaces (in a container), nobody in a user namespace of his own may perhaps. The exec that follows takes away the
// capabilities that a new user namespace gives.
void drop_user(std::uint64_t spaces) {
    // Where nobody has no number (root of a small container), the cell stays that root, but exec gives it no capabilities.
    ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
    ::syscall(SYS_setgroups, 0, nullptr);
    ::syscall(SYS_setresgid, kNobody, kNobody, kNobody);
    ::syscall(SYS_setresuid, kNobody, kNobody, kNobody);
    const std::uint64_t missing = kSpaces & ~spaces & ~std::uint64_t{CLONE_NEWPID};  // that one is for children only
    if (missing != 0 && ::unshare(static_cast<int>(missing | CLONE_NEWUSER)) == 0) {
        if ((missing & CLONE_NEWNS) != 0 && !kSanitized) empty_root();
    } else {
        ::unshare(CLONE_NEWUSER);
    }
}

[[noreturn]] void become_cell(int program, int channel, char* const* arguments, std::uint64_t spaces) {
    // Out of the terminal's group, or Ctrl-C would end the cells before the walk has ended in order.
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The channel becomes 3, all else goes at exec (close-on-exec) or when the cell seals itself.
    if (program == 3) program = ::fcntl(program, F_DUPFD_CLOEXEC, 4);
    if (channel != 3) {
        ::dup2(channel, 3);
    } else {
        ::fcntl(3, F_SETFD, 0);
    }
    if ((spaces & CLONE_NEWNS) != 0 && !kSanitized) empty_root();
    if (::geteuid() == 0) drop_user(spaces);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    char* const environment[] = {nullptr};
    char* const* passed = kSanitized ? ::environ : environment;
    ::syscall(SYS_execveat, program, "", arguments, passed, AT_EMPTY_PATH);
    ::_exit(kExitNotStarted);
}

// Nobody must be able to execute the program. Under a strict umask only root can, and then root's cells start from a copy
// in memory.
Result<int> open_program(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(Code::not_found, "cannot open {}: {}", path, errno_words(errno));
    struct stat about {};
    if (::geteuid() != 0 || ::fstat(file, &about) != 0 || (about.st_mode & S_IXOTH) != 0) return file;
    const int copy = ::memfd_create("ward-cell", MFD_CLOEXEC);
    bool whole = copy >= 0 && ::fchmod(copy, 0755) == 0;
    for (off_t left = about.st_size; whole && left > 0;) {
        const ssize_t count = ::sendfile(copy, file, nullptr, static_cast<std::size_t>(left));
        whole = count > 0;
        left -= count;
    }
    const int error = errno;
    ::close(file);
    if (whole) {
        // A file that is open for writing cannot be executed, so it is opened again and the writer closed.
        const int again = ::open(fmt::format("/proc/self/fd/{}", copy).c_str(), O_RDONLY | O_CLOEXEC);
        ::close(copy);
        if (again >= 0) return again;
        return fail(Code::io, "cannot open a copy of {}: {}", path, errno_words(errno));
    }
    if (copy >= 0) ::close(copy);
    return fail(Code::denied, "only root may execute {}, and it could not be copied: {}", path, errno_words(error));
}

std::string folder_of_this_program() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (length <= 0) return {};
    const std::string_view whole{path.data(), static_cast<std::size_t>(length)};
    return std::string{whole.substr(0, whole.rfind('/'))};
}

}  // namespace

std::string_view duty_name(Duty duty) {
    constexpr std::string_view kNames[] = {"scan", "compile", "facts", "sql", "probe"};
    return kNames[static_cast<std::size_t>(duty)];
}

std::string cell_program_path(Program program) {
    const std::string folder = folder_of_this_program();
    const std::string name = program == Program::cell ? "ward-cell" : "ward-cell-sql";
    for (const char* below : {"/", "/../lib/ward/"}) {
        std::string path = folder + below + name;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

Result<Process> Process::start(Program program, Duty duty) {
    const std::string path = cell_program_path(program);
    if (path.empty()) {
        return fail(Code::not_found, "{} is missing beside this program; nothing is read without it",
                    program == Program::cell ? "ward-cell" : "ward-cell-sql");
    }
    return start_file(path, duty, {});
}

Result<Process> Process::start_file(const std::string& path, Duty duty, const std::string& argument) {
    const int program = WARD_TRY(open_program(path));
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        const int error = errno;
        ::close(program);
        return fail(Code::io, "cannot make a channel: {}", errno_words(error));
    }
    const int room = 4 * static_cast<int>(wire::kMaxPacketBytes);
    for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);

    std::string name = "ward-cell";
    std::string duty_word{duty_name(duty)};
    std::string extra = argument;
    char* arguments[] = {name.data(), duty_word.data(), extra.empty() ? nullptr : extra.data(), nullptr};

    // What the kernel, a container or a policy refuses is left out; the cell's own layers stand in any case, and
    // `ward trust` shows what is missing.
    const std::uint64_t user = ::geteuid() == 0 ? 0 : CLONE_NEWUSER;
    const std::uint64_t attempts[] = {kSpaces | user, (kSpaces & ~std::uint64_t{CLONE_NEWPID}) | user, user, 0};
    pid_t child = -1;
    int error = 0;
    for (const std::uint64_t spaces : attempts) {
        child = fork_into(spaces);
        error = errno;
        if (child == 0) become_cell(program, ends[1], arguments, spaces);
        if (child > 0) break;
    }
    ::close(program);
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return fail(Code::io, "cannot start a cell: {}", errno_words(error));
    }
    return Process{ends[0], child, duty};
}

Process::Process(Process&& other) noexcept
    : channel_{std::exchange(other.channel_, -1)},
      pid_{std::exchange(other.pid_, -1)},
      duty_{other.duty_},
      ready_{other.ready_},
      layers_{std::move(other.layers_)},
      partial_{std::move(other.partial_)},
      killed_by_us_{other.killed_by_us_} {}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        end();
        channel_ = std::exchange(other.channel_, -1);
        pid_ = std::exchange(other.pid_, -1);
        duty_ = other.duty_;
        ready_ = other.ready_;
        layers_ = std::move(other.layers_);
        partial_ = std::move(other.partial_);
        killed_by_us_ = other.killed_by_us_;
    }
    return *this;
}

Process::~Process() { end(); }

std::string Process::end() {
    if (channel_ >= 0) ::close(channel_);
    channel_ = -1;
    if (pid_ <= 0) return "had ended";
    // A cell that has ended keeps its own status; one that lives is ended by this. A moment's grace lets a cell that is
    // just dying (its channel is closed, its status not yet written) tell its own reason.
    int status = 0;
    pid_t got = 0;
    if (!killed_by_us_) {
        for (int i = 0; i < 50 && got == 0; ++i) {
            got = ::waitpid(pid_, &status, WNOHANG);
            if (got == 0) {
                const timespec pause{0, 200'000};
                ::nanosleep(&pause, nullptr);
            }
        }
    }
    const bool ended_itself = got == pid_;
    if (!ended_itself) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    }
    pid_ = -1;
    if (!ended_itself) return "was ended";
    if (WIFEXITED(status)) {
        switch (WEXITSTATUS(status)) {
            case 0: return "ended";
            case wire::kExitOutOfMemory: return "ran out of memory";
            case wire::kExitBrokenPromise: return "stopped at a broken promise of its own (a fault in Ward)";
            case kExitNotStarted: return "could not be started";
            default: return fmt::format("ended with status {}", WEXITSTATUS(status));
        }
    }
    switch (const int signal = WTERMSIG(status)) {
        case SIGSYS: return "made a forbidden system call";
        case SIGBUS: return "lost the file while it read it (it shrank, or the disk failed)";
        case SIGKILL: return "was killed";
        default: return fmt::format("crashed (signal {})", signal);
    }
}

Error Process::died(std::string_view while_doing) {
    return fail(Code::io, "the cell {} while {}", end(), while_doing);
}

Status Process::wait_ready(std::chrono::milliseconds time) {
    if (ready_) return done();
    const auto deadline = Clock::now() + time;
    Message message = WARD_TRY(receive(deadline, kMaxReadyBytes));
    Decoder in{message.body};
    if (message.kind == wire::Kind::failed) {
        Error error{Code::io, {}};
        WARD_TRY(wire::decode_error(in, error));
        end();
        return error;
    }
    if (message.kind != wire::Kind::ready) {
        end();
        return fail(Code::malformed, "the cell spoke before it was sealed");
    }
    layers_ = WARD_TRY(wire::decode_layers(in));
    ready_ = true;
    return done();
}

Status Process::send(wire::Kind kind, Bytes body, std::span<const int> descriptors) {
    if (channel_ < 0) return fail(Code::io, "the cell is gone");
    WARD_CHECK(descriptors.size() <= wire::kMaxDescriptors);
    constexpr std::size_t kPart = wire::kMaxPacketBytes - wire::kPacketHeaderBytes;
    const auto deadline = Clock::now() + kSendTime;
    do {
        const std::size_t count = std::min(kPart, body.size());
        Buffer head;
        Encoder out{head};
        out.u32(static_cast<std::uint32_t>(kind));
        out.u32(count < body.size() ? 1 : 0);
        iovec parts[2] = {{head.data(), head.size()}, {const_cast<std::uint8_t*>(body.data()), count}};
        msghdr header{};
        header.msg_iov = parts;
        header.msg_iovlen = 2;
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * wire::kMaxDescriptors)];
        if (!descriptors.empty()) {
            std::memset(control, 0, sizeof control);
            header.msg_control = control;
            header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
            cmsghdr* item = CMSG_FIRSTHDR(&header);
            item->cmsg_level = SOL_SOCKET;
            item->cmsg_type = SCM_RIGHTS;
            item->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
            std::memcpy(CMSG_DATA(item), descriptors.data(), sizeof(int) * descriptors.size());
        }
        for (;;) {
            if (::sendmsg(channel_, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) break;
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != ENOBUFS) return died("it was sent its work");
            if (Clock::now() >= deadline) {
                killed_by_us_ = true;
                end();
                return fail(Code::over_limit, "the cell took nothing for {} s", kSendTime.count());
            }
            pollfd waiting{channel_, POLLOUT, 0};
            ::poll(&waiting, 1, 100);
        }
        body = body.subspan(count);
        descriptors = {};
    } while (!body.empty());
    return done();
}

Result<Process::Message> Process::receive(Clock::time_point deadline, std::uint64_t max_bytes, bool* timed_out) {
    if (timed_out != nullptr) *timed_out = false;
    if (channel_ < 0) return fail(Code::io, "the cell is gone");
    alignas(16) static thread_local std::array<std::uint8_t, wire::kMaxPacketBytes> packet;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{channel_, POLLIN, 0};
        int events = ::poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left + 1, 0, INT_MAX)));
        if (events < 0 && errno == EINTR) continue;
        // A cell that sends parts without end always has something to read; the clock decides all the same.
        if (left < 0 && !partial_.empty()) events = 0;
        if (events == 0) {
            if (timed_out != nullptr) {
                *timed_out = true;
            } else {
                killed_by_us_ = true;
                end();
            }
            return fail(Code::over_limit, "the cell gave no answer in time");
        }
        iovec part{packet.data(), packet.size()};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        // No room for control data: descriptors that a cell tries to send are dropped by the kernel and seen as truncation.
        const ssize_t bytes = ::recvmsg(channel_, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (bytes <= 0) return died("it worked");
        if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || bytes < static_cast<ssize_t>(wire::kPacketHeaderBytes)) {
            killed_by_us_ = true;
            end();
            return fail(Code::malformed, "the cell sent what is no packet of the protocol");
        }
        Decoder in{Bytes{packet.data(), static_cast<std::size_t>(bytes)}};
        const auto kind = static_cast<wire::Kind>(WARD_TRY(in.u32()));
        const bool more = WARD_TRY(in.u32()) != 0;
        if (partial_.size() + static_cast<std::size_t>(bytes) > max_bytes + wire::kPacketHeaderBytes) {
            killed_by_us_ = true;
            end();
            return fail(Code::over_limit, "the cell sent more than {} bytes for one answer", max_bytes);
        }
        partial_.insert(partial_.end(), packet.begin() + wire::kPacketHeaderBytes, packet.begin() + bytes);
        if (more) continue;
        return Message{kind, std::exchange(partial_, {})};
    }
}

}  // namespace ward::gate
