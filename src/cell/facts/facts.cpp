// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/facts.h"

#include "cell/facts/account_parsers.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/live_parsers.h"
#include "cell/facts/startup_parsers.h"

#include <algorithm>
#include <iterator>

namespace ward::facts {

namespace {

struct Entry {
    std::string_view table;
    Parser parser;
};

// Sorted by name. Each has its data/tables/NAME.toml, and each of those is here; a test compares the two.
constexpr Entry kParsers[] = {
    {"advisories", parse_advisories},
    {"apt_conf", parse_apt_conf},
    {"apt_keys", parse_apt_keys},
    {"apt_lists", parse_apt_lists},
    {"apt_sources", parse_apt_sources},
    {"apt_stamps", parse_apt_stamps},
    {"certificates", parse_certificates},
    {"changelog_fixes", parse_changelog_fixes},
    {"cpu_vulnerabilities", parse_cpu_vulnerabilities},
    {"cron_jobs", parse_cron_jobs},
    {"end_of_life", parse_end_of_life},
    {"etc_hosts", parse_etc_hosts},
    {"file", parse_file},
    {"file_hash", parse_file_hash},
    {"firewall_chains", parse_firewall_chains},
    {"firewall_rules", parse_firewall_rules},
    {"fixes", parse_fixes},
    {"fixes_seen", parse_fixes_seen},
    {"group_members", parse_group_members},
    {"groups", parse_groups},
    {"interfaces", parse_interfaces},
    {"kernel", parse_kernel},
    {"kernel_modules", parse_kernel_modules},
    {"knowledge", parse_knowledge},
    {"listening_sockets", parse_listening_sockets},
    {"logins", parse_logins},
    {"mounts", parse_mounts},
    {"nfs_exports", parse_nfs_exports},
    {"os_release", parse_os_release},
    {"os_support", parse_os_support},
    {"package_candidates", parse_package_candidates},
    {"package_files", parse_package_files},
    {"package_indexes", parse_package_indexes},
    {"package_updates", parse_package_updates},
    {"packages", parse_packages},
    {"pam", parse_pam},
    {"password_policy", parse_password_policy},
    {"process_packages", parse_process_packages},
    {"processes", parse_processes},
    {"resolv_conf", parse_resolv_conf},
    {"routes", parse_routes},
    {"services", parse_services},
    {"setuid_files", parse_setuid_files},
    {"smb_shares", parse_smb_shares},
    {"software", parse_software},
    {"ssh_authorized_keys", parse_ssh_authorized_keys},
    {"ssh_host_keys", parse_ssh_host_keys},
    {"ssh_private_keys", parse_ssh_private_keys},
    {"ssh_server", parse_ssh_server},
    {"sshd_effective", parse_sshd_effective},
    {"start_items", parse_start_items},
    {"sudo_defaults", parse_sudo_defaults},
    {"sudo_rules", parse_sudo_rules},
    {"sysctl", parse_sysctl},
    {"text_lines", parse_text_lines},
    {"timers", parse_timers},
    {"unit_settings", parse_unit_settings},
    {"users", parse_users},
    {"vulnerabilities", parse_vulnerabilities},
};
static_assert(std::is_sorted(std::begin(kParsers), std::end(kParsers),
                             [](const Entry& a, const Entry& b) { return a.table < b.table; }));

}  // namespace

Request::Request(std::span<const Constraint> all_constraints, std::span<const Source> all_sources, std::int64_t the_time)
    : constraints{all_constraints}, sources{all_sources}, now{the_time} {
    by_name_.reserve(sources.size());
    for (const auto& source : sources) by_name_.emplace(source.about.name, &source);  // of two the first
}

const Source* Request::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

Bytes Request::bytes_of(std::string_view name) const {
    const Source* source = find(name);
    return source == nullptr ? Bytes{} : source->bytes;
}

Parser find_parser(std::string_view table) {
    const auto* found = std::lower_bound(std::begin(kParsers), std::end(kParsers), table,
                                         [](const Entry& entry, std::string_view name) { return entry.table < name; });
    return found != std::end(kParsers) && found->table == table ? found->parser : nullptr;
}

}  // namespace ward::facts
