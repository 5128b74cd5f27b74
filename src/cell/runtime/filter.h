// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

namespace ward::runtime {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

// The system calls a cell may make. Calls that open something by a path give EPERM, all others end the process.
std::span<const int> allowed_calls();
// Allowed beside them in sanitizer builds only; a test proves that a release program lacks them.
std::span<const int> sanitizer_calls();
std::span<const int> refused_calls();

// The filter as classic BPF for seccomp(2), written by hand: a page of instructions that anyone can read (docs/wall.md).
std::vector<sock_filter> filter_program();

}  // namespace ward::runtime
