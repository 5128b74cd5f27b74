rule aspx_eval_request {
    meta:
        title = "ASP.NET web shell: evaluates the request"
        why = "This page runs any code that a visitor sends, with the rights of the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = /<%@\s{0,16}(Page|WebHandler|WebService)[^%]{0,200}Language\s{0,8}=\s{0,8}["']?(JScript|JS|JavaScript)\b/ nocase
        $script = /<script\b[^>]{0,80}Language\s{0,8}=\s{0,8}["']?(JScript|JS|JavaScript)\b[^>]{0,80}>/ nocase
        $server = /runat\s{0,4}=\s{0,4}["']?server/ nocase
        $direct = /\beval\s{0,8}(\/\*[^*]{0,40}\*\/\s{0,8})?\([^;]{0,200}\bRequest\s{0,8}[.\[]/ nocase
        $variable = /=\s{0,8}[^;=]{0,120}\bRequest\s{0,8}[.\[][^;]{1,120};[^<]{0,400}\beval\s{0,8}\(\s{0,8}[a-z_]\w{0,40}\s{0,8},/ nocase
        $unsafe = /("u|'u)["'+\s]{0,6}n["'+\s]{0,6}s["'+\s]{0,6}a["'+\s]{0,6}f["'+\s]{0,6}e["']/ nocase
    condition:
        filesize < 256KB and ($page or $script and $server) and ($direct or $variable and $unsafe)
}
