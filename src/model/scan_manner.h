// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ward {

// What a scan looks at and what it tells. As it stands: what findings need. `ward yara` asks for more, and opens nothing.
struct ScanManner {
    bool members = true;       // what can be opened inside a file is looked at too
    bool file_names = true;    // the externals filename, filepath, extension, filetype and owner tell about each object, the verdict its type
    bool unsatisfied = false;  // rules that do not hold are told too, among the others in their order
    bool meta = true;
    bool all_hits = false;     // string by string as the rule has them, not only the first Match::kMaxHits places
    bool once = false;         // of a string whose places no condition asks about, the first one only
    std::uint32_t data_bytes = 0;  // of what each hit matched, so much comes along
    bool warnings = false;     // what makes answers doubtful, in words
    bool console = false;      // lines of the module `console`
    bool module_data = false;  // what the modules say of the file, as a text
    std::vector<std::string> fed_modules = {};  // those that get bytes beside the file

    bool operator==(const ScanManner&) const = default;
};

}  // namespace ward
