// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include <gtest/gtest.h>

#include <string>

namespace ward::modules {
namespace {

constexpr std::string_view kReport = R"({
    "network": {
        "hosts": ["192.168.0.1", 7, "", "evil\u0000hidden"],
        "domains": [{"ip": "1.2.3.4", "domain": "evil.example"}, {"domain": "noip.example"}, {"ip": 5, "domain": "number.example"}, "evil"],
        "dns": [{"ip": "1.2.3.4", "hostname": "older.example"}],
        "http": [
            {"uri": "http://a/in", "method": "Get", "user-agent": "Curl"},
            {"uri": "http://a/out", "method": "POST"},
            {"uri": "http://a/other", "method": "HEAD"},
            {"uri": "http://a/none", "user-agent": 3}
        ],
        "tcp": [{"dport": 443, "dst": "10.0.0.1"}, {"dport": 4294967376, "dst": "10.0.0.2"}, {"dport": 25.0, "dst": "10.0.0.3"}],
        "udp": [{"dport": 53, "dst": "10.0.0.1"}, {"dport": 54}]
    },
    "behavior": {"summary": {"keys": ["HKLM\\Run"], "files": ["C:\\a.exe"], "mutexes": ["only-one"]}}
})";

const std::string_view kWords[] = {"evil", "hidden", "noip", "number", "older", "/in", "/out", "/other", "/none", "Curl", "10.0.0.1", "10.0.0.2", "10.0.0.3",
                                   "Run", "a.exe", "only", ""};

// The regular expression with a number finds the word of that number.
Regex word(std::string_view text) {
    for (std::uint32_t i = 0; i < std::size(kWords); ++i) {
        if (kWords[i] == text) return {i};
    }
    ADD_FAILURE() << text;
    return {};
}

std::string call(std::string_view report, std::string_view part, std::string_view name, std::vector<Value> arguments) {
    Environment environment;
    environment.data["cuckoo"] = as_bytes(report);
    environment.last_match = [](Regex regex, std::string_view text) -> std::optional<std::uint64_t> {
        const std::size_t at = text.find(kWords[regex.offset]);
        if (at == std::string_view::npos) return std::nullopt;
        return at + kWords[regex.offset].size();
    };
    Instance in{kCuckoo, environment};
    for (std::size_t i = 0; i < kCuckoo.fields.size(); ++i) {
        if (kCuckoo.fields[i].name != part) continue;
        const Object& owner = *std::get<const Object*>(in.root().member(i));
        for (const auto& field : owner.fields()) {
            if (field.name != name) continue;
            const Value value = field.signatures[0].run(in, owner, arguments);
            const auto* number = std::get_if<std::int64_t>(&value);
            return number == nullptr ? "undefined" : std::to_string(*number);
        }
    }
    return "no such function";
}

TEST(Cuckoo, AnswersFromTheReport) {
    struct Case { const char* part; const char* name; const char* word; std::int64_t port; const char* want; };
    const Case cases[] = {
        {"network", "host", "evil", 0, "1"},
        {"network", "host", "hidden", 0, "0"},
        {"network", "host", "Run", 0, "0"},
        {"network", "dns_lookup", "evil", 0, "1"},
        {"network", "dns_lookup", "noip", 0, "0"},
        {"network", "dns_lookup", "number", 0, "0"},
        {"network", "dns_lookup", "older", 0, "0"},
        {"network", "http_get", "/in", 0, "1"},
        {"network", "http_get", "/out", 0, "0"},
        {"network", "http_post", "/out", 0, "1"},
        {"network", "http_post", "/in", 0, "0"},
        {"network", "http_request", "/in", 0, "1"},
        {"network", "http_request", "/out", 0, "1"},
        {"network", "http_request", "/other", 0, "0"},
        {"network", "http_request", "/none", 0, "0"},
        {"network", "http_user_agent", "Curl", 0, "1"},
        {"network", "http_user_agent", "Run", 0, "0"},
        {"network", "tcp", "10.0.0.1", 443, "1"},
        {"network", "tcp", "10.0.0.1", 80, "0"},
        {"network", "tcp", "10.0.0.2", 80, "1"},
        {"network", "tcp", "10.0.0.3", 25, "0"},
        {"network", "udp", "10.0.0.1", 53, "1"},
        {"network", "udp", "10.0.0.1", 443, "0"},
        {"network", "udp", "", 54, "0"},
        {"network", "host", "", 0, "0"},
        {"registry", "key_access", "Run", 0, "1"},
        {"registry", "key_access", "a.exe", 0, "0"},
        {"filesystem", "file_access", "a.exe", 0, "1"},
        {"filesystem", "file_access", "Run", 0, "0"},
        {"sync", "mutex", "only", 0, "1"},
        {"sync", "mutex", "Run", 0, "0"},
    };
    for (const auto& c : cases) {
        std::vector<Value> arguments{word(c.word)};
        if (c.port != 0) arguments.emplace_back(c.port);
        EXPECT_EQ(call(kReport, c.part, c.name, arguments), c.want) << c.name << ' ' << c.word << ' ' << c.port;
    }
}

