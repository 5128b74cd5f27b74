// SPDX-License-Identifier: Apache-2.0
#include "model/messages.h"

#include "core/text.h"

namespace ward::wire {

namespace {

constexpr std::uint32_t kMaxLayers = 64;
constexpr std::uint32_t kMaxModules = 256;
constexpr std::uint32_t kMaxNamedRules = 1024;  // of the same name, in as many files

template <class Item, class Write>
void encode_list(const std::vector<Item>& items, Encoder& out, Write write) {
    out.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) write(item);
}

// `read` gives one item; each takes at least `item_bytes` on the wire.
template <class Item, class Read>
Result<std::vector<Item>> decode_list(Decoder& in, std::uint32_t item_bytes, Read read,
                                      std::uint32_t max_items = Decoder::kMaxListItems) {
    const std::uint32_t count = WARD_TRY(in.count(item_bytes, max_items));
    std::vector<Item> items;
    items.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) items.push_back(WARD_TRY(read()));
    return items;
}

void encode_constraints(const std::vector<Constraint>& constraints, Encoder& out) {
    encode_list(constraints, out, [&](const Constraint& c) { ward::encode(c, out); });
}
Result<std::vector<Constraint>> decode_constraints(Decoder& in) {
    return decode_list<Constraint>(in, 5, [&] { return decode_constraint(in); }, 256);
}

}  // namespace

void encode(const Error& error, Encoder& out) {
    out.u8(static_cast<std::uint8_t>(error.code));
    out.text(error.text);
}
Status decode_error(Decoder& in, Error& error) {
    const std::uint8_t number = WARD_TRY(in.u8());
    if (!code_from_number(number, error.code)) return fail(Code::malformed, "no code has the number {}", number);
    error.text = WARD_TRY(in.text());
    return done();
}

void encode(const Limits& limits, Encoder& out) {
    out.u64(limits.max_unpacked_bytes);
    out.u64(limits.max_member_bytes);
    out.u32(limits.max_depth);
    out.u32(limits.max_members);
    out.u32(limits.max_ratio);
    out.i64(limits.max_time.count());
}
Result<Limits> decode_limits(Decoder& in) {
    Limits limits;
    limits.max_unpacked_bytes = WARD_TRY(in.u64());
    limits.max_member_bytes = WARD_TRY(in.u64());
    limits.max_depth = WARD_TRY(in.u32());
    limits.max_members = WARD_TRY(in.u32());
    limits.max_ratio = WARD_TRY(in.u32());
    limits.max_time = std::chrono::milliseconds{WARD_TRY(in.i64())};
    return limits;
}

void encode(const Object& object, Encoder& out) {
    out.text(object.path);
    out.u64(object.bytes);
    out.u32(object.owner);
    out.u32(object.mode);
    out.u32(object.process);
    out.text(object.program);
}
Result<Object> decode_object(Decoder& in) {
    Object object;
    object.path = WARD_TRY(in.text());
    object.bytes = WARD_TRY(in.u64());
    object.owner = WARD_TRY(in.u32());
    object.mode = WARD_TRY(in.u32());
    object.process = WARD_TRY(in.u32());
    object.program = WARD_TRY(in.text());
    return object;
}

void encode(const Externals& externals, Encoder& out) {
    out.u32(static_cast<std::uint32_t>(externals.size()));
    for (const auto& [name, value] : externals) {
        out.text(name);
        out.u8(static_cast<std::uint8_t>(value.index()));
        if (const auto* number = std::get_if<std::int64_t>(&value)) out.i64(*number);
        if (const auto* real = std::get_if<double>(&value)) out.real(*real);
        if (const auto* truth = std::get_if<bool>(&value)) out.u8(*truth ? 1 : 0);
        if (const auto* text = std::get_if<std::string>(&value)) out.text(*text);
    }
}
Result<Externals> decode_externals(Decoder& in) {
    Externals externals;
    const std::uint32_t count = WARD_TRY(in.count(6, 4096));
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string name = WARD_TRY(in.text());
        switch (const std::uint8_t kind = WARD_TRY(in.u8())) {
            case 0: externals[name] = WARD_TRY(in.i64()); break;
            case 1: externals[name] = WARD_TRY(in.real()); break;
            case 2: externals[name] = WARD_TRY(in.u8()) != 0; break;
            case 3: externals[name] = WARD_TRY(in.text()); break;
            default: return fail(Code::malformed, "no kind of external has the number {}", kind);
        }
    }
    return externals;
}

