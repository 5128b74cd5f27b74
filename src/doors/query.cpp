// SPDX-License-Identifier: Apache-2.0
#include "doors/query.h"

#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "doors/line_reader.h"
#include "doors/result_text.h"
#include "host/share.h"
#include "walks/query.h"

#include <algorithm>
#include <cstdio>

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"format", 0, "FORMAT", "text (the default), json, jsonl or csv"},
    {"output", 'o', "FILE", "write the answer there instead of standard output"},
    {"root", 0, "DIR", "read the tree below it (a mounted disk, an unpacked image) instead of this machine"},
    {"facts", 0, "FILE", "answer from facts that --save has recorded"},
    {"save", 0, "FILE", "record what is read; without SQL, everything that all tables read"},
    {"max-rows", 0, "ROWS", "an answer of more rows is an error, never cut (1000000)"},
    {"timeout", 0, "TIME", "for each query (30s)"},
    {"strict", 0, nullptr, "end with 3 when a table could not be read whole"},
};

constexpr std::string_view kShellHelp =
    "SQL ends with ';'. Beside it:\n"
    "  .tables [GLOB]    the tables, with a word on each\n"
    "  .schema [TABLE]   their columns\n"
    "  .format FORMAT    text, json, jsonl or csv\n"
    "  .help, .quit\n";

struct Session {
    const Arguments& arguments;
    walks::HostDatabase& host;
    ResultFormat format;
    QueryLimits limits;
    bool has_gaps = false;
    bool failed = false;
    std::string collected;  // with --output: what the shell has answered so far
};

Result<QueryLimits> limits_of(const Arguments& arguments) {
    QueryLimits limits;
    limits.max_rows = WARD_TRY(arguments.number("max-rows", limits.max_rows));
    limits.max_time = WARD_TRY(arguments.time("timeout", limits.max_time));
    return limits;
}

void show_gaps(const std::vector<Gap>& gaps, Session& session) {
    session.has_gaps = session.has_gaps || !gaps.empty();
    tell_gaps(gaps);
}

// The answer of one query, or nothing and a word on standard error.
std::optional<std::string> answer_of(const std::string& sql, Session& session) {
    const auto answer = session.host.query(sql, session.limits);
    if (!answer) {
        session.failed = true;
        log(LogLevel::error, "{}", answer.error().text);
        return std::nullopt;
    }
    show_gaps(answer->gaps, session);
    return result_text(answer->result, session.format);
}

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void print_answer(std::string_view text, Session& session) {
    if (session.arguments.has("output")) {
        session.collected += text;
    } else {
        print(text);
    }
}

std::string list_tables(const std::vector<tables::TableSpec>& specs, const std::string& pattern) {
    std::string out;
    for (const auto& spec : specs) {
        if (glob_match(pattern, spec.name)) out += fmt::format("{:<22} {}\n", spec.name, spec.title);
    }
    return out;
}

Result<std::string> schema_of(const std::vector<tables::TableSpec>& specs, const std::string& name) {
    std::string out;
    std::vector<std::string> names;
    for (const auto& spec : specs) {
        if (name.empty() || spec.name == name) out += spec.schema();
        names.push_back(spec.name);
    }
    if (!out.empty()) return out;
    const auto near = nearest(name, names);
    return fail(Code::not_found, "there is no table {}{}; .tables lists them", shell_quote(name), near ? ", did you mean " + *near + "?" : "");
}

bool ends_shell(std::string_view command) { return command == ".quit" || command == ".exit"; }

// What a command of the shell prints.
Result<std::string> run_command(std::string_view line, Session& session) {
    const auto parts = words(line);
    const std::string_view command = parts[0];
    const std::string operand = parts.size() > 1 ? std::string{parts[1]} : "";
    if (ends_shell(command)) return std::string{};
    if (command == ".help") return std::string{kShellHelp};
    if (command == ".tables") return list_tables(session.host.specs(), operand.empty() ? "*" : operand);
    if (command == ".schema") return schema_of(session.host.specs(), operand);
    if (const auto format = command == ".format" ? result_format(operand) : std::nullopt) {
        session.format = *format;
        return std::string{};
    }
    return fail(Code::malformed, "{} is no command of this shell; .help lists them", line);
}

// How long the first statement is, its ';' included; nothing when it has no end yet. A ';' inside of '...', "..." or a comment
// ends nothing.
std::optional<std::size_t> first_statement(std::string_view sql) {
    const auto skip_to = [&](std::size_t& i, std::string_view end) {
        const auto found = sql.find(end, i + 1);
        i = found == std::string_view::npos ? sql.size() : found + end.size() - 1;
    };
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i];
        if (c == '\'' || c == '"') skip_to(i, sql.substr(i, 1));
        else if (sql.substr(i).starts_with("--")) skip_to(i, "\n");
        else if (sql.substr(i).starts_with("/*")) skip_to(i, "*/");
        else if (c == ';') return i + 1;
    }
    return std::nullopt;
}

