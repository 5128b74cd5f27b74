// SPDX-License-Identifier: Apache-2.0
#include "doors/update.h"

#include "core/json_read.h"
#include "core/json_write.h"
#include "core/log.h"
#include "core/text.h"
#include "core/url.h"
#include "doors/answer.h"
#include "doors/progress.h"
#include "doors/settings.h"
#include "host/read_all.h"
#include "host/share.h"
#include "host/state.h"
#include "walks/update.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>

namespace ward::doors {

namespace {

using update::SourceSpec;
using walks::Outcome;
using walks::SourceOutcome;

constexpr Option kOptions[] = {
    {"from", 0, "DIR|URL", "take the files from this folder (a stick, another machine's STATE/sources) and ask nobody; or from a mirror's https address"},
    {"due", 0, nullptr, "only what has probably changed since it was last asked for, by each source's schedule"},
    {"forget", 0, "ID", "drop what --from brought under a name of its own (`--list` shows them as local-...)"},
    {"list", 0, nullptr, "show the sources, and how old each copy is; asks nobody"},
    {"log", 0, nullptr, "show every request that was ever made from here; asks nobody"},
    {"strict", 0, nullptr, "end with 3 when some of the sources could not be had or used"},
    {"format", 0, "FORMAT", "text (the default) or json"},
    {"output", 'o', "FILE", "write the answer there instead of standard output"},
};

constexpr std::string_view kTrustNote =
    "These files are vouched for by their publishers' TLS certificates only. They are not yet signed by a threshold of keys.";
constexpr std::string_view kBroughtNote = "These files are vouched for by whoever brought them only. They are not yet signed by a threshold of keys.";
constexpr std::uint64_t kMaxLogBytes = 64 * kMiB;

std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }

// How old a copy is: since its publisher last said that it is current.
std::string age_words(const std::optional<host::SourceRecord>& record) {
    if (!record) return "never";
    return (record->copied_from.empty() ? "" : "copied, of ") + ago(now() - record->checked);
}

std::string size_words(const std::optional<host::SourceRecord>& record) { return record ? human_bytes(record->bytes) : "-"; }

void write_source(JsonWriter& json, const SourceSpec& source, const std::optional<host::SourceRecord>& record) {
    json.key("id").text(source.id).key("title").text(source.title).key("publisher").text(source.publisher);
    json.key("kind").text(update::kind_name(source.kind));
    if (!source.ecosystem.empty()) json.key("ecosystem").text(source.ecosystem);
    json.key("urls").begin_array();
    for (const auto& url : source.urls) json.text(url);
    json.end_array().key("licence").text(source.licence).key("schedule_hours").number(source.schedule_hours).key("on").boolean(source.on);
    json.key("signed_by").text(record && !record->copied_from.empty() ? "nobody" : "tls");
    if (!record) return;
    json.key("file").begin_object().key("name").text(source.file).key("bytes").number(record->bytes).key("sha256").text(record->sha256);
    json.key("fetched").text(utc_time(record->fetched)).key("checked").text(utc_time(record->checked));
    json.key("age_seconds").number(now() - record->checked);
    if (!record->copied_from.empty()) json.key("copied_from").text(record->copied_from);
    json.end_object();
}

std::string list_text(const std::vector<SourceSpec>& sources, const std::vector<std::optional<host::SourceRecord>>& records) {
    std::string out = fmt::format("{:<20} {:<4} {:<20} {:>10}  {}\n", "Source", "", "Current as of", "Size", "");
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto& source = sources[i];
        out += fmt::format("{:<20} {:<4} {:<20} {:>10}  {}\n", source.id, source.on ? "on" : "off", age_words(records[i]), size_words(records[i]),
                           escape_for_terminal(source.title));
        for (const auto& url : source.urls) out += fmt::format("{:<20} {}\n", "", escape_for_terminal(url));
        out += fmt::format("{:<20} {}; every {} hours; licence: {}\n", "", escape_for_terminal(source.publisher), source.schedule_hours,
                           escape_for_terminal(source.licence));
    }
    return out + fmt::format("\n{}\nWhat is off is turned on in the configuration: [update] on = [\"ID\"].\n", kTrustNote);
}

