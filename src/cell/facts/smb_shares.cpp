// SPDX-License-Identifier: Apache-2.0
// The table `smb_shares`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <map>

namespace ward::facts {
namespace {

constexpr std::string_view kConf = "/etc/samba/smb.conf";
constexpr std::size_t kMaxFiles = 1'000;  // included ones; a file that includes itself ends here
constexpr std::size_t kMaxShares = 10'000;

enum Field : std::size_t { path, valid_users, guest_ok, read_only, browseable, available, valid, kFields };
enum class Kind { text, flag, opposite };
struct Parameter {
    std::string_view name;  // as plain() gives it
    Field field;
    Kind kind;
};
constexpr Parameter kParameters[] = {
    {"path", path, Kind::text},
    {"directory", path, Kind::text},
    {"validusers", valid_users, Kind::text},
    {"guestok", guest_ok, Kind::flag},
    {"public", guest_ok, Kind::flag},
    {"readonly", read_only, Kind::flag},
    {"writeable", read_only, Kind::opposite},
    {"writable", read_only, Kind::opposite},
    {"writeok", read_only, Kind::opposite},
    {"browseable", browseable, Kind::flag},
    {"browsable", browseable, Kind::flag},
    {"available", available, Kind::flag},
    {"-valid", valid, Kind::flag},
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Case and blanks do not count in the names of parameters and in most values: "Guest OK" is "guestok".
std::string plain(std::string_view name) {
    std::string out = to_lower_ascii(name);
    std::erase_if(out, is_blank);
    return out;
}

std::optional<bool> yes_or_no(std::string_view word) {
    const std::string known = plain(word);
    for (const char* yes : {"yes", "true", "on", "1"})
        if (known == yes) return true;
    for (const char* no : {"no", "false", "off", "0"})
        if (known == no) return false;
    return std::nullopt;
}

struct Share {
    std::string name;
    std::array<std::string, kFields> values{"", "", "", "1", "1", "1", "1"};  // flags are "1" or empty
    std::bitset<kFields> own;  // said by the share itself, so that a copy leaves it
    std::string file;
    std::uint64_t line = 0;

    bool is(Field field) const { return !values[field].empty(); }
};

// smb.conf(5), and where it is silent, as Samba's loader does: a share starts with what [global] has said so far; a section that
// comes again goes on; what stands before the first section is global; included files are read in their place.
class SmbConf {
public:
    SmbConf(const Request& request, Collector& out) : request_{request}, out_{out} {}

    void read() {
        if (const Source* source = request_.find(kConf)) open_.push_back({Lines{*source, out_}, source->about.name});
        while (!open_.empty()) {
            std::string line;
            if (!next(open_.back(), line)) open_.pop_back();
            else statement(line);
        }
        leave_section();
        for (const Share& share : shares_) {
            if (!share.is(available) || !share.is(valid)) continue;
            std::string_view folder = share.values[path];
            if (folder.size() > 1 && folder.front() == '"' && folder.back() == '"') folder = folder.substr(1, folder.size() - 2);
            out_.add({text(share.name), text_or_null(folder), flag(share.is(guest_ok)), flag(share.is(read_only)),
                      flag(share.is(browseable)), text_or_null(share.values[valid_users]), text(map_to_guest_),
                      text_or_null(min_protocol_), text(share.file), number(share.line)});
        }
    }

private:
    struct Open {
        Lines lines;
        std::string file;
        std::uint64_t line = 0;  // where the statement begins
    };

    void gap(Code code, std::string why) { out_.gap(open_.back().file, open_.back().line, code, std::move(why)); }
    // Samba stops reading at such a line, so it does not start; what we tell is what would hold without the line.
    void refused(std::string why) { gap(Code::malformed, std::move(why)); }

    // The next line that is no comment, with those that continue it, and with one blank where more stand together.
    bool next(Open& from, std::string& line) {
        while (from.lines.next()) {
            const std::string_view first = trim(from.lines.text());
            if (first.empty() || first.starts_with('#') || first.starts_with(';')) continue;
            from.line = from.lines.number();
            line.clear();
            bool fits = append(line, first);
            while (goes_on(line) && from.lines.next()) fits = append(line, from.lines.text()) && fits;
            if (fits) return true;
            gap(Code::over_limit, "continued lines of more than 64 KiB");
        }
        return false;
    }

    static bool append(std::string& line, std::string_view part) {
        // Beyond the limit nothing but the end counts, which tells whether the next line belongs to this one too.
        const bool fits = line.size() + part.size() <= kMaxLineBytes;
        if (!fits) line.clear();
        for (const char c : part)
            if (line.empty() || !is_blank(line.back()) || !is_blank(c)) line.push_back(c);
        return fits;
    }

    static bool goes_on(std::string& line) {
        const std::size_t last = line.find_last_not_of(" \t\r\v\f");
        if (last == std::string::npos || line[last] != '\\') return false;
        line.resize(last);
        return true;
    }

    void statement(std::string_view line) {
        if (line.starts_with('[')) {
            const std::size_t end = line.find(']');
            if (end == std::string_view::npos) return refused("a section without a closing bracket");
            return section(line.substr(1, end - 1));
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return;  // Samba passes over it
        const std::string name = plain(line.substr(0, equals));
        if (name.empty()) return refused("a value without a name");
        setting(name, trim(line.substr(equals + 1)));
    }

    void section(std::string_view name) {
        const std::string known = plain(name);
        if (known == "global" || known == "globals") {
            in_global_ = true;
            return;
        }
        leave_section();
        in_global_ = false;
        // Blanks count here, unlike in the names of parameters.
        const auto [found, is_new] = places_.try_emplace(to_lower_ascii(name), shares_.size());
        if (is_new && shares_.size() == kMaxShares) {
            places_.erase(found);
            section_ = &beyond_;
            return gap(Code::over_limit, fmt::format("more than {} shares", kMaxShares));
        }
        if (name.empty()) refused("a section without a name");
        if (is_new) {
            shares_.push_back(defaults_);
            shares_.back().own.reset();
            shares_.back().name = name;
            shares_.back().file = open_.back().file;
            shares_.back().line = open_.back().line;
        }
        section_ = &shares_[found->second];
    }

    // Samba looks at a share when the next begins, and switches it off for good if it has no path by then.
    void leave_section() {
        if (section_ == nullptr) return;
        const std::string known = plain(section_->name);
        if (known == "printers") section_->values[browseable].clear();
        if (section_->values[path].empty() && known != "homes") section_->values[available].clear();
    }

    void setting(std::string_view name, std::string_view value) {
        for (const Parameter& parameter : kParameters)
            if (parameter.name == name) return set(parameter, value);
        if (name == "copy") return copy(value);
        if (name == "include") return include(value);
        if (!in_global_) return;
        if (name == "maptoguest") map_to_guest(value);
        else if (name == "serverminprotocol" || name == "minprotocol") min_protocol_ = plain(value);
        else if (name == "configfile") gap(Code::unsupported, "another file in place of this one, which is not followed");
        else if (name == "configbackend" && plain(value) != "file") gap(Code::unsupported, "settings in the registry");
        else if (name == "registryshares" && yes_or_no(value) == true) gap(Code::unsupported, "shares in the registry");
    }

    void set(const Parameter& parameter, std::string_view value) {
        Share& share = in_global_ ? defaults_ : *section_;
        share.own.set(parameter.field);
        if (parameter.kind == Kind::text) {
            share.values[parameter.field] = value;
            return;
        }
        const auto answer = yes_or_no(value);
        if (!answer) return refused("neither yes nor no");
        share.values[parameter.field] = *answer == (parameter.kind == Kind::flag) ? "1" : "";
    }

    void map_to_guest(std::string_view value) {
        for (const char* known : {"never", "bad user", "bad password", "bad uid"}) {
            if (plain(known) != plain(value)) continue;
            map_to_guest_ = known;
            return;
        }
        refused("guests are mapped in a way that is not known");
    }

    void copy(std::string_view name) {
        if (in_global_) return refused("a copy outside of a share");
        const auto from = places_.find(to_lower_ascii(name));
        if (from == places_.end() || !shares_[from->second].is(valid)) return refused("copies a share that is not there");
        const Share& source = shares_[from->second];
        if (&source == section_) return refused("copies itself");
        for (std::size_t i = 0; i < kFields; ++i)
            if (!section_->own.test(i)) section_->values[i] = source.values[i];
    }

    void include(std::string_view name) {
        if (name.empty()) return;
        if (!name.starts_with('/') || name.find_first_of("%*?[") != std::string_view::npos) {
            return gap(Code::unsupported, "includes what is not the same for everybody");
        }
        const Source* source = request_.find(name);
        if (source == nullptr) return out_.want(std::string{name});
        if (++files_ > kMaxFiles) return gap(Code::over_limit, fmt::format("includes more than {} files", kMaxFiles));
        open_.push_back({Lines{*source, out_}, source->about.name});
    }

    const Request& request_;
    Collector& out_;
    std::vector<Open> open_;
    std::size_t files_ = 0;
    Share defaults_;
    std::vector<Share> shares_;
    std::map<std::string, std::size_t> places_;  // by name in small letters, in shares_
    Share beyond_;                               // takes what stands in shares beyond the limit
    Share* section_ = nullptr;                   // the last share that was begun, which [global] does not end
    bool in_global_ = true;
    std::string map_to_guest_ = "never";
    std::string min_protocol_;
};

}  // namespace

wire::ParseAnswer parse_smb_shares(const Request& request) {
    Collector out;
    SmbConf{request, out}.read();
    return std::move(out).finish();
}

}  // namespace ward::facts
