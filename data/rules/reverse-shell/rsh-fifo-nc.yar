rule rsh_fifo_nc {
    meta:
        title = "Named pipe that loops a shell through netcat"
        why = "A pipe file joins a shell and a network connection in a ring: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $pipe = "mkfifo"
        $pipe_mknod = /\bmknod\s{1,4}[^\s;|&]{1,80}\s{1,4}p\b/
        // The shell's output goes to netcat and netcat's into a file; or netcat's into a shell and that into a file.
        $shell_to_nc = /\|?\s{0,4}(\/usr)?(\/bin\/)?(busybox\s{1,4})?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?(\s{1,4}0?<\s{0,4}[^\s|;]{1,80})?(\s{1,4}2>\s{0,2}&1)?\s{0,4}\|&?\s{0,4}(\/usr)?(\/bin\/)?(busybox\s{1,4})?(nc|ncat|netcat)(\.\w{4,12})?\s[^\n|;]{3,100}[^\n|;<]\s{0,4}1?>\s{0,4}["']?[\/$]/
        $nc_to_shell = /\b(nc|ncat|netcat)\s[^\n|;]{3,80}\s0?<\s{0,4}["']?[\/$][^\n|;]{1,80}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}[^\n|;]{0,20}>\s{0,4}["']?[\/$]/
        // A manual page explains it, in examples of its own.
        $manual = /\n\.(Dd|Sh|SH|TH)\s/
    condition:
        filesize < 1MB and not $manual and ($pipe or $pipe_mknod) and ($shell_to_nc or $nc_to_shell)
}
