rule jsp_exec_parameter {
    meta:
        title = "JSP web shell: runs commands from the request"
        why = "This page lets anybody who can reach it run commands as the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $page_xml = /<jsp:(scriptlet|declaration|expression)/ nocase
        $direct = /(\.\s{0,8}exec|ProcessBuilder)\s{0,8}\([^;]{0,200}request\s{0,8}\.\s{0,8}get(Parameter|Header|QueryString|Cookies|InputStream|Reader)/
        // A value, not a fixed text, as the word behind the shell's -c.
        $shell = /(\.\s{0,8}exec|ProcessBuilder)\s{0,8}\([^;]{0,120}"[\/-]c"\s{0,8},\s{0,8}[A-Za-z_$(]/ nocase
        $joined = /(\.\s{0,8}exec|ProcessBuilder)\s{0,8}\([^;]{0,80}["'](cmd|sh|bash|powershell)?(\.exe)?\s{1,4}[\/-]c\s{0,4}"\s{0,8}\+/ nocase
        $variable = /get(Parameter|Header)\s{0,8}\([^;]{1,80};[^%]{0,600}(\.\s{0,8}exec|new\s{1,8}ProcessBuilder)\s{0,8}\(\s{0,8}[a-z_$]\w{0,40}(\.split\([^)]{1,20}\))?\s{0,8}\)/ nocase
        $request = /request\s{0,8}\.\s{0,8}get(Parameter|Header|QueryString|Cookies|InputStream|Reader)/
        $output = /get(Input|Error)Stream|inputReader|inheritIO|IOUtils/
        // A fixed command in a variable of its own.
        $fixed = /String\s{0,8}(\[\s{0,4}\]\s{0,8})?\w{1,40}\s{0,8}(\[\s{0,4}\])?\s{0,8}=\s{0,8}(new\s{1,8}String\s{0,8}\[\s{0,8}\]\s{0,8})?\{\s{0,8}"[a-z\/]{2}/
    condition:
        filesize < 512KB and ($page or $page_xml) and
        ($direct or $request and $output and ($shell or $joined or $variable and not $fixed))
}
