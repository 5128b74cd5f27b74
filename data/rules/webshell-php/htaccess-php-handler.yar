rule htaccess_php_handler {
    meta:
        title = "Web server settings make images or text run as PHP"
        why = "A handler or type for PHP is given to a harmless suffix: an uploaded picture with code in it then runs when it is opened in a browser."
        severity = "high"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_mime.html"
    strings:
        // AddType application/x-httpd-php .jpg
        $suffix = /(^|[\r\n])[ \t]{0,20}Add(Type|Handler)[ \t]{1,10}["']?(application\/x-httpd-[a-z0-9-]{0,12}php[0-9]{0,3}|php[0-9]{0,2}-script|php[0-9]{0,2}-cgi|php[0-9]{0,2}-fcgi|x-httpd-php[0-9]{0,2}|application\/x-php)["']?([ \t]{1,10}["']?\.?[A-Za-z0-9]{1,12}["']?){0,10}[ \t]{1,10}["']?\.?(jpe?g|png|gif|ico|bmp|webp|svg|txt|log|css|js|pdf|zip|htaccess|xml|json|doc|mp3|mp4|tiff?|woff2?)["']?[\s#]/ nocase
        // <FilesMatch "logo\.png$"> ... SetHandler application/x-httpd-php
        $files = /<Files(Match)?[ \t]{1,10}[^>\r\n]{0,80}(jpe?g|png|gif|ico|bmp|webp|svg|txt|css|js|pdf|htaccess|\.ht)[^>\r\n]{0,30}>[^<>]{0,200}[\r\n][ \t]{0,20}(SetHandler|ForceType)[ \t]{1,10}["']?(application\/x-httpd-[a-z0-9-]{0,12}php[0-9]{0,3}|php[0-9]{0,2}-script|application\/x-php|proxy:(unix|fcgi):)[^\r\n-]{0,80}[\r\n<]/ nocase
        $php_too = /<Files(Match)?[ \t]{1,10}[^>\r\n]{0,80}ph[p(]/ nocase
    condition:
        filesize < 128KB and ($suffix or ($files and not $php_too))
}
