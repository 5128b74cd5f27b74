rule elf_tiny_connect {
    meta:
        title = "Tiny program that only opens a connection"
        why = "A few hundred bytes that open a network connection: such a program fetches or offers a shell or the next stage, which stays in memory only."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1095/"
    strings:
        // System calls by their numbers: socket, then connect or bind.
        $socket_x64_pop = { 6a 29 58 [0-24] 0f 05 }
        $socket_x64_mov = { b8 29 00 00 00 [0-24] 0f 05 }
        $socket_x64_low = { b0 29 [0-24] 0f 05 }
        $connect_x64_pop = { 6a (2a | 31) 58 [0-24] 0f 05 }
        $connect_x64_mov = { b8 (2a | 31) 00 00 00 [0-24] 0f 05 }
        $connect_x64_low_c = { b0 2a [0-24] 0f 05 }
        $connect_x64_low_b = { b0 31 [0-24] 0f 05 }
        $call_x86_pop = { 6a 66 58 [0-24] cd 80 }
        $call_x86_low = { b0 66 [0-24] cd 80 }
        $call_x86_mov = { b8 66 00 00 00 [0-24] cd 80 }
        $socket_x86 = { b8 67 01 00 00 [0-24] cd 80 }
        $connect_x86 = { b8 (69 | 6a) 01 00 00 [0-24] cd 80 }
        $socket_arm64 = { c8 18 80 d2 [0-24] 01 00 00 d4 }
        $connect_arm64 = { (68 19 | 08 19) 80 d2 [0-24] 01 00 00 d4 }
    condition:
        filesize < 1KB and uint32(0) == 0x464c457f and (uint16(16) == 2 or uint16(16) == 3) and
        ((uint8(4) == 2 and uint16(60) == 0) or (uint8(4) == 1 and uint16(48) == 0)) and (
            (any of ($socket_x64*) and any of ($connect_x64*)) or
            #call_x86_pop + #call_x86_low + #call_x86_mov > 1 or
            ($socket_x86 and $connect_x86) or
            ($socket_arm64 and $connect_arm64))
}
