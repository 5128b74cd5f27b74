rule php_fetch_dropper {
    meta:
        title = "PHP writes a downloaded or decoded script into the web folder"
        why = "The script fetches or unpacks another script and stores it under a PHP name, often setting its time back or removing itself. Honest updaters fetch archives and check them."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
    strings:
        $tag = "<?php" nocase
        // Name of a script, then a download or a decoder in the same statement.
        $put = /\bfile_put_contents\s{0,5}\([^;]{0,120}(\.(php[3-8]?|phtml|phar|pht)|\.htaccess)['"]\s{0,5}\)?\s{0,5},\s{0,5}@?(file_get_contents\s{0,5}\(\s{0,5}['"]https?:\/\/|base64_decode\s{0,5}\(\s{0,5}['"][A-Za-z0-9+\/=]{80}|(gzinflate|gzuncompress|str_rot13|strrev)\s{0,5}\(|curl_exec\s?\()/ nocase
        $copy = /[^\w>:]copy\s{0,5}\(\s{0,5}['"]https?:\/\/[^'"]{4,200}['"]\s{0,5},[^;]{0,120}\.(php[3-8]?|phtml|phar)['"]/ nocase
        // The same in steps.
        $fetch = /\$\w{1,30}\s{0,5}=\s{0,5}@?(file_get_contents\s{0,5}\(\s{0,5}['"]https?:\/\/[^'"]{4,200}\.(txt|jpe?g|png|gif|php|ico|css|js|log|html?)['"?]|curl_exec\s{0,5}\(|base64_decode\s{0,5}\(\s{0,5}['"][A-Za-z0-9+\/=]{200})/ nocase
        $name = /(\$\w{1,30}\s{0,5}=|\bfopen\s{0,5}\()[^;]{0,100}\.(php[3-8]?|phtml|phar)['"]/ nocase
        $write = /\b(file_put_contents\s{0,5}\(\s{0,5}\$\w{1,30}\s{0,5},\s{0,5}\$\w{1,30}\s{0,5}\)|fwrite\s{0,5}\(\s{0,5}\$\w{1,30}\s{0,5},\s{0,5}\$\w{1,30}\s{0,5}\)|fputs\s{0,5}\(\s{0,5}\$\w{1,30}\s{0,5},\s{0,5}\$\w{1,30}\s{0,5}\))/ nocase
        $root = /DOCUMENT_ROOT['"]\s?\]\s{0,5}\.\s{0,5}['"][^'"]{1,100}\.(php[3-8]?|phtml|phar)['"]/ nocase
        $cover_time = /\btouch\s{0,5}\([^;]{3,160}(strtotime|filemtime|\b1[0-9]{9}\b)/ nocase
        $cover_mode = /\bchmod\s{0,5}\([^;]{3,120},\s{0,5}0?444\s{0,3}\)/ nocase
        $cover_self = /\bunlink\s{0,5}\(\s{0,5}(__FILE__|\$_SERVER\s?\[\s?['"]SCRIPT_FILENAME)/ nocase
    condition:
        filesize < 256KB and ($tag or uint16(0) == 0x3f3c) and
        ($put or $copy or filesize < 32KB and $fetch and $name and $write and ($root or any of ($cover_*)))
}
