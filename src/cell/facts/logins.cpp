// SPDX-License-Identifier: Apache-2.0
// The table `logins`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/collector.h"
#include "core/cursor.h"

#include <map>

namespace ward::facts {
namespace {

constexpr std::string_view kLastlog = "/var/log/lastlog";
constexpr std::string_view kWtmpFiles[] = {"/var/log/wtmp.1", "/var/log/wtmp"};
// Where newer systems keep the same; nothing here reads these databases.
constexpr std::string_view kDatabases[] = {"stat:/var/lib/lastlog/lastlog2.db", "stat:/var/lib/wtmpdb/wtmp.db"};

// lastlog.h and utmp.h of the C library on 64-bit machines whose records hold times of 32 bits, amd64 among them.
constexpr std::uint64_t kLastlogBytes = 292;  // time, terminal, host
constexpr std::uint64_t kUtmpBytes = 384;
constexpr std::uint64_t kLineBytes = 32;
constexpr std::uint64_t kNameBytes = 32;
constexpr std::uint64_t kHostBytes = 256;
constexpr std::uint64_t kUtmpLineOffset = 8;
constexpr std::uint64_t kUtmpNameOffset = 44;
constexpr std::uint64_t kUtmpHostOffset = 76;
constexpr std::uint64_t kUtmpTimeOffset = 340;
constexpr std::uint16_t kUserProcess = 7;
constexpr std::uint16_t kLastKind = 9;

struct Login {
    std::uint32_t time = 0;  // seconds since 1970; the field is signed, but no login is older than that
    std::string_view terminal;
    std::string_view host;
};

// Up to the first NUL byte, which a full field does not have.
Result<std::string_view> text_at(Bytes record, std::uint64_t offset, std::uint64_t size) {
    const std::string_view field = as_text(WARD_TRY(slice(record, offset, size)));
    return field.substr(0, field.find('\0'));
}

Result<Login> read_lastlog_record(Bytes record) {
    Login login;
    login.time = WARD_TRY(u32le_at(record, 0));
    login.terminal = WARD_TRY(text_at(record, 4, kLineBytes));
    login.host = WARD_TRY(text_at(record, 4 + kLineBytes, kHostBytes));
    return login;
}

struct WtmpRecord {
    std::uint16_t kind;
    std::string_view name;
    Login login;
};
Result<WtmpRecord> read_wtmp_record(Bytes record) {
    WtmpRecord found;
    found.kind = WARD_TRY(u16le_at(record, 0));
    found.name = WARD_TRY(text_at(record, kUtmpNameOffset, kNameBytes));
    found.login.time = WARD_TRY(u32le_at(record, kUtmpTimeOffset));
    found.login.terminal = WARD_TRY(text_at(record, kUtmpLineOffset, kLineBytes));
    found.login.host = WARD_TRY(text_at(record, kUtmpHostOffset, kHostBytes));
    return found;
}

// By user id, which is the place of the record in the file.
void read_lastlog(const Source& source, std::map<std::uint64_t, Login>& logins, Collector& out) {
    Cursor cursor{source.bytes};
    for (std::uint64_t uid = 0; !cursor.at_end(); ++uid) {
        const auto record = cursor.take(kLastlogBytes);
        const auto login = record ? read_lastlog_record(*record) : Result<Login>{record.error()};
        if (!login) {
            out.gap(source.about.name, 0, login.error().code, "a record that is cut off");
            return;
        }
        if (login->time != 0) logins[uid] = *login;
    }
}

void read_wtmp(const Source& source, std::map<std::string_view, Login>& logins, Collector& out) {
    Cursor cursor{source.bytes};
    while (!cursor.at_end()) {
        const auto record = cursor.take(kUtmpBytes);
        const auto read = record ? read_wtmp_record(*record) : Result<WtmpRecord>{record.error()};
        if (!read || read->kind > kLastKind) {
            const Code code = read ? Code::malformed : read.error().code;
            out.gap(source.about.name, 0, code, read ? "a record of no known kind" : "a record that is cut off");
            return;
        }
        if (read->kind != kUserProcess || read->name.empty()) continue;
        const auto [known, fresh] = logins.try_emplace(read->name, read->login);
        if (!fresh && known->second.time <= read->login.time) known->second = read->login;
    }
}

}  // namespace

wire::ParseAnswer parse_logins(const Request& request) {
    Collector out;
    std::map<std::uint64_t, Login> by_uid;
    std::map<std::string_view, Login> by_name;
    if (const Source* source = request.find(kLastlog)) read_lastlog(*source, by_uid, out);
    for (const auto file : kWtmpFiles) {
        if (const Source* source = request.find(file)) read_wtmp(*source, by_name, out);
    }
    for (const auto database : kDatabases) {
        const Source* source = request.find(database);
        if (source == nullptr || source->about.state != wire::SourceBytes::State::whole) continue;
        out.gap(database.substr(database.find(':') + 1), 0, Code::unsupported, "a database of logins, which is not read");
    }
    std::map<std::uint64_t, std::string_view> names;
    std::map<std::string_view, std::uint32_t> uids;
    for (const Account& account : read_passwd(request, out)) {
        names.try_emplace(account.uid, account.name);
        uids.try_emplace(account.name, account.uid);
    }
    for (const auto& [uid, login] : by_uid) {
        const auto name = names.find(uid);
        out.add({name == names.end() ? null() : text(name->second), number(uid), number(login.time), text(login.terminal),
                 text(login.host), text("lastlog")});
    }
    for (const auto& [name, login] : by_name) {
        const auto uid = uids.find(name);
        out.add({text(name), uid == uids.end() ? null() : number(uid->second), number(login.time), text(login.terminal),
                 text(login.host), text("wtmp")});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
