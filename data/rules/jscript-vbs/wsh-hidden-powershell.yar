rule wsh_hidden_powershell {
    meta:
        title = "Script that starts a hidden PowerShell with an encoded or downloaded command"
        why = "The script runs a command that neither the user sees nor the file shows."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
    strings:
        $object = /(CreateObject|ActiveXObject|GetObject)['"\]]{0,2}[ \t]{0,4}\([ \t]{0,4}["'][^"'\r\n]{0,20}["' &+]{0,6}[^"'\r\n]{0,14}Shell/ nocase
        $clsid = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $run = /[.\['"]{1,3}(Run|Exec|ShellExecute)['"\]]{0,2}[ \t(]{1,4}["'a-z]/ nocase
        $name = /powershell|pwsh\.exe|pow(e|er|ers|ersh|ershe|ershel)?["'][ \t]{0,4}[&+][ \t]{0,4}["']/ nocase
        // Behind one of these stands a text and no file's name.
        $encoded = / -(e|ec|en|enc|enco|encod|encode|encoded|encodedc\w{0,6}) {1,4}["'&+ ]{0,6}[A-Za-z0-9+\/=]{40}/ nocase
        $encoded_var = / -(enc|encod|encodedcommand) {1,4}["'] {0,4}[&+]/ nocase
        $download = /Download(String|File|Data)\b|Net\.WebClient|Invoke-(WebRequest|RestMethod|Expression)|\biwr[ \t]|\birm[ \t]|Start-BitsTransfer|FromBase64String/ nocase
        $hidden = / -(w|wi|win|window|windowst|windowstyle) {1,4}(hidden|hid|h|1)\b| -(nop|noprofile|noni|noninteractive|exec|executionpolicy) | -ep b|\.Run[ (][^\r\n]{1,200},[ \t]?0\b/ nocase
    condition:
        filesize < 2MB and ($object or $clsid) and $run and $name and
        ($encoded or $encoded_var or $download and $hidden)
}
