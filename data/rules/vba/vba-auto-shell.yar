rule vba_auto_shell {
    meta:
        title = "Office macro that starts a command interpreter by itself"
        why = "Opening the document is enough to run the commands that its macro holds."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
    strings:
        $auto = /\bSub[ \t]{1,4}(Auto_?(Open|Exec|Close|New|Exit)|Document_?(Open|Close|New|BeforeClose|ContentControlOnEnter)|Workbook_?(Open|Activate|BeforeClose|Deactivate|SheetActivate)|\w{1,30}_(Layout|Painted|Painting|GotFocus|MouseMove|MouseEnter|BeforeNavigate2|Resize))[ \t]{0,4}\(/ nocase
        $call = /[\r\n:=][ \t]{0,16}(Call[ \t]{1,4})?Shell[ \t]{0,2}[( ][ \t]{0,2}["a-z]|\bThen[ \t]{1,4}Shell\b|\.[ \t]{0,2}ShellExecute\b/ nocase
        $object = /Object[ \t]{0,4}\([ \t]{0,4}"[ws&"+. \t]{0,12}cript["&+ \t]{0,5}\.["&+ \t]{0,5}Sh/ nocase
        $object_app = /Object[ \t]{0,4}\([ \t]{0,4}"Shell\.App/ nocase
        $clsid = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        // The interpreter as text, the longest name also cut once.
        $name_1 = /["\\ ]cmd(\.exe)?"?[ \t&+"]{1,8}\/[ckrvqs]\b/ nocase
        $name_2 = /powershell(\.exe)?["' ]|(pow|powe|power|powers|powersh|powershe|powershel)"[ \t]{0,4}[&+][ \t]{0,4}"e?r?s?h?e?l?l/ nocase
        $name_3 = /"[^"\r\n]{0,80}(mshta|regsvr32|rundll32|wscript|cscript|certutil|bitsadmin|msiexec|installutil|wmic)(\.exe)?[ "]/ nocase
        $name_4 = /Environ\$?[ \t]{0,4}\([ \t]{0,4}"comspec"|%comspec%/ nocase
    condition:
        filesize < 2MB and $auto and any of ($call, $object, $object_app, $clsid) and any of ($name*)
}
