rule ps_compressed_stage {
    meta:
        title = "PowerShell that unpacks its real text and evaluates it"
        why = "The script's text is compressed and encoded and evaluated right after unpacking: it hides what it does from readers and scanners."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $base64 = "FromBase64String" nocase
        $stream = /io\.compression\.(gzip|deflate)stream/ nocase
        $unpack = /::\s{0,2}decompress\b/ nocase
        $evaluated = /(\biex|\binvoke-expression|\[scriptblock\]\s{0,2}::\s{0,2}create)[\s(&$]{1,8}new-object\s{1,4}(system\.)?io\.streamreader[^|;]{0,4096}readtoend\s{0,2}\(/ nocase
        $piped = /\.\s{0,2}readtoend\s{0,2}\(\s{0,2}\)[\s)]{0,6}\|\s{0,4}(iex|invoke-expression)\b/ nocase
        $stored = /(\$\w{1,30})\s{0,4}=[^\n;]{0,300}\.\s{0,2}readtoend\s{0,2}\(\s{0,2}\)\s{0,4}[;\n]\s{0,4}(iex|invoke-expression)[\s(]{1,4}\$\w{1,30}/ nocase
    condition:
        filesize < 8MB and $base64 and $stream and $unpack and any of ($evaluated, $piped, $stored)
}
