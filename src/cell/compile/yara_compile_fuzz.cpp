// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/compiler.h"

#include "cell/sigdb/view.h"
#include "core/result.h"
#include "core/text.h"

// Any text is compiled, or refused with a place: a whole database comes out in both cases, and twice the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward;
    if (size > 16 * 1024) return 0;
    const std::string text{as_text({data, size})};
    const auto compiled = [&] {
        compile::Compiler compiler{wire::Externals{{"ext", std::int64_t{1}}}};
        compile::NoIncludes includes;
        compiler.add({"a.yar", text, ""}, includes);
        return std::move(compiler).finish();
    };
    const auto first = compiled();
    const auto view = sigdb::View::open(first.database);
    WARD_CHECK(view.ok() && view->verify().ok());
    for (const auto& diagnostic : first.diagnostics) {
        WARD_CHECK(!diagnostic.text.empty());
        WARD_CHECK(diagnostic.line == 0 || (diagnostic.column >= 1 && diagnostic.column <= size + 1));
    }
    if (size < 1024) WARD_CHECK(compiled().database == first.database);
    return 0;
}
