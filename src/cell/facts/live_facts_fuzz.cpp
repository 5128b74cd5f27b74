// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as every source of the tables about the running system, netlink's aside.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    using testing::fuzz_parser;
    fuzz_parser(parse_cpu_vulnerabilities, {"/sys/devices/system/cpu/vulnerabilities/a"}, bytes);
    fuzz_parser(parse_file, {}, bytes);
    fuzz_parser(parse_file_hash, {}, bytes);
    fuzz_parser(parse_text_lines, {}, bytes);
    fuzz_parser(parse_kernel, {"uname:", "/proc/stat", "/proc/sys/kernel/tainted", "/sys/kernel/security/lockdown"}, bytes);
    fuzz_parser(parse_kernel_modules, {"/proc/modules"}, bytes);
    fuzz_parser(parse_mounts, {"/proc/self/mountinfo", "/etc/fstab"}, bytes);
    fuzz_parser(parse_package_files,
                {"/var/lib/dpkg/info/a.list", "/var/lib/dpkg/info/a.md5sums", "/var/lib/dpkg/diversions", "stat:/bin"}, bytes);
    fuzz_parser(parse_setuid_files, {"setuid:", "/var/lib/dpkg/info/a.list", "/var/lib/dpkg/diversions", "stat:/bin"}, bytes);
    fuzz_parser(parse_sysctl, {"tree:/proc/sys", "/etc/sysctl.d/a.conf"}, bytes);
    // The lists are either snapshots or text, so each has a turn with the bytes.
    fuzz_parser(parse_processes, {"proc:", "/etc/passwd", "/proc/stat"}, bytes);
    fuzz_parser(parse_processes, {"maps:"}, bytes);
    fuzz_parser(parse_process_packages, {"proc:", "/var/lib/dpkg/info/a.list"}, bytes);
    fuzz_parser(parse_process_packages, {"maps:"}, bytes);
    fuzz_parser(parse_listening_sockets, {"proc:"}, bytes);
    fuzz_parser(parse_listening_sockets, {"sockets:"}, bytes);
    fuzz_parser(parse_listening_sockets, {"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/unix"}, bytes);
    return 0;
}
