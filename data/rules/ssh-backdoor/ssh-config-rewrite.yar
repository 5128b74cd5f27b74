rule ssh_config_rewrite {
    meta:
        title = "Script that opens SSH to root with its own password or key"
        why = "The script permits root to log in, sets a password or key that it brings along, and switches the firewall off, adds a second root or silences its work: a door for whoever wrote it."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1098/"
    strings:
        $permit = /\b(sed|echo|printf|perl)\s[^\n]{0,200}(PermitRootLogin|AuthorizedKeysFile|PermitEmptyPasswords)\s[^\n]{0,160}sshd_config/
        $permit_yes = /PermitRootLogin\s{1,4}yes/
        $restart = /\bservice\s{1,4}sshd?\s{1,4}re|\bsystemctl\s{1,4}(re\w{3,20})\s{1,4}sshd?\b|init\.d\/sshd?\s{1,4}re|\b(pkill|killall|kill)\s{1,4}-(HUP|1)\s{1,4}[^\n]{0,40}sshd/
        $password = /\b(echo|printf)\s{1,4}(-e\s{1,4})?["']?[a-z_][a-z0-9_-]{0,31}:[A-Za-z0-9!@#%^&*_.+-]{3,64}(\\n)?["']?\s{0,4}\|\s{0,4}(sudo\s{1,4})?chpasswd|\busermod\s[^\n]{0,40}-p\s{1,4}["']\$[0-9a-z]{1,2}\$|\becho\s{1,4}["']?[^\s$"'|]{3,64}["']?\s{0,4}\|\s{0,4}passwd\s{1,4}--stdin/
        $key = /\b(echo|printf)\s[^\n]{0,60}\b(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3})\s{1,4}AAAA[A-Za-z0-9+\/=]{40}[^\n>]{0,1200}>{1,2}/
        $second_root = /\b(useradd|adduser)\s[^\n;|&]{0,80}(-o\s{1,4}-u\s{0,4}0|-u\s{0,4}0\s{1,4}[^\n;|&]{0,40}-o|-ou\s{0,4}0)\b/
        $second_line = /:0:0:[^\n]{0,80}>{1,2}\s{0,4}["']?\/etc\/passwd/
        $firewall = /\biptables\s{1,4}-F\b|\biptables\s{1,4}-P\s{1,4}INPUT\s{1,4}ACCEPT|\bufw\s{1,4}disable|\bsetenforce\s{1,4}0/
        $firewall_stop = /\bstop\s{1,4}(firewalld|ufw|iptables)\b|\bdisable\s{1,4}(--now\s{1,4})?(firewalld|ufw|iptables)\b/
        $history = /\bunset\s{1,4}HISTFILE|\bHISTFILE=\/dev\/null|\bhistory\s{1,4}-c\b|\brm\s[^\n;]{0,40}\.bash_history/
        $quiet = /\bchpasswd\s{1,4}(&>|>)\s{0,4}\/dev\/null/
        $image = /(^|\n)FROM\s{1,4}\S{1,100}\s/
    condition:
        filesize < 256KB and $permit and $permit_yes and $restart and not $image and
        ($password or $key) and ($second_root or $second_line or $firewall or $firewall_stop or $history or $quiet)
}
