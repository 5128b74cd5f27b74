// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/store.h"
#include "cell/formats/type.h"
#include "core/deadline.h"
#include "core/limits.h"
#include "core/result.h"

#include <string>
#include <vector>

namespace ward::scan {

// The names of the members on the way inwards from the file; empty for the file itself.
using Chain = std::vector<std::string>;

// Looks at what a walk comes across.
class TreeVisitor {
public:
    virtual ~TreeVisitor() = default;
    // The file, and then each thing inside it. `bytes` is gone when this returns.
    virtual void object(const Chain& chain, formats::Type type, Bytes bytes, Deadline& deadline) = 0;
    // Something that could not be read, or not whole.
    virtual void gap(const Chain& chain, const Error& error) = 0;
};

// Walks through a file and everything inside it, however deep, with a list of open containers instead of recursion.
//
//     Tree tree{WARD_TRY(Tree::open(spool))};          // one a thread; keeps its memory from file to file
//     const Tree::Tally tally = tree.walk("a.zip", bytes, limits, visitor);
//
// Only the containers on the way inwards are open at a time, so memory does not grow with the number of members. A limit
// that is hit ends what it is meant for (a member, or the whole file), is a gap that names it, and what was seen stays.
// The name gives names to what has none ("a.gz" holds "a"); it decides nothing.
class Tree {
public:
    struct Tally {
        std::uint64_t bytes = 0;    // of all objects that were visited
        std::uint32_t members = 0;
    };

    static Result<Tree> open(int spool);
    Tally walk(std::string_view name, Bytes bytes, const Limits& limits, TreeVisitor& visitor);

    static constexpr std::size_t kMaxNameBytes = 4096;  // longer names are cut; zip allows 64 KiB, tar any length

private:
    explicit Tree(formats::Store store) : store_{std::move(store)} {}
    formats::Store store_;
};

}  // namespace ward::scan
