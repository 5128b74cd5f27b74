rule persist_systemd_download {
    meta:
        title = "systemd unit that downloads and runs"
        why = "A service fetches text or a program from the network and runs it at each start: it comes back after every clean-up, with whatever the sender likes."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1543/002/"
    strings:
        $section = /(^|\n)\[(Service|Unit|Install)\]/
        $pipe = /(^|\n)[ \t]{0,8}Exec(Start|StartPre|StartPost|Stop|StopPost|Reload|Condition)=[^\n]{0,200}\b(curl|wget|lwp-request|fetch)\s[^\n]{3,300}[^|\n]\|\s{0,4}(sudo\s{1,4})?(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl|php|ruby)([\s;&"')]|$)/
        $substitution = /(^|\n)[ \t]{0,8}Exec(Start|StartPre|StartPost|Stop|StopPost|Reload|Condition)=[^\n]{0,120}(sh|eval|source|python[0-9.]{0,4})\s[^\n]{0,60}(\$\(|`|<\()\s{0,4}(\/usr\/bin\/)?(curl|wget|fetch)\s/
        $saved_line = /(^|\n)[ \t]{0,8}Exec(Start|StartPre|StartPost)=[^\n]{0,160}\b(curl|wget)\s[^\n]{4,200}(&&|;)\s{0,4}(chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s|(ba|da)?sh\s{1,4}\/(tmp|var\/tmp|dev\/shm)\/)/
        // Fetched, made executable and started in lines of their own, out of a temporary folder.
        $fetch = /(^|\n)[ \t]{0,8}ExecStart(Pre)?=[-@+!]{0,3}(\/usr)?(\/bin\/)?(curl|wget)\s[^\n]{4,200}(-O|-o|--output|--output-document)[\s=]{0,4}\/(tmp|var\/tmp|dev\/shm|run)\//
        $mode = /(^|\n)[ \t]{0,8}ExecStart(Pre)?=[-@+!]{0,3}(\/usr)?(\/bin\/)?chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s{1,4}\/(tmp|var\/tmp|dev\/shm|run)\//
        $start = /(^|\n)[ \t]{0,8}ExecStart=[-@+!]{0,3}\/(tmp|var\/tmp|dev\/shm)\/\S/
        $base64 = /(^|\n)[ \t]{0,8}Exec(Start|StartPre|StartPost)=[^\n]{0,120}python[0-9.]{0,4}\s{1,4}-c\s[^\n]{0,120}exec\s{0,4}\([^\n]{0,120}urlopen/
    condition:
        filesize < 256KB and $section and ($pipe or $substitution or $saved_line or $base64 or ($fetch and ($mode or $start)))
}
