// SPDX-License-Identifier: Apache-2.0
#include "walks/host_tables.h"

#include "core/text.h"

#include <algorithm>
#include <ctime>
#include <set>

namespace ward::walks {

namespace {

using State = wire::SourceBytes::State;

// `Include` in sshd_config goes 16 deep, each a round.
constexpr int kMaxRounds = 20;
constexpr std::size_t kMaxSources = 60'000;
constexpr std::uint64_t kMaxTableBytes = 1 * kGiB;  // all package indexes of a distribution with its sources: 300 MiB

bool has_dots(std::string_view name) {
    for (const auto part : split(name, '/')) {
        if (part == "..") return true;
    }
    return false;
}

bool may_read(const tables::TableSpec& spec, std::string_view name) {
    return !has_dots(name) && std::any_of(spec.may_read.begin(), spec.may_read.end(),
                                          [&](const std::string& pattern) { return glob_match(pattern, name); });
}

Code code_of(State state) {
    switch (state) {
        case State::cut: return Code::over_limit;
        case State::denied: return Code::denied;
        default: return Code::io;
    }
}

bool fits(const Value& value, std::string_view type) {
    if (std::holds_alternative<std::monostate>(value)) return true;
    if (type == "integer") return std::holds_alternative<std::int64_t>(value);
    if (type == "real") return std::holds_alternative<double>(value);
    return std::holds_alternative<std::string>(value);
}

// A cell may report; that its rows have the table's form is checked here.
bool fits(const RowSet& rows, const tables::TableSpec& spec) {
    return std::all_of(rows.rows.begin(), rows.rows.end(), [&](const Row& row) {
        return std::equal(row.begin(), row.end(), spec.columns.begin(), spec.columns.end(),
                          [](const Value& value, const auto& column) { return fits(value, column.type); });
    });
}

// Of a part of a file it is the file.
std::string place_of(const std::string& source) {
    const auto part = wire::FilePart::parse(source);
    return part ? part->path : source;
}

void add_gap(std::vector<Gap>& gaps, Gap gap) {
    if (std::find(gaps.begin(), gaps.end(), gap) == gaps.end()) gaps.push_back(std::move(gap));
}

}  // namespace

// One table on its way: what the parser is given, and what is missing from it.
struct HostTables::Work {
    const tables::TableSpec* spec;
    wire::ParseRequest request;
    std::vector<std::shared_ptr<const host::Source>> sources;  // in the order of request.sources
    std::set<std::string> patterns;
    std::set<std::string> names;
    std::uint64_t bytes = 0;
    std::vector<Gap> gaps;
};

Result<HostTables> HostTables::open(const std::vector<tables::TableSpec>& specs, HostTablesSetup setup, Parse parse) {
    const bool only_facts = setup.facts.has_value() && !setup.root.has_value();
    const std::string root = setup.root.value_or("/");
    const std::string state = setup.state;
    HostTables tables{specs, std::move(setup), std::move(parse)};
    if (!only_facts) tables.reader_ = std::make_unique<host::SourceReader>(WARD_TRY(host::Root::open(root)), tables.limits_, state);
    tables.seen_.taken = tables.facts_ ? tables.facts_->taken : static_cast<std::int64_t>(std::time(nullptr));
    return tables;
}

HostTables::Ahead::Ahead(const host::SourceReader& reader, const std::string& name)
    : source_{std::async(std::launch::async, [&reader, name, stop = stop_.get_token()] { return reader.read(name, stop); })} {}

void HostTables::read_ahead(std::span<const std::string> tables) {
    if (!reader_) return;
    // A table that is made from others asks for what they ask for.
    std::vector<std::string> wanted{tables.begin(), tables.end()};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const tables::TableSpec* spec = tables::find_spec(*specs_, wanted[i]);
        if (spec == nullptr) continue;
        for (const auto* inputs : {&spec->from, &spec->from_live}) {
            for (const auto& input : *inputs) {
                if (std::find(wanted.begin(), wanted.end(), input) == wanted.end()) wanted.push_back(input);
            }
        }
        for (const auto& name : spec->sources) reader_->expect(name);
    }
    for (const auto& table : wanted) {
        const tables::TableSpec* spec = tables::find_spec(*specs_, table);
        if (spec == nullptr) continue;
        for (const auto& name : spec->sources) {
            const bool known = seen_.sources.contains(name) || (facts_ && facts_->sources.contains(name)) || ahead_.contains(name);
            if (host::is_slow_source(name) && !known) ahead_.try_emplace(name, *reader_, name);
        }
    }
}

