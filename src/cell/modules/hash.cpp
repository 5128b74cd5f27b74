// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/digest.h"
#include "cell/modules/internal/range.h"

#include <libdeflate.h>

#include <map>
#include <tuple>

namespace ward::modules {

namespace {

// Rules by the hundred ask for the digest of the whole file. What is hashed lies where it lies as long as the instance lives, so
// its place tells it from all else.
struct Digests {
    std::map<std::tuple<const std::uint8_t*, std::size_t, DigestKind>, std::string> known;  // by place and size
};

template <DigestKind kind>
Value hex_digest_of(Instance& in, Bytes bytes) {
    auto& known = in.state<Digests>().known;
    const std::tuple key{bytes.data(), bytes.size(), kind};
    if (const auto found = known.find(key); found != known.end()) return std::string_view{found->second};
    if (known.size() >= kMaxTexts) return {};
    Digest digest{kind};
    if (!in_steps(in, bytes, [&](Bytes step) { digest.add(step); })) return {};
    return std::string_view{known.emplace(key, to_hex(digest.finish())).first->second};
}

Value crc32_of(Instance& in, Bytes bytes) {
    std::uint32_t crc = 0;
    if (!in_steps(in, bytes, [&](Bytes step) { crc = ::libdeflate_crc32(crc, step.data(), step.size()); })) return {};
    return std::int64_t{crc};
}

Value checksum32_of(Instance& in, Bytes bytes) {
    std::uint32_t sum = 0;
    const auto add = [&](Bytes step) {
        for (const std::uint8_t byte : step) sum += byte;
    };
    if (!in_steps(in, bytes, add)) return {};
    return std::int64_t{sum};
}

template <DigestKind kind>
constexpr Signature kForms[] = {{"ii", Type::text, of_range<hex_digest_of<kind>>}, {"s", Type::text, of_text<hex_digest_of<kind>>}};
constexpr Signature kCrc32[] = {{"ii", Type::integer, of_range<crc32_of>}, {"s", Type::integer, of_text<crc32_of>}};
constexpr Signature kChecksum32[] = {{"ii", Type::integer, of_range<checksum32_of>}, {"s", Type::integer, of_text<checksum32_of>}};
constexpr Field kFields[] = {function("md5", kForms<DigestKind::md5>), function("sha1", kForms<DigestKind::sha1>),
                             function("sha256", kForms<DigestKind::sha256>), function("checksum32", kChecksum32), function("crc32", kCrc32)};

}  // namespace

const Declaration kHash{"hash", kFields, {}};

}  // namespace ward::modules
