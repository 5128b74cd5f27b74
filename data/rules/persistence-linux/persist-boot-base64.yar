rule persist_boot_base64 {
    meta:
        title = "Scheduled or boot job that decodes base64 text into an interpreter"
        why = "The command of a job is hidden in base64 and run after decoding. Honest jobs decode data into files; they have no reason to hide their own commands."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        // What kind of file it is: crontab, unit, at-job, boot script.
        $is_cron = /(^|\n)[ \t]{0,8}@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)[ \t]/
        $is_cron_times = /(^|\n)[ \t]{0,8}([0-9*][0-9*\/,-]{0,24}[ \t]{1,8}){0,3}(\* \*|\*\t\*)([ \t]{1,8}([0-9*]|[A-Za-z]{3})[0-9A-Za-z*\/,-]{0,24}){0,3}[ \t]/
        $is_unit = /(^|\n)Exec(Start|StartPre|StartPost|Stop|Reload)=/
        $is_at = /(^|\n)# atrun uid=/
        $is_init = "### BEGIN INIT INFO"
        $is_rc = /(^|\n)#[^\n]{0,60}\brc\.local\b/
        $pipe = /\becho\s{1,4}(-[ne]{1,2}\s{1,4})?["']?[A-Za-z0-9+\/]{36,4000}={0,2}["']?\s{0,4}\|\s{0,4}(\/usr\/bin\/)?(base64\s{1,4}(-d|-di|-D|-i|--decode)|openssl\s{1,4}(enc\s{1,4}|base64\s{1,4})[^\n|]{0,40}-d[^\n|]{0,20})\s{0,4}(\|\s{0,4}(gunzip|gzip -dc?|zcat|xz -dc?)\s{0,4})?\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl|php|ruby)([\s;&"')]|$)/
        $here = /(\$\(|`|<\()\s{0,4}(base64\s{1,4}(-d|-di|-D|--decode))\s{0,4}<<<\s{0,4}["']?[A-Za-z0-9+\/]{36,4000}/
        $here_echo = /(\b(ba|z|da)?sh\s{1,4}(-c\s{1,4})?|\beval\s{1,4})["']?(\$\(|`|<\()\s{0,4}(echo|printf)\s{1,4}["']?[A-Za-z0-9+\/]{36,4000}={0,2}["']?\s{0,4}\|\s{0,4}base64\s{1,4}-/
        $python = /python[0-9.]{0,4}\s{1,4}-c\s[^\n]{0,80}exec\s{0,4}\([^\n]{0,80}b64decode\s{0,4}\(\s{0,4}b?["'][A-Za-z0-9+\/]{36,4000}/
        $perl = /perl\s{1,4}(-M\S{1,20}\s{1,4}){0,3}-e\s[^\n]{0,80}eval[^\n]{0,60}decode_base64\s{0,4}\(?\s{0,4}["'q][({]?[A-Za-z0-9+\/]{36,4000}/
    condition:
        filesize < 256KB and any of ($is_*) and any of ($pipe, $here, $here_echo, $python, $perl)
}
