// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ward::sigdb {

// What a section holds. The number stands in the file, so a number is never used again for something else.
// docs/warddb.md gives the layout of each.
enum class SectionId : std::uint32_t {
    // 1 to 31: patterns. Written by cell/compile/patterns, read by cell/match/patterns.
    pattern_summary = 1,     // counts and the sizes of the tables below
    pattern_variants = 2,    // what is to be verified where an atom was seen: literals, masked literals, automata
    pattern_bytes = 3,       // literals, masks, automata
    pattern_filter = 4,      // bitmaps over hashes of folded bytes
    pattern_windows = 5,     // hash tables: folded bytes → a run of atoms
    pattern_atoms = 6,       // atoms of sieves, then short ones
    pattern_short = 7,       // atoms of one to three bytes
    pattern_everywhere = 8,  // variants without any atom
    pattern_chains = 9,      // patterns whose parts are joined after the scan
    pattern_weak = 10,       // bitmap over slots: found by short atoms or everywhere, so looked for only when it matters
    pattern_sieves = 11,     // which filter and which table belong together, and for what texts
    pattern_short_of = 12,   // by slot: its short atoms
    pattern_tags = 13,       // a byte for each place of the hash tables
    // 32 to 63: rules and conditions. Written by cell/compile/compiler, read by cell/match/rules.
    first_of_rules = 32,
    last_of_rules = 63,
    // 64 to 95: advisories, in a database of their own. Written by cell/advisories/builder, read by cell/advisories/view.
    advisory_summary = 64,     // layout, counts
    advisory_texts = 65,       // all texts
    advisory_packages = 66,    // by ecosystem and name
    advisory_affected = 67,    // what an advisory says of a package
    advisory_events = 68,      // where ranges begin and end
    advisory_versions = 69,    // affected ones, named one by one
    advisory_records = 70,     // by id
    advisory_names = 71,       // CVEs and aliases of the records
    advisory_cves = 72,        // what is known of exploitation, by CVE
    advisory_life_cycles = 73, // by product
    advisory_sources = 74,     // where all this is from
    advisory_ecosystems = 75,  // how many packages of each
};

}  // namespace ward::sigdb
