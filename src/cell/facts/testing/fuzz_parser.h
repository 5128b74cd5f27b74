// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "model/encode.h"
#include "model/snapshots.h"

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace ward::facts::testing {

// Gives a parser the same bytes as each of its sources, then once more as each that it wants. The answer must cross the wall.
inline void fuzz_parser(Parser parser, const std::vector<std::string>& names, Bytes bytes) {
    constexpr std::size_t kMaxWants = 32;
    std::vector<Source> sources;
    const auto add = [&](const std::string& name) {
        wire::SourceBytes about;
        about.name = name;
        about.mode = 0100644;
        about.link = "usr/bin";
        about.bytes = bytes.size();
        sources.push_back({about, bytes});
    };
    for (const auto& name : names) add(name);
    const Constraint path{"path", std::string{"/asked"}};
    for (int round = 0; round < 2; ++round) {
        const auto answer = parser({std::span{&path, 1}, sources, 1'700'000'000});
        Buffer encoded;
        Encoder out{encoded};
        wire::encode(answer, out);
        Decoder in{encoded};
        if (!wire::decode_parse_answer(in)) std::abort();
        for (std::size_t i = 0; i < answer.wants.size() && i < kMaxWants; ++i) add(answer.wants[i]);
    }
}

// The same for a table whose source `walk` is a list of files that are read then: the list is whole, the bytes are the files'.
inline void fuzz_found(Parser parser, const std::string& walk, const std::vector<std::string>& paths, Bytes bytes) {
    std::vector<FolderEntry> entries;
    for (const auto& path : paths) entries.push_back({path, 0100644, 0, 0, 0, bytes.size(), {}, {}});
    const Buffer list = to_bytes(entries);
    std::vector<Source> sources;
    const auto add = [&](const std::string& name, Bytes content) {
        wire::SourceBytes about;
        about.name = name;
        about.mode = 0100644;
        about.bytes = content.size();
        sources.push_back({about, content});
    };
    add(walk, list);
    for (const auto& path : paths) add(path, bytes);
    const auto answer = parser({{}, sources, 1'700'000'000});
    Buffer encoded;
    Encoder out{encoded};
    wire::encode(answer, out);
    Decoder in{encoded};
    if (!wire::decode_parse_answer(in)) std::abort();
}

// The same for a program that the walk found, of which the parser gets the parts that it asks for.
inline void fuzz_program(Parser parser, const std::string& walk, const std::string& path, Bytes bytes) {
    const Buffer list = to_bytes(std::vector<FolderEntry>{{path, 0100755, 0, 0, 0, bytes.size(), {}, {}}});
    std::vector<Source> sources;
    const auto add = [&](const std::string& name, Bytes content) {
        wire::SourceBytes about;
        about.name = name;
        about.bytes = content.size();
        sources.push_back({about, content});
    };
    add(walk, list);
    std::set<std::string> known;
    for (bool more = true; more;) {
        const auto answer = parser({{}, sources, 1'700'000'000});
        more = false;
        for (const auto& name : answer.wants) {
            const auto part = wire::FilePart::parse(name);
            if (!part || part->path != path || part->offset > bytes.size() || part->bytes > bytes.size() - part->offset) std::abort();
            if (!known.insert(name).second) continue;
            add(name, bytes.subspan(static_cast<std::size_t>(part->offset), static_cast<std::size_t>(part->bytes)));
            more = true;
        }
        if (known.size() > 100) std::abort();
    }
}

}  // namespace ward::facts::testing
