rule aspx_file_writer {
    meta:
        title = "ASP web shell: writes any file from the request"
        why = "This page stores what a visitor sends under the name that the visitor sends, so it plants further web shells."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $server = /<script\b[^>]{0,120}runat\s{0,4}=\s{0,4}["']?server/ nocase
        $request = /\bRequest\s{0,4}([.\[(]\s{0,4}["']|\.\s{0,4}(Form|Item|QueryString|Headers|Params|Cookies|Files|BinaryRead|InputStream)\b)/ nocase
        // The first argument, the path, comes from the request.
        $direct = /(File\s{0,4}\.\s{0,4}(WriteAll(Text|Bytes|Lines)|AppendAllText|Create(Text)?|Open(Write)?|Copy)|new\s{1,4}([\w.]{1,20}\.)?(StreamWriter|FileStream))\s{0,4}\(\s{0,4}([\w.]{1,30}\s{0,4}\(\s{0,4}){0,2}Request\s{0,4}([.\[(]\s{0,4}["']|\.\s{0,4}(Form|Item|QueryString|Headers|Params|Cookies)\b)/ nocase
        $variable = /=\s{0,4}([\w.]{1,30}\s{0,4}\(\s{0,4}){0,2}Request\s{0,4}([.\[(]\s{0,4}["']|\.\s{0,4}(Form|Item|QueryString|Headers|Params|Cookies)\b)[^;]{1,60};[^%]{0,400}(WriteAll(Text|Bytes|Lines)|new\s{1,4}([\w.]{1,20}\.)?(StreamWriter|FileStream))\s{0,4}\(\s{0,4}([\w.]{1,30}\s{0,4}\(\s{0,4})?[a-z_]\w{0,20}\s{0,4}[,)]/
        $save = /\.\s{0,4}SaveAs\s{0,4}\([^;\r\n]{0,60}Request\s{0,4}([.\[(]\s{0,4}["']|\.\s{0,4}(Form|Item|QueryString|Headers|Params|Cookies)\b)/ nocase
        $classic = /\.\s{0,4}(CreateTextFile|OpenTextFile|SaveToFile)[ \t(]{1,8}([\w.]{1,30}[ \t]{0,4}\([ \t]{0,4}){0,2}Request\s{0,4}([.\[(]\s{0,4}["']|\.\s{0,4}(Form|Item|QueryString|Headers|Params|Cookies)\b)/ nocase
    condition:
        filesize < 256KB and ($page or $server) and #request >= 2 and ($direct or $variable or $save or $classic)
}
