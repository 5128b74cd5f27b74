// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/advisory_database.h"

#include "cell/facts/values.h"

#include <string>
#include <utility>

namespace ward::facts {

std::optional<advisories::View> open_advisories(const Request& request, wire::ParseAnswer& answer) {
    if (!request.advisories) {
        answer.rows.gaps.push_back(gap({}, 0, Code::not_found, "no advisories are on this machine: `ward update` fetches them"));
        return std::nullopt;
    }
    auto view = advisories::View::open(*request.advisories);
    if (view) return *std::move(view);
    answer.rows.gaps.push_back(gap({}, 0, view.error().code, "the advisory database cannot be used: " + view.error().text));
    return std::nullopt;
}

}  // namespace ward::facts
