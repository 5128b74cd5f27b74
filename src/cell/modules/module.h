// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/deadline.h"
#include "core/memory.h"
#include "core/result.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ward::modules {

// What YARA calls a module: names that a condition may use once they are imported, with values that are computed from the file
// in hand (docs/yara-modules.md). A module is a table of fields and, for each part of them, a function that fills it:
//
//     constexpr Field kSection[] = {text("name"), integer("virtual_address")};
//     constexpr Signature kRva[] = {{"i", Type::integer, rva_to_offset}};
//     constexpr Field kFields[] = {constant("MACHINE_I386", 0x14c), integer("machine"), array("sections", kSection),
//                                  function("rva_to_offset", kRva)};
//     void fill(Instance& in, Object& root) { root.set(field(kFields, "machine"), ...); }
//     constexpr Part kParts[] = {fill};
//     const Declaration kDeclaration{"pe", kFields, kParts};
//
// A part is filled when a condition first asks for one of its fields, at most once a file: what no rule asks costs nothing.
// What is not set is undefined. A field's number is its place in the table; adding one at the end keeps databases readable.

class Instance;
class Object;

struct Regex {
    std::uint32_t offset;  // in the database's regular expressions
    bool operator==(const Regex&) const = default;
};

// A value of a condition; monostate is undefined. Texts and objects belong to the file, the database or the instance.
using Value = std::variant<std::monostate, std::int64_t, double, bool, std::string_view, const Object*, Regex>;

enum class Type : std::uint8_t { integer, real, text, structure, array, dictionary, function };

// One form of a function. Arguments are never undefined: then the call is not made, and undefined.
struct Signature {
    std::string_view arguments;  // a letter each: i(nteger), f(loat), s (text), r(egex), b (truth value)
    Type result;
    Value (*run)(Instance& in, const Object& owner, std::span<const Value> arguments);
};

struct Field {
    std::string_view name;
    Type type;
    Type item = Type::integer;                  // of an array or dictionary
    std::span<const Field> fields = {};         // of a structure, and of items that are structures
    std::span<const Signature> signatures = {};
    std::optional<std::int64_t> value = {};     // of a constant
    std::uint8_t part = 0;                      // of the declaration; counts for fields of the root only
};

constexpr Field integer(std::string_view name, std::uint8_t part = 0) { return {.name = name, .type = Type::integer, .part = part}; }
constexpr Field real(std::string_view name, std::uint8_t part = 0) { return {.name = name, .type = Type::real, .part = part}; }
constexpr Field text(std::string_view name, std::uint8_t part = 0) { return {.name = name, .type = Type::text, .part = part}; }
constexpr Field constant(std::string_view name, std::int64_t value) { return {.name = name, .type = Type::integer, .value = value}; }
constexpr Field structure(std::string_view name, std::span<const Field> fields, std::uint8_t part = 0) {
    return {.name = name, .type = Type::structure, .fields = fields, .part = part};
}
constexpr Field array(std::string_view name, std::span<const Field> fields, std::uint8_t part = 0) {
    return {.name = name, .type = Type::array, .item = Type::structure, .fields = fields, .part = part};
}
constexpr Field array(std::string_view name, Type item, std::uint8_t part = 0) {
    return {.name = name, .type = Type::array, .item = item, .part = part};
}
constexpr Field dictionary(std::string_view name, std::span<const Field> fields, std::uint8_t part = 0) {
    return {.name = name, .type = Type::dictionary, .item = Type::structure, .fields = fields, .part = part};
}
constexpr Field dictionary(std::string_view name, Type item, std::uint8_t part = 0) {
    return {.name = name, .type = Type::dictionary, .item = item, .part = part};
}
constexpr Field function(std::string_view name, std::span<const Signature> signatures) {
    return {.name = name, .type = Type::function, .signatures = signatures};
}

// The number of a field; a name that is not there does not compile.
consteval std::size_t field(std::span<const Field> fields, std::string_view name) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == name) return i;
    }
    throw std::logic_error{"no such field"};
}

using Part = void (*)(Instance& in, Object& root);

struct Declaration {
    std::string_view name;
    std::span<const Field> fields;
    std::span<const Part> parts;
    Status (*accept)(Bytes data) = nullptr;  // of a module that reads Environment::data: is it what the module takes?
    bool (*takes)(Bytes region) = nullptr;   // of a module that reads programs: is what lies in memory one for it?
};

