// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/input.h"

#include <algorithm>

namespace ward::facts {

Input::Input(const Request& request, std::string_view table) {
    const auto found = std::find_if(request.inputs.begin(), request.inputs.end(),
                                    [&](const wire::InputTable& input) { return input.shape.name == table; });
    if (found != request.inputs.end()) input_ = &*found;
}

const Value* Input::at(std::size_t row, std::string_view column) const {
    if (row >= size()) return nullptr;
    const auto& columns = input_->shape.columns;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& known) { return known.name == column; });
    const auto place = static_cast<std::size_t>(found - columns.begin());
    const Row& values = input_->rows.rows[row];
    return place < values.size() && found != columns.end() ? &values[place] : nullptr;
}

std::string_view Input::text(std::size_t row, std::string_view column) const {
    const Value* const value = at(row, column);
    const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

std::optional<std::int64_t> Input::number(std::size_t row, std::string_view column) const {
    const Value* const value = at(row, column);
    const auto* const number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
    return number == nullptr ? std::nullopt : std::optional{*number};
}

std::optional<double> Input::real(std::size_t row, std::string_view column) const {
    const Value* const value = at(row, column);
    const auto* const real = value == nullptr ? nullptr : std::get_if<double>(value);
    return real == nullptr ? std::nullopt : std::optional{*real};
}

}  // namespace ward::facts