// What the advisory database holds now.
std::string database_text(const walks::BuiltAdvisories& built) {
    std::string out = fmt::format("Compiled: advisories {}, about packages {}; CVEs known to be exploited {}, with a forecast {}; lines of releases {}.\n",
                                  built.info.advisories, built.info.packages, built.info.exploited, built.info.forecasts, built.info.cycles);
    for (const auto& source : built.sources) {
        if (source.refused > 0) out += fmt::format("{} of {} records of {} could not be used (-v says why).\n", source.refused, source.refused + source.records, source.name);
    }
    return out;
}

std::string report_text(const walks::UpdateReport& report, const std::string& state, bool brought) {
    std::string out;
    std::size_t current = 0;
    std::size_t missing = 0;
    for (const auto& each : report.outcomes) {
        if (each.outcome == Outcome::missing && !each.record) {
            ++missing;
            continue;
        }
        const bool had = each.outcome != Outcome::failed && each.outcome != Outcome::missing;
        current += had ? 1 : 0;
        out += fmt::format("{:<10} {:<20} {:>10}  {:<16}  {}\n", walks::outcome_name(each.outcome), each.source.id, size_words(each.record), age_words(each.record),
                           escape_for_terminal(each.source.title));
        if (!had && each.record) out += fmt::format("{:<10} the copy that is there stays in use\n", "");
    }
    out += fmt::format("\n{} of {} {} had.\n", current, report.outcomes.size(), report.outcomes.size() == 1 ? "source could be" : "sources could be");
    if (missing > 0) out += fmt::format("Of {} there is nothing in that folder, and nothing here.\n", missing);
    out += fmt::format("{}\n", brought ? kBroughtNote : kTrustNote);
    return out + fmt::format("Every request stands in {}/{} (`ward update --log`).\n", escape_for_terminal(state), host::kFetchLogName);
}

std::string report_json(const walks::UpdateReport& report, const std::optional<walks::BuiltAdvisories>& built) {
    JsonWriter json{2};
    json.begin_object().key("schema").text("ward.update/1").key("signed_by").text("tls").key("interrupted").boolean(report.interrupted);
    json.key("sources").begin_array();
    for (const auto& each : report.outcomes) {
        json.begin_object();
        write_source(json, each.source, each.record);
        json.key("outcome").text(walks::outcome_name(each.outcome));
        if (!each.why.empty()) json.key("why").text(each.why);
        json.key("came_bytes").number(each.came).end_object();
    }
    json.end_array();
    if (built) {
        json.key("advisories").begin_object().key("id").text(built->info.id).key("bytes").number(built->info.bytes).key("count").number(built->info.advisories);
        json.key("packages").number(built->info.packages).key("exploited").number(built->info.exploited).key("forecasts").number(built->info.forecasts);
        json.key("cycles").number(built->info.cycles).key("sources").begin_array();
        for (const auto& source : built->sources) {
            json.begin_object().key("id").text(source.name).key("records").number(source.records).key("refused").number(source.refused).end_object();
        }
        json.end_array().end_object();
    }
    return std::move(json.end_object()).take() + "\n";
}

// The named ones, or all that are on.
Result<std::vector<SourceSpec>> chosen(const Arguments& arguments, const std::vector<SourceSpec>& sources) {
    std::vector<SourceSpec> out;
    for (const auto& id : arguments.operands()) {
        const auto found = std::find_if(sources.begin(), sources.end(), [&](const SourceSpec& source) { return source.id == id; });
        if (found == sources.end()) {
            std::vector<std::string> ids;
            for (const auto& source : sources) ids.push_back(source.id);
            const auto near = nearest(id, ids);
            return fail(Code::malformed, "no source {}{}; `ward update --list` shows them", shell_quote(id), near ? ", did you mean " + *near + "?" : "");
        }
        if (!found->on && !arguments.has("list")) {
            return fail(Code::denied, "the source {0} is off; it is turned on in the configuration: [update] on = [\"{0}\"]", id);
        }
        out.push_back(*found);
    }
    if (arguments.operands().empty()) {
        std::copy_if(sources.begin(), sources.end(), std::back_inserter(out), [&](const SourceSpec& source) { return source.on || arguments.has("list"); });
    }
    return out;
}

