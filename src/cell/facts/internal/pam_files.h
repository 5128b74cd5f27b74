// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

class Collector;

// A line of a file in /etc/pam.d (pam.d(5)), its parts as written.
struct PamLine {
    std::string kind;       // auth, account, password, session; '@include' stands for all four
    bool optional = false;  // '-' before the kind
    std::string control;    // a word, or the brackets whole; "include" and "substack" name a file and no module
    std::string module;     // as written, or the file
    std::string arguments;
    std::uint64_t line = 0;

    bool names_a_file() const { return control == "include" || control == "substack"; }
};

// The first word, or what stands in brackets together with them; blanks in those and "\]" belong to it. Moves `rest` behind it.
std::string_view take_pam_word(std::string_view& rest);

// The files of PAM, each read once. A line that libpam would take for one that always fails is a gap.
class PamFiles {
public:
    PamFiles(const Request& request, Collector& out) : request_{request}, out_{out} {}

    // Names of services; a file of /usr/lib/pam.d counts where /etc/pam.d has none. What package managers and editors keep
    // aside ("login.dpkg-old", "login~") is none.
    std::vector<std::string> services() const;
    // The source of a service, or of a file that a line includes: by its path, or by its name in the two folders. Nothing
    // when there is none or when it has yet to be read; then it is asked for.
    const Source* find(std::string_view name);
    const std::vector<PamLine>& lines_of(const Source& source);

private:
    std::vector<PamLine> read(const Source& source);

    const Request& request_;
    Collector& out_;
    std::map<const Source*, std::vector<PamLine>> lines_;
};

}  // namespace ward::facts
