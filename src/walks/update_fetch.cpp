// SPDX-License-Identifier: Apache-2.0
#include "core/json_write.h"
#include "core/text.h"
#include "host/fetcher.h"
#include "walks/internal/update_steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace ward::walks {

namespace {

using host::SourceRecord;
using host::SourceStore;
using update::SourceSpec;

// How often what has come is made certain, so that a power cut costs no more than this.
constexpr std::uint64_t kKeepBytes = 8 * kMiB;

// A part can only be gone on with when the publisher can say whether it is of the same bytes: by an ETag that is not weak.
std::string validator_of(const wire::FetchAnswer& answer) {
    return answer.etag.starts_with("W/") ? std::string{} : answer.etag;
}

std::string status_words(std::uint32_t status) {
    switch (status) {
        case 403: return "refuses (status 403)";
        case 404:
        case 410: return fmt::format("has no such file (status {})", status);
        case 429: return "asks to come later (status 429)";
        default: return fmt::format("answered with status {}", status);
    }
}

// One request after another, as fetch.jsonl tells it: a line before each, and one after it.
class Requests {
public:
    Requests(host::FetchLog& log, std::string source) : log_{log}, source_{std::move(source)} {}

    Status asking(const Url& url, const wire::FetchRoute& route) {
        answered_by_end({}, 0, {});
        url_ = url.text();
        via_ = route.proxy_host.empty() ? "direct" : fmt::format("{}:{}", route.proxy_host, route.proxy_port);
        peer_.clear();
        status_ = 0;
        WARD_TRY(log_.append(std::move(begin("asking").end_object()).take()));
        open_ = true;
        return done();
    }
    void refused(const std::string& url, const std::string& why) {
        answered_by_end({}, 0, {});
        JsonWriter json;
        json.begin_object().key("at").text(utc_time(seconds_now())).key("event").text("refused").key("source").text(source_).key("url").text(url);
        (void)log_.append(std::move(json.key("error").text(why).end_object()).take());
    }
    void answered(const wire::FetchAnswer& answer) {
        status_ = answer.status;
        peer_ = answer.peer;
    }
    // The last word on the request that is open, if one is.
    void answered_by_end(const std::string& error, std::uint64_t bytes, const std::string& sha256) {
        if (!open_) return;
        open_ = false;
        JsonWriter json = begin("done");
        json.key("peer").text(peer_).key("status").number(status_).key("bytes").number(bytes).key("sha256").text(sha256).key("error").text(error);
        // The line before says that it was made; a full disk shows in what follows.
        (void)log_.append(std::move(json.end_object()).take());
    }

private:
    JsonWriter begin(std::string_view event) const {
        JsonWriter json;
        json.begin_object().key("at").text(utc_time(seconds_now())).key("event").text(event).key("source").text(source_).key("url").text(url_).key("via").text(via_);
        return json;
    }
    host::FetchLog& log_;
    std::string source_;
    std::string url_;
    std::string via_;
    std::string peer_;
    std::uint32_t status_ = 0;
    bool open_ = false;
};

class Fetch {
public:
    Fetch(const UpdateRequest& request, SourceStore& store, host::FetchLog& log) : request_{request}, store_{store}, log_{log} {}

    SourceOutcome run(const SourceSpec& source) {
        SourceOutcome outcome{source, Outcome::failed, {}, 0, {}};
        for (const auto& url : source.urls) {
            if (*request_.stop) break;
            came_ = 0;
            auto result = ask(source, url, true);
            outcome.came += came_;
            if (result) {
                outcome.outcome = *result;
                outcome.why.clear();
                break;
            }
            outcome.why += (outcome.why.empty() ? "" : "; ") + result.error().text;
        }
        if (outcome.outcome == Outcome::failed && *request_.stop) outcome.why = "interrupted";
        return outcome;
    }

private:
    Result<Outcome> ask(const SourceSpec& source, const std::string& url, bool may_go_on) {
        auto part = WARD_TRY(store_.part(source.id, source.file));
        const auto good = WARD_TRY(host::read_source(store_.state(), source.id, source.file));
        wire::FetchJob job;
        job.url = url;
        job.max_bytes = source.max_bytes;
        if (may_go_on && part.url == url && part.bytes > 0 && part.bytes < source.max_bytes) {
            job.offset = part.bytes;
            job.validator = part.validator;
        } else if (good && good->url == url) {
            job.etag = good->etag;
            job.last_modified = good->last_modified;
        }
        Requests requests{log_, source.id};
        SourceRecord record;
        std::string refusal;
        const auto end = run_job(source, job, part, requests, record, refusal);
        const std::string why = !end ? end.error().text : (!refusal.empty() ? refusal : end->error.text);
        const auto tell = [&](const std::string& error, const std::string& sha256 = {}) { requests.answered_by_end(error, came_, sha256); };
        if (!end) {
            tell(why);
            return end.error();
        }
        if (end->whole) {
            record.url = url;
            record.bytes = end->bytes;
            record.fetched = record.checked = seconds_now();
            if (record.modified == 0) record.modified = record.fetched;
            const auto taken = take(store_, part, source, record, good);
            tell(taken ? "" : taken.error().text, record.sha256);
            return taken;
        }
        if (end->status == 304 && job.offset == 0 && good && end->error.text.empty()) {
            tell("");
            SourceRecord same = *good;
            same.checked = seconds_now();
            WARD_TRY(store_.confirm(source.id, source.file, same));
            return Outcome::unchanged;
        }
        if (end->status == 416 && job.offset > 0) {
            // What there is of it fits to nothing that the publisher has.
            tell("");
            store_.drop(part);
            return ask(source, url, false);
        }
        if (why.empty()) {
            const Error error = fail(Code::not_found, "{} {}", parse_url(url)->host, status_words(end->status));
            tell(error.text);
            return error;
        }
        tell(why);
        const bool later = end->error.code == Code::io || end->error.code == Code::truncated;
        if (end->bytes > 0 && later && refusal.empty() && !part.validator.empty() && store_.keep(part, end->bytes, url, part.validator)) {
            return fail(end->error.code, "{}; the next run goes on behind the {} that came", why, human_bytes(end->bytes));
        }
        // What had begun and cannot be gone on with, or would meet the same again.
        const bool nothing = part.bytes == 0 && end->bytes == 0;
        if (nothing || end->bytes > 0 || end->error.code == Code::over_limit || end->error.code == Code::malformed) store_.drop(part);
        return fail(end->error.code, "{}", why);
    }

