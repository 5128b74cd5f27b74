rule php_hex_escapes {
    meta:
        title = "PHP names hidden in hex or octal escapes"
        why = "Request arrays, the table of globals and function names are spelled in escapes although every letter is printable. Only code that hides from readers and scanners does that."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $tag = "<?php" nocase
        // ${"\x47\x4c..."}: a variable's name, of printable letters only.
        $variable = /\$\{\s{0,5}"(\\x[4567][0-9a-f]|\\1[0-7]{2}|\\x3[0-9]|[A-Za-z0-9_]){0,10}(\\x[4567][0-9a-f]|\\1[0-7]{2}){2}(\\x[34567][0-9a-f]|\\1[0-7]{2}|\\0?[67][0-7]|[A-Za-z0-9_]){3,40}"\s{0,5}\}/ nocase
        // The names themselves: base64_decode, eval, assert, create_function, gzinflate, system, str_rot13.
        $base64_decode = /"(\\x62|\\142)(\\x61|\\141)(\\x73|\\163)(\\x65|\\145)(\\x36|\\0?66)(\\x34|\\0?64)(\\x5f|\\137)/ nocase
        $create_function = /"(\\x63|\\143)(\\x72|\\162)(\\x65|\\145)(\\x61|\\141)(\\x74|\\164)(\\x65|\\145)(\\x5f|\\137)/ nocase
        $gzinflate = /"(\\x67|\\147)(\\x7a|\\172)(\\x69|\\151)(\\x6e|\\156)(\\x66|\\146)(\\x6c|\\154)/ nocase
        $assert = /"(\\x61|\\141)(\\x73|\\163)(\\x73|\\163)(\\x65|\\145)(\\x72|\\162)(\\x74|\\164)"/ nocase
        $system = /"(\\x73|\\163)(\\x79|\\171)(\\x73|\\163)(\\x74|\\164)(\\x65|\\145)(\\x6d|\\155)"/ nocase
        $globals_key = /\$GLOBALS\s{0,3}\[\s{0,3}"(\\x[34567][0-9a-f]|\\1[0-7]{2}|\\0?[67][0-7]){6,60}"\s{0,3}\]\s{0,3}\(/ nocase
    condition:
        filesize < 2MB and ($tag or uint16(0) == 0x3f3c) and
        (#variable > 1 or $globals_key or any of ($base64_decode, $create_function, $gzinflate, $assert, $system))
}
