rule ransom_esxi {
    meta:
        title = "Program that stops virtual machines and encrypts their disks"
        why = "It kills the guests of a VMware host so that their disks can be opened, and encrypts these: every server on the host is lost at once."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $kill_1 = /\besxcli\s[^\n\x00]{0,80}vm\sprocess\skill\s{1,4}-/
        $kill_2 = /\bvmsvc\/power\.off\s{1,4}["']?\$/
        $kill_3 = "vmsvc/power.off\x00"
        $disks_1 = "/vmfs/volumes"
        $disks_2 = ".vmdk"
        $disks_3 = "\x00vmdk\x00"
        $encrypt_1 = /\/(tmp|scratch|store|var)\/[\w.\/]{0,30}encrypt\b/
        $encrypt_2 = /\.\/\w{0,20}encrypt\w{0,20}\s/
        $encrypt_3 = /\bopenssl\s{1,4}\w{2,20}\s[^\n]{0,80}\s-in\s{1,4}["']?\$/
        $encrypt_4 = /encrypt\w{0,20}\s{0,2}\(/
        $encrypt_5 = /\bgpg\s[^\n]{0,60}\s(-c|-e|--symmetric|--encrypt)\s/
        $note_1 = "/etc/motd"
        $note_2 = "/etc/vmware/welcome"
        $note_3 = "/hostd/docroot/ui/index.html"
        $note_4 = /\b(your|all)\s[^.!?\n\x00]{0,60}\b(encrypted|locked|ciphered|hacked)\b/ nocase
        $note_5 = ".onion"
        // In a program the note and the list of suffixes are enough.
        $own = /\byour\s[^.!?\n\x00]{0,60}\b(encrypted|locked|ciphered)\b/ nocase
        $suffix = /\.?(vmem|vswp|vmsn|nvram|vmsd|vmss)\x00/
    condition:
        filesize < 16MB and any of ($kill*) and any of ($disks*) and
        (uint32(0) == 0x464C457F and $suffix and ($own or $note_5)
         or uint32(0) != 0x464C457F and filesize < 1MB and any of ($encrypt*) and any of ($note*))
}
