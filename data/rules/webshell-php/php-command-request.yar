rule php_command_request {
    meta:
        title = "PHP runs a visitor's text as a system command"
        why = "A command function or the backquote operator gets a request value without escaping: every visitor who finds the page runs commands as the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $tag = "<?php" nocase
        $direct = /[^\w>:$](system|passthru|exec|shell_exec|popen|proc_open|pcntl_exec)\s{0,10}\(\s{0,10}@?((base64_decode|stripslashes|urldecode|rawurldecode|str_rot13|strrev|trim|gzinflate|hex2bin|stripcslashes|html_entity_decode)\s{0,10}\(\s{0,10}@?){0,4}\$\{?['"]?_(GET|POST|REQUEST|COOKIE|SERVER\s{0,3}\[\s{0,3}['"]HTTP_)/ nocase
        $joined = /[^\w>:$](system|passthru|exec|shell_exec|popen|proc_open)\s{0,10}\(\s{0,10}['"](\/bin\/|cmd(\.exe)? ?\/c ?|sh -c |bash -c )?[^'"]{0,6}['"]\s{0,5}\.\s{0,5}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $backquotes = /(echo|print|return|[=;{}@]|<\?(php|=))\s{0,5}`\s{0,5}\{?\$\{?_(GET|POST|REQUEST|COOKIE)\s{0,3}[\[{][^`\n]{0,60}`\s{0,5}[;?.]/
        $by_variable = /\$\w{1,40}\s{0,10}=\s{0,10}@?\(?\s{0,5}((base64_decode|stripslashes|urldecode|rawurldecode|str_rot13|strrev|trim|hex2bin)\s{0,10}\(\s{0,10}@?){0,3}\$_(GET|POST|REQUEST|COOKIE)\b[^;$]{0,50};[^;$]{0,40}(\$\w{1,40}\s{0,5}=\s{0,5})?@?(echo\s)?@?\b(system|passthru|exec|shell_exec|popen)\s{0,10}\(\s{0,10}\$\w{1,40}\s{0,5}(\.\s{0,5}['"][^'"]{0,12}['"]\s{0,5})?[,)]/ nocase
        $field = /[^\w>:$](system|passthru|shell_exec)\s{0,10}\(\s{0,10}"\{?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and any of ($direct, $joined, $backquotes, $by_variable, $field)
}
