rule aspx_process_request {
    meta:
        title = "ASP.NET web shell: runs commands from the request"
        why = "This page lets anybody who can reach it run commands as the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = /<%@\s{0,16}(Page|WebHandler|WebService|Control|Master|Import|Assembly)\b/ nocase
        $page_asp = "<%"
        $server = /<script\b[^>]{0,120}runat\s{0,4}=\s{0,4}["']?server/ nocase
        $start = /ProcessStartInfo|\bProcess\s{0,4}\.\s{0,4}Start\s{0,4}\(|\.\s{0,4}StartInfo\b/ nocase
        $source = /\bRequest\s{0,4}[.\[(]\s{0,4}["'A-Za-z]|\.Text\s{0,4}[;)+,&\r\n]/ nocase
        $output = /\bStandardOutput\b/ nocase
        // Arguments, a file name or a shell's -c that is joined with something or comes straight from the request.
        $args_request = /(Arguments|FileName)\s{0,4}=\s{0,4}[^;\r\n]{0,80}(\bRequest\s{0,4}[.\[(]|\w\.(Text|Value)\b)/ nocase
        $args_joined = /(Arguments\s{0,4}=\s{0,4}[@$]{0,2}"|,"|, "|,@"|, @"|,\$"|, \$")\s{0,4}([\/-](c|k|command|r)\b)?[^";]{0,40}"\s{0,4}[+&]\s{0,4}[a-z_]/ nocase
        $args_value = /Arguments\s{0,4}=\s{0,4}[a-z_]\w{0,40}\s{0,4}[;\r\n]/ nocase
        $call_request = /(ProcessStartInfo|Process\s{0,4}\.\s{0,4}Start)\s{0,4}\([^;]{0,120}\bRequest\s{0,4}[.\[(]/ nocase
        $shell = /["'\\](cmd|powershell|pwsh|sh|bash)(\.exe)?["']/ nocase
        $wsh = /WScript"?[\s&+"]{0,8}\.[\s&+"]{0,8}Shell/ nocase
        $wsh_run = /\.\s{0,4}(exec|run)[ \t(]{1,8}[^\r\n]{0,120}(\bRequest\b|["'](cmd|powershell)?(\.exe)?[^"'\r\n]{0,8}[\/-]c\s{0,4}["']\s{0,4}[+&]|%comspec%)/ nocase
        $wsh_var = /\.\s{0,4}exec[ \t(]{1,8}[a-z_]\w{0,40}\s{0,4}\)/ nocase
        $wsh_out = /StdOut\b/ nocase
    condition:
        filesize < 512KB and
        (($page or $server) and $start and $source and $output and
             ($call_request or $args_request or $shell and ($args_joined or $args_value))
         or $page_asp and $wsh and $source and $wsh_out and ($wsh_run or $wsh_var))
}
