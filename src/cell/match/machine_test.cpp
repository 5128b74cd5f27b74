// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/machine.h"

#include "cell/compile/patterns.h"
#include "cell/sigdb/automaton.h"
#include "cell/sigdb/view.h"
#include "cell/sigdb/writer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace ward::match {
namespace {

// All automata of an expression, with the direction in which they run.
struct Automata {
    Buffer database;
    Bytes bytes;
    std::vector<std::pair<std::uint32_t, bool>> offsets;
};

std::optional<Automata> automata_of(const std::string& body) {
    compile::PatternSetBuilder builder;
    compile::PatternSpec spec;
    spec.kind = compile::PatternSpec::Kind::regex;
    spec.body = body;
    spec.dot_all = true;
    compile::PatternError why;
    if (!builder.add(spec, why)) return std::nullopt;
    sigdb::Writer writer;
    if (!builder.finish(writer)) return std::nullopt;
    Automata out;
    out.database = std::move(writer).finish();
    const auto view = sigdb::View::open(out.database);
    if (!view) return std::nullopt;
    out.bytes = view->section(sigdb::SectionId::pattern_bytes).value();
    const sigdb::Numbers<std::uint32_t> variants{view->section(sigdb::SectionId::pattern_variants).value()};
    for (std::size_t i = 0; i < variants.size(); i += sigdb::kVariantBytes / 4) {
        if (variants[i + 4] != sigdb::kNoAutomaton) out.offsets.emplace_back(variants[i + 4], true);
        if (variants[i + 5] != sigdb::kNoAutomaton) out.offsets.emplace_back(variants[i + 5], false);
    }
    return out;
}

// From every place of the text, with machines from the first step on and without any.
void expect_alike(const Automata& automata, const std::string& text, std::size_t stride = 1) {
    Runner plain{Runner::kNoMachines};
    Runner fast{0};
    for (const auto& [offset, backwards] : automata.offsets) {
        const auto automaton = AutomatonView::open(automata.bytes, offset);
        ASSERT_TRUE(automaton);
        for (std::uint64_t start = 0; start <= text.size(); start += stride) {
            const Runner::Task task{as_bytes(text), start, backwards, false};
            if (backwards) {
                EXPECT_EQ(fast.run_all(*automaton, task), plain.run_all(*automaton, task)) << start;
            } else {
                EXPECT_EQ(fast.run(*automaton, task), plain.run(*automaton, task)) << start;
                fast.forget_text();
                EXPECT_EQ(fast.any(*automaton, task), plain.any(*automaton, task)) << start;
                if (start % 7 == 0) continue;
                EXPECT_EQ(fast.run(*automaton, task), plain.run(*automaton, task)) << start;
            }
            // One that loses patience in the middle of its first run.
            Runner sudden{20};
            if (backwards) EXPECT_EQ(sudden.run_all(*automaton, task), plain.run_all(*automaton, task)) << start;
            else EXPECT_EQ(sudden.run(*automaton, task), plain.run(*automaton, task)) << start;
            if (::testing::Test::HasFailure()) return;
        }
        // And the earliest end of those that begin anywhere behind.
        std::uint64_t want = text.size() + 1;
        for (std::uint64_t start = text.size() + 1; !backwards && stride == 1 && start-- > 0;) {
            const Runner::Task task{as_bytes(text), start, false, false};
            const auto& ends = plain.run_all(*automaton, task);
            if (!ends.empty()) want = std::min(want, ends.front());
            EXPECT_EQ(fast.next_end(*automaton, task, text.size()), want) << start;
            EXPECT_EQ(fast.next_end(*automaton, task, std::min<std::uint64_t>(text.size(), start + 5)), std::min<std::uint64_t>({want, start + 6, text.size() + 1})) << start;
            if (::testing::Test::HasFailure()) return;
        }
    }
}

TEST(Machine, TellsWhatTheAutomatonTells) {
    const char* const bodies[] = {
        "(a+)+b", "[ab]*c[ab]*", "[ab]*?c[ab]*?", "(ab|a)(c|bcd)(d*)", "a{3,5}b?", "[ab]{9}c", "[ab]{9,12}", "[ab]{9,}?c", "(a?){6}a{6}", ".{20,30}c",
        "[^c]{10}", "(a|b){2,4}?c{1,2}?", "[ab]+[cd]+", "((a*)*)*d", "[ab]{12}(c|d){2}[ab]*", "c.*d.*a",
        "[ab]+$", "\\b[ab]+\\b", "[ab ]*\\B[ab]", "^[ab ]+c?", "([ab]+\\b)+", "a+(\\b|^|$)[ b]*", "^", "[ab ]+?$",
    };
    std::mt19937 random{1};
    for (const char* body : bodies) {
        SCOPED_TRACE(body);
        const auto automata = automata_of(body);
        ASSERT_TRUE(automata);
        for (int round = 0; round < 30; ++round) {
            std::string text(random() % 200, 'a');
            const auto letters = 1 + random() % 4;
            const auto seldom = 1 + random() % 20;
            for (char& c : text) {
                if (random() % seldom == 0) c = (round % 2 == 0 ? "abcd" : "a bc")[random() % letters];
            }
            expect_alike(*automata, text);
        }
    }
}

TEST(Machine, EndsAtTheLongestMatch) {
    for (const char* body : {"[ab]+", "[ab]*c", "[ab]{4000}", "[ab]{4096}c?", "[ab]{4097}", "d[ab]+c?", "[ab]*dddddddd"}) {
        SCOPED_TRACE(body);
        const auto automata = automata_of(body);
        ASSERT_TRUE(automata);
        std::string text(3 * Runner::kMaxMatchBytes, 'a');
        text[Runner::kMaxMatchBytes + 7] = 'c';
        text.replace(2 * Runner::kMaxMatchBytes + 100, 8, "dddddddd");
        expect_alike(*automata, text, 13);
    }
}

TEST(NearestByte, FindsWhatALookAtEachFinds) {
    std::mt19937 random{2};
    NearestByte::Set set{};
    set['x'] = true;
    for (int round = 0; round < 200; ++round) {
        std::string text(1 + random() % 100, 'a');
        for (char& c : text) c = random() % 17 == 0 ? 'x' : 'a';
        NearestByte behind{set};
        NearestByte before{set};
        std::uint64_t start = 0;
        for (int i = 0; i < 40; ++i) {
            start = random() % 9 == 0 ? random() % text.size() : std::min<std::uint64_t>(start + random() % 4, text.size());
            const std::uint64_t end = std::min<std::uint64_t>(start + random() % 30, text.size());
            std::uint64_t want = start;
            while (want < end && text[want] != 'x') ++want;
            EXPECT_EQ(behind.behind(as_bytes(text), start, end), want);
            const std::uint64_t limit = start - std::min<std::uint64_t>(start, random() % 30);
            want = start;
            while (want > limit && text[want - 1] != 'x') --want;
            EXPECT_EQ(before.before(as_bytes(text), start, limit), want);
        }
    }
}

}  // namespace
}  // namespace ward::match
