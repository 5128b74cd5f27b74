rule persist_tmp_program {
    meta:
        title = "Job that runs a hidden program in a folder everybody can write to"
        why = "A crontab line or unit starts a dot-file, or a file in a dot-folder, below a temporary folder. Packages and administrators keep programs elsewhere."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1564/001/"
    strings:
        $cron = /(^|\n)[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t]{1,8}([a-z_][a-z0-9_-]{0,30}[ \t]{1,8})?((nohup|setsid|exec|sudo|nice|ionice|env|((\/usr)?\/bin\/)?(ba|da|z)?sh|python[0-9.]{0,4}|perl)[ \t]{1,4}(-[a-z0-9]{1,4}[ \t]{1,4}){0,3}["']?){0,3}\/(tmp|var\/tmp|dev\/shm|var\/spool|run\/user\/[0-9]{1,6}|run\/lock|var\/lock)\/([A-Za-z0-9_-][A-Za-z0-9._-]{0,40}\/){0,4}\.[A-Za-z0-9_-]/
        $cron_folder = /(^|\n)[ \t]{0,8}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*\/,-]{0,24}([ \t]{1,8}([0-9*]|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){4})[ \t]{1,8}([a-z_][a-z0-9_-]{0,30}[ \t]{1,8})?cd[ \t]{1,4}\/(tmp|var\/tmp|dev\/shm|var\/spool)\/([A-Za-z0-9_-][A-Za-z0-9._-]{0,40}\/){0,4}\.[A-Za-z0-9_-][^\s;&]{0,80}[ \t]{0,4}(&&|;)[ \t]{0,4}((nohup|(ba|da)?sh)[ \t]{1,4})?\.\//
        $unit = /(^|\n)Exec(Start|StartPre|StartPost|Reload|Stop)=[-@+!:]{0,3}((\/usr)?(\/bin\/)?(env|nohup|setsid|(ba|da|z)?sh|python[0-9.]{0,4}|perl)[ \t]{1,4}(-[a-z]{1,3}[ \t]{1,4})?["']?){0,2}\/(tmp|var\/tmp|dev\/shm|var\/spool|run\/user\/[0-9]{1,6}|run\/lock|var\/lock)\/([A-Za-z0-9_-][A-Za-z0-9._-]{0,40}\/){0,4}\.[A-Za-z0-9_-]/
    condition:
        filesize < 256KB and any of them
}
