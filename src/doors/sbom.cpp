// SPDX-License-Identifier: Apache-2.0
#include "doors/sbom.h"

#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "host/share.h"
#include "walks/sbom.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"format", 0, "FORMAT", "cyclonedx (the default: CycloneDX 1.6) or spdx (SPDX 2.3), both in JSON"},
    {"output", 'o', "FILE", "write the document there instead of standard output"},
    {"root", 0, "DIR", "list the tree below it (a mounted disk, an unpacked image) instead of this machine"},
    {"facts", 0, "FILE", "list what `ward query --save` has recorded"},
    {"vex", 0, nullptr, "also what advisories say of it, and why some of that is not so here (CycloneDX only; `ward update` fetches them)"},
    {"strict", 0, nullptr, "end with 3 when something could not be read"},
};

// A walk over all local file systems and the parsing of what it found; far from what an honest host needs.
constexpr QueryLimits kLimits{.max_time = std::chrono::minutes{10}, .max_rows = 5'000'000};
constexpr std::size_t kMaxGapsTold = 20;  // an ordinary user has hundreds; the document lists all
constexpr std::uint64_t kEndOfYear9999 = 253'402'300'799;

// When the document says that it was made; SOURCE_DATE_EPOCH (reproducible-builds.org) makes two of the same host the same.
Result<std::int64_t> time_of_document() {
    const char* given = std::getenv("SOURCE_DATE_EPOCH");
    if (given == nullptr || *given == '\0') return static_cast<std::int64_t>(std::time(nullptr));
    const auto seconds = parse_unsigned(given);
    if (!seconds || *seconds > kEndOfYear9999) {
        return fail(Code::malformed, "SOURCE_DATE_EPOCH wants seconds since 1970, not {}", shell_quote(given));
    }
    return static_cast<std::int64_t>(*seconds);
}

Result<ExitCode> sbom(const Arguments& arguments) {
    const std::string name = arguments.text("format").value_or("cyclonedx");
    const auto format = report::sbom_format(name);
    if (!format) return fail(Code::malformed, "--format wants cyclonedx or spdx here, not {}", shell_quote(name));
    if (!arguments.operands().empty()) {
        return fail(Code::malformed, "sbom takes no {}; --root DIR lists another tree", shell_quote(arguments.operands().front()));
    }
    if (arguments.has("vex") && *format != report::SbomFormat::cyclonedx) return fail(Code::malformed, "--vex is of --format cyclonedx only");
    const std::int64_t created = WARD_TRY(time_of_document());
    auto setup = WARD_TRY(host_setup(arguments));
    const bool this_machine = !setup.root && !setup.facts;
    const auto host = WARD_TRY(walks::HostDatabase::open(host::share_folder() + "/tables", std::move(setup)));
    const std::array<std::string, 1> slow = {"software"};
    host->tables().read_ahead(slow);
    auto sbom = WARD_TRY(walks::inventory([&](const std::string& sql) { return host->query(sql, kLimits); }, !this_machine || ::geteuid() == 0));
    if (arguments.has("vex")) walks::add_faults(sbom, [&](const std::string& sql) { return host->query(sql, kLimits); });
    sbom.created = created;
    // What was seen now was seen when the document says; recorded facts keep their own time.
    sbom.observed = arguments.has("facts") ? host->tables().recording().taken : created;
    const std::size_t told = arguments.has("verbose") ? sbom.gaps.size() : std::min(sbom.gaps.size(), kMaxGapsTold);
    tell_gaps({sbom.gaps.begin(), sbom.gaps.begin() + static_cast<std::ptrdiff_t>(told)});
    if (told < sbom.gaps.size()) log(LogLevel::warning, "not read: {} more, which the document lists", sbom.gaps.size() - told);
    WARD_TRY(write_answer(arguments, report::render(sbom, *format)));
    log(LogLevel::info, "{} components", sbom.components.size());
    return arguments.has("strict") && !sbom.gaps.empty() ? ExitCode::gaps : ExitCode::nothing_found;
}

ExitCode run(const Arguments& arguments) {
    const auto code = sbom(arguments);
    return code ? *code : not_done(code.error());
}

}  // namespace

const Verb kSbomVerb{
    "sbom", "", "the software on this host as CycloneDX or SPDX",
    "  sudo ward sbom -o web1.cdx.json                all that is installed, as CycloneDX 1.6\n"
    "  sudo ward sbom --format spdx -o web1.spdx.json\n"
    "  sudo ward sbom --vex -o web1.vex.json          with the known faults in it, and what speaks against them\n"
    "  ward sbom --root /mnt -o disk.cdx.json         a disk or an image that is mounted there\n"
    "  ward sbom --facts web1.facts                   what `ward query --save web1.facts` has recorded",
    "Packages of dpkg, rpm and apk; what pip, npm, RubyGems and Composer have installed anywhere; what is built into programs of Go and\n"
    "Rust and packed into Java's archives; and what lock files want, which is marked `locked`. Each with its package URL where there is\n"
    "one, so that advisories can be found for it. What could not be read is said on standard error and in the document. Software that\n"
    "none of these records is not listed (docs/sbom.md).",
    kOptions, false, run};

}  // namespace ward::doors