// All modules, by name.
std::span<const Declaration* const> all();
const Declaration* find(std::string_view name);
// For the caller of a scan, before it: what a module cannot read would otherwise answer as if nothing had been given. Data for
// a module that is none, or reads none, is accepted and not looked at, as by yara.
Status check_data(std::string_view module, Bytes data);

// A structure, an array or a dictionary. Belongs to its Instance.
class Object {
public:
    Object(Type type, Type item, std::span<const Field> fields, Instance& in);

    Type type() const { return type_; }
    Instance& instance() const { return *in_; }
    std::span<const Field> fields() const { return fields_; }

    // A field, whose part of the module is filled first when it is not yet.
    const Value& member(std::size_t number) const;

    // Reading what is there. Outside of it: undefined.
    std::size_t size() const { return slots_.size(); }
    const Value& at(std::size_t number) const;               // field of a structure, item of an array or dictionary
    std::string_view key(std::size_t number) const;          // of a dictionary, in the order of insertion
    const Value& at(std::string_view key) const;             // of a dictionary

    // Writing. `number` is that of a field; a child structure, array or dictionary comes to be when it is first asked for.
    void set(std::size_t number, Value value) { slots_[number] = value; }
    Object& child(std::size_t number);
    // Adds an item to an array.
    void add(Value value) { slots_.push_back(value); }
    Object& add();
    // Sets an item of a dictionary; the first one with a key stays the one that is found.
    void add(std::string_view key, Value value);
    Object& add(std::string_view key);

private:
    Object& make_item();

    Instance* in_;
    std::span<const Field> fields_;
    std::vector<Value> slots_;
    std::vector<std::string_view> keys_;
    Type type_;
    Type item_;
};

// What the caller of a scan gives to all modules.
struct Environment {
    Bytes bytes;                                         // the file; of a process, the program in its memory that the module takes
    Memory* memory = nullptr;                            // of a process; nothing for a file
    std::uint64_t address = 0;                           // of the program in it
    Deadline* deadline = nullptr;
    std::int64_t now = 0;                                // seconds since 1970, for `time`
    std::map<std::string, Bytes, std::less<>> data;      // by module: `cuckoo` (-x of the yara command), `magic`
    std::function<bool(Regex, std::string_view)> matches;  // does it match anywhere in the text?
    // Where the last match ends that yara's search comes by: behind the end of one it goes on with the next byte.
    std::function<std::optional<std::uint64_t>(Regex, std::string_view)> last_match;
    std::function<void(std::string_view)> log;           // a line of `console`
};

// One module and one file.
class Instance {
public:
    Instance(const Declaration& declaration, const Environment& environment);

    const Declaration& declaration() const { return declaration_; }
    const Environment& environment() const { return environment_; }
    Bytes bytes() const { return environment_.bytes; }
    const Object& root() const { return root_; }

    // A field of the root, whose part is filled first when it is not yet.
    const Value& member(std::size_t number);
    // A child of the root as an object, filled; an empty one when it was not set. For functions.
    const Object& child(std::size_t number);

    // So many bytes of a process's memory from an address on, kept as long as the instance lives. Nothing when what is mapped
    // there ends before and there is more behind, when time ran out or when it is more than kMaxGatheredBytes or kMaxGathered in all.
    std::optional<Bytes> gather(std::uint64_t address, std::uint64_t bytes);
    static constexpr std::uint64_t kMaxGatheredBytes = 256 * kMiB;
    static constexpr std::size_t kMaxGathered = 200'000;

    // Keeps a text as long as the instance lives.
    std::string_view keep(std::string text);
    Object& make(Type type, Type item, std::span<const Field> fields);

    // What a module remembers between its parts and functions, made when first asked for. One type a module.
    template <class State>
    State& state() {
        if (!state_) state_ = std::make_shared<State>();
        return *static_cast<State*>(state_.get());
    }

private:
    const Declaration& declaration_;
    const Environment& environment_;
    std::deque<Object> objects_;
    std::deque<std::string> texts_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Buffer> gathered_;  // by address and bytes
    std::uint64_t gathered_bytes_ = 0;
    std::shared_ptr<void> state_;
    std::uint64_t filled_ = 0;  // a bit a part
    Object root_;
};

}  // namespace ward::modules
