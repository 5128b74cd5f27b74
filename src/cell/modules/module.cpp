// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/module.h"

#include "core/cursor.h"
#include "core/result.h"

#include <algorithm>

namespace ward::modules {

namespace {

const Value kUndefined{};

}  // namespace

Status check_data(std::string_view module, Bytes data) {
    const Declaration* declaration = find(module);
    return declaration == nullptr || declaration->accept == nullptr ? done() : declaration->accept(data);
}

Object::Object(Type type, Type item, std::span<const Field> fields, Instance& in)
    : in_{&in}, fields_{fields}, slots_(type == Type::structure ? fields.size() : 0), type_{type}, item_{item} {}

const Value& Object::member(std::size_t number) const { return this == &in_->root() ? in_->member(number) : at(number); }

const Value& Object::at(std::size_t number) const { return number < slots_.size() ? slots_[number] : kUndefined; }

std::string_view Object::key(std::size_t number) const { return number < keys_.size() ? keys_[number] : std::string_view{}; }

const Value& Object::at(std::string_view key) const {
    const auto found = std::find(keys_.begin(), keys_.end(), key);
    return found == keys_.end() ? kUndefined : slots_[static_cast<std::size_t>(found - keys_.begin())];
}

Object& Object::child(std::size_t number) {
    // A const Object* of this instance points at one of its own objects, which it may write.
    if (const auto* const* there = std::get_if<const Object*>(&slots_[number])) return const_cast<Object&>(**there);
    const Field& field = fields_[number];
    Object& made = in_->make(field.type, field.item, field.fields);
    slots_[number] = &made;
    return made;
}

Object& Object::make_item() { return in_->make(item_, Type::integer, fields_); }

Object& Object::add() {
    Object& made = make_item();
    slots_.emplace_back(&made);
    return made;
}

void Object::add(std::string_view key, Value value) {
    WARD_CHECK(type_ == Type::dictionary);  // a text for an array is a Value{text}
    keys_.push_back(key);
    slots_.push_back(value);
}

Object& Object::add(std::string_view key) {
    Object& made = make_item();
    add(key, &made);
    return made;
}

Instance::Instance(const Declaration& declaration, const Environment& environment)
    : declaration_{declaration}, environment_{environment}, root_{Type::structure, Type::integer, declaration.fields, *this} {}

std::optional<Bytes> Instance::gather(std::uint64_t address, std::uint64_t bytes) {
    const std::pair key{address, bytes};
    if (const auto found = gathered_.find(key); found != gathered_.end()) return Bytes{found->second};
    if (gathered_.size() >= kMaxGathered) return std::nullopt;
    Memory& memory = *environment_.memory;
    auto number = memory.piece_at(address);
    if (!number) return std::nullopt;
    Buffer buffer;
    while (buffer.size() < bytes && *number < memory.pieces().size()) {
        const auto piece = memory.pieces()[*number];
        const std::uint64_t from = address + buffer.size();
        if (from < piece.address || from - piece.address >= piece.bytes) return std::nullopt;  // a gap
        const std::uint64_t take = std::min(bytes - buffer.size(), piece.address + piece.bytes - from);
        if (take > kMaxGatheredBytes - gathered_bytes_ - buffer.size()) return std::nullopt;
        if (environment_.deadline != nullptr && environment_.deadline->passed(static_cast<std::uint32_t>(take / 64 + 1))) return std::nullopt;
        const auto whole = memory.fetch(*number);
        const auto found = slice(*whole, from - piece.address + piece.before, take);
        if (!found) return std::nullopt;
        buffer.insert(buffer.end(), found->begin(), found->end());
        ++*number;
    }
    gathered_bytes_ += buffer.size();
    return Bytes{gathered_.emplace(key, std::move(buffer)).first->second};
}

const Value& Instance::member(std::size_t number) {
    if (number >= declaration_.fields.size()) return kUndefined;
    const std::size_t part = declaration_.fields[number].part;
    if (part < declaration_.parts.size() && (filled_ >> part & 1) == 0) {
        filled_ |= std::uint64_t{1} << part;  // before it runs: a part may ask for itself
        declaration_.parts[part](*this, root_);
    }
    return root_.at(number);
}

const Object& Instance::child(std::size_t number) {
    static_cast<void>(member(number));
    return root_.child(number);
}

std::string_view Instance::keep(std::string text) { return texts_.emplace_back(std::move(text)); }

Object& Instance::make(Type type, Type item, std::span<const Field> fields) { return objects_.emplace_back(type, item, fields, *this); }

}  // namespace ward::modules