// A line at the bottom of a terminal while a file is on its way.
class MovingLine {
public:
    explicit MovingLine(bool wanted) : shown_{wanted && ::isatty(STDERR_FILENO) == 1} {}
    ~MovingLine() { write("\r\033[K"); }
    void show(const SourceSpec& source, std::uint64_t bytes, std::optional<std::uint64_t> total) {
        write(fmt::format("\r\033[K{}  {}{}", source.id, human_bytes(bytes), total ? " of " + human_bytes(*total) : std::string{}));
    }

private:
    void write(std::string_view text) const {
        if (!shown_) return;
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    }
    bool shown_;
};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

ExitCode answer(const Arguments& arguments, const std::string& text, ExitCode code) {
    if (auto written = write_answer(arguments, text); !written) return not_done(written.error());
    return code;
}

ExitCode list(const Arguments& arguments, const std::string& state, const std::vector<SourceSpec>& sources, bool json) {
    std::vector<std::optional<host::SourceRecord>> records;
    for (const auto& source : sources) {
        auto record = host::read_source(state, source.id, source.file);
        if (!record) return not_done(record.error());
        records.push_back(*record);
    }
    if (!json) return answer(arguments, list_text(sources, records), ExitCode::nothing_found);
    JsonWriter out{2};
    out.begin_object().key("schema").text("ward.sources/1").key("sources").begin_array();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        out.begin_object();
        write_source(out, sources[i], records[i]);
        out.end_object();
    }
    return answer(arguments, std::move(out.end_array().end_object()).take() + "\n", ExitCode::nothing_found);
}

ExitCode show_log(const Arguments& arguments, const std::string& state, bool json) {
    auto log = host::read_file(state + "/" + host::kFetchLogName, kMaxLogBytes);
    if (!log && log.error().code != Code::not_found) return not_done(log.error());
    const std::string text = log ? *log : std::string{};
    if (!json) return answer(arguments, request_log_text(text), ExitCode::nothing_found);
    std::string out = "{\"schema\":\"ward.requests/1\",\"requests\":[";
    std::string_view rest = text;
    std::string_view line;
    bool first = true;
    while (next_line(rest, line)) {
        if (!read_json(line)) continue;
        out += (first ? "\n" : ",\n") + std::string{line};
        first = false;
    }
    return answer(arguments, out + "\n]}\n", ExitCode::nothing_found);
}

// From all that is on, whatever was asked for just now. What could not be used is told.
Result<walks::BuiltAdvisories> compile(const std::string& state, const std::vector<SourceSpec>& sources) {
    std::vector<SourceSpec> on;
    std::copy_if(sources.begin(), sources.end(), std::back_inserter(on), [](const SourceSpec& source) { return source.on; });
    auto built = walks::compile_advisories(state, on);
    if (!built) return fail(built.error().code, "the advisories could not be compiled, those from before stay in use: {}", built.error().text);
    for (const auto& gap : built->gaps) {
        // Single records are counted in the answer; of a whole file, or a part of unknown size, nothing else would tell.
        if (gap.where.members.empty()) {
            log(LogLevel::warning, "not used: {}: {}", gap.where.path, gap.why);
            continue;
        }
        const std::string inside = gap.where.members.empty() ? "" : ": " + gap.where.members.front();
        log(LogLevel::info, "not used: {}{}: {}", escape_for_terminal(gap.where.path), escape_for_terminal(inside), escape_for_terminal(gap.why));
    }
    return built;
}

