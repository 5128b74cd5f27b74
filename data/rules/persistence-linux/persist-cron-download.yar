rule persist_cron_download {
    meta:
        title = "Scheduled job that downloads and runs"
        why = "A crontab line fetches text or a program from the network and runs it, again and again: the job comes back after every clean-up, with whatever the sender likes."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
    strings:
        // Five time fields or an at-word, then a download into an interpreter on the same line.
        $pipe = /(^|[\n"'`;(])[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|\\\*|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t][^\n#]{0,200}\b(curl|wget|lwp-download|lwp-request|fetch)\s[^\n]{3,300}[^|\n]\|\s{0,4}(sudo\s{1,4})?(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl|php|ruby|node)([\s;&"')\n>]|$)/
        $substitution = /(^|[\n"'`;(])[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|\\\*|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t][^\n#]{0,120}\b(sh|eval|source|python[0-9.]{0,4}|perl)\s[^\n]{0,40}(\$\(|`|<\()\s{0,4}(curl|wget|lwp-request|fetch)\s/
        $saved = /(^|[\n"'`;(])[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|\\\*|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t][^\n#]{0,160}\b(curl|wget|lwp-download|fetch)\s[^\n]{4,200}(&&|;)\s{0,4}(sudo\s{1,4})?(chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\n]{1,100}(&&|;)|(ba|da)?sh\s{1,4}["']?\/(tmp|var\/tmp|dev\/shm)\/)/
        $python = /(^|[\n"'`;(])[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|\\\*|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t][^\n#]{0,120}python[0-9.]{0,4}\s{1,4}-c\s[^\n]{0,120}exec\s{0,4}\([^\n]{0,120}(urlopen|requests\.get)/
    condition:
        filesize < 1MB and any of them
}
