rule ps_download_cradle {
    meta:
        title = "PowerShell evaluates text from the network, hidden"
        why = "Text is fetched and evaluated at once, from an address in numbers, without a window or in scrambled words: whoever serves the text decides what runs here, and no file is left."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
    strings:
        // Without a window.
        $hidden_eval = /\b(powershell|pwsh)(\.exe)?["']?\s[^\n]{0,120}-w(in\w{0,12})?\s{1,4}(hidden|1)\b[^\n]{0,200}\b(iex|invoke-expression)\b[^\n]{0,120}(downloadstring|invoke-webrequest|invoke-restmethod|\biwr\b|\birm\b)[^\n]{0,60}http/ nocase
        $hidden_pipe = /\b(powershell|pwsh)(\.exe)?["']?\s[^\n]{0,120}-w(in\w{0,12})?\s{1,4}(hidden|1)\b[^\n]{0,300}(downloadstring|invoke-webrequest|invoke-restmethod|\biwr\b|\birm\b)[^\n]{0,200}[|;]\s{0,4}(iex|invoke-expression)\b/ nocase
        // From an address in numbers that is not this machine's own.
        $numbers_eval = /\b(iex|invoke-expression)\b[^\n]{0,120}(downloadstring|invoke-webrequest|invoke-restmethod|\biwr\b|\birm\b)[^\n]{0,60}https?:\/\/([2-9][0-9]{0,2}|1([013-9][0-9]?|2[0-689]?)?)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\b/ nocase
        $numbers_pipe = /https?:\/\/([2-9][0-9]{0,2}|1([013-9][0-9]?|2[0-689]?)?)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\b[^\n]{0,100}(\biwr\b|\birm\b|invoke-webrequest|invoke-restmethod|downloadstring)?[^\n]{0,60}\|\s{0,4}(iex|invoke-expression)\b/ nocase
        // By a COM object, where nothing speaks for its use.
        $com = /-com(object)?\s{1,4}["']?(msxml2\.(server)?xmlhttp|winhttp\.winhttprequest|microsoft\.xmlhttp)[^|]{0,300}\b(iex|invoke-expression)[\s(]{1,4}\$\w{1,30}\.responsetext/ nocase
        // In words that are broken by the sign which PowerShell leaves out.
        $tick = /\b(n`e?w?-?`?o|ne`w-`?o|new-`o)[a-z`]{4,12}\s{1,4}\(?["']?(system\.)?[a-z`]{1,4}et\.[a-z`]{8,20}/ nocase
        $tick_call = /\.\s{0,2}["']?(d`|do`|dow`|down`|downl`|downlo`|downloa`|download`)[a-z`]{6,24}["']?\s{0,4}[.(]/ nocase
    condition:
        filesize < 1MB and (any of ($hidden*) or any of ($numbers*) or $com or $tick and $tick_call)
}
