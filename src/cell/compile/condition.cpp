// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/condition.h"

#include "cell/compile/internal/regex.h"
#include "cell/sigdb/writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

namespace ward::compile {

namespace {

using Kind = Node::Kind;
using sigdb::Quantifier;

void put64(std::vector<std::uint32_t>& out, std::uint64_t value) {
    out.push_back(static_cast<std::uint32_t>(value));
    out.push_back(static_cast<std::uint32_t>(value >> 32));
}

std::optional<sigdb::Arithmetic> arithmetic_of(Tok op) {
    switch (op) {
        case Tok::plus: return sigdb::Arithmetic::add;
        case Tok::minus: return sigdb::Arithmetic::subtract;
        case Tok::star: return sigdb::Arithmetic::multiply;
        case Tok::backslash: return sigdb::Arithmetic::divide;
        case Tok::percent: return sigdb::Arithmetic::modulo;
        case Tok::ampersand: return sigdb::Arithmetic::bit_and;
        case Tok::pipe: return sigdb::Arithmetic::bit_or;
        case Tok::caret: return sigdb::Arithmetic::bit_xor;
        case Tok::shift_left: return sigdb::Arithmetic::shift_left;
        case Tok::shift_right: return sigdb::Arithmetic::shift_right;
        default: return std::nullopt;
    }
}

bool integers_only(sigdb::Arithmetic op) { return op >= sigdb::Arithmetic::modulo; }

sigdb::Compare compare_of(Tok op) {
    switch (op) {
        case Tok::equal: return sigdb::Compare::equal;
        case Tok::not_equal: return sigdb::Compare::not_equal;
        case Tok::less: return sigdb::Compare::less;
        case Tok::less_equal: return sigdb::Compare::less_equal;
        case Tok::greater: return sigdb::Compare::greater;
        default: return sigdb::Compare::greater_equal;
    }
}

sigdb::TextOp text_op_of(Tok op) {
    switch (op) {
        case Tok::kw_contains: return sigdb::TextOp::contains;
        case Tok::kw_icontains: return sigdb::TextOp::icontains;
        case Tok::kw_startswith: return sigdb::TextOp::startswith;
        case Tok::kw_istartswith: return sigdb::TextOp::istartswith;
        case Tok::kw_endswith: return sigdb::TextOp::endswith;
        case Tok::kw_iendswith: return sigdb::TextOp::iendswith;
        default: return sigdb::TextOp::iequals;
    }
}

std::uint32_t read_word(Tok op) {
    constexpr std::uint32_t kSigned = 1U << 8;
    constexpr std::uint32_t kBig = 1U << 9;
    switch (op) {
        case Tok::kw_int8: return 1 | kSigned;
        case Tok::kw_int16: return 2 | kSigned;
        case Tok::kw_int32: return 4 | kSigned;
        case Tok::kw_int8be: return 1 | kSigned | kBig;
        case Tok::kw_int16be: return 2 | kSigned | kBig;
        case Tok::kw_int32be: return 4 | kSigned | kBig;
        case Tok::kw_uint8: return 1;
        case Tok::kw_uint16: return 2;
        case Tok::kw_uint32: return 4;
        case Tok::kw_uint8be: return 1 | kBig;
        case Tok::kw_uint16be: return 2 | kBig;
        default: return 4 | kBig;
    }
}

bool is_number(Type type) { return type == Type::integer || type == Type::real; }

}  // namespace

std::string_view type_name(Type type) {
    constexpr std::string_view kNames[] = {"an integer", "a real number", "a truth value", "a text"};
    return kNames[static_cast<std::size_t>(type)];
}

std::optional<std::vector<std::uint32_t>> ConditionCompiler::compile(const Node& condition) {
    if (!truth(condition)) return std::nullopt;
    if (out_.size() > sigdb::kMaxNodeWords) {
        wrong(condition, "the condition is too large");
        return std::nullopt;
    }
    return std::move(out_);
}

bool ConditionCompiler::wrong(const Node& node, std::string why) {
    reporter_.error(node.span, std::move(why));
    return false;
}

std::size_t ConditionCompiler::begin(sigdb::Node kind) {
    out_.push_back(static_cast<std::uint32_t>(kind));
    return out_.size() - 1;
}

void ConditionCompiler::end(std::size_t start) {
    const std::size_t words = std::min<std::size_t>(out_.size() - start, sigdb::kMaxNodeWords);
    out_[start] |= static_cast<std::uint32_t>(words) << 8;
}

bool ConditionCompiler::truth(const Node& node) {
    const auto type = value(node);
    if (!type) return false;
    if (*type == Type::text) reporter_.warning(node.span, "a text is true when it is not empty; did you mean a comparison?");
    return true;
}

bool ConditionCompiler::number(const Node& node, std::string_view what) {
    const auto type = value(node);
    if (!type) return false;
    return *type == Type::integer || wrong(node, fmt::format("expected an integer as {}, found {}", what, type_name(*type)));
}

std::optional<std::int64_t> ConditionCompiler::constant(const Node& node, bool& faulty) const {
    const auto operand = [&](std::size_t i) { return constant(*node.children[i], faulty); };
    switch (node.kind) {
        case Kind::integer: return node.integer;
        case Kind::negate: {
            const auto inner = operand(0);
            if (!inner) return std::nullopt;
            return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(*inner));
        }
        case Kind::bit_not: {
            const auto inner = operand(0);
            if (!inner) return std::nullopt;
            return ~*inner;
        }
        case Kind::arithmetic: {
            const auto left = operand(0);
            const auto right = operand(1);
            if (!left || !right) return std::nullopt;
            std::int64_t result = 0;
            bool overflow = false;
            switch (node.op) {
                case Tok::plus: overflow = __builtin_add_overflow(*left, *right, &result); break;
                case Tok::minus: overflow = __builtin_sub_overflow(*left, *right, &result); break;
                case Tok::star: overflow = __builtin_mul_overflow(*left, *right, &result); break;
                case Tok::backslash:
                case Tok::percent:
                    if (*right == 0) return std::nullopt;  // refused by itself
                    overflow = *left == std::numeric_limits<std::int64_t>::min() && *right == -1;
                    if (!overflow) result = node.op == Tok::percent ? *left % *right : *left / *right;
                    break;
                case Tok::ampersand: return *left & *right;
                case Tok::pipe: return *left | *right;
                case Tok::caret: return *left ^ *right;
                case Tok::shift_left:
                case Tok::shift_right:
                    if (*right < 0) return std::nullopt;  // refused by itself
                    if (*right >= 64) return 0;
                    if (node.op == Tok::shift_right) return *left >> *right;
                    return static_cast<std::int64_t>(static_cast<std::uint64_t>(*left) << *right);
                default: return std::nullopt;
            }
            if (!overflow) return result;
            reporter_.error(node.span, "integer overflow");
            faulty = true;
            return std::nullopt;
        }
        default: return std::nullopt;
    }
}

