// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/ssh_key.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as every source of the tables about accounts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    using testing::fuzz_parser;
    fuzz_parser(parse_users, {"/etc/passwd", "/etc/shadow"}, bytes);
    fuzz_parser(parse_groups, {"/etc/group", "/etc/gshadow"}, bytes);
    fuzz_parser(parse_group_members, {"/etc/group", "/etc/passwd"}, bytes);
    fuzz_parser(parse_pam, {"/etc/pam.d/login", "/etc/pam.d/common-auth"}, bytes);
    fuzz_parser(parse_password_policy, {"/etc/login.defs", "/etc/security/pwquality.conf", "/etc/pam.d/login"}, bytes);
    fuzz_parser(parse_sudo_rules, {"/etc/sudoers"}, bytes);
    fuzz_parser(parse_sudo_defaults, {"/etc/sudoers"}, bytes);
    fuzz_parser(parse_ssh_authorized_keys, {"/etc/passwd", "/etc/ssh/sshd_config"}, bytes);
    fuzz_parser(parse_ssh_private_keys, {"/etc/passwd"}, bytes);
    fuzz_parser(parse_logins, {"/etc/passwd", "/var/log/lastlog", "/var/log/wtmp"}, bytes);
    if (const auto key = read_ssh_private_key(bytes); key && *key && (*key)->key.fingerprint.size() > 64) std::abort();
    return 0;
}
