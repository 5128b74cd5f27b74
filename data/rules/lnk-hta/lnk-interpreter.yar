rule lnk_interpreter {
    meta:
        title = "Shortcut that runs a hidden command"
        why = "Clicking this shortcut runs a command that the user cannot see; it often wears the icon of a document."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
    strings:
        $powershell = "powershell" nocase wide ascii
        $pwsh = "pwsh.exe" nocase wide ascii
        $hidden = / [-\/]+(w|wi|win|windowstyle) {1,3}(hidden|hid|h|1)[ ;"']/ nocase wide ascii
        $encoded = / [-\/]+(e|ec|en|enc|encod|encodedcommand) {1,3}["']?[A-Za-z0-9+\/=]{24}/ nocase wide ascii
        $work_1 = "DownloadString" nocase wide ascii
        $work_2 = "DownloadFile" nocase wide ascii
        $work_3 = "FromBase64String" nocase wide ascii
        $work_4 = "WriteAllBytes" nocase wide ascii
        $work_5 = "Invoke-Expression" nocase wide ascii
        $work_6 = / (iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod) / nocase wide ascii
        $work_7 = /[ "';|(&]iex[ ("'$]/ nocase wide ascii
        // Folder and file shown while something else starts.
        $chain_1 = /\/c [^\x00\r\n]{0,100}(wscript|cscript|mshta|powershell|rundll32|regsvr32|certutil|msiexec)[^\x00\r\n]{1,120}&/ nocase wide ascii
        $chain_2 = /\/c [^\x00\r\n]{0,100}(explorer|start)[^\x00\r\n]{1,100}& ?(start )?[^\x00\r\n]{0,40}(wscript|cscript|mshta|powershell|rundll32|regsvr32)/ nocase wide ascii
        $chain_3 = /\/c [^\x00\r\n]{0,160}(wscript|cscript)(\.exe)? [^\x00\r\n]{0,40}\/\/?e:/ nocase wide ascii
        $set = /\/c [^\x00\r\n]{0,8}set [a-z0-9_]{1,12}=[^\x00\r\n]{1,60}&& ?(call|set) / nocase wide ascii
        $blanks = "                                                                                                                        " wide ascii
        $shell = "cmd.exe" nocase wide ascii
    condition:
        uint32(0) == 0x4C and uint32(4) == 0x00021401 and filesize < 8MB and
        (($powershell or $pwsh) and ($encoded or any of ($work*) or $hidden and ($blanks or #powershell > 2))
         or any of ($chain*) or $set
         or $blanks and ($shell or $powershell))
}
