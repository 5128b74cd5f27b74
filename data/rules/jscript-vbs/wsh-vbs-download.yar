rule wsh_vbs_download {
    meta:
        title = "Script that downloads a program and runs it (VBScript)"
        why = "The script brings a program from the network, stores it and starts it; such files come by mail."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/005/"
    strings:
        $object = /\bSet[ \t]{1,4}\w{1,40}[ \t]{0,4}=[ \t]{0,4}(\w{1,20}\.)?CreateObject[ \t]{0,4}\(/ nocase
        $body = /\.[ \t]{0,2}responseBody\b/ nocase
        $save = /\.[ \t]{0,2}(SaveToFile|CreateTextFile|OpenTextFile)\b/ nocase
        $http = /XMLHTTP|HttpRequest|"[ \t]{0,4}&[ \t]{0,4}"[a-z0-9.]{0,12}HTTP/ nocase
        $run = /\.[ \t]{0,2}(Run|Exec|ShellExecute)[ \t]{1,4}["a-z(]|\.[ \t]{0,2}(Run|Exec|ShellExecute)\(/ nocase
        $shell = /"W["& \t]{0,6}S["& \t]{0,6}c["& \t]{0,6}r["& \t]{0,6}ipt["& \t]{0,6}\.["& \t]{0,6}Shell|Shell["& \t]{0,6}\.["& \t]{0,6}Application/ nocase
        // A macro of Office has its own rule.
        $macro = "Attribute VB_Name"
    condition:
        filesize < 4MB and $object and $body and $save and $http and $run and $shell and not $macro
}
