rule ssh_forced_command {
    meta:
        title = "Accepted key that starts a download or a network shell"
        why = "A line in a list of accepted keys runs something at each log-in with that key: a download, a network shell or a program in a hidden place, before the log-in goes on as usual."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1098/004/"
    strings:
        $download = /\bcommand="[^"\n]{0,200}\b(curl|wget)\s[^"\n]{1,200}\|\s{0,4}(sudo\s{1,4})?(\/usr)?(\/bin\/)?((ba|da|z|k)?sh|python[0-9.]{0,4}|perl)\b[^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/
        $shell = /\bcommand="[^"\n]{0,200}(\/dev\/(tcp|udp)\/|\bn(c|cat|etcat)\s[^"\n]{0,80}\s-[a-z]{0,6}[ec]\s|\bsocat\s[^"\n]{0,160}exec:|\bmkfifo\s)[^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/ nocase
        $decode = /\bcommand="[^"\n]{0,300}\b(base64\s{1,4}(-d|-D|--decode)|xxd\s{1,4}-r|openssl\s{1,4}(enc|base64)\s)[^"\n]{0,100}\|\s{0,4}((ba|da|z|k)?sh|python[0-9.]{0,4}|perl)\b[^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/
        $temporary = /\bcommand="([^"\n]{0,100}[;&|(]\s{0,4})?((exec|nohup|setsid|(ba|da)?sh)\s{1,4}(-c\s{1,4}'?)?){0,3}\/(tmp|var\/tmp|dev\/shm)\/[^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/
        $hidden = /\bcommand="([^"\n]{0,100}[;&|(]\s{0,4})?((exec|nohup|setsid|(ba|da)?sh)\s{1,4}(-c\s{1,4}'?)?){0,3}\/(usr|lib|lib64|etc|bin|sbin|var|dev|run|opt)(\/[A-Za-z0-9_+-]{1,40}){0,5}\/\.[A-Za-z0-9_-][^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/
        $environment = /\benvironment="LD_(PRELOAD|AUDIT)=[^\n]{0,400}"[^\n]{0,200}\s(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3}|sk-[a-z0-9@.-]{8,40})\s{1,4}AAAA/
    condition:
        filesize < 1MB and any of them
}
