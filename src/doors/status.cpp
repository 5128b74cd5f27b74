// SPDX-License-Identifier: Apache-2.0
#include "doors/status.h"

#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "doors/settings.h"
#include "doors/update.h"
#include "host/state.h"
#include "walks/update.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <tuple>

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"output", 'o', "FILE", "write it there instead of standard output"},
};

constexpr std::int64_t kDay = 86'400;
// A check older than this says little about today.
constexpr std::int64_t kStale = 7 * kDay;

std::string counts(const host::StatusNote& note) {
    std::string out;
    for (int level = 4; level >= 0; --level) {
        const auto index = static_cast<std::size_t>(level);
        if (note.findings[index] == 0) continue;
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", note.findings[index], severity_name(static_cast<Severity>(level)));
    }
    return out.empty() ? "nothing found" : out;
}

struct Judgement {
    std::string_view word;
    std::string_view colour;
    std::string text;
};

Judgement judge(const host::StatusNote* check, std::int64_t now) {
    if (check == nullptr) return {"UNKNOWN", "33", "this machine has not been checked yet"};
    if (check->findings[4] > 0) return {"ACT NOW", "1;31", fmt::format("{} critical", check->findings[4])};
    if (check->findings[3] > 0) return {"AT RISK", "31", fmt::format("{} of high severity", check->findings[3])};
    if (now - check->ended > kStale) return {"STALE", "33", fmt::format("the last check was {}", ago(now - check->ended))};
    if (check->findings[2] > 0) return {"FAIR", "33", fmt::format("{} of medium severity", check->findings[2])};
    if (check->gaps > 0 || check->interrupted) return {"GOOD SO FAR", "32", "but not everything could be looked at"};
    return {"GOOD", "32", "nothing to do"};
}

// How old the public knowledge of a state folder is; nothing when there is none.
std::string knowledge_words(const std::string& state, const std::vector<update::SourceSpec>& sources, std::int64_t now) {
    const auto local = walks::local_sources(state);
    if (!local) return "cannot be read: " + escape_for_terminal(local.error().text);
    auto files = walks::knowledge_files(state, sources);
    auto brought = walks::knowledge_files(state, *local);
    for (auto* read : {&files, &brought}) {
        if (!*read) return "cannot be read: " + escape_for_terminal(read->error().text);
    }
    const std::size_t fetched = files->size();
    std::string out;
    if (fetched > 0) out = fmt::format("{} of {} sources", fetched, sources.size());
    if (!brought->empty()) out += fmt::format("{}{} brought by hand", out.empty() ? "" : " and ", brought->size());
    if (out.empty()) return {};
    files->insert(files->end(), brought->begin(), brought->end());
    const auto oldest = std::min_element(files->begin(), files->end(), [](const auto& a, const auto& b) { return a.checked < b.checked; });
    return fmt::format("{}, the oldest ({}) as of {}; vouched for by {}, not by a threshold of keys", out, oldest->id, ago(now - oldest->checked),
                       fetched > 0 ? "TLS" : "whoever brought it");
}

// Of the first folder that holds any.
std::string knowledge_line(const std::vector<std::string>& folders, std::int64_t now) {
    const auto settings = load_settings();
    auto sources = settings ? sources_of(settings->update) : Result<std::vector<update::SourceSpec>>{settings.error()};
    if (!sources) return "Knowledge     " + escape_for_terminal(sources.error().text) + "\n";
    std::erase_if(*sources, [](const update::SourceSpec& source) { return !source.on; });
    for (const auto& folder : folders) {
        const std::string words = knowledge_words(folder, *sources, now);
        if (!words.empty()) return "Knowledge     " + words + "\n";
    }
    return "Knowledge     none of vulnerabilities yet; `ward update` fetches it\n";
}

ExitCode run(const Arguments& arguments) {
    const auto style = text_style(arguments);
    if (!style) return not_done(style.error());
    const auto folder = host::state_folder(arguments.text("state"));
    if (!folder) return not_done(folder.error());
    std::vector<host::StatusNote> notes;
    std::vector<std::string> folders{*folder};
    // What root's check found concerns every user of the machine.
    if (!arguments.has("state") && *folder != host::kSystemStateFolder) folders.emplace_back(host::kSystemStateFolder);
    for (const auto& each : folders) {
        auto found = host::read_status(each);
        if (!found) {
            log(LogLevel::warning, "{}", found.error().text);
            continue;
        }
        notes.insert(notes.end(), found->begin(), found->end());
    }
    std::sort(notes.begin(), notes.end(), [](const auto& a, const auto& b) { return a.ended > b.ended; });
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto telling = [&](std::string_view command) { return most_telling(notes, command, now); };
    const host::StatusNote* check = telling("check");
    const Judgement judgement = judge(check, now);
    const std::string word = style->colour ? fmt::format("\033[{}m{}\033[0m", judgement.colour, judgement.word) : std::string{judgement.word};
    std::string out = fmt::format("{}: {}\n\n", word, judgement.text);
    for (const char* command : {"check", "scan", "audit"}) {
        const auto* note = telling(command);
        if (note == nullptr) continue;
        out += fmt::format("Last {:<8} {} ({}): {}{}{}\n", command, ago(now - note->ended), utc_time(note->ended), counts(*note),
                           note->gaps > 0 ? fmt::format(", {} not looked at", note->gaps) : "", note->interrupted ? ", interrupted" : "");
    }
    const auto rules = std::find_if(notes.begin(), notes.end(), [](const auto& note) { return note.rules > 0; });
    if (rules != notes.end()) {
        out += fmt::format("Definitions   {} malware rules, set {}\n", rules->rules, rules->rules_id.substr(0, 12));
    }
    out += knowledge_line(folders, now);
    const char* root = ::geteuid() == 0 ? "" : "sudo ";
    if (check == nullptr) {
        out += fmt::format("Next          {}ward check\n", root);
    } else if (!check->worst_id.empty()) {
        out += fmt::format("Next          {}\n              ward explain {}\n", escape_for_terminal(check->worst), check->worst_id);
    } else if (now - check->ended > kStale || check->interrupted) {
        out += fmt::format("Next          {}ward check\n", root);
    }
    if (auto written = write_answer(arguments, out); !written) return not_done(written.error());
    return ExitCode::nothing_found;
}

}  // namespace

const host::StatusNote* most_telling(std::span<const host::StatusNote> notes, std::string_view command, std::int64_t now) {
    const auto rank = [&](const host::StatusNote& note) {
        int worst = 4;
        while (worst >= 0 && note.findings[static_cast<std::size_t>(worst)] == 0) --worst;
        return std::tuple{now - note.ended <= kStale, worst, note.ended};
    };
    const host::StatusNote* best = nullptr;
    for (const auto& note : notes) {
        if (note.command == command && (best == nullptr || rank(note) > rank(*best))) best = &note;
    }
    return best;
}

const Verb kStatusVerb{
    "status", "", "the state of this machine in one screen (also `ward` alone)",
    "  ward                     the state of this machine\n"
    "  ward status --state DIR  the state that runs with --state DIR left",
    "", kOptions, false, run};

}  // namespace ward::doors
