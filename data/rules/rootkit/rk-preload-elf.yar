rule rk_preload_elf {
    meta:
        title = "Library that hides files or processes from every program"
        why = "The library takes the place of the C library's directory reading and knows process folders, connection tables or the preload list: what it leaves out, no tool on this machine shows."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
    strings:
        $next = /[^A-Za-z0-9_]dlsym\x00/
        // Once as the name that is looked up, once as the name that is defined.
        $readdir = /[^A-Za-z0-9_]readdir\x00/
        $readdir64 = /[^A-Za-z0-9_]readdir64\x00/
        $process = /\x00\/proc\/%[a-z]{1,2}\/(stat|status|cmdline|comm|exe|maps)\x00/
        $descriptor = "/proc/self/fd/%d\x00"
        $connections = /\x00\/proc\/net\/(tcp|udp|unix)6?\x00/
        $preload = /ld\.so\.preload\x00/
        $wrapper = /(FAKEROOTKEY|FAKECHROOT_BASE|TORSOCKS_|COWDANCER|SANDBOX_LOG|UBSAN_OPTIONS|ASAN_OPTIONS)/
    condition:
        uint32(0) == 0x464c457f and (uint16(16) == 3 or uint16be(16) == 3) and filesize < 256KB and
        $next and (#readdir >= 2 or #readdir64 >= 2) and 2 of ($process, $descriptor, $connections, $preload) and not $wrapper
}