Result<RowSet> HostTables::rows(std::string_view table, std::span<const Constraint> constraints) {
    const tables::TableSpec* spec = tables::find_spec(*specs_, table);
    if (spec == nullptr) return fail(Code::not_found, "there is no table {}", table);
    for (const auto& column : spec->required) {
        const bool fixed = std::any_of(constraints.begin(), constraints.end(),
                                       [&](const Constraint& constraint) { return constraint.column == column; });
        if (!fixed) return fail(Code::unsupported, "table {} needs `{} = ...` in the query", table, column);
    }
    RowSet rows = is_kept(*spec) ? read_once(*spec) : read_table(*spec, constraints);
    if (!rows.gaps.empty()) {
        TableRead read{spec->name, {constraints.begin(), constraints.end()}};
        const auto known = std::find_if(gaps_.begin(), gaps_.end(), [&](const auto& item) { return item.first == read; });
        if (known == gaps_.end()) gaps_.emplace_back(std::move(read), rows.gaps);
    }
    return rows;
}

std::vector<Gap> HostTables::gaps_of(const TableRead& read) const {
    const auto found = std::find_if(gaps_.begin(), gaps_.end(), [&](const auto& item) { return item.first == read; });
    return found == gaps_.end() ? std::vector<Gap>{} : found->second;
}

std::vector<TableShape> HostTables::shapes() const {
    std::vector<TableShape> shapes;
    for (const auto& spec : *specs_) shapes.push_back(spec.shape());
    return shapes;
}

RowSet HostTables::read_table(const tables::TableSpec& spec, std::span<const Constraint> constraints) {
    const auto only_gap = [&](Code code, std::string why) {
        return RowSet{{}, {Gap{{}, code, fmt::format("table {}: {}", spec.name, why)}}};
    };
    if (lives_elsewhere(spec)) {
        return only_gap(Code::unsupported, "tells of a running system; record its facts there with `ward query --save FILE` "
                                           "and give them with --facts FILE");
    }
    Work work{&spec, {}, {}, {}, {}, 0, {}};
    work.request.table = spec.name;
    work.request.constraints.assign(constraints.begin(), constraints.end());
    work.request.now = seen_.taken;
    for (const auto& pattern : spec.sources) add_sources(pattern, false, work);
    for (const auto& table : spec.from) add_input(table, false, work);
    for (const auto& table : spec.from_live) add_input(table, true, work);
    work.request.has_advisories = spec.advisories && advisories_;
    wire::ParseAnswer answer;
    for (int round = 0;; ++round) {
        auto parsed = parse(work);
        if (!parsed) return only_gap(parsed.error().code, parsed.error().text);
        answer = *std::move(parsed);
        const std::size_t before = work.patterns.size();
        if (round == kMaxRounds && !answer.wants.empty()) {
            work.gaps.push_back({{}, Code::over_limit, fmt::format("table {}: files name further files more than {} deep",
                                                                    spec.name, kMaxRounds)});
            break;
        }
        for (const auto& pattern : answer.wants) add_sources(pattern, true, work);
        if (work.patterns.size() == before) break;
    }
    if (!fits(answer.rows, spec)) return only_gap(Code::malformed, "the facts cell answered with rows of another form");
    RowSet rows = std::move(answer.rows);
    for (auto& gap : work.gaps) add_gap(rows.gaps, std::move(gap));
    for (const auto& source : work.sources) {
        for (const auto& gap : source->gaps) add_gap(rows.gaps, gap);
        const auto& about = source->about;
        if (about.state == State::whole || about.state == State::missing) continue;
        const std::string place = place_of(about.name);
        const bool named = std::any_of(rows.gaps.begin(), rows.gaps.end(), [&](const Gap& gap) { return gap.where.path == place; });
        if (!named) rows.gaps.push_back({Where{place, 0, {}}, code_of(about.state), about.why});
    }
    return rows;
}

void HostTables::add_input(const std::string& table, bool if_live, Work& work) {
    const tables::TableSpec* const spec = tables::find_spec(*specs_, table);
    WARD_CHECK(spec != nullptr && spec->required.empty());  // load_specs has seen it
    wire::InputTable input{spec->shape(), {}};
    if (!if_live || !lives_elsewhere(*spec)) {
        const RowSet& rows = read_once(*spec);
        for (const auto& gap : rows.gaps) add_gap(work.gaps, gap);
        input.rows.rows = rows.rows;
    }
    work.request.inputs.push_back(std::move(input));
}