// The same files below one address instead of at their publishers.
Status ask_mirror(std::string_view address, std::vector<SourceSpec>& sources) {
    while (address.ends_with('/')) address.remove_suffix(1);
    const auto url = parse_url(address);
    if (!url || url->scheme != "https" || !url->credentials.empty() || url->target.find('?') != std::string::npos) {
        return fail(Code::malformed, "--from wants a folder or the https address of one, not {}", shell_quote(address));
    }
    for (auto& source : sources) {
        source.urls = {std::string{address} + "/" + source.file};
        source.origins = {url->origin()};
    }
    return done();
}

ExitCode run(const Arguments& arguments) {
    const std::string format = arguments.text("format").value_or("text");
    if (format != "text" && format != "json") return not_done(fail(Code::malformed, "--format wants text or json here"));
    const bool json = format == "json";
    const auto settings = load_settings();
    if (!settings) return not_done(settings.error());
    const auto state = host::state_folder(arguments.text("state"));
    if (!state) return not_done(state.error());
    if (arguments.has("log")) return show_log(arguments, *state, json);
    const auto sources = sources_of(settings->update);
    if (!sources) return not_done(sources.error());
    auto wanted = chosen(arguments, *sources);
    if (!wanted) return not_done(wanted.error());
    if (arguments.has("list")) {
        auto local = walks::local_sources(*state);
        if (!local) return not_done(local.error());
        if (arguments.operands().empty()) wanted->insert(wanted->end(), local->begin(), local->end());
        return list(arguments, *state, *wanted, json);
    }
    if (const auto id = arguments.text("forget")) {
        if (auto forgotten = walks::forget_source(*state, *id); !forgotten) return not_done(forgotten.error());
        const auto built = compile(*state, *sources);
        return built ? answer(arguments, database_text(*built), ExitCode::nothing_found) : not_done(built.error());
    }
    if (settings->update.require_set) {
        return not_done(fail(Code::denied, "the configuration asks for signed sets ([update] require = \"set\"), and so far there are public sources only; nothing was fetched"));
    }
    walks::UpdateRequest request;
    request.state = *state;
    request.ca_file = settings->update.ca_file;
    const auto from = arguments.text("from");
    const bool from_mirror = from && from->find("://") != std::string::npos;
    if (from_mirror) {
        if (auto mirrored = ask_mirror(*from, *wanted); !mirrored) return not_done(mirrored.error());
    }
    if (from && !from_mirror) {
        std::error_code error;
        if (!std::filesystem::is_directory(*from, error)) return not_done(fail(Code::not_found, "{} is no folder that can be read", shell_quote(*from)));
        request.from = std::filesystem::absolute(*from).lexically_normal().string();
    } else {
        auto proxy = update::choose_proxy(settings->update.proxy, variable);
        if (!proxy) return not_done(proxy.error());
        request.proxy = std::move(*proxy);
    }
    if (arguments.has("due")) {
        std::erase_if(*wanted, [&](const SourceSpec& source) {
            const auto record = host::read_source(*state, source.id, source.file).value_or(std::nullopt);
            return record && !update::due(source, record->checked, now());
        });
    }
    request.sources = std::move(*wanted);
    for (const auto& source : *sources) request.claimed.insert(request.claimed.end(), {source.file, source.id});
    std::atomic<bool> stop = false;
    request.stop = &stop;
    const auto report = [&] {
        const StopOnSignal signals{stop};
        MovingLine line{!arguments.has("quiet")};
        request.moving = [&](const SourceSpec& source, std::uint64_t bytes, std::optional<std::uint64_t> total) { line.show(source, bytes, total); };
        return walks::update(request);
    }();
    if (!report) return not_done(report.error());
    for (const auto& each : report->outcomes) {
        if (each.outcome == Outcome::failed) log(LogLevel::error, "{}: {}", each.source.id, each.why);
    }
    for (const auto& gap : report->gaps) log(LogLevel::warning, "not taken: {}: {}", gap.where.path, gap.why);
    ExitCode code = ExitCode::nothing_found;
    const bool incomplete = report->any_failed() || !report->gaps.empty() || (!arguments.operands().empty() && std::any_of(report->outcomes.begin(), report->outcomes.end(), [](const SourceOutcome& each) {
                                return each.outcome == Outcome::missing;
                            }));
    if (incomplete && arguments.has("strict")) code = ExitCode::gaps;
    if (!report->outcomes.empty() && !report->any_had()) code = ExitCode::not_done;
    if (report->interrupted) code = ExitCode::interrupted;
    std::optional<walks::BuiltAdvisories> built;
    if (!report->interrupted && report->any_had()) {
        auto compiled = compile(*state, *sources);
        if (compiled) built = *std::move(compiled);
        else code = not_done(compiled.error());
        const bool lost = built && std::any_of(built->gaps.begin(), built->gaps.end(), [](const Gap& gap) { return gap.where.members.empty(); });
        if (lost && arguments.has("strict") && code == ExitCode::nothing_found) code = ExitCode::gaps;
    }
    std::string text = json ? report_json(*report, built) : report_text(*report, *state, !request.from.empty());
    if (!json && built) text += database_text(*built);
    return answer(arguments, text, code);
}

