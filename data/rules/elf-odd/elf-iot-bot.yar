rule elf_iot_bot {
    meta:
        title = "Bot for devices: tries factory passwords and floods"
        why = "The program logs in to cameras, routers and servers with factory passwords, keeps the device from restarting and waits for orders to flood others."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1498/"
    strings:
        // Factory passwords, in clear and with the one-byte XOR that such tables carry.
        $password_camera = "xc3511\x00"
        $password_dvr = "vizxv\x00"
        $password_router = "7ujMko0"
        $password_modem = "Zte521\x00"
        $password_box = "klv1234\x00"
        $password_voice = "GM8182\x00"
        $hidden_camera = "xc3511" xor(1-255)
        $hidden_router = "7ujMko0" xor(1-255)
        $hidden_box = "klv1234" xor(1-255)
        $watchdog = "/dev/watchdog"
        $watchdog_misc = "/dev/misc/watchdog"
        $hidden_watchdog = "/dev/watchdog" xor(1-255)
        $busybox = /\/bin\/busybox [A-Z]{3,12}\b/
        $hidden_busybox = "/bin/busybox " xor(1-255)
        $kill = /\/proc\/(%[dsu]|self|net)\/(exe|maps|tcp)\x00/
        $flood = /\b(udpplain|udpflood|synflood|ackflood|greip|stomp flood|vseflood|httpflood|UDPRAW|STDHEX|TCPFLOOD)\b/ nocase
        $load = /\/bins?\.sh\b|\/bins\/[\w.]{1,20}\.(mips|mpsl|arm\d?|x86|sh4|ppc)\b/
    condition:
        uint32(0) == 0x464c457f and filesize < 4MB and (
            (2 of ($password*) and any of ($watchdog*, $busybox, $kill, $flood, $load)) or
            (2 of ($hidden_camera, $hidden_router, $hidden_box) and any of ($hidden_watchdog, $hidden_busybox, $watchdog*)) or
            (any of ($watchdog*) and $busybox and ($flood or $load)))
}
