rule vba_download_run {
    meta:
        title = "Office macro that downloads a program and runs it"
        why = "The macro brings a program from the network, stores it on the disk and starts it."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
    strings:
        $macro = /\b(Sub|Function)[ \t]{1,4}\w{1,60}[ \t]{0,4}\(/ nocase
        $macro_end = /Attribute VB_|\bDim[ \t]{1,4}\w|\bDeclare[ \t]{1,4}(PtrSafe[ \t]{1,4})?(Function|Sub)|As[ \t]{1,4}(Object|Long|String|LongPtr)/ nocase
        $api = /Alias[ \t]{1,4}"(URLDownloadToFile|URLDownloadToCacheFile|InternetReadFile)|Declare[^\r\n]{1,60}URLDownloadTo(Cache)?File/ nocase
        $object = /(XMLHTTP|WinHttp\.WinHttpRequest|ServerXMLHTTP)/ nocase
        $body = /\bresponse_?Body\b/ nocase
        $store = /\.[ \t]{0,2}SaveToFile\b|\bFor[ \t]{1,4}Binary\b|CreateTextFile/ nocase
        $run_shell = /[\r\n:=][ \t]{0,16}(Call[ \t]{1,4})?Shell[ \t]{0,2}[( ][ \t]{0,2}["a-z]|\bThen[ \t]{1,4}Shell\b|\.[ \t]{0,2}ShellExecute\b/ nocase
        $run_object = /(CreateObject|GetObject)[ \t]{0,4}\([ \t]{0,4}"[^"]{0,20}(WScript["&+ \t]{0,5}\.["&+ \t]{0,5}Shell|Shell\.Application|winmgmts)/ nocase
        $run_excel = /\bEXEC\(|\bRegister-|WinExec|CreateProcess|Win32_Process/ nocase
        // A page that explains such macros is none.
        $page = /<(!doctype\s{1,4}html|html)\b/ nocase
    condition:
        filesize < 2MB and not $page in (0..1024) and $macro and $macro_end and ($api or $object and $body and $store) and
        ($run_shell or $run_object or $run_excel)
}
