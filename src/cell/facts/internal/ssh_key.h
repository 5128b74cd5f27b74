// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::facts {

// What a key of SSH is, without the key itself.
struct SshKey {
    std::string name;                   // "ssh-rsa", as the key says of itself
    std::string_view type;              // as in data/tables/ssh_host_keys.toml; empty for one that is not known
    bool certificate = false;
    std::optional<std::uint32_t> bits;
    std::string fingerprint;            // "SHA256:..."; a certificate has that of its key, as ssh-keygen -l shows it
    std::string type_name() const { return std::string{type} + (certificate ? "-cert" : ""); }
};

// A public key in the form of RFC 4253, section 6.6, or a certificate of one (PROTOCOL.certkeys of OpenSSH).
Result<SshKey> read_ssh_blob(Bytes blob);

// "ssh-rsa AAAA... comment", as in a file with the public half or in authorized_keys behind the options.
struct SshKeyLine {
    SshKey key;
    std::string_view comment;
};
Result<SshKeyLine> read_ssh_key_line(std::string_view line);
// Is this the name of a kind of key, so that a line which begins with it has no options?
bool is_ssh_key_name(std::string_view word);

// What the file of a private key shows without its passphrase. Fields are empty where it shows nothing.
struct SshPrivateKey {
    std::string_view format;         // openssh, pem, pkcs8 or putty
    SshKey key;
    bool encrypted = false;
    std::string cipher;
};
// Nothing for a file without a private key in one of these formats.
Result<std::optional<SshPrivateKey>> read_ssh_private_key(Bytes file);

}  // namespace ward::facts
