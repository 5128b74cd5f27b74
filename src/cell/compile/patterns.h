// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/writer.h"
#include "core/result.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ward::compile {

// One string of a rule, as YARA 4.5 writes it.
struct PatternSpec {
    enum class Kind : std::uint8_t {
        text,   // "..."  body: the bytes meant, escapes already resolved
        hex,    // { ... } body: what stands between the braces, comments and line ends included
        regex,  // /.../is body: what stands between the slashes, as written
    };
    Kind kind = Kind::text;
    std::string body;

    bool nocase = false;    // for a regex also its flag i
    bool wide = false;
    bool ascii = false;     // meant as well when neither wide nor base64wide is given
    bool fullword = false;
    bool dot_all = false;   // a regex's flag s
    bool has_xor = false;
    std::uint8_t xor_min = 0;
    std::uint8_t xor_max = 255;
    bool base64 = false;
    bool base64wide = false;
    std::string base64_alphabet;  // 64 characters; empty for the usual one

    bool operator==(const PatternSpec&) const = default;
};

// Why a pattern was refused, and where.
struct PatternError {
    std::size_t offset = 0;  // in body
    std::string text;        // "expected ']' to close the class"
};

// What one pattern turned out to be; conditions and warnings need it.
struct PatternFacts {
    std::uint32_t id = 0;         // its number in the database
    bool slow = false;            // no literal of two bytes to look for: it is tried everywhere
};

// The first two bytes that texts may have, as little-endian numbers, ascending; nothing when they do not matter.
using Heads = std::optional<std::vector<std::uint16_t>>;

// Turns patterns into the pattern sections of a database.
//
//     PatternSetBuilder builder;
//     PatternError why;
//     const auto facts = builder.add(spec, why);        // nothing: refused, see `why`
//     builder.use(facts->id, PatternSetBuilder::kAnySize);
//     WARD_TRY(builder.finish(writer));
//
// Equal patterns share one number. Numbers count up from 0 in the order of first appearance, and the sections depend on
// the patterns and their order alone.
class PatternSetBuilder {
public:
    static constexpr std::uint64_t kAnySize = std::numeric_limits<std::uint64_t>::max();

    PatternSetBuilder();
    PatternSetBuilder(PatternSetBuilder&&) noexcept;
    PatternSetBuilder& operator=(PatternSetBuilder&&) noexcept;
    ~PatternSetBuilder();

    std::optional<PatternFacts> add(const PatternSpec& spec, PatternError& why);
    // A rule needs the pattern, in texts of at most so many bytes that begin so. What no rule needs is not looked for.
    void use(std::uint32_t pattern, std::uint64_t most_bytes, const Heads& heads = std::nullopt);
    // A rule without patterns needs to be looked at in texts that begin so.
    void ask(const Heads& heads);
    // Is it found by less than seven known bytes, or has it none? It is looked for only where a rule may hold because of it.
    bool weak(std::uint32_t pattern) const;
    std::uint32_t count() const;
    // Code::over_limit when there are more patterns than the format can number.
    Status finish(sigdb::Writer& writer);
    // After finish(): the heads that texts are told apart by, in the order of their sieves; kOtherHead is the first.
    const std::vector<std::uint32_t>& heads() const;
    // Does what needs texts with `heads` need those of the head at this place of heads()?
    bool concerns(std::size_t place, const Heads& heads) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::compile
