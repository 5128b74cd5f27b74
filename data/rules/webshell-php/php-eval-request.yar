rule php_eval_request {
    meta:
        title = "PHP evaluates what a visitor sends"
        why = "The language's evaluator is applied to a request value: whoever knows the field's name runs code as the web server. This is the shortest web shell there is."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $tag = "<?php" nocase
        // Bare, behind a closing tag in quotes, or inside decoders; comments and blanks where PHP allows them.
        $direct = /\beval(\s|\/\*[^*]{0,40}\*\/){0,20}\(\s{0,20}(['"][^'"]{0,12}['"]\s?\.\s?)?@?((base64_decode|base64_url_decode|stripslashes|urldecode|rawurldecode|str_rot13|strrev|trim|gzinflate|gzuncompress|gzdecode|hex2bin|convert_uudecode|html_entity_decode|htmlspecialchars_decode|stripcslashes|implode|join|current|end|reset|array_pop)\s{0,10}\(\s{0,10}@?){0,4}\$\{?['"]?_(GET|POST|REQUEST|COOKIE|SERVER\s?\[\s?['"]HTTP_)/ nocase
        $body = /\beval\s{0,10}\(\s{0,10}(['"][^'"]{0,12}['"]\s?\.\s?)?@?([a-z_0-9]{4,20}\s{0,5}\(\s{0,5}){0,3}file_get_contents\s{0,5}\(\s{0,5}['"]php:\/\/input/ nocase
        // Set from the request in the statement just before; no other variable stands between.
        $by_variable = /\$\w{1,40}\s{0,10}=\s{0,10}@?(\w{4,25}\s{0,5}\(\s{0,5}@?){0,4}\$_(GET|POST|REQUEST|COOKIE)\b[^;$]{0,60};[^;$]{0,60}\beval\s{0,10}\(\s{0,10}(['"]\?>['"]\s?\.\s?)?(\w{4,25}\s{0,5}\(\s{0,5}){0,3}\$\w{1,40}\s{0,5}\)/ nocase
        $header = /\beval\s{0,10}\(\s{0,10}(\w{4,25}\s{0,5}\(\s{0,5}){0,2}(getenv\s?\(\s?['"]HTTP_|getallheaders|apache_request_headers)/ nocase
        // A development server's own console, which is not reached from outside.
        $console = /_DEV_REQUEST_TYPE'\]\s{0,4}==\s{0,4}'interactive'\s{0,4}\)\s{0,4}\{[^}]{0,200}\beval\s{0,10}\(\s{0,10}file_get_contents\s{0,5}\(\s{0,5}"php:\/\/input"/
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and ($direct or #body > #console or $by_variable or $header)
}
