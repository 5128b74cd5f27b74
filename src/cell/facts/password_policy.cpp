// SPDX-License-Identifier: Apache-2.0
// The table `password_policy`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/pam_files.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace ward::facts {
namespace {

constexpr std::string_view kLoginDefs = "login.defs";

struct ConfFile {
    std::string_view component;
    std::string_view path;
};
// libpwquality reads its folder first, in the order of the names, and the file after it (pwquality.conf(5)).
constexpr std::string_view kPwqualityFolder = "/etc/security/pwquality.conf.d/";
constexpr ConfFile kConfFiles[] = {
    {kLoginDefs, "/etc/login.defs"},
    {"pwquality", "/etc/security/pwquality.conf"},
    {"faillock", "/etc/security/faillock.conf"},
    {"pwhistory", "/etc/security/pwhistory.conf"},
};
constexpr std::string_view kModules[] = {"cracklib", "faildelay", "faillock", "passwdqc", "pwhistory", "pwquality", "tally2", "unix"};

struct Setting {
    std::string component;
    std::string key;
    std::string value;
    bool from_pam = false;
    std::string file;
    std::uint64_t line = 0;
};

class Policy {
public:
    explicit Policy(const Request& request) : request_{request} {}

    void read_conf_files() {
        for (const Source& source : request_.sources) {
            if (std::string_view{source.about.name}.starts_with(kPwqualityFolder)) read_conf("pwquality", source);
        }
        for (const auto& conf : kConfFiles) {
            if (const Source* source = request_.find(conf.path)) read_conf(conf.component, *source);
        }
    }

    // Each file once, however many services use it; also those that are outside of the folders of PAM.
    void read_pam_files() {
        PamFiles files{request_, out_};
        std::vector<const Source*> queue;
        std::set<const Source*> known;
        const auto add = [&](std::string_view name) {
            const Source* source = files.find(name);
            if (source != nullptr && known.insert(source).second) queue.push_back(source);
        };
        for (const auto& service : files.services()) add(service);
        for (std::size_t i = 0; i < queue.size(); ++i) {
            const std::string_view path = queue[i]->about.name;
            for (const PamLine& line : files.lines_of(*queue[i])) {
                if (line.names_a_file()) add(line.module);
                else read_module(line, path);
            }
        }
    }

    wire::ParseAnswer finish() && {
        std::map<std::pair<std::string_view, std::string_view>, const Setting*> winners;
        for (const Setting& setting : settings_) {
            const Setting*& winner = winners[{setting.component, setting.key}];
            if (winner == nullptr || !winner->from_pam || setting.from_pam) winner = &setting;
        }
        for (const Setting& setting : settings_) {
            const bool wins = setting.from_pam || winners[{setting.component, setting.key}] == &setting;
            out_.add({text(setting.component), text(setting.key), text(setting.value), text(setting.from_pam ? "pam" : "conf"),
                      flag(wins), text(setting.file), number(setting.line)});
        }
        return std::move(out_).finish();
    }

private:
    void read_conf(std::string_view component, const Source& source) {
        const bool login_defs = component == kLoginDefs;
        for (Lines lines{source, out_}; lines.next();) {
            std::string_view line = trim(lines.text());
            // A '#' later in a line of login.defs belongs to the value.
            if (login_defs && line.starts_with('#')) continue;
            if (!login_defs) line = trim(line.substr(0, line.find('#')));
            if (line.empty()) continue;
            const std::size_t end = std::min(line.find_first_of(login_defs ? " \t" : " \t\v\f\r="), line.size());
            const std::string_view key = line.substr(0, end);
            std::string_view value = trim(line.substr(end));
            if (login_defs) {
                value.remove_prefix(std::min(value.find_first_not_of(" \t\""), value.size()));
                value = value.substr(0, value.find('"'));
            } else {
                value.remove_prefix(std::min(value.find_first_not_of(" \t\v\f\r="), value.size()));
            }
            if (key.empty() || (login_defs && end == line.size())) {
                out_.gap(source.about.name, lines.number(), Code::malformed, "a setting without a name, or without a value");
                continue;
            }
            settings_.push_back({std::string{component}, to_lower_ascii(key), std::string{value}, false, source.about.name, lines.number()});
        }
    }

    void read_module(const PamLine& line, std::string_view path) {
        std::string_view name = base_name(line.module);
        if (!name.starts_with("pam_") || !name.ends_with(".so")) return;
        name = name.substr(4, name.size() - 7);
        if (std::find(std::begin(kModules), std::end(kModules), name) == std::end(kModules)) return;
        const auto add_pam = [&](std::string_view key, std::string_view value) {
            settings_.push_back({std::string{name}, to_lower_ascii(key), std::string{value}, true, std::string{path}, line.line});
        };
        add_pam("present", "");
        for (std::string_view rest = line.arguments; !rest.empty();) {
            std::string_view word = take_pam_word(rest);
            if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
            const std::size_t equals = word.find('=');
            const std::string_view value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
            add_pam(word.substr(0, equals), value);
            if (word.starts_with("conf=/") && (name == "faillock" || name == "pwhistory")) read_named_conf(name, value, path, line.line);
        }
    }

    void read_named_conf(std::string_view component, std::string_view path, std::string_view file, std::uint64_t line) {
        for (const auto& conf : kConfFiles) {
            if (conf.path == path) return;
        }
        if (path.find_first_of("*?[") != std::string_view::npos) {
            out_.gap(file, line, Code::unsupported, "the name of a file with '*', '?' or '[' in it");
            return;
        }
        if (!named_.insert(std::string{path}).second) return;
        const Source* source = request_.find(path);
        if (source == nullptr) out_.want(std::string{path});
        else read_conf(component, *source);
    }

    const Request& request_;
    Collector out_;
    std::vector<Setting> settings_;
    std::set<std::string> named_;
};

}  // namespace

wire::ParseAnswer parse_password_policy(const Request& request) {
    Policy policy{request};
    policy.read_conf_files();
    policy.read_pam_files();
    return std::move(policy).finish();
}

}  // namespace ward::facts
