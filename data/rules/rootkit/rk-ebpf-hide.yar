rule rk_ebpf_hide {
    meta:
        title = "BPF program that rewrites what a directory listing shows"
        why = "The program runs inside the kernel at each directory listing and writes into the memory of who asked: files and processes vanish before any tool sees them."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1014/"
    strings:
        // An object for the BPF machine, the whole file or carried by a loader.
        $object = { 7F 45 4C 46 (02 01 | 01 01) 01 [9] 01 00 F7 00 }
        $listing = /[^A-Za-z0-9_](tp\/syscalls\/sys_(enter|exit)_|tracepoint\/syscalls\/sys_(enter|exit)_|k(ret)?probe\/(__x64_|__arm64_|__ia32_)?sys_|ksyscall\/|kretsyscall\/|f(entry|exit)\/(__x64_|__arm64_|__ia32_)?sys_)getdents(64)?\x00/
        $reading = /[^A-Za-z0-9_](tp|tracepoint)\/syscalls\/sys_exit_read\x00/
        $secret = /\/etc\/(sudoers|shadow|passwd)\b|ALL=\(ALL|NOPASSWD/
        // The helper that writes user memory: by its name, or as the call of helper 36.
        $helper = /[^A-Za-z0-9_ ]bpf_probe_write_user(\([^\x00 ]{0,30}\))?\x00/
        $call = { 85 00 00 00 24 00 00 00 }
        $hide = /[^A-Za-z0-9_](\w{1,30}_)?(hid(e|den)|to_hide|to_patch)(_\w{1,30})?\x00/
    condition:
        uint32(0) == 0x464c457f and filesize < 32MB and $object and
        ($listing and ($call or $helper and $hide) or $reading and $secret and $call)
}