    Result<wire::FetchEnd> run_job(const SourceSpec& source, const wire::FetchJob& job, SourceStore::Part& part, Requests& requests, SourceRecord& record,
                                   std::string& refusal) {
        // One for each file: it ends before the file is looked at, so that nobody can write to what was looked at, and what one publisher
        // sent does no harm to another one's file.
        auto fetcher = WARD_TRY(host::Fetcher::start(setup(), *request_.stop));
        std::uint64_t kept = 0;
        std::uint64_t began = 0;
        std::optional<std::uint64_t> total;
        host::Fetcher::Steps steps;
        steps.may_ask = [&](const std::string& text) -> Result<wire::FetchRoute> {
            const auto allowed = [&]() -> Result<wire::FetchRoute> {
                const Url next = WARD_TRY(parse_url(text));
                WARD_TRY(update::may_ask(source, next));
                const auto route = update::route_to(next, request_.proxy);
                // No request without its record.
                WARD_TRY(requests.asking(next, route));
                return route;
            }();
            if (!allowed) {
                refusal = allowed.error().text;
                requests.refused(text, refusal);
            }
            return allowed;
        };
        steps.answered = [&](const wire::FetchAnswer& answer) { requests.answered(answer); };
        steps.begin = [&](const wire::FetchAnswer& answer) -> Result<std::uint64_t> {
            record.etag = answer.etag;
            record.last_modified = answer.last_modified;
            record.modified = answer.modified;
            total = answer.total;
            if (answer.status == 206) {
                if (job.offset == 0 || answer.offset != part.bytes) return fail(Code::malformed, "the answer is another part than the one asked for");
                kept = began = part.bytes;
                return part.bytes;
            }
            WARD_TRY(store_.keep(part, 0, job.url, validator_of(answer)));
            return std::uint64_t{0};
        };
        steps.moving = [&](std::uint64_t bytes) -> Status {
            came_ = bytes - std::min(bytes, began);
            if (bytes >= kept + kKeepBytes && !part.validator.empty()) {
                WARD_TRY(store_.keep(part, bytes, part.url, part.validator));
                kept = bytes;
            }
            if (request_.moving) request_.moving(source, bytes, total);
            return done();
        };
        auto end = fetcher.fetch(job, part.file(), steps);
        if (!end) return end;
        came_ = end->bytes - std::min(end->bytes, began);
        return end;
    }

    wire::FetchSetup setup() const {
        wire::FetchSetup setup;
        setup.ca_file = request_.ca_file;
        for (const auto& source : request_.sources) {
            setup.max_file_bytes = std::max(setup.max_file_bytes, source.max_bytes);
            for (const auto& origin : source.origins) {
                if (const auto url = parse_url("https://" + origin)) setup.ports.push_back(url->port);
            }
        }
        if (request_.proxy.url) setup.ports.push_back(request_.proxy.url->port);
        std::sort(setup.ports.begin(), setup.ports.end());
        setup.ports.erase(std::unique(setup.ports.begin(), setup.ports.end()), setup.ports.end());
        return setup;
    }

    const UpdateRequest& request_;
    SourceStore& store_;
    host::FetchLog& log_;
    std::uint64_t came_ = 0;
};

}  // namespace

SourceOutcome fetch_source(const UpdateRequest& request, const SourceSpec& source, SourceStore& store, host::FetchLog& log) {
    return Fetch{request, store, log}.run(source);
}

}  // namespace ward::walks
