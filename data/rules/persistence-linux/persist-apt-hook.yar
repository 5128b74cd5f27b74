rule persist_apt_hook {
    meta:
        title = "Package-manager hook that downloads, decodes or starts a hidden program"
        why = "Each update or installation runs the hook as root. This one fetches code, opens a network shell or starts a program from a hidden place."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1546/016/"
    strings:
        // apt and dpkg settings.
        $apt_download = /(^|\n)[ \t]{0,8}(APT|DPkg)::[A-Za-z:-]{2,40}(Invoke(-Success)?|Pkgs)\b(::)?[^\n]{0,160}\b(curl|wget)\s[^\n]{3,300}[^|\n](\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl)([\s;&"')]|$)|chmod\s)/ nocase
        $apt_network = /(^|\n)[ \t]{0,8}(APT|DPkg)::[A-Za-z:-]{2,40}(Invoke(-Success)?|Pkgs)\b(::)?[^\n]{0,200}(\/dev\/(tcp|udp)\/|\b(nc|ncat|netcat|socat)\s[^\n]{0,80}(-e\s|exec:|\/bin\/(ba)?sh))/ nocase
        $apt_decode = /(^|\n)[ \t]{0,8}(APT|DPkg)::[A-Za-z:-]{2,40}(Invoke(-Success)?|Pkgs)\b(::)?[^\n]{0,4000}\bbase64\s{1,4}-[^\n|]{1,12}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|da)?(sh|python[0-9.]{0,4}|perl)\b/ nocase
        $apt_hidden = /(^|\n)[ \t]{0,8}(APT|DPkg)::[A-Za-z:-]{2,40}(Invoke(-Success)?|Pkgs)\b(::)?\s{0,4}\{?\s{0,4}"\s{0,4}(\(\s{0,4})?((nohup|setsid|exec|(\/bin\/)?(ba|da)?sh(\s{1,4}-c)?)\s{1,4}["']?){0,3}(\/(tmp|var\/tmp|dev\/shm)\/|\/(usr|etc|var|lib|opt|root|home)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,30}){0,5}\/\.[A-Za-z0-9_-])/ nocase
        // pacman hooks.
        $pacman_section = /(^|\n)\[Action\]/
        $pacman_exec = /\nExec\s{0,4}=\s{0,4}[^\n]{0,120}(\b(curl|wget)\s[^\n]{3,300}[^|\n]\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|da)?(sh|python[0-9.]{0,4})\b|\/dev\/(tcp|udp)\/|base64\s{1,4}-[^\n|]{1,12}\|\s{0,4}(\/bin\/)?(ba|da)?sh\b|\/(tmp|var\/tmp|dev\/shm)\/\.)/
    condition:
        filesize < 256KB and (any of ($apt_*) or all of ($pacman_*))
}
