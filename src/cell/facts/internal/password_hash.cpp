// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/password_hash.h"

#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

struct Prefix {
    std::string_view text;
    std::string_view kind;
};

constexpr Prefix kPrefixes[] = {
    {"$1$", "md5"},        {"$2a$", "bcrypt"}, {"$2b$", "bcrypt"}, {"$2x$", "bcrypt"}, {"$2y$", "bcrypt"},
    {"$3$", "nt"},         {"$5$", "sha256"},  {"$6$", "sha512"},  {"$7$", "scrypt"},  {"$gy$", "gost-yescrypt"},
    {"$md5", "sunmd5"},    {"$sha1", "sha1"},  {"$y$", "yescrypt"},
};

constexpr std::string_view kSaltLetters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint32_t kDefaultShaRounds = 5000;

std::size_t salt_letters_at_start(std::string_view text) {
    return std::min(text.find_first_not_of(kSaltLetters), text.size());
}

std::string_view hash_kind(std::string_view hash) {
    for (const Prefix& prefix : kPrefixes) {
        if (hash.starts_with(prefix.text)) return prefix.kind;
    }
    if (hash.starts_with('$')) return "unknown";
    if (hash.starts_with('_') && hash.size() == 20 && salt_letters_at_start(hash.substr(1)) == 19) return "bsdi";
    // Two letters of salt and eleven of hash; bigcrypt adds eleven for every eight letters more of the password. What
    // follows another character is the age of the password as System V kept it.
    const std::size_t letters = salt_letters_at_start(hash);
    const bool ends = letters == hash.size() || hash[letters] == ',';
    if (ends && letters >= 13 && letters <= 178 && (letters - 13) % 11 == 0) return "des";
    return {};
}

std::optional<std::uint32_t> rounds_of(std::string_view kind, std::string_view hash) {
    const auto up_to_dollar = [](std::string_view rest) { return rest.substr(0, rest.find('$')); };
    std::optional<std::uint64_t> rounds;
    if (kind == "bcrypt") {
        rounds = parse_unsigned(up_to_dollar(hash.substr(4)));
    } else if (kind == "sha256" || kind == "sha512") {
        constexpr std::string_view kRounds = "rounds=";
        const std::string_view rest = hash.substr(3);
        rounds = rest.starts_with(kRounds) ? parse_unsigned(up_to_dollar(rest.substr(kRounds.size()))) : kDefaultShaRounds;
    }
    if (!rounds || *rounds > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*rounds);
}

}  // namespace

PasswordField read_password_field(std::string_view field) {
    if (field.empty()) return {"empty", {}, std::nullopt, true};
    const bool locked = field.starts_with('!') || field.starts_with('*');
    const std::string_view hash = field.substr(std::min(field.find_first_not_of("!*"), field.size()));
    const std::string_view kind = hash_kind(hash);
    if (kind.empty()) return {"none", {}, std::nullopt, false};
    const auto rounds = rounds_of(kind, hash);
    if (locked) return {"locked", kind, rounds, false};
    return {kind, kind, rounds, kind == "unknown" ? std::nullopt : std::optional{true}};
}

}  // namespace ward::facts
