// SPDX-License-Identifier: Apache-2.0
#include "judge/checks.h"

#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

namespace ward::judge {

namespace {

bool is_slug(std::string_view text) {
    if (text.empty() || text.front() == '-' || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<std::string> full_text(const TomlNode& root, std::string_view key) {
    std::string text{trim(WARD_TRY(root.text(key)))};
    if (text.empty()) return root.wrong(fmt::format("{} says nothing", key));
    return text;
}

Result<Value> value_of(const TomlNode& node) {
    switch (node.kind) {
        case TomlNode::Kind::text: return Value{node.value};
        case TomlNode::Kind::integer: return Value{node.integer};
        case TomlNode::Kind::real: return Value{node.real};
        default: return node.wrong("a value of a row is a text or a number; leave a column out for NULL");
    }
}

Result<CheckCase> read_case(const TomlNode& node) {
    if (node.kind != TomlNode::Kind::table) return node.wrong("case is written as [[case]]");
    WARD_TRY(node.only({"name", "rows", "finds", "answered"}));
    CheckCase out;
    out.line = node.line;
    out.name = WARD_TRY(node.text("name"));
    const std::int64_t finds = WARD_TRY(node.integer_or("finds", -1));
    if (finds < 0) return node.wrong("finds tells how many rows the query gives");
    out.finds = static_cast<std::uint64_t>(finds);
    out.answered = WARD_TRY(node.boolean_or("answered", true));
    if (!out.answered && finds > 0) return node.wrong("what finds something is answered");
    const TomlNode* rows = node.find("rows");
    if (rows == nullptr) return out;
    for (const auto& [table, list] : rows->members) {
        if (list.kind != TomlNode::Kind::array) return list.wrong(fmt::format("rows.{} is a list of rows", table));
        auto& [name, named_rows] = out.rows.emplace_back();
        name = table;
        for (const auto& item : list.items) {
            if (item.kind != TomlNode::Kind::table) return item.wrong("a row is written as { column = value, ... }");
            auto& row = named_rows.emplace_back();
            for (const auto& [column, value] : item.members) row.emplace_back(column, WARD_TRY(value_of(value)));
        }
    }
    return out;
}

Result<std::vector<CheckCase>> read_cases(const TomlNode& root) {
    const TomlNode* list = root.find("case");
    if (list == nullptr || list->kind != TomlNode::Kind::array) return root.wrong("a check needs cases, each as [[case]]");
    std::vector<CheckCase> cases;
    for (const auto& item : list->items) cases.push_back(WARD_TRY(read_case(item)));
    const auto finds = [](const CheckCase& c) { return c.finds > 0; };
    const auto passes = [](const CheckCase& c) { return c.finds == 0 && c.answered; };
    if (std::none_of(cases.begin(), cases.end(), finds)) return root.wrong("no case finds anything");
    if (std::none_of(cases.begin(), cases.end(), passes)) return root.wrong("no case passes");
    return cases;
}

}  // namespace

Result<CheckFile> parse_check(std::string_view text, std::string_view file) {
    const TomlNode root = WARD_TRY(read_toml(text, file));
    WARD_TRY(root.only({"id", "rank", "title", "severity", "area", "why", "query", "fix", "commands", "refs",
                        "cyber_essentials", "cis", "where_path", "where_line", "identity", "evidence", "whole", "needs_root",
                        "answerable", "unanswerable", "case"}));
    CheckFile out;
    Check& check = out.check;
    check.id = WARD_TRY(root.text("id"));
    if (!is_slug(check.id)) return root.wrong("an id is made of lower case letters, digits and '-'");
    check.title = WARD_TRY(full_text(root, "title"));
    const auto severity = severity_from_name(WARD_TRY(root.text("severity")));
    if (!severity) return root.wrong("severity is info, low, medium, high or critical");
    check.severity = *severity;
    const auto area = area_from_name(WARD_TRY(root.text("area")));
    if (!area || *area == Area::malware) return root.wrong("area is updates, network, credentials or supply");
    check.area = *area;
    check.why = WARD_TRY(full_text(root, "why"));
    check.query = WARD_TRY(full_text(root, "query"));
    check.fix = WARD_TRY(full_text(root, "fix"));
    check.commands = WARD_TRY(root.texts_or_none("commands"));
    check.refs = WARD_TRY(root.texts_or_none("refs"));
    check.cyber_essentials = WARD_TRY(root.texts_or_none("cyber_essentials"));
    check.cis = WARD_TRY(root.texts_or_none("cis"));
    check.where_path = WARD_TRY(root.text_or("where_path", ""));
    check.where_line = WARD_TRY(root.text_or("where_line", ""));
    check.identity = WARD_TRY(root.texts_or_none("identity"));
    check.evidence = WARD_TRY(root.texts_or_none("evidence"));
    check.whole = WARD_TRY(root.texts_or_none("whole"));
    check.needs_root = WARD_TRY(root.boolean_or("needs_root", false));
    check.answerable = WARD_TRY(root.text_or("answerable", ""));
    check.unanswerable = WARD_TRY(root.text_or("unanswerable", ""));
    if (check.answerable.empty() != check.unanswerable.empty()) {
        return root.wrong("answerable is a query, and unanswerable what to say when it gives no row: both or neither");
    }
    const std::int64_t rank = WARD_TRY(root.integer_or("rank", 0));
    if (rank < 0 || rank > 9999) return root.wrong("rank is a number from 1, or left out");
    check.rank = static_cast<std::uint32_t>(rank);
    if (check.where_path.empty() && !check.where_line.empty()) return root.wrong("where_line needs where_path");
    out.cases = WARD_TRY(read_cases(root));
    return out;
}

Result<std::vector<CheckFile>> load_check_files(const std::string& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (auto entry = std::filesystem::directory_iterator{folder, error};
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        if (entry->path().extension() == ".toml") files.push_back(entry->path());
    }
    if (error) return fail(Code::io, "{}: the checks cannot be read: {}", folder, error.message());
    if (files.empty()) return fail(Code::not_found, "{}: there are no checks", folder);
    std::vector<CheckFile> checks;
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (!in) return fail(Code::io, "{}: cannot be read", file.string());
        checks.push_back(WARD_TRY(parse_check(text, file.string())));
        if (checks.back().check.id != file.stem()) {
            return fail(Code::malformed, "{}: holds check {}", file.string(), checks.back().check.id);
        }
    }
    const auto place = [](const CheckFile& item) {
        return std::tuple{item.check.rank == 0, item.check.rank, std::string_view{item.check.id}};
    };
    std::sort(checks.begin(), checks.end(), [&](const CheckFile& a, const CheckFile& b) { return place(a) < place(b); });
    return checks;
}

Result<std::vector<Check>> load_checks(const std::string& folder) {
    std::vector<Check> checks;
    for (auto& file : WARD_TRY(load_check_files(folder))) checks.push_back(std::move(file.check));
    return checks;
}

}  // namespace ward::judge
