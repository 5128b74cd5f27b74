rule loader_arch_loop {
    meta:
        title = "Loader that tries one program after the other for each processor"
        why = "The script fetches the same program for a list of processors, runs each and deletes it, until one works: that is how device botnets take routers, cameras and servers."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1105/"
    strings:
        // Written out, line after line.
        $line = /\b(wget|curl|tftp|ftpget)\s[^\n]{4,250}[^A-Za-z0-9](armv?[4-8]?l?|mips(el|64)?|mpsl|sh4|ppc|powerpc|m68k|x86(_64)?|x32|i[3-6]86|spc|sparc|arc)[^A-Za-z0-9][^\n]{0,200}\bchmod\s{1,4}(0?777|755|700|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\n]{1,60}(;|&&)\s{0,4}\.\/[A-Za-z0-9._$-]/
        // As a loop over names of processors.
        $list = /\b((arm[4-7]?|mips|mipsel|mpsl|sh4|ppc|powerpc|m68k|x86|x86_64|i[3-6]86|spc|sparc|arc)\s{1,2}){4}/
        $device = /\b(mpsl|mipsel|mips|sh4|m68k|spc|arm[5-7])\b/
        $fetch = /\b(wget|curl|tftp|ftpget)\s[^\n]{4,200}\$\{?[A-Za-z_0-9]{1,12}\}?/
        $run = /\bchmod\s{1,4}(0?777|755|700|[ugoa]{0,3}\+[rwx]{0,2}x)\s{1,4}[^\n;&|]{1,60}(;|&&|\n)\s{0,8}\.\/[A-Za-z0-9._$*-][^\n]{0,60}(;|&&|\n)\s{0,8}(rm\s|>)/
    condition:
        filesize < 256KB and (#line >= 3 or $list and #device >= 2 and $fetch and $run)
}
