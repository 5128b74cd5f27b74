// SPDX-License-Identifier: Apache-2.0
#include "model/encode.h"

#include <bit>

namespace ward {

namespace {

constexpr std::uint32_t kMaxMembers = 64;       // the chain of one place; the depth limit of a scan is far below
constexpr std::uint32_t kMaxMatches = 65'536;   // rules that hold for one object and its members
constexpr std::uint32_t kMaxMetaItems = 1024;
constexpr std::uint32_t kMaxFedModules = 9;      // a descriptor each: eight of the caller's, and libmagic's database
constexpr std::uint32_t kMaxColumns = 256;

enum class ValueKind : std::uint8_t { null = 0, integer = 1, real = 2, text = 3, boolean = 4 };

void put_number(Buffer& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

void Encoder::u32(std::uint32_t value) { put_number(out_, value, 4); }
void Encoder::u64(std::uint64_t value) { put_number(out_, value, 8); }
void Encoder::real(double value) { u64(std::bit_cast<std::uint64_t>(value)); }
void Encoder::text(std::string_view value) { bytes(as_bytes(value)); }
void Encoder::bytes(Bytes value) {
    u32(static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
}
void Encoder::texts(const std::vector<std::string>& values) {
    u32(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) text(value);
}

Result<std::int64_t> Decoder::i64() { return static_cast<std::int64_t>(WARD_TRY(cursor_.u64le())); }
Result<double> Decoder::real() { return std::bit_cast<double>(WARD_TRY(cursor_.u64le())); }
Result<Bytes> Decoder::bytes(std::uint32_t max_bytes) {
    const std::uint32_t size = WARD_TRY(cursor_.u32le());
    if (size > max_bytes) return fail(Code::over_limit, "a text of {} bytes, at most {} are taken", size, max_bytes);
    return cursor_.take(size);
}
Result<std::string> Decoder::text(std::uint32_t max_bytes) { return to_string(WARD_TRY(bytes(max_bytes))); }
Result<std::uint32_t> Decoder::count(std::uint32_t item_bytes, std::uint32_t max_items) {
    const std::uint32_t items = WARD_TRY(cursor_.u32le());
    if (items > max_items) return fail(Code::over_limit, "a list of {} items, at most {} are taken", items, max_items);
    if (items > left() / item_bytes) {
        return fail(Code::truncated, "a list of {} items, {} bytes left", items, left());
    }
    return items;
}
Result<std::vector<std::string>> Decoder::texts(std::uint32_t max_items) {
    const std::uint32_t items = WARD_TRY(count(4, max_items));
    std::vector<std::string> out;
    out.reserve(items);
    for (std::uint32_t i = 0; i < items; ++i) out.push_back(WARD_TRY(text()));
    return out;
}
Status Decoder::end() const {
    if (left() != 0) return fail(Code::malformed, "{} bytes left over", left());
    return done();
}

std::size_t encoded_bytes(const std::vector<std::string>& names) {
    std::size_t bytes = 0;
    for (const auto& name : names) bytes += name.size() + 4;
    return bytes;
}

std::size_t encoded_bytes(const PatternHit& hit) { return 30 + hit.pattern.size() + hit.data.size(); }

std::size_t encoded_bytes(const Match& match) {
    std::size_t bytes = 64 + match.rule.size() + match.ruleset.size() + encoded_bytes(match.members) + encoded_bytes(match.tags);
    for (const auto& [name, value] : match.meta) {
        const auto* text = std::get_if<std::string>(&value);
        bytes += 16 + name.size() + (text != nullptr ? text->size() : 0);
    }
    for (const auto& hit : match.hits) bytes += encoded_bytes(hit);
    return bytes;
}

void encode(const Where& where, Encoder& out) {
    out.text(where.path);
    out.u64(where.line);
    out.texts(where.members);
}
Result<Where> decode_where(Decoder& in) {
    Where where;
    where.path = WARD_TRY(in.text());
    where.line = WARD_TRY(in.u64());
    where.members = WARD_TRY(in.texts(kMaxMembers));
    return where;
}

void encode(const Gap& gap, Encoder& out) {
    encode(gap.where, out);
    out.u8(static_cast<std::uint8_t>(gap.code));
    out.text(gap.why);
}
Result<Gap> decode_gap(Decoder& in) {
    Gap gap;
    gap.where = WARD_TRY(decode_where(in));
    const std::uint8_t number = WARD_TRY(in.u8());
    if (!code_from_number(number, gap.code)) return fail(Code::malformed, "no code has the number {}", number);
    gap.why = WARD_TRY(in.text());
    return gap;
}

void encode(const ScanManner& manner, Encoder& out) {
    for (const bool flag : {manner.members, manner.file_names, manner.unsatisfied, manner.meta, manner.all_hits, manner.once, manner.warnings, manner.console,
                            manner.module_data}) {
        out.u8(flag ? 1 : 0);
    }
    out.u32(manner.data_bytes);
    out.texts(manner.fed_modules);
}
Result<ScanManner> decode_scan_manner(Decoder& in) {
    ScanManner manner;
    for (bool* flag : {&manner.members, &manner.file_names, &manner.unsatisfied, &manner.meta, &manner.all_hits, &manner.once, &manner.warnings,
                       &manner.console, &manner.module_data}) {
        *flag = WARD_TRY(in.u8()) != 0;
    }
    manner.data_bytes = WARD_TRY(in.u32());
    manner.fed_modules = WARD_TRY(in.texts(kMaxFedModules));
    return manner;
}

void encode(const Match& match, Encoder& out) {
    out.text(match.rule);
    out.text(match.ruleset);
    out.texts(match.tags);
    out.u32(static_cast<std::uint32_t>(match.meta.size()));
    for (const auto& [name, value] : match.meta) {
        out.text(name);
        if (const auto* text = std::get_if<std::string>(&value)) {
            out.u8(static_cast<std::uint8_t>(ValueKind::text));
            out.text(*text);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            out.u8(static_cast<std::uint8_t>(ValueKind::integer));
            out.i64(*number);
        } else {
            out.u8(static_cast<std::uint8_t>(ValueKind::boolean));
            out.u8(std::get<bool>(value) ? 1 : 0);
        }
    }
    out.texts(match.members);
    out.u32(static_cast<std::uint32_t>(match.hits.size()));
    for (const auto& hit : match.hits) {
        out.text(hit.pattern);
        out.u64(hit.offset);
        out.u64(hit.length);
        out.u8(hit.xor_key);
        out.u8(hit.hex ? 1 : 0);
        out.text(hit.data);
    }
    out.u8(match.satisfied ? 1 : 0);
}
Result<Match> decode_match(Decoder& in, const ScanManner& manner) {
    Match match;
    match.rule = WARD_TRY(in.text());
    match.ruleset = WARD_TRY(in.text());
    match.tags = WARD_TRY(in.texts(kMaxMetaItems));
    const std::uint32_t metas = WARD_TRY(in.count(6, kMaxMetaItems));
    for (std::uint32_t i = 0; i < metas; ++i) {
        std::string name = WARD_TRY(in.text());
        const std::uint8_t kind = WARD_TRY(in.u8());
        if (kind == static_cast<std::uint8_t>(ValueKind::text)) {
            match.meta.emplace_back(std::move(name), WARD_TRY(in.text()));
        } else if (kind == static_cast<std::uint8_t>(ValueKind::integer)) {
            match.meta.emplace_back(std::move(name), WARD_TRY(in.i64()));
        } else if (kind == static_cast<std::uint8_t>(ValueKind::boolean)) {
            match.meta.emplace_back(std::move(name), WARD_TRY(in.u8()) != 0);
        } else {
            return fail(Code::malformed, "no kind of meta value has the number {}", kind);
        }
    }
    match.members = WARD_TRY(in.texts(kMaxMembers));
    const std::uint32_t hits = WARD_TRY(in.count(26, static_cast<std::uint32_t>(manner.all_hits ? Match::kMaxAllHits : Match::kMaxHits)));
    for (std::uint32_t i = 0; i < hits; ++i) {
        PatternHit hit;
        hit.pattern = WARD_TRY(in.text());
        hit.offset = WARD_TRY(in.u64());
        hit.length = WARD_TRY(in.u64());
        hit.xor_key = WARD_TRY(in.u8());
        hit.hex = WARD_TRY(in.u8()) != 0;
        hit.data = WARD_TRY(in.text(manner.data_bytes));
        match.hits.push_back(std::move(hit));
    }
    match.satisfied = WARD_TRY(in.u8()) != 0;
    if (!match.satisfied && !manner.unsatisfied) return fail(Code::malformed, "a rule that does not hold is no match");
    return match;
}

void encode(const Verdict& verdict, Encoder& out) {
    out.u32(static_cast<std::uint32_t>(verdict.matches.size()));
    for (const auto& match : verdict.matches) encode(match, out);
    out.u32(static_cast<std::uint32_t>(verdict.gaps.size()));
    for (const auto& gap : verdict.gaps) encode(gap, out);
    out.text(verdict.type);
    out.u64(verdict.bytes);
    out.u32(verdict.members);
    out.texts(verdict.warnings);
    out.texts(verdict.console);
    out.text(verdict.module_data);
}
Result<Verdict> decode_verdict(Decoder& in, const ScanManner& manner) {
    Verdict verdict;
    const std::uint32_t matches = WARD_TRY(in.count(25, kMaxMatches));
    for (std::uint32_t i = 0; i < matches; ++i) verdict.matches.push_back(WARD_TRY(decode_match(in, manner)));
    const std::uint32_t gaps = WARD_TRY(in.count(21));
    for (std::uint32_t i = 0; i < gaps; ++i) verdict.gaps.push_back(WARD_TRY(decode_gap(in)));
    verdict.type = WARD_TRY(in.text());
    verdict.bytes = WARD_TRY(in.u64());
    verdict.members = WARD_TRY(in.u32());
    verdict.warnings = WARD_TRY(in.texts(manner.warnings ? Verdict::kMaxWarnings : 0));
    verdict.console = WARD_TRY(in.texts(manner.console ? Verdict::kMaxConsoleLines : 0));
    verdict.module_data = WARD_TRY(in.text(manner.module_data ? Verdict::kMaxTalkBytes : 0));
    return verdict;
}

void encode(const Value& value, Encoder& out) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        out.u8(static_cast<std::uint8_t>(ValueKind::integer));
        out.i64(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        out.u8(static_cast<std::uint8_t>(ValueKind::real));
        out.real(*real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        out.u8(static_cast<std::uint8_t>(ValueKind::text));
        out.text(*text);
    } else {
        out.u8(static_cast<std::uint8_t>(ValueKind::null));
    }
}
Result<Value> decode_value(Decoder& in) {
    switch (const std::uint8_t kind = WARD_TRY(in.u8()); static_cast<ValueKind>(kind)) {
        case ValueKind::null: return Value{};
        case ValueKind::integer: return Value{WARD_TRY(in.i64())};
        case ValueKind::real: return Value{WARD_TRY(in.real())};
        case ValueKind::text: return Value{WARD_TRY(in.text())};
        default: return fail(Code::malformed, "no kind of value has the number {}", kind);
    }
}

namespace {

void encode_rows(const std::vector<Row>& rows, Encoder& out) {
    out.u32(static_cast<std::uint32_t>(rows.size()));
    for (const auto& row : rows) {
        out.u32(static_cast<std::uint32_t>(row.size()));
        for (const auto& value : row) encode(value, out);
    }
}

Result<std::vector<Row>> decode_row_list(Decoder& in, std::uint64_t max_values) {
    const std::uint32_t count = WARD_TRY(in.count(4));
    std::vector<Row> rows;
    rows.reserve(count);
    std::uint64_t left = max_values;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t columns = WARD_TRY(in.count(1, kMaxColumns));
        if (columns > left) return fail(Code::over_limit, "rows of more than {} values", max_values);
        left -= columns;
        Row row;
        row.reserve(columns);
        for (std::uint32_t c = 0; c < columns; ++c) row.push_back(WARD_TRY(decode_value(in)));
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

void encode(const RowSet& set, Encoder& out) {
    encode_rows(set.rows, out);
    out.u32(static_cast<std::uint32_t>(set.gaps.size()));
    for (const auto& gap : set.gaps) encode(gap, out);
}
Result<RowSet> decode_rows(Decoder& in, std::uint64_t max_values) {
    RowSet set;
    set.rows = WARD_TRY(decode_row_list(in, max_values));
    const std::uint32_t gaps = WARD_TRY(in.count(21));
    for (std::uint32_t i = 0; i < gaps; ++i) set.gaps.push_back(WARD_TRY(decode_gap(in)));
    return set;
}

void encode(const TableShape& shape, Encoder& out) {
    out.text(shape.name);
    out.u32(static_cast<std::uint32_t>(shape.columns.size()));
    for (const auto& column : shape.columns) {
        out.text(column.name);
        out.text(column.type);
    }
    out.texts(shape.required);
}
Result<TableShape> decode_shape(Decoder& in) {
    TableShape shape;
    shape.name = WARD_TRY(in.text());
    const std::uint32_t columns = WARD_TRY(in.count(8, kMaxColumns));
    for (std::uint32_t i = 0; i < columns; ++i) {
        TableShape::Column column;
        column.name = WARD_TRY(in.text());
        column.type = WARD_TRY(in.text());
        shape.columns.push_back(std::move(column));
    }
    shape.required = WARD_TRY(in.texts(kMaxColumns));
    return shape;
}

void encode(const Constraint& constraint, Encoder& out) {
    out.text(constraint.column);
    encode(constraint.value, out);
}
Result<Constraint> decode_constraint(Decoder& in) {
    Constraint constraint;
    constraint.column = WARD_TRY(in.text());
    constraint.value = WARD_TRY(decode_value(in));
    return constraint;
}

void encode(const QueryResult& result, Encoder& out) {
    out.texts(result.columns);
    encode_rows(result.rows, out);
    out.u32(static_cast<std::uint32_t>(result.reads.size()));
    for (const auto& read : result.reads) {
        out.text(read.table);
        out.u32(static_cast<std::uint32_t>(read.constraints.size()));
        for (const auto& constraint : read.constraints) encode(constraint, out);
    }
}
Result<QueryResult> decode_result(Decoder& in) {
    QueryResult result;
    result.columns = WARD_TRY(in.texts(kMaxColumns));
    result.rows = WARD_TRY(decode_row_list(in, kMaxRowValues));
    const std::uint32_t reads = WARD_TRY(in.count(8));
    for (std::uint32_t i = 0; i < reads; ++i) {
        TableRead& read = result.reads.emplace_back();
        read.table = WARD_TRY(in.text());
        const std::uint32_t constraints = WARD_TRY(in.count(5, kMaxColumns));
        for (std::uint32_t k = 0; k < constraints; ++k) read.constraints.push_back(WARD_TRY(decode_constraint(in)));
    }
    return result;
}

}  // namespace ward
