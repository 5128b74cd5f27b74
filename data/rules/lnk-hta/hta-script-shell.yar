rule hta_script_shell {
    meta:
        title = "HTML application that starts a hidden command interpreter"
        why = "Opening this page with its own program runs commands of the sender, out of sight."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1218/005/"
    strings:
        $script = /<script/ nocase
        $object = /(CreateObject|ActiveXObject|GetObject)[ \t]{0,4}\([ \t]{0,4}["'][^"'\r\n]{0,20}["' &+]{0,8}[^"'\r\n]{0,20}(Shell|Application|Win32|winmgmts)/ nocase
        $clsid = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $run = /\.[ \t]{0,2}(Run|Exec|ShellExecute|Create)[ \t(]{1,4}["'a-z]/ nocase
        $name = /["' \\](cmd|powershell|wscript|cscript|rundll32|regsvr32|mshta|certutil|bitsadmin|msiexec|pwsh)(\.exe)?[ "']/ nocase
        $name_cut = /(pow|powe|power|powers|powersh)["'][ \t]{0,4}[&+][ \t]{0,4}["']/ nocase
        $hidden_call = /\.(Run|Exec|ShellExecute)[ (][^\r\n]{1,2000},[ \t]{0,4}(0|false|vbHide)\b/ nocase
        $hidden_1 = /resizeTo[ \t(]{1,4}[0-9]{1,2}[ \t]{0,4},/ nocase
        $hidden_2 = /moveTo[ \t(]{1,4}(-|[1-9][0-9]{3})/ nocase
        $hidden_3 = /WINDOWSTATE[ \t]{0,4}=[ \t]{0,4}["']?minimize/ nocase
        $hidden_4 = /SHOWINTASKBAR[ \t]{0,4}=[ \t]{0,4}["']?(no|false)/ nocase
        $close = /(window|self|this)\.close\b/ nocase
        $work_1 = /-w(indowstyle)? {1,3}(hidden|1)/ nocase
        $work_2 = / -e(c|nc|ncodedcommand)? {1,4}[A-Za-z0-9+\/]{20}/ nocase
        $work_3 = "FromBase64String" nocase
        $work_4 = "DownloadString" nocase
        $work_5 = "DownloadFile" nocase
        $work_6 = "Invoke-Expression" nocase
        $work_7 = "-urlcache" nocase
    condition:
        filesize < 4MB and $script and ($object or $clsid) and $run and ($name or $name_cut) and
        ($hidden_call and ($close or any of ($work*)) or any of ($hidden_*) and ($close or any of ($work*) or $hidden_call)
         or $close and any of ($work*))
}