std::optional<Type> ConditionCompiler::value(const Node& node) {
    switch (node.kind) {
        case Kind::boolean: {
            const auto at = begin(sigdb::Node::boolean);
            out_.push_back(node.integer != 0 ? 1 : 0);
            end(at);
            return Type::boolean;
        }
        case Kind::integer: {
            const auto at = begin(sigdb::Node::integer);
            put64(out_, static_cast<std::uint64_t>(node.integer));
            end(at);
            return Type::integer;
        }
        case Kind::real: {
            const auto at = begin(sigdb::Node::real);
            put64(out_, std::bit_cast<std::uint64_t>(node.real));
            end(at);
            return Type::real;
        }
        case Kind::text: {
            const auto at = begin(sigdb::Node::text);
            out_.push_back(text_number_(node.text));
            end(at);
            return Type::text;
        }
        case Kind::regex:
            wrong(node, "a regular expression stands behind `matches` only");
            return std::nullopt;
        case Kind::filesize: end(begin(sigdb::Node::filesize)); return Type::integer;
        case Kind::entrypoint: end(begin(sigdb::Node::entrypoint)); return Type::integer;
        case Kind::read: {
            const auto at = begin(sigdb::Node::read);
            out_.push_back(read_word(node.op));
            if (!number(*node.children[0], "an offset")) return std::nullopt;
            end(at);
            return Type::integer;
        }
        case Kind::found:
        case Kind::found_at:
        case Kind::found_in:
        case Kind::count:
        case Kind::count_in:
        case Kind::offset:
        case Kind::length: return string_node(node);
        case Kind::identifier: return identifier(node);
        case Kind::member:
        case Kind::index:
        case Kind::call: return module_value(node);
        case Kind::negate:
        case Kind::bit_not: {
            const auto at = begin(node.kind == Kind::negate ? sigdb::Node::negate : sigdb::Node::bit_not);
            const auto type = value(*node.children[0]);
            if (!type) return std::nullopt;
            if (*type != Type::integer && (node.kind == Kind::bit_not || *type != Type::real)) {
                wrong(node, fmt::format("expected a number, found {}", type_name(*type)));
                return std::nullopt;
            }
            end(at);
            return type;
        }
        case Kind::arithmetic: return arithmetic(node);
        case Kind::compare: return compare(node);
        case Kind::text_op: {
            const auto at = begin(sigdb::Node::text_op);
            out_.push_back(static_cast<std::uint32_t>(text_op_of(node.op)));
            for (const auto& child : node.children) {
                const auto type = value(*child);
                if (!type) return std::nullopt;
                if (*type != Type::text) {
                    wrong(*child, fmt::format("expected a text, found {}", type_name(*type)));
                    return std::nullopt;
                }
            }
            end(at);
            return Type::boolean;
        }
        case Kind::matches: return matches(node);
        case Kind::negation:
        case Kind::defined: {
            const auto at = begin(node.kind == Kind::negation ? sigdb::Node::negation : sigdb::Node::defined);
            if (!truth(*node.children[0])) return std::nullopt;
            end(at);
            return Type::boolean;
        }
        case Kind::conjunction:
        case Kind::disjunction: {
            const auto at = begin(node.kind == Kind::conjunction ? sigdb::Node::conjunction : sigdb::Node::disjunction);
            for (const auto& child : node.children) {
                if (!truth(*child)) return std::nullopt;
            }
            end(at);
            return Type::boolean;
        }
        case Kind::all:
        case Kind::any:
        case Kind::none:
        case Kind::percent: wrong(node, "a quantifier needs `of` behind it"); return std::nullopt;
        case Kind::of:
        case Kind::of_in:
        case Kind::of_at: return of(node);
        case Kind::for_strings: return for_strings(node);
        case Kind::for_range:
        case Kind::for_list: return for_values(node);
        case Kind::for_each: return for_each(node);
    }
    return std::nullopt;
}

std::optional<Type> ConditionCompiler::arithmetic(const Node& node) {
    bool faulty = false;
    static_cast<void>(constant(node, faulty));
    if (faulty) return std::nullopt;
    const auto op = arithmetic_of(node.op);
    if (!op) {
        wrong(node, "no such operation");
        return std::nullopt;
    }
    // A second operand that is plainly wrong, whatever the first one is.
    const auto second = constant(*node.children[1], faulty);
    if (second && *second == 0 && (*op == sigdb::Arithmetic::divide || *op == sigdb::Arithmetic::modulo)) {
        wrong(node, "division by zero");
        return std::nullopt;
    }
    if (second && *second < 0 && (*op == sigdb::Arithmetic::shift_left || *op == sigdb::Arithmetic::shift_right)) {
        wrong(node, "a shift by a negative number");
        return std::nullopt;
    }
    const auto at = begin(sigdb::Node::arithmetic);
    out_.push_back(static_cast<std::uint32_t>(*op));
    Type result = Type::integer;
    for (const auto& child : node.children) {
        const auto type = value(*child);
        if (!type) return std::nullopt;
        if (!is_number(*type) || (integers_only(*op) && *type != Type::integer)) {
            wrong(*child, fmt::format("expected {}, found {}", integers_only(*op) ? "an integer" : "a number", type_name(*type)));
            return std::nullopt;
        }
        if (*type == Type::real) result = Type::real;
    }
    end(at);
    return result;
}

std::optional<Type> ConditionCompiler::compare(const Node& node) {
    const auto at = begin(sigdb::Node::compare);
    out_.push_back(static_cast<std::uint32_t>(compare_of(node.op)));
    for (std::size_t i = 0; i < 2; ++i) {
        bool faulty = false;
        const auto with = constant(*node.children[1 - i], faulty);
        if (node.children[i]->kind == Kind::count && with && *with < sigdb::kFewHits) few_counted_ = node.children[i].get();
    }
    std::optional<Type> types[2];
    for (std::size_t i = 0; i < 2; ++i) {
        types[i] = value(*node.children[i]);
        if (!types[i]) return std::nullopt;
        if (*types[i] == Type::boolean) {
            wrong(*node.children[i], "a truth value cannot be compared; use it, or `not` it");
            return std::nullopt;
        }
    }
    if ((*types[0] == Type::text) != (*types[1] == Type::text)) {
        wrong(node, fmt::format("{} cannot be compared with {}", type_name(*types[0]), type_name(*types[1])));
        return std::nullopt;
    }
    end(at);
    return Type::boolean;
}

