rule php_auto_prepend {
    meta:
        title = "PHP is told to run an odd file before or after each page"
        why = "auto_prepend_file or auto_append_file names an image, a hidden or temporary file or a stream: the code in it runs with every page, and no page shows a change."
        severity = "high"
        reference = "https://www.php.net/manual/en/ini.core.php#ini.auto-prepend-file"
    strings:
        // At the start of a line, as in .user.ini, .htaccess and php.ini.
        $ini_odd = /(^|[\r\n])[ \t]{0,20}(php_value[ \t]{1,10})?auto_(ap|pre)pend_file[ \t]{0,10}[= \t][ \t]{0,10}["']?([^\s"';#]{0,200}\.(jpe?g|png|gif|ico|bmp|webp|svg|txt|log|css|js|dat|tmp|bak|ttf|woff2?|xml|zip)["'\s;]|[^\s"';#]{0,200}\.(jpe?g|png|gif|ico|txt|log|css|tmp|dat)$|[^\s"';#]{0,200}\/\.[A-Za-z0-9_][^\s"']{0,100}|(\/tmp|\/var\/tmp|\/dev\/shm)\/|[^\s"';#]{0,200}\/uploads?\/|(php|data|https?|ftp|zip|phar|compress\.zlib|expect):\/\/|data:)/ nocase
        $set_odd = /\bini_set\s{0,5}\(\s{0,5}['"]auto_(ap|pre)pend_file['"]\s{0,5},\s{0,5}['"]([^'"]{0,200}\.(jpe?g|png|gif|ico|txt|log|css|tmp|dat)['"]|[^'"]{0,200}\/\.[A-Za-z0-9_]|(\/tmp|\/var\/tmp|\/dev\/shm)\/|(php|data|https?|phar):\/\/)/ nocase
    condition:
        filesize < 256KB and ($ini_odd or $set_odd)
}
