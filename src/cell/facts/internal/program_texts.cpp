// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/program_texts.h"

#include "cell/facts/knowledge.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::size_t kMaxVersionBytes = 32;

bool may_stand_in_version(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+' || c == '_';
}

Result<std::vector<ProgramText>> read_texts() {
    const TomlNode root = WARD_TRY(read_toml(knowledge::kPrograms, "programs.toml"));
    std::vector<ProgramText> all;
    const TomlNode* programs = root.find("program");
    if (programs == nullptr) return root.wrong("names no program");
    for (const auto& item : programs->items) {
        WARD_TRY(item.only({"product", "files", "before", "after", "with", "text", "case"}));
        all.push_back({WARD_TRY(item.text("product")), WARD_TRY(item.texts_or_none("files")), WARD_TRY(item.text("before")), WARD_TRY(item.text_or("after", "")),
                       WARD_TRY(item.text_or("with", "")), WARD_TRY(item.boolean_or("text", false))});
    }
    return all;
}

}  // namespace

bool ProgramText::fits(std::string_view name) const {
    return std::any_of(files.begin(), files.end(), [&](const std::string& pattern) { return glob_match(pattern, name); });
}

std::optional<std::string> ProgramText::version_in(Bytes content) const {
    const std::string_view text = as_text(content);
    if (!with.empty() && text.find(with) == std::string_view::npos) return std::nullopt;
    for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
        std::string_view rest = text.substr(at + before.size());
        rest = rest.substr(0, kMaxVersionBytes + 1 + after.size());
        const auto end = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), may_stand_in_version) - rest.begin());
        const std::string_view version = rest.substr(0, end);
        if (version.empty() || version.size() > kMaxVersionBytes || version.front() < '0' || version.front() > '9') continue;
        if (rest.substr(end).starts_with(after)) return std::string{version};
    }
    return std::nullopt;
}

const std::vector<ProgramText>& program_texts() {
    static const std::vector<ProgramText> all = [] {
        auto read = read_texts();
        WARD_CHECK(read);  // our own file, which a test reads
        return *std::move(read);
    }();
    return all;
}

}  // namespace ward::facts