const ConditionCompiler::Variable* ConditionCompiler::variable(std::string_view name) const {
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(), [&](const Variable& each) { return each.name == name; });
    return found == variables_.rend() ? nullptr : &*found;
}

std::optional<ConditionCompiler::Reference> ConditionCompiler::root(const Node& node) {
    if (const auto* known = variable(node.text); known != nullptr && known->object) {
        const auto at = begin(sigdb::Node::variable);
        out_.push_back(known->slot);
        end(at);
        return known->object;
    }
    const auto* declaration = modules::find(node.text);
    if (declaration == nullptr || !scope_.imports.contains(node.text)) {
        // Something else, or nothing: its own message, or this one.
        if (identifier(node)) wrong(node, fmt::format("{} has no parts", node.text));
        return std::nullopt;
    }
    const auto known = std::find(modules_.begin(), modules_.end(), declaration);
    const auto at = begin(sigdb::Node::module);
    out_.push_back(static_cast<std::uint32_t>(known - modules_.begin()));
    end(at);
    if (known == modules_.end()) modules_.push_back(declaration);
    speaks_ = speaks_ || declaration->name == "console";
    return Reference{.name = node.text, .fields = declaration->fields};
}

std::optional<ConditionCompiler::Reference> ConditionCompiler::reference(const Node& node) {
    switch (node.kind) {
        case Kind::identifier: return root(node);
        case Kind::member: return member(node);
        case Kind::index: return item(node);
        case Kind::call: return call(node);
        default: wrong(node, "this has no parts"); return std::nullopt;
    }
}

std::optional<ConditionCompiler::Reference> ConditionCompiler::member(const Node& node) {
    const auto at = begin(sigdb::Node::member);
    out_.push_back(0);
    const auto owner = reference(*node.children[0]);
    if (!owner) return std::nullopt;
    if (owner->type != modules::Type::structure || owner->constant) {
        wrong(node, fmt::format("{} has no parts{}", owner->name,
                                owner->type == modules::Type::array || owner->type == modules::Type::dictionary ? "; its items have" : ""));
        return std::nullopt;
    }
    for (std::size_t i = 0; i < owner->fields.size(); ++i) {
        const modules::Field& field = owner->fields[i];
        if (field.name != node.text) continue;
        Reference out{.name = owner->name + "." + node.text, .type = field.type, .item = field.item, .fields = field.fields};
        if (field.value) {
            out_.resize(at);
            const auto number = begin(sigdb::Node::integer);
            put64(out_, static_cast<std::uint64_t>(*field.value));
            end(number);
            out.constant = true;
            return out;
        }
        if (field.type == modules::Type::function) out.function = &field;
        out_[at + 1] = static_cast<std::uint32_t>(i);
        end(at);
        return out;
    }
    std::vector<std::string_view> names;
    for (const auto& field : owner->fields) names.push_back(field.name);
    wrong(node, fmt::format("{} has no field {}{}", owner->name, node.text, did_you_mean(node.text, names)));
    return std::nullopt;
}

std::optional<ConditionCompiler::Reference> ConditionCompiler::item(const Node& node) {
    const auto at = begin(sigdb::Node::item);
    const auto owner = reference(*node.children[0]);
    if (!owner) return std::nullopt;
    const bool array = owner->type == modules::Type::array;
    if (!array && owner->type != modules::Type::dictionary) {
        wrong(node, fmt::format("{} is neither an array nor a dictionary", owner->name));
        return std::nullopt;
    }
    const auto index = value(*node.children[1]);
    if (!index) return std::nullopt;
    if (*index != (array ? Type::integer : Type::text)) {
        wrong(*node.children[1], fmt::format("{} takes {}, found {}", owner->name, array ? "an integer as index" : "a text as key", type_name(*index)));
        return std::nullopt;
    }
    end(at);
    return Reference{.name = owner->name + "[]", .type = owner->item, .fields = owner->fields};
}

bool ConditionCompiler::argument(const Node& node, std::string& letters) {
    if (node.kind == Kind::regex) {
        const auto at = begin(sigdb::Node::regex);
        if (!regex_code(node)) return false;
        end(at);
        letters += 'r';
        return true;
    }
    const auto type = value(node);
    if (!type) return false;
    constexpr std::string_view kLetters = "ifbs";
    letters += kLetters[static_cast<std::size_t>(*type)];
    return true;
}

std::optional<ConditionCompiler::Reference> ConditionCompiler::call(const Node& node) {
    const auto at = begin(sigdb::Node::call);
    out_.insert(out_.end(), 2, 0);
    // The function's own node becomes the words of the call: field, then the object that has it.
    const std::size_t inner = out_.size();
    const auto function = reference(*node.children[0]);
    if (!function) return std::nullopt;
    if (function->function == nullptr) {
        wrong(node, fmt::format("{} is no function", function->name));
        return std::nullopt;
    }
    out_[at + 1] = out_[inner + 1];
    out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(inner), out_.begin() + static_cast<std::ptrdiff_t>(inner) + 2);
    std::string letters;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        if (!argument(*node.children[i], letters)) return std::nullopt;
    }
    const auto signatures = function->function->signatures;
    const auto fitting = std::find_if(signatures.begin(), signatures.end(), [&](const auto& each) { return each.arguments == letters; });
    if (fitting == signatures.end()) {
        const auto listed = [](std::string_view arguments) {
            std::string out;
            for (const char letter : arguments) {
                out += out.empty() ? "" : ", ";
                out += letter == 'i' ? "integer" : letter == 'f' ? "real number" : letter == 'b' ? "truth value" : letter == 's' ? "text" : "regular expression";
            }
            return "(" + out + ")";
        };
        std::string forms;
        for (const auto& each : signatures) forms += (forms.empty() ? "" : " or ") + listed(each.arguments);
        wrong(node, fmt::format("{} takes {}, found {}", function->name, forms, listed(letters)));
        return std::nullopt;
    }
    out_[at + 2] = static_cast<std::uint32_t>(fitting - signatures.begin());
    end(at);
    return Reference{.name = function->name + "()", .type = fitting->result};
}

