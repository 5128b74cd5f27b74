rule elf_masquerade {
    meta:
        title = "Program that poses as a part of the kernel"
        why = "The program gives itself the name of a kernel thread, so that lists of processes show it as something nobody looks at, and removes or reads its own file."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1036/011/"
    strings:
        // The whole text of a name, as it is written into the process's title.
        $worker = /\x00\[(kworker|ksoftirqd|migration|rcu_sched|kswapd|jbd2|khugepaged|kthreadd|watchdog|scsi_eh_|kdevtmpfs|kauditd|cpuhp)[\w:\/.-]{0,20}\]\x00/
        $title = /\x00(kworker|ksoftirqd|migration|kswapd)\/u?\d{1,3}:?\d{0,3}[a-zA-Z-]{0,8}\x00/
        $self = "/proc/self/exe\x00"
        $name = /\bprctl\x00/
        $unlink = /\b(unlink|remove|unlinkat)\x00/
        $setsid = /\b(setsid|daemon)\x00/
        $network = /\b(connect|getaddrinfo|gethostbyname|inet_addr|inet_pton)\x00/
    condition:
        uint32(0) == 0x464c457f and (uint16(16) == 2 or uint16(16) == 3) and filesize < 16MB and
        ($worker or $title) and $network and (($name and ($unlink or $setsid)) or ($self and $unlink and $setsid))
}