TEST(Cuckoo, ReadsAReportOnceForAllFiles) {
    std::string report = R"({"network": {"hosts": ["evil"]}})";
    ASSERT_TRUE(check_data("cuckoo", as_bytes(report)));
    EXPECT_EQ(call(report, "network", "host", {word("evil")}), "1");
    report.replace(report.find("evil"), 4, "good");
    EXPECT_EQ(call(report, "network", "host", {word("evil")}), "1");
    ASSERT_TRUE(check_data("cuckoo", as_bytes(report)));  // the next scan
    EXPECT_EQ(call(report, "network", "host", {word("evil")}), "0");
    report[0] = '3';
    EXPECT_FALSE(check_data("cuckoo", as_bytes(report)));
    EXPECT_EQ(call(report, "network", "host", {word("evil")}), "0");
}

TEST(Cuckoo, FindsNothingWhereAReportIsSilent) {
    for (const char* report : {"", "{}", "[]", "{", R"({"network": 3})", R"({"network": {"hosts": {"evil": 1}}})", R"({"network": {"hosts": [""]}})"}) {
        EXPECT_EQ(call(report, "network", "host", {word("")}), "0") << report;
        EXPECT_EQ(call(report, "sync", "mutex", {word("")}), "0") << report;
    }
    // Of reports of the older kind, and of such where the newer list is none.
    EXPECT_EQ(call(R"({"network": {"dns": [{"ip": "1", "hostname": "older"}]}})", "network", "dns_lookup", {word("older")}), "1");
    EXPECT_EQ(call(R"({"network": {"domains": 1, "dns": [{"ip": "1", "hostname": "older"}]}})", "network", "dns_lookup", {word("older")}), "0");
}

TEST(Cuckoo, FindsNothingWithoutAMatcher) {
    Environment environment;
    environment.data["cuckoo"] = as_bytes(kReport);
    Instance in{kCuckoo, environment};
    const Object& network = *std::get<const Object*>(in.root().member(0));
    const std::vector<Value> arguments{Regex{0}};
    for (const auto& field : network.fields().first(6)) {
        EXPECT_EQ(field.signatures[0].run(in, network, arguments), Value{std::int64_t{0}}) << field.name;
    }
}

TEST(Cuckoo, AcceptsReportsOnly) {
    for (const char* report : {"", "{}", "[]", " {\"a\": 1}\n"}) EXPECT_TRUE(check_data("cuckoo", as_bytes(report)).ok()) << report;
    for (const char* report : {"3", "{", "{} x", "\"text\""}) EXPECT_FALSE(check_data("cuckoo", as_bytes(report)).ok()) << report;
    EXPECT_TRUE(check_data("time", as_bytes("{")).ok());
    EXPECT_TRUE(check_data("no_module", as_bytes("{")).ok());
}

}  // namespace
}  // namespace ward::modules