std::optional<Type> ConditionCompiler::module_value(const Node& node) {
    const auto found = reference(node);
    if (!found) return std::nullopt;
    switch (found->type) {
        case modules::Type::integer: return Type::integer;
        case modules::Type::real: return Type::real;
        case modules::Type::text: return Type::text;
        case modules::Type::structure: wrong(node, fmt::format("{} is a structure; name one of its fields", found->name)); break;
        case modules::Type::array: wrong(node, fmt::format("{} is an array; name one of its items: {}[0]", found->name, found->name)); break;
        case modules::Type::dictionary: wrong(node, fmt::format("{} is a dictionary; name one of its items: {}[\"key\"]", found->name, found->name)); break;
        case modules::Type::function: wrong(node, fmt::format("{} is a function; call it: {}()", found->name, found->name)); break;
    }
    return std::nullopt;
}

std::optional<Type> ConditionCompiler::identifier(const Node& node) {
    if (const auto* known = variable(node.text)) {
        if (known->object) return module_value(node);
        const auto at = begin(sigdb::Node::variable);
        out_.push_back(known->slot);
        end(at);
        return known->type;
    }
    if (scope_.imports.contains(node.text)) return module_value(node);
    const auto known = scope_.rules.find(ruleset_);
    if (known != scope_.rules.end()) {
        if (const auto rule = known->second.find(node.text); rule != known->second.end()) {
            if (rule->second == Scope::kFaulty) {
                wrong(node, fmt::format("rule {} was left out because of a fault", node.text));
                return std::nullopt;
            }
            const auto at = begin(sigdb::Node::rule);
            out_.push_back(rule->second);
            end(at);
            return Type::boolean;
        }
    }
    if (const auto external = scope_.externals.find(node.text); external != scope_.externals.end()) {
        const auto at = begin(sigdb::Node::external);
        out_.push_back(external->second.number);
        end(at);
        return external->second.type;
    }
    std::vector<std::string_view> names;
    for (const auto& variable : variables_) names.push_back(variable.name);
    for (const auto& [name, external] : scope_.externals) names.push_back(name);
    if (known != scope_.rules.end()) {
        for (const auto& [name, rule] : known->second) names.push_back(name);
    }
    for (const auto word : keywords()) names.push_back(word);
    const bool module = modules::find(node.text) != nullptr;
    wrong(node, module ? fmt::format("the module {} needs `import \"{}\"` first", node.text, node.text)
                       : fmt::format("nothing is named {}{}", node.text, did_you_mean(node.text, names)));
    return std::nullopt;
}

std::optional<std::uint32_t> ConditionCompiler::string_number(const Node& node) {
    if (node.text == "$") {
        if (string_loops_ > 0) return sigdb::kCurrentString;
        wrong(node, "`$` by itself stands for the string of a loop, and this is in none");
        return std::nullopt;
    }
    std::vector<std::string_view> names;
    for (auto& string : strings_) {
        if (string.name == node.text) {
            string.used = true;
            return string.pattern;
        }
        names.push_back(string.name);
    }
    wrong(node, fmt::format("there is no string {}{}", node.text, did_you_mean(node.text, names)));
    return std::nullopt;
}

std::optional<Type> ConditionCompiler::string_node(const Node& node) {
    sigdb::Node kind = sigdb::Node::found;
    Type type = Type::boolean;
    switch (node.kind) {
        case Kind::found_at: kind = sigdb::Node::found_at; break;
        case Kind::found_in: kind = sigdb::Node::found_in; break;
        case Kind::count: kind = sigdb::Node::count; type = Type::integer; break;
        case Kind::count_in: kind = sigdb::Node::count_in; type = Type::integer; break;
        case Kind::offset: kind = sigdb::Node::offset; type = Type::integer; break;
        case Kind::length: kind = sigdb::Node::length; type = Type::integer; break;
        default: break;
    }
    bool faulty = false;
    const auto offset = node.kind == Kind::found_at ? constant(*node.children[0], faulty) : std::nullopt;
    const auto guard = begin_guard(node, offset);
    const auto at = begin(kind);
    const auto string = string_number(node);
    if (!string) return std::nullopt;
    for (auto& each : strings_) {
        // As yara: what a loop asks of `$` tells where each string of the rule is told, of those too that the loop is not about.
        if (node.text == "$") each.anywhere = each.anywhere || !offset || each.only_at.value_or(*offset) != *offset;
        if (node.text == "$" && offset) each.only_at = offset;
        if (each.name != node.text) continue;
        if (offset) {
            each.asked_at(*offset);
        } else {
            each.anywhere = true;
            each.places = each.places || kind != sigdb::Node::found;
            each.many = each.many || (kind != sigdb::Node::found && &node != few_counted_);
        }
    }
    out_.push_back(*string);
    if (node.kind == Kind::found_in || node.kind == Kind::count_in) {
        if (!bounds(*node.children[0], *node.children[1])) return std::nullopt;
    } else if (!node.children.empty()) {
        if (!number(*node.children[0], node.kind == Kind::found_at ? "an offset" : "an index")) return std::nullopt;
    }
    if ((node.kind == Kind::offset || node.kind == Kind::length) && node.children.empty()) {
        const auto first = begin(sigdb::Node::integer);
        put64(out_, 1);
        end(first);
    }
    end(at);
    if (guard) end(*guard);
    return type;
}

// `$a at 0` cannot hold where other bytes stand than the string begins with. Said as `uint32(0) == ... and $a at 0`, that tells
// without any match that a rule does not hold, and which heads it asks for.
std::optional<std::size_t> ConditionCompiler::begin_guard(const Node& node, std::optional<std::int64_t> offset) {
    const auto string = std::find_if(strings_.begin(), strings_.end(), [&](const auto& each) { return each.name == node.text; });
    if (!offset || *offset < 0 || node.text == "$" || string == strings_.end() || string->start.empty()) return std::nullopt;
    const std::uint32_t width = string->start.size() >= 4 ? 4 : string->start.size() >= 2 ? 2 : 1;
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < width; ++i) value |= std::uint64_t{static_cast<unsigned char>(string->start[i])} << (8 * i);
    const auto integer = [&](std::uint64_t number) {
        const auto at = begin(sigdb::Node::integer);
        put64(out_, number);
        end(at);
    };
    const auto all = begin(sigdb::Node::conjunction);
    const auto comparison = begin(sigdb::Node::compare);
    out_.push_back(static_cast<std::uint32_t>(sigdb::Compare::equal));
    const auto read = begin(sigdb::Node::read);
    out_.push_back(width);
    integer(static_cast<std::uint64_t>(*offset));
    end(read);
    integer(value);
    end(comparison);
    return all;
}

