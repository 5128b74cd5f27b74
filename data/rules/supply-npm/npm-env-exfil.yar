rule npm_env_exfil {
    meta:
        title = "Node script that sends the environment or account files away"
        why = "Tokens and passwords of this machine's accounts stand in the environment and in these files; the script posts them to a service that collects whatever it is sent."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1041/"
    strings:
        $env = /JSON\.stringify\s{0,2}\(\s{0,2}process(\.env|\[['"`]env['"`]\])\s{0,2}[,)]/
        $env_member = /[{,]\s{0,8}\w{1,16}\s{0,2}:\s{0,2}process(\.env|\[['"`]env['"`]\])\s{0,2}[,}]/
        $npmrc = /['"`\/]\.npmrc['"`]/
        $aws = /['"`\/]\.aws\/credentials['"`]/
        $ssh = /['"`\/]\.ssh\/id_(rsa|dsa|ecdsa|ed25519)['"`]/
        $host = /\bos\.hostname\s{0,2}\(\s{0,2}\)/
        $user = /\bos\.userInfo\s{0,2}\(\s{0,2}\)/
        // The services, where a quoted address or host name holds one.
        $bin = /['"`](https?:\/\/)?[\w.-]{0,80}(webhook\.site|pipedream\.net|requestbin\.com|requestbin\.net|requestcatcher\.com|hookbin\.com|beeceptor\.com|requestrepo\.com|dnslog\.cn|ngrok\.io|ngrok-free\.app)[\/'"`:]/
        $oast = /['"`](https?:\/\/)?[\w.-]{0,80}(oastify\.com|burpcollaborator\.net|interact\.sh|interactsh\.com|canarytokens\.com|oast\.fun|oast\.pro|oast\.live|oast\.site|oast\.online|oast\.me)[\/'"`:]/
        $discord = /['"`]https:\/\/(discord\.com|discordapp\.com|canary\.discord\.com|ptb\.discord\.com)\/api\/webhooks\/\d{15,20}\//
        $telegram = /['"`]https:\/\/api\.telegram\.org\/bot\d{6,12}:/
        $lookup = /\b(nslookup|dig|ping|curl|dns\.lookup|dns\.resolve|dns\.resolve4)\b[^\n]{1,120}\.(oastify\.com|burpcollaborator\.net|interact\.sh|interactsh\.com|dnslog\.cn|oast\.fun|oast\.pro|oast\.live|oast\.site|oast\.online|oast\.me)\b/
        // A request to an address in numbers, not of this machine.
        $numbers = /\b(get|post|request|fetch)\s{0,2}\(\s{0,4}['"`]https?:\/\/(1[013-9]\d?|12[0-689]?|[2-9]\d{0,2})\.\d{1,3}\.\d{1,3}\.\d{1,3}[:\/'"`?]/
    condition:
        filesize < 4MB and (
            ($env and any of ($bin, $oast, $discord, $telegram, $lookup)) or
            ($env and $numbers and filesize < 256KB) or
            (($env_member or 2 of ($npmrc, $aws, $ssh)) and any of ($bin, $oast, $discord, $telegram, $lookup)) or
            ($host and $user and any of ($bin, $oast, $lookup)))
}
