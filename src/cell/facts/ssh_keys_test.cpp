// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/formats/der.h"
#include "cell/facts/internal/ssh_key.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using formats::Der;

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

// Public halves of keys that were made for this test, and what ssh-keygen -l says of them.
constexpr std::string_view kEd25519 =
    "AAAAC3NzaC1lZDI1NTE5AAAAINOP1uKvNapadPbC6jKmrWHqV85kAkNlLQxbn9WyKGZK";
constexpr std::string_view kEd25519Print = "SHA256:Va7ddehJ1lQR0yOjVORuE+1XWzslZDBaKWNvOxcNZuc";
constexpr std::string_view kRsa =
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDkayQk3jUeD+nXKmvZY+CIQwBQs+FKNsSisGRt//Ke8I6t9bUV68OWPTQn7V+SttBX+5gB"
    "7gs6zy2qn8Vs0EKUDEnX/Gn/TNXIIbG5nVpTyQGpESZzp4aBA9Jy4xBFvklDQ8mOP9O+17RUN3BuEJveYBTU35u8iEggjTN82zHI"
    "aQ==";
constexpr std::string_view kRsaPrint = "SHA256:E+RuikD83k2DVi+b4UGys+NjJ9tLdPEQRdxdzs09I9M";

std::string be32(std::size_t value) {
    std::string out;
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift & 0xFF);
    return out;
}
std::string ssh(std::string_view text) { return be32(text.size()).append(text); }
std::string der(int tag, std::string_view body) {
    std::string out{static_cast<char>(tag)};
    if (body.size() >= 128) out += "\x82", out += be32(body.size()).substr(2);
    else out += static_cast<char>(body.size());
    return out.append(body);
}
std::string hex(std::string_view digits) {
    Buffer out;
    WARD_CHECK(from_hex(digits, out));
    return to_string(out);
}
std::string decoded(std::string_view base64) {
    Buffer out;
    WARD_CHECK(from_base64(base64, out));
    return to_string(out);
}
// Lines of 70, as OpenSSH writes them, so that groups of four digits are torn apart.
std::string pem(std::string_view label, std::string_view body, std::string_view headers = "") {
    std::string out = fmt::format("-----BEGIN {}-----\n{}", label, headers);
    const std::string digits = to_base64(as_bytes(body));
    for (std::size_t at = 0; at < digits.size(); at += 70) out += digits.substr(at, 70) + '\n';
    return out + fmt::format("-----END {}-----\n", label);
}

TEST(Der, ReadsDefiniteLengths) {
    struct Case { std::string_view bytes; std::optional<std::size_t> length; };
    const Case cases[] = {
        {"0400", 0},         {"0401aa", 1},   {"048101aa", 1},     {"04840000" "0001aa", 1}, {"04", std::nullopt}, {"0402aa", std::nullopt},
        {"0480", std::nullopt}, {"0481", std::nullopt}, {"048500000000" "01aa", std::nullopt}, {"0484ffffffff", std::nullopt}, {"0201aa", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.bytes);
        const std::string bytes = hex(c.bytes);
        Der reader{as_bytes(bytes)};
        const auto body = reader.take(Der::kOctetString);
        ASSERT_EQ(body.ok(), c.length.has_value());
        if (body) { EXPECT_EQ(body->size(), *c.length); }
    }
}

