rule rsh_socat {
    meta:
        title = "socat joins a network connection and a shell"
        why = "socat hands its connection to a shell, often with a full terminal: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $shell_first = /\bsocat\s{1,4}(-\S{1,12}\s{1,4}){0,6}["']?(exec|system):["'\\]{0,3}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b[^\n|;]{0,100}\s{1,4}["']?(tcp|tcp4|tcp6|tcp-connect|tcp4-connect|tcp-listen|tcp4-listen|tcp-l|openssl|openssl-connect|openssl-listen|ssl|ssl-l|udp|udp4|udp-connect|udp-listen|udp4-listen|sctp|socks4|socks4a|proxy):/ nocase
        $shell_last = /\bsocat\s{1,4}(-\S{1,12}\s{1,4}){0,6}["']?(tcp|tcp4|tcp6|tcp-connect|tcp4-connect|tcp-listen|tcp4-listen|tcp-l|openssl|openssl-connect|openssl-listen|ssl|ssl-l|udp|udp4|udp-connect|udp-listen|udp4-listen|sctp|socks4|socks4a|proxy):[^\s|;]{1,120}\s{1,4}["']?(exec|system):["'\\]{0,3}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b/ nocase
    condition:
        filesize < 1MB and ($shell_first or $shell_last)
}
