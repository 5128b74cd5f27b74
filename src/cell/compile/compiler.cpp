// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/compiler.h"

#include "cell/compile/internal/condition.h"
#include "cell/compile/internal/parser.h"
#include "cell/compile/internal/reporter.h"
#include "cell/sigdb/conditions.h"
#include "cell/sigdb/writer.h"
#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace ward::compile {

namespace {

constexpr std::size_t kMostOwnHeads = 256;  // of a rule that is listed by them

constexpr std::uint32_t kMaxIncludeDepth = 16;  // as yara
constexpr std::size_t kMaxStrings = 10'000;     // of one rule, as yara
constexpr const char* kFileExternals[] = {"filename", "filepath", "extension", "filetype", "owner"};

// "rules/a.yar" includes "../b.yar" as "rules/../b.yar".
std::string beside(std::string_view including, std::string_view path) {
    if (path.starts_with('/')) return std::string{path};
    const std::size_t slash = including.rfind('/');
    if (slash == std::string_view::npos) return std::string{path};
    return std::string{including.substr(0, slash + 1)} + std::string{path};
}

// Does yara look for it as one literal, or for one in front of a gap of more than 200 bytes? Of these alone it tells the places
// that a condition asks for; of all others every place.
bool is_literal(const PatternSpec& spec) {
    constexpr std::uint64_t kMostJoinedBytes = 200;
    const std::string_view body = spec.body;
    if (spec.kind == PatternSpec::Kind::text) return !spec.base64 && !spec.base64wide;
    if (spec.kind == PatternSpec::Kind::regex) {
        for (std::size_t i = 0; i < body.size(); ++i) {
            if (std::string_view{".[](){}*+?|^$"}.find(body[i]) != std::string_view::npos) return false;
            if (body[i] == '\\' && ++i < body.size() && std::string_view{"wWsSdDbB"}.find(body[i]) != std::string_view::npos) return false;
        }
        return true;
    }
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] == '/') i = body[i + 1] == '/' ? body.find('\n', i) : body.find("*/", i) + 1;  // comments, which have an end
        if (i >= body.size()) return true;
        if (body[i] == '?' || body[i] == '~' || body[i] == '|') return false;
        if (body[i] == '[') {
            const auto jump = body.substr(i + 1, body.find(']', i) - i - 1);
            const auto most = parse_unsigned(trim(jump.substr(jump.find('-') + 1)));
            return !most || *most > kMostJoinedBytes;
        }
    }
    return true;
}

// The bytes that each match begins with, as far as they are plain to see.
std::string start_of(const PatternSpec& spec) {
    if (spec.kind == PatternSpec::Kind::text) {
        const bool other_forms = spec.nocase || spec.wide || spec.has_xor || spec.base64 || spec.base64wide;
        return other_forms ? std::string{} : spec.body;
    }
    std::string start;
    if (spec.kind == PatternSpec::Kind::regex) return start;
    for (std::size_t i = 0; i < spec.body.size(); ++i) {
        if (std::string_view{" \t\r\n"}.find(spec.body[i]) != std::string_view::npos) continue;
        const auto byte = parse_unsigned(std::string_view{spec.body}.substr(i, 2), 16);
        if (!byte || i + 1 >= spec.body.size()) return start;
        start += static_cast<char>(*byte);
        ++i;
    }
    return start;
}

}  // namespace

Result<std::string> NoIncludes::read(const std::string& path) { return fail(Code::denied, "{}: includes are not allowed here", path); }

struct Compiler::Impl {
    Reporter reporter;
    PatternSetBuilder patterns;
    Scope scope;
    std::uint64_t left_out = 0;
    bool strict_escapes = false;

    // What goes into the sections.
    std::map<std::string, std::uint32_t, std::less<>> text_numbers;
    std::vector<std::string> texts;
    std::vector<std::uint32_t> rules;
    std::vector<std::uint32_t> strings;
    std::vector<std::uint32_t> tags;
    std::vector<std::uint32_t> metas;
    std::vector<std::uint32_t> code;
    std::vector<std::uint32_t> always;
    // Rules that hold only with a text at a place of a module, by place and field: text, rule.
    std::map<std::pair<std::vector<std::uint32_t>, std::uint32_t>, std::vector<std::pair<std::uint32_t, std::uint32_t>>> keys;
    std::vector<Heads> heads;  // by rule
    std::vector<std::uint32_t> globals;
    std::vector<std::uint32_t> weak;  // rules that may hold by weak patterns alone
    std::vector<std::uint32_t> externals;
    Buffer regexes;
    std::vector<const modules::Declaration*> asked_modules;  // that conditions ask or sources import
    std::vector<std::pair<std::uint32_t, std::uint32_t>> users;  // pattern, rule
    std::vector<std::string> open_files;                        // being included, outermost first

