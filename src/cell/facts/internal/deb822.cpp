// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/deb822.h"

#include "core/text.h"

namespace ward::facts {
namespace {

// A package has some 30 fields; past this the rest of a paragraph is as bad as a line that is no field.
constexpr std::size_t kMaxFields = 1000;

}  // namespace

bool Deb822::next() {
    fields_.clear();
    bad_line_ = 0;
    while (!rest_.empty()) {
        const std::size_t end = rest_.find('\n');
        std::string_view line = rest_.substr(0, end);
        const char* const line_start = rest_.data();
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++lines_read_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) {
            if (!fields_.empty()) return true;
            continue;
        }
        if (line[0] == '#') continue;
        if (line[0] == ' ' || line[0] == '\t') {
            if (fields_.empty()) {
                if (bad_line_ == 0) bad_line_ = lines_read_;
                continue;
            }
            // A line of blanks only is a continuation in apt's eyes too.
            std::string_view& value = fields_.back().value;
            const char* const start = value.empty() ? line_start : value.data();
            value = {start, static_cast<std::size_t>(line.data() + line.size() - start)};
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || fields_.size() >= kMaxFields) {
            if (bad_line_ == 0) bad_line_ = lines_read_;
            continue;
        }
        if (fields_.empty()) first_line_ = lines_read_;
        fields_.push_back({trim(line.substr(0, colon)), trim(line.substr(colon + 1)), lines_read_});
    }
    return !fields_.empty();
}

const Deb822::Field* Deb822::find(std::string_view name) const {
    for (const Field& field : fields_) {
        if (equal_ignoring_case(field.name, name)) return &field;
    }
    return nullptr;
}

std::string_view Deb822::field(std::string_view name) const {
    const Field* const field = find(name);
    return field == nullptr ? std::string_view{} : field->value;
}

std::string_view signed_text(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN PGP SIGNED MESSAGE-----";
    if (!text.starts_with(kBegin)) return text;
    // Armour headers ("Hash: SHA512") end at the first empty line.
    std::string_view rest = text;
    std::string_view line;
    while (next_line(rest, line)) {
        if (line.empty()) break;
    }
    return rest.substr(0, rest.find("\n-----BEGIN PGP SIGNATURE-----"));
}

}  // namespace ward::facts
