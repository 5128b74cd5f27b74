// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

namespace ward::modules {

namespace {

Value now(Instance& in, const Object&, std::span<const Value>) { return in.environment().now; }

constexpr Signature kNow[] = {{"", Type::integer, now}};
constexpr Field kFields[] = {function("now", kNow)};

}  // namespace

const Declaration kTime{"time", kFields, {}};

}  // namespace ward::modules
