// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/address.h"
#include "cell/facts/internal/sshd_config.h"
#include "cell/facts/internal/sshd_keywords.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kStatus = "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2+deb12u3\n";

Sources server(std::string_view config, std::string_view status = kStatus) {
    Sources sources;
    sources.file("/etc/ssh/sshd_config", config).file("/var/lib/dpkg/status", status);
    sources.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n");
    sources.file("/etc/group", "root:x:0:\nalice:x:1000:\nbob:x:1001:\nsftp:x:50:bob\nempty:x:51:\n");
    return sources;
}

// Rows of these keys alone, with all of their columns.
Strings rows(const wire::ParseAnswer& answer, const Strings& keys) {
    Strings found;
    for (const auto& line : columns("sshd_effective", answer, {"user", "address", "key", "value", "line", "criteria"})) {
        const auto parts = split(line, '|');
        if (std::find(keys.begin(), keys.end(), parts[2]) != keys.end()) found.push_back(line);
    }
    return found;
}

TEST(SshdWords, KnowsQuotesEscapesAndComments) {
    struct Case { std::string_view text; std::optional<Strings> want; };
    const Case cases[] = {
        {"a b\tc", Strings{"a", "b", "c"}}, {"\"a b\" 'c d'", Strings{"a b", "c d"}}, {"a # b", Strings{"a"}},
        {"a#b", Strings{"a#b"}},            {R"(a\ b \"c \d)", Strings{"a b", "\"c", "\\d"}}, {"", Strings{}},
        {"\"a", std::nullopt},              {"a'", std::nullopt},                     {"\"\"", Strings{""}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto found = sshd_words(c.text);
        EXPECT_EQ(found.ok(), c.want.has_value());
        if (found && c.want) {
            EXPECT_EQ(*found, *c.want);
        }
    }
}

TEST(SshdPattern, MatchesAsOpenSshDoes) {
    struct Case { std::string_view list; std::string_view text; bool want; };
    const Case cases[] = {
        {"a*", "abc", true},   {"*", "", true},          {"?b", "ab", true},  {"?", "", false},     {"a,b", "b", true},
        {"*,!b", "b", false},  {"!b", "a", false},       {"a*c*e", "abcde", true}, {"a*c*e", "abcd", false}, {"A", "a", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.list);
        EXPECT_EQ(sshd_pattern_list(c.list, c.text), c.want);
    }
}

TEST(SshdValue, IsWrittenAsTheServerPrintsIt) {
    struct Case { std::string_view keyword; std::string_view value; std::optional<Strings> want; };
    const Case cases[] = {
        {"permitrootlogin", "prohibit-password", Strings{"without-password"}}, {"permitrootlogin", "true", std::nullopt},
        {"passwordauthentication", "\"YES\" # always", Strings{"yes"}},        {"passwordauthentication", "yes no", std::nullopt},
        {"logingracetime", "1m30s", Strings{"90"}},                            {"logingracetime", "1y", std::nullopt},
        {"unusedconnectiontimeout", "0", Strings{"none"}},                     {"maxauthtries", "-1", std::nullopt},
        {"streamlocalbindmask", "111", Strings{"0111"}},                       {"streamlocalbindmask", "8", std::nullopt},
        {"banner", "NONE", Strings{"none"}},                                   {"banner", "issue", Strings{"/issue"}},
        {"forcecommand", "echo 'a' # b", Strings{"echo 'a' # b"}},             {"ipqos", "ef", Strings{"ef ef"}},
        {"acceptenv", "LANG LC_*", Strings{"LANG", "LC_*"}},                   {"permitopen", "host", std::nullopt},
        {"maxstartups", "10:30:60", Strings{"10:30:60"}},                      {"maxstartups", "70:30:60", std::nullopt},
        {"rekeylimit", "1G 1h", Strings{"1073741824 3600"}},                   {"rekeylimit", "15", std::nullopt},
        {"rekeylimit", "default none", Strings{"0"}},                          {"unusedconnectiontimeout", "NONE", Strings{"none"}},
        {"port", "65535", Strings{"65535"}},                                   {"port", "0", std::nullopt},
        {"port", "022", Strings{"22"}},                                        {"port", "70000", std::nullopt},
        {"persourcenetblocksize", "24", Strings{"24:0"}},                    {"persourcenetblocksize", "33", std::nullopt},
        {"maxstartups", "10", Strings{"10:30:10"}},                            {"authenticationmethods", "any publickey", std::nullopt},
        {"permitlisten", "8080", Strings{"*:8080"}},                           {"subsystem", "sftp", std::nullopt},
        {"casignaturealgorithms", "-ecdsa*,sk-*", Strings{"ssh-ed25519,rsa-sha2-512,rsa-sha2-256"}},
        {"casignaturealgorithms", "^ssh-rsa,-x", std::nullopt},                {"ciphers", "aes*", std::nullopt},
        {"ciphers", "^aes256-cbc",
         Strings{"aes256-cbc,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(fmt::format("{} {}", c.keyword, c.value));
        const SshdKeyword* const keyword = sshd_keywords().find(c.keyword);
        ASSERT_NE(keyword, nullptr);
        const auto found = read_sshd_value(*keyword, c.value, true);
        EXPECT_EQ(found.ok(), c.want.has_value());
        if (found && c.want) {
            EXPECT_EQ(*found, *c.want);
        }
    }
}

TEST(SshServer, ShowsLinesWithIncludedFilesInPlace) {
    auto sources = server("Include sshd_config.d/*.conf\n  PermitRootLogin = no # never\nMatch User bob\n Include /etc/ssh/bob\n X11Forwarding yes\nMatch all\nBanner /x\n");
    sources.file("/etc/ssh/sshd_config.d/a.conf", "Port 22\nMatch Group sftp\nForceCommand internal-sftp\n")
        .file("/etc/ssh/sshd_config.d/.b.conf", "Port 23\n").file("/etc/ssh/sshd_config.d/c.off", "Port 24\n")
        .file("/etc/ssh/bob", "PermitTTY no\n");
    const auto answer = sources.parse(parse_ssh_server);
    EXPECT_EQ(columns("ssh_server", answer, {"keyword", "value", "criteria", "file", "line"}),
              (Strings{"port|22||/etc/ssh/sshd_config.d/a.conf|1",
                       "forcecommand|internal-sftp|Group sftp|/etc/ssh/sshd_config.d/a.conf|3",
                       "permitrootlogin|no # never||/etc/ssh/sshd_config|2", "permittty|no|User bob|/etc/ssh/bob|1",
                       "x11forwarding|yes|User bob|/etc/ssh/sshd_config|5", "banner|/x|all|/etc/ssh/sshd_config|7"}));
    EXPECT_EQ(answer.wants, (Strings{"/etc/ssh/sshd_config.d/*.conf", "/etc/ssh/bob"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(SshServer, MakesGapsOfWhatTheServerRefuses) {
    const auto answer = server("PermitRootLogin\n\"Port 22\nMatch User\nMatch Moon full\nMatch all User bob\nInclude \"x\nInclude ~/y\nMatch \nPort 22\n")
                            .parse(parse_ssh_server);
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/ssh/sshd_config:1 malformed", "/etc/ssh/sshd_config:2 malformed", "/etc/ssh/sshd_config:3 malformed",
                                        "/etc/ssh/sshd_config:4 unsupported", "/etc/ssh/sshd_config:5 malformed", "/etc/ssh/sshd_config:6 malformed",
                                        "/etc/ssh/sshd_config:7 unsupported", "/etc/ssh/sshd_config:8 malformed"}));
}

TEST(SshServer, EndsWhenFilesIncludeOneAnother) {
    const auto answer = server("Include sshd_config sshd_config\nPort 22\n").parse(parse_ssh_server);
    ASSERT_FALSE(answer.rows.gaps.empty());
    EXPECT_LE(answer.rows.rows.size(), 50'000u);
}

TEST(SshdEffective, GivesTheFirstValueAndDefaults) {
    const auto answer = server("MaxAuthTries 3\nMaxAuthTries 4\nPort 22\nPort 2222\nAcceptEnv A B\nAcceptEnv C\nFingerprintHash md5\nFingerprintHash sha256\n")
                            .parse(parse_sshd_effective);
    EXPECT_EQ(rows(answer, {"maxauthtries", "port", "acceptenv", "permitrootlogin", "fingerprinthash"}),
              (Strings{"||port|22|3|", "||port|2222|4|", "||maxauthtries|3|1|", "||permitrootlogin|without-password||",
                       "||fingerprinthash|SHA256|8|", "||acceptenv|A|5|", "||acceptenv|B|5|", "||acceptenv|C|6|"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(SshdEffective, SetsTheTwoLimitsForNewKeysEachOnItsOwn) {
    const auto answer = server("RekeyLimit 1G\nRekeyLimit 512M 1h\nRekeyLimit 512M 2h\nMatch User bob\nRekeyLimit default none\nMatch User alice\nRekeyLimit 1M 5m\n")
                            .parse(parse_sshd_effective);
    EXPECT_EQ(rows(answer, {"rekeylimit"}), (Strings{"||rekeylimit|1073741824 3600|1|", "bob||rekeylimit|0 3600|5|User bob",
                                                     "alice||rekeylimit|1048576 300|7|User alice"}));
    EXPECT_EQ(rows(server("RekeyLimit 1G none\n").parse(parse_sshd_effective), {"rekeylimit"}), (Strings{"||rekeylimit|1073741824 0|1|"}));
}

TEST(SshdEffective, LetsNoneWinWhereTheServerDoes) {
    EXPECT_EQ(rows(server("UnusedConnectionTimeout 5m\nUnusedConnectionTimeout none\n").parse(parse_sshd_effective), {"unusedconnectiontimeout"}),
              (Strings{"||unusedconnectiontimeout|none|2|"}));
    EXPECT_EQ(rows(server("UnusedConnectionTimeout 5m\nUnusedConnectionTimeout 0\n").parse(parse_sshd_effective), {"unusedconnectiontimeout"}),
              (Strings{"||unusedconnectiontimeout|300|1|"}));
}

TEST(SshdEffective, ListensOnEachPortOfEachAddress) {
    EXPECT_EQ(rows(server("Port 1\nPort 2\nListenAddress 10.0.0.1\nListenAddress [::1]:3\nListenAddress fe80::1\n").parse(parse_sshd_effective),
                   {"listenaddress"}),
              (Strings{"||listenaddress|10.0.0.1:1|3|", "||listenaddress|10.0.0.1:2|3|", "||listenaddress|[::1]:3|4|",
                       "||listenaddress|[fe80::1]:1|5|", "||listenaddress|[fe80::1]:2|5|"}));
    EXPECT_EQ(rows(server("AddressFamily inet\n").parse(parse_sshd_effective), {"listenaddress"}), (Strings{"||listenaddress|0.0.0.0:22||"}));
}

TEST(SshdEffective, TellsWhatMatchBlocksChange) {
    const auto answer = server("PasswordAuthentication no\nMatch User alice\nPasswordAuthentication yes\n"
                               "Match Group sftp Address 10.0.0.0/8\nPasswordAuthentication yes\nX11Forwarding no\n"
                               "Match User alice\nPasswordAuthentication no\nMatch User carol,svc*\nPermitTTY no\nMatch Group gone\nPermitTTY no\n"
                               "Match LocalPort 2222\nPermitTTY no\n")
                            .parse(parse_sshd_effective);
    EXPECT_EQ(rows(answer, {"passwordauthentication", "permittty"}),
              (Strings{"||passwordauthentication|no|1|", "||permittty|yes||", "|localport 2222|permittty|no|14|LocalPort 2222",
                       "alice||passwordauthentication|yes|3|User alice", "alice|10.0.0.0/8|passwordauthentication|yes|3|User alice",
                       "alice|localport 2222|passwordauthentication|yes|3|User alice", "alice|localport 2222|permittty|no|14|LocalPort 2222",
                       "bob|10.0.0.0/8|passwordauthentication|yes|5|Group sftp Address 10.0.0.0/8", "bob|localport 2222|permittty|no|14|LocalPort 2222",
                       "carol||permittty|no|10|User carol,svc*", "carol|10.0.0.0/8|permittty|no|10|User carol,svc*",
                       "carol|localport 2222|permittty|no|10|User carol,svc*", "carol,svc*||permittty|no|10|User carol,svc*",
                       "carol,svc*|10.0.0.0/8|permittty|no|10|User carol,svc*", "carol,svc*|localport 2222|permittty|no|10|User carol,svc*",
                       "%gone||permittty|no|12|Group gone", "%gone|10.0.0.0/8|permittty|no|12|Group gone",
                       "%gone|localport 2222|permittty|no|12|Group gone"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(SshdEffective, TakesMatchAllForEverybody) {
    EXPECT_EQ(rows(server("PermitRootLogin no\nMatch all\nPermitRootLogin yes\nUseDNS yes\n").parse(parse_sshd_effective), {"permitrootlogin", "usedns"}),
              (Strings{"||permitrootlogin|yes|3|all", "||usedns|yes|4|all"}));
}

TEST(SshdEffective, KnowsNetworksInsideNetworks) {
    const auto answer = server("Match Address 10.1.0.0/16\nPermitTTY no\nMatch Address 10.0.0.0/8,!10.2.0.0/16\nMaxSessions 1\nMatch Address 10.2.0.0/16\nMaxSessions 2\n")
                            .parse(parse_sshd_effective);
    EXPECT_EQ(rows(answer, {"permittty", "maxsessions"}),
              (Strings{"||maxsessions|10||", "||permittty|yes||", "|10.1.0.0/16|maxsessions|1|4|Address 10.0.0.0/8,!10.2.0.0/16",
                       "|10.1.0.0/16|permittty|no|2|Address 10.1.0.0/16", "|10.0.0.0/8|maxsessions|1|4|Address 10.0.0.0/8,!10.2.0.0/16",
                       "|10.2.0.0/16|maxsessions|2|6|Address 10.2.0.0/16"}));
}

TEST(SshdEffective, MakesGapsOfWhatIsRefused) {
    EXPECT_EQ(gaps_of(server("Nonsense yes\nPermitRootLogin maybe\nUseLogin yes\nMatch User bob\nPort 23\nUseLogin no\nRSAAuthentication no\nMatch all\nAuthenticationMethods publickey\nAuthenticationMethods any\nMatch Address 10.0.0.0/99\nPermitTTY no\n")
                          .parse(parse_sshd_effective)),
              (Strings{"/etc/ssh/sshd_config:0 malformed", "/etc/ssh/sshd_config:1 unsupported", "/etc/ssh/sshd_config:2 malformed",
                       "/etc/ssh/sshd_config:5 malformed", "/etc/ssh/sshd_config:6 unsupported", "/etc/ssh/sshd_config:10 malformed"}));
}

TEST(SshdEffective, MakesGapsOfWhatIsRefusedForSomeConnections) {
    constexpr std::string_view kText = "Match User bob\nAuthenticationMethods publickey\nMatch Address 10.0.0.0/8\nAuthenticationMethods any\n"
                                       "Match User alice\nAuthenticationMethods any\n";
    EXPECT_EQ(gaps_of(server(kText).parse(parse_sshd_effective)), (Strings{"/etc/ssh/sshd_config:6 malformed", "/etc/ssh/sshd_config:4 malformed"}));
    EXPECT_EQ(gaps_of(server(kText.substr(kText.find("Match User alice"))).parse(parse_sshd_effective)), Strings{});
}

TEST(SshdEffective, MindsTheVersion) {
    const auto old = server("Ciphers +aes128-cbc\nRequiredRSASize 2048\n", "Package: openssh-server\nStatus: install ok installed\nVersion: 1:8.4p1-5\n")
                         .parse(parse_sshd_effective);
    EXPECT_EQ(rows(old, {"ciphers", "macs", "requiredrsasize"}), (Strings{"||ciphers||1|", "||macs|||"}));
    EXPECT_EQ(gaps_of(old), (Strings{"/etc/ssh/sshd_config:2 unsupported"}));
    const auto removed = server("Port 22\n", "Package: openssh-server\nStatus: deinstall ok config-files\nVersion: 1:9.2p1-2\n");
    EXPECT_TRUE(removed.parse(parse_sshd_effective).rows.rows.empty());
    const auto unknown = Sources{}.file("/etc/ssh/sshd_config", "Port 22\n").parse(parse_sshd_effective);
    EXPECT_EQ(gaps_of(unknown), (Strings{"/etc/ssh/sshd_config:0 unsupported"}));
    EXPECT_EQ(rows(unknown, {"permitrootlogin"}), (Strings{"||permitrootlogin|without-password||"}));
    EXPECT_TRUE(Sources{}.parse(parse_sshd_effective).rows.gaps.empty());
}

TEST(ParseAddress, ReadsBothFamilies) {
    struct Case { std::string_view text; std::optional<std::string> want; };
    const Case cases[] = {
        {"192.0.2.1", "c0000201"}, {"1.2.3", std::nullopt}, {"1.2.3.256", std::nullopt}, {"", std::nullopt},
        {"::", std::string(32, '0')}, {"::1", std::string(31, '0') + "1"}, {"2001:db8::5", "20010db8000000000000000000000005"},
        {"::ffff:1.2.3.4", "00000000000000000000ffff01020304"}, {"1:2:3:4:5:6:7:8", "00010002000300040005000600070008"},
        {"1:2:3:4:5:6:7", std::nullopt}, {"1:2:3:4:5:6:7:8:9", std::nullopt}, {"1::2::3", std::nullopt}, {"12345::", std::nullopt},
        {"1.2.3.4::", std::nullopt}, {"fe80::1%eth0", std::nullopt}, {"1:2:3:4:5:6:7::8", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto found = parse_address(c.text);
        EXPECT_EQ(found.has_value(), c.want.has_value());
        if (found && c.want) {
            EXPECT_EQ(to_hex(*found), *c.want);
        }
    }
    EXPECT_TRUE(parse_network("10.0.0.0/8")->contains(*parse_network("10.9.9.9")));
    EXPECT_FALSE(parse_network("10.0.0.0/8")->contains(*parse_network("8.0.0.0/7")));
    EXPECT_FALSE(parse_network("10.0.0.0/8")->contains(*parse_network("::1")));
    EXPECT_FALSE(parse_network("10.0.0.0/33").has_value());
}

}  // namespace
}  // namespace ward::facts