bool ConditionCompiler::string_set(const Node& node, bool many, Words& patterns) {
    if (strings_.empty()) return wrong(node, "this rule has no strings");
    if (node.set.empty()) {
        for (auto& string : strings_) {
            string.used = string.anywhere = string.places = true;
            string.many = string.many || many;
            patterns.push_back(string.pattern);
        }
        return true;
    }
    for (const auto& item : node.set) {
        bool any = false;
        for (auto& string : strings_) {
            const bool fits = item.wildcard ? std::string_view{string.name}.starts_with(item.name) : string.name == item.name;
            if (!fits) continue;
            any = true;
            string.used = string.anywhere = string.places = true;
            string.many = string.many || many;
            patterns.push_back(string.pattern);
        }
        if (any) continue;
        reporter_.error(item.span, fmt::format("there is no string {}{}", item.name, item.wildcard ? "*" : ""));
        return false;
    }
    return true;
}

bool ConditionCompiler::rule_set(const Node& node, Words& rules) {
    const auto known = scope_.rules.find(ruleset_);
    for (const auto& item : node.set) {
        bool any = false;
        if (known != scope_.rules.end()) {
            for (const auto& [name, rule] : known->second) {
                const bool fits = item.wildcard ? std::string_view{name}.starts_with(item.name) : name == item.name;
                if (!fits) continue;
                any = true;
                if (rule == Scope::kFaulty) {
                    reporter_.error(item.span, fmt::format("rule {} was left out because of a fault", name));
                    return false;
                }
                rules.push_back(rule);
            }
        }
        if (any) continue;
        reporter_.error(item.span, fmt::format("there is no earlier rule {}{}", item.name, item.wildcard ? "*" : ""));
        return false;
    }
    return true;
}

bool ConditionCompiler::quantifier(const Node& node, Quantifier& which) {
    switch (node.kind) {
        case Kind::all: which = Quantifier::all; return true;
        case Kind::any: which = Quantifier::any; return true;
        case Kind::none: which = Quantifier::none; return true;
        case Kind::percent: {
            which = Quantifier::percent;
            bool faulty = false;
            const auto share = constant(*node.children[0], faulty);
            if (faulty) return false;
            if (share && (*share < 1 || *share > 100)) return wrong(node, "a percentage lies between 1 and 100");
            return true;
        }
        default: {
            which = Quantifier::number;
            bool faulty = false;
            const auto many = constant(node, faulty);
            if (faulty) return false;
            return !many || *many >= 0 || wrong(node, "a quantifier is not negative");
        }
    }
}

// `low` and `high` are the bounds of a range.
bool ConditionCompiler::bounds(const Node& low, const Node& high) {
    bool faulty = false;
    const auto first = constant(low, faulty);
    const auto last = constant(high, faulty);
    if (faulty) return false;
    if (first && *first < 0) return wrong(low, "the range begins below 0: its lower bound is negative");
    if (first && last && *first > *last) {
        reporter_.error(join(low.span, high.span), "the range is empty: its lower bound is above the upper one");
        return false;
    }
    return number(low, "a lower bound") && number(high, "an upper bound");
}

bool ConditionCompiler::quantifier_child(const Node& node, Quantifier which) {
    if (which == Quantifier::number) return number(node, "a quantifier");
    if (which == Quantifier::percent) return number(*node.children[0], "a percentage");
    return true;
}

std::optional<Type> ConditionCompiler::of(const Node& node) {
    const bool of_rules = !node.set.empty() && node.set.front().rule;
    if (of_rules && node.kind != Kind::of) {
        wrong(node, "rules have no offsets: `in` and `at` go with strings");
        return std::nullopt;
    }
    if (node.kind != Kind::of && node.children[0]->kind == Kind::percent) {
        wrong(*node.children[0], "a percentage goes with neither `in` nor `at`");
        return std::nullopt;
    }
    Words members;
    if (!(of_rules ? rule_set(node, members) : string_set(node, node.kind != Kind::of, members))) return std::nullopt;
    Quantifier which{};
    if (!quantifier(*node.children[0], which)) return std::nullopt;
    const auto at = begin(of_rules ? sigdb::Node::of_rules
                          : node.kind == Kind::of_in ? sigdb::Node::of_strings_in
                          : node.kind == Kind::of_at ? sigdb::Node::of_strings_at
                                                     : sigdb::Node::of_strings);
    out_.push_back(static_cast<std::uint32_t>(which));
    out_.push_back(static_cast<std::uint32_t>(members.size()));
    out_.insert(out_.end(), members.begin(), members.end());
    if (!quantifier_child(*node.children[0], which)) return std::nullopt;
    if (node.kind == Kind::of_at && !number(*node.children[1], "an offset")) return std::nullopt;
    if (node.kind == Kind::of_in && !bounds(*node.children[1], *node.children[2])) return std::nullopt;
    end(at);
    return Type::boolean;
}

std::optional<Type> ConditionCompiler::for_strings(const Node& node) {
    if (!node.set.empty() && node.set.front().rule) {
        wrong(node, "a loop goes over strings, not over rules");
        return std::nullopt;
    }
    Words members;
    if (!string_set(node, true, members)) return std::nullopt;
    Quantifier which{};
    if (!quantifier(*node.children[0], which)) return std::nullopt;
    const auto at = begin(sigdb::Node::for_strings);
    out_.push_back(static_cast<std::uint32_t>(which));
    out_.push_back(static_cast<std::uint32_t>(members.size()));
    out_.insert(out_.end(), members.begin(), members.end());
    if (!quantifier_child(*node.children[0], which)) return std::nullopt;
    ++string_loops_;
    const bool good = truth(*node.children[1]);
    --string_loops_;
    if (!good) return std::nullopt;
    end(at);
    return Type::boolean;
}

bool ConditionCompiler::new_variables(const Node& node) {
    for (std::size_t i = 0; i < node.variables.size(); ++i) {
        const std::string& name = node.variables[i];
        if (variable(name) != nullptr || (i > 0 && name == node.variables.front())) {
            return wrong(node, fmt::format("there is a loop variable {} already", name));
        }
    }
    if (variables_.size() + node.variables.size() <= sigdb::kMaxVariables) return true;
    return wrong(node, fmt::format("loops have at most {} variables, one inside the other", sigdb::kMaxVariables));
}

