rule rsh_ruby {
    meta:
        title = "Ruby gives a network connection to a shell"
        why = "A socket connects out and a shell or a command loop gets it as its input and output: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $socket = /\bTCPSocket\.(open|new)\s{0,4}\(?\s{0,4}["'$A-Za-z]/
        $sprintf = /\b(exec|spawn|system)\s{0,4}\(?\s{0,4}(sprintf\s{0,4}\(?\s{0,4})?["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}0?<&(%d|#\{)/
        $spawn = /\b(spawn|exec|system)\s{0,4}\(?\s{0,4}["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh["'][^\n]{0,40}(:in\s{0,3},\s{0,3}:out|\[\s?0\s?,\s?1|:?in\s{0,3}(=>|:)\s{0,3}\w{1,20}\s{0,3},\s{0,3}:?out)/
        $reopen = /\$?(stdin|STDIN)\.reopen\s{0,4}\(?\s{0,4}\w{1,20}/
        $shell = /\b(exec|system)\s{0,4}\(?\s{0,4}["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b/
        // while(cmd=c.gets); IO.popen(cmd, ...) { |io| c.print io.read }
        $popen_loop = /\b(\w{1,20})\s{0,4}=\s{0,4}\w{1,20}\.(gets|readline|recv)\b[^#]{0,60}\bIO\.popen\s{0,4}\(?\s{0,4}\w{1,20}\s{0,4},?[^#]{0,40}\.(print|puts|write)\b/
        $back_loop = /\b\w{1,20}\s{0,4}=\s{0,4}\w{1,20}\.(gets|readline|recv)\b[^#]{0,60}\.(print|puts|write)\s{0,4}\(?\s{0,4}(`#\{\s?\w{1,20}\s?\}|%x[({\[]\s?#\{)/
    condition:
        filesize < 512KB and $socket and ($sprintf or $spawn or $popen_loop or $back_loop or ($reopen and $shell))
}
