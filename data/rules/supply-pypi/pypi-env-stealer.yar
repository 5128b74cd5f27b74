rule pypi_env_stealer {
    meta:
        title = "Python that sends the environment, keys or log-ins away"
        why = "Tokens, keys and passwords of this machine's accounts are collected and posted to a service that takes whatever it is sent."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1567/"
    strings:
        $env = /\b(dict|str|dumps|repr|list|pformat|urlencode)\s{0,2}\(\s{0,2}os\.environ\b/
        $env_payload = /\b(json|data|params|body|content|dumps|payload)\b[^\n]{0,80}\bos\.environ(\.copy\(\)|\.items\(\)|\s{0,2}[),}])/
        $ssh = /['"\/]\.ssh[\/\\'", ]{1,6}id_(rsa|dsa|ecdsa|ed25519)['"]/
        $aws = /['"\/]\.aws[\/\\'", ]{1,6}credentials['"]/
        $pypirc = /['"\/]\.pypirc['"]/
        $git = /['"\/]\.git-credentials['"]/
        $netrc = /['"\/]\.netrc['"]/
        $kube = /['"\/]\.kube[\/\\'", ]{1,6}config['"]/
        $login = /\bLogin Data['"]/
        $login_key = /\bLocal State['"]/
        // The services, where a quoted address or host name holds one.
        $bin = /['"](https?:\/\/)?[\w.-]{0,80}(webhook\.site|pipedream\.net|requestbin\.com|requestbin\.net|requestcatcher\.com|hookbin\.com|beeceptor\.com|requestrepo\.com|dnslog\.cn|ngrok\.io|ngrok-free\.app)[\/'":]/
        $oast = /['"](https?:\/\/)?[\w.-]{0,80}(oastify\.com|burpcollaborator\.net|interact\.sh|interactsh\.com|canarytokens\.com|oast\.fun|oast\.pro|oast\.live|oast\.site|oast\.online|oast\.me)[\/'":]/
        $drop = /['"]https?:\/\/(transfer\.sh|file\.io|store\d{0,2}\.gofile\.io|api\.gofile\.io|api\.anonfiles\.com|pastebin\.com\/api\/api_post)/
        $discord = /['"]https:\/\/(discord\.com|discordapp\.com|canary\.discord\.com|ptb\.discord\.com)\/api\/webhooks\/\d{15,20}\//
        $telegram = /['"]https:\/\/api\.telegram\.org\/bot\d{6,12}:/
        // A request to an address in numbers, not of this machine.
        $numbers = /\b(post|get|put|urlopen|Request|HTTPConnection|HTTPSConnection)\s{0,2}\(\s{0,4}f?['"](https?:\/\/)?(1[013-9]\d?|12[0-689]?|[2-9]\d{0,2})\.\d{1,3}\.\d{1,3}\.\d{1,3}[:\/'"?]/
    condition:
        filesize < 1MB and (
            (($env or $env_payload or ($login and $login_key) or 2 of ($ssh, $aws, $pypirc, $git, $netrc, $kube)) and
                any of ($bin, $oast, $drop, $discord, $telegram)) or
            ($numbers and ($env_payload or 3 of ($ssh, $aws, $pypirc, $git, $netrc, $kube))))
}
