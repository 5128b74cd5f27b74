// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/match.h"

#include "cell/advisories/internal/product.h"
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

// What the events up to the version say together is what the last of them says, so that one is looked for and nothing is sorted: a
// range may have many events, and a comparison is not cheap.
class Latest {
public:
    // False when the order cannot tell which of two events is later.
    bool add(const View::EventAt& event, VersionScheme scheme) {
        const auto order = at_ == nullptr ? std::optional{1} : compare(event, *at_, scheme);
        if (!order) return false;
        const bool introduces = event.kind == Event::Kind::introduced;
        begins_ += introduces ? 1 : 0;
        if (*order < 0) return true;
        if (*order > 0) {
            at_ = &event;
            begins_here_ = 0;
            is_fixed_ = has_ended_ = false;
        }
        begins_here_ += introduces ? 1 : 0;
        is_fixed_ |= event.kind == Event::Kind::fixed;
        has_ended_ |= event.kind == Event::Kind::last_affected;
        return true;
    }

    // Of events at one version: behind the last affected one there is no fault. One that is fixed where it comes in was never there,
    // unless it was there before: then the fix was undone at once.
    bool is_affected() const {
        if (at_ == nullptr || has_ended_ || begins_here_ == 0) return false;
        return !is_fixed_ || begins_ > begins_here_;
    }

private:
    static std::optional<int> compare(const View::EventAt& a, const View::EventAt& b, VersionScheme scheme) {
        if (is_start(a) || is_start(b)) return static_cast<int>(is_start(b)) - static_cast<int>(is_start(a));
        return advisories::compare(scheme, a.version, b.version);
    }

    const View::EventAt* at_ = nullptr;
    std::size_t begins_ = 0;       // all that bring the fault
    std::size_t begins_here_ = 0;  // at this version
    bool is_fixed_ = false;
    bool has_ended_ = false;
};

Judgement judge_range(const std::vector<View::EventAt>& events, VersionScheme scheme, std::string_view version) {
    Latest latest;
    const View::EventAt* fix = nullptr;  // the first behind the version
    bool is_limited = false;
    bool is_inside = false;
    for (const auto& event : events) {
        // Of the version to the event: -1 before it, 0, 1 behind it. One that cannot be read leaves the question open.
        const auto relation = is_start(event) ? std::optional{1} : compare(scheme, version, event.version);
        if (!relation) return {Standing::unknown, {}};
        if (event.kind == Event::Kind::limit) {
            is_limited = true;
            is_inside |= *relation < 0;
            continue;
        }
        const bool counts = event.kind == Event::Kind::last_affected ? *relation > 0 : *relation >= 0;
        if (counts && !latest.add(event, scheme)) return {Standing::unknown, {}};
        if (event.kind != Event::Kind::fixed || *relation >= 0) continue;
        if (fix == nullptr || compare(scheme, event.version, fix->version).value_or(0) < 0) fix = &event;
    }
    if (!latest.is_affected() || (is_limited && !is_inside)) return {};
    return {Standing::affected, fix == nullptr ? std::string_view{} : fix->version};
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
            const bool ends = event.kind == Event::Kind::fixed || event.kind == Event::Kind::last_affected;
            return ends && is_modular(event.version) != is_modular(version);
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
