// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/query.h"

#include <optional>
#include <string>
#include <string_view>

namespace ward::doors {

enum class ResultFormat { text, json, jsonl, csv };
std::optional<ResultFormat> result_format(std::string_view name);

// The answer of a query as a document. text: columns side by side, for people, with whatever a terminal would obey escaped.
// json: one array of objects; jsonl: an object a line; a column name that comes twice gets a number ("name_2"), and text that
// is not UTF-8 replacement characters. csv: RFC 4180 with a header.
std::string result_text(const QueryResult& result, ResultFormat format);

}  // namespace ward::doors
