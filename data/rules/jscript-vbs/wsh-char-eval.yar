rule wsh_char_eval {
    meta:
        title = "Script that decodes its real text and evaluates it"
        why = "The script hides what it does behind numbers or scrambled text and runs it after decoding."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        // Statements of VBScript: at the start of a line or behind a colon.
        $vbs_run = /[\r\n:][ \t]{0,16}(Execute|ExecuteGlobal|Eval)[ \t(]{1,4}\w{1,40}[ \t)]{0,4}[\r\n:]/ nocase
        $vbs_chr = /&[ \t]{0,4}Chr[WB]?\$?[ \t]{0,2}\([ \t]{0,4}(C(Int|Lng|Byte)[ \t]{0,2}\([ \t]{0,4}|Asc\(|Eval\()?[a-z_"]/ nocase
        $vbs_direct = /[\r\n:][ \t]{0,16}(Execute|ExecuteGlobal|Eval)[ \t(]{1,4}(\w{1,40}\(){0,3}(StrReverse|Replace|Chr|Unescape|Join|Split)[ \t]{0,2}\(/ nocase
        $vbs_reverse = /StrReverse[ \t]{0,2}\([ \t]{0,4}("[^"\r\n]{60}|[a-z])/ nocase
        $vbs_replace = /=[ \t]{0,4}Replace[ \t]{0,2}\([ \t]{0,4}\w{1,40}[ \t]{0,4},[ \t]{0,4}"[^"\r\n]{2,20}"[ \t]{0,4},[ \t]{0,4}""/ nocase
        $numbers = /(Array\(|Split[ \t]{0,2}\([ \t]{0,2}")[ \t]{0,2}([0-9]{1,5}[,;|\- ][ \t]{0,2}){60}/ nocase
        // Perl has an eval and a join, too.
        $perl = /\n(use strict;|use warnings;|use [0-9v][0-9._]{1,12};|package [A-Z]\w{0,40}(::\w{1,40}){0,6};|1;\s)/
        $host = /\bWScript\.(Shell|CreateObject|Quit|Sleep|Script|Echo|Arguments)\b|ActiveXObject\(/ nocase
        $js_run = /(\beval|"ev"[ \t]{0,4}\+[ \t]{0,4}"al"\]|\[['"]eval['"]\]|new[ \t]{1,4}Function)[ \t]{0,4}\([ \t]{0,4}\w{1,40}[ \t]{0,4}(\)|\.[ \t]{0,2}(replace|split|join)\()/
        $js_code = /\+=?[ \t]{0,4}String[.\[]['"]?fromCharCode/
        $js_reverse = /reverse['"\]]{0,2}\([ \t]{0,2}\)[ \t]{0,2}[.\[]['"]?join/
        $js_replace = /eval[ \t]{0,4}\([ \t]{0,4}\w{1,40}[ \t]{0,4}\.[ \t]{0,2}(replace[ \t]{0,2}\([^)\r\n]{2,40},[ \t]{0,2}(""|'')|split\([^)]{3,20}\)\.join\((""|'')\))/
        $page = /<html|window\.|document\./ nocase
    condition:
        filesize < 4MB and
        ($vbs_run and ($vbs_chr and $numbers or $vbs_reverse or $vbs_replace) or $vbs_direct and not $perl
         or $host and not $page and ($js_replace or $js_run and ($js_code or $js_reverse)))
}
