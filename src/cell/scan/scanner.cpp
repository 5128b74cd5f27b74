// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/scanner.h"

#include "core/text.h"
#include "model/encode.h"

#include <utility>

namespace ward::scan {

namespace {

constexpr std::string_view kProcessType = "process";  // among the names of formats::type_name

struct NameParts {
    std::string folder;
    std::string name;
    std::string extension;  // ".gz", in lower case; empty when there is none
};

NameParts take_apart(std::string_view path) {
    const auto slash = path.find_last_of('/');
    NameParts parts;
    parts.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (slash != std::string_view::npos) parts.folder = slash == 0 ? "/" : path.substr(0, slash);
    const auto dot = parts.name.find_last_of('.');
    if (dot != std::string::npos) parts.extension = to_lower_ascii(parts.name.substr(dot));
    return parts;
}

class Look : public TreeVisitor {
public:
    Look(const Object& file, const match::RuleScanner* rules, match::RuleScanner::Scratch* scratch, const Limits& limits,
         wire::Externals& externals, const ScanManner& manner, match::RuleScanner::ModuleInputs inputs)
        : file_{file}, rules_{rules}, scratch_{scratch}, limits_{limits}, externals_{externals}, manner_{manner}, inputs_{std::move(inputs)} {
        if (manner.console) inputs_.log = [this](std::string_view line) { log(line); };
        if (manner.all_hits || manner.unsatisfied) {
            max_matches_ = Scanner::kMaxManyMatches;
            max_match_bytes_ = Scanner::kMaxManyMatchBytes;
        }
    }

    void object(const Chain& chain, formats::Type type, Bytes bytes, Deadline& deadline) override {
        if (chain.empty()) verdict_.type = formats::type_name(type);
        if (rules_ == nullptr) return;
        if (manner_.file_names) set_externals(file_.path, chain, formats::type_name(type));
        take(chain, rules_->scan(bytes, externals_, *scratch_, deadline, inputs_, manner_, left_for_matches()));
    }

    Tree::Tally process(const ProcessMemory::Sources& sources) {
        verdict_.type = kProcessType;
        Deadline deadline{limits_.max_time};
        Deadline listing{limits_.max_time / 3};  // so that time is left to look at what was listed
        auto memory = ProcessMemory::open(sources, listing);
        if (!memory) {
            gap({}, memory.error());
            return {};
        }
        if (memory->unlisted_bytes() > 0) {
            gap({}, fail(Code::over_limit, "which pages of {} that are reserved in it hold something was not found out within {} ms (a third of max_time)",
                         human_bytes(memory->unlisted_bytes()), (limits_.max_time / 3).count()));
        }
        if (rules_ == nullptr) return {memory->bytes(), 0};
        if (manner_.file_names) set_externals(file_.program, {}, kProcessType);
        take({}, rules_->scan(*memory, externals_, *scratch_, deadline, inputs_, manner_, left_for_matches()));
        if (memory->ended()) {
            gap({}, fail(Code::truncated, "the process ended, or began another program, while its memory was looked through"));
        } else if (memory->unread_bytes() > 0) {
            gap({}, fail(Code::denied, "{} of its memory cannot be read", human_bytes(memory->unread_bytes())));
        }
        return {memory->bytes(), 0};
    }

    void gap(const Chain& chain, const Error& error) override {
        gap_bytes_ += 64 + encoded_bytes(chain) + error.text.size();
        if (verdict_.gaps.size() >= Scanner::kMaxGaps || gap_bytes_ > Scanner::kMaxGapBytes) {
            ++more_gaps_;
            return;
        }
        Gap entry;
        entry.where.members = chain;
        entry.code = error.code;
        entry.why = error.text;
        verdict_.gaps.push_back(std::move(entry));
    }

    Verdict finish(const Tree::Tally& tally) && {
        verdict_.bytes = tally.bytes;
        verdict_.members = tally.members;
        if (more_gaps_ > 0) last_gap(fmt::format("and {} more gaps inside this file", more_gaps_));
        if (more_lines_ > 0) last_gap(fmt::format("and {} more lines that rules logged", more_lines_));
        if (more_hits_ > 0) warn(fmt::format("{} more places where strings matched are not told", more_hits_));
        if (more_matches_ > 0) last_gap(fmt::format("and {} more matches inside this file", more_matches_));
        return std::move(verdict_);
    }

private:
    void take(const Chain& chain, match::RuleScanner::Outcome outcome) {
        more_hits_ += outcome.more_hits;
        if (outcome.timed_out) {
            gap(chain, fail(Code::over_limit, "not all rules were decided within {} ms (max_time)", limits_.max_time.count()));
        }
        tell(std::move(outcome.module_data));
        for (auto& warning : outcome.warnings) warn(std::move(warning));
        for (auto& match : outcome.matches) {
            match.members = chain;
            add(std::move(match));
        }
    }

