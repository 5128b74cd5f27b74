rule miner_installer {
    meta:
        title = "Script that installs a coin miner under a false name"
        why = "The script fetches a coin miner, tunes the machine for it and gives it the name of a system program: somebody mines here and wants to stay unseen."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        $fetch = /\b(curl|wget)\s[^\n]{4,240}(xmrig|xmr-stak|minerd|cpuminer|ccminer|nanominer)/
        $tune = /\bnr_hugepages\b|\bmodprobe\s{1,4}msr\b|\bwrmsr\s{1,4}-/
        // The miner gets another name, or is saved under the name of a part of the system.
        $rename = /\b(mv|cp|ln\s{1,4}-s)\s{1,4}(-\w{1,3}\s{1,4})?\S{0,100}\/xmr(ig|-stak)["']?\s{1,4}\S{0,100}\/[A-Za-wyz0-9._\[][^\s\/]{0,40}\s/
        $save = /\b(curl|wget)\s[^\n]{4,200}(xmrig|xmr-stak|minerd|cpuminer)[^\n]{0,60}\s(-o|-O|--output|>)\s{0,4}\S{0,80}\/["']?[.\[]?(kworker|kswapd|kthread|ksoftirqd|kdevtmp|systemd|dbus|crond|sshd|rsyslog|udevd|migration|watchdog|khugepaged)/
        $start_option = /\s-B\s|--background\b/
        $start_job = /\bcrontab\s{1,4}-|@reboot|\[Service\]|\bsystemctl\s{1,4}enable/
        $start_shell = /\bnohup\s| &\n/
    condition:
        filesize < 256KB and $fetch and $tune and ($rename or $save) and any of ($start_*)
}
