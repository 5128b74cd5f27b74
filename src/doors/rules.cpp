// SPDX-License-Identifier: Apache-2.0
#include "doors/rules.h"

#include "core/json_write.h"
#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "doors/settings.h"
#include "gate/cells.h"
#include "host/descriptor.h"
#include "host/system_error.h"
#include "walks/rules.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"output", 'o', "DB", "build: where to write the compiled database"},
    {"define", 'd', "NAME=VALUE", "build, check: declare an external variable, with its value until a scan sets another", true},
    {"strict", 0, nullptr, "build, check: a faulty rule is a failure"},
    {"format", 0, "FORMAT", "info: text (the default) or json"},
};

void show(const std::vector<wire::Diagnostic>& diagnostics) {
    for (const auto& diagnostic : diagnostics) {
        if (!diagnostic.error && !log_wanted(LogLevel::warning)) continue;
        const std::string text = walks::render(diagnostic);
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
}

Result<walks::RuleSources> sources_of(const Arguments& arguments) {
    walks::RuleSources sources;
    sources.paths.assign(arguments.operands().begin() + 1, arguments.operands().end());
    if (sources.paths.empty()) return fail(Code::malformed, "rules {} wants sources: YARA files or folders", arguments.operands().front());
    sources.externals = WARD_TRY(externals_of(arguments));
    return sources;
}

ExitCode ended(const wire::CompileAnswer& answer, const Arguments& arguments) {
    if (answer.rules == 0) return not_done(fail(Code::malformed, "no rule is left"));
    return arguments.has("strict") && answer.left_out > 0 ? ExitCode::not_done : ExitCode::nothing_found;
}

ExitCode build(const Arguments& arguments) {
    const auto target = arguments.text("output");
    if (!target) return not_done(fail(Code::malformed, "rules build wants -o DB, the file to write"));
    const auto sources = sources_of(arguments);
    if (!sources) return not_done(sources.error());
    // Beside its final name, so that a reader never sees half a database.
    const std::string temporary = fmt::format("{}.{}", *target, ::getpid());
    const host::Descriptor file{::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644)};
    if (!file) return not_done(host::system_fail(errno, *target + " cannot be written"));
    const auto answer = walks::compile_rules(*sources, file.get());
    if (answer) show(answer->diagnostics);
    ExitCode code = answer ? ended(*answer, arguments) : not_done(answer.error());
    if (code == ExitCode::nothing_found && (::fsync(file.get()) != 0 || ::rename(temporary.c_str(), target->c_str()) != 0)) {
        code = not_done(host::system_fail(errno, *target + " cannot be written"));
    }
    if (code != ExitCode::nothing_found) {
        ::unlink(temporary.c_str());
        return code;
    }
    log(LogLevel::info, "{} rules, {} left out, {}", answer->rules, answer->left_out, human_bytes(answer->database_bytes));
    return code;
}

ExitCode check(const Arguments& arguments) {
    const auto sources = sources_of(arguments);
    if (!sources) return not_done(sources.error());
    const host::Descriptor memory{::memfd_create("ward-rules", MFD_CLOEXEC)};
    if (!memory) return not_done(host::system_fail(errno, "no memory for the compiled rules"));
    const auto answer = walks::compile_rules(*sources, memory.get());
    if (!answer) return not_done(answer.error());
    show(answer->diagnostics);
    const auto warnings = std::count_if(answer->diagnostics.begin(), answer->diagnostics.end(), [](const auto& d) { return !d.error; });
    const std::string text = fmt::format("{} rules are right, {} are left out, {} warnings\n", answer->rules, answer->left_out, warnings);
    if (auto written = write_answer(arguments, text); !written) return not_done(written.error());
    if (answer->rules == 0) return not_done(fail(Code::malformed, "no rule is left"));
    return answer->left_out > 0 ? (arguments.has("strict") ? ExitCode::not_done : ExitCode::found) : ExitCode::nothing_found;
}

ExitCode info(const Arguments& arguments) {
    if (arguments.operands().size() != 2) return not_done(fail(Code::malformed, "rules info wants one compiled database"));
    const std::string& path = arguments.operands()[1];
    const host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (!file) return not_done(host::system_fail(errno, path + " cannot be opened"));
    const auto about = gate::inspect(file.get());
    if (!about) return not_done(about.error());
    const std::string format = arguments.text("format").value_or("text");
    std::string out;
    if (format == "json") {
        JsonWriter json{2};
        json.begin_object().key("version").number(about->version).key("id").text(about->id).key("bytes").number(about->bytes);
        json.key("rules").number(about->rules).key("patterns").number(about->patterns).key("sections").begin_object();
        for (const auto& [name, bytes] : about->sections) json.key(name).number(bytes);
        json.end_object().end_object();
        out = std::move(json).take() + "\n";
    } else if (format == "text") {
        out = fmt::format("{}: whole and well-formed\nformat    {}\nid        {}\nsize      {}\nrules     {}\npatterns  {}\n", escape_for_terminal(path),
                          about->version, about->id, human_bytes(about->bytes), about->rules, about->patterns);
        for (const auto& [name, bytes] : about->sections) out += fmt::format("  {:<25} {}\n", escape_for_terminal(name), human_bytes(bytes));
    } else {
        return not_done(fail(Code::malformed, "--format wants text or json here"));
    }
    if (auto written = write_answer(arguments, out); !written) return not_done(written.error());
    return ExitCode::nothing_found;
}

ExitCode run(const Arguments& arguments) {
    const std::string what = arguments.operands().empty() ? "" : arguments.operands().front();
    if (what == "build") return build(arguments);
    if (what == "check") return check(arguments);
    if (what == "info") return info(arguments);
    return not_done(fail(Code::malformed, "rules wants build, check or info first; `ward rules --help` shows how"));
}

}  // namespace

const Verb kRulesVerb{
    "rules", "build|check|info SRC...", "compile rules into a database, check them, describe a database",
    "  ward rules check my-rules/                 every fault with its line and a caret under it\n"
    "  ward rules build -o my.warddb my-rules/    one file to give to `ward scan --rules`\n"
    "  ward rules info my.warddb                  verify it whole and say what it holds",
    "A faulty rule is left out with a message, and the others are kept. build ends with 2 when none is left (with --strict:\n"
    "when one is left out); check ends with 1 when some are left out, 2 when none is left.",
    kOptions, false, run};

}  // namespace ward::doors
