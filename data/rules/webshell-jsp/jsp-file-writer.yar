rule jsp_file_writer {
    meta:
        title = "JSP web shell: writes any file from the request"
        why = "This page stores what a visitor sends under the name that the visitor sends, so it plants further web shells."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $page_xml = /<jsp:(scriptlet|declaration|expression)/ nocase
        $direct = /(FileOutputStream|FileWriter|RandomAccessFile|PrintWriter|newOutputStream|newBufferedWriter|Files\s{0,8}\.\s{0,8}(write|writeString|copy))\s{0,8}\([^;]{0,120}request\s{0,8}\.\s{0,8}get(Parameter|Header)/
        $path = /(Paths?\s{0,8}\.\s{0,8}(get|of)|new\s{1,8}(java\.io\.)?File)\s{0,8}\([^;]{0,80}request\s{0,8}\.\s{0,8}get(Parameter|Header)/
        // A path, in a variable, that was read from the request before.
        $variable = /get(Parameter|Header)\s{0,8}\([^;]{1,80};[^%]{0,500}(FileOutputStream|FileWriter|RandomAccessFile|newOutputStream|newBufferedWriter)\s{0,8}\(\s{0,8}(new\s{1,8}(java\.io\.)?File\s{0,8}\(\s{0,8})?[a-z_]\w{0,40}\s{0,8}(,|\))/
        $request = /request\s{0,8}\.\s{0,8}get(Parameter|Header|InputStream|Reader)\s{0,8}\(/
        $writer = /FileOutputStream|FileWriter|RandomAccessFile|newOutputStream|newBufferedWriter|Files\s{0,8}\.\s{0,8}(write|copy)/
        $write = /\.\s{0,8}write(Bytes|String)?\s{0,8}\(|\.\s{0,8}print(ln)?\s{0,8}\(|\.\s{0,8}append\s{0,8}\(|Files\s{0,8}\.\s{0,8}copy\s{0,8}\(/
    condition:
        filesize < 128KB and ($page or $page_xml) and #request >= 2 and $write and
        ($direct or $variable or $path and $writer)
}
