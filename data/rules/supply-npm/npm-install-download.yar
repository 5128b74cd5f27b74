rule npm_install_download {
    meta:
        title = "Package whose install script downloads and runs, or sends host data"
        why = "npm runs this line whenever the package is installed, with the rights of whoever installs it."
        severity = "critical"
        reference = "https://docs.npmjs.com/cli/using-npm/scripts"
    strings:
        $name = /"name"\s{0,4}:\s{0,4}"/
        $version = /"version"\s{0,4}:\s{0,4}"/
        $pipe = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,300}\b(curl|wget|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\s([^"\\\n]|\\.){1,300}\|\s{0,3}(sudo\s{1,2})?(sh|bash|zsh|dash|node|python|python3|perl|iex)\b/ nocase
        $run = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,300}\b(curl|wget)\s([^"\\\n]|\\.){1,300}(&&|;)\s{0,3}chmod\s{1,3}[+\w]{1,5}\s([^"\\\n]|\\.){1,200}(&&|;)\s{0,3}(nohup\s{1,2}|sudo\s{1,2})?[.\/~]/
        $fetch_run = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,300}\b(curl|wget)\s([^"\\\n]|\\.){1,300}(&&|;)\s{0,3}(sudo\s{1,2})?(sh|bash|node|python3?)\s{1,3}(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\.\/\.|~\/\.)/
        $powershell = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,300}\bpowershell(\.exe)?\s([^"\\\n]|\\.){0,200}(DownloadString|DownloadFile|\s-enc\w{0,12}\s|\s-e\s|\biex\b|Invoke-Expression|FromBase64String)/ nocase
        $inline = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,200}\bnode\s{1,3}(-e|--eval|-p|-pe)\s([^"\\\n]|\\.){0,300}(\beval\s?\(|Buffer\.from\s?\(|\batob\s?\(|\bhttps?(\\?['"]\))?\.(get|request)\s?\(|\bfetch\s?\()/
        $send = /"(preinstall|install|postinstall|prepare)"\s{0,4}:\s{0,4}"([^"\\\n]|\\.){0,200}\b(curl|wget|nslookup|dig|ping)\s([^"\\\n]|\\.){0,300}(\$\(|`)\s{0,2}(hostname|whoami|pwd|env|printenv|id|uname|cat)\b/
    condition:
        filesize < 256KB and $name and $version and any of ($pipe, $run, $fetch_run, $powershell, $inline, $send)
}
