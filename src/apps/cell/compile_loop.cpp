// SPDX-License-Identifier: Apache-2.0
#include "apps/cell/loops.h"
#include "cell/advisories/builder.h"
#include "cell/advisories/importer.h"
#include "cell/advisories/view.h"
#include "cell/compile/compiler.h"
#include "cell/formats/store.h"
#include "cell/match/patterns.h"
#include "cell/match/rules.h"
#include "cell/modules/module.h"
#include "cell/runtime/mapping.h"
#include "cell/sigdb/conditions.h"
#include "cell/sigdb/view.h"

#include <unistd.h>

#include <cerrno>
#include <optional>

namespace ward {

namespace {

// Asks the gate, which reads inside the roots that the user gave, or refuses.
class GateIncludes : public compile::IncludeReader {
public:
    explicit GateIncludes(runtime::Channel& channel) : channel_{channel} {}

    Result<std::string> read(const std::string& path) override {
        Buffer body;
        Encoder{body}.text(path);
        channel_.send(wire::Kind::include, body);
        const auto message = channel_.receive();
        if (message.kind != wire::Kind::include_text) return fail(Code::malformed, "the gate spoke out of turn");
        Decoder in{message.body};
        if (WARD_TRY(in.u8()) != 0) return in.text(wire::kMaxRuleFileBytes);
        Error error{Code::io, {}};
        WARD_TRY(wire::decode_error(in, error));
        return error;
    }

private:
    runtime::Channel& channel_;
};

Status write_whole(int descriptor, Bytes bytes) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::pwrite(descriptor, bytes.data() + written, bytes.size() - written, static_cast<off_t>(written));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            return fail(Code::io, "cannot write the database: {}", errno == ENOSPC ? "the disk is full" : "writing failed");
        }
        written += static_cast<std::size_t>(count);
    }
    return done();
}

Status compile_sources(runtime::Channel& channel, const runtime::Channel::Message& message) {
    Decoder in{message.body};
    auto request = WARD_TRY(wire::decode_compile_request(in));
    GateIncludes includes{channel};
    compile::Compiler compiler{std::move(request.externals), request.strict_escapes};
    for (const auto& source : request.sources) compiler.add(source, includes);
    auto compiled = std::move(compiler).finish();
    WARD_TRY(write_whole(message.descriptors[0], compiled.database));
    const wire::CompileAnswer answer{std::move(compiled.diagnostics), compiled.rules, compiled.left_out, compiled.database.size()};
    Buffer body;
    Encoder out{body};
    wire::encode(answer, out);
    channel.send(wire::Kind::compiled, body);
    return done();
}

constexpr std::size_t kMaxNamed = 1024;  // as many as the gate takes

// What a section holds, for people (docs/warddb.md); its number where this program knows no name.
std::string section_name(std::uint32_t number) {
    constexpr std::pair<sigdb::SectionId, const char*> kNames[] = {
        {sigdb::SectionId::pattern_summary, "summary of patterns"}, {sigdb::SectionId::pattern_variants, "variants of patterns"},
        {sigdb::SectionId::pattern_bytes, "literals and automata"}, {sigdb::SectionId::pattern_filter, "filter"},
        {sigdb::SectionId::pattern_windows, "windows"},             {sigdb::SectionId::pattern_atoms, "atoms"},
        {sigdb::SectionId::pattern_short, "short atoms"},           {sigdb::SectionId::pattern_everywhere, "patterns without atoms"},
        {sigdb::SectionId::pattern_chains, "chains of patterns"},   {sigdb::SectionId::pattern_weak, "weak patterns"},
        {sigdb::SectionId::pattern_sieves, "sieves"},               {sigdb::SectionId::pattern_short_of, "short atoms by pattern"},
        {sigdb::SectionId::pattern_tags, "tags of windows"},        {sigdb::kRuleModules, "modules"},
        {sigdb::kRuleKeys, "rules by text of a module"},
        {sigdb::kRuleTable, "rules"},                               {sigdb::kRuleTexts, "texts"},
        {sigdb::kRuleStrings, "strings of rules"},                  {sigdb::kRuleTags, "tags"},
        {sigdb::kRuleMetas, "meta"},                                {sigdb::kRuleCode, "conditions"},
        {sigdb::kRuleAlways, "rules that need no match"},           {sigdb::kRuleUsers, "rules by pattern"},
        {sigdb::kRuleExternals, "externals"},                       {sigdb::kRuleRegexes, "expressions of conditions"},
        {sigdb::kRuleGlobals, "global rules"},                      {sigdb::kRuleWeak, "rules with weak patterns"},
    };
    for (const auto& [id, name] : kNames) {
        if (static_cast<std::uint32_t>(id) == number) return name;
    }
    return std::to_string(number);
}