void encode(const std::vector<Layer>& layers, Encoder& out) {
    encode_list(layers, out, [&](const Layer& layer) {
        out.text(layer.name);
        out.u8(layer.in_force ? 1 : 0);
        out.text(layer.detail);
    });
}
Result<std::vector<Layer>> decode_layers(Decoder& in) {
    return decode_list<Layer>(in, 9, [&]() -> Result<Layer> {
        Layer layer;
        layer.name = WARD_TRY(in.text());
        layer.in_force = WARD_TRY(in.u8()) != 0;
        layer.detail = WARD_TRY(in.text());
        return layer;
    }, kMaxLayers);
}

void encode(const Batch& batch, Encoder& out) {
    out.u32(batch.progress_slot);
    encode_list(batch.items, out, [&](const BatchItem& item) {
        out.u32(item.index);
        encode(item.object, out);
        out.u32(item.descriptor);
        out.u64(item.offset);
        out.u64(item.bytes);
    });
}
Result<Batch> decode_batch(Decoder& in) {
    Batch batch;
    batch.progress_slot = WARD_TRY(in.u32());
    if (batch.progress_slot >= kProgressSlots) return fail(Code::malformed, "progress slot {}", batch.progress_slot);
    batch.items = WARD_TRY(decode_list<BatchItem>(in, 44, [&]() -> Result<BatchItem> {
        BatchItem item;
        item.index = WARD_TRY(in.u32());
        item.object = WARD_TRY(decode_object(in));
        item.descriptor = WARD_TRY(in.u32());
        item.offset = WARD_TRY(in.u64());
        item.bytes = WARD_TRY(in.u64());
        return item;
    }));
    return batch;
}

void encode(const ScanStart& start, Encoder& out) {
    encode(start.limits, out);
    encode(start.externals, out);
    out.u8(start.has_database ? 1 : 0);
    out.u64(start.arena_bytes);
    out.u8(start.has_spool ? 1 : 0);
    encode(start.manner, out);
}
Result<ScanStart> decode_scan_start(Decoder& in) {
    ScanStart start;
    start.limits = WARD_TRY(decode_limits(in));
    start.externals = WARD_TRY(decode_externals(in));
    start.has_database = WARD_TRY(in.u8()) != 0;
    start.arena_bytes = WARD_TRY(in.u64());
    start.has_spool = WARD_TRY(in.u8()) != 0;
    start.manner = WARD_TRY(decode_scan_manner(in));
    return start;
}

void encode(const ProbeStep& step, Encoder& out) {
    out.text(step.name);
    out.u32(step.count);
    out.u8(step.tried ? 1 : 0);
    out.u32(static_cast<std::uint32_t>(step.error));
}
Result<ProbeStep> decode_probe_step(Decoder& in) {
    ProbeStep step;
    step.name = WARD_TRY(in.text(256));
    step.count = WARD_TRY(in.u32());
    step.tried = WARD_TRY(in.u8()) != 0;
    step.error = static_cast<std::int32_t>(WARD_TRY(in.u32()));
    return step;
}

void encode(const CompileRequest& request, Encoder& out) {
    encode_list(request.sources, out, [&](const SourceFile& source) {
        out.text(source.name);
        out.text(source.text);
        out.text(source.ruleset);
    });
    encode(request.externals, out);
    out.u8(request.strict_escapes ? 1 : 0);
}
Result<CompileRequest> decode_compile_request(Decoder& in) {
    CompileRequest request;
    request.sources = WARD_TRY(decode_list<SourceFile>(in, 12, [&]() -> Result<SourceFile> {
        SourceFile source;
        source.name = WARD_TRY(in.text());
        source.text = WARD_TRY(in.text(kMaxRuleFileBytes));
        source.ruleset = WARD_TRY(in.text());
        return source;
    }));
    request.externals = WARD_TRY(decode_externals(in));
    request.strict_escapes = WARD_TRY(in.u8()) != 0;
    return request;
}