TEST(SshKey, TellsKindsBitsAndFingerprints) {
    const std::string number = hex("00ff") + std::string(127, '\x01');
    struct Case { const char* name; std::string blob; std::string want; };
    const auto show = [](const Result<SshKey>& key) {
        if (!key) return std::string{code_name(key.error().code)};
        return fmt::format("{} {}", key->type_name(), key->bits ? std::to_string(*key->bits) : "-");
    };
    const Case cases[] = {
        {"rsa", ssh("ssh-rsa") + ssh("\3") + ssh(number), "rsa 1024"},
        {"rsa of nothing", ssh("ssh-rsa") + ssh("") + ssh(""), "rsa 0"},
        {"dsa", ssh("ssh-dss") + ssh(number) + ssh("q") + ssh("g") + ssh("y"), "dsa 1024"},
        {"ecdsa", ssh("ecdsa-sha2-nistp521") + ssh("nistp521") + ssh("point"), "ecdsa 521"},
        {"ed25519", ssh("ssh-ed25519") + ssh("point"), "ed25519 256"},
        {"security key", ssh("sk-ssh-ed25519@openssh.com") + ssh("point") + ssh("ssh:"), "sk-ed25519 256"},
        {"security key, nist", ssh("sk-ecdsa-sha2-nistp256@openssh.com") + ssh("nistp256") + ssh("point") + ssh("ssh:"), "sk-ecdsa 256"},
        {"certificate", ssh("ssh-rsa-cert-v01@openssh.com") + ssh("nonce") + ssh("\3") + ssh(number) + "more", "rsa-cert 1024"},
        {"certificate of a security key", ssh("sk-ssh-ed25519-cert-v01@openssh.com") + ssh("nonce") + ssh("p") + ssh("a"), "sk-ed25519-cert 256"},
        {"another kind", ssh("ssh-new@example.org") + "anything", " -"},
        {"too short", ssh("ssh-rsa") + ssh("\3") + be32(9) + "short", "truncated"},
        {"something behind", ssh("ssh-ed25519") + ssh("point") + "x", "malformed"},
        {"no name", ssh("") + ssh("point"), "malformed"},
        {"a name that is none", ssh("ssh rsa") + ssh("point"), "malformed"},
        {"nothing", "", "truncated"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(show(read_ssh_blob(as_bytes(c.blob))), c.want);
    }
    const auto plain = read_ssh_blob(as_bytes(ssh("ssh-ed25519") + ssh("p")));
    const auto certificate = read_ssh_blob(as_bytes(ssh("ssh-ed25519-cert-v01@openssh.com") + ssh("nonce") + ssh("p") + "more"));
    EXPECT_EQ(plain->fingerprint, certificate->fingerprint);
    EXPECT_EQ(read_ssh_blob(as_bytes(decoded(kEd25519)))->fingerprint, kEd25519Print);
    EXPECT_EQ(read_ssh_blob(as_bytes(decoded(kRsa)))->fingerprint, kRsaPrint);
}

// What stands in the place of the private half.
constexpr std::string_view kSecret = "MUST-NOT-LEAVE";

TEST(SshPrivateKeys, ShowWhatFilesShow) {
    const std::string number = hex("00ff") + std::string(127, '\x01');
    const std::string rsa = der(0x30, der(2, hex("00")) + der(2, number) + der(2, "\3") + der(2, kSecret));
    const std::string dsa = der(0x30, der(2, hex("00")) + der(2, number) + der(2, "q") + der(2, "g") + der(2, "y") + der(2, kSecret));
    const std::string p384 = der(6, hex("2b81040022"));
    const std::string point = der(0xA1, der(3, hex("0004aabb")));
    const auto ec = [&](const std::string& curve, const std::string& half) {
        return der(0x30, der(2, "\1") + der(4, kSecret) + (curve.empty() ? "" : der(0xA0, curve)) + half);
    };
    const auto pkcs8 = [](std::string_view oid, const std::string& parameters, const std::string& inner) {
        return der(0x30, der(2, hex("00")) + der(0x30, der(6, hex(oid)) + parameters) + der(4, inner));
    };
    const auto openssh = [](std::string_view cipher, const std::string& blob) {
        return std::string{"openssh-key-v1\0", 15} + ssh(cipher) + ssh("bcrypt") + ssh("salt") + be32(1) + ssh(blob) + ssh(kSecret);
    };
    const std::string pbes2 = der(0x30, der(0x30, der(6, hex("2a864886f70d01050d")) +
                                                     der(0x30, der(0x30, "kdf") + der(0x30, der(6, hex("60864801650304012a")) + der(4, "iv")))) +
                                            der(4, kSecret));
    const std::string putty = "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: {}\r\nComment: x\r\nPublic-Lines: 2\r\n" +
                              std::string{kEd25519.substr(0, 63)} + "\r\n" + std::string{kEd25519.substr(63)} + "\r\nPrivate-Lines: 1\r\n{}\r\n";
    struct Case { const char* name; std::string text; std::string want; };
    const Case cases[] = {
        {"openssh", pem("OPENSSH PRIVATE KEY", openssh("none", decoded(kRsa))), fmt::format("openssh|rsa|1024|{}|0|", kRsaPrint)},
        {"openssh with a passphrase", "\n" + pem("OPENSSH PRIVATE KEY", openssh("aes256-ctr", decoded(kEd25519))),
         fmt::format("openssh|ed25519|256|{}|1|aes256-ctr", kEd25519Print)},
        {"rsa", pem("RSA PRIVATE KEY", rsa), "pem|rsa|1024|*|0|"},
        {"rsa with a passphrase", pem("RSA PRIVATE KEY", kSecret, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n"), "pem|rsa|||1|AES-128-CBC"},
        {"dsa", pem("DSA PRIVATE KEY", dsa), "pem|dsa|1024|*|0|"},
        {"ec", pem("EC PRIVATE KEY", ec(p384, point)), "pem|ecdsa|384|*|0|"},
        {"ec without its public half", pem("EC PRIVATE KEY", ec(p384, "")), "pem|ecdsa|384||0|"},
        {"ec on another curve", pem("EC PRIVATE KEY", ec(der(6, "x"), point)), "pem|ecdsa|||0|"},
        {"pkcs8, rsa", pem("PRIVATE KEY", pkcs8("2a864886f70d010101", hex("0500"), rsa)), "pkcs8|rsa|1024|*|0|"},
        {"pkcs8, dsa", pem("PRIVATE KEY", pkcs8("2a8648ce380401", der(0x30, der(2, number)), der(2, kSecret))), "pkcs8|dsa|1024||0|"},
        {"pkcs8, ec", pem("PRIVATE KEY", pkcs8("2a8648ce3d0201", p384, ec("", point))), "pkcs8|ecdsa|384|*|0|"},
        {"pkcs8, ed25519", pem("PRIVATE KEY", pkcs8("2b6570", "", der(4, kSecret))), "pkcs8|ed25519|256||0|"},
        {"pkcs8, another", pem("PRIVATE KEY", pkcs8("2b6571", "", der(4, kSecret))), "pkcs8||||0|"},
        {"pkcs8 with a passphrase", pem("ENCRYPTED PRIVATE KEY", pbes2), "pkcs8||||1|aes256-cbc"},
        {"putty", fmt::format(fmt::runtime(putty), "none", kSecret), fmt::format("putty|ed25519|256|{}|0|", kEd25519Print)},
        {"putty with a passphrase", fmt::format(fmt::runtime(putty), "aes256-cbc", kSecret), fmt::format("putty|ed25519|256|{}|1|aes256-cbc", kEd25519Print)},
        {"a certificate", pem("CERTIFICATE", rsa), ""},
        {"a public key", fmt::format("ssh-rsa {} me\n", kRsa), ""},
        {"no end", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n", "truncated"},
        {"no base64", "-----BEGIN RSA PRIVATE KEY-----\nA*AA\n-----END RSA PRIVATE KEY-----\n", "malformed"},
        {"no DER", pem("RSA PRIVATE KEY", "0\3\5\1\1"), "malformed"},
        {"no OpenSSH", pem("OPENSSH PRIVATE KEY", "something else, quite long"), "malformed"},
        {"two keys", pem("OPENSSH PRIVATE KEY", std::string{"openssh-key-v1\0", 15} + ssh("none") + ssh("") + ssh("") + be32(2)), "unsupported"},
        {"putty, cut off", "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPublic-Lines: 9\nAAAA\n", "truncated"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", "alice:x:1000:1000::/home/alice:\n")
                                .file("/home/alice/.ssh/key", c.text, 0100600, 1000).parse(parse_ssh_private_keys);
        for (const auto& line : testing::lines_of(answer.rows)) {
            EXPECT_EQ(line.find(kSecret), std::string::npos);
            EXPECT_EQ(line.find(to_base64(as_bytes(kSecret)).substr(0, 16)), std::string::npos);
        }
        auto rows = columns("ssh_private_keys", answer, {"format", "type", "bits", "fingerprint", "encrypted", "cipher"});
        for (const auto& gap : answer.rows.gaps) rows.emplace_back(code_name(gap.code));
        if (c.want.empty()) {
            EXPECT_TRUE(rows.empty());
            continue;
        }
        ASSERT_EQ(rows.size(), 1u);
        // '*' is a fingerprint that nobody made up.
        std::string got = rows[0];
        if (const auto star = c.want.find('*'); star != std::string::npos) {
            ASSERT_EQ(got.substr(star, 7), "SHA256:");
            got.replace(star, 50, "*");
        }
        EXPECT_EQ(got, c.want);
    }
}

TEST(SshPrivateKeys, LookIntoEachHomeOnce) {
    const std::string key = fmt::format("PuTTY-User-Key-File-3: x\nEncryption: none\nPublic-Lines: 1\n{}\n", kEd25519);
    const auto answer = Sources{}
        .file("/etc/passwd", "root:x:0:0::/root/:\na:x:1:1::/:\nb:x:2:2::/root:\nc:x:3:3::home:\nd:x:4:4::/h*:\n")
        .file("/root/.ssh/k", key, 0100644, 7).folder("/root/.ssh/sub").file("/root/.ssh/sub/k", key).file("/.ssh/k", key)
        .parse(parse_ssh_private_keys);
    EXPECT_EQ(answer.wants, (Strings{"/root/.ssh/*", "/.ssh/*"}));
    EXPECT_EQ(columns("ssh_private_keys", answer, {"user", "path", "mode", "uid"}), (Strings{"root|/root/.ssh/k|420|7", "a|/.ssh/k|420|0"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/passwd:5 unsupported"}));
}

TEST(SshAuthorizedKeys, ReadLinesAsSshdDoes) {
    struct Case { const char* name; std::string line; std::string want; };
    const std::string key = fmt::format("ssh-ed25519 {}", kEd25519);
    const Case cases[] = {
        {"plain", key + " alice@laptop  x ", "ed25519|256|alice@laptop  x||||0"},
        {"no comment", "\t" + key, "ed25519|256|||||0"},
        {"options", "no-pty,command=\"/bin/a \\\"b, c\\\"\",FROM=\"10.0.0.0/8\" " + key + " x",
         "ed25519|256|x|no-pty,command=\"/bin/a \\\"b, c\\\"\",FROM=\"10.0.0.0/8\"|/bin/a \"b, c\"|10.0.0.0/8|0"},
        {"signs others", "Cert-Authority\t" + key, "ed25519|256||Cert-Authority|||1"},
        {"without quotes", "command=x " + key, "ed25519|256||command=x|||0"},
        {"comment", "# " + key, ""},
        {"blank", "  ", ""},
        {"only a name", "ssh-ed25519", "malformed"},
        {"no base64", "ssh-ed25519 !!!!", "malformed"},
        {"of another kind", fmt::format("ssh-rsa {}", kEd25519), "malformed"},
        {"cut off", fmt::format("ssh-ed25519 {}", kEd25519.substr(0, 40)), "truncated"},
        {"an open quote", "command=\"x " + key, "malformed"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", "alice:x:1000:1000::/home/alice:\n")
                                .file("/home/alice/.ssh/authorized_keys", "\n" + c.line + "\n").parse(parse_ssh_authorized_keys);
        auto got = columns("ssh_authorized_keys", answer, {"type", "bits", "comment", "options", "command", "from_hosts", "cert_authority"});
        for (const auto& gap : answer.rows.gaps) {
            got.emplace_back(code_name(gap.code));
            EXPECT_EQ(gap.where.line, 2u);
        }
        EXPECT_EQ(got, c.want.empty() ? Strings{} : Strings{c.want});
    }
}

TEST(SshAuthorizedKeys, FindTheFilesThatSshdReads) {
    constexpr std::string_view kUsers = "root:x:0:0::/root:\nal:x:7:7::/home/al:\n";
    struct Case { const char* name; std::string_view config; Strings wants; Strings gaps; };
    const Strings usual = {"/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2", "/home/al/.ssh/authorized_keys", "/home/al/.ssh/authorized_keys2"};
    const Case cases[] = {
        {"nothing said", "", usual, {}},
        {"one file", "AuthorizedKeysFile /etc/ssh/keys/%u.%U keys/%%x %h/k\n",
         {"/etc/ssh/keys/root.0", "/root/keys/%x", "/root/k", "/etc/ssh/keys/al.7", "/home/al/keys/%x", "/home/al/k"}, {}},
        {"the first wins", "  authorizedkeysfile = \"/k/%u\" # x\nAuthorizedKeysFile other\n", {"/k/root", "/k/al"}, {}},
        {"not for some", "Match User al\nAuthorizedKeysFile /x\nMatch all\nAuthorizedKeysFile /y\n", {"/y"}, {}},
        {"none", "AuthorizedKeysFile none\n", {}, {}},
        {"what cannot be told", "\nAuthorizedKeysFile /k/%k /k/*\n", {}, {"/etc/ssh/sshd_config:2 unsupported", "/etc/ssh/sshd_config:2 unsupported"}},
        {"elsewhere", "Include more.d/*.conf\n", {"/etc/ssh/more.d/*.conf", "/b", "/a"}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", kUsers).file("/etc/ssh/sshd_config", c.config)
                                .file("/etc/ssh/more.d/2.conf", "AuthorizedKeysFile /c\n")
                                .file("/etc/ssh/more.d/1.conf", "Match User x\nAuthorizedKeysFile /d\nMatch all\nAuthorizedKeysFile /b /a\n")
                                .parse(parse_ssh_authorized_keys);
        EXPECT_EQ(answer.wants, c.wants);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
    const auto itself = Sources{}.file("/etc/passwd", kUsers).file("/etc/ssh/sshd_config", "Include sshd_config\n").parse(parse_ssh_authorized_keys);
    EXPECT_EQ(gaps_of(itself), (Strings{"/etc/ssh/sshd_config:1 over_limit"}));
}

TEST(SshAuthorizedKeys, TellWhoseFileItIs) {
    const auto answer = Sources{}.file("/etc/passwd", "alice:x:1000:1000::/home/alice:\n")
                            .file("/home/alice/.ssh/authorized_keys2", fmt::format("ssh-rsa {}\n", kRsa), 0100666, 33).parse(parse_ssh_authorized_keys);
    EXPECT_EQ(columns("ssh_authorized_keys", answer, {"user", "uid", "fingerprint", "file_mode", "file_uid", "file", "line"}),
              (Strings{fmt::format("alice|1000|{}|438|33|/home/alice/.ssh/authorized_keys2|1", kRsaPrint)}));
}

}  // namespace
}  // namespace ward::facts
