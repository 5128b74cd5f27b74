rule persist_udev_run {
    meta:
        title = "udev rule that starts a shell, a download or a hidden program"
        why = "A device event, often one that every boot brings, starts a program that udev rules of packages never start: it runs as root and leaves no service behind."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1546/017/"
    strings:
        $match = /(^|[\n,])\s{0,4}(ACTION|SUBSYSTEM|KERNEL|ENV\{\w{1,30}\}|ATTR\{\w{1,30}\}|DRIVER|SUBSYSTEMS|KERNELS)\s{0,2}[!=]=/
        $odd_place = /(^|[\n,])\s{0,4}(RUN|PROGRAM|RUN\{program\}|IMPORT\{program\})\s{0,2}(\+|:)?=\s{0,2}"([^"\n]{0,120}(['`;&|(]|[^>\s]\s{1,4}))?(\/(tmp|var\/tmp|dev\/shm)\/[^\s"\/]|\/(usr|etc|var|lib|opt|root|home)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,30}){0,5}\/\.[A-Za-z0-9_-])/
        $at_now = /(^|[\n,])\s{0,4}RUN(\{program\})?\s{0,2}(\+|:)?=\s{0,2}"[^"\n]{0,160}\|\s{0,4}(\/usr\/bin\/)?at\s{1,4}(-M\s{1,4})?now/
        $download = /(^|[\n,])\s{0,4}(RUN|PROGRAM|RUN\{program\})\s{0,2}(\+|:)?=\s{0,2}"[^"\n]{0,120}\b(curl|wget)\s[^"\n]{3,200}[^|\n](\|\s{0,4}(\/bin\/)?(ba|da|z)?sh|chmod\s)/
        $network = /(^|[\n,])\s{0,4}(RUN|PROGRAM|RUN\{program\})\s{0,2}(\+|:)?=\s{0,2}"[^"\n]{0,160}(\/dev\/tcp\/|\b(nc|ncat|netcat|socat)\s[^"\n]{0,80}(-e|exec:|\/bin\/(ba)?sh))/ nocase
    condition:
        filesize < 256KB and $match and any of ($odd_place, $at_now, $download, $network)
}
