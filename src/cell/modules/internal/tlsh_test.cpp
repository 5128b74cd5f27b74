// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/tlsh.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ward::modules {
namespace {

// The names of `count` square numbers as telfhash joins them: sorted, without those that end in 64.
std::string squares(int count) {
    std::set<std::string> names;
    for (int i = 0; i < count; ++i) names.insert("name" + std::to_string(i * i));
    std::string text;
    for (const auto& name : names) {
        if (!name.ends_with("64")) text += (text.empty() ? "" : ",") + name;
    }
    return text;
}

TEST(Tlsh, GivesWhatOthersGive) {
    struct Case {
        int names;
        const char* want;  // from yara 4.5.4, elf.telfhash() of a file with these symbols
    };
    const Case cases[] = {
        {10, "T111A002D1654664AA0326C7430EE1040C0445040710822C9301307510338000C398A0F1"},
        {60, "T182F0C9F23552F86A1375454387FA0018888D29571193ADE39211BA3432C151C7FCF1F6"},
        {133, "T1EB212BD235A2B46E1375455793EA04088C9E296B12936CF78311FB3476D545C7FCF2E2"},
        {134, "T1D3212BD235A2B46E1375455793EA04088C9E296B12936CF78311FB3476D545C7FCF2E2"},
        {640, "T1F0D18DF33592B85A2376084793FA0804889E2A272293ADF39351FB7476C455C7FCF1A6"},
        {4000, "T1B513E4E63AA1B46A5376094393EA0904489E692B22D36CF38311FF747AD451C7FCF1E6"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.names);
        const std::string text = squares(c.names);
        Tlsh whole;
        whole.add(text);
        EXPECT_EQ(whole.finish(), c.want);
        Tlsh parts;
        for (std::size_t at = 0; at < text.size(); at += 7) parts.add(std::string_view{text}.substr(at, 7));
        EXPECT_EQ(parts.finish(), c.want);
    }
}

TEST(Tlsh, HasNoneForTheShortAndTheUniform) {
    for (const std::string& text : {std::string{}, squares(10).substr(0, 49), std::string(10'000, 'a')}) {
        SCOPED_TRACE(text.size());
        Tlsh hash;
        hash.add(text);
        EXPECT_EQ(hash.finish(), "");
    }
}

}  // namespace
}  // namespace ward::modules
