// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::facts {

// The parsers of tables about the running system, one a table of the same name (data/tables), and of those that are about
// any file.
wire::ParseAnswer parse_cpu_vulnerabilities(const Request& request);
wire::ParseAnswer parse_file(const Request& request);
wire::ParseAnswer parse_file_hash(const Request& request);
wire::ParseAnswer parse_firewall_chains(const Request& request);
wire::ParseAnswer parse_firewall_rules(const Request& request);
wire::ParseAnswer parse_interfaces(const Request& request);
wire::ParseAnswer parse_kernel(const Request& request);
wire::ParseAnswer parse_kernel_modules(const Request& request);
wire::ParseAnswer parse_listening_sockets(const Request& request);
wire::ParseAnswer parse_mounts(const Request& request);
wire::ParseAnswer parse_package_files(const Request& request);
wire::ParseAnswer parse_process_packages(const Request& request);
wire::ParseAnswer parse_processes(const Request& request);
wire::ParseAnswer parse_routes(const Request& request);
wire::ParseAnswer parse_setuid_files(const Request& request);
wire::ParseAnswer parse_sysctl(const Request& request);
wire::ParseAnswer parse_text_lines(const Request& request);

}  // namespace ward::facts
