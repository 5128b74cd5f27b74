// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/cron_files.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace ward::facts {
namespace {

constexpr std::string_view kRoot = "root";

// How a folder's files are read.
enum class Form { system, user, program };
struct Place {
    std::string_view folder;
    Form form;
    std::string_view word;  // the kind, or when programs are started
};
constexpr Place kPlaces[] = {
    {"/etc/cron.d/", Form::system, "cron.d"},
    {"/etc/cron.daily/", Form::program, "daily"},
    {"/etc/cron.hourly/", Form::program, "hourly"},
    {"/etc/cron.monthly/", Form::program, "monthly"},
    {"/etc/cron.weekly/", Form::program, "weekly"},
    {"/etc/cron.yearly/", Form::program, "yearly"},
    {"/etc/crontabs/", Form::user, "user"},
    {"/var/spool/cron/", Form::user, "user"},
    {"/var/spool/cron/crontabs/", Form::user, "user"},
    {"/var/spool/cron/tabs/", Form::user, "user"},
};

constexpr std::string_view kShorthands[] = {"@annually", "@daily", "@hourly", "@midnight", "@monthly", "@reboot", "@weekly", "@yearly"};
constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Range {
    std::uint64_t low;
    std::uint64_t high;
    const std::string_view* names_begin = nullptr;
    const std::string_view* names_end = nullptr;

    bool has(std::string_view value) const {
        const bool is_name = std::any_of(names_begin, names_end, [&](auto name) { return equal_ignoring_case(name, value); });
        const auto number = parse_unsigned(value);
        return is_name || (number && *number >= low && *number <= high);
    }
};
constexpr std::array<Range, 5> kRanges{{
    {0, 59}, {0, 23}, {1, 31}, {1, 12, std::begin(kMonths), std::end(kMonths)}, {0, 7, std::begin(kDays), std::end(kDays)}}};

// "1-5/2,sat", "*", and "0~30" for a time between as cronie has it, which may lack either end.
bool is_time(std::string_view field, const Range& range) {
    for (std::string_view item : split(field, ',')) {
        const std::size_t slash = item.find('/');
        if (slash != std::string_view::npos && !parse_unsigned(item.substr(slash + 1))) return false;
        item = item.substr(0, slash);
        if (item == "*") continue;
        const std::size_t between = item.find_first_of("-~");
        const std::string_view from = item.substr(0, between);
        const bool random = between != std::string_view::npos && item[between] == '~';
        if (!range.has(from) && !(random && from.empty())) return false;
        if (between == std::string_view::npos) continue;
        const std::string_view to = item.substr(between + 1);
        if (!range.has(to) && !(random && to.empty())) return false;
    }
    return true;
}

// NAME=VALUE with blanks around the sign; either may stand in quotes.
bool is_assignment(std::string_view line) {
    const char quote = line.front();
    std::size_t end = 0;
    if (quote == '"' || quote == '\'') {
        end = line.find(quote, 1);
        if (end == std::string_view::npos) return false;
        ++end;
    } else {
        end = line.find_first_of("= \t");
    }
    if (end == std::string_view::npos || end == 0) return false;
    return line.substr(end + std::min(line.substr(end).find_first_not_of(" \t"), line.size() - end)).starts_with('=');
}

// The leading words that say when, joined; nothing when they do not. Moves `rest` behind them.
std::optional<std::string> take_schedule(std::string_view& rest) {
    if (rest.starts_with('@')) {
        const std::string word = to_lower_ascii(take_word(rest));
        if (std::find(std::begin(kShorthands), std::end(kShorthands), word) == std::end(kShorthands)) return std::nullopt;
        return word;
    }
    std::string schedule;
    // A minus before the minutes keeps cronie from logging.
    if (rest.starts_with('-')) rest.remove_prefix(1);
    for (const Range& range : kRanges) {
        const std::string_view field = take_word(rest);
        if (!is_time(field, range)) return std::nullopt;
        schedule.append(schedule.empty() ? "" : " ").append(field);
    }
    return schedule;
}

// "period delay name command"; the period is a number of days or @weekly and its like.
std::optional<std::string> take_anacron_schedule(std::string_view& rest) {
    const std::string_view period = take_word(rest);
    const std::string_view delay = take_word(rest);
    const bool known = parse_unsigned(period) || std::find(std::begin(kShorthands), std::end(kShorthands), period) != std::end(kShorthands);
    if (!known || !parse_unsigned(delay) || take_word(rest).empty()) return std::nullopt;
    return fmt::format("{} {}", period, delay);
}

class Reader {
public:
    Reader(const Request& request, Collector& out) : request_{request}, out_{out} {
        using State = wire::SourceBytes::State;
        const auto is_there = [&](std::string_view name) {
            const Source* source = request.find(name);
            return source != nullptr && source->about.state == State::whole;
        };
        strict_names_ = is_there("stat:/usr/sbin/cron") && !is_there("stat:/usr/sbin/crond");
    }