bool HostTables::is_kept(const tables::TableSpec& spec) const {
    if (!spec.required.empty()) return false;
    if (!spec.from.empty() || !spec.from_live.empty()) return true;
    return std::any_of(specs_->begin(), specs_->end(), [&](const tables::TableSpec& other) {
        return std::find(other.from.begin(), other.from.end(), spec.name) != other.from.end() ||
               std::find(other.from_live.begin(), other.from_live.end(), spec.name) != other.from_live.end();
    });
}

const RowSet& HostTables::read_once(const tables::TableSpec& spec) {
    const auto known = kept_rows_.find(spec.name);
    if (known != kept_rows_.end()) return known->second;
    RowSet rows = read_table(spec, {});
    return kept_rows_.emplace(spec.name, std::move(rows)).first->second;
}

// Without its live sources such a table would look empty, which is a lie.
bool HostTables::lives_elsewhere(const tables::TableSpec& spec) const {
    if (!spec.live || (reader_ && reader_->root().is_running_system())) return false;
    return std::none_of(spec.sources.begin(), spec.sources.end(), [&](const std::string& name) {
        return facts_ && host::is_live_source(name) && (facts_->sources.contains(name) || facts_->globs.contains(name));
    });
}

void HostTables::add_sources(const std::string& pattern, bool asked_by_parser, Work& work) {
    if (!work.patterns.insert(pattern).second) return;
    const auto add = [&](const std::string& name) {
        if (!asked_by_parser || may_read(*work.spec, name)) return add_source(name, work);
        work.gaps.push_back({Where{name, 0, {}}, Code::denied, fmt::format("table {} may not read it", work.spec->name)});
    };
    if (pattern.starts_with(wire::kExactFile)) return add(pattern.substr(wire::kExactFile.size()));
    if (!host::is_glob(pattern)) return add(pattern);
    const auto& glob = expand(pattern);
    for (const auto& gap : glob.gaps) add_gap(work.gaps, gap);
    for (const auto& name : glob.names) add(name);
}

void HostTables::add_source(const std::string& name, Work& work) {
    if (!work.names.insert(name).second) return;
    const auto too_much = [&](std::string why) { work.gaps.push_back({Where{place_of(name), 0, {}}, Code::over_limit, std::move(why)}); };
    if (work.sources.size() == kMaxSources) {
        return too_much(fmt::format("is beyond the {} files that a table reads", kMaxSources));
    }
    const auto source = read(name);
    if (source->bytes.size() > kMaxTableBytes - work.bytes) {
        return too_much(fmt::format("is beyond the {} that a table reads", human_bytes(kMaxTableBytes)));
    }
    work.sources.push_back(source);
    work.request.sources.push_back(source->about);
    work.request.sources.back().offset = work.bytes;
    work.bytes += source->bytes.size();
}

const host::Recording::Glob& HostTables::expand(const std::string& pattern) {
    const auto [entry, fresh] = seen_.globs.try_emplace(pattern);
    if (!fresh) return entry->second;
    if (facts_) {
        if (const auto found = facts_->globs.find(pattern); found != facts_->globs.end()) return entry->second = found->second;
    }
    if (reader_) {
        entry->second.names = reader_->expand(pattern, entry->second.gaps);
    } else {
        entry->second.gaps.push_back({Where{pattern, 0, {}}, Code::io, "the recorded facts do not hold it"});
    }
    return entry->second;
}

std::shared_ptr<const host::Source> HostTables::read(const std::string& name) {
    if (const auto seen = seen_.sources.find(name); seen != seen_.sources.end()) return seen->second;
    std::shared_ptr<const host::Source> source;
    if (facts_) {
        if (const auto found = facts_->sources.find(name); found != facts_->sources.end()) source = found->second;
    }
    if (const auto ahead = ahead_.find(name); ahead != ahead_.end()) {
        source = std::make_shared<const host::Source>(ahead->second.take());
        ahead_.erase(ahead);
    }
    if (!source && reader_) source = std::make_shared<const host::Source>(reader_->read(name));
    if (!source) {
        host::Source none;
        none.about.name = name;
        none.about.state = State::failed;
        none.about.why = "the recorded facts do not hold it";
        source = std::make_shared<const host::Source>(std::move(none));
    }
    if (source->bytes.size() <= kMaxKeptBytes - kept_bytes_) {
        kept_bytes_ += source->bytes.size();
        seen_.sources.emplace(name, source);
    }
    return source;
}

Result<wire::ParseAnswer> HostTables::parse(const Work& work) {
    Buffer bytes;
    bytes.reserve(static_cast<std::size_t>(work.bytes));
    for (const auto& source : work.sources) bytes.insert(bytes.end(), source->bytes.begin(), source->bytes.end());
    return parse_(work.request, bytes, advisories_.get());
}

}  // namespace ward::walks
