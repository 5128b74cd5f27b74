rule persist_pam_password {
    meta:
        title = "PAM module that records passwords or accepts a fixed one"
        why = "A log-in module has been changed: it writes passwords in clear into a file, or lets one secret password in for every account."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1556/003/"
    strings:
        $entry = "pam_sm_authenticate"
        // In a module: a format that joins user and password, and a hidden or temporary path.
        $format_named = /\b(user|username|login|name|usr|host|u|rhost)\s{0,2}[=:]\s{0,2}['"\[]?%s['"\]]?[^\x00\n%]{0,12}\b(pass|passwd|password|pwd|pw)\s{0,2}[=:]\s{0,2}['"\[]?%s/ nocase
        $format_pair = /\x00%s\s?::?\s?%s(\s?::?\s?%s)?\n\x00/
        $format_triple = /\x00%s %s ?: ?%s\n\x00/
        $path = /\x00(\/[A-Za-z0-9_+.-]{1,30}){0,6}\/\.[A-Za-z0-9_-]{1,40}(\.[a-z]{1,5})?\x00/
        $path_tmp = /\x00\/(tmp|var\/tmp|dev\/shm)\/[A-Za-z0-9._-]{1,60}\x00/
        $path_include = /\x00\/usr\/(include|share\/man|lib\/locale)[\/A-Za-z0-9._-]{1,60}\.(h|gz|log|txt|1)\x00/
        $open = /\x00f?open(64)?\x00/
        // In source text: a constant is compared and success follows; or the password is printed to a file.
        $source_include = /#\s{0,4}include\s{0,4}<security\/pam|^--- [^\n]{0,100}pam_|pam_handle_t/
        $source_compare = /\bstrn?cmp\s{0,4}\(\s{0,4}\w{1,30}\s{0,4},\s{0,4}("[^"\n]{4,80}"|[A-Z][A-Z0-9_]{2,30})\s{0,4}(,[^)]{1,20})?\)\s{0,4}(==|!=)\s{0,4}0\s{0,4}\)\s{0,4}\{?\s{0,8}(return\s{1,4}PAM_SUCCESS|retval\s{0,4}=|goto\s)/
        $source_compare_left = /\bstrn?cmp\s{0,4}\(\s{0,4}("[^"\n]{4,80}"|[A-Z][A-Z0-9_]{2,30})\s{0,4},\s{0,4}\w{1,30}\s{0,4}(,[^)]{1,20})?\)\s{0,4}==\s{0,4}0\s{0,4}\)\s{0,4}\{?\s{0,8}return\s{1,4}PAM_SUCCESS/
        $source_log = /\bfopen\s{0,4}\(\s{0,4}"\/[^"\n]{0,80}\/\.?[A-Za-z0-9_.-]{1,40}"\s{0,4},\s{0,4}"a[^"]{0,2}"\s{0,4}\)\s{0,4}[;)][^}]{0,120}fprintf\s{0,4}\([^;]{0,60}%s[^;]{0,12}%s[^;]{0,80}\b(p|pass|passwd|password|pw|pwd|authtok|token)\b/
    condition:
        filesize < 4MB and $entry and
        (uint32(0) == 0x464c457f and $open and ($path or $path_tmp or $path_include) and ($format_named or $format_pair or $format_triple) or
         uint32(0) != 0x464c457f and filesize < 256KB and $source_include and ($source_compare or $source_compare_left or $source_log))
}