    std::uint32_t text(std::string_view value) {
        if (const auto found = text_numbers.find(value); found != text_numbers.end()) return found->second;
        const auto number = static_cast<std::uint32_t>(texts.size());
        texts.emplace_back(value);
        text_numbers.emplace(value, number);
        return number;
    }

    void declare(const wire::Externals& given) {
        wire::Externals all = given;
        for (const char* name : kFileExternals) all.try_emplace(name, std::string{});
        for (const auto& [name, value] : all) {
            const auto number = static_cast<std::uint32_t>(externals.size() / sigdb::kExternalWords);
            externals.push_back(text(name));
            externals.push_back(static_cast<std::uint32_t>(value.index()));
            std::uint64_t word = 0;
            Type type = Type::integer;
            if (const auto* integer = std::get_if<std::int64_t>(&value)) word = static_cast<std::uint64_t>(*integer);
            if (const auto* real = std::get_if<double>(&value)) {
                word = std::bit_cast<std::uint64_t>(*real);
                type = Type::real;
            }
            if (const auto* truth = std::get_if<bool>(&value)) {
                word = *truth ? 1 : 0;
                type = Type::boolean;
            }
            if (const auto* content = std::get_if<std::string>(&value)) {
                word = text(*content);
                type = Type::text;
            }
            externals.push_back(static_cast<std::uint32_t>(word));
            externals.push_back(static_cast<std::uint32_t>(word >> 32));
            scope.externals[name] = {number, type};
        }
    }

    void add(const wire::SourceFile& source, IncludeReader& includes) {
        open_files.push_back(source.name);
        std::string_view content = source.text;
        if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
        reporter.enter(source.name, content);
        Parser parser{content, reporter, strict_escapes};
        for (Item item = parser.next(); item.index() != 0; item = parser.next()) {
            if (auto* rule = std::get_if<RuleDefinition>(&item)) {
                add_rule(*rule, source.ruleset);
            } else if (const auto* import = std::get_if<ImportDirective>(&item)) {
                const auto* module = modules::find(import->module);
                if (module == nullptr) {
                    reporter.error(import->span, fmt::format("there is no module {}", import->module));
                } else {
                    scope.imports.insert(import->module);
                    // Also one that no condition asks: a scan may be asked to tell all that its modules know.
                    if (std::find(asked_modules.begin(), asked_modules.end(), module) == asked_modules.end()) asked_modules.push_back(module);
                }
            } else if (const auto* include = std::get_if<IncludeDirective>(&item)) {
                follow(*include, source, includes);
                reporter.enter(source.name, content);
            }
        }
        reporter.rule("");
        open_files.pop_back();
    }

    void follow(const IncludeDirective& include, const wire::SourceFile& source, IncludeReader& includes) {
        const std::string path = beside(source.name, include.path);
        if (open_files.size() > kMaxIncludeDepth) {
            reporter.error(include.span, fmt::format("includes are nested more than {} deep", kMaxIncludeDepth));
            return;
        }
        if (std::find(open_files.begin(), open_files.end(), path) != open_files.end()) {
            reporter.error(include.span, fmt::format("{} includes itself", path));
            return;
        }
        auto content = includes.read(path);
        if (!content) {
            reporter.error(include.span, fmt::format("cannot include: {}", content.error().text));
            return;
        }
        add({path, std::move(*content), source.ruleset}, includes);
    }

    void add_rule(RuleDefinition& rule, const std::string& ruleset) {
        reporter.rule(rule.name);
        auto& known = scope.rules[ruleset];
        if (const auto same = known.find(rule.name); same != known.end()) {
            reporter.error(rule.span, fmt::format("there is a rule {} already", rule.name));
            ++left_out;
            return;
        }
        if (scope.externals.contains(rule.name)) {
            reporter.error(rule.span, fmt::format("{} is an external variable", rule.name));
            rule.faulty = true;
        }
        const bool good = !rule.faulty && rule.condition != nullptr && compile(rule, ruleset);
        // A rule that refers to a faulty one is told so, instead of that there is none.
        if (!good) {
            ++left_out;
            known.emplace(rule.name, Scope::kFaulty);
        }
        reporter.rule("");
    }

