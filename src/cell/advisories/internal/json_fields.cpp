// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/internal/json_fields.h"

namespace ward::advisories {

std::string_view text_at(const JsonNode& node, std::string_view key) {
    const JsonNode* const found = node.find(key);
    return found != nullptr && found->text() != nullptr ? std::string_view{*found->text()} : std::string_view{};
}

const JsonNode::Items& items_at(const JsonNode& node, std::string_view key) {
    static const JsonNode none;
    const JsonNode* const found = node.find(key);
    return found == nullptr ? none.items() : found->items();
}

}  // namespace ward::advisories