std::optional<Type> ConditionCompiler::for_each(const Node& node) {
    if (!new_variables(node)) return std::nullopt;
    Quantifier which{};
    if (!quantifier(*node.children[0], which)) return std::nullopt;
    const bool entries = node.variables.size() == 2;
    const auto at = begin(entries ? sigdb::Node::for_entries : sigdb::Node::for_items);
    const auto slot = static_cast<std::uint32_t>(variables_.size());
    out_.push_back(static_cast<std::uint32_t>(which));
    out_.push_back(slot);
    if (entries) out_.push_back(slot + 1);
    if (!quantifier_child(*node.children[0], which)) return std::nullopt;
    const Node& over = *node.children[2];
    const auto found = reference(over);
    if (!found) return std::nullopt;
    const bool array = found->type == modules::Type::array;
    if (!array && found->type != modules::Type::dictionary) {
        wrong(over, fmt::format("{} is neither an array nor a dictionary, nothing to loop over", found->name));
        return std::nullopt;
    }
    if (node.variables.size() != (array ? 1U : 2U)) {
        wrong(node, fmt::format("a loop over {} has {}", found->name, array ? "one variable: it is an array" : "two variables, the key's and the value's: it is a dictionary"));
        return std::nullopt;
    }
    if (entries) variables_.push_back({node.variables.front(), slot, Type::text, std::nullopt});
    Variable item{node.variables.back(), static_cast<std::uint32_t>(variables_.size()), Type::integer, std::nullopt};
    switch (found->item) {
        case modules::Type::integer: break;
        case modules::Type::real: item.type = Type::real; break;
        case modules::Type::text: item.type = Type::text; break;
        default: item.object = Reference{.name = item.name, .type = found->item, .fields = found->fields};
    }
    variables_.push_back(std::move(item));
    const bool good = truth(*node.children[1]);
    variables_.resize(slot);
    if (!good) return std::nullopt;
    end(at);
    return Type::boolean;
}

std::optional<Type> ConditionCompiler::for_values(const Node& node) {
    if (node.variables.size() != 1) {
        wrong(node, "a loop over numbers or texts has one variable");
        return std::nullopt;
    }
    if (!new_variables(node)) return std::nullopt;
    const std::string& name = node.variables.front();
    Quantifier which{};
    if (!quantifier(*node.children[0], which)) return std::nullopt;
    const bool range = node.kind == Kind::for_range;
    const auto at = begin(range ? sigdb::Node::for_range : sigdb::Node::for_list);
    const auto slot = static_cast<std::uint32_t>(variables_.size());
    out_.push_back(static_cast<std::uint32_t>(which));
    out_.push_back(slot);
    if (!range) out_.push_back(static_cast<std::uint32_t>(node.children.size() - 2));
    if (!quantifier_child(*node.children[0], which)) return std::nullopt;
    std::optional<Type> type;
    if (range) {
        if (!bounds(*node.children[2], *node.children[3])) return std::nullopt;
        type = Type::integer;
    }
    for (std::size_t i = 2; i < node.children.size() && !range; ++i) {
        const auto one = value(*node.children[i]);
        if (!one) return std::nullopt;
        if (*one != Type::integer && *one != Type::text) {
            wrong(*node.children[i], fmt::format("expected an integer or a text, found {}", type_name(*one)));
            return std::nullopt;
        }
        if (type && *type != *one) {
            wrong(*node.children[i], "the values of one list are all integers or all texts");
            return std::nullopt;
        }
        type = one;
    }
    variables_.push_back({name, slot, *type, std::nullopt});
    const bool good = truth(*node.children[1]);
    variables_.pop_back();
    if (!good) return std::nullopt;
    end(at);
    return Type::boolean;
}

// Compiles the expression and writes where it lies.
bool ConditionCompiler::regex_code(const Node& node) {
    PatternError why;
    auto parsed = parse_regex(node.text, {node.flag_i, node.flag_s}, why);
    if (!parsed) {
        Span span = node.span;
        if (why.offset > 0 && why.offset + 1 < span.length) {
            span.offset += 1 + static_cast<std::uint32_t>(why.offset);
            span.length = 1;
        }
        reporter_.error(span, why.text);
        return false;
    }
    const auto code = automaton_of(flattened(parsed->root));
    if (!code) return wrong(node, "the regular expression is too large: its repeats multiply");
    out_.push_back(static_cast<std::uint32_t>(regexes_.size()));
    sigdb::put_bytes(regexes_, *code);
    sigdb::pad_to(regexes_, 4);
    return true;
}

std::optional<Type> ConditionCompiler::matches(const Node& node) {
    const auto at = begin(sigdb::Node::matches);
    if (!regex_code(*node.children[1])) return std::nullopt;
    const auto type = value(*node.children[0]);
    if (!type) return std::nullopt;
    if (*type != Type::text) {
        wrong(*node.children[0], fmt::format("expected a text, found {}", type_name(*type)));
        return std::nullopt;
    }
    end(at);
    return Type::boolean;
}

namespace {

// What a condition is worth when nothing matched but, perhaps, some patterns: surely not true, a known number, or open.
struct Guess {
    bool never = false;
    std::optional<std::int64_t> number;
};

class Guesser {
public:
    Guesser(const std::vector<std::uint32_t>& words, const MayMatch& may_match) : words_{words}, may_match_{may_match} {}

