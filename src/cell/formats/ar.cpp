// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/ar.h"

#include "core/text.h"

#include <algorithm>
#include <optional>

namespace ward::formats {

namespace {

using namespace std::string_view_literals;

// ar(5) and <ar.h>: text fields filled up with blanks.
constexpr auto kMark = "!<arch>\n"sv;
constexpr auto kThinMark = "!<thin>\n"sv;
constexpr std::size_t kHeaderBytes = 60;
constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kSizeAt = 48;
constexpr std::size_t kSizeBytes = 10;
constexpr auto kHeaderEnd = "`\n"sv;
constexpr std::size_t kHeaderEndAt = 58;

constexpr std::size_t kMaxNameBytes = 4096;  // no file system has longer ones

std::string_view without_blanks(std::string_view field) {
    return field.substr(0, field.find_last_not_of(' ') + 1);
}

// Content of a thin archive lies in other files, except for the tables.
bool is_table(std::string_view name) { return name == "/" || name == "//" || name == "/SYM64/"; }

}  // namespace

ArReader::ArReader(Bytes bytes) : bytes_{bytes} {
    thin_ = as_text(bytes).starts_with(kThinMark);
    at_ = std::min(kMark.size(), bytes.size());
}

// As the member is called; BSD's long names are the first bytes of the content, and leave it.
std::string ArReader::name_of(std::string_view field, Bytes& content) {
    if (is_table(field)) return std::string{field};
    if (field.starts_with("#1/")) {
        const auto length = parse_unsigned(field.substr(3));
        if (!length || *length > content.size()) {
            fault(fail(Code::malformed, "the name of the member at {} is longer than the member", at_));
            return std::string{field};
        }
        const auto name = as_text(content.first(static_cast<std::size_t>(*length)));
        content = content.subspan(static_cast<std::size_t>(*length));
        return std::string{name.substr(0, std::min(name.find('\0'), kMaxNameBytes))};
    }
    if (field.starts_with('/')) {
        const auto offset = parse_unsigned(field.substr(1));
        if (!offset || *offset >= names_.size()) {
            fault(fail(Code::malformed, "the name of the member at {} is not in the table of names", at_));
            return std::string{field};
        }
        const auto rest = as_text(names_.subspan(static_cast<std::size_t>(*offset))).substr(0, kMaxNameBytes);
        std::string_view name = rest.substr(0, rest.find('\n'));
        if (name.ends_with('/')) name.remove_suffix(1);
        return std::string{name};
    }
    if (field.ends_with('/')) field.remove_suffix(1);
    return std::string{field};
}

bool ArReader::next(Member& member, Sink& sink) {
    member.clear();
    while (at_ < bytes_.size()) {
        if (!sink.budget().time(kHeaderBytes)) return false;
        const std::uint64_t header_at = at_;
        const std::uint64_t left = bytes_.size() - at_;
        const auto header = as_text(bytes_.subspan(static_cast<std::size_t>(at_), std::min<std::size_t>(kHeaderBytes, left)));
        const bool whole = header.size() == kHeaderBytes && header.substr(kHeaderEndAt) == kHeaderEnd;
        const auto size = whole ? parse_unsigned(without_blanks(header.substr(kSizeAt, kSizeBytes))) : std::nullopt;
        if (!size) {
            if (header.size() < kHeaderBytes) fault(fail(Code::truncated, "the ar header at {} is cut off", header_at));
            else fault(fail(Code::malformed, "the ar header at {} is broken", header_at));
            member.name = "trailing data";
            member.content = bytes_.subspan(static_cast<std::size_t>(at_));
            at_ = bytes_.size();
            return true;
        }
        at_ += kHeaderBytes;
        const std::string_view field = without_blanks(header.substr(0, kNameBytes));
        if (thin_ && !is_table(field)) continue;

        const std::uint64_t here = std::min<std::uint64_t>(*size, bytes_.size() - at_);
        Bytes content = bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(here));
        if (here < *size) member.faults.push_back(fail(Code::truncated, "{} bytes of {} are there", here, *size));
        if (field == "//") names_ = content;
        member.name = name_of(field, content);
        member.content = content;
        at_ += here;
        // Members begin at even places; some programs leave the byte out.
        if (at_ % 2 != 0 && at_ < bytes_.size() && (bytes_[static_cast<std::size_t>(at_)] == '\n' || bytes_[static_cast<std::size_t>(at_)] == 0)) ++at_;
        return true;
    }
    return false;
}

}  // namespace ward::formats
