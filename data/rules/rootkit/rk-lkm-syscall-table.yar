rule rk_lkm_syscall_table {
    meta:
        title = "Kernel module that hooks the system-call table"
        why = "The module looks for the system-call table and has its own directory listing or kill: loaded, it decides which files and processes anybody on this machine can see."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1014/"
    strings:
        $section = "\x00.modinfo\x00"
        $table = "sys_call_table"
        $hook = /\x00(\w{1,24}_)?(hack|hacked|hook|hooked|hk|h|fake|new|my|evil|bad|rk|orig|original|old|o|real|fh|khook|hide|hidden)_?(__)?(sys_|x64_sys_|arm64_sys_|compat_sys_|ia32_sys_)?(getdents(64)?|kill|tcp[46]_seq_show|udp[46]_seq_show|iterate(_shared)?|filldir(64)?)\x00/
        $trait = /\x00(prepare_creds|commit_creds|prepare_kernel_cred|give_?root|get_?root|root_?me|set_?root|(un)?hide(_?pid|_?me|_?module|_?file|_?proc(ess)?)?|module_(un)?hide|disable_write_protection|write_cr0(_forced)?)\x00/ nocase
    condition:
        uint32(0) == 0x464c457f and (uint16(16) == 1 or uint16be(16) == 1) and filesize < 4MB and
        $section and $table and $hook and $trait
}
