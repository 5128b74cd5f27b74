rule wsh_self_copy {
    meta:
        title = "Script that copies itself to where it starts again"
        why = "The script plants copies of itself in start-up places or on removable drives, as worms do."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1547/001/"
    strings:
        // The copy's source is the script itself, straight or by a variable.
        $copy = /\.[ \t]{0,2}CopyFile['"\]]{0,2}[ \t(]{1,4}WScript\.ScriptFullName/ nocase
        $copy_get = /GetFile[ \t]{0,2}\([ \t]{0,4}WScript\.ScriptFullName[ \t]{0,4}\)[ \t]{0,2}\.[ \t]{0,2}Copy\b/ nocase
        $copy_var = /=[ \t]{0,4}WScript\.ScriptFullName[ \t]{0,4}[;\r\n:,][^\x00]{0,2000}\.[ \t]{0,2}CopyFile[ \t(]{1,4}(me|self|own|this\w{0,10}|my\w{0,10}|src|fn|full\w{0,10}|script\w{0,12}|\w{1,3})[ \t]{0,4},/ nocase
        $start = /SpecialFolders[ \t]{0,2}\([ \t]{0,4}["'](AllUsers)?Startup|Start Menu\\{1,2}Programs\\{1,2}Startup/ nocase
        $key = /CurrentVersion\\{1,2}(Run|RunOnce|Policies\\{1,2}Explorer\\{1,2}Run)\b/ nocase
        $key_write = /\.[ \t]{0,2}RegWrite\b|reg(\.exe)?[ \t]{1,4}add\b/ nocase
        $drives = /\.[ \t]{0,2}Drives\b/ nocase
        $drive_type = /\.[ \t]{0,2}DriveType\b/ nocase
        $task = /schtasks(\.exe)?[ \t]{1,4}\/create/ nocase
    condition:
        filesize < 2MB and any of ($copy*) and ($start or $key and $key_write or $drives and $drive_type or $task)
}
