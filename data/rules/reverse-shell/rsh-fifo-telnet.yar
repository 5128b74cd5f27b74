rule rsh_fifo_telnet {
    meta:
        title = "Shell looped through telnet"
        why = "What telnet receives goes into a shell and the shell's output goes back over the network: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $pipe = "mkfifo"
        $pipe_mknod = /\bmknod\s{1,4}[^\s;|&]{1,80}\s{1,4}p\b/
        $into_shell = /\btelnet\s{1,4}[A-Za-z0-9$][^\n|;]{3,120}[0-9}A-Z]\s{1,4}0?<\s{0,4}[^\s|;]{1,80}\s{0,4}\|\s{0,4}(\/usr)?(\/bin\/)?(busybox\s{1,4})?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}[^\n|;]{0,20}>\s{0,4}["']?[\/$]/
        $from_shell = /(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?(\s{1,4}0?<\s{0,4}[^\s|;]{1,80})?(\s{1,4}2>\s{0,2}&1)?\s{0,4}\|\s{0,4}(busybox\s{1,4})?telnet\s{1,4}[^\n|;]{3,100}[^\n|;<]\s{0,4}1?>\s{0,4}["']?[\/$]/
        $two_ports = /\btelnet\s{1,4}[^\s|;]{1,80}\s{1,4}[^\s|;]{1,20}\s{0,4}\|\s{0,4}(\/usr)?(\/bin\/)?(busybox\s{1,4})?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?(\s{1,4}2>\s{0,2}&1)?\s{0,4}\|\s{0,4}(\/usr)?(\/bin\/)?(busybox\s{1,4})?telnet\s/
    condition:
        filesize < 1MB and ($two_ports or (($pipe or $pipe_mknod) and ($into_shell or $from_shell)))
}
