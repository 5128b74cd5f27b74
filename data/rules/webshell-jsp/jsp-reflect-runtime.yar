rule jsp_reflect_runtime {
    meta:
        title = "JSP web shell: reaches the runtime by reflection under a hidden name"
        why = "A page has no honest reason to hide that it starts programs; this one does, and takes the command from the request."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $page_xml = /<jsp:(scriptlet|declaration|expression)/ nocase
        $for_name = /forName|loadClass|java\.lang\.reflect|getDeclaredMethod/
        $invoke = /\.\s{0,8}invoke\s{0,8}\(/
        $request = /request\s{0,8}\.\s{0,8}get(Parameter|Header|Reader|InputStream|Cookies|QueryString|Attribute)/
        $plain = /(forName|loadClass)\s{0,8}\(\s{0,8}"java\.lang\.(Runtime|ProcessBuilder|ProcessImpl|UNIXProcess)"/
        // The name cut by a plus sign at any place behind "java".
        $cut_1 = /"java"\s{0,8}\+\s{0,8}"\.l/
        $cut_2 = /"java\.(l(a(n(g(\.(R(u(n(t(im?)?)?)?)?|P(r(o(c(e(s(s(B(u(i(l(d(e)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?"\s{0,8}\+/
        $cut_3 = /"getR(u(n(t(im?)?)?)?)?"\s{0,8}\+\s{0,8}"[a-z]{1,6}"/
        $reversed_1 = "emitnuR.gnal.avaj"
        $reversed_2 = "redliuBssecorP.gnal.avaj"
        // "java.lang.Runtime" and ".ProcessBuilder" in base64, hex and character codes.
        $base64_1 = "amF2YS5sYW5nLlJ1bnRpbW"
        $base64_2 = "amF2YS5sYW5nLlByb2Nlc3NC"
        $hex_1 = /6a6176612e6c616e672e(52756e74696d65|50726f63657373)/ nocase
        $escape = /\\u006a\\u0061\\u0076\\u0061\\u002e\\u006c\\u0061\\u006e\\u0067/ nocase
        $codes = /106, {0,2}97, {0,2}118, {0,2}97, {0,2}46, {0,2}108, {0,2}97, {0,2}110, {0,2}103/
    condition:
        filesize < 512KB and ($page or $page_xml) and $for_name and $invoke and $request and
        ($plain or any of ($reversed*, $base64*, $hex_1, $escape, $codes, $cut*))
}
