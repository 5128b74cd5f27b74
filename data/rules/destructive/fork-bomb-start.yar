rule fork_bomb_start {
    meta:
        title = "Fork bomb where it runs at log-in or start"
        why = "A function or script that starts itself twice without end makes the machine unusable within seconds, each time anew when it stands in a start-up file."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1499/001/"
    strings:
        $cron = /(^|\n)(@reboot|@hourly|@daily|@midnight|\*[\/\d]{0,4} )[^\n]{0,120}[\w:]\(\)\s?\{\s{0,3}[\w:]{1,16}\s?\|\s?[\w:]{1,16}\s?&\s{0,3};?\s{0,2}\}/
        $unit = /\bExec(Start|StartPre|StartPost)?=[^\n]{0,120}[\w:]\(\)\s?\{\s{0,3}[\w:]{1,16}\s?\|\s?[\w:]{1,16}\s?&\s{0,3};?\s{0,2}\}/
        $append = /[\w:]\(\)\s?\{\s{0,3}[\w:]{1,16}\s?\|\s?[\w:]{1,16}\s?&\s{0,3};?\s{0,2}\}\s?;\s{0,2}[\w:]{1,16}['"]?\s{0,3}(>>|>|\|\s{0,2}(sudo\s{1,2})?tee\s(-a\s)?)\s{0,3}[^\n]{0,40}(\.bashrc|\.profile|\.bash_profile|\.zshrc|\.zprofile|\/etc\/profile|\/etc\/bash\.bashrc|rc\.local|\/cron\.d\/|crontab)/
        // On a line of its own in a shell's start-up file.
        $line = /\n[ \t]{0,8}[\w:]{1,16}\(\)\s?\{\s{0,3}[\w:]{1,16}\s?\|\s?[\w:]{1,16}\s?&\s{0,3};?\s{0,2}\}\s?;\s{0,2}[\w:]{1,16}\s{0,3}(&|\n|$)/
        $startup_file = /(\bHISTCONTROL=|\bshopt -s (histappend|checkwinsize)|\balias ll=|# ~\/\.(bashrc|profile|zshrc)|# \/etc\/(profile|bash\.bashrc|rc\.local)|# rc\.local\b|\n\[ -z "\$PS1" \])/
        $fence = "```"
        $batch = /%0\s?\|\s?(start\s{1,2}\S{0,20}\s{0,2})?%0/
        $batch_start = /(\\Start Menu\\Programs\\Startup|\bshell:startup|\\CurrentVersion\\Run\b)/ nocase
    condition:
        filesize < 256KB and (any of ($cron, $unit, $append) or ($line and $startup_file and not $fence) or ($batch and $batch_start and not $fence))
}
