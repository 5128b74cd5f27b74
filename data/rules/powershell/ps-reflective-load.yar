rule ps_reflective_load {
    meta:
        title = "PowerShell that starts a program from memory"
        why = "A program is decoded or downloaded and started without ever being a file: virus scanners that look at files do not see it."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1620/"
    strings:
        $decoded = /(reflection\.assembly\s{0,2}\]\s{0,2}::\s{0,2}load|currentdomain\s{0,2}\.\s{0,2}load)\s{0,2}\(\s{0,4}\[\s{0,2}(system\.)?convert\s{0,2}\]\s{0,2}::\s{0,2}("?'?frombase64string)/ nocase
        $variable = /(reflection\.assembly\s{0,2}\]\s{0,2}::\s{0,2}load|currentdomain\s{0,2}\.\s{0,2}load)\s{0,2}\(\s{0,4}(\[byte\[\]\]\s{0,2})?\$\w{1,40}\s{0,2}\)/ nocase
        $download = /\.\s{0,2}downloaddata\s{0,2}\(/ nocase
        // Base64 of a program's first bytes.
        $program = /["']TV[qpor][QAB][A-Za-z0-9+\/]{40}/
        $xor = /\$\w{1,30}\[\$\w{1,20}\]\s{0,4}-bxor\s/ nocase
        $enter = /\.\s{0,2}entrypoint\s{0,2}\.\s{0,2}invoke\s{0,2}\(|\.\s{0,2}getmethod\s{0,2}\([^\n]{1,80}\)\s{0,2}\.\s{0,2}invoke\s{0,2}\(/ nocase
        $enter_next = /(reflection\.assembly\s{0,2}\]\s{0,2}::\s{0,2}load|currentdomain\s{0,2}\.\s{0,2}load)\s{0,2}\(\s{0,4}\$\w{1,40}\s{0,2}\)\s{0,4}[;\n|]\s{0,4}(out-null\s{0,4}[;\n]\s{0,4})?\[\w{1,40}(\.\w{1,40}){1,4}\]::\w{1,40}\(/ nocase
    condition:
        filesize < 8MB and ($enter or $enter_next) and ($decoded or $variable and ($download or $program or $xor))
}
