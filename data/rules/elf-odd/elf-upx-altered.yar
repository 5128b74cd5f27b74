rule elf_upx_altered {
    meta:
        title = "Packed program whose packer's marks are erased"
        why = "The packer UPX is honest and anybody can undo it; who overwrites its marks wants that nobody looks inside. Bots on Linux are spread like this."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/002/"
    strings:
        $magic = "UPX!"
        $info = "$Info: This file is packed with the "
        $packer = /[ \x00][^\x00\n]{0,4} executable packer http:\/\//
        $team = /\d\.\d{1,2} Copyright \(C\) 1996-2\d{3} the [^\x00]{1,4} Team\. All Rights Reserved/
        $protect = "PROT_EXEC|PROT_WRITE failed."
    condition:
        uint32(0) == 0x464c457f and filesize < 64MB and
        // Neither the packer nor what it packs has a section table; the packer itself has.
        ((uint8(4) == 2 and uint16(60) == 0) or (uint8(4) == 1 and uint16(48) == 0)) and (
            (any of ($info, $packer, $team, $protect) and
                (#magic < 2 or ((uint16(16) == 2 or uint16be(16) == 2) and @magic[1] > 1024))) or
            // The mark is in its place in the header, and the sizes behind it, which unpacking needs, are zero.
            (@magic[1] < 1024 and (uint32(@magic[1] + 12) == 0 or uint32(@magic[1] + 16) == 0)))
}
