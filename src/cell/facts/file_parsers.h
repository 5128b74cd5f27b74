// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::facts {

// The parsers of tables that come from configuration, package and log files, one a table of the same name (data/tables).
wire::ParseAnswer parse_os_release(const Request& request);
wire::ParseAnswer parse_os_support(const Request& request);
wire::ParseAnswer parse_packages(const Request& request);
wire::ParseAnswer parse_package_updates(const Request& request);
wire::ParseAnswer parse_package_candidates(const Request& request);
wire::ParseAnswer parse_apt_sources(const Request& request);
wire::ParseAnswer parse_apt_conf(const Request& request);
wire::ParseAnswer parse_apt_keys(const Request& request);
wire::ParseAnswer parse_apt_lists(const Request& request);
wire::ParseAnswer parse_apt_stamps(const Request& request);
wire::ParseAnswer parse_advisories(const Request& request);
wire::ParseAnswer parse_changelog_fixes(const Request& request);
wire::ParseAnswer parse_end_of_life(const Request& request);
wire::ParseAnswer parse_fixes(const Request& request);
wire::ParseAnswer parse_fixes_seen(const Request& request);
wire::ParseAnswer parse_knowledge(const Request& request);
wire::ParseAnswer parse_vulnerabilities(const Request& request);
wire::ParseAnswer parse_certificates(const Request& request);
wire::ParseAnswer parse_etc_hosts(const Request& request);
wire::ParseAnswer parse_nfs_exports(const Request& request);
wire::ParseAnswer parse_package_indexes(const Request& request);
wire::ParseAnswer parse_resolv_conf(const Request& request);
wire::ParseAnswer parse_smb_shares(const Request& request);
wire::ParseAnswer parse_ssh_host_keys(const Request& request);
wire::ParseAnswer parse_ssh_server(const Request& request);
wire::ParseAnswer parse_software(const Request& request);
wire::ParseAnswer parse_sshd_effective(const Request& request);

}  // namespace ward::facts
