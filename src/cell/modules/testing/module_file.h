// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/module.h"

#include <string>
#include <string_view>
#include <vector>

namespace ward::modules::testing {

// One module and a file made for a test. Values are given as text: 12, 'text', and - for what is undefined.
//
//     ModuleFile file{kElf, bytes};
//     EXPECT_EQ(file["sections[1].name"], "'.text'");
//     EXPECT_EQ(file.call("telfhash"), "-");
class ModuleFile {
public:
    ModuleFile(const Declaration& declaration, std::string bytes);

    std::string operator[](std::string_view path);
    std::string call(std::string_view function, const std::vector<Value>& arguments = {});

private:
    const Declaration& declaration_;
    std::string bytes_;
    Environment environment_;
    Instance in_;
};

}  // namespace ward::modules::testing
