rule php_create_function {
    meta:
        title = "PHP makes a function from request data or packed text"
        why = "create_function() evaluates its second argument. A body from the visitor, a decoder or a long literal makes it a web shell."
        severity = "critical"
        reference = "https://www.php.net/manual/en/function.create-function.php"
    strings:
        $tag = "<?php" nocase
        $request = /\bcreate_function\s{0,10}\(\s{0,10}[^,;]{0,30},\s{0,10}([^;$]{0,60}[.(]\s{0,5})?@?\$\{?['"]?_(GET|POST|REQUEST|COOKIE|SERVER)\b/ nocase
        $decoder = /\bcreate_function\s{0,10}\(\s{0,10}(['"][^'"]{0,12}['"]|null)\s{0,10},\s{0,10}(['"][^'"]{0,12}['"]\s?\.\s?)?@?(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|hex2bin|convert_uudecode|rawurldecode|urldecode)\s{0,10}\(/ nocase
        $literal = /\bcreate_function\s{0,10}\(\s{0,10}(['"]['"]|null)\s{0,10},\s{0,10}['"](eval|assert)\s{0,5}\(/ nocase
        $input = /\bcreate_function\s{0,10}\([^;]{0,60}file_get_contents\s{0,5}\(\s{0,5}['"]php:\/\/input/ nocase
        // A brace in the body ends the function, so that the rest runs at once.
        $brace = /\bcreate_function\s{0,10}\(\s{0,10}[^,;]{0,30},\s{0,10}['"][^'"\n]{0,80}\}['"]\s{0,5}\.\s{0,5}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and ($brace or $request or $decoder or $literal or $input)
}