void encode(const CompileAnswer& answer, Encoder& out) {
    encode_list(answer.diagnostics, out, [&](const Diagnostic& item) {
        out.u8(item.error ? 1 : 0);
        out.text(item.file);
        out.u32(item.line);
        out.u32(item.column);
        out.u32(item.length);
        out.text(item.text);
        out.text(item.source_line);
        out.text(item.rule);
    });
    out.u64(answer.rules);
    out.u64(answer.left_out);
    out.u64(answer.database_bytes);
}
Result<CompileAnswer> decode_compile_answer(Decoder& in) {
    CompileAnswer answer;
    answer.diagnostics = WARD_TRY(decode_list<Diagnostic>(in, 29, [&]() -> Result<Diagnostic> {
        Diagnostic item;
        item.error = WARD_TRY(in.u8()) != 0;
        item.file = WARD_TRY(in.text());
        item.line = WARD_TRY(in.u32());
        item.column = WARD_TRY(in.u32());
        item.length = WARD_TRY(in.u32());
        item.text = WARD_TRY(in.text());
        item.source_line = WARD_TRY(in.text());
        item.rule = WARD_TRY(in.text());
        return item;
    }));
    answer.rules = WARD_TRY(in.u64());
    answer.left_out = WARD_TRY(in.u64());
    answer.database_bytes = WARD_TRY(in.u64());
    return answer;
}

void encode(const DatabaseInfo& info, Encoder& out) {
    out.u32(info.version);
    out.u64(info.bytes);
    out.u64(info.rules);
    out.u64(info.patterns);
    out.text(info.id);
    encode_list(info.sections, out, [&](const auto& section) {
        out.text(section.first);
        out.u64(section.second);
    });
    out.texts(info.modules);
    encode_list(info.named, out, [&](const Match& match) { ward::encode(match, out); });
}
Result<DatabaseInfo> decode_database_info(Decoder& in) {
    DatabaseInfo info;
    info.version = WARD_TRY(in.u32());
    info.bytes = WARD_TRY(in.u64());
    info.rules = WARD_TRY(in.u64());
    info.patterns = WARD_TRY(in.u64());
    info.id = WARD_TRY(in.text());
    using Section = std::pair<std::string, std::uint64_t>;
    info.sections = WARD_TRY(decode_list<Section>(in, 12, [&]() -> Result<Section> {
        Section section;
        section.first = WARD_TRY(in.text());
        section.second = WARD_TRY(in.u64());
        return section;
    }));
    info.modules = WARD_TRY(in.texts(kMaxModules));
    info.named = WARD_TRY(decode_list<Match>(in, 25, [&] { return decode_match(in); }, kMaxNamedRules));
    return info;
}

void encode(const AdviseRequest& request, Encoder& out) {
    out.text(request.name);
    out.text(request.title);
    out.i64(request.fetched);
}
Result<AdviseRequest> decode_advise_request(Decoder& in) {
    AdviseRequest request;
    request.name = WARD_TRY(in.text());
    request.title = WARD_TRY(in.text());
    request.fetched = WARD_TRY(in.i64());
    return request;
}

void encode(const AdviseAnswer& answer, Encoder& out) {
    out.u64(answer.records);
    out.u64(answer.refused);
    encode_list(answer.faults, out, [&](const AdviseAnswer::Fault& fault) {
        out.text(fault.where);
        encode(fault.error, out);
    });
}
Result<AdviseAnswer> decode_advise_answer(Decoder& in) {
    AdviseAnswer answer;
    answer.records = WARD_TRY(in.u64());
    answer.refused = WARD_TRY(in.u64());
    answer.faults = WARD_TRY(decode_list<AdviseAnswer::Fault>(in, 9, [&]() -> Result<AdviseAnswer::Fault> {
        AdviseAnswer::Fault fault{{}, {Code::io, {}}};
        fault.where = WARD_TRY(in.text());
        WARD_TRY(decode_error(in, fault.error));
        return fault;
    }));
    return answer;
}

void encode(const AdvisoryInfo& info, Encoder& out) {
    for (const auto count : {info.bytes, info.packages, info.advisories, info.exploited, info.forecasts, info.cycles}) out.u64(count);
    out.text(info.id);
}
Result<AdvisoryInfo> decode_advisory_info(Decoder& in) {
    AdvisoryInfo info;
    for (auto* const count : {&info.bytes, &info.packages, &info.advisories, &info.exploited, &info.forecasts, &info.cycles}) *count = WARD_TRY(in.u64());
    info.id = WARD_TRY(in.text());
    return info;
}

