// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json_read.h"

#include <string_view>

namespace ward::advisories {

// What an object has under a key. Empty when it lacks the key, has something else there, or is no object: records leave out most
// of what their formats allow, and a reader refuses what it cannot do without. The views are of the node.
std::string_view text_at(const JsonNode& node, std::string_view key);
const JsonNode::Items& items_at(const JsonNode& node, std::string_view key);

}  // namespace ward::advisories
