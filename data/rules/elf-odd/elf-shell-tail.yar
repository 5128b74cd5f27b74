rule elf_shell_tail {
    meta:
        title = "Program with a download command behind its end"
        why = "Behind the program's last part lies a shell command that downloads or decodes and runs; nothing that loads the program needs it there."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/009/"
    strings:
        $download = /\b(curl|wget|tftp|ftpget)\s[^\n\x00]{1,200}(\||;|&&)\s{0,3}(sudo\s{1,2})?(sh|bash|dash|python3?|chmod)\s?\b/
        $decode = /\bbase64\s{1,2}(-d|-D|--decode)\b[^\n\x00]{0,80}\|\s{0,3}(sh|bash|dash|python3?)\b/
        $script = /#!\/bin\/(sh|bash|dash)[ \n][^\x00]{0,800}\n[^\n]{0,120}\b(curl|wget|tftp|ftpget)\s[^\x00]{1,300}\bchmod\s{1,2}[+\w]{1,5}\s/
    condition:
        uint32(0) == 0x464c457f and filesize < 16MB and (
            // Behind every loaded segment, and behind the section table, which compilers put last.
            (uint8(4) == 2 and uint8(5) == 1 and uint16(56) > 0 and uint16(56) < 65 and
                for all i in (0..uint16(56) - 1) : (uint32(uint32(32) + 56 * i) != 1 or
                    any of them in (uint32(uint32(32) + 56 * i + 8) + uint32(uint32(32) + 56 * i + 32)..filesize)) and
                ((uint16(60) == 0 and filesize < 4MB) or (filesize - uint32(40) - uint16(58) * uint16(60) < 64KB and
                    any of them in (uint32(40) + uint16(58) * uint16(60)..filesize)))) or
            (uint8(4) == 1 and uint8(5) == 1 and uint16(44) > 0 and uint16(44) < 65 and
                for all i in (0..uint16(44) - 1) : (uint32(uint32(28) + 32 * i) != 1 or
                    any of them in (uint32(uint32(28) + 32 * i + 4) + uint32(uint32(28) + 32 * i + 16)..filesize)) and
                ((uint16(48) == 0 and filesize < 4MB) or (filesize - uint32(32) - uint16(46) * uint16(48) < 64KB and
                    any of them in (uint32(32) + uint16(46) * uint16(48)..filesize)))))
}
