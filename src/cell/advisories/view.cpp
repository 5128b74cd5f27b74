// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/view.h"

#include "cell/advisories/internal/layout.h"
#include "cell/sigdb/view.h"
#include "core/cursor.h"

#include <algorithm>
#include <tuple>

namespace ward::advisories {

namespace {

using sigdb::SectionId;

// The fields of one entry, one after the other; zeros where there is no such entry.
class Fields {
public:
    Fields(Bytes table, std::size_t size, std::uint32_t number) {
        const auto entry = slice(table, std::uint64_t{number} * size, size);
        if (entry) at_ = *entry;
    }
    std::uint32_t u32() { return next<std::uint32_t>(); }
    std::uint64_t u64() { return next<std::uint64_t>(); }
    std::int64_t time() {
        constexpr std::uint64_t kEndOfYear9999 = 253'402'300'799;
        const auto value = next<std::uint64_t>();
        return value <= kEndOfYear9999 ? static_cast<std::int64_t>(value) : 0;
    }

private:
    template <class T>
    T next() {
        if (at_.size() < sizeof(T)) return 0;
        const T value = sigdb::load<T>(at_.data());
        at_ = at_.subspan(sizeof(T));
        return value;
    }
    Bytes at_;
};

constexpr std::uint32_t kMost = 1'000'000;    // no reader of a publisher's form takes as many events, versions or names of one entry
constexpr std::size_t kMaxTextBytes = 64 * 1024;  // as long as a version may be; importing takes names of 1 KiB

std::uint32_t count_of(Bytes table, std::size_t size) { return static_cast<std::uint32_t>(table.size() / size); }

Level level_at(std::uint32_t number) { return number <= static_cast<std::uint32_t>(Level::critical) ? static_cast<Level>(number) : Level::none; }

// The first of `count` for which `before` is false.
template <class Before>
std::uint32_t lower_bound(std::uint32_t count, const Before& before) {
    std::uint32_t low = 0;
    while (count > 0) {
        const std::uint32_t half = count / 2;
        if (before(low + half)) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

}  // namespace

Result<View> View::open(Bytes bytes) {
    const auto container = WARD_TRY(sigdb::View::open(bytes));
    const auto summary = container.section(SectionId::advisory_summary);
    if (!summary) return fail(Code::malformed, "a Ward database, but not one of advisories");
    const std::uint32_t layout = WARD_TRY(u32le_at(*summary, 0));
    if (layout != kLayout) return fail(Code::unsupported, "advisories of layout {}, this program reads {}: `ward update` builds them again", layout, kLayout);
    View view;
    view.whole_ = bytes;
    view.summary_ = *summary;
    view.texts_ = WARD_TRY(container.section(SectionId::advisory_texts));
    view.packages_ = WARD_TRY(container.section(SectionId::advisory_packages));
    view.affected_ = WARD_TRY(container.section(SectionId::advisory_affected));
    view.events_ = WARD_TRY(container.section(SectionId::advisory_events));
    view.versions_ = WARD_TRY(container.section(SectionId::advisory_versions));
    view.records_ = WARD_TRY(container.section(SectionId::advisory_records));
    view.names_ = WARD_TRY(container.section(SectionId::advisory_names));
    view.cves_ = WARD_TRY(container.section(SectionId::advisory_cves));
    view.cycles_ = WARD_TRY(container.section(SectionId::advisory_life_cycles));
    view.sources_ = WARD_TRY(container.section(SectionId::advisory_sources));
    view.ecosystems_ = WARD_TRY(container.section(SectionId::advisory_ecosystems));
    return view;
}

std::string_view View::text(std::uint32_t place) const {
    const auto head = slice(texts_, place, 4);
    if (!head) return {};
    const auto body = slice(texts_, std::uint64_t{place} + 4, sigdb::load<std::uint32_t>(head->data()));
    return body && body->size() <= kMaxTextBytes ? as_text(*body) : std::string_view{};
}

std::uint32_t View::packages() const { return count_of(packages_, kPackageBytes); }

View::Package View::package(std::uint32_t number) const {
    Fields fields{packages_, kPackageBytes, number};
    Package package;
    package.ecosystem = text(fields.u32());
    package.name = text(fields.u32());
    package.first = fields.u32();
    package.count = fields.u32();
    // A claim of more than there is would be work for nothing.
    const std::uint32_t there = count_of(affected_, kAffectedBytes);
    if (package.first > there) package.first = there;
    if (package.count > there - package.first) package.count = there - package.first;
    return package;
}

View::Package View::find(std::string_view ecosystem, std::string_view name) const {
    const std::uint32_t number = lower_bound(packages(), [&](std::uint32_t at) {
        const Package there = package(at);
        return std::tie(there.ecosystem, there.name) < std::tie(ecosystem, name);
    });
    const Package found = package(number);
    return found.ecosystem == ecosystem && found.name == name ? found : Package{};
}

View::Said View::affected(std::uint32_t number) const {
    Fields fields{affected_, kAffectedBytes, number};
    Said said;
    said.record = fields.u32();
    said.note = text(fields.u32());
    said.first_event = fields.u32();
    said.events = fields.u32();
    said.first_version = fields.u32();
    said.versions = fields.u32();
    said.level = level_at(fields.u32());
    said.denied = (fields.u32() & kAffectedDenied) != 0;
    said.fixed_on = fields.time();
    const auto bound = [](std::uint32_t& first, std::uint32_t& count, std::uint32_t there) {
        if (first > there) first = there;
        count = std::min({count, there - first, kMost});
    };
    bound(said.first_event, said.events, count_of(events_, kEventBytes));
    bound(said.first_version, said.versions, count_of(versions_, 4));
    return said;
}

View::EventAt View::event(std::uint32_t number) const {
    Fields fields{events_, kEventBytes, number};
    const std::uint32_t bits = fields.u32();
    EventAt event;
    const std::uint32_t kind = bits & kEventKind;
    event.kind = kind <= static_cast<std::uint32_t>(Event::Kind::limit) ? static_cast<Event::Kind>(kind) : Event::Kind::introduced;
    event.begins_range = (bits & kEventBeginsRange) != 0;
    event.semver = (bits & kEventSemver) != 0;
    event.version = text(fields.u32());
    return event;
}

std::string_view View::version(std::uint32_t number) const { return text(Fields{versions_, 4, number}.u32()); }

std::uint32_t View::records() const { return count_of(records_, kRecordBytes); }

View::Record View::record(std::uint32_t number) const {
    Fields fields{records_, kRecordBytes, number};
    Record record;
    record.id = text(fields.u32());
    record.summary = text(fields.u32());
    record.url = text(fields.u32());
    record.vector = text(fields.u32());
    const std::uint32_t score = fields.u32();
    if (score <= 100) record.score = score / 10.0;
    record.level = level_at(fields.u32());
    record.published = fields.time();
    record.modified = fields.time();
    record.withdrawn = fields.time();
    record.first_name = fields.u32();
    record.cves = fields.u32();
    record.aliases = fields.u32();
    record.source = fields.u32();
    const std::uint32_t there = count_of(names_, 4);
    if (record.first_name > there) record.first_name = there;
    record.cves = std::min({record.cves, there - record.first_name, kMost});
    record.aliases = std::min({record.aliases, there - record.first_name - record.cves, kMost});
    return record;
}

std::string_view View::name(std::uint32_t number) const { return text(Fields{names_, 4, number}.u32()); }

std::uint32_t View::cves() const { return count_of(cves_, kCveBytes); }

std::uint32_t View::exploited() const { return u32le_at(summary_, 4).value_or(0); }
std::uint32_t View::forecasts() const { return u32le_at(summary_, 8).value_or(0); }

std::optional<View::Cve> View::cve(std::string_view id) const {
    const auto id_at = [&](std::uint32_t number) { return text(Fields{cves_, kCveBytes, number}.u32()); };
    const std::uint32_t number = lower_bound(cves(), [&](std::uint32_t at) { return id_at(at) < id; });
    if (number >= cves() || id_at(number) != id) return std::nullopt;
    Fields fields{cves_, kCveBytes, number};
    Cve cve;
    cve.id = text(fields.u32());
    const std::uint32_t flags = fields.u32();
    cve.exploited = (flags & kCveExploited) != 0;
    cve.ransomware = (flags & kCveRansomware) != 0;
    const std::uint32_t score = fields.u32();
    const std::uint32_t percentile = fields.u32();
    if (score != kNoScore) cve.epss = score / 100'000.0;
    if (percentile != kNoScore) cve.percentile = percentile / 100'000.0;
    cve.added = fields.time();
    cve.due = fields.time();
    cve.name = text(fields.u32());
    return cve;
}

std::uint32_t View::cycles() const { return count_of(cycles_, kLifeCycleBytes); }

View::Cycle View::cycle(std::uint32_t number) const {
    Fields fields{cycles_, kLifeCycleBytes, number};
    Cycle cycle;
    cycle.product = text(fields.u32());
    cycle.cycle = text(fields.u32());
    cycle.latest = text(fields.u32());
    cycle.is_over = fields.u32() != 0;
    cycle.released = fields.time();
    cycle.support_ends = fields.time();
    cycle.fixes_end = fields.time();
    return cycle;
}

std::uint32_t View::sources() const { return count_of(sources_, kSourceBytes); }

View::Source View::source(std::uint32_t number) const {
    Fields fields{sources_, kSourceBytes, number};
    Source source;
    source.name = text(fields.u32());
    source.title = text(fields.u32());
    source.digest = text(fields.u32());
    fields.u32();
    source.fetched = fields.time();
    source.newest = fields.time();
    source.records = fields.u64();
    source.refused = fields.u64();
    return source;
}

std::uint32_t View::ecosystems() const { return count_of(ecosystems_, kEcosystemBytes); }

View::Ecosystem View::ecosystem(std::uint32_t number) const {
    Fields fields{ecosystems_, kEcosystemBytes, number};
    const std::string_view name = text(fields.u32());
    return {name, fields.u32()};
}

std::uint32_t View::first_ecosystem(std::string_view name) const {
    return lower_bound(ecosystems(), [&](std::uint32_t number) { return ecosystem(number).name < name; });
}

Status View::verify() const {
    WARD_TRY(WARD_TRY(sigdb::View::open(whole_)).verify());
    // The digest is right, so the builder wrote this; what is left to find is a builder that erred.
    std::uint64_t covered = 0;
    for (std::uint32_t i = 0; i < packages(); ++i) {
        const Package there = package(i);
        if (there.first != covered || there.count == 0 || there.name.empty()) return fail(Code::malformed, "package {} of the advisories", i);
        covered += there.count;
        if (i == 0) continue;
        const Package before = package(i - 1);
        if (std::tie(before.ecosystem, before.name) >= std::tie(there.ecosystem, there.name))
            return fail(Code::malformed, "packages of the advisories out of order at {}", i);
    }
    if (covered != count_of(affected_, kAffectedBytes)) return fail(Code::malformed, "advisories that no package points to");
    for (std::uint32_t i = 0; i < covered; ++i) {
        if (affected(i).record >= records()) return fail(Code::malformed, "an advisory that is not there, at {}", i);
    }
    for (std::uint32_t i = 0; i < records(); ++i) {
        if (record(i).id.empty() || (i > 0 && record(i - 1).id >= record(i).id)) return fail(Code::malformed, "records out of order at {}", i);
        if (record(i).source >= sources()) return fail(Code::malformed, "a record of no source, at {}", i);
    }
    return done();
}

}  // namespace ward::advisories