void answer_and_print(std::string_view statement, Session& session) {
    std::string_view text = trim(statement);
    if (text.empty() || text == ";") return;
    if (const auto answer = answer_of(std::string{text}, session)) print_answer(*answer, session);
}

void run_shell(Session& session) {
    LineReader reader;
    if (reader.is_terminal()) print("Tables of this host in SQL; .tables lists them, .help helps.\n");
    std::string sql;
    while (const auto line = reader.next(sql.empty() ? "ward> " : "  ... ")) {
        if (reader.was_interrupted()) sql.clear();
        if (sql.empty() && trim(*line).empty()) continue;
        if (sql.empty() && trim(*line).starts_with('.')) {
            const auto text = run_command(trim(*line), session);
            if (text) print_answer(*text, session);
            if (!text) log(LogLevel::error, "{}", text.error().text);
            if (ends_shell(trim(*line))) return;
            continue;
        }
        sql += *line + "\n";
        while (const auto length = first_statement(sql)) {
            answer_and_print(std::string_view{sql}.substr(0, *length), session);
            sql.erase(0, *length);
        }
        if (trim(sql).empty()) sql.clear();
    }
    if (reader.is_terminal()) print("\n");
    // A script may leave the last ';' out.
    answer_and_print(sql, session);
}

ExitCode run_with(Session& session) {
    const Arguments& arguments = session.arguments;
    const auto save = arguments.text("save");
    if (!arguments.operands().empty()) {
        const std::string& sql = arguments.operands().front();
        // What the shell knows is known here too: `ward query .tables`.
        if (trim(sql).starts_with('.')) {
            std::string line;
            for (const auto& word : arguments.operands()) line += word + " ";
            const auto text = run_command(trim(line), session);
            if (!text) return not_done(text.error());
            const auto written = write_answer(arguments, *text);
            return written ? ExitCode::nothing_found : not_done(written.error());
        }
        if (arguments.operands().size() > 1) {
            return not_done(fail(Code::malformed, "query wants one SQL statement, quoted as one word"));
        }
        const auto text = answer_of(sql, session);
        if (!text) return ExitCode::not_done;
        if (const auto written = write_answer(arguments, *text); !written) return not_done(written.error());
    } else if (save) {
        show_gaps(session.host.read_all(), session);
    } else {
        run_shell(session);
        if (arguments.has("output")) {
            if (const auto written = write_answer(arguments, session.collected); !written) return not_done(written.error());
        }
    }
    if (save) {
        const auto saved = session.host.tables().recording().save(*save);
        if (!saved) return not_done(saved.error());
    }
    if (session.failed) return ExitCode::not_done;
    return arguments.has("strict") && session.has_gaps ? ExitCode::gaps : ExitCode::nothing_found;
}

ExitCode run(const Arguments& arguments) {
    const std::string name = arguments.text("format").value_or("text");
    const auto format = result_format(name);
    if (!format) {
        return not_done(fail(Code::malformed, "--format wants text, json, jsonl or csv here, not {}", shell_quote(name)));
    }
    const auto limits = limits_of(arguments);
    if (!limits) return not_done(limits.error());
    auto setup = host_setup(arguments);
    if (!setup) return not_done(setup.error());
    const auto host = walks::HostDatabase::open(host::share_folder() + "/tables", *std::move(setup));
    if (!host) return not_done(host.error());
    Session session{arguments, **host, *format, *limits, false, false, {}};
    return run_with(session);
}

}  // namespace

const Verb kQueryVerb{
    "query", "[SQL]", "ask this machine in SQL; without SQL, a shell",
    "  ward query \"SELECT name FROM users WHERE uid = 0\"\n"
    "  ward query .tables                                 what can be asked\n"
    "  ward query .schema listening_sockets\n"
    "  ward query --format json \"SELECT port, process FROM listening_sockets WHERE exposed\"\n"
    "  ward query --save web1.facts                       record everything, to ask it elsewhere\n"
    "  ward query --facts web1.facts \"SELECT * FROM sysctl\"\n"
    "  ward query --root /mnt \"SELECT * FROM users\"       a disk that is mounted there",
    "Queries read and never write. What a table could not read is said on standard error. It ends with 2 when a query fails.",
    kOptions, false, run};

}  // namespace ward::doors
