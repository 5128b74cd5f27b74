// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/match.h"

#include "cell/versions/schemes.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace ward::advisories {

namespace {

using versions::VersionScheme;

// -1, 0, 1; nothing when either cannot be read.
std::optional<int> compare(VersionScheme scheme, std::string_view a, std::string_view b) { return versions::compare_versions(scheme, a, b); }

// "0" stands before all versions, whatever the scheme calls a version.
bool is_start(const View::EventAt& event) { return event.kind == Event::Kind::introduced && event.version == "0"; }

bool is_modular(std::string_view version) { return version.find(".module") != std::string_view::npos; }

// At the same version a fix comes before what brings the fault back, and the last affected version is still affected.
int order_of(Event::Kind kind) { return kind == Event::Kind::introduced ? 1 : kind == Event::Kind::last_affected ? 2 : 0; }

Judgement judge_range(std::vector<View::EventAt>& events, VersionScheme scheme, std::string_view version) {
    // Each event is held against the version once; those that cannot be read leave the question open.
    struct Placed { const View::EventAt* event; int relation; };  // version to event: -1 before it, 0, 1 behind it
    std::vector<Placed> placed;
    placed.reserve(events.size());
    for (const auto& event : events) {
        if (is_start(event)) {
            placed.push_back({&event, 1});
            continue;
        }
        const auto relation = compare(scheme, version, event.version);
        if (!relation) return {Standing::unknown, {}};
        placed.push_back({&event, *relation});
    }
    const auto earlier = [&](const Placed& a, const Placed& b) {
        if (is_start(*a.event) != is_start(*b.event)) return is_start(*a.event);
        if (is_start(*a.event)) return false;
        if (a.relation != b.relation) return a.relation > b.relation;
        const int order = compare(scheme, a.event->version, b.event->version).value_or(0);
        return order != 0 ? order < 0 : order_of(a.event->kind) < order_of(b.event->kind);
    };
    if (placed.size() > 2 || (placed.size() == 2 && earlier(placed[1], placed[0]))) std::stable_sort(placed.begin(), placed.end(), earlier);

    bool affected = false;
    for (std::size_t i = 0; i < placed.size(); ++i) {
        const auto& [event, relation] = placed[i];
        switch (event->kind) {
            case Event::Kind::introduced:
                if (relation >= 0) affected = true;
                break;
            case Event::Kind::fixed:
            case Event::Kind::limit:
                if (relation >= 0) affected = false;
                break;
            case Event::Kind::last_affected:
                if (relation > 0) affected = false;
                break;
        }
    }
    if (!affected) return {};
    for (const auto& [event, relation] : placed) {
        if (event->kind == Event::Kind::fixed && relation < 0) return {Standing::affected, event->version};
    }
    return {Standing::affected, {}};
}

}  // namespace

Judgement judge(const View& view, const View::Said& said, std::string_view scheme, std::string_view version) {
    bool listed = false;
    for (std::uint32_t i = 0; i < said.versions && !listed; ++i) listed = view.version(said.first_version + i) == version;

    const auto own = versions::version_scheme(scheme);
    Judgement best;
    std::vector<View::EventAt> events;
    const auto settle = [&] {
        if (events.empty()) return;
        // "v1.2.3" of Go and npm is 1.2.3 to an advisory; npm's reading of Semantic Versioning passes over the "v".
        const auto order = events.front().semver ? std::optional{VersionScheme::npm} : own;
        const bool other_stream = order == VersionScheme::rpm && std::any_of(events.begin(), events.end(), [&](const View::EventAt& event) {
            return event.kind == Event::Kind::fixed && is_modular(event.version) != is_modular(version);
        });
        if (!other_stream) {
            const Judgement judged = order ? judge_range(events, *order, version) : Judgement{Standing::unknown, {}};
            if (judged.standing == Standing::affected || (judged.standing == Standing::unknown && best.standing == Standing::not_affected)) best = judged;
        }
        events.clear();
    };
    for (std::uint32_t i = 0; i < said.events && best.standing != Standing::affected; ++i) {
        const auto event = view.event(said.first_event + i);
        if (event.begins_range) settle();
        if (best.standing != Standing::affected) events.push_back(event);
    }
    if (best.standing != Standing::affected) settle();

    // A list beside ranges is only their extension by versions that are out: it decides where they could not.
    if (listed) return best.standing == Standing::affected ? best : Judgement{Standing::affected, {}};
    if (best.standing == Standing::unknown && said.versions > 0) best.standing = Standing::not_affected;
    return best;
}

}  // namespace ward::advisories
