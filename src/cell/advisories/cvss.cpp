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

// Version 4.0, section 8: a vector belongs to a macro vector, whose score the table has, and is less severe than the most severe vector of
// that by some steps. Of a base score the threat is the worst (EQ5 is 0) and all requirements are high, so that EQ4 is never 0 and EQ6
// follows from EQ3, but for the next lower ones. In tenths; rows by EQ1 and EQ2, then by EQ3 and EQ6, then by EQ4 (1, 2).
constexpr int kMacroScores[6][5][2] = {
    // EQ3 and EQ6: 0 0, 0 1, 1 0, 1 1, 2 1
    {{100, 93}, {96, 90}, {93, 88}, {92, 80}, {79, 69}},
    {{95, 92}, {91, 81}, {92, 84}, {82, 70}, {71, 63}},
    {{94, 87}, {89, 75}, {86, 72}, {76, 57}, {65, 53}},
    {{90, 77}, {77, 66}, {74, 61}, {59, 52}, {58, 23}},
    {{86, 70}, {74, 54}, {72, 53}, {57, 36}, {47, 24}},
    {{73, 54}, {55, 43}, {61, 46}, {51, 18}, {24, 10}},
};

// How far each metric is from its worst value; -1 for an unknown one.
int steps(std::string_view vector, std::string_view name, std::string_view order) {
    const std::string_view value = metric(vector, name);
    const auto found = value.size() == 1 ? order.find(value) : std::string_view::npos;
    return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

std::optional<double> score_4(std::string_view vector) {
    const int av = steps(vector, "AV", "NALP"), ac = steps(vector, "AC", "LH"), at = steps(vector, "AT", "NP");
    const int pr = steps(vector, "PR", "NLH"), ui = steps(vector, "UI", "NPA");
    const int vc = steps(vector, "VC", "HLN"), vi = steps(vector, "VI", "HLN"), va = steps(vector, "VA", "HLN");
    const int sc = steps(vector, "SC", "HLN"), si = steps(vector, "SI", "HLN"), sa = steps(vector, "SA", "HLN");
    if (std::min({av, ac, at, pr, ui, vc, vi, va, sc, si, sa}) < 0) return std::nullopt;
    if (std::min({vc, vi, va, sc, si, sa}) == 2) return 0.0;

    // The equivalence classes (tables 24 to 29), and the distance of each to the first of its most severe vectors that is not less
    // severe in any metric.
    const int eq1 = av == 0 && pr == 0 && ui == 0 ? 0 : av != 3 && (av == 0 || pr == 0 || ui == 0) ? 1 : 2;
    const int eq2 = ac == 0 && at == 0 ? 0 : 1;
    const int eq3 = vc == 0 && vi == 0 ? 0 : vc == 0 || vi == 0 || va == 0 ? 1 : 2;
    const int eq4 = sc == 0 || si == 0 || sa == 0 ? 1 : 2;
    const int worst_of_eq1 = eq1 == 0 ? 0 : eq1 == 1 ? 1 : 3;  // AV:A, PR:L or UI:P; AV:P, or AV:A with PR:L and UI:P: three steps both
    const int distance[] = {av + pr + ui - worst_of_eq1, ac + at - eq2, vc + vi + va - (eq3 == 0 ? 0 : eq3 == 1 ? 1 : 3), sc + si + sa - (eq4 == 1 ? 0 : 3)};
    static constexpr int kDepths[4][3] = {{1, 4, 5}, {1, 2, 0}, {7, 8, 10}, {0, 5, 4}};  // of each class, in steps

    const auto score = [](int one, int two, int three_six, int four) { return kMacroScores[one * 2 + two][three_six][four - 1]; };
    constexpr int kPlaces[] = {0, 2, 4};  // of EQ3 with the EQ6 that a base score has
    const int here = score(eq1, eq2, kPlaces[eq3], eq4);
    // Each class one lower, where there is one; of EQ3 and EQ6 together the less severe of both ways, by the greater score.
    double sum = 0;
    int lower = 1;  // EQ5, at no distance
    const auto reach = [&](int next, int class_number, int level) {
        ++lower;
        sum += static_cast<double>(here - next) * distance[class_number] / kDepths[class_number][level];
    };
    if (eq1 < 2) reach(score(eq1 + 1, eq2, kPlaces[eq3], eq4), 0, eq1);
    if (eq2 < 1) reach(score(eq1, eq2 + 1, kPlaces[eq3], eq4), 1, eq2);
    if (eq3 == 0) reach(std::max(score(eq1, eq2, 1, eq4), score(eq1, eq2, 2, eq4)), 2, eq3);
    if (eq3 == 1) reach(score(eq1, eq2, 3, eq4), 2, eq3);
    if (eq4 < 2) reach(score(eq1, eq2, kPlaces[eq3], eq4 + 1), 3, eq4);
    // To the next tenth, half of one up; what lacks a millionth to it is a rounding error of binary fractions.
    return std::clamp(std::floor(here - sum / lower + 0.5 + 1e-5) / 10, 0.0, 10.0);
}

}  // namespace

std::optional<double> cvss_base_score(std::string_view vector) {
    if (vector.size() > kMaxVectorBytes || says_twice(vector)) return std::nullopt;
    if (vector.starts_with("CVSS:3.0/") || vector.starts_with("CVSS:3.1/")) return score_3(vector.substr(9));
    if (vector.starts_with("CVSS:4.0/")) return score_4(vector.substr(9));
    if (vector.starts_with("AV:")) return score_2(vector);
    return std::nullopt;
}

}  // namespace ward::advisories
