// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;
using State = wire::SourceBytes::State;

// The public half of a key that was made for this test, and what ssh-keygen -l says of it.
constexpr std::string_view kEd25519 = "AAAAC3NzaC1lZDI1NTE5AAAAINOP1uKvNapadPbC6jKmrWHqV85kAkNlLQxbn9WyKGZK";
constexpr std::string_view kPrint = "SHA256:Va7ddehJ1lQR0yOjVORuE+1XWzslZDBaKWNvOxcNZuc";
constexpr std::string_view kSecret = "MUST-NOT-LEAVE";

std::string private_half(std::string_view cipher) {
    return fmt::format("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {}\nPublic-Lines: 1\n{}\nPrivate-Lines: 1\n{}\n", cipher, kEd25519, kSecret);
}

TEST(SshHostKeys, ShowWhatIsInTheFile) {
    struct Case { const char* name; std::string path; std::string text; Strings rows; Strings gaps; };
    const std::string key = "/etc/ssh/ssh_host_ed25519_key";
    const Case cases[] = {
        {"private", key, private_half("none"), {fmt::format("{}|1|ed25519|256|{}|0", key, kPrint)}, {}},
        {"private with a passphrase", key, private_half("aes256-cbc"), {fmt::format("{}|1|ed25519|256|{}|1", key, kPrint)}, {}},
        {"public", key + ".pub", fmt::format("# x\n\nssh-ed25519 {} root@host\n", kEd25519), {fmt::format("{}.pub|0|ed25519|256|{}|", key, kPrint)}, {}},
        {"public under the name of the other", key, fmt::format("ssh-ed25519 {}\n", kEd25519), {fmt::format("{}|0|ed25519|256|{}|", key, kPrint)}, {}},
        {"empty", key, "", {}, {key + ":0 malformed"}},
        {"no key", key + ".pub", "hello\n", {}, {key + ".pub:1 malformed"}},
        {"cut off", key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n", {}, {key + ":0 truncated"}},
        {"a NUL byte", key + ".pub", std::string{"ssh-ed25519\0 A\n", 15}, {}, {key + ".pub:1 malformed", key + ".pub:0 malformed"}},
        {"another file", "/etc/ssh/sshd_config", "Port 22\n", {}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(c.path, c.text).parse(parse_ssh_host_keys);
        EXPECT_EQ(columns("ssh_host_keys", answer, {"path", "private", "type", "bits", "fingerprint", "encrypted"}), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
        for (const auto& line : testing::lines_of(answer.rows)) EXPECT_EQ(line.find(kSecret), std::string::npos);
    }
}

TEST(SshHostKeys, TellWhoMayReadThem) {
    const auto answer = Sources{}
        .file("/etc/ssh/ssh_host_a_key", private_half("none"), 0100644, 7)
        .add({.name = "/etc/ssh/ssh_host_b_key", .state = State::denied, .mode = 0100640, .uid = 8}, {})
        .add({.name = "/etc/ssh/ssh_host_c_key.pub", .state = State::denied, .mode = 0100600}, {})
        .add({.name = "/etc/ssh/ssh_host_d_key", .state = State::denied, .mode = 0120777}, {})
        .add({.name = "/etc/ssh/ssh_host_e_key", .state = State::missing}, {})
        .folder("/etc/ssh/ssh_host_f")
        .parse(parse_ssh_host_keys);
    EXPECT_EQ(columns("ssh_host_keys", answer, {"path", "private", "type", "mode", "uid"}),
              (Strings{"/etc/ssh/ssh_host_a_key|1|ed25519|420|7", "/etc/ssh/ssh_host_b_key|1||416|8", "/etc/ssh/ssh_host_c_key.pub|0||384|0"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

}  // namespace
}  // namespace ward::facts
