rule ps_amsi_bypass {
    meta:
        title = "PowerShell that blinds the virus scanner"
        why = "The script reaches into PowerShell and switches off the interface that shows scripts to virus scanners: what comes next is not meant to be seen."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
    strings:
        $reflection = /\[ref\]\s{0,2}\.\s{0,2}assembly\s{0,2}\.\s{0,2}gettypes?\s{0,2}\([^\n]{0,300}\.\s{0,2}getfields?\s{0,2}\([^\n]{0,160}nonpublic\s{0,2},\s{0,2}static/ nocase
        $write = /\.\s{0,2}setvalue\s{0,2}\(\s{0,2}\$null\s{0,2},|marshal\s{0,2}\]\s{0,2}::\s{0,2}(copy|write(byte|int\w{0,3}))\s{0,2}\(/ nocase
        $name = /amsi(utils|initfailed|context|session)|\ba["']\s{0,2}\+\s{0,2}["']m?si|\bam["']\s{0,2}\+\s{0,2}["']si|\.a["']\s{0,2}\+\s{0,2}["']msiu|\*i?utils['"]/ nocase
        $buffer = /amsi["'+ ]{0,5}scan["'+ ]{0,5}(buffer|string)/ nocase
        $address = "GetProcAddress" nocase
        $protect = "VirtualProtect" nocase
        $patch = /marshal\s{0,2}\]\s{0,2}::\s{0,2}(copy|write(byte|int\w{0,3}))\s{0,2}\(/ nocase
        $call = /\]\s{0,2}::\s{0,2}(VirtualProtect|GetProcAddress)\s{0,2}\(/ nocase
    condition:
        filesize < 1MB and ($reflection and $write and $name or $buffer and $address and $protect and $patch and $call)
}
