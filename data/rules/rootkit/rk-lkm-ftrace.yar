rule rk_lkm_ftrace {
    meta:
        title = "Kernel module that traces directory or network listing"
        why = "The module places itself, through the kernel's function tracing, before directory listing, kill or the tables of connections: that is how a rootkit hides files, processes and connections."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1014/"
    strings:
        $section = "\x00.modinfo\x00"
        $trace = "\x00register_ftrace_function\x00"
        $filter = /\x00ftrace_set_filter(_ip)?\x00/
        $probe = "\x00register_kprobe\x00"
        $lookup = "kallsyms_lookup_name\x00"
        $listing = /[^A-Za-z0-9_](__x64_|__ia32_|__arm64_|__se_|__do_|compat_)?sys_(getdents(64)?|kill)\x00/
        $network = /[^A-Za-z0-9_](tcp[46]_seq_show|udp[46]_seq_show|tpacket_rcv)\x00/
        $log = /[^A-Za-z0-9_](do_syslog|kmsg_read|devkmsg_read)\x00/
    condition:
        uint32(0) == 0x464c457f and (uint16(16) == 1 or uint16be(16) == 1) and filesize < 4MB and $section and
        ($trace and $filter and ($listing or $network or $log) or
         $probe and $lookup and 2 of ($listing, $network, $log))
}
