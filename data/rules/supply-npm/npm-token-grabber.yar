rule npm_token_grabber {
    meta:
        title = "Script that steals log-in tokens of chat clients"
        why = "The script reads the storage of chat clients and browsers for log-in tokens and posts them to a web hook; with such a token the account is taken over without a password."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1528/"
    strings:
        $storage = /Local Storage[\\\/'", ]{1,8}leveldb/
        $shape = /\[\\{1,2}w-\]\{2[0-9](,\d{0,2})?\}\\{0,2}\.\[\\{1,2}w-\]\{6\}/
        $mfa = /\bmfa\\{1,2}\.\[\\{1,2}w-\]\{8\d\}/
        $module = "webpackChunkdiscord_app"
        $module_token = /\bgetToken\b/
        $hook = /https:\/\/(discord\.com|discordapp\.com|canary\.discord\.com|ptb\.discord\.com)\/api\/webhooks\/\d{15,20}\//
        $bot = /https:\/\/api\.telegram\.org\/bot\d{6,12}:/
    condition:
        filesize < 4MB and ($hook or $bot) and (($storage and ($shape or $mfa)) or ($module and $module_token))
}
