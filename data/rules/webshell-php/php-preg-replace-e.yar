rule php_preg_replace_e {
    meta:
        title = "Regular-expression replacement runs request data as PHP"
        why = "The modifier e made preg_replace() evaluate its replacement (PHP 5). A replacement from the visitor, from a decoder or spelled in escapes makes it a web shell."
        severity = "critical"
        reference = "https://www.php.net/manual/en/reference.pcre.pattern.modifiers.php"
    strings:
        $tag = "<?php" nocase
        $replace = /\bpreg_(replace|filter)\s{0,10}\(\s{0,10}(['"])[\/#~|@!%]([^'"\n]{0,80}[^'"\n\\]|)[\/#~|@!%][imsxuADSXU]{0,6}e[imsxuADSXU]{0,6}['"]\s{0,10},\s{0,10}['"]?@?((\w{4,25}\s{0,5}\(\s{0,5}@?){0,4}['"]?\$\{?['"]?_(GET|POST|REQUEST|COOKIE|SERVER)\b|(base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|strrev)\s{0,5}\(|(\\x[0-9a-fA-F]{2}|\\[0-7]{3}){4}|(eval|assert|system|passthru|shell_exec)\s{0,5}\()/ nocase
        $pattern_too = /\bpreg_replace\s{0,10}\(\s{0,10}@?(\w{4,25}\s{0,5}\(\s{0,5}){0,2}\$_(GET|POST|REQUEST|COOKIE)\b[^;,]{0,40},\s{0,10}@?(\w{4,25}\s{0,5}\(\s{0,5}){0,2}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and ($replace or $pattern_too)
}
