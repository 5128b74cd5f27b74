rule lnk_remote_script {
    meta:
        title = "Shortcut that runs something from the network"
        why = "Clicking this shortcut makes a program of the system fetch and run what a remote host offers."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1218/"
    strings:
        $mshta = /mshta(\.exe)?["']?[ \x00]?[^\r\n]{0,80}(https?:\/\/|vbscript:|javascript:)/ nocase wide ascii
        // The program in the target and the address in the arguments are two texts with a length between.
        $mshta_name = "mshta.exe" nocase wide ascii
        $regsvr = /\/i:["']?(https?:\/\/|\\\\)[^\x00]{3,200}/ nocase wide ascii
        $scrobj = "scrobj" nocase wide ascii
        $rundll = /(javascript|vbscript):[^\x00]{0,80}(RunHTMLApplication|GetObject|Execute)/ nocase wide ascii
        // A program there; documents of an office lie on such shares for good reason.
        $remote_dav = /\\\\[a-z0-9.\-]{4,80}@(SSL|[0-9]{2,5})(@[0-9]{2,5})?\\[^\x00\r\n"]{1,160}\.(exe|com|scr|pif|bat|cmd|dll|cpl|ps1|js|jse|vbs|vbe|wsf|hta|msi|jar)/ nocase wide ascii
        $dav_root = /\\DavWWWRoot\\[^\x00\r\n"]{1,160}\.(exe|com|scr|pif|bat|cmd|dll|cpl|ps1|js|jse|vbs|vbe|wsf|hta|msi|jar)/ nocase wide ascii
        $msiexec_name = "msiexec" nocase wide ascii
        $msi_remote = /[\/-](i|package) ?["']?https?:\/\// nocase wide ascii
        $wmic = /\/format ?: ?["']?https?:\/\// nocase wide ascii
        $fetch = /(curl(\.exe)?|certutil(\.exe)?|bitsadmin(\.exe)?|wget(\.exe)?) [^\x00\r\n]{0,160}https?:\/\/[^\x00\r\n]{1,160}(&|\|)/ nocase wide ascii
        $address = /https?:\/\// nocase wide ascii
        $forfiles = /(forfiles|conhost|pcalua|ftp|ssh|msbuild|installutil|hh|odbcconf|presentationhost)\.exe/ nocase wide ascii
        $inner = /(mshta|powershell|msiexec|rundll32|regsvr32)(\.exe)?[^\x00\r\n]{1,60}https?:\/\// nocase wide ascii
    condition:
        uint32(0) == 0x4C and uint32(4) == 0x00021401 and filesize < 8MB and
        ($mshta or $mshta_name and $address or $regsvr and $scrobj or $rundll or $remote_dav or $dav_root
         or $msiexec_name and $msi_remote or $wmic or $fetch or $forfiles and $inner)
}
