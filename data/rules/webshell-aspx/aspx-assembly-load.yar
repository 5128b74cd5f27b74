rule aspx_assembly_load {
    meta:
        title = "ASP.NET web shell: loads programs sent in the request"
        why = "This page runs any .NET program that a visitor sends, without leaving it on disk."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
    strings:
        $page = /<%@\s{0,16}(Page|WebHandler|WebService|Control|Master|Import|Assembly)\b/ nocase
        $server = /<script\b[^>]{0,120}runat\s{0,4}=\s{0,4}["']?server/ nocase
        $load = /\bAssembly\s{0,4}\.\s{0,4}(Unsafe)?Load(From)?\s{0,4}\(\s{0,4}[^"'\s)]/ nocase
        $load_reflect = /\bAssembly\s{0,4}\)?\s{0,4}\.\s{0,4}(GetMethod|InvokeMember)\s{0,4}\(\s{0,4}"Load"/ nocase
        $load_domain = /AppDomain\s{0,4}\.\s{0,4}CurrentDomain\s{0,4}\.\s{0,4}Load\s{0,4}\(\s{0,4}[^"'\s)]/ nocase
        $bytes = /\bRequest\s{0,4}\.\s{0,4}(BinaryRead|InputStream|GetBufferedInputStream)|FromBase64String\s{0,4}\([^;]{0,120}\bRequest\b|Request\s{0,4}[.\[(][^;]{1,120};[^%]{0,300}FromBase64String/ nocase
        $start = /CreateInstance\b|EntryPoint\b|\.\s{0,4}InvokeMember\s{0,4}\(|\.\s{0,4}Invoke\s{0,4}\(/ nocase
    condition:
        filesize < 512KB and ($page or $server) and any of ($load*) and $bytes and $start
}
