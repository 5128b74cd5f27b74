rule elf_rwx_no_sections {
    meta:
        title = "Program without sections that rewrites its own code"
        why = "Everything it loads is writable and executable at once, and the table that tools read is missing: no compiler makes such a program, packers and exploit kits do."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $elf = "\x7fELF"
    condition:
        filesize < 16MB and $elf at 0 and (
            (uint8(4) == 2 and uint8(5) == 1 and (uint16(16) == 2 or uint16(16) == 3) and uint16(60) == 0 and
                uint16(56) > 0 and uint16(56) < 17 and
                for any i in (0..uint16(56) - 1) : (uint32(uint32(32) + 56 * i) == 1) and
                for all i in (0..uint16(56) - 1) :
                    (uint32(uint32(32) + 56 * i) != 1 or (uint32(uint32(32) + 56 * i + 4) & 7) == 7)) or
            (uint8(4) == 1 and uint8(5) == 1 and (uint16(16) == 2 or uint16(16) == 3) and uint16(48) == 0 and
                uint16(44) > 0 and uint16(44) < 17 and
                for any i in (0..uint16(44) - 1) : (uint32(uint32(28) + 32 * i) == 1) and
                for all i in (0..uint16(44) - 1) :
                    (uint32(uint32(28) + 32 * i) != 1 or (uint32(uint32(28) + 32 * i + 24) & 7) == 7)) or
            (uint8(4) == 1 and uint8(5) == 2 and (uint16be(16) == 2 or uint16be(16) == 3) and uint16be(48) == 0 and
                uint16be(44) > 0 and uint16be(44) < 17 and
                for any i in (0..uint16be(44) - 1) : (uint32be(uint32be(28) + 32 * i) == 1) and
                for all i in (0..uint16be(44) - 1) :
                    (uint32be(uint32be(28) + 32 * i) != 1 or (uint32be(uint32be(28) + 32 * i + 24) & 7) == 7)))
}
