rule vba_wmi_process {
    meta:
        title = "Office macro that starts a process through WMI or a task"
        why = "The macro starts its program outside Office, to escape notice; honest macros have no need to."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1047/"
    strings:
        $auto = /\bSub[ \t]{1,4}(Auto_?(Open|Exec|Close|New|Exit)|Document_?(Open|Close|New|BeforeClose)|Workbook_?(Open|Activate|BeforeClose|Deactivate)|\w{1,30}_(Layout|Painted|GotFocus|MouseMove|MouseEnter|Resize))[ \t]{0,4}\([^\r\n]{0,120}\r?\n/ nocase
        $set = /\bSet[ \t]{1,4}\w{1,40}[ \t]{0,4}=|\bGetObject[ \t]{0,2}\(|\bCreateObject[ \t]{0,2}\(/ nocase
        $wmi = /winmgmts|"winm?g?m?t?"[ \t]{0,4}[&+][ \t]{0,4}"m?g?m?t?s[:{"\\]/ nocase
        $locator = /SWbemLocator|WbemScripting/ nocase
        $class = /"[^"\r\n]{0,40}Win32["&+ _\t]{1,8}(P["&+ \t]{0,6}r["&+ \t]{0,6}o["&+ \t]{0,6}c["&+ \t]{0,6}e["&+ \t]{0,6}s["&+ \t]{0,6}s|ScheduledJob)/ nocase
        $create = /\.[ \t]{0,2}(Create[ \t]{0,4}[( ]|ExecMethod_?\b)/ nocase
        $task = /"Schedule["&+ \t]{0,6}\.["&+ \t]{0,6}Service"/ nocase
        $register = /RegisterTask(Definition)?\b/ nocase
    condition:
        filesize < 2MB and $auto and $set and (($wmi or $locator) and $class and $create or $task and $register)
}
