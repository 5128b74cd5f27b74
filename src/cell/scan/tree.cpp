// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/tree.h"

#include "cell/formats/container.h"
#include "cell/formats/zip.h"
#include "core/text.h"

#include <functional>
#include <memory>
#include <utility>

namespace ward::scan {

namespace {

using formats::Container;
using formats::Store;
using formats::Type;

// A container on the way inwards.
struct Open {
    std::unique_ptr<Container> container;
    Bytes bytes;
    Store::Mark mark;         // above its own content
    std::size_t chain = 0;    // names on the way to it
    std::uint32_t depth = 0;  // containers around its members
};

bool lies_in(Bytes outer, Bytes inner) {
    const std::less_equal<const std::uint8_t*> not_after;
    return !inner.empty() && !outer.empty() && not_after(outer.data(), inner.data()) &&
           not_after(inner.data() + inner.size(), outer.data() + outer.size());
}

// A zip archive glued behind something else. What follows a gzip stream, an ar archive and their like is shown by their
// readers; a tar may hold an archive as it is, near its end, which is only that member and opened as such.
bool may_hide_archive(Type type, Bytes bytes) {
    switch (type) {
        case Type::zip:
        case Type::gzip:
        case Type::xz:
        case Type::zstd:
        case Type::bzip2:
        case Type::ar:
        case Type::deb:
        case Type::cpio: return false;
        case Type::tar: return formats::ZipReader::ends_with_archive(bytes, true);
        default: return formats::ZipReader::ends_with_archive(bytes);
    }
}

struct Suffix {
    std::string_view packed;
    std::string_view unpacked;
};
constexpr Suffix kSuffixes[] = {
    {".gz", ""}, {".xz", ""}, {".zst", ""}, {".bz2", ""}, {".tgz", ".tar"}, {".txz", ".tar"}, {".tbz2", ".tar"}, {".tzst", ".tar"},
};

// As the unpacking programs name their output: "a.tgz" gives "a.tar".
std::string name_inside(std::string_view outer) {
    outer = outer.substr(outer.find_last_of('/') + 1);
    for (const auto& suffix : kSuffixes) {
        if (outer.size() > suffix.packed.size() && equal_ignoring_case(outer.substr(outer.size() - suffix.packed.size()), suffix.packed)) {
            return std::string{outer.substr(0, outer.size() - suffix.packed.size())}.append(suffix.unpacked);
        }
    }
    return "content";
}

class Walk {
public:
    Walk(std::string_view name, Bytes bytes, const Limits& limits, Store& store, TreeVisitor& visitor)
        : name_{name}, limits_{limits}, store_{store}, visitor_{visitor}, deadline_{limits.max_time},
          budget_{limits, bytes.size(), deadline_}, sink_{store, budget_} {
        look(bytes, 0);
        while (!open_.empty() && !budget_.end()) step();
        // Names the place where it happened.
        if (budget_.end()) visitor_.gap(chain_, *budget_.end());
        open_.clear();
        store_.clear();
    }

    Tree::Tally tally() const { return {bytes_, budget_.members()}; }

private:
    // Shows one object, and opens it when it is a container.
    void look(Bytes bytes, std::uint32_t depth) {
        const Type type = formats::detect(bytes);
        bytes_ += bytes.size();
        visitor_.object(chain_, type, bytes, deadline_);
        if (formats::is_sealed(type)) {
            visitor_.gap(chain_, fail(Code::unsupported, "nothing here opens {} yet: only its packed bytes were looked at", type_name(type)));
        }
        push(type, bytes, depth);
        if (may_hide_archive(type, bytes)) push(Type::zip, bytes, depth);
    }

    void push(Type type, Bytes bytes, std::uint32_t depth) {
        auto container = formats::open_container(type, bytes, limits_);
        if (!container) return;
        if (depth >= limits_.max_depth) {
            visitor_.gap(chain_, fail(Code::over_limit, "lies in {} containers; no further ones are opened (max_depth)", depth));
            return;
        }
        open_.push_back({std::move(container), bytes, store_.mark(), chain_.size(), depth + 1});
    }

    // One member of the innermost container, or its end.
    void step() {
        Open& open = open_.back();
        const Bytes outer = open.bytes;
        const std::uint32_t depth = open.depth;
        store_.release(open.mark);
        chain_.resize(open.chain);
        if (!open.container->next(member_, sink_)) {
            if (budget_.end()) return;
            for (const Error& fault : open.container->faults()) visitor_.gap(chain_, fault);
            open_.pop_back();
            return;
        }
        // What came out before a limit ended the file is looked at all the same, as far as the clock allows.
        if (!budget_.end() && !budget_.member()) return;
        std::string name = std::move(member_.name);
        if (name.empty()) name = name_inside(chain_.empty() ? name_ : std::string_view{chain_.back()});
        if (name.size() > Tree::kMaxNameBytes) name.resize(Tree::kMaxNameBytes);
        chain_.push_back(std::move(name));
        for (const Error& fault : member_.faults) {
            // What ended the whole file is told once, at the end.
            if (!budget_.end() || fault.text != budget_.end()->text) visitor_.gap(chain_, fault);
        }
        const Bytes content = member_.content;
        if (lies_in(outer, content) && !budget_.viewed(content.size())) return;
        look(content, depth);
    }

    std::string_view name_;
    const Limits& limits_;
    Store& store_;
    TreeVisitor& visitor_;
    Deadline deadline_;
    formats::Budget budget_;
    formats::Sink sink_;
    std::vector<Open> open_;
    formats::Member member_;
    Chain chain_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Tree> Tree::open(int spool) { return Tree{WARD_TRY(Store::open(spool))}; }

Tree::Tally Tree::walk(std::string_view name, Bytes bytes, const Limits& limits, TreeVisitor& visitor) {
    return Walk{name, bytes, limits, store_, visitor}.tally();
}

}  // namespace ward::scan
