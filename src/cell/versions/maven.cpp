// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/maven.h"

#include "cell/versions/internal/text.h"
#include "core/text.h"

#include <vector>

namespace ward::versions {

namespace {

using version_text::compare_ignoring_case;
using version_text::compare_numbers;
using version_text::is_digit;
using version_text::without_leading_zeros;

constexpr int kRelease = 5;  // "", "ga", "final" and "release": they count as nothing
constexpr int kUnknown =
    7;  // all other words, behind the known ones and in the order of their letters

struct Qualifier {
    std::string_view word;
    int rank;
};

constexpr Qualifier kQualifiers[] = {{"alpha", 0},     {"beta", 1},         {"milestone", 2},
                                     {"rc", 3},        {"cr", 3},           {"snapshot", 4},
                                     {"ga", kRelease}, {"final", kRelease}, {"release", kRelease},
                                     {"sp", 6}};
// These only where a digit follows at once.
constexpr Qualifier kShortQualifiers[] = {{"a", 0}, {"b", 1}, {"m", 2}};

struct Item {
    bool number;
    int rank;  // of a word
    std::string_view text;
};

int rank_of(std::string_view word, bool before_digit) {
    for (const auto& known : kQualifiers) {
        if (equal_ignoring_case(word, known.word)) return known.rank;
    }
    if (before_digit) {
        for (const auto& known : kShortQualifiers) {
            if (equal_ignoring_case(word, known.word)) return known.rank;
        }
    }
    return kUnknown;
}

// An item beside no item.
int compare_to_nothing(const Item& item) {
    if (item.number) return without_leading_zeros(item.text).empty() ? 0 : 1;
    return item.rank < kRelease ? -1 : item.rank > kRelease ? 1 : 0;
}

int compare_items(const Item& a, const Item& b) {
    if (a.number != b.number) return a.number ? 1 : -1;
    if (a.number) return compare_numbers(a.text, b.text);
    if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
    return a.rank == kUnknown ? compare_ignoring_case(a.text, b.text) : 0;
}

// A version is a list of items that may end in a list, and so on: a hyphen, and each change between
// digits and letters, opens the next list within the last one. Items that are nothing are dropped
// from the end of each list.
class Version {
public:
    explicit Version(std::string_view text) {
        open_list();
        bool digits = false;
        std::size_t start = 0;
        const auto so_far = [&](std::size_t at) { return text.substr(start, at - start); };
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (c == '.' || c == '-') {
                if (i == start) {
                    add({true, 0, "0"});
                } else {
                    add(item(digits, so_far(i), false));
                }
                start = i + 1;
                if (c == '-') open_list();
            } else if (is_digit(c)) {
                if (!digits && i > start) {
                    open_list_for_word();
                    add(item(false, so_far(i), true));
                    start = i;
                    open_list();
                }
                digits = true;
            } else {
                if (digits && i > start) {
                    add(item(true, so_far(i), false));
                    start = i;
                    open_list();
                }
                digits = false;
            }
        }
        if (start < text.size()) {
            if (!digits) open_list_for_word();
            add(item(digits, text.substr(start), false));
        }
        drop_nothings();
    }

    int compare(const Version& other) const {
        for (std::size_t depth = 0;; ++depth) {
            const List mine = lists_[depth];
            const List theirs = other.lists_[depth];
            for (std::size_t i = 0;; ++i) {
                const bool left = mine.begin + i < mine.end;
                const bool right = theirs.begin + i < theirs.end;
                if (!left && !right) break;
                int order = 0;
                if (left && right) {
                    order = compare_items(items_[mine.begin + i], other.items_[theirs.begin + i]);
                } else if (left) {
                    order =
                        beside_end(mine.begin + i, other, depth, i == theirs.end - theirs.begin);
                } else {
                    order = -other.beside_end(theirs.begin + i, *this, depth,
                                              i == mine.end - mine.begin);
                }
                if (order != 0) return order;
            }
            // The inner lists stand at the same place only when the items were as many; otherwise
            // the longer list met the other's inner list above, and its own has none beside it.
            const bool left = depth + 1 < lists_.size();
            const bool right = depth + 1 < other.lists_.size();
            if (left && right) continue;
            if (left) return compare_rest_to_nothing(depth + 1);
            if (right) return -other.compare_rest_to_nothing(depth + 1);
            return 0;
        }
    }

private:
    struct List {
        std::size_t begin;
        std::size_t end;
    };

    static Item item(bool number, std::string_view text, bool before_digit) {
        return {number, number ? 0 : rank_of(text, before_digit), text};
    }

    void open_list() { lists_.push_back({items_.size(), items_.size()}); }
    // ".x" is as "-x" at the end and before a digit.
    void open_list_for_word() {
        if (lists_.back().begin != lists_.back().end) open_list();
    }
    void add(const Item& item) {
        items_.push_back(item);
        ++lists_.back().end;
    }

    void drop_nothings() {
        for (auto& list : lists_) {
            while (list.end > list.begin && compare_to_nothing(items_[list.end - 1]) == 0)
                --list.end;
        }
        while (lists_.size() > 1 && lists_.back().begin == lists_.back().end) lists_.pop_back();
    }

    // Item `at` beside what follows the items of the other's list: its inner list, if it stands
    // right there, or nothing.
    int beside_end(std::size_t at, const Version& other, std::size_t depth,
                   bool right_behind) const {
        if (right_behind && depth + 1 < other.lists_.size()) return items_[at].number ? 1 : -1;
        return compare_to_nothing(items_[at]);
    }

    int compare_rest_to_nothing(std::size_t depth) const {
        for (; depth < lists_.size(); ++depth) {
            for (std::size_t i = lists_[depth].begin; i < lists_[depth].end; ++i) {
                if (const int order = compare_to_nothing(items_[i]); order != 0) return order;
            }
        }
        return 0;
    }

    std::vector<Item> items_;
    std::vector<List> lists_;  // each but the last ends in the next
};

}  // namespace

std::optional<int> compare_maven_versions(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return std::nullopt;
    return Version{a}.compare(Version{b});
}

}  // namespace ward::versions
