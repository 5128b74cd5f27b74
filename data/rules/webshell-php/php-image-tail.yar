rule php_image_tail {
    meta:
        title = "Image with PHP code that runs request data"
        why = "The file begins as an image, so upload checks let it in, and carries PHP that evaluates or runs what a visitor sends. A wrong handler or an include is all that is missing."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $run = /<\?(php\s|=)[^<]{0,300}\b(eval|assert|system|passthru|exec|shell_exec|popen|proc_open|create_function|base64_decode|gzinflate|include|include_once|require|require_once|call_user_func|move_uploaded_file|file_put_contents)\b[\s(@]{0,10}([^<;]{0,80}[(.\s])?@?\$\{?['"]?_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $backquotes = /<\?(php\s|=)[^<`]{0,200}`[^`\n]{0,20}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $packed = /<\?(php\s|=)[^<]{0,300}\b(eval|assert)\s{0,5}\(\s{0,5}(['"]\?>['"]\s?\.\s?)?@?(gzinflate|gzuncompress|base64_decode|str_rot13|strrev|file_get_contents)\s{0,5}\(/ nocase
        $called = /<\?(php\s|=)[^<]{0,100}\$_(GET|POST|REQUEST|COOKIE)\s{0,3}\[[^\]]{1,30}\]\s{0,3}\(/ nocase
    condition:
        filesize < 10MB and
        (uint32(0) == 0x38464947 or                            // GIF8
         uint16(0) == 0xd8ff and uint8(2) == 0xff or           // JPEG
         uint32(0) == 0x474e5089 or                            // PNG
         uint16(0) == 0x4d42 or                                // BMP
         uint32(0) == 0x46464952 and uint32(8) == 0x50424557)  // WebP
        and any of them
}
