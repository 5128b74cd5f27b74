rule asp_execute_request {
    meta:
        title = "ASP web shell: executes the request"
        why = "This page runs any script that a visitor sends, with the rights of the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = "<%"
        $script = /<script\b[^>]{0,120}runat\s{0,4}=\s{0,4}["']?server/ nocase
        // Not a method of an object: no dot in front.
        $direct = /[^.\w](execute|executeglobal|eval)[ \t]{0,8}[( \t][ \t(]{0,8}(\w{1,30}\s{0,4}\(\s{0,4}){0,3}request[ \t]{0,4}(\.[ \t]{0,4}\w{4,20}[ \t]{0,4})?\(/ nocase
        $variable = /\b(\w{1,30})[ \t]{0,8}=[ \t]{0,8}(\w{1,30}\(){0,3}request[ \t]{0,4}(\.[ \t]{0,4}\w{4,20}[ \t]{0,4})?\([^)]{1,40}\)[^%<]{0,300}[\r\n:][ \t]{0,16}(execute|executeglobal|eval)[ \t(]{1,8}\w{1,30}[ \t)]{0,8}[\r\n:%]/ nocase
    condition:
        filesize < 256KB and ($page or $script) and ($direct or $variable)
}
