// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/internal/proc_files.h"
#include "cell/facts/values.h"
#include "core/text.h"
#include "model/encode.h"

namespace ward::facts {

namespace {

// admin-guide/tainted-kernels.rst of the kernel: the letter of each bit, from bit 0. A clean bit 0 is 'G' there; here it is none.
constexpr std::string_view kTaintLetters = "PFSRMBUDAWCIOELKXTNJ";

std::string taint_letters(std::uint64_t taint) {
    std::string letters;
    for (std::size_t bit = 0; bit < kTaintLetters.size(); ++bit) {
        if ((taint >> bit & 1) != 0) letters += kTaintLetters[bit];
    }
    return letters;
}

// "[none] integrity confidentiality": the one in brackets is in force.
Value lockdown_of(std::string_view file) {
    const auto start = file.find('[');
    const auto end = file.find(']', start == std::string_view::npos ? file.size() : start);
    if (end == std::string_view::npos) return null();
    return text(file.substr(start + 1, end - start - 1));
}

// The variable's attributes (four bytes), then one byte (UEFI 2.10, section 3.3).
Value secure_boot_of(const Source* source) {
    if (source == nullptr || source->bytes.size() != 5) return null();
    return flag(source->bytes[4] == 1);
}

bool is_there(const Source* source) {
    return source != nullptr && source->about.state == wire::SourceBytes::State::whole;
}

Status add_row(const Request& request, RowSet& out) {
    Decoder names{request.bytes_of("uname:")};
    const std::string system = WARD_TRY(names.text());
    const std::string node = WARD_TRY(names.text());
    const std::string release = WARD_TRY(names.text());
    const std::string version = WARD_TRY(names.text());
    const std::string machine = WARD_TRY(names.text());
    const auto taint = parse_unsigned(trim(as_text(request.bytes_of("/proc/sys/kernel/tainted"))));
    const bool uefi = is_there(request.find("stat:/sys/firmware/efi"));
    const Source* secure_boot = request.find("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
    out.rows.push_back({
        text(system), text(release), text(version), text(machine), text(node),
        text(trim(as_text(request.bytes_of("/proc/cmdline")))),
        number(taint), taint ? text(taint_letters(*taint)) : null(),
        number(boot_time(as_text(request.bytes_of("/proc/stat")))),
        lockdown_of(as_text(request.bytes_of("/sys/kernel/security/lockdown"))),
        text_or_null(trim(as_text(request.bytes_of("/sys/kernel/security/lsm")))),
        flag(uefi), uefi ? secure_boot_of(secure_boot) : flag(false),
        flag(is_there(request.find("/run/reboot-required"))),
        text_or_null(trim(as_text(request.bytes_of("/proc/1/comm")))),
        // Process 2 of a machine starts the kernel's threads; a container has a program of its own there, or none.
        flag(trim(as_text(request.bytes_of("/proc/2/comm"))) != "kthreadd"),
    });
    return done();
}

}  // namespace

wire::ParseAnswer parse_kernel(const Request& request) {
    wire::ParseAnswer answer;
    if (const auto added = add_row(request, answer.rows); !added) {
        answer.rows.gaps.push_back(gap("uname:", 0, added.error().code, added.error().text));
    }
    return answer;
}

}  // namespace ward::facts
