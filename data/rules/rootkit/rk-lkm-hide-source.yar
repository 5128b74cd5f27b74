rule rk_lkm_hide_source {
    meta:
        title = "Source of a kernel module that hides itself"
        why = "The module takes itself out of the list of modules or replaces system calls, so that files, processes or itself are not seen, or so that a signal gives root."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1014/"
    strings:
        $header = /#\s{0,4}include\s{0,4}<linux\/module\.h>/
        $unlink = /\blist_del(_init|_rcu)?\s{0,4}\(\s{0,4}&\s{0,4}\(?\s{0,4}(THIS_MODULE\s{0,4}->|__this_module\s{0,4}\)?\s{0,4}\.)\s{0,4}list\s{0,4}\)/
        $kobject = /\bkobject_del\s{0,4}\(\s{0,4}&\s{0,4}\(?\s{0,4}(THIS_MODULE\s{0,4}->|__this_module\s{0,4}\)?\s{0,4}\.)\s{0,4}mkobj/
        $table = /\bkallsyms_lookup_name\s{0,4}\(\s{0,4}"sys_call_table"|\bextern\s[^;\n]{0,40}\bsys_call_table\s{0,4}\[/
        $protect = /\bwrite_cr0\s{0,4}\(\s{0,4}read_cr0\s{0,4}\(\s{0,4}\)\s{0,4}&/
        $replace = /\[\s{0,4}_{0,2}(NR|SYS)_(getdents(64)?|kill|open(at)?|read|write|stat|execve|unlink(at)?|rename|recvmsg)\s{0,4}\]\s{0,4}=[^=]/
        $replace_hide = /\[\s{0,4}_{0,2}(NR|SYS)_(getdents(64)?|kill)\s{0,4}\]\s{0,4}=[^=]/
        $root = /->\s{0,4}e?uid(\.val)?\s{0,4}=[^;{}"]{0,120}\b0\s{0,4};[^}]{0,300}\bcommit_creds\s{0,4}\(|\bcommit_creds\s{0,4}\(\s{0,4}prepare_kernel_cred\s{0,4}\(\s{0,4}(0|NULL)\s{0,4}\)/
    condition:
        filesize < 512KB and $header and
        (($unlink or $kobject) and ($table or $protect or $replace or $root or $unlink and $kobject) or
         $replace_hide and ($table or $protect or $root))
}
