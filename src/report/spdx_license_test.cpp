// SPDX-License-Identifier: Apache-2.0
#include "report/spdx_license.h"

#include <gtest/gtest.h>

namespace ward::report {
namespace {

TEST(SpdxLicense, TakesExpressionsOfListedIdsAndNothingElse) {
    struct Case { const char* said; std::optional<std::string> want; bool is_id; };
    const Case cases[] = {
        {"MIT", "MIT", true},
        {" mit\n", "MIT", true},
        {"apache-2.0", "Apache-2.0", true},
        {"GPL-2.0+", "GPL-2.0+", true},
        {"0BSD", "0BSD", true},
        {"ZPL-2.1", "ZPL-2.1", true},
        {"MPL-2.0+", "MPL-2.0+", false},
        {"MIT OR Apache-2.0", "MIT OR Apache-2.0", false},
        {"(MIT)", "(MIT)", false},
        {"( MIT AND (isc OR BSD-2-Clause))", "(MIT AND (ISC OR BSD-2-Clause))", false},
        {"GPL-2.0-only WITH classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", false},
        {"(Apache-2.0 WITH LLVM-exception) AND MIT", "(Apache-2.0 WITH LLVM-exception) AND MIT", false},
        {"", std::nullopt, false},
        {"BSD", std::nullopt, false},
        {"Apache License 2.0", std::nullopt, false},
        {"MIT or ISC", std::nullopt, false},
        {"MIT OR", std::nullopt, false},
        {"OR MIT", std::nullopt, false},
        {"MIT ISC", std::nullopt, false},
        {"(MIT", std::nullopt, false},
        {"MIT)", std::nullopt, false},
        {"()", std::nullopt, false},
        {"MIT WITH MIT", std::nullopt, false},
        {"MIT WITH", std::nullopt, false},
        {"(MIT) WITH LLVM-exception", std::nullopt, false},
        {"MIT WITH LLVM-exception WITH LLVM-exception", std::nullopt, false},
        {"LicenseRef-x", std::nullopt, false},
        {"SEE LICENSE IN x", std::nullopt, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.said);
        const auto got = spdx_license(c.said);
        ASSERT_EQ(got.has_value(), c.want.has_value());
        if (!got) continue;
        EXPECT_EQ(got->text, *c.want);
        EXPECT_EQ(got->is_id, c.is_id);
    }
    EXPECT_FALSE(spdx_license(std::string(100'000, '(')));
    EXPECT_TRUE(spdx_license(std::string(400, '(') + "MIT" + std::string(400, ')')));
}

}  // namespace
}  // namespace ward::report
