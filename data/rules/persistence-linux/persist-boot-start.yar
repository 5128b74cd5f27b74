rule persist_boot_start {
    meta:
        title = "Boot script starts a program out of a temporary or hidden folder"
        why = "rc.local, an init script or inittab starts something from a place that everybody can write to or that listings leave out. No package does that."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1037/004/"
    strings:
        $is_rc = /(^|\n)#[^\n]{0,60}\brc\.local\b/
        $is_rc_text = "end of each multiuser runlevel"
        $is_rc_lock = "/var/lock/subsys/local"
        $is_init = "### BEGIN INIT INFO"
        $is_init_old = /(^|\n)# chkconfig:\s{0,4}[0-9-]/
        $is_inittab = /(^|\n)[a-z0-9]{1,4}:[0-9S]{0,8}:(initdefault|sysinit|respawn|once|wait|boot|bootwait)/
        // A command of its own: at the start of a line or behind nohup, setsid, a bracket or a semicolon.
        $line = /(^|\n)[ \t]{0,12}(\(\s{0,4})?((nohup|setsid|exec|sudo|sh|bash|\/bin\/sh|\/bin\/bash)\s{1,4}){0,3}(\/(tmp|var\/tmp|dev\/shm)\/[A-Za-z0-9._-][^\s;=:)]{0,100}|\/(usr|etc|var|lib|opt|bin|sbin|root|home)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,30}){0,5}\/\.[A-Za-z0-9_-][^\s;=:)]{0,100})(\s{1,4}-[^\n]{0,80}|[ \t]{0,4}(>|&|2>|1>)[^\n]{0,60}|[ \t]{0,4})[\n;)]/
        $respawn = /(^|\n)[a-z0-9]{1,4}:[0-9S]{0,8}:(sysinit|respawn|once|wait|boot|bootwait|ondemand):(\/bin\/)?((sh|bash|nohup)\s{1,4}(-c\s{1,4})?)?["']?(\/(tmp|var\/tmp|dev\/shm)\/|\/(usr|etc|var|lib|opt|bin|sbin|root)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,30}){0,5}\/\.[A-Za-z0-9_-])/
    condition:
        filesize < 128KB and any of ($is_*) and ($line or $respawn)
}