    Guess guess(std::size_t at) const {
        const auto kind = static_cast<sigdb::Node>(words_[at] & 0xff);
        const std::size_t end = at + (words_[at] >> 8);
        switch (kind) {
            case sigdb::Node::boolean: return {words_[at + 1] == 0, std::nullopt};
            case sigdb::Node::integer: {
                const std::uint64_t value = words_[at + 1] | std::uint64_t{words_[at + 2]} << 32;
                return {value == 0, static_cast<std::int64_t>(value)};
            }
            case sigdb::Node::found:
            case sigdb::Node::found_at:
            case sigdb::Node::found_in: return {!may_match_(words_[at + 1]), std::nullopt};
            case sigdb::Node::offset:
            case sigdb::Node::length: return {!may_match_(words_[at + 1]), std::nullopt};  // undefined, and so is what is made of it
            case sigdb::Node::count:
            case sigdb::Node::count_in:
                if (may_match_(words_[at + 1])) return {};
                return {true, 0};
            case sigdb::Node::compare: {
                const Guess left = guess(at + 2);
                const Guess right = guess(at + 2 + (words_[at + 2] >> 8));
                if (undefined(at + 2) || undefined(at + 2 + (words_[at + 2] >> 8))) return {true, std::nullopt};
                if (!left.number || !right.number) return {};
                return {!sigdb::compared(static_cast<sigdb::Compare>(words_[at + 1]), *left.number, *right.number), std::nullopt};
            }
            case sigdb::Node::conjunction:
                for (std::size_t child = at + 1; child < end; child += words_[child] >> 8) {
                    if (guess(child).never) return {true, std::nullopt};
                }
                return {};
            case sigdb::Node::disjunction:
                for (std::size_t child = at + 1; child < end; child += words_[child] >> 8) {
                    if (!guess(child).never) return {};
                }
                return {true, std::nullopt};
            case sigdb::Node::of_strings:
            case sigdb::Node::of_strings_in:
            case sigdb::Node::of_strings_at:
            case sigdb::Node::for_strings: {
                const std::size_t first = at + 3 + words_[at + 2];
                const auto which = static_cast<sigdb::Quantifier>(words_[at + 1]);
                const auto possible = std::count_if(words_.begin() + static_cast<std::ptrdiff_t>(at) + 3, words_.begin() + static_cast<std::ptrdiff_t>(first), may_match_);
                if (possible > 0) {
                    if (kind == sigdb::Node::for_strings) return {};
                    if (which == sigdb::Quantifier::all) return {possible < static_cast<std::int64_t>(words_[at + 2]), std::nullopt};
                    if (which == sigdb::Quantifier::number) return {guess(first).number.value_or(0) > possible, std::nullopt};
                    return {};
                }
                if (kind == sigdb::Node::for_strings) {
                    const std::size_t body = which == sigdb::Quantifier::number || which == sigdb::Quantifier::percent ? first + (words_[first] >> 8) : first;
                    if (!guess(body).never) return {};
                }
                return {demands_one(which, first), std::nullopt};
            }
            default: return {};
        }
    }

private:
    bool undefined(std::size_t at) const {
        const auto kind = static_cast<sigdb::Node>(words_[at] & 0xff);
        return (kind == sigdb::Node::offset || kind == sigdb::Node::length) && !may_match_(words_[at + 1]);
    }
    bool demands_one(sigdb::Quantifier which, std::size_t number) const {
        if (which == sigdb::Quantifier::all || which == sigdb::Quantifier::any) return true;
        if (which == sigdb::Quantifier::none) return false;
        const auto known = guess(number).number;
        return known && *known > 0;
    }

    const std::vector<std::uint32_t>& words_;
    const MayMatch& may_match_;
};

const MayMatch kNothing = [](std::uint32_t) { return false; };

}  // namespace

namespace {

std::uint64_t most_bytes_at(const std::vector<std::uint32_t>& words, std::size_t at) {
    constexpr std::uint64_t kAny = PatternSetBuilder::kAnySize;
    const auto kind_at = [&](std::size_t node) { return static_cast<sigdb::Node>(words[node] & 0xff); };
    const std::size_t end = at + (words[at] >> 8);
    switch (kind_at(at)) {
        case sigdb::Node::conjunction: {
            std::uint64_t most = kAny;
            for (std::size_t child = at + 1; child < end; child += words[child] >> 8) most = std::min(most, most_bytes_at(words, child));
            return most;
        }
        case sigdb::Node::disjunction: {
            std::uint64_t most = 0;
            for (std::size_t child = at + 1; child < end; child += words[child] >> 8) most = std::max(most, most_bytes_at(words, child));
            return most;
        }
        case sigdb::Node::compare: {
            auto op = static_cast<sigdb::Compare>(words[at + 1]);
            std::size_t size = at + 2;
            std::size_t bound = size + (words[size] >> 8);
            if (kind_at(size) != sigdb::Node::filesize) {
                std::swap(size, bound);
                if (op == sigdb::Compare::greater) op = sigdb::Compare::less;
                else if (op == sigdb::Compare::greater_equal) op = sigdb::Compare::less_equal;
                else if (op != sigdb::Compare::equal) return kAny;
            }
            if (kind_at(size) != sigdb::Node::filesize || kind_at(bound) != sigdb::Node::integer) return kAny;
            const auto value = static_cast<std::int64_t>(words[bound + 1] | std::uint64_t{words[bound + 2]} << 32);
            if (op != sigdb::Compare::less && op != sigdb::Compare::less_equal && op != sigdb::Compare::equal) return kAny;
            if (value <= 0) return 0;
            return static_cast<std::uint64_t>(value) - (op == sigdb::Compare::less ? 1 : 0);
        }
        default: return kAny;
    }
}

// The heads with which a read at the file's start, of `how` (sigdb::Node::read), gives the value.
Heads heads_that_read(std::uint32_t how, std::int64_t value) {
    const unsigned bits = 8 * (how & 0xff);
    const bool big_endian = (how >> 9 & 1) != 0;
    const bool has_sign = (how >> 8 & 1) != 0;
    const std::int64_t least = has_sign ? -(std::int64_t{1} << (bits - 1)) : 0;
    const std::int64_t most = (std::int64_t{1} << (has_sign ? bits - 1 : bits)) - 1;
    std::vector<std::uint16_t> heads;
    if (value < least || value > most) return heads;
    const auto word = static_cast<std::uint32_t>(value);
    const auto head = [](std::uint32_t first, std::uint32_t second) { return static_cast<std::uint16_t>((first & 0xff) | (second & 0xff) << 8); };
    if (bits == 8) {
        for (std::uint32_t second = 0; second < 256; ++second) heads.push_back(head(word, second));
    } else if (big_endian) {
        heads.push_back(head(word >> (bits - 8), word >> (bits - 16)));
    } else {
        heads.push_back(head(word, word >> 8));
    }
    return heads;
}

Heads heads_at(const std::vector<std::uint32_t>& words, std::size_t at, const std::vector<Heads>& rules) {
    const auto kind_at = [&](std::size_t node) { return static_cast<sigdb::Node>(words[node] & 0xff); };
    const auto integer_at = [&](std::size_t node) { return static_cast<std::int64_t>(words[node + 1] | std::uint64_t{words[node + 2]} << 32); };
    const std::size_t end = at + (words[at] >> 8);
    switch (kind_at(at)) {
        case sigdb::Node::conjunction: {
            Heads heads;
            for (std::size_t child = at + 1; child < end; child += words[child] >> 8) {
                Heads of_child = heads_at(words, child, rules);
                if (!of_child) continue;
                if (!heads) {
                    heads = std::move(of_child);
                    continue;
                }
                std::vector<std::uint16_t> both;
                std::set_intersection(heads->begin(), heads->end(), of_child->begin(), of_child->end(), std::back_inserter(both));
                heads = std::move(both);
            }
            return heads;
        }
        case sigdb::Node::disjunction: {
            std::vector<std::uint16_t> heads;
            for (std::size_t child = at + 1; child < end; child += words[child] >> 8) {
                const Heads of_child = heads_at(words, child, rules);
                if (!of_child) return std::nullopt;
                std::vector<std::uint16_t> all;
                std::set_union(heads.begin(), heads.end(), of_child->begin(), of_child->end(), std::back_inserter(all));
                heads = std::move(all);
            }
            return heads;
        }
        case sigdb::Node::rule: return words[at + 1] < rules.size() ? rules[words[at + 1]] : std::nullopt;
        case sigdb::Node::compare: {
            if (static_cast<sigdb::Compare>(words[at + 1]) != sigdb::Compare::equal) return std::nullopt;
            std::size_t read = at + 2;
            std::size_t value = read + (words[read] >> 8);
            if (kind_at(read) != sigdb::Node::read) std::swap(read, value);
            if (kind_at(read) != sigdb::Node::read || kind_at(value) != sigdb::Node::integer) return std::nullopt;
            if (kind_at(read + 2) != sigdb::Node::integer || integer_at(read + 2) != 0) return std::nullopt;
            return heads_that_read(words[read + 1], integer_at(value));
        }
        default: return std::nullopt;
    }
}

}  // namespace

