rule ps_encoded_command {
    meta:
        title = "Hidden PowerShell with an encoded command"
        why = "PowerShell is started without a window and with a command in base64: a person who meant well would write it in clear."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
    strings:
        // Base64 of UTF-16 text: every second byte is zero, so that letters stand at regular places.
        $hidden_first = /\b(powershell|pwsh)(\.exe)?["']?(<\/Command>\s{0,20}<Arguments>)?[^\n]{0,120}\s[-\/]w(in|ind|indo|indow|indows?\w{0,6})?\s{1,4}["']?(hidden|hid|h|1)\b[^\n]{0,160}\s[-\/](e|en|enc|enco|encod|encode|encoded|encodedc\w{0,6}|ec)\s{1,4}["']?([A-Za-z0-9+\/][aqgw][ab][A-Za-z0-9+\/]a[a-h][aeimquycgkosw048]a){7}/ nocase
        $hidden_last = /\b(powershell|pwsh)(\.exe)?["']?(<\/Command>\s{0,20}<Arguments>)?[^\n]{0,160}\s[-\/](e|en|enc|enco|encod|encode|encoded|encodedc\w{0,6}|ec)\s{1,4}["']?([A-Za-z0-9+\/][aqgw][ab][A-Za-z0-9+\/]a[a-h][aeimquycgkosw048]a){7}[A-Za-z0-9+\/=]{0,3000}["']?[^\n]{0,80}\s[-\/]w(in|ind|indo|indow|indows?\w{0,6})?\s{1,4}["']?(hidden|hid|h|1)\b/ nocase
    condition:
        filesize < 4MB and any of them
}
