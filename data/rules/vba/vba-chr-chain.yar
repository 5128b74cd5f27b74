rule vba_chr_chain {
    meta:
        title = "Office macro that hides a command in character codes"
        why = "A macro that starts by itself and spells its command in numbers hides it from readers and scanners."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
    strings:
        $auto = /\bSub[ \t]{1,4}(Auto_?(Open|Exec|Close|New|Exit)|Document_?(Open|Close|New|BeforeClose)|Workbook_?(Open|Activate|BeforeClose|Deactivate))[ \t]{0,4}\(/ nocase
        $run = /\bShell(Execute)?\b|CreateObject|GetObject|CallByName|ExecuteExcel4Macro|\bEval\b/ nocase
        $chain = /(Chr[WB]?\$?\([^()\r\n]{1,24}\)[ \t]{0,4}[&+][ \t]{0,4}(_[ \t]{0,4}\r?\n[ \t]{0,16}(&[ \t]{0,4})?)?){11}Chr[WB]?\$?\(/ nocase
        $pair = /Chr[WB]?\$?\([^()\r\n]{1,24}\)[ \t]{0,4}[&+][ \t]{0,4}Chr[WB]?\$?\([ \t]{0,2}[^)1]/ nocase
        $array = /\bArray[ \t]{0,4}\([ \t]{0,4}(-?[0-9]{1,5}[ \t]{0,4},[ \t_\r\n]{0,8}){39}/ nocase
        $array_text = /Split\([ \t]{0,2}"([0-9]{2,4}[,;|\- ]){40}/ nocase
        $loop = /=[ \t]{0,4}\w{1,30}[ \t]{0,4}[&+][ \t]{0,4}Chr[WB]?\$?\([ \t]{0,4}(C(Int|Lng|Byte)[ \t]{0,2}\([ \t]{0,4})?[a-z_]\w{0,30}[ \t]{0,4}[()+\-^ x]/ nocase
    condition:
        filesize < 2MB and $auto and $run and ($chain or #pair >= 16 or ($array or $array_text) and $loop)
}
