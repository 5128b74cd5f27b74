rule php_assert_request {
    meta:
        title = "PHP's assertion function evaluates what a visitor sends"
        why = "Before PHP 8, assert() evaluated a string. Given a request value it is a web shell that hides behind the name of a debugging aid."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $tag = "<?php" nocase
        // The request value alone; honest assertions compare it or call a test such as isset.
        $direct = /[^\w>:]assert\s{0,10}\(\s{0,10}@?((base64_decode|stripslashes|urldecode|rawurldecode|str_rot13|strrev|trim|gzinflate|gzuncompress|hex2bin|stripcslashes|strval|html_entity_decode)\s{0,10}\(\s{0,10}@?){0,4}\$\{?['"]?_(GET|POST|REQUEST|COOKIE)['"]?\}?\s{0,5}[\[{][^\]}]{1,40}[\]}]\s{0,10}\)/ nocase
        $body = /[^\w>:]assert\s{0,10}\(\s{0,10}(\w{4,25}\s{0,5}\(\s{0,5}){0,3}file_get_contents\s{0,5}\(\s{0,5}['"]php:\/\/input/ nocase
        $named = /\b(call_user_func(_array)?|array_map|array_filter|array_walk|array_walk_recursive|usort|uasort|uksort|forward_static_call(_array)?|register_shutdown_function)\s{0,10}\([^;]{0,80}['"]assert['"][^;]{0,80}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $named_behind = /\b(array_filter|array_walk|array_walk_recursive|usort|uasort|uksort)\s{0,10}\([^;]{0,80}\$_(GET|POST|REQUEST|COOKIE)\b[^;]{0,80},\s{0,10}['"]assert['"]/ nocase
        $variable = /\$\w{1,40}\s{0,10}=\s{0,10}['"]assert['"]\s{0,5};[^;]{0,80};?[^;]{0,80}@?\$\w{1,40}\s{0,5}\(\s{0,5}@?(\w{4,25}\s{0,5}\(\s{0,5}){0,3}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and any of ($direct, $body, $named, $named_behind, $variable)
}
