// SPDX-License-Identifier: Apache-2.0
// The tables `file`, `file_hash` and `text_lines`: what a query asks for by path.
#include "cell/facts/live_parsers.h"

#include "cell/facts/values.h"
#include "core/hash.h"
#include "core/text.h"

#include <sys/stat.h>

namespace ward::facts {

namespace {

using State = wire::SourceBytes::State;

constexpr std::string_view kStat = "stat:";
constexpr std::size_t kMaxTextBytes = 4 * kMiB;
constexpr std::size_t kMaxLineBytes = 64 * kKiB;
constexpr std::size_t kMaxLines = 500'000;  // of all files together

// The path that the query fixes; empty when it is none, and then there is nothing to find.
std::string_view asked_path(const Request& request) {
    for (const auto& constraint : request.constraints) {
        const auto* path = std::get_if<std::string>(&constraint.value);
        if (constraint.column == "path" && path != nullptr && path->starts_with('/')) return *path;
    }
    return {};
}

std::string_view type_name(std::uint32_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG: return "file";
        case S_IFDIR: return "folder";
        case S_IFLNK: return "link";
        case S_IFIFO: return "fifo";
        case S_IFSOCK: return "socket";
        case S_IFBLK: return "block";
        default: return "character";
    }
}

}  // namespace

wire::ParseAnswer parse_file(const Request& request) {
    wire::ParseAnswer answer;
    const std::string_view path = asked_path(request);
    if (path.empty()) return answer;
    answer.wants.push_back(fmt::format("{}{}", kStat, path));
    for (const auto& source : request.sources) {
        const auto& about = source.about;
        if (about.state != State::whole || !about.name.starts_with(kStat)) continue;
        answer.rows.rows.push_back({text(path), text(about.name.substr(kStat.size())), text(type_name(about.mode)),
                                    number(about.mode & 07777), number(about.uid), number(about.gid), number(about.size),
                                    number(about.modified), text_or_null(about.link)});
    }
    return answer;
}

wire::ParseAnswer parse_file_hash(const Request& request) {
    wire::ParseAnswer answer;
    const std::string_view path = asked_path(request);
    if (path.empty()) return answer;
    answer.wants.emplace_back(path);
    for (const auto& source : request.sources) {
        if (source.about.state != State::whole || !S_ISREG(source.about.mode)) continue;
        answer.rows.rows.push_back({text(path), text(source.about.name), number(source.bytes.size()),
                                    text(sha256_hex(source.bytes)), text(to_hex(md5(source.bytes)))});
    }
    return answer;
}

wire::ParseAnswer parse_text_lines(const Request& request) {
    wire::ParseAnswer answer;
    const std::string_view path = asked_path(request);
    if (path.empty()) return answer;
    answer.wants.emplace_back(path);
    for (const auto& source : request.sources) {
        std::string_view rest = as_text(source.bytes);
        if (rest.size() > kMaxTextBytes) {
            answer.rows.gaps.push_back(gap(source.about.name, 0, Code::over_limit, "only the first 4 MiB are read as lines"));
            rest = rest.substr(0, kMaxTextBytes);
        }
        std::string_view line;
        for (std::uint64_t at = 1; next_line(rest, line); ++at) {
            if (answer.rows.rows.size() == kMaxLines) {
                answer.rows.gaps.push_back(
                    gap(source.about.name, at, Code::over_limit, fmt::format("only {} lines are read", kMaxLines)));
                return answer;
            }
            if (line.size() > kMaxLineBytes) {
                answer.rows.gaps.push_back(gap(source.about.name, at, Code::over_limit, "a line is longer than 64 KiB"));
                line = line.substr(0, kMaxLineBytes);
            }
            answer.rows.rows.push_back({text(path), text(source.about.name), number(at), text(line)});
        }
    }
    return answer;
}

}  // namespace ward::facts