Result<wire::DatabaseInfo> inspect(Bytes database, std::string_view rule) {
    const auto view = WARD_TRY(sigdb::View::open(database));
    WARD_TRY(view.verify());
    const auto patterns = WARD_TRY(match::PatternScanner::open(view));
    WARD_TRY(patterns.verify());
    const auto rules = WARD_TRY(match::RuleScanner::open(database));
    wire::DatabaseInfo info;
    info.version = view.version();
    info.bytes = database.size();
    info.rules = rules.rules();
    info.patterns = patterns.pattern_count();
    info.id = to_hex(view.digest());
    for (std::uint32_t number = 1; number <= static_cast<std::uint32_t>(sigdb::SectionId::last_of_rules); ++number) {
        const auto section = view.section(static_cast<sigdb::SectionId>(number));
        if (section) info.sections.emplace_back(section_name(number), section->size());
    }
    for (const auto* module : modules::all()) info.modules.emplace_back(module->name);
    if (!rule.empty()) info.named = rules.named(rule);
    if (info.named.size() > kMaxNamed) info.named.resize(kMaxNamed);
    return info;
}

Status inspect_database(runtime::Channel& channel, const runtime::Channel::Message& message) {
    const auto database = WARD_TRY(runtime::Mapping::whole(message.descriptors[0]));
    Decoder in{message.body};
    const auto info = WARD_TRY(inspect(database.bytes(), WARD_TRY(in.text())));
    Buffer body;
    Encoder out{body};
    wire::encode(info, out);
    channel.send(wire::Kind::inspected, body);
    return done();
}

// The sources of an advisory database so far, while one is being built.
struct Advising {
    advisories::Builder builder;
    std::optional<formats::Store> store;  // on the spool that came with the first source
    int spool = -1;                       // open until the database is built
};

Status advise(runtime::Channel& channel, const runtime::Channel::Message& message, std::optional<Advising>& advising) {
    const int spool = message.descriptors[0];
    const auto source = runtime::Mapping::whole(message.descriptors[1]);
    if (advising) {
        ::close(spool);  // the same file as before
    } else {
        advising.emplace();
        advising->spool = spool;
        advising->store.emplace(WARD_TRY(formats::Store::open(spool)));
    }
    if (!source) return source.error();
    Decoder in{message.body};
    const auto request = WARD_TRY(wire::decode_advise_request(in));
    advisories::Importer importer{advising->builder, *advising->store};
    importer.add({request.name, request.title, {}, request.fetched, 0, 0, 0}, source->bytes());
    wire::AdviseAnswer answer;
    answer.records = advising->builder.source().records;
    answer.refused = advising->builder.source().refused;
    for (const auto& fault : importer.faults()) answer.faults.push_back({fault.where, fault.error});
    Buffer body;
    Encoder out{body};
    wire::encode(answer, out);
    channel.send(wire::Kind::advised, body);
    return done();
}

Status finish_advising(runtime::Channel& channel, const runtime::Channel::Message& message, std::optional<Advising>& advising) {
    if (!advising) advising.emplace();
    const Buffer database = WARD_TRY(std::move(advising->builder).finish());
    if (advising->spool >= 0) ::close(advising->spool);
    advising.reset();
    const auto view = WARD_TRY(advisories::View::open(database));
    WARD_TRY(view.verify());
    WARD_TRY(write_whole(message.descriptors[0], database));
    const wire::AdvisoryInfo info{database.size(), view.packages(), view.records(), view.exploited(), view.forecasts(), view.cycles(),
                                  to_hex(WARD_TRY(sigdb::View::open(database)).digest())};
    Buffer body;
    Encoder out{body};
    wire::encode(info, out);
    channel.send(wire::Kind::advising_finished, body);
    return done();
}

// Takes the message's descriptors over.
Status answer(runtime::Channel& channel, const runtime::Channel::Message& message, std::optional<Advising>& advising) {
    if (message.descriptors.size() == 1 && message.kind == wire::Kind::inspect) {
        return inspect_database(channel, message);
    }
    if (message.descriptors.size() == 2 && message.kind == wire::Kind::advise) return advise(channel, message, advising);
    Status answered = fail(Code::malformed, "the gate spoke out of turn");
    if (message.descriptors.size() == 1 && message.kind == wire::Kind::compile) answered = compile_sources(channel, message);
    if (message.descriptors.size() == 1 && message.kind == wire::Kind::finish_advising) answered = finish_advising(channel, message, advising);
    for (const int descriptor : message.descriptors) ::close(descriptor);
    return answered;
}

}  // namespace

void serve_compile(runtime::Channel channel) {
    std::optional<Advising> advising;
    for (;;) {
        const auto message = channel.receive();
        const auto answered = answer(channel, message, advising);
        if (!answered) runtime::send_failed(channel, answered.error());
    }
}

}  // namespace ward
