rule php_pieced_function {
    meta:
        title = "PHP calls a function whose name is put together from pieces"
        why = "The name of a dangerous function is joined from scraps, picked letter by letter, reversed or freed of filler, so that it never stands in the file; then it is called."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $tag = "<?php" nocase
        $request = /\$\{?['"]?_(GET|POST|REQUEST|COOKIE)\b/
        // Scraps that make up eval, assert, system, exec, passthru, base64_decode and the like.
        $dots = /\$\w{1,40}\s{0,5}=\s{0,5}(['"][a-z0-9_]{1,4}['"]\s{0,5}\.\s{0,5}){2,20}['"][a-z0-9_]{1,4}['"]\s{0,5};[^;]{0,60}@?\$\w{1,40}\s{0,5}\(\s{0,5}(@?\$?\w{1,30}\s{0,5}\(\s{0,5}){0,3}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $index = /(\$\w{1,30}\s{0,3}[\[{]\s{0,3}\d{1,3}\s{0,3}[\]}]\s{0,3}\.\s{0,3}){3,40}\$\w{1,30}\s{0,3}[\[{]\s{0,3}\d{1,3}\s{0,3}[\]}]\s{0,3};[^;]{0,60}\$\w{1,40}\s{0,5}\(\s{0,5}(@?\$?\w{1,30}\s{0,5}\(\s{0,5}){0,3}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $filler = /\$\w{1,40}\s{0,5}=\s{0,5}str_replace\s{0,5}\(\s{0,5}(['"])[^'"]{1,8}['"]\s{0,5},\s{0,5}['"]['"]\s{0,5},\s{0,5}['"]\w{8,120}['"]\s{0,5}\)\s{0,5};/ nocase
        $reversed = /strrev\s{0,5}\(\s{0,5}['"](edoced_46esab|lave|tressa|metsys|cexe_llehs|cexe|urhtssap|nepop|nepo_corp|noitcnuf_etaerc|etalfnizg|sserpmocnuzg|31tor_rts|cnuf_resu_llac|stnetnoc_(tup|teg)_elif|cexe_ltncp)['"]/ nocase
        $rotated = /str_rot13\s{0,5}\(\s{0,5}['"](riny|nffreg|flfgrz|rkrp|furyy_rkrp|cnffgueh|cbcra|cebp_bcra|perngr_shapgvba|onfr64_qrpbqr|tmvasyngr|pnyy_hfre_shap)['"]/ nocase
        $chars = /\$\w{1,40}\s{0,5}=\s{0,5}(chr\s{0,3}\(\s{0,3}(0x[0-9a-f]{2}|\d{2,3})\s{0,3}\)\s{0,3}\.\s{0,3}){3,40}chr\s{0,3}\(\s{0,3}(0x[0-9a-f]{2}|\d{2,3})\s{0,3}\)\s{0,5};[^;]{0,60}\$\w{1,40}\s{0,5}\(\s{0,5}(@?\$?\w{1,30}\s{0,5}\(\s{0,5}){0,3}@?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $eval_index = /(\$\w{1,30}\s{0,3}[\[{]\s{0,3}\d{1,3}\s{0,3}[\]}]\s{0,3}\.\s{0,3}){5,40}\$\w{1,30}\s{0,3}[\[{]\s{0,3}\d{1,3}\s{0,3}[\]}]\s{0,3};[^;]{0,60}\b(eval|assert)\s{0,5}\(\s{0,5}@?\$\w{1,40}\s{0,5}\(/ nocase
        // The result is called: $f(...) with the request or with another such call inside.
        $call = /[;{}@\s]\$\w{1,40}\s{0,5}\(\s{0,5}(['"]['"]\s{0,5},\s{0,5})?(@?\$\w{1,40}\s{0,5}\(\s{0,5}){0,3}@?\$_(GET|POST|REQUEST|COOKIE)\b/
    condition:
        filesize < 1MB and ($tag or uint16(0) == 0x3f3c) and
        ($dots or $index or $chars or $eval_index or
         $request and $call and ($reversed or $rotated or $filler))
}
