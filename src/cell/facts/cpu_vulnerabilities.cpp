// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/values.h"
#include "core/text.h"

namespace ward::facts {

// A file a fault, with "Not affected", "Vulnerable...", "Mitigation: ..." or, where the host decides, "Unknown: ..."
// (admin-guide/hw-vuln of the kernel). Some start with the part that is meant: "KVM: Mitigation: VMX disabled".
wire::ParseAnswer parse_cpu_vulnerabilities(const Request& request) {
    wire::ParseAnswer answer;
    for (const auto& source : request.sources) {
        if (source.about.state != wire::SourceBytes::State::whole) continue;
        const std::string_view path = source.about.name;
        const std::string_view status = trim(as_text(source.bytes));
        std::string_view word = status;
        if (word.starts_with("KVM: ")) word.remove_prefix(5);
        // "Mitigation: PTE Inversion; VMX: vulnerable": one half is open.
        const bool vulnerable = word.starts_with("Vulnerable") || word.find("vulnerable") != std::string_view::npos;
        answer.rows.rows.push_back({text(path.substr(path.rfind('/') + 1)), text(status), flag(vulnerable),
                                    flag(word.starts_with("Mitigation"))});
    }
    return answer;
}

}  // namespace ward::facts
