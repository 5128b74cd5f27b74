// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// The rows of a table that another one is made from, by the names of its columns.
//
//     const Input packages{request, "packages"};
//     for (std::size_t i = 0; i < packages.size(); ++i) use(packages.text(i, "name"));
//
// A column that is not there, NULL, and a value of another type are empty. Views into the request.
class Input {
public:
    Input(const Request& request, std::string_view table);

    std::size_t size() const { return input_ == nullptr ? 0 : input_->rows.rows.size(); }
    std::string_view text(std::size_t row, std::string_view column) const;
    std::optional<std::int64_t> number(std::size_t row, std::string_view column) const;
    std::optional<double> real(std::size_t row, std::string_view column) const;
    bool is_true(std::size_t row, std::string_view column) const { return number(row, column).value_or(0) != 0; }

private:
    const Value* at(std::size_t row, std::string_view column) const;
    const wire::InputTable* input_ = nullptr;
};

}  // namespace ward::facts
