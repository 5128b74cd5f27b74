// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/cli_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ward::modules {

namespace {

// Section II.23.1.16. Those without a name of their own are read further.
constexpr std::array<std::string_view, 0x1d> kElements{
    "",       "void",   "bool", "char", "sbyte", "byte", "short",          "ushort", "int",    "uint",    "long", "ulong", "float",  "double", "string",
    "",       "",       "",     "",     "",      "",     "",               "TypedReference", "", "IntPtr", "UIntPtr", "", "", "object"};
enum Element : std::uint8_t {
    kPointer = 0x0f,
    kReference = 0x10,
    kValueType = 0x11,
    kClass = 0x12,
    kTypeParameter = 0x13,
    kArray = 0x14,
    kInstance = 0x15,
    kFunction = 0x1b,
    kVector = 0x1d,
    kMethodParameter = 0x1e,
    kRequiredModifier = 0x1f,
    kOptionalModifier = 0x20,
};

// Columns of TypeDef and TypeRef.
constexpr std::size_t kName = 1;
constexpr std::size_t kNamespace = 2;

// A name in its namespace, or in a type.
std::string join(std::string scope, std::string_view name) {
    if (name.empty()) return scope;
    if (!scope.empty()) scope += '.';
    scope += name;
    scope.resize(plain_name(scope).size());
    return scope;
}

}  // namespace

std::string_view plain_name(std::string_view name) { return name.substr(0, name.find('`')); }

TypeNames::TypeNames(const Cli& cli, Deadline* deadline)
    : cli_{cli}, deadline_{deadline}, left_{budget_for(cli.image().bytes.size())}, enclosing_(cli.rows(Cli::type_def) + std::size_t{1}) {
    for (std::uint32_t row = 1; row <= cli.rows(Cli::nested_class); ++row) {
        const auto inner = cli.number(Cli::nested_class, row, 0);
        const auto outer = cli.number(Cli::nested_class, row, 1);
        if (inner && outer && *inner < enclosing_.size() && !enclosing_[*inner]) enclosing_[*inner] = *outer;
    }
}

std::optional<std::string_view> TypeNames::text_of(std::uint32_t type, std::size_t column) const {
    return cli_.text(cli_.number(Cli::type_def, type, column));
}

bool TypeNames::is_nested(std::uint32_t type) const {
    return (cli_.number(Cli::type_def, type, 0).value_or(0) & 7) >= 2;  // section II.23.1.15
}

TypeNames::Definition TypeNames::definition(std::uint32_t row) {
    std::vector<std::uint32_t> outer;  // from the inside out
    for (std::uint32_t at = row; outer.size() < kMaxNesting && is_nested(at);) {
        const std::uint32_t next = enclosing_[at].value_or(0);
        if (next == 0 || next >= enclosing_.size() || text_of(next, kName) == "<Module>") break;
        outer.push_back(next);
        if (next == std::exchange(at, next)) break;
    }
    std::string scope;
    bool is_known = false;  // though it be empty
    for (auto at = outer.rbegin(); at != outer.rend(); ++at) {
        // The outermost one's namespace is taken as it is, the others' are names in names.
        const auto space = text_of(*at, kNamespace);
        const auto name = text_of(*at, kName);
        is_known = is_known || space || name;
        scope = join(is_nested(*at) ? join(std::move(scope), space.value_or("")) : std::string{space.value_or("")}, name.value_or(""));
    }
    Definition out;
    out.name = text_of(row, kName).value_or("");
    const auto space = text_of(row, kNamespace);
    if (is_nested(row)) {
        scope = join(std::move(scope), space.value_or(""));
        if (is_known || !scope.empty()) out.scope = scope;
    } else if (space) {
        scope = *space;
        out.scope = scope;
    }
    out.full_name = join(std::move(scope), out.name);
    static_cast<void>(spend(2 * out.full_name.size()));
    return out;
}

