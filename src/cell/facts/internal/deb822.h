// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// Reads paragraphs of `Name: value` fields as dpkg and apt write them (deb822(5)): dpkg's status, package indexes,
// Release and .sources files. Made for indexes of 60,000 packages: views only, and one paragraph at a time.
//
//     Deb822 file{text};
//     while (file.next()) use(file.field("Package"));
//
// Keeps views into the text, which the caller keeps alive; a field lives until the next next().
class Deb822 {
public:
    struct Field {
        std::string_view name;   // as written; compared without case
        std::string_view value;  // without blanks at both ends; continuation lines still in it, with their line feeds
        std::uint64_t line = 0;  // from 1
    };

    explicit Deb822(std::string_view text) : rest_{text} {}

    // The next paragraph with at least one field; false at the end.
    bool next();
    std::string_view field(std::string_view name) const;  // "" when it is missing
    const Field* find(std::string_view name) const;       // the first of that name; nothing when it is missing
    const std::vector<Field>& fields() const { return fields_; }
    std::uint64_t line() const { return first_line_; }
    // The first line of the paragraph that is no field, no continuation and no comment; 0 when there is none.
    std::uint64_t bad_line() const { return bad_line_; }

private:
    std::string_view rest_;
    std::vector<Field> fields_;
    std::uint64_t lines_read_ = 0;
    std::uint64_t first_line_ = 0;
    std::uint64_t bad_line_ = 0;
};

// What a clear-signed text (RFC 9580, section 7) says; the text itself when it is not signed.
std::string_view signed_text(std::string_view text);

}  // namespace ward::facts
