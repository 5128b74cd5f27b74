// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/importer.h"
#include "cell/advisories/testing/ask.h"

#include <cstdlib>

// Any bytes as a publisher's file: a sound database must come of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward::advisories;
    auto store = ward::formats::Store::open(-1);
    if (!store) std::abort();
    Builder builder;
    Importer importer{builder, *store};
    // Twice, as from two sources: records meet others with the same ids.
    importer.add({"one", "One"}, {data, size});
    importer.add({"two", "Two", {}, 1'700'000'000}, {data, size / 2});
    const auto database = std::move(builder).finish();
    if (!database) std::abort();
    const auto view = View::open(*database);
    if (!view || !view->verify()) std::abort();
    testing::ask_everything(*view);
    return 0;
}