Heads heads_of(const std::vector<std::uint32_t>& words, const std::vector<Heads>& rules) { return heads_at(words, 0, rules); }

std::uint64_t most_bytes(const std::vector<std::uint32_t>& words) { return most_bytes_at(words, 0); }

namespace {

class KeyFinder {
public:
    explicit KeyFinder(const std::vector<std::uint32_t>& words) : words_{words} {}

    std::optional<TextKey> find(std::size_t at) {
        switch (kind(at)) {
            case sigdb::Node::compare: return of_comparison(at);
            case sigdb::Node::conjunction: {
                std::optional<TextKey> best;
                for (std::size_t child = at + 1; child < end(at); child = end(child)) {
                    auto key = find(child);
                    if (key && (!best || key->texts.size() < best->texts.size())) best = std::move(key);
                }
                return best;
            }
            case sigdb::Node::disjunction: {
                std::optional<TextKey> all;
                for (std::size_t child = at + 1; child < end(at); child = end(child)) {
                    if (Guesser{words_, kNothing}.guess(child).never) continue;  // a match is needed, and finds the rule
                    auto key = find(child);
                    if (!key || (all && (key->place != all->place || key->field != all->field))) return std::nullopt;
                    if (all) key->texts.insert(key->texts.end(), all->texts.begin(), all->texts.end());
                    all = std::move(key);
                }
                return all;
            }
            // Without a turn neither quantifier holds.
            case sigdb::Node::for_range: return demands_one(at) ? find(end(end(at + 3))) : std::nullopt;
            case sigdb::Node::for_items: {
                if (!demands_one(at)) return std::nullopt;
                const std::uint32_t slot = words_[at + 2];
                if (slot >= arrays_.size()) return std::nullopt;
                const std::size_t outer = std::exchange(arrays_[slot], at + 3);
                auto key = find(end(at + 3));
                arrays_[slot] = outer;
                return key;
            }
            default: return std::nullopt;
        }
    }

private:
    sigdb::Node kind(std::size_t at) const { return static_cast<sigdb::Node>(words_[at] & 0xff); }
    std::size_t end(std::size_t at) const { return at + (words_[at] >> 8); }
    bool demands_one(std::size_t at) const {
        const auto which = static_cast<sigdb::Quantifier>(words_[at + 1]);
        return which == sigdb::Quantifier::any || which == sigdb::Quantifier::all;
    }

    // A module, or a structure or array in it, without any index.
    bool is_path(std::size_t at) const {
        while (kind(at) == sigdb::Node::member) at += 2;
        return kind(at) == sigdb::Node::module;
    }

    // The array or dictionary that an item is of.
    std::optional<std::size_t> whole_of(std::size_t item) const {
        if (kind(item) == sigdb::Node::item) return item + 1;
        if (kind(item) == sigdb::Node::variable && words_[item + 1] < arrays_.size() && arrays_[words_[item + 1]] != 0) return arrays_[words_[item + 1]];
        return std::nullopt;
    }

    std::optional<TextKey> of_comparison(std::size_t at) const {
        std::size_t side = at + 2;
        std::size_t text = end(side);
        if (kind(side) == sigdb::Node::text) std::swap(side, text);
        if (static_cast<sigdb::Compare>(words_[at + 1]) != sigdb::Compare::equal || kind(text) != sigdb::Node::text) return std::nullopt;
        const bool of_field = kind(side) == sigdb::Node::member;
        const std::size_t owner = of_field ? side + 2 : side;
        const std::size_t place = of_field && is_path(owner) ? owner : whole_of(owner).value_or(0);
        if (place == 0 || !is_path(place)) return std::nullopt;
        return TextKey{{words_.begin() + static_cast<std::ptrdiff_t>(place), words_.begin() + static_cast<std::ptrdiff_t>(end(place))},
                       of_field ? words_[side + 1] : sigdb::kNoField, {words_[text + 1]}};
    }

    const std::vector<std::uint32_t>& words_;
    std::array<std::size_t, sigdb::kMaxVariables> arrays_{};  // by slot: the array that a loop goes over, 0 for none
};

}  // namespace

std::optional<TextKey> text_key(const std::vector<std::uint32_t>& words) { return KeyFinder{words}.find(0); }

bool may_hold_by(const std::vector<std::uint32_t>& words, const MayMatch& may_match) { return !Guesser{words, may_match}.guess(0).never; }

bool may_hold_without_matches(const std::vector<std::uint32_t>& words) { return may_hold_by(words, kNothing); }

}  // namespace ward::compile
