rule rsh_openssl {
    meta:
        title = "Shell looped through the TLS client of OpenSSL"
        why = "What the TLS client receives goes into a shell and the output goes back, encrypted: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $pipe = "mkfifo"
        $pipe_mknod = /\bmknod\s{1,4}[^\s;|&]{1,80}\s{1,4}p\b/
        $from_shell = /(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?(\s{1,4}0?<\s{0,4}[^\s|;]{1,80})?(\s{1,4}2>\s{0,2}&1)?\s{0,4}\|\s{0,4}(\/usr\/bin\/)?openssl\s{1,4}s_client\s[^\n|;]{6,160}[^2]>\s{0,4}["']?[\/$]/
        $into_shell = /\bopenssl\s{1,4}s_client\s[^\n|;]{6,120}\s0?<\s{0,4}["']?[\/$][^\n|;]{1,80}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}[^\n|;]{0,20}>\s{0,4}["']?[\/$]/
        $two = /\bopenssl\s{1,4}s_client\s[^\n|;]{6,120}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?(\s{1,4}2>\s{0,2}&1)?\s{0,4}\|\s{0,4}(\/usr\/bin\/)?openssl\s{1,4}s_client\s/
    condition:
        filesize < 1MB and ($two or (($pipe or $pipe_mknod) and ($from_shell or $into_shell)))
}
