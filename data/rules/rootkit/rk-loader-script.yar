rule rk_loader_script {
    meta:
        title = "Script that installs a rootkit"
        why = "The script loads a kernel module out of a hidden or temporary place, or names a library for every program to load, and wipes its traces: honest installers do the first openly and never the second."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1547/006/"
    strings:
        $module = /\binsmod\s{1,4}(-f\s{1,4})?["']?(\/tmp|\/var\/tmp|\/dev\/shm)\/|\binsmod\s{1,4}(-f\s{1,4})?["']?(\/[A-Za-z0-9_.$-]{1,40}){0,6}\/\.[A-Za-z0-9_]/
        $copy = /\b(cp|mv|install)\s[^\n;|&]{0,80}\.ko\s[^\n;|&]{0,20}\/lib\/modules\//
        $preload = /\b(echo|printf)\s[^\n>;|&]{1,120}>{1,2}\s{0,4}["']?\/etc\/ld\.so\.preload/
        $log = /\bdmesg\s{1,4}(-C|-c|--clear)\b/
        $history = /\bunset\s{1,4}HISTFILE|\bHISTFILE=(\/dev\/null|\s|;)|\bHISTSIZE=0|\bhistory\s{1,4}-c\b|\brm\s[^\n;]{0,40}\.bash_history/
        $lock = /\bchattr\s{1,4}(-[RfV]{1,3}\s{1,4})?\+[aiu]{1,3}\s[^\n;]{0,120}(ld\.so\.preload|\.so\b|\.ko\b|\/lib\/modules|modules-load)/
        $time = /\btouch\s{1,4}(-[acm]{1,3}\s{1,4})?-[acm]{0,3}r\s{1,4}\/(bin|usr|etc|lib|sbin)\//
        $signal = /\bkill\s{1,4}-(31|33|59|60|61|62|63|64)\s/
        $shred = /\bshred\s[^\n;]{0,60}(\.ko|\.so|\.c)\b/
    condition:
        filesize < 256KB and
        ($module and ($log or $history or $lock or $time or $signal or $shred) or
         ($copy or $preload) and ($history or $lock or $time or $signal or $shred))
}