    void add(Match match) {
        // Where the places fill the answer, the rule is told all the same. The scan left out most of what is too much; it
        // does not know the chain.
        if (const std::size_t bytes = encoded_bytes(match); manner_.all_hits && bytes > left_for_matches()) {
            std::size_t kept = bytes;
            while (!match.hits.empty() && kept > left_for_matches()) {
                kept -= encoded_bytes(match.hits.back());
                match.hits.pop_back();
                ++more_hits_;
            }
        }
        match_bytes_ += encoded_bytes(match);
        if (verdict_.matches.size() >= max_matches_ || match_bytes_ > max_match_bytes_) {
            ++more_matches_;
            return;
        }
        verdict_.matches.push_back(std::move(match));
    }

    // Some room stays for rules without places.
    std::size_t left_for_matches() const {
        const std::size_t most = max_match_bytes_ - max_match_bytes_ / 8;
        return match_bytes_ < most ? most - match_bytes_ : 0;
    }

    void warn(std::string warning) {
        if (manner_.warnings && verdict_.warnings.size() < Verdict::kMaxWarnings) verdict_.warnings.push_back(std::move(warning));
    }

    void tell(std::string module_data) {
        if (module_data.size() > Verdict::kMaxTalkBytes - talk_bytes_) {
            last_gap(fmt::format("what modules know takes more than {} bytes, too many to tell", Verdict::kMaxTalkBytes - talk_bytes_));
            return;
        }
        talk_bytes_ += module_data.size();
        verdict_.module_data += module_data;
    }

    void log(std::string_view line) {
        if (verdict_.console.size() >= Verdict::kMaxConsoleLines || line.size() + 4 > Verdict::kMaxTalkBytes - talk_bytes_) {
            ++more_lines_;
            return;
        }
        talk_bytes_ += line.size() + 4;
        verdict_.console.emplace_back(line);
    }

    void last_gap(std::string why) {
        Gap entry;
        entry.code = Code::over_limit;
        entry.why = std::move(why);
        verdict_.gaps.push_back(std::move(entry));
    }

    // A member's folder is the file with the chain behind it: a rule for "/tmp/" holds for what lies in an archive there.
    void set_externals(std::string path, const Chain& chain, std::string_view type) {
        for (const auto& name : chain) path.append("/").append(name);
        NameParts parts = take_apart(path);
        externals_["filename"] = std::move(parts.name);
        externals_["filepath"] = std::move(parts.folder);
        externals_["extension"] = std::move(parts.extension);
        externals_["filetype"] = std::string{type};
        externals_["owner"] = fmt::format("{}", file_.owner);
    }

    const Object& file_;
    const match::RuleScanner* rules_;
    match::RuleScanner::Scratch* scratch_;
    const Limits& limits_;
    wire::Externals& externals_;
    const ScanManner& manner_;
    match::RuleScanner::ModuleInputs inputs_;
    std::size_t max_matches_ = Scanner::kMaxMatches;
    std::size_t max_match_bytes_ = Scanner::kMaxMatchBytes;
    Verdict verdict_;
    std::size_t match_bytes_ = 0;
    std::size_t gap_bytes_ = 0;
    std::uint64_t more_matches_ = 0;
    std::uint64_t more_gaps_ = 0;
    std::uint64_t more_hits_ = 0;
    std::size_t talk_bytes_ = 0;
    std::uint64_t more_lines_ = 0;
};

}  // namespace

Result<Scanner> Scanner::open(const match::RuleScanner* rules, const Limits& limits, wire::Externals externals, int spool, ScanManner manner,
                              std::map<std::string, Bytes, std::less<>> module_data) {
    if (rules != nullptr) WARD_TRY(rules->check_data(module_data));
    Scanner scanner{rules, limits, std::move(externals), WARD_TRY(Tree::open(spool)), std::move(manner)};
    scanner.inputs_.data = std::move(module_data);
    return scanner;
}

Scanner::Scanner(const match::RuleScanner* rules, const Limits& limits, wire::Externals externals, Tree tree, ScanManner manner)
    : rules_{rules}, limits_{limits}, externals_{std::move(externals)}, manner_{std::move(manner)}, tree_{std::move(tree)} {
    if (rules_ != nullptr) scratch_.emplace(*rules_);
}

Verdict Scanner::scan(const Object& object, Bytes bytes) {
    Look look{object, rules_, scratch_ ? &*scratch_ : nullptr, limits_, externals_, manner_, inputs_};
    if (!manner_.members) {
        Deadline deadline{limits_.max_time};
        look.object({}, manner_.file_names ? formats::detect(bytes) : formats::Type::data, bytes, deadline);
        return std::move(look).finish({bytes.size(), 0});
    }
    const Tree::Tally tally = tree_.walk(object.path, bytes, limits_, look);
    return std::move(look).finish(tally);
}

Verdict Scanner::scan(const Object& object, const ProcessMemory::Sources& sources) {
    Look look{object, rules_, scratch_ ? &*scratch_ : nullptr, limits_, externals_, manner_, inputs_};
    const Tree::Tally tally = look.process(sources);
    return std::move(look).finish(tally);
}

}  // namespace ward::scan
