// SPDX-License-Identifier: Apache-2.0
// The tables that show what is in the advisory database, whatever is installed here.
#include "cell/advisories/osv.h"
#include "cell/advisories/view.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/advisory_database.h"
#include "cell/facts/internal/collector.h"

#include <algorithm>
#include <string>
#include <utility>

namespace ward::facts {

namespace {

using advisories::View;

constexpr std::int64_t kDaySeconds = 86'400;

Value time_or_null(std::int64_t value) { return value == 0 ? null() : number(value); }

// "before 1.2; from 2.0 before 2.1".
std::string describe(const View& view, const View::Said& said) {
    std::string text;
    constexpr std::size_t kEnough = 400;
    for (std::uint32_t i = 0; i < said.events && text.size() < kEnough; ++i) {
        const auto event = view.event(said.first_event + i);
        if (event.begins_range && !text.empty()) text += "; ";
        switch (event.kind) {
            case advisories::Event::Kind::introduced: text += event.version == "0" ? "" : fmt::format("{}from {}", event.begins_range ? "" : "; ", event.version); break;
            case advisories::Event::Kind::fixed: text += fmt::format("{}before {}", text.empty() || text.ends_with("; ") ? "" : " ", event.version); break;
            case advisories::Event::Kind::last_affected: text += fmt::format("{}up to {}", text.empty() || text.ends_with("; ") ? "" : " ", event.version); break;
            case advisories::Event::Kind::limit: break;
        }
    }
    for (std::uint32_t i = 0; i < said.versions && text.size() < kEnough; ++i) text += (text.empty() ? "" : ", ") + std::string{view.version(said.first_version + i)};
    if (text.size() >= kEnough) text += ", ...";
    return (said.denied ? "not affected: " : "") + (text.empty() ? "all versions" : text);
}

}  // namespace

wire::ParseAnswer parse_knowledge(const Request& request) {
    Collector out;
    if (!request.advisories) return std::move(out).finish();  // no source is an answer
    wire::ParseAnswer none;
    const auto view = open_advisories(request, none);
    if (!view) return none;
    for (std::uint32_t i = 0; i < view->sources(); ++i) {
        const auto source = view->source(i);
        out.add({text(source.name), text_or_null(source.title), time_or_null(source.fetched), time_or_null(source.newest),
                 source.fetched == 0 ? null() : number((request.now - source.fetched) / kDaySeconds), number(source.records), number(source.refused),
                 text_or_null(source.digest)});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_advisories(const Request& request) {
    wire::ParseAnswer none;
    const auto view = open_advisories(request, none);
    if (!view) return none;
    Collector out;
    std::string asked;
    for (const auto& constraint : request.constraints) {
        if (const auto* const value = std::get_if<std::string>(&constraint.value); value != nullptr && constraint.column == "package") asked = *value;
    }
    for (std::uint32_t e = 0; e < view->ecosystems(); ++e) {
        const auto ecosystem = view->ecosystem(e);
        const auto package = view->find(ecosystem.name, advisories::normal_name(ecosystem.name, asked));
        for (std::uint32_t i = 0; i < package.count; ++i) {
            const auto said = view->affected(package.first + i);
            const auto record = view->record(said.record);
            const auto level = said.level != advisories::Level::none ? said.level : record.level;
            const std::string affected = describe(*view, said);
            for (std::uint32_t n = 0; n < std::max(record.cves, 1U); ++n) {
                const std::string_view name = record.cves == 0 ? std::string_view{} : view->name(record.first_name + n);
                const View::Cve cve = view->cve(name).value_or(View::Cve{});
                out.add({text(asked), text(ecosystem.name), text(record.id), text_or_null(name), text_or_null(record.summary), text_or_null(record.url),
                         text_or_null(advisories::name_of(level)), record.score ? Value{*record.score} : null(), text(affected),
                         time_or_null(record.published), time_or_null(record.modified), time_or_null(record.withdrawn), flag(cve.exploited),
                         cve.epss ? Value{*cve.epss} : null(), text_or_null(view->source(record.source).name)});
            }
        }
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_end_of_life(const Request& request) {
    Collector out;
    if (!request.advisories) return std::move(out).finish();
    wire::ParseAnswer none;
    const auto view = open_advisories(request, none);
    if (!view) return none;
    for (std::uint32_t i = 0; i < view->cycles(); ++i) {
        const auto cycle = view->cycle(i);
        out.add({text(cycle.product), text(cycle.cycle), text_or_null(cycle.latest), time_or_null(cycle.released), time_or_null(cycle.support_ends),
                 time_or_null(cycle.fixes_end), flag(cycle.is_over || (cycle.fixes_end != 0 && cycle.fixes_end < request.now))});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
