// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::facts {

// The parsers of tables about accounts and what they may do, one a table of the same name (data/tables).
wire::ParseAnswer parse_users(const Request& request);
wire::ParseAnswer parse_groups(const Request& request);
wire::ParseAnswer parse_group_members(const Request& request);
wire::ParseAnswer parse_password_policy(const Request& request);
wire::ParseAnswer parse_pam(const Request& request);
wire::ParseAnswer parse_sudo_rules(const Request& request);
wire::ParseAnswer parse_sudo_defaults(const Request& request);
wire::ParseAnswer parse_ssh_authorized_keys(const Request& request);
wire::ParseAnswer parse_ssh_private_keys(const Request& request);
wire::ParseAnswer parse_logins(const Request& request);

}  // namespace ward::facts