std::string field(const JsonNode& node, std::string_view key) {
    const JsonNode* found = node.find(key);
    if (found == nullptr) return {};
    if (const auto* text = found->text()) return escape_for_terminal(*text);
    if (const auto* number = found->integer()) return std::to_string(*number);
    return {};
}

}  // namespace

Result<std::vector<SourceSpec>> sources_of(const UpdateSettings& settings) {
    return update::merge_sources(WARD_TRY(update::load_sources(host::share_folder() + "/sources")), settings.sources, settings.on, settings.off);
}

std::string request_log_text(std::string_view log) {
    std::string out;
    std::string asked;  // a request whose end has not been read yet
    std::size_t damaged = 0;
    std::string_view line;
    const auto unanswered = [&] {
        if (!asked.empty()) out += asked + "  how it ended was not recorded\n";
        asked.clear();
    };
    while (next_line(log, line)) {
        const auto node = read_json(line);
        if (!node || !node->is_object()) {
            ++damaged;
            continue;
        }
        const std::string event = field(*node, "event");
        if (event == "copied") {
            unanswered();
            out += fmt::format("{}  {}  copied from {}, {} bytes\n", field(*node, "at"), field(*node, "source"), field(*node, "from"), field(*node, "bytes"));
            continue;
        }
        const std::string via = field(*node, "via");
        const std::string head = fmt::format("{}  {}  {}{}", field(*node, "at"), field(*node, "source"), field(*node, "url"),
                                             via.empty() || via == "direct" ? "" : "  through " + via);
        if (event == "asking") {
            unanswered();
            asked = head;
        } else if (event == "done") {
            asked.clear();
            const std::string error = field(*node, "error");
            const std::string status = field(*node, "status");
            const std::string bytes = field(*node, "bytes");
            out += head + (status == "0" ? "" : "  " + status) + (bytes == "0" ? "" : fmt::format("  {} bytes", bytes)) + (error.empty() ? "" : "  " + error) + "\n";
        } else if (event == "refused") {
            unanswered();
            out += fmt::format("{}  not asked: {}\n", head, field(*node, "error"));
        }
    }
    unanswered();
    if (out.empty()) out = "No request has been made from here.\n";
    if (damaged > 0) out += fmt::format("{} lines are damaged.\n", damaged);
    return out;
}

const Verb kUpdateVerb{
    "update", "[SOURCE...]", "fetch public knowledge: advisories, exploited vulnerabilities, ends of support",
    "  ward update                  ask each source that is on for its whole file\n"
    "  ward update osv-debian       only this one\n"
    "  ward update --from /media/x  the same files from a folder or a stick; asks nobody\n"
    "  ward update --list           the sources, their licences, and how old each copy is\n"
    "  ward update --log            every request that was made from here",
    "Every machine asks for the same whole files, and never about a package that it has. Only ward-fetch, a sealed program that sees\n"
    "no file of this machine, opens connections. Sources, proxy and certificates: [update] in the configuration (docs/update.md).",
    kOptions, false, run};

}  // namespace ward::doors