std::optional<std::string> TypeNames::of(Cli::Row row, const Scope& scope) {
    std::string out;
    return append_row(out, row, scope, 0) ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<std::string> TypeNames::read(Bytes& signature, const Scope& scope) {
    std::string out;
    return append_type(out, signature, scope, 0) ? std::optional{std::move(out)} : std::nullopt;
}

bool TypeNames::spend(std::size_t bytes) {
    if (bytes >= left_ || (deadline_ != nullptr && deadline_->passed(static_cast<std::uint32_t>(bytes) + 1))) {
        left_ = 0;
        return false;
    }
    left_ -= bytes + 1;
    return true;
}

bool TypeNames::append(std::string& out, std::string_view text) {
    if (!spend(text.size())) return false;
    out += text;
    return true;
}

bool TypeNames::append_row(std::string& out, Cli::Row row, const Scope& scope, int depth) {
    if (row.table == Cli::type_def) {
        const auto found = definition(row.row);
        return (text_of(row.row, kName) || found.scope) && !spent() && append(out, found.full_name);
    }
    if (row.table == Cli::type_ref) {
        const auto name = cli_.text(cli_.number(Cli::type_ref, row.row, kName));
        const auto space = cli_.text(cli_.number(Cli::type_ref, row.row, kNamespace));
        return (name || space) && append(out, join(std::string{space.value_or("")}, name.value_or("")));
    }
    if (row.table != Cli::type_spec) return false;
    auto signature = cli_.blob(cli_.number(Cli::type_spec, row.row, 0));
    return signature && append_type(out, *signature, scope, depth);
}

bool TypeNames::append_wrapped(std::string& out, std::string_view before, std::string_view behind, Bytes& signature, const Scope& scope,
                               int depth) {
    return append(out, before) && append_type(out, signature, scope, depth + 1) && append(out, behind);
}

bool TypeNames::append_array(std::string& out, Bytes& signature, const Scope& scope, int depth) {
    if (!append_type(out, signature, scope, depth + 1)) return false;
    const auto rank = compressed(signature);
    if (!rank || *rank == 0 || *rank > kMaxRank) return false;
    std::array<std::optional<std::uint32_t>, kMaxRank> sizes;
    std::array<std::int32_t, kMaxRank> lowest{};
    // What the signature lacks at its end is zero.
    const std::uint32_t size_count = compressed(signature).value_or(0);
    if (size_count > *rank) return false;
    for (std::uint32_t i = 0; i < size_count; ++i) sizes[i] = compressed(signature).value_or(0);
    const std::uint32_t lowest_count = compressed(signature).value_or(0);
    if (lowest_count > *rank) return false;
    for (std::uint32_t i = 0; i < lowest_count; ++i) lowest[i] = compressed_signed(signature).value_or(0);
    std::string text = "[";
    for (std::uint32_t i = 0; i < *rank; ++i) {
        if (i > 0) text += ',';
        if (lowest[i] != 0) text += std::to_string(lowest[i]) + "...";
        if (sizes[i]) text += std::to_string(lowest[i] == 0 ? std::int64_t{*sizes[i]} : std::int64_t{lowest[i]} + *sizes[i] - 1);
    }
    return append(out, text + "]");
}

// Types that cannot be read are left out, as yara does.
bool TypeNames::append_list(std::string& out, std::string_view separator, std::uint32_t count, Bytes& signature, const Scope& scope, int depth) {
    for (std::uint32_t i = 0; i < count && !signature.empty(); ++i) {
        const std::size_t before = out.size();
        if (i > 0 && !append(out, separator)) return false;
        if (append_type(out, signature, scope, depth)) continue;
        if (spent()) return false;
        out.resize(before);
    }
    return true;
}

bool TypeNames::append_instance(std::string& out, Bytes& signature, const Scope& scope, int depth) {
    if (!append_type(out, signature, scope, depth + 1)) return false;
    const std::uint32_t count = compressed(signature).value_or(0);
    return count <= kMaxArguments && append(out, "<") && append_list(out, ",", count, signature, scope, depth + 1) && append(out, ">");
}

bool TypeNames::append_pointer(std::string& out, Bytes& signature, const Scope& scope, int depth) {
    if (signature.empty()) return false;
    signature = signature.subspan(1);  // how it is called
    const std::uint32_t count = compressed(signature).value_or(0);
    return count <= kMaxParameters && append(out, "FnPtr<") && append_type(out, signature, scope, depth + 1) && append(out, "(") &&
           append_list(out, ", ", count, signature, scope, depth + 1) && append(out, ")>");
}

bool TypeNames::append_type(std::string& out, Bytes& signature, const Scope& scope, int depth) {
    if (depth > kMaxDepth || signature.empty()) return false;
    const std::uint8_t element = signature[0];
    signature = signature.subspan(1);
    if (element < kElements.size() && !kElements[element].empty()) return append(out, kElements[element]);
    switch (element) {
        case kPointer: return append_wrapped(out, "Ptr<", ">", signature, scope, depth);
        case kReference: return append_wrapped(out, "ref ", "", signature, scope, depth);
        case kVector: return append_wrapped(out, "", "[]", signature, scope, depth);
        case kArray: return append_array(out, signature, scope, depth);
        case kInstance: return append_instance(out, signature, scope, depth);
        case kFunction: return append_pointer(out, signature, scope, depth);
        case kValueType:
        case kClass: {
            const auto number = compressed(signature);
            return number && append_row(out, Cli::decode(Cli::type_def_or_ref, *number), scope, depth + 1);
        }
        case kTypeParameter:
        case kMethodParameter: {
            const std::uint32_t number = compressed(signature).value_or(0);
            const auto names = element == kTypeParameter ? scope.type_parameters : scope.method_parameters;
            return number < names.size() && append(out, names[number]);
        }
        case kRequiredModifier:
        case kOptionalModifier: return compressed(signature) && append_type(out, signature, scope, depth + 1);
        default: return false;
    }
}

}  // namespace ward::modules
