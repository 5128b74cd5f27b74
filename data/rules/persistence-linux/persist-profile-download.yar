rule persist_profile_download {
    meta:
        title = "Shell start-up file that downloads and runs"
        why = "Each log-in or new shell fetches text or a program from the network and runs it unseen."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1546/004/"
    strings:
        // What a start-up file looks like.
        $alias = /(^|\n)[ \t]{0,8}alias [A-Za-z0-9_.~-]{1,20}=/
        $prompt = /\bPS1[=" \]}]/
        $path = /(^|\n)[ \t]{0,8}(export )?(PATH|HISTSIZE|HISTCONTROL|EDITOR|LANG|PAGER|ZSH|MANPATH|PROMPT_COMMAND)=/
        $shopt = /(^|\n)[ \t]{0,8}(shopt -s|setopt|bindkey|autoload) /
        $heading = /^# [~\/.]{1,8}[a-z.\/]{0,20}(bashrc|profile|zshrc|bash_profile|zshenv|zprofile|bash_login)\b/
        // A download into an interpreter, silenced or in the background.
        $pipe = /(^|[\n;&(' ])[ \t]{0,8}(curl|wget)\s[^\n#'"]{4,200}['"]?[^\n#'"|]{0,60}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl)["']?\s{0,4}\)?\s{0,4}(&?>{1,2}\s{0,2}\/dev\/null|>&\s{0,2}\/dev\/null|2>\s{0,2}&1|2>\s{0,2}\/dev\/null|[&)])/
        $substitution = /(^|[\n;&(])[ \t]{0,8}(eval|source|\.|(ba|z|da)?sh\s{1,4}-c|(ba|z|da)?sh)\s{1,4}["']?(\$\(|`|<\()\s{0,4}(curl|wget)\s[^\n]{4,200}(&?>{1,2}\s{0,2}\/dev\/null|2>\s{0,2}&1|&\s{0,4}\)?)\s{0,4}[;)]?\s{0,4}(\n|$|2>|&)/
        $saved = /\b(curl|wget)\s[^\n#]{4,200}\/(tmp|var\/tmp|dev\/shm)\/[^\n]{1,60}(;|&&)\s{0,4}chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\n]{1,60}(;|&&)\s{0,4}(nohup\s{1,4})?\/(tmp|var\/tmp|dev\/shm)\//
        // The same behind a long run of blanks.
        $far_right = /[ \t]{80,400};?\s{0,4}(\(|nohup\s{1,4})?(curl|wget)\s[^\n]{3,200}[^|\n](\|\s{0,4}(ba|z|da)?sh|chmod\s)/
    condition:
        filesize < 128KB and ($heading or 2 of ($alias, $prompt, $path, $shopt) or #path > 1 or #alias > 1 or
            ($alias or $path or $prompt or $shopt)) and
        any of ($pipe, $substitution, $saved, $far_right) and
        not (uint16(0) == 0x2123 and not ($alias or $prompt))
}
