// SPDX-License-Identifier: Apache-2.0
#include "update/source.h"

#include "core/bytes.h"
#include "core/text.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace ward::update {

namespace {

constexpr std::pair<std::string_view, SourceKind> kKinds[] = {
    {"osv", SourceKind::osv},
    {"kev", SourceKind::kev},
    {"epss", SourceKind::epss},
    {"debian-tracker", SourceKind::debian_tracker},
    {"endoflife", SourceKind::endoflife},
    {"yara", SourceKind::yara},
};

// The largest file today (OSV's npm) has some 200 MB; a disk is not to be filled by a mistake in a file.
constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;
constexpr std::int64_t kMostHours = 24 * 365;
constexpr std::size_t kMostNameBytes = 64;

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= kMostNameBytes && text[0] != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// Nothing that could leave the folder or hide in it.
bool is_file_name(std::string_view text) {
    return !text.empty() && text.size() <= kMostNameBytes && text[0] != '.' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
           });
}

Result<std::uint64_t> number(const TomlNode& node, std::string_view key, std::int64_t other, std::int64_t most) {
    const std::int64_t value = WARD_TRY(node.integer_or(key, other));
    if (value < 1 || value > most) {
        const TomlNode* at = node.find(key);
        return (at != nullptr ? at : &node)->wrong(fmt::format("`{}` must lie between 1 and {}", key, most));
    }
    return static_cast<std::uint64_t>(value);
}

Result<std::string> filled_text(const TomlNode& node, std::string_view key) {
    std::string text = WARD_TRY(node.text(key));
    if (text.empty()) return node.find(key)->wrong(fmt::format("`{}` is empty", key));
    return text;
}

Status read_addresses(const TomlNode& node, SourceSpec& source) {
    source.urls = WARD_TRY(node.texts_or_none("url"));
    if (source.urls.empty()) return node.wrong("`url` is missing");
    source.origins = WARD_TRY(node.texts_or_none("origins"));
    for (const auto& origin : source.origins) {
        const auto url = parse_url("https://" + origin);
        if (!url || url->origin() != origin || !url->credentials.empty()) {
            return node.find("origins")->wrong(fmt::format("`origins` are host names as \"example.org\" or \"example.org:8443\", not {}", origin));
        }
    }
    for (const auto& text : source.urls) {
        const TomlNode& at = *node.find("url");
        const auto url = parse_url(text);
        if (!url) return at.wrong(url.error().text);
        if (url->scheme != "https") return at.wrong("`url` must begin with https://");
        if (!url->credentials.empty()) return at.wrong("`url` must hold no name and no password");
        if (text.find_first_of("{}") != std::string::npos) return at.wrong("`url` must be the same on every machine, so it holds no braces");
        if (source.origins.empty() || !may_ask(source, *url)) {
            return at.wrong(fmt::format("`origins` must name {} too", url->origin()));
        }
    }
    return done();
}

}  // namespace

std::string_view kind_name(SourceKind kind) {
    for (const auto& [name, each] : kKinds) {
        if (each == kind) return name;
    }
    return "osv";
}

Result<SourceSpec> read_source_spec(const TomlNode& node) {
    WARD_TRY(node.only({"id", "title", "publisher", "kind", "ecosystem", "url", "origins", "file", "begins", "min_bytes", "max_bytes",
                        "schedule_hours", "licence", "licence_page", "on"}));
    SourceSpec source;
    source.id = WARD_TRY(node.text("id"));
    if (!is_id(source.id)) return node.find("id")->wrong("a source's id is lower case letters, digits and dashes");
    source.title = WARD_TRY(filled_text(node, "title"));
    source.publisher = WARD_TRY(filled_text(node, "publisher"));
    const std::string kind = WARD_TRY(node.text("kind"));
    const auto known = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return each.first == kind; });
    if (known == std::end(kKinds)) return node.find("kind")->wrong("`kind` is osv, kev, epss, debian-tracker, endoflife or yara");
    source.kind = known->second;
    source.ecosystem = WARD_TRY(node.text_or("ecosystem", ""));
    if (source.ecosystem.empty() == (source.kind == SourceKind::osv)) {
        return node.wrong("`ecosystem` belongs to the kind osv, and only to it");
    }
    WARD_TRY(read_addresses(node, source));
    source.file = WARD_TRY(node.text("file"));
    if (!is_file_name(source.file)) return node.find("file")->wrong("`file` is a plain name of ASCII letters, digits, '-', '_' and '.'");
    for (const auto& hex : WARD_TRY(node.texts_or_none("begins"))) {
        Buffer bytes;
        if (!from_hex(hex, bytes) || bytes.empty() || bytes.size() > kFirstBytes) {
            return node.find("begins")->wrong("`begins` are bytes in hex");
        }
        source.begins.push_back(to_string(bytes));
    }
    source.min_bytes = WARD_TRY(number(node, "min_bytes", 1, kMostBytes));
    source.max_bytes = WARD_TRY(number(node, "max_bytes", 0, kMostBytes));
    if (source.min_bytes > source.max_bytes) return node.wrong("`min_bytes` is more than `max_bytes`");
    source.schedule_hours = static_cast<std::uint32_t>(WARD_TRY(number(node, "schedule_hours", 24, kMostHours)));
    source.licence = WARD_TRY(filled_text(node, "licence"));
    source.licence_page = WARD_TRY(node.text_or("licence_page", ""));
    source.on = WARD_TRY(node.boolean_or("on", false));
    return source;
}

