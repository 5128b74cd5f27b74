rule loader_kill_lock {
    meta:
        title = "Loader that drives rivals out and locks itself in"
        why = "The script unlocks protected files, kills other intruders' programs and scheduled jobs, fetches its own and makes it immutable: a fight over a machine that belongs to neither."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1222/002/"
    strings:
        $unlock = /\bchattr\s{1,4}(-[RfV]{1,3}\s{1,4})?-[aiuR]{1,4}\s/
        $lock = /\bchattr\s{1,4}(-[RfV]{1,3}\s{1,4})?\+[aiu]{1,3}\s/
        $kill = /\b(pkill|killall)\s{1,4}(-\w{1,4}\s{1,4}){1,3}["']?[\w$.\/-]{2,40}|\bxargs\s[^\n]{0,30}kill\s{1,4}-9/
        $cron = /\bcrontab\s{1,4}-r\b|\/var\/spool\/cron|\/etc\/cron(tab|\.d)/
        $cron_clear = /\bcrontab\s{1,4}-r\b|\brm\s[^\n;|&]{0,60}(\/var\/spool\/cron|\/etc\/cron)|\becho\s{1,4}(''|"")\s{0,4}>\s{0,4}|(^|[\n;&]\s{0,4}):?\s{0,2}>\s{0,4}\/(var\/spool\/cron|etc\/cron)/
        $fetch = /\b(curl|wget)\s[^\n]{0,120}https?:\/\/[^\n]{4,200}/
        $execute = /\bchmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s{1,4}["']?[\/$.]|\b(ba|da)?sh\s{1,4}["']?\/(tmp|var\/tmp|dev\/shm)\/|\b(curl|wget)\s[^\n]{4,200}\|\s{0,4}(ba|da)?sh\b/
    condition:
        filesize < 512KB and $unlock and $lock and $kill and $cron and $cron_clear and $fetch and $execute
}
