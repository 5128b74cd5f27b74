rule wipe_tree {
    meta:
        title = "Command that removes everything, hidden or in silence"
        why = "The command removes the whole system or all homes. It is encoded so that nobody sees it, or it runs in the background with its messages thrown away."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1485/"
    strings:
        $hidden_all = "rm -rf /*" base64
        $hidden_root = "rm -rf / " base64
        $hidden_home = "rm -rf ~" base64
        $hidden_preserve = "--no-preserve-root" base64
        $decode_shell = /\bbase64\s{1,2}(-d|-D|--decode)\b[^\n]{0,60}\|\s{0,3}(sudo\s{1,2})?(sh|bash|zsh|dash)\b/
        $decode_substitute = /\b(eval|bash -c|sh -c)\s{1,3}["']?(\$\(|`)[^\n]{1,4000}\bbase64\s{1,2}(-d|-D|--decode)/
        $decode_script = /\b(system|popen|run|call|Popen|exec|execSync|eval)\s{0,2}\([^\n]{0,60}\b(b64decode|Buffer\.from|atob|base64_decode|decode64)\s{0,2}\(/
        $escaped = /\\x72\\x6d\\x20\\x2d(\\x72\\x66|\\x66\\x72)\\x20(\\x2f|\\x7e|\\x2d\\x2d)/ nocase
        $silent = /\brm\s{1,3}(-rf|-fr|-Rf|-r -f)\s{1,3}(--no-preserve-root\s{1,3}\/\*?|\/\*|\/\s{1,3}--no-preserve-root)\s{1,3}(&>|>|2>)\s{0,2}\/dev\/null[^\n]{0,20}&(\s|$)/
        $system_folders = /\brm\s{1,3}(-rf|-fr|-Rf)\s[^\n;&|]{0,60}\s?\/(home|root|etc|boot|usr|var|opt|srv)(\/\*)?\s{1,2}\/(home|root|etc|boot|usr|var|opt|srv)(\/\*)?\s{1,2}\/(home|root|etc|boot|usr|var|opt|srv)(\/\*)?[ \n;&>"']/
        $shred = /\bfind\s{1,3}(\/|\/home|\/root|\$HOME|~)\s{1,3}(-xdev\s{1,3})?-type f\s{1,3}(-print0\s{0,3}\|\s{0,3}xargs -0\s{1,3}(-\w{1,6}\s{1,3}){0,2}|-exec\s{1,3})shred\s/
        $python = /\bshutil\.rmtree\s{0,2}\(\s{0,2}(['"]\/['"]|['"]\/home['"]|os\.path\.expanduser\s?\(\s?['"]~\/?['"]\s?\)|Path\.home\(\)|r?['"][cC]:\\{1,2}(Windows\\{0,2})?['"])\s{0,2},\s{0,2}(True|ignore_errors\s?=\s?True)/
        $batch_del = /\b(del|erase)\s{1,3}(\/[fsqa]\s{1,3}){2,4}"?(%systemdrive%|c:)\\(\*\.\*|\*|windows\\system32|windows\\\*)/ nocase
        $batch_rd = /\b(rd|rmdir)\s{1,3}(\/[sq]\s{1,3}){2}"?(c:\\?|%systemdrive%\\?|%systemroot%|%windir%|c:\\windows(\\system32)?|%userprofile%)["\s&]/ nocase
    condition:
        filesize < 1MB and (
            (any of ($hidden*) and any of ($decode*)) or
            any of ($escaped, $silent, $system_folders, $shred, $python, $batch_del, $batch_rd))
}