Result<SourceSpec> parse_source(std::string_view text, std::string_view file) {
    return read_source_spec(WARD_TRY(read_toml(text, file)));
}

Result<std::vector<SourceSpec>> load_sources(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> files;
    for (auto entry = std::filesystem::directory_iterator{folder, error};
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        if (entry->path().extension() == ".toml") files.push_back(entry->path().string());
    }
    if (error) return fail(Code::io, "{}: the descriptions of sources cannot be read: {}", folder, error.message());
    if (files.empty()) return fail(Code::not_found, "{}: there are no descriptions of sources", folder);
    std::vector<SourceSpec> sources;
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (!in) return fail(Code::io, "{}: cannot be read", file);
        sources.push_back(WARD_TRY(parse_source(text, file)));
        if (sources.back().id != std::filesystem::path{file}.stem()) {
            return fail(Code::malformed, "{}: describes source {}", file, sources.back().id);
        }
    }
    std::sort(sources.begin(), sources.end(), [](const SourceSpec& a, const SourceSpec& b) { return a.id < b.id; });
    return sources;
}

Result<std::vector<SourceSpec>> merge_sources(std::vector<SourceSpec> shipped, const std::vector<SourceSpec>& further, const std::vector<std::string>& on,
                                              const std::vector<std::string>& off) {
    for (const auto& source : further) {
        std::erase_if(shipped, [&](const SourceSpec& other) { return other.id == source.id; });
        shipped.push_back(source);
    }
    std::sort(shipped.begin(), shipped.end(), [](const SourceSpec& a, const SourceSpec& b) { return a.id < b.id; });
    const auto turn = [&](const std::vector<std::string>& ids, bool how, std::string_view key) -> Status {
        for (const auto& id : ids) {
            const auto found = std::find_if(shipped.begin(), shipped.end(), [&](const SourceSpec& source) { return source.id == id; });
            if (found == shipped.end()) return fail(Code::malformed, "[update] {} names no source: {}; `ward update --list` shows them", key, id);
            found->on = how;
        }
        return done();
    };
    WARD_TRY(turn(on, true, "on"));
    WARD_TRY(turn(off, false, "off"));
    return shipped;
}

Status may_ask(const SourceSpec& source, const Url& url) {
    if (url.scheme != "https") return fail(Code::denied, "{} is not https", url.text());
    if (!url.credentials.empty()) return fail(Code::denied, "{} would be asked with a name or password", url.text());
    if (std::find(source.origins.begin(), source.origins.end(), url.origin()) == source.origins.end()) {
        return fail(Code::denied, "{} is none of the hosts that this source may be had from", url.origin());
    }
    return done();
}

Status looks_right(const SourceSpec& source, std::uint64_t bytes, std::string_view first) {
    if (bytes < source.min_bytes) {
        return fail(Code::truncated, "it has {}, and this file never has less than {}", human_bytes(bytes), human_bytes(source.min_bytes));
    }
    if (bytes > source.max_bytes) return fail(Code::over_limit, "it has {}, more than the {} allowed", human_bytes(bytes), human_bytes(source.max_bytes));
    const bool right = source.begins.empty() || std::any_of(source.begins.begin(), source.begins.end(),
                                                            [&](const std::string& begin) { return first.starts_with(begin); });
    if (!right) return fail(Code::malformed, "it does not begin as such a file does");
    return done();
}

bool due(const SourceSpec& source, std::int64_t checked, std::int64_t now) {
    // A clock that was set back would put the next request far into the future.
    return now < checked || now - checked >= std::int64_t{source.schedule_hours} * 3600;
}

}  // namespace ward::update