    std::vector<CronJob> read() {
        for (const Source& source : request_.sources) {
            const std::string_view path = source.about.name;
            if (path == "/etc/crontab") read_lines(source, "crontab", {});
            else if (path == "/etc/anacrontab") read_lines(source, "anacron", kRoot);
            else read_of_folder(source);
        }
        return std::move(jobs_);
    }

private:
    bool is_passed_over(std::string_view name) const {
        if (strict_names_) return !is_run_parts_name(name);
        constexpr std::string_view kEndings[] = {"~", ".rpmsave", ".rpmorig", ".rpmnew", ".cfsaved", ".swp", ",v"};
        return name.starts_with('.') || name.starts_with('#') || name.find(".dpkg-") != std::string_view::npos ||
               std::any_of(std::begin(kEndings), std::end(kEndings), [&](auto end) { return name.ends_with(end); });
    }

    void read_of_folder(const Source& source) {
        const std::string_view path = source.about.name;
        const std::string_view name = base_name(path);
        const std::string_view folder = path.substr(0, path.size() - name.size());
        const auto place = std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const Place& one) { return one.folder == folder; });
        if (place == std::end(kPlaces) || (source.about.mode & 0170000) == 0040000) return;
        switch (place->form) {
            case Form::system:
                if (!is_passed_over(name)) read_lines(source, place->word, {});
                break;
            case Form::user:
                // What crontab(1) has not finished writing begins with "tmp.".
                if (!name.starts_with('.') && !name.starts_with("tmp.")) read_lines(source, place->word, name);
                break;
            case Form::program:
                if (is_passed_over(name) || !is_program(source)) break;
                jobs_.push_back({"periodic", std::string{kRoot}, std::string{place->word}, std::string{path}, &source, 0});
                break;
        }
    }

    // Without `user`, each line names its own.
    void read_lines(const Source& source, std::string_view kind, std::string_view user) {
        for (Lines lines{source, out_}; lines.next();) {
            std::string_view rest = trim(lines.text());
            if (rest.empty() || rest.starts_with('#') || is_assignment(rest)) continue;
            CronJob job{kind, std::string{user}, {}, {}, &source, lines.number()};
            const auto schedule = kind == "anacron" ? take_anacron_schedule(rest) : take_schedule(rest);
            if (schedule && user.empty()) job.user = take_word(rest);
            if (!schedule || rest.empty()) {
                out_.gap(source.about.name, lines.number(), Code::malformed, "neither a job nor a setting, so it is passed over");
                continue;
            }
            job.schedule = *schedule;
            job.command = rest;
            jobs_.push_back(std::move(job));
        }
    }

    const Request& request_;
    Collector& out_;
    bool strict_names_ = false;
    std::vector<CronJob> jobs_;
};

}  // namespace

std::vector<CronJob> read_cron_jobs(const Request& request, Collector& out) { return Reader{request, out}.read(); }

bool is_run_parts_name(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return !name.empty() && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool is_program(const Source& source) { return (source.about.mode & 0170000) == 0100000 && (source.about.mode & 0111) != 0; }

}  // namespace ward::facts
