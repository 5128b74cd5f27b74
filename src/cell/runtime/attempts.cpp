// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/attempts.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <cstdint>

namespace ward::runtime {

namespace {

// linux/ headers of Debian 12 and of newer systems differ; the numbers are the same on every architecture.
constexpr long kPidfdGetfd = 438;
constexpr long kMemfdSecret = 447;
constexpr long kIoUringSetup = 425;
constexpr long kOpenat2 = 437;

template <class... Arguments>
int call(long number, Arguments... arguments) {
    errno = 0;
    return ::syscall(number, arguments...) < 0 ? errno : 0;
}

// The child of a fork that was allowed after all ends at once.
int forked(long result) {
    if (result == 0) ::_exit(0);
    return result < 0 ? errno : 0;
}

int socket_of(int family, int type) { return call(SYS_socket, family, type, 0); }

int make_executable_later() {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno;
    return call(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

int make_own_code_writable() {
    const auto page = reinterpret_cast<std::uintptr_t>(&make_own_code_writable) & ~std::uintptr_t{4095};
    return call(SYS_mprotect, page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}

int write_own_code() {
    const auto page = reinterpret_cast<std::uintptr_t>(&write_own_code) & ~std::uintptr_t{4095};
    // To give code away and put data in its place: MAP_FIXED over it, executable.
    return call(SYS_mmap, page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int lift_filter() {
    // Filters only add up; the old strict mode would be the only other one.
    return call(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, nullptr);
}

int lift_limit() {
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    return call(SYS_prlimit64, 0, RLIMIT_NOFILE, &all, nullptr);
}

#if defined(__x86_64__)
// The 32-bit entrance, whose numbers mean other calls: 20 is getpid there.
int old_entrance() {
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return result < 0 ? static_cast<int>(-result) : 0;
}
int x32_entrance() { return call(0x40000000L | SYS_getpid); }
#endif

constexpr char kNowhere[] = "/tmp/ward-probe-must-not-exist";
const char* const kNoArguments[] = {"sh", nullptr};

constexpr Attempt kAttempts[] = {
    // Files by their paths.
    {"open a file", [] { return call(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); }},
    {"open a file for writing", [] { return call(SYS_openat, AT_FDCWD, kNowhere, O_CREAT | O_WRONLY, 0600); }},
    {"open a file with openat2", [] { const std::uint64_t how[3] = {O_RDONLY, 0, 0};
                                      return call(kOpenat2, AT_FDCWD, "/etc/passwd", how, sizeof how); }},
    {"open the memory of this process", [] { return call(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR); }},
    {"open the memory of process 1", [] { return call(SYS_openat, AT_FDCWD, "/proc/1/mem", O_RDWR); }},
    {"open a folder of descriptors", [] { return call(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY); }},
    {"open the terminal", [] { return call(SYS_openat, AT_FDCWD, "/dev/tty", O_RDWR); }},
    {"open shared memory", [] { return call(SYS_openat, AT_FDCWD, "/dev/shm/ward-probe", O_CREAT | O_RDWR, 0600); }},
    {"open a file by its handle", [] { return call(SYS_open_by_handle_at, 3, nullptr, O_RDONLY); }},
    {"ask about a file", [] { struct stat about {}; return call(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &about, 0); }},
    {"read a link", [] { char text[64]; return call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof text); }},
    {"list a folder", [] { char text[64]; return call(SYS_getdents64, 3, text, sizeof text); }},
    {"make a folder", [] { return call(SYS_mkdirat, AT_FDCWD, kNowhere, 0700); }},
    {"make a device", [] { return call(SYS_mknodat, AT_FDCWD, kNowhere, S_IFCHR | 0600, 0x103); }},
    {"make a hard link", [] { return call(SYS_linkat, AT_FDCWD, "/etc/passwd", AT_FDCWD, kNowhere, 0); }},
    {"make a symbolic link", [] { return call(SYS_symlinkat, "/etc/passwd", AT_FDCWD, kNowhere); }},
    {"rename a file", [] { return call(SYS_renameat2, AT_FDCWD, kNowhere, AT_FDCWD, "/tmp/ward-probe-2", 0); }},
    {"remove a file", [] { return call(SYS_unlinkat, AT_FDCWD, kNowhere, 0); }},
    {"change a mode", [] { return call(SYS_fchmodat, AT_FDCWD, kNowhere, 0777); }},
    {"change an owner", [] { return call(SYS_fchownat, AT_FDCWD, kNowhere, 0, 0, 0); }},
    {"cut a file", [] { return call(SYS_truncate, kNowhere, 0); }},
    {"set an attribute", [] { return call(SYS_setxattr, kNowhere, "user.x", "y", 1, 0); }},
    {"change the folder", [] { return call(SYS_chdir, "/"); }},
    {"change the root", [] { return call(SYS_chroot, "/"); }},
    {"watch files", [] { return call(SYS_inotify_init1, 0); }},
    {"watch all files", [] { return call(SYS_fanotify_init, 0, O_RDONLY); }},
    // The network and other channels.
    {"a TCP socket", [] { return socket_of(AF_INET, SOCK_STREAM); }},
    {"a UDP socket", [] { return socket_of(AF_INET, SOCK_DGRAM); }},
    {"an IPv6 socket", [] { return socket_of(AF_INET6, SOCK_STREAM); }},
    {"a raw socket", [] { return socket_of(AF_INET, SOCK_RAW); }},
    {"a packet socket", [] { return socket_of(AF_PACKET, SOCK_RAW); }},
    {"a Unix socket", [] { return socket_of(AF_UNIX, SOCK_STREAM); }},
    {"a netlink socket", [] { return socket_of(AF_NETLINK, SOCK_RAW); }},
    {"a kernel crypto socket", [] { return socket_of(38, SOCK_SEQPACKET); }},
    {"a vsock", [] { return socket_of(40, SOCK_STREAM); }},
    {"a pair of sockets", [] { int ends[2]; return call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends); }},
    {"connect the channel elsewhere", [] { sockaddr name{AF_UNSPEC, {}}; return call(SYS_connect, 3, &name, sizeof name); }},
    {"bind the channel", [] { sockaddr name{AF_UNIX, {}}; return call(SYS_bind, 3, &name, sizeof(sa_family_t)); }},
    {"listen on the channel", [] { return call(SYS_listen, 3, 1); }},
    {"accept on the channel", [] { return call(SYS_accept4, 3, nullptr, nullptr, 0); }},
    {"send with another call", [] { return call(SYS_sendto, 3, "x", 1, MSG_NOSIGNAL, nullptr, 0); }},
    {"a pipe", [] { int ends[2]; return call(SYS_pipe2, ends, 0); }},
    {"write to a descriptor", [] { return call(SYS_write, 3, "x", 1); }},
    {"read from a descriptor", [] { char byte; return call(SYS_read, 3, &byte, 1); }},
    {"duplicate a descriptor", [] { return call(SYS_dup, 3); }},
    {"control a descriptor", [] { return call(SYS_fcntl, 3, F_GETFL); }},
    {"type into the terminal", [] { char byte = 'x'; return call(SYS_ioctl, 3, 0x5412, &byte); }},  // TIOCSTI
    // Processes.
    {"fork", [] { return forked(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
    {"clone3", [] { std::uint64_t arguments[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};
                    return forked(::syscall(SYS_clone3, arguments, sizeof arguments)); }},
    {"execute a program", [] { return call(SYS_execve, "/bin/sh", kNoArguments, nullptr); }},
    {"execute a descriptor", [] { return call(SYS_execveat, 3, "", kNoArguments, nullptr, AT_EMPTY_PATH); }},
    {"trace another process", [] { return call(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0); }},
    {"be traced", [] { return call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }},
    {"signal another process", [] { return call(SYS_kill, -1, 0); }},
    {"signal a thread", [] { return call(SYS_tgkill, 1, 1, 0); }},
    {"read another process's memory", [] { return call(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); }},
    {"write another process's memory", [] { return call(SYS_process_vm_writev, 1, nullptr, 0, nullptr, 0, 0); }},
    {"hold a process", [] { return call(SYS_pidfd_open, 1, 0); }},
    {"take another process's descriptor", [] { return call(kPidfdGetfd, 3, 0, 0); }},
    {"compare processes", [] { return call(SYS_kcmp, 1, 1, 0, 0, 0); }},
    {"wait for a process", [] { return call(SYS_wait4, -1, nullptr, WNOHANG, nullptr); }},
    {"change the priority", [] { return call(SYS_setpriority, PRIO_PROCESS, 0, 19); }},
    {"change the scheduler", [] { sched_param none{}; return call(SYS_sched_setscheduler, 0, SCHED_OTHER, &none); }},
    {"a timer", [] { return call(SYS_timer_create, CLOCK_MONOTONIC, nullptr, nullptr); }},
    {"handle a signal", [] { return call(SYS_rt_sigaction, SIGSYS, nullptr, nullptr, 8); }},
    // Memory that runs.
    {"executable memory", [] { return call(SYS_mmap, nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
    {"memory made executable", make_executable_later},
    {"own code made writable", make_own_code_writable},
    {"own code replaced", write_own_code},
    {"memory protection by key", [] { return call(SYS_pkey_mprotect, nullptr, 0, PROT_EXEC, -1); }},
    {"a file in memory", [] { return call(SYS_memfd_create, "x", 0); }},
    {"secret memory", [] { return call(kMemfdSecret, 0); }},
    {"handle page faults", [] { return call(SYS_userfaultfd, 0); }},
    // The rules themselves.
    {"lift the filter", lift_filter},
    {"another filter", [] { return call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr); }},
    {"become dumpable", [] { return call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0); }},
    {"raise a limit", lift_limit},
    {"become root", [] { return call(SYS_setresuid, 0, 0, 0); }},
    {"take capabilities", [] { return call(SYS_capset, nullptr, nullptr); }},
    {"a new user namespace", [] { return call(SYS_unshare, CLONE_NEWUSER); }},
    {"enter a namespace", [] { return call(SYS_setns, 3, 0); }},
    {"mount", [] { return call(SYS_mount, "none", "/", "tmpfs", 0, nullptr); }},
    {"unmount", [] { return call(SYS_umount2, "/ward-nowhere", 0); }},
    {"pivot the root", [] { return call(SYS_pivot_root, ".", "."); }},
    {"a new mount", [] { return call(SYS_fsopen, "proc", 0); }},
    {"execution domain", [] { return call(SYS_personality, 0x0400000); }},  // READ_IMPLIES_EXEC
    // The kernel.
    {"io_uring", [] { std::uint8_t parameters[120] = {}; return call(kIoUringSetup, 1, parameters); }},
    {"BPF", [] { return call(SYS_bpf, 5, nullptr, 0); }},
    {"performance counters", [] { return call(SYS_perf_event_open, nullptr, 0, -1, -1, 0); }},
    {"a key in the kernel", [] { return call(SYS_add_key, "user", "ward", "x", 1, -1); }},
    {"the kernel's key rings", [] { return call(SYS_keyctl, 0, -1, 0); }},
    {"the kernel's log", [] { return call(SYS_syslog, 10, nullptr, 0); }},
    {"a kernel module", [] { return call(SYS_init_module, nullptr, 0, ""); }},
    {"a kernel module by descriptor", [] { return call(SYS_finit_module, 3, "", 0); }},
    {"another kernel", [] { return call(SYS_kexec_load, 0, 0, nullptr, 0); }},
    {"reboot", [] { return call(SYS_reboot, 0, 0, 0, nullptr); }},  // without the magic numbers
    {"swap space", [] { return call(SYS_swapon, kNowhere, 0); }},
    {"accounting", [] { return call(SYS_acct, kNowhere); }},
    {"disk quotas", [] { return call(SYS_quotactl, 0, nullptr, 0, nullptr); }},
    {"the clock", [] { return call(SYS_clock_settime, CLOCK_REALTIME, nullptr); }},
    {"the host's name", [] { return call(SYS_sethostname, "x", 1); }},
    {"a message queue", [] { return call(SYS_mq_open, "ward", O_CREAT | O_RDWR, 0600, nullptr); }},
    {"System V shared memory", [] { return call(SYS_shmget, 0, 4096, 01600); }},
#if defined(__x86_64__)
    {"open a file with the old call", [] { return call(SYS_open, "/etc/passwd", O_RDONLY); }},
    {"fork with the old call", [] { return forked(::syscall(SYS_fork)); }},
    {"ports of the machine", [] { return call(SYS_iopl, 3); }},
    {"segments of memory", [] { return call(SYS_modify_ldt, 0, nullptr, 0); }},
    {"the 32-bit entrance", old_entrance},
    {"the x32 entrance", x32_entrance},
#endif
};

}  // namespace

std::span<const Attempt> attempts() { return kAttempts; }

}  // namespace ward::runtime
