rule wipe_backups {
    meta:
        title = "Script that deletes backups and switches recovery off"
        why = "Extortionists do this right before they encrypt, so that nothing can be brought back without paying."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1490/"
    strings:
        // As commands: at a line's start, behind another command, or as the argument of a call.
        $shadows = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?(start\s{1,2}\/\w\s{1,2})?vssadmin(\.exe)?\s{1,2}delete\s{1,2}shadows\b[^\n]{0,20}\/all\b/ nocase
        $resize = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?vssadmin(\.exe)?\s{1,2}resize\s{1,2}shadowstorage\b[^\n]{0,60}\/maxsize=\d{3}mb/ nocase
        $wmic = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?wmic(\.exe)?\s{1,2}shadowcopy\s{1,2}delete\b/ nocase
        $powershell = /Win32_ShadowCopy\b[^\n]{0,80}(\.Delete\(\)|Remove-WmiObject|Remove-CimInstance)/ nocase
        $catalog = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?wbadmin(\.exe)?\s{1,2}delete\s{1,2}(catalog|systemstatebackup|backup)\b/ nocase
        $recovery = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?bcdedit(\.exe)?\s{1,2}\/set\s{1,2}\{?\w{1,12}\}?\s{1,2}recoveryenabled\s{1,2}no\b/ nocase
        $failures = /(\n|^|&\s?|\/c\s{1,2}"?|[(\[,=]\s{0,2}[rf]?['"])[ \t]{0,12}@?bcdedit(\.exe)?\s{1,2}\/set\s{1,2}\{?\w{1,12}\}?\s{1,2}bootstatuspolicy\s{1,2}ignoreallfailures\b/ nocase
        $agent = /reagentc(\.exe)?\s{1,2}\/disable\b/ nocase
    condition:
        filesize < 2MB and any of ($shadows, $resize, $wmic, $powershell, $catalog) and
        (any of ($recovery, $failures, $agent) or 3 of ($shadows, $resize, $wmic, $powershell, $catalog))
}
