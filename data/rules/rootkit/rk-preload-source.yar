rule rk_preload_source {
    meta:
        title = "Source of a library that hides files or processes"
        why = "The source defines the C library's directory reading anew and skips the entries that it wants unseen: compiled and preloaded, it hides them from every program."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
    strings:
        $next = /\bdlsym\s{0,4}\(\s{0,4}RTLD_NEXT\b/
        $define = /\bstruct\s{1,4}dirent(64)?\s{0,4}\*\s{0,4}readdir(64)?\s{0,4}\(\s{0,4}DIR\s{0,4}\*[^;)]{0,40}\)\s{0,4}\\?\s{0,4}\{/
        // The original is asked again until an entry may be seen.
        $while = /\bwhile\s{0,4}\(\s{0,4}(1|true)\s{0,4}\)[\s\\]{0,8}\{[\s\\]{0,16}\w{1,30}\s{0,4}=[^;{}]{1,80}\(\s{0,4}\w{1,20}\s{0,4}\)\s{0,4};[^}]{0,500}d_name[^}]{0,200}\bcontinue\b/
        $while_set = /\bwhile\s{0,4}\(\s{0,4}\(\s{0,4}\w{1,30}\s{0,4}=\s{0,4}[(*]{0,2}\w{1,40}\)?\s{0,4}\(\s{0,4}\w{1,20}\s{0,4}\)\s{0,4}\)[^;{}]{0,120}d_name[^;{}]{0,80}\)\s{0,4}(;|\{\s{0,8}\})/
        $do = /\bdo[\s\\]{0,8}\{[^}]{0,300}=[^;{}]{1,80}\(\s{0,4}\w{1,20}\s{0,4}\)\s{0,4};[^}]{0,300}\}[\s\\]{0,8}while\s{0,4}\([^;]{0,200}d_name/
    condition:
        filesize < 256KB and $next and $define and any of ($while, $while_set, $do)
}