    bool compile(RuleDefinition& rule, const std::string& ruleset) {
        std::set<std::string> tag_names;
        for (const auto& [name, span] : rule.tags) {
            if (!tag_names.insert(name).second) return refuse(span, fmt::format("the tag {} stands here twice", name));
        }
        std::vector<ConditionString> declared;
        std::set<std::string> names;
        if (rule.strings.size() > kMaxStrings) return refuse(rule.span, fmt::format("a rule has {} strings at most", kMaxStrings));
        bool good = true;
        for (const auto& string : rule.strings) {
            if (string.name != "$" && !names.insert(string.name).second) {
                good = refuse(string.span, fmt::format("there is a string {} already", string.name));
                continue;
            }
            PatternError why;
            const auto facts = patterns.add(string.spec, why);
            if (!facts) {
                Span span = string.body_span;
                if (string.offsets_exact && why.offset > 0 && why.offset + 1 < span.length) {
                    span.offset += 1 + static_cast<std::uint32_t>(why.offset);
                    span.length = 1;
                }
                good = refuse(span, why.text);
                continue;
            }
            if (facts->slow) reporter.warning(string.body_span, fmt::format("string {} has no two bytes to look for and slows scanning down", string.name));
            declared.push_back({string.name, facts->id, start_of(string.spec)});
        }
        if (!good) return false;

        ConditionCompiler compiler{scope, ruleset, declared, reporter, [this](std::string_view value) { return text(value); }, regexes,
                                   asked_modules};
        const auto words = compiler.compile(*rule.condition);
        if (!words) return false;
        for (std::size_t i = 0; i < declared.size(); ++i) {
            if (declared[i].used || rule.strings[i].name.starts_with("$_")) continue;
            return refuse(rule.strings[i].span, fmt::format("string {} is never used in the condition; a name that begins with $_ may be", rule.strings[i].name));
        }

        const auto number = static_cast<std::uint32_t>(rules.size() / sigdb::kRuleWords);
        scope.rules[ruleset][rule.name] = number;
        rules.push_back(text(rule.name));
        rules.push_back(text(ruleset.empty() ? "default" : ruleset));
        rules.push_back((rule.is_global ? sigdb::kGlobalRule : 0U) | (rule.is_private ? sigdb::kPrivateRule : 0U));
        rules.push_back(static_cast<std::uint32_t>(tags.size()));
        rules.push_back(static_cast<std::uint32_t>(rule.tags.size()));
        for (const auto& [name, span] : rule.tags) tags.push_back(text(name));
        rules.push_back(static_cast<std::uint32_t>(metas.size() / sigdb::kMetaWords));
        rules.push_back(static_cast<std::uint32_t>(rule.metas.size()));
        for (const auto& meta : rule.metas) add_meta(meta);
        rules.push_back(static_cast<std::uint32_t>(strings.size() / sigdb::kStringWords));
        rules.push_back(static_cast<std::uint32_t>(declared.size()));
        const std::uint64_t most = compiler.speaks() ? PatternSetBuilder::kAnySize : most_bytes(*words);
        heads.push_back(compiler.speaks() ? std::nullopt : heads_of(*words, heads));
        // In the sieve of no head its strings would never be found, and whoever asks for rules that do not hold wants their places.
        if (heads.back() && heads.back()->empty()) heads.back().reset();
        bool is_weak = false;
        for (std::size_t i = 0; i < declared.size(); ++i) {
            patterns.use(declared[i].pattern, most, heads.back());
            is_weak = is_weak || patterns.weak(declared[i].pattern);
            strings.push_back(declared[i].pattern);
            strings.push_back(text(declared[i].name));
            strings.push_back(string_flags(rule.strings[i], declared[i]));
            users.emplace_back(declared[i].pattern, number);
        }
        rules.push_back(static_cast<std::uint32_t>(code.size()));
        rules.push_back(static_cast<std::uint32_t>(words->size()));
        code.insert(code.end(), words->begin(), words->end());
        if (rule.is_global) globals.push_back(number);
        if (is_weak) {
            rules[std::size_t{number} * sigdb::kRuleWords + sigdb::kRuleFlags] |= sigdb::kWeakRule;
            const auto may_match = [&](std::uint32_t pattern) { return pattern != sigdb::kCurrentString && patterns.weak(pattern); };
            if (compiler.speaks() || may_hold_by(*words, may_match)) weak.push_back(number);
        }
        if (compiler.speaks() || may_hold_without_matches(*words)) {
            auto key = compiler.speaks() ? std::nullopt : text_key(*words);
            if (key) {
                auto& entries = keys[{std::move(key->place), key->field}];
                for (const std::uint32_t value : key->texts) entries.emplace_back(value, number);
            } else {
                always.push_back(number);
            }
            patterns.ask(heads.back());
        }
        return true;
    }

