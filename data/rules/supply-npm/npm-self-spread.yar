rule npm_self_spread {
    meta:
        title = "Worm that publishes other packages with tokens it finds"
        why = "The script searches for the tokens that publish packages, adds an install script to whatever these accounts own and publishes it: your own packages carry it on."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
    strings:
        $publish = /\bnpm['", \[]{1,6}publish\b/
        $inject = /\b(preinstall|install|postinstall)['"]?\]?\s{0,3}[:=]\s{0,3}['"`](node|bun|sh|bash)\s/
        $list_search = /\/-\/v1\/search\?text=maintainer(:|%3A)/
        $list_access = /\bnpm['", \[]{1,6}access['", ]{1,5}(list['", ]{1,5}packages|ls-packages)\b/
        $scanner = /\btrufflehog\s{1,2}(filesystem|git|github|s3)\b/
        $secrets = /\.github\/workflows\/[^\n]{0,400}toJSON\(secrets\)/
        $token = /_authToken/
        $whoami = /\/-\/whoami\b/
    condition:
        filesize < 16MB and $publish and $inject and
        (any of ($list_search, $list_access, $secrets) or ($scanner and ($token or $whoami)))
}
