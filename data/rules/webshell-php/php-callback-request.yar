rule php_callback_request {
    meta:
        title = "PHP lets a visitor choose the function that is called"
        why = "A callback comes from the request without a list of allowed names, so a visitor calls any function with any argument. Web shells hide in this form because no evaluator stands in the file."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $tag = "<?php" nocase
        // Callback first.
        $first = /\b(array_map|call_user_func(_array)?|forward_static_call(_array)?|register_shutdown_function|register_tick_function|ob_start|set_error_handler|iterator_apply|spl_autoload_register)\s{0,10}\(\s{0,10}@?((base64_decode|str_rot13|strrev|trim|stripslashes|hex2bin)\s{0,5}\(\s{0,5}){0,3}\$\{?['"]?_(GET|POST|REQUEST|COOKIE)['"]?\}?\s{0,3}[\[{][^;\]}]{1,40}[\]}]\s{0,5}\)?\s{0,5}[,)]/ nocase
        // Callback behind an array.
        $behind = /\b(array_filter|array_walk(_recursive)?|array_reduce|usort|uasort|uksort|array_udiff|array_diff_ukey)\s{0,10}\(\s{0,10}[^;]{1,80},\s{0,10}@?((base64_decode|str_rot13|strrev|trim|hex2bin)\s{0,5}\(\s{0,5}){0,3}\$\{?['"]?_(GET|POST|REQUEST|COOKIE)['"]?\}?\s{0,3}[\[{][^;\]}]{1,40}[\]}]\s{0,5}\)/ nocase
        $spread = /\b(usort|uasort|uksort|array_map|array_filter|array_walk|call_user_func(_array)?)\s{0,10}\(\s{0,10}\.\.\.\s{0,5}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $filter = /\bFILTER_CALLBACK\s{0,5},[^;]{0,40}['"]options['"]\s{0,5}=>\s{0,5}@?(\w{4,20}\s{0,3}\(\s{0,3}){0,2}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $decoded = /\b(array_filter|array_walk|array_map|usort|uasort|uksort)\s{0,10}\(([^;]{1,40},)?\s{0,10}@?(base64_decode|str_rot13|strrev|hex2bin)\s{0,5}\(\s{0,5}\$\w{1,40}\s{0,5}\)\s{0,5}[,)]/ nocase
        $called = /[;{}@\s]\$_(GET|POST|REQUEST|COOKIE)\s{0,3}[\[{][^;\]}]{1,40}[\]}]\s{0,5}\(\s{0,5}(@?\w{4,20}\s{0,3}\(\s{0,3}){0,2}@?\$_(GET|POST|REQUEST|COOKIE)\b/
        $request = /\$_(GET|POST|REQUEST|COOKIE)\b/
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and
        ($first or $behind or $spread or $filter or $called or ($decoded and $request))
}