    static std::uint32_t string_flags(const StringDefinition& string, const ConditionString& asked) {
        std::uint32_t flags = string.is_private ? sigdb::kPrivateString : 0U;
        if (string.spec.kind == PatternSpec::Kind::hex) flags |= sigdb::kHexString;
        if (asked.places) flags |= sigdb::kPlacesAsked;
        if (!asked.many) flags |= sigdb::kFewSuffice;
        // An offset beyond what fits is as good as none: then all places are told.
        if (asked.only_at && !asked.anywhere && is_literal(string.spec) && *asked.only_at >= 0 && *asked.only_at < sigdb::kMaxOnlyOffset) {
            flags |= sigdb::kOnlyAtOffset | static_cast<std::uint32_t>(*asked.only_at) << sigdb::kOnlyOffsetShift;
        }
        return flags;
    }

    bool refuse(Span span, std::string why) {
        reporter.error(span, std::move(why));
        return false;
    }

    void add_meta(const MetaDefinition& meta) {
        metas.push_back(text(meta.name));
        std::uint64_t word = 0;
        sigdb::MetaKind kind = sigdb::MetaKind::text;
        if (const auto* content = std::get_if<std::string>(&meta.value)) word = text(*content);
        if (const auto* integer = std::get_if<std::int64_t>(&meta.value)) {
            kind = sigdb::MetaKind::integer;
            word = static_cast<std::uint64_t>(*integer);
        }
        if (const auto* truth = std::get_if<bool>(&meta.value)) {
            kind = sigdb::MetaKind::boolean;
            word = *truth ? 1 : 0;
        }
        metas.push_back(static_cast<std::uint32_t>(kind));
        metas.push_back(static_cast<std::uint32_t>(word));
        metas.push_back(static_cast<std::uint32_t>(word >> 32));
    }

    static Buffer words_of(const std::vector<std::uint32_t>& words) {
        Buffer out;
        out.reserve(words.size() * 4);
        for (const std::uint32_t word : words) sigdb::put_u32(out, word);
        return out;
    }

    // For each head of the sieves the rules that files which begin so may fulfil: heads, heads + 1 offsets, then the rules. Rules that ask for
    // a few other heads are behind them, as pairs of head and rule.
    Buffer by_head(const std::vector<std::uint32_t>& chosen) const {
        const auto& known = patterns.heads();
        std::vector<std::uint32_t> words(known.size() + 2, 0);
        std::vector<std::pair<std::uint32_t, std::uint32_t>> of_others;
        words[0] = static_cast<std::uint32_t>(known.size());
        for (std::size_t head = 0; head < known.size(); ++head) {
            for (const std::uint32_t rule : chosen) {
                if (!patterns.concerns(head, heads[rule])) continue;
                if (head > 0 || !heads[rule] || heads[rule]->size() > kMostOwnHeads) {
                    words.push_back(rule);
                    continue;
                }
                for (const std::uint32_t value : *heads[rule]) {
                    if (std::find(known.begin(), known.end(), value) == known.end()) of_others.emplace_back(value, rule);
                }
            }
            words[head + 2] = static_cast<std::uint32_t>(words.size() - known.size() - 2);
        }
        std::sort(of_others.begin(), of_others.end());
        for (const auto& [value, rule] : of_others) words.insert(words.end(), {value, rule});
        return words_of(words);
    }

