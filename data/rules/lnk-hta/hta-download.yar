rule hta_download {
    meta:
        title = "HTML application that downloads and runs a program out of sight"
        why = "Opening this page with its own program brings a program from the network and starts it."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
    strings:
        $script = /<script/ nocase
        $object = /(CreateObject|ActiveXObject|GetObject)[ \t]{0,4}\([ \t]{0,4}["']/ nocase
        $run = /\.[ \t]{0,2}(Run|Exec|ShellExecute|Create)[ \t(]{1,4}["'a-z]/ nocase
        $body = /\.[ \t]{0,2}responseBody\b/ nocase
        $save = /\.[ \t]{0,2}SaveToFile\b/ nocase
        $fetch = /Download(File|String)[ \t]{0,2}\(|Invoke-(WebRequest|RestMethod)|[ '"(;]iwr [^\r\n]{0,20}http|Start-BitsTransfer|certutil(\.exe)? [^\r\n]{0,60}urlcache|bitsadmin(\.exe)? [^\r\n]{0,60}\/transfer|curl(\.exe)? [^\r\n]{0,80}https?:/ nocase
        $hidden_1 = /resizeTo[ \t(]{1,4}[0-9]{1,2}[ \t]{0,4},/ nocase
        $hidden_2 = /moveTo[ \t(]{1,4}(-|[1-9][0-9]{3})/ nocase
        $hidden_3 = /WINDOWSTATE[ \t]{0,4}=[ \t]{0,4}["']?minimize/ nocase
        $hidden_4 = /SHOWINTASKBAR[ \t]{0,4}=[ \t]{0,4}["']?(no|false)/ nocase
        $hidden_5 = /(window|self|this)\.close\b/ nocase
    condition:
        filesize < 4MB and $script and $object and $run and any of ($hidden_*) and ($body and $save or $fetch)
}
