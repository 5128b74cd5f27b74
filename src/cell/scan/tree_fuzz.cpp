// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/tree.h"

#include <cstdlib>

namespace {

// A chain is never deeper than the limit, and every object has a name for each step.
class Checker : public ward::scan::TreeVisitor {
public:
    explicit Checker(std::uint32_t max_depth) : max_depth_{max_depth} {}
    void object(const ward::scan::Chain& chain, ward::formats::Type, ward::Bytes, ward::Deadline&) override {
        if (chain.size() > max_depth_) std::abort();
    }
    void gap(const ward::scan::Chain& chain, const ward::Error& error) override {
        if (chain.size() > max_depth_ || error.text.empty()) std::abort();
    }

private:
    std::uint32_t max_depth_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ward::Limits limits;
    limits.max_unpacked_bytes = 4 * ward::kMiB;
    limits.max_member_bytes = 1 * ward::kMiB;
    limits.max_members = 1000;
    limits.max_depth = 4;
    static auto tree = ward::scan::Tree::open(-1).value();
    Checker checker{limits.max_depth};
    tree.walk("fuzz.gz", {data, size}, limits, checker);
    return 0;
}
