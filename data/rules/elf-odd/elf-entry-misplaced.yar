rule elf_entry_misplaced {
    meta:
        title = "Program that starts outside of its own code"
        why = "Execution begins in data, in a part appended behind the file's end or in a writable part beside the real code: this is how viruses and hidden additions are run before the program they sit in."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1554/"
    strings:
        $elf = "\x7fELF"
    condition:
        filesize < 512MB and $elf at 0 and uint8(5) == 1 and (uint16(16) == 2 or uint16(16) == 3) and (
            // 64 bits; on PowerPC the entry point is a descriptor in the data.
            (uint8(4) == 2 and uint16(18) != 21 and uint16(18) != 50 and uint32(24) + uint32(28) > 0 and
                uint16(54) == 56 and uint16(56) > 0 and uint16(56) < 65 and filesize > uint32(32) + 56 * uint16(56) and (
                // In no executable segment, by virtual or, for what boots, physical address.
                not for any i in (0..uint16(56) - 1) : (
                    uint32(uint32(32) + 56 * i) == 1 and uint32(uint32(32) + 56 * i + 4) & 1 == 1 and (
                    (uint32(24) + (uint32(28) << 32) - uint32(uint32(32) + 56 * i + 16) - (uint32(uint32(32) + 56 * i + 20) << 32) >= 0 and
                        uint32(24) + (uint32(28) << 32) - uint32(uint32(32) + 56 * i + 16) - (uint32(uint32(32) + 56 * i + 20) << 32)
                            < uint32(uint32(32) + 56 * i + 40)) or
                    (uint32(24) >= uint32(uint32(32) + 56 * i + 24) and
                        uint32(24) - uint32(uint32(32) + 56 * i + 24) < uint32(uint32(32) + 56 * i + 40)))) or
                // In a segment that lies behind the section table, or in a writable one added to code that is not.
                for any i in (0..uint16(56) - 1) : (
                    uint32(uint32(32) + 56 * i) == 1 and
                    uint32(24) + (uint32(28) << 32) - uint32(uint32(32) + 56 * i + 16) - (uint32(uint32(32) + 56 * i + 20) << 32) >= 0 and
                    uint32(24) + (uint32(28) << 32) - uint32(uint32(32) + 56 * i + 16) - (uint32(uint32(32) + 56 * i + 20) << 32)
                        < uint32(uint32(32) + 56 * i + 40) and (
                    (uint32(40) > 0 and uint16(60) > 0 and uint32(uint32(32) + 56 * i + 8) >= uint32(40) + 64 * uint16(60)) or
                    (uint32(uint32(32) + 56 * i + 4) & 3 == 3 and for any j in (0..uint16(56) - 1) : (
                        j < i and uint32(uint32(32) + 56 * j) == 1 and uint32(uint32(32) + 56 * j + 4) & 3 == 1)))))) or
            (uint8(4) == 1 and uint32(24) > 0 and
                uint16(42) == 32 and uint16(44) > 0 and uint16(44) < 65 and filesize > uint32(28) + 32 * uint16(44) and (
                not for any i in (0..uint16(44) - 1) : (
                    uint32(uint32(28) + 32 * i) == 1 and uint32(uint32(28) + 32 * i + 24) & 1 == 1 and (
                    (uint32(24) >= uint32(uint32(28) + 32 * i + 8) and
                        uint32(24) - uint32(uint32(28) + 32 * i + 8) < uint32(uint32(28) + 32 * i + 20)) or
                    (uint32(24) >= uint32(uint32(28) + 32 * i + 12) and
                        uint32(24) - uint32(uint32(28) + 32 * i + 12) < uint32(uint32(28) + 32 * i + 20)))) or
                for any i in (0..uint16(44) - 1) : (
                    uint32(uint32(28) + 32 * i) == 1 and
                    uint32(24) >= uint32(uint32(28) + 32 * i + 8) and
                    uint32(24) - uint32(uint32(28) + 32 * i + 8) < uint32(uint32(28) + 32 * i + 20) and (
                    (uint32(32) > 0 and uint16(48) > 0 and uint32(uint32(28) + 32 * i + 4) >= uint32(32) + 40 * uint16(48)) or
                    (uint32(uint32(28) + 32 * i + 24) & 3 == 3 and for any j in (0..uint16(44) - 1) : (
                        j < i and uint32(uint32(28) + 32 * j) == 1 and uint32(uint32(28) + 32 * j + 24) & 3 == 1)))))))
}
