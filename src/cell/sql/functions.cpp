// SPDX-License-Identifier: Apache-2.0
#include "cell/sql/functions.h"

#include "cell/versions/schemes.h"

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace ward::sql {

namespace {

std::string_view text_of(sqlite3_value* value) {
    const auto* text = sqlite3_value_text(value);
    const int bytes = sqlite3_value_bytes(value);
    if (text == nullptr) return {};
    return {static_cast<const char*>(static_cast<const void*>(text)), static_cast<std::size_t>(bytes)};
}

void version_compare(sqlite3_context* context, int, sqlite3_value** arguments) {
    for (int i = 0; i < 3; ++i) {
        if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return sqlite3_result_null(context);
    }
    const std::string_view name = text_of(arguments[0]);
    const auto scheme = versions::version_scheme(name);
    if (!scheme) {
        const std::string message = "version_compare does not know the scheme '" + std::string{name} +
                                    "'; it knows: " + versions::version_scheme_names();
        return sqlite3_result_error(context, message.data(), static_cast<int>(message.size()));
    }
    const auto order = versions::compare_versions(*scheme, text_of(arguments[1]), text_of(arguments[2]));
    if (!order) return sqlite3_result_null(context);
    sqlite3_result_int(context, *order);
}

}  // namespace

Status add_functions(sqlite3* db) {
    const int code = sqlite3_create_function_v2(db, "version_compare", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                                version_compare, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(Code::io, "cannot add version_compare to SQLite: {}", sqlite3_errmsg(db));
    return done();
}

}  // namespace ward::sql
