rule persist_motd_exec {
    meta:
        title = "Log-in banner script that starts something in secret"
        why = "The scripts of the banner run as root at each log-in. This one also starts a download, a network shell or a hidden program."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1546/"
    strings:
        $is_motd = /(^|\n)#[^\n]{0,80}(\bMOTD\b|\bmotd\b|update-motd|message of the day)/ nocase
        $download = /(^|\n)[ \t]{0,12}(\(\s{0,4})?((nohup|setsid)\s{1,4}){0,2}((ba|da)?sh\s{1,4}-c\s{1,4}["'])?(curl|wget)\s[^\n|]{4,200}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl)([\s;&"')]|$)/
        $substitution = /(^|\n)[ \t]{0,12}(eval|(ba|da)?sh\s{1,4}-c)\s{1,4}["']?(\$\(|`)\s{0,4}(curl|wget)\s/
        $network = /\b(ba|z|k|da)?sh\s[^\n|;'"]{0,30}[>&]{1,2}\s{0,4}\/dev\/(tcp|udp)\//
        $netcat = /(^|\n)[ \t]{0,12}[^\n#]{0,40}\b(nc|ncat|netcat|socat)\s[^\n]{0,80}(-e\s{0,4}|exec:["']?)\/bin\/(ba|da)?sh/ nocase
        $hidden = /(^|\n)[ \t]{0,12}(\(\s{0,4})?((nohup|setsid)\s{1,4}){0,2}(\/(tmp|var\/tmp|dev\/shm)\/[A-Za-z0-9._-][^\s;=)]{0,100}|\/(usr|etc|var|lib|opt|root|home)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,30}){0,5}\/\.[A-Za-z0-9_-][^\s;=)]{0,100})[^\n;|]{0,60}(>{1,2}\s{0,2}\/dev\/null|&\s{0,4}\)?\s{0,4}(\n|$))/
        $key = /(^|\n)[ \t]{0,12}echo\s[^\n]{0,40}ssh-(rsa|ed25519|dss)\s[^\n]{60,2000}>{1,2}\s{0,4}[^\n]{0,60}authorized_keys/
        $account = /(^|\n)[ \t]{0,12}echo\s{1,4}["']?[a-z_][\w-]{0,30}:[^:\n]{0,120}:0:0:[^\n]{0,100}>>\s{0,4}\/etc\/passwd/
    condition:
        filesize < 64KB and uint16(0) == 0x2123 and $is_motd and
        any of ($download, $substitution, $network, $netcat, $hidden, $key, $account)
}
