// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/range.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <numbers>

namespace ward::modules {

namespace {

// How often each byte value occurs.
struct Counts {
    std::array<std::uint64_t, 256> of{};
    std::uint64_t total = 0;

    // In four tables, as counting a byte anew has to wait for the count before. Steps are smaller than what these hold.
    void add(Bytes bytes) {
        std::array<std::array<std::uint32_t, 256>, 4> tables{};
        std::size_t at = 0;
        for (; at + 4 <= bytes.size(); at += 4) {
            for (std::size_t k = 0; k < 4; ++k) ++tables[k][bytes[at + k]];
        }
        for (; at < bytes.size(); ++at) ++tables[0][bytes[at]];
        for (std::size_t i = 0; i < 256; ++i) of[i] += std::uint64_t{tables[0][i]} + tables[1][i] + tables[2][i] + tables[3][i];
        total += bytes.size();
    }
};

constexpr std::size_t kMaxCounted = 64;

struct State {
    std::map<std::pair<const std::uint8_t*, std::size_t>, Counts> counted;  // rules by the hundred ask for the same sections
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> texts;  // by number and base
};

// Nothing when time ran out.
const Counts* counts_of(Instance& in, Bytes bytes) {
    auto& counted = in.state<State>().counted;
    const std::pair key{bytes.data(), bytes.size()};
    if (const auto found = counted.find(key); found != counted.end()) return &found->second;
    if (counted.size() >= kMaxCounted) counted.clear();
    Counts counts;
    if (!in_steps(in, bytes, [&](Bytes step) { counts.add(step); })) return nullptr;
    return &counted.emplace(key, counts).first->second;
}

// YARA reads the bytes of a text as signed, those of the file as unsigned.
double signed_value(std::uint8_t byte) { return static_cast<std::int8_t>(byte); }
double unsigned_value(std::uint8_t byte) { return byte; }

Value entropy_of(Instance& in, Bytes bytes) {
    const auto* counts = counts_of(in, bytes);
    if (counts == nullptr) return {};
    double entropy = 0;
    for (const std::uint64_t count : counts->of) {
        if (count == 0) continue;
        const double share = static_cast<double>(count) / static_cast<double>(counts->total);
        entropy -= share * std::log2(share);
    }
    return entropy;
}

template <double (*value)(std::uint8_t)>
Value mean_of(Instance& in, Bytes bytes) {
    const auto* counts = counts_of(in, bytes);
    if (counts == nullptr || counts->total == 0) return {};
    double sum = 0;
    for (std::size_t i = 0; i < 256; ++i) sum += value(static_cast<std::uint8_t>(i)) * static_cast<double>(counts->of[i]);
    return sum / static_cast<double>(counts->total);
}

template <double (*value)(std::uint8_t)>
Value deviation_of(Instance& in, Bytes bytes, double mean) {
    const auto* counts = counts_of(in, bytes);
    if (counts == nullptr || counts->total == 0) return {};
    double sum = 0;
    for (std::size_t i = 0; i < 256; ++i) sum += std::fabs(value(static_cast<std::uint8_t>(i)) - mean) * static_cast<double>(counts->of[i]);
    return sum / static_cast<double>(counts->total);
}

// As Walker's ent computes it: the first byte follows the last.
template <double (*value)(std::uint8_t)>
Value serial_correlation_of(Instance& in, Bytes bytes) {
    double products = 0, sum = 0, squares = 0, last = 0;
    const auto add = [&](Bytes step) {
        for (const std::uint8_t byte : step) {
            const double now = value(byte);
            products += last * now;
            sum += now;
            squares += now * now;
            last = now;
        }
    };
    if (!in_steps(in, bytes, add)) return {};
    if (!bytes.empty()) products += last * value(bytes.front());
    const auto count = static_cast<double>(bytes.size());
    const double divisor = count * squares - sum * sum;
    return divisor == 0 ? -100'000.0 : (count * products - sum * sum) / divisor;
}

// Six bytes are a point of a square. How far off is pi by the share of points in the quarter of a circle?
// A byte of a text that is negative counts as that of 32 bits, far outside.
template <bool of_text>
Value monte_carlo_pi_of(Instance& in, Bytes bytes) {
    constexpr std::size_t kPointBytes = 6;
    constexpr double kRadius = 256.0 * 256.0 * 256.0 - 1;
    std::array<double, kPointBytes> point{};
    std::size_t filled = 0;
    std::uint64_t points = 0, inside = 0;
    const auto add = [&](Bytes step) {
        for (const std::uint8_t byte : step) {
            point[filled++] = of_text ? static_cast<double>(static_cast<std::uint32_t>(static_cast<std::int8_t>(byte))) : static_cast<double>(byte);
            if (filled < kPointBytes) continue;
            filled = 0;
            ++points;
            const double x = (point[0] * 256 + point[1]) * 256 + point[2];
            const double y = (point[3] * 256 + point[4]) * 256 + point[5];
            if (x * x + y * y <= kRadius * kRadius) ++inside;
        }
    };
    if (!in_steps(in, bytes, add) || points == 0) return {};
    const double pi = 4 * static_cast<double>(inside) / static_cast<double>(points);
    return std::fabs((pi - std::numbers::pi) / std::numbers::pi);
}

Value deviation(Instance& in, const Object&, std::span<const Value> arguments) {
    const auto range = range_of(in, arguments[0], arguments[1]);
    return range ? deviation_of<unsigned_value>(in, *range, std::get<double>(arguments[2])) : Value{};
}

Value deviation_of_text(Instance& in, const Object&, std::span<const Value> arguments) {
    return deviation_of<signed_value>(in, as_bytes(std::get<std::string_view>(arguments[0])), std::get<double>(arguments[1]));
}

Value mode_of(Instance& in, Bytes bytes) {
    const auto* counts = counts_of(in, bytes);
    if (counts == nullptr) return {};
    return static_cast<std::int64_t>(std::max_element(counts->of.begin(), counts->of.end()) - counts->of.begin());
}

// All there is. The memory of a process has gaps, and then yara gives nothing.
std::optional<Bytes> whole(const Instance& in) { return in.environment().memory != nullptr ? std::nullopt : std::optional{in.bytes()}; }

Value mode(Instance& in, const Object&, std::span<const Value>) {
    const auto bytes = whole(in);
    return bytes ? mode_of(in, *bytes) : Value{};
}

// The counts of the range that follows the byte, or of the whole file.
const Counts* counts_behind(Instance& in, std::span<const Value> arguments) {
    const auto byte = std::get<std::int64_t>(arguments[0]);
    if (byte < 0 || byte > 255) return nullptr;
    const auto range = arguments.size() == 1 ? whole(in) : range_of(in, arguments[1], arguments[2]);
    return range ? counts_of(in, *range) : nullptr;
}

Value count(Instance& in, const Object&, std::span<const Value> arguments) {
    const auto* counts = counts_behind(in, arguments);
    if (counts == nullptr) return {};
    return static_cast<std::int64_t>(counts->of[static_cast<std::size_t>(std::get<std::int64_t>(arguments[0]))]);
}

Value percentage(Instance& in, const Object&, std::span<const Value> arguments) {
    const auto* counts = counts_behind(in, arguments);
    if (counts == nullptr || counts->total == 0) return {};
    // YARA divides in single precision, and a rule may compare with what that gives.
    const auto occurs = static_cast<float>(counts->of[static_cast<std::size_t>(std::get<std::int64_t>(arguments[0]))]);
    return static_cast<double>(occurs / static_cast<float>(counts->total));
}

Value in_range(Instance&, const Object&, std::span<const Value> arguments) {
    const double value = std::get<double>(arguments[0]);
    return std::int64_t{std::get<double>(arguments[1]) <= value && value <= std::get<double>(arguments[2])};
}

// YARA compares them without sign.
bool below(const Value& a, const Value& b) {
    return static_cast<std::uint64_t>(std::get<std::int64_t>(a)) < static_cast<std::uint64_t>(std::get<std::int64_t>(b));
}

Value max(Instance&, const Object&, std::span<const Value> arguments) { return below(arguments[0], arguments[1]) ? arguments[1] : arguments[0]; }

Value min(Instance&, const Object&, std::span<const Value> arguments) { return below(arguments[0], arguments[1]) ? arguments[0] : arguments[1]; }

Value to_number(Instance&, const Object&, std::span<const Value> arguments) { return std::int64_t{std::get<bool>(arguments[0])}; }

Value abs(Instance&, const Object&, std::span<const Value> arguments) {
    const auto number = std::get<std::int64_t>(arguments[0]);
    return number < 0 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(number)) : number;
}

Value text_of(Instance& in, std::int64_t number, std::int64_t base) {
    auto& texts = in.state<State>().texts;
    if (const auto found = texts.find({number, base}); found != texts.end()) return std::string_view{found->second};
    if (texts.size() >= kMaxTexts) return {};
    std::string text;
    switch (base) {
        case 8: text = fmt::format("{:o}", static_cast<std::uint64_t>(number)); break;
        case 10: text = fmt::format("{}", number); break;
        case 16: text = fmt::format("{:x}", static_cast<std::uint64_t>(number)); break;
        default: return {};
    }
    return std::string_view{texts.emplace(std::pair{number, base}, std::move(text)).first->second};
}

Value to_string(Instance& in, const Object&, std::span<const Value> arguments) { return text_of(in, std::get<std::int64_t>(arguments[0]), 10); }

Value to_string_base(Instance& in, const Object&, std::span<const Value> arguments) {
    return text_of(in, std::get<std::int64_t>(arguments[0]), std::get<std::int64_t>(arguments[1]));
}

constexpr Signature kInRange[] = {{"fff", Type::integer, in_range}};
constexpr Signature kDeviation[] = {{"iif", Type::real, deviation}, {"sf", Type::real, deviation_of_text}};
constexpr Signature kMean[] = {{"ii", Type::real, of_range<mean_of<unsigned_value>>}, {"s", Type::real, of_text<mean_of<signed_value>>}};
constexpr Signature kSerialCorrelation[] = {{"ii", Type::real, of_range<serial_correlation_of<unsigned_value>>},
                                            {"s", Type::real, of_text<serial_correlation_of<signed_value>>}};
constexpr Signature kMonteCarloPi[] = {{"ii", Type::real, of_range<monte_carlo_pi_of<false>>}, {"s", Type::real, of_text<monte_carlo_pi_of<true>>}};
constexpr Signature kEntropy[] = {{"ii", Type::real, of_range<entropy_of>}, {"s", Type::real, of_text<entropy_of>}};
constexpr Signature kMin[] = {{"ii", Type::integer, min}};
constexpr Signature kMax[] = {{"ii", Type::integer, max}};
constexpr Signature kToNumber[] = {{"b", Type::integer, to_number}};
constexpr Signature kAbs[] = {{"i", Type::integer, abs}};
constexpr Signature kCount[] = {{"iii", Type::integer, count}, {"i", Type::integer, count}};
constexpr Signature kPercentage[] = {{"iii", Type::real, percentage}, {"i", Type::real, percentage}};
constexpr Signature kMode[] = {{"ii", Type::integer, of_range<mode_of>}, {"", Type::integer, mode}};
constexpr Signature kToString[] = {{"i", Type::text, to_string}, {"ii", Type::text, to_string_base}};
constexpr Field kFields[] = {real("MEAN_BYTES"),
                             function("in_range", kInRange),
                             function("deviation", kDeviation),
                             function("mean", kMean),
                             function("serial_correlation", kSerialCorrelation),
                             function("monte_carlo_pi", kMonteCarloPi),
                             function("entropy", kEntropy),
                             function("min", kMin),
                             function("max", kMax),
                             function("to_number", kToNumber),
                             function("abs", kAbs),
                             function("count", kCount),
                             function("percentage", kPercentage),
                             function("mode", kMode),
                             function("to_string", kToString)};

void fill(Instance&, Object& root) { root.set(field(kFields, "MEAN_BYTES"), 127.5); }

constexpr Part kParts[] = {fill};

}  // namespace

const Declaration kMath{"math", kFields, kParts};

}  // namespace ward::modules
