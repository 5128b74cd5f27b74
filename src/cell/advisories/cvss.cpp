// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/cvss.h"

#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>
#include <utility>

namespace ward::advisories {

namespace {

constexpr std::size_t kMaxVectorBytes = 1024;  // with every metric there is, less than 200

using Weights = std::initializer_list<std::pair<std::string_view, double>>;

// The value of one metric, "" when it is not there.
std::string_view metric(std::string_view vector, std::string_view name) {
    for (const std::string_view part : split(vector, '/')) {
        const auto colon = part.find(':');
        if (colon != std::string_view::npos && part.substr(0, colon) == name) return part.substr(colon + 1);
    }
    return {};
}

// "A vector string must not include the same metric more than once": which one would count?
bool says_twice(std::string_view vector) {
    std::set<std::string_view> names;
    const auto parts = split(vector, '/');
    return !std::all_of(parts.begin(), parts.end(), [&](std::string_view part) { return names.insert(part.substr(0, part.find(':'))).second; });
}

std::optional<double> weigh(std::string_view vector, std::string_view name, Weights weights) {
    const std::string_view value = metric(vector, name);
    for (const auto& [known, weight] : weights) {
        if (known == value) return weight;
    }
    return std::nullopt;
}

// Appendix A of 3.1: up to the next tenth, and what is only a rounding error of binary fractions is none.
double round_up(double value) {
    const auto scaled = std::llround(value * 100'000);
    return scaled % 10'000 == 0 ? static_cast<double>(scaled) / 100'000.0 : (std::floor(static_cast<double>(scaled) / 10'000.0) + 1) / 10.0;
}

std::optional<double> score_3(std::string_view vector) {
    const std::string_view scope = metric(vector, "S");
    if (scope != "U" && scope != "C") return std::nullopt;
    const bool changed = scope == "C";
    const auto attack_vector = weigh(vector, "AV", {{"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}});
    const auto complexity = weigh(vector, "AC", {{"L", 0.77}, {"H", 0.44}});
    const auto privileges = weigh(vector, "PR", {{"N", 0.85}, {"L", changed ? 0.68 : 0.62}, {"H", changed ? 0.5 : 0.27}});
    const auto interaction = weigh(vector, "UI", {{"N", 0.85}, {"R", 0.62}});
    const Weights impacts = {{"H", 0.56}, {"L", 0.22}, {"N", 0.0}};
    const auto confidentiality = weigh(vector, "C", impacts);
    const auto integrity = weigh(vector, "I", impacts);
    const auto availability = weigh(vector, "A", impacts);
    if (!attack_vector || !complexity || !privileges || !interaction || !confidentiality || !integrity || !availability) return std::nullopt;
    const double base = 1 - (1 - *confidentiality) * (1 - *integrity) * (1 - *availability);
    const double impact = changed ? 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15) : 6.42 * base;
    if (impact <= 0) return 0.0;
    const double exploitability = 8.22 * *attack_vector * *complexity * *privileges * *interaction;
    return round_up(std::min((changed ? 1.08 : 1.0) * (impact + exploitability), 10.0));
}

std::optional<double> score_2(std::string_view vector) {
    const auto access = weigh(vector, "AV", {{"L", 0.395}, {"A", 0.646}, {"N", 1.0}});
    const auto complexity = weigh(vector, "AC", {{"H", 0.35}, {"M", 0.61}, {"L", 0.71}});
    const auto authentication = weigh(vector, "Au", {{"M", 0.45}, {"S", 0.56}, {"N", 0.704}});
    const Weights impacts = {{"N", 0.0}, {"P", 0.275}, {"C", 0.660}};
    const auto confidentiality = weigh(vector, "C", impacts);
    const auto integrity = weigh(vector, "I", impacts);
    const auto availability = weigh(vector, "A", impacts);
    if (!access || !complexity || !authentication || !confidentiality || !integrity || !availability) return std::nullopt;
    const double impact = 10.41 * (1 - (1 - *confidentiality) * (1 - *integrity) * (1 - *availability));
    const double exploitability = 20 * *access * *complexity * *authentication;
    const double raw = ((0.6 * impact) + (0.4 * exploitability) - 1.5) * (impact == 0 ? 0 : 1.176);
    return std::round(std::clamp(raw, 0.0, 10.0) * 10) / 10;
}

}  // namespace

std::optional<double> cvss_base_score(std::string_view vector) {
    if (vector.size() > kMaxVectorBytes || says_twice(vector)) return std::nullopt;
    if (vector.starts_with("CVSS:3.0/") || vector.starts_with("CVSS:3.1/")) return score_3(vector.substr(9));
    if (vector.starts_with("AV:")) return score_2(vector);
    return std::nullopt;
}

}  // namespace ward::advisories
