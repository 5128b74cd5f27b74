// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as every source of the tables that come from configuration files.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    using testing::fuzz_parser;
    fuzz_parser(parse_apt_keys, {"/etc/apt/trusted.gpg", "/etc/apt/sources.list.d/a.sources"}, bytes);
    fuzz_parser(parse_certificates, {"/etc/ssl/a.pem"}, bytes);
    fuzz_parser(parse_etc_hosts, {"/etc/hosts"}, bytes);
    fuzz_parser(parse_nfs_exports, {"/etc/exports"}, bytes);
    fuzz_parser(parse_package_indexes, {"/etc/pip.conf", "/etc/npmrc", "/usr/etc/yarnrc", "/usr/local/cargo/config"}, bytes);
    fuzz_parser(parse_resolv_conf, {"/etc/resolv.conf"}, bytes);
    fuzz_parser(parse_smb_shares, {"/etc/samba/smb.conf"}, bytes);
    fuzz_parser(parse_software, {"software:", "/snap/a/current/meta/snap.yaml", "/var/lib/flatpak/app/a/current/active/metadata"}, bytes);
    testing::fuzz_found(parse_software, "software:", {"/a.dist-info/METADATA", "/node_modules/b/package.json", "/package-lock.json", "/composer.lock", "/a.gemspec", "/Cargo.lock", "/Gemfile.lock", "/Pipfile.lock", "/go.mod", "/gradle.lockfile",
                                                        "/pnpm-lock.yaml", "/poetry.lock", "/release", "/uv.lock", "/yarn.lock"}, bytes);
    testing::fuzz_program(parse_software, "software:", "/tool", bytes);
    testing::fuzz_program(parse_software, "software:", "/a.jar", bytes);
    testing::fuzz_program(parse_software, "software:", "/openssl", bytes);
    fuzz_parser(parse_ssh_host_keys, {"/etc/ssh/ssh_host_rsa_key"}, bytes);
    fuzz_parser(parse_ssh_server, {"/etc/ssh/sshd_config"}, bytes);
    // Without dpkg's status the version is unknown, which reads on.
    fuzz_parser(parse_sshd_effective, {"/etc/ssh/sshd_config", "/etc/passwd", "/etc/group"}, bytes);
    return 0;
}
