rule php_xor_string {
    meta:
        title = "PHP computes names from punctuation and calls them"
        why = "Letters are made by XOR, complement or increment of quoted punctuation, so that no function or request name stands in the file. This is written to get past scanners and for nothing else."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $tag = "<?php" nocase
        // ('!'^'@').(':'^'I')... : two quoted scraps XORed, again and again.
        $xor_letters = /\^ ?'(%[0-9a-f]{2}|\\?[\x21-\x7e])('\)\.\('|' \) \. \( ')(%[0-9a-f]{2}|\\?[\x21-\x7e])' ?\^ ?'/ nocase
        $xor_letters_double = /\^ ?"(%[0-9a-f]{2}|\\?[\x21-\x7e])("\)\.\("|" \) \. \( ")(%[0-9a-f]{2}|\\?[\x21-\x7e])" ?\^ ?"/ nocase
        $xor_run = /\$_{1,12}\s{0,3}=\s{0,3}@?\(?\s{0,3}["'][^"'\n\w]{3,40}["']\s{0,3}\^\s{0,3}["'][^"'\n\w]{3,40}["']/
        $complement = /\$_{1,12}\s{0,3}=\s{0,3}\(?\s{0,3}~\s{0,3}['"]?[\x80-\xff]{4}/
        $increment = /_\+\+;\$_{1,12}\+\+;\$_{1,12}\+\+;\$_/
        // Underscores only, called or used as a variable's name.
        $call = /\$_{1,12}\s{0,3}\(\s{0,3}@?\$\{?_{1,12}\}?\s{0,3}[\[{(]/
        $double = /\$\$_{1,12}\b/
        $braces = /\$\{\s{0,3}\$_{1,12}\s{0,3}\}\s{0,3}[\[{]/
    condition:
        filesize < 512KB and ($tag or uint16(0) == 0x3f3c) and
        ($xor_letters or $xor_letters_double or $xor_run or $complement or $increment) and ($call or $double or $braces)
}