void encode(const ParseRequest& request, Encoder& out) {
    out.text(request.table);
    encode_constraints(request.constraints, out);
    encode_list(request.sources, out, [&](const SourceBytes& source) {
        out.text(source.name);
        out.u8(static_cast<std::uint8_t>(source.state));
        out.text(source.why);
        out.text(source.link);
        out.u32(source.mode);
        out.u32(source.uid);
        out.u32(source.gid);
        out.i64(source.modified);
        out.u64(source.size);
        out.u64(source.offset);
        out.u64(source.bytes);
    });
    out.i64(request.now);
    encode_list(request.inputs, out, [&](const InputTable& input) {
        ward::encode(input.shape, out);
        ward::encode(input.rows, out);
    });
    out.u8(request.has_advisories ? 1 : 0);
}
Result<ParseRequest> decode_parse_request(Decoder& in) {
    ParseRequest request;
    request.table = WARD_TRY(in.text());
    request.constraints = WARD_TRY(decode_constraints(in));
    request.sources = WARD_TRY(decode_list<SourceBytes>(in, 57, [&]() -> Result<SourceBytes> {
        SourceBytes source;
        source.name = WARD_TRY(in.text());
        const std::uint8_t state = WARD_TRY(in.u8());
        if (state > static_cast<std::uint8_t>(SourceBytes::State::failed)) {
            return fail(Code::malformed, "no state of a source has the number {}", state);
        }
        source.state = static_cast<SourceBytes::State>(state);
        source.why = WARD_TRY(in.text());
        source.link = WARD_TRY(in.text());
        source.mode = WARD_TRY(in.u32());
        source.uid = WARD_TRY(in.u32());
        source.gid = WARD_TRY(in.u32());
        source.modified = WARD_TRY(in.i64());
        source.size = WARD_TRY(in.u64());
        source.offset = WARD_TRY(in.u64());
        source.bytes = WARD_TRY(in.u64());
        return source;
    }));
    request.now = WARD_TRY(in.i64());
    request.inputs = WARD_TRY(decode_list<InputTable>(in, 20, [&]() -> Result<InputTable> {
        InputTable input;
        input.shape = WARD_TRY(decode_shape(in));
        input.rows = WARD_TRY(decode_rows(in));
        return input;
    }));
    request.has_advisories = WARD_TRY(in.u8()) != 0;
    return request;
}

std::string FilePart::name() const { return fmt::format("part:{}+{}:{}", offset, bytes, path); }

std::optional<FilePart> FilePart::parse(std::string_view name) {
    constexpr std::string_view kKind = "part:";
    if (!name.starts_with(kKind)) return std::nullopt;
    name.remove_prefix(kKind.size());
    const auto plus = name.find('+');
    const auto colon = name.find(':');
    if (plus == std::string_view::npos || colon == std::string_view::npos || colon < plus) return std::nullopt;
    const auto at = parse_unsigned(name.substr(0, plus));
    const auto count = parse_unsigned(name.substr(plus + 1, colon - plus - 1));
    if (!at || !count || !name.substr(colon + 1).starts_with('/')) return std::nullopt;
    return FilePart{*at, *count, std::string{name.substr(colon + 1)}};
}

void encode(const ParseAnswer& answer, Encoder& out) {
    ward::encode(answer.rows, out);
    out.texts(answer.wants);
}
Result<ParseAnswer> decode_parse_answer(Decoder& in) {
    ParseAnswer answer;
    answer.rows = WARD_TRY(decode_rows(in));
    answer.wants = WARD_TRY(in.texts(kMaxWants));
    return answer;
}

void encode(const std::vector<TableShape>& shapes, Encoder& out) {
    encode_list(shapes, out, [&](const TableShape& shape) { ward::encode(shape, out); });
}
Result<std::vector<TableShape>> decode_shapes(Decoder& in) {
    return decode_list<TableShape>(in, 12, [&] { return decode_shape(in); }, 4096);
}

void encode(const QueryRequest& request, Encoder& out) {
    out.text(request.sql);
    out.i64(request.limits.max_time.count());
    out.u64(request.limits.max_rows);
}
Result<QueryRequest> decode_query_request(Decoder& in) {
    QueryRequest request;
    request.sql = WARD_TRY(in.text());
    request.limits.max_time = std::chrono::milliseconds{WARD_TRY(in.i64())};
    request.limits.max_rows = WARD_TRY(in.u64());
    return request;
}

void encode(const PullRequest& request, Encoder& out) {
    out.text(request.table);
    encode_constraints(request.constraints, out);
}
Result<PullRequest> decode_pull_request(Decoder& in) {
    PullRequest request;
    request.table = WARD_TRY(in.text());
    request.constraints = WARD_TRY(decode_constraints(in));
    return request;
}

}  // namespace ward::wire
