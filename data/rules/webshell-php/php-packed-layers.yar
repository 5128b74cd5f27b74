rule php_packed_layers {
    meta:
        title = "PHP code packed in layers and evaluated"
        why = "The evaluator is wrapped around two or more decoders and one long literal. Nobody but the author can read what runs; honest programs have no use for this."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $tag = "<?php" nocase
        $literal = /\b(eval|assert)\s{0,10}\(\s{0,10}(['"]\?>['"]\s{0,5}\.\s{0,5})?(@?(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode|hex2bin|urldecode|rawurldecode|bzdecompress|pack|stripslashes|trim)\s{0,10}\(\s{0,10}(['"]H\*['"]\s?,\s?)?){2,12}['"][A-Za-z0-9+\/=_%-]{120}/ nocase
        // The literal lies in a variable.
        $variable = /\b(eval|assert)\s{0,10}\(\s{0,10}(['"]\?>['"]\s{0,5}\.\s{0,5})?(@?(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode|hex2bin|urldecode|rawurldecode|bzdecompress|stripslashes|trim)\s{0,10}\(\s{0,10}){2,12}\$\{?\w{1,40}\}?\s{0,5}\)/ nocase
    condition:
        filesize < 5MB and ($tag or uint16(0) == 0x3f3c) and ($literal or $variable)
}
