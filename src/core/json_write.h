// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

// Writes JSON (RFC 8259) into a string, in the order of the calls, so that the same calls give the same bytes.
//
//     JsonWriter json;
//     json.begin_object().key("path").text("/etc/passwd").key("line").number(3).end_object();
//     std::string document = std::move(json).take();
//
// Text that is not UTF-8 gets replacement characters. `indent` 0 writes one line. Broken nesting is our own mistake and
// ends the program.
class JsonWriter {
public:
    explicit JsonWriter(int indent = 0) : indent_{indent} {}
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::int64_t value);
    JsonWriter& number(std::uint64_t value);
    JsonWriter& number(int value) { return number(static_cast<std::int64_t>(value)); }
    JsonWriter& number(unsigned value) { return number(static_cast<std::uint64_t>(value)); }
    JsonWriter& real(double value);  // shortest form that reads back the same; not-a-number and infinities become null
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    std::string take() &&;

private:
    struct Level { bool object; bool empty; };
    void before_value();
    void new_line();
    void close(bool object, char bracket);
    std::string out_;
    std::vector<Level> levels_;
    int indent_;
    bool after_key_ = false;
};

}  // namespace ward