    // Also puts the nodes of the places behind the conditions.
    Buffer key_section() {
        std::vector<std::uint32_t> kinds{static_cast<std::uint32_t>(keys.size())};
        std::vector<std::uint32_t> all;
        for (auto& [place, entries] : keys) {
            std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
                return std::tie(texts[a.first], a.second) < std::tie(texts[b.first], b.second);
            });
            std::uint32_t concerned = 0;
            for (std::size_t head = 0; head < patterns.heads().size(); ++head) {
                const bool any = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return patterns.concerns(head, heads[entry.second]); });
                if (any) concerned |= 1U << head;
            }
            kinds.insert(kinds.end(), {static_cast<std::uint32_t>(code.size()), static_cast<std::uint32_t>(place.first.size()), place.second, concerned,
                                       static_cast<std::uint32_t>(all.size() / sigdb::kKeyEntryWords), static_cast<std::uint32_t>(entries.size())});
            code.insert(code.end(), place.first.begin(), place.first.end());
            for (const auto& [value, rule] : entries) all.insert(all.end(), {value, rule});
        }
        kinds.insert(kinds.end(), all.begin(), all.end());
        return words_of(kinds);
    }

    Buffer text_section() const {
        Buffer out;
        sigdb::put_u32(out, static_cast<std::uint32_t>(texts.size()));
        std::uint32_t offset = 0;
        for (const auto& value : texts) {
            sigdb::put_u32(out, offset);
            offset += static_cast<std::uint32_t>(value.size());
        }
        sigdb::put_u32(out, offset);
        for (const auto& value : texts) sigdb::put_bytes(out, as_bytes(value));
        return out;
    }

    Buffer user_section() {
        std::sort(users.begin(), users.end());
        users.erase(std::unique(users.begin(), users.end()), users.end());
        std::vector<std::uint32_t> words(std::size_t{patterns.count()} + 1, 0);
        for (const auto& [pattern, rule] : users) ++words[pattern + 1];
        for (std::size_t i = 1; i < words.size(); ++i) words[i] += words[i - 1];
        for (const auto& [pattern, rule] : users) words.push_back(rule);
        return words_of(words);
    }
};

Compiler::Compiler(wire::Externals externals, bool strict_escapes) : impl_{std::make_unique<Impl>()} {
    impl_->declare(externals);
    impl_->strict_escapes = strict_escapes;
}
Compiler::~Compiler() = default;
Compiler::Compiler(Compiler&&) noexcept = default;
Compiler& Compiler::operator=(Compiler&&) noexcept = default;

void Compiler::add(const wire::SourceFile& source, IncludeReader& includes) {
    // Each source imports for itself.
    impl_->scope.imports.clear();
    impl_->add(source, includes);
}

Compiled Compiler::finish() && {
    Impl& all = *impl_;
    Compiled out;
    sigdb::Writer writer;
    out.patterns = all.patterns.count();
    Buffer users = all.user_section();
    if (auto finished = all.patterns.finish(writer); !finished) {
        all.reporter.error_without_place(finished.error().text);
        all = Impl{};
        all.declare({});
        users = all.user_section();
        writer = sigdb::Writer{};
        WARD_CHECK(all.patterns.finish(writer).ok());
    }
    out.rules = all.rules.size() / sigdb::kRuleWords;
    out.left_out = all.left_out;
    writer.add(sigdb::kRuleTable, Impl::words_of(all.rules));
    writer.add(sigdb::kRuleStrings, Impl::words_of(all.strings));
    writer.add(sigdb::kRuleTags, Impl::words_of(all.tags));
    writer.add(sigdb::kRuleMetas, Impl::words_of(all.metas));
    Buffer keys = all.key_section();
    writer.add(sigdb::kRuleCode, Impl::words_of(all.code));
    writer.add(sigdb::kRuleAlways, all.by_head(all.always));
    writer.add(sigdb::kRuleUsers, std::move(users));
    writer.add(sigdb::kRuleExternals, Impl::words_of(all.externals));
    writer.add(sigdb::kRuleRegexes, std::move(all.regexes));
    writer.add(sigdb::kRuleGlobals, Impl::words_of(all.globals));
    writer.add(sigdb::kRuleWeak, all.by_head(all.weak));
    std::vector<std::uint32_t> asked;
    for (const auto* module : all.asked_modules) asked.push_back(all.text(module->name));
    writer.add(sigdb::kRuleModules, Impl::words_of(asked));
    writer.add(sigdb::kRuleKeys, std::move(keys));
    writer.add(sigdb::kRuleTexts, all.text_section());
    out.diagnostics = std::move(all.reporter).take();
    out.database = std::move(writer).finish();
    return out;
}

}  // namespace ward::compile
