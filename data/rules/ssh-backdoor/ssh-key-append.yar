rule ssh_key_append {
    meta:
        title = "Script that plants an SSH key and protects or hides it"
        why = "The script writes its own key into a list of accepted keys and makes the list immutable, sets back its time or wipes the history: whoever holds the key can log in, and the owner should not notice."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1098/004/"
    strings:
        $append = /\b(echo|printf)\s[^\n]{0,60}\b(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]{3})\s{1,4}AAAA[A-Za-z0-9+\/=]{40}[^\n>]{0,1200}>{1,2}\s{0,4}[^\n;|&]{0,60}authorized_keys/
        $lock = /\bchattr\s{1,4}(-[RfV]{1,3}\s{1,4})?[+-][aiu]{1,3}\s[^\n;|&]{0,80}(authorized_keys|\.ssh\b)/
        $time = /\btouch\s{1,4}(-[acm]{1,3}\s{1,4})?-[acm]{0,3}[rdt]\s[^\n;|&]{1,80}(authorized_keys|\.ssh\b)/
        $history = /\bunset\s{1,4}HISTFILE|\bHISTFILE=\/dev\/null|\bhistory\s{1,4}-c\b|\brm\s[^\n;]{0,40}\.bash_history/
        $run_piped = /\b(curl|wget)\s[^\n;|]{0,80}http:\/\/[0-9][^\n;|]{0,120}\|\s{0,4}(ba|da)?sh\b/
        $run_saved = /\b(curl|wget)\s[^\n;|]{4,160}\/(tmp|var\/tmp|dev\/shm)\/[^\n;|&]{1,60}(;|&&)\s{0,4}((ba|da)?sh\s{1,4}|chmod\s[^\n;|&]{1,60}(;|&&)\s{0,4})["']?\/(tmp|var\/tmp|dev\/shm)\//
    condition:
        filesize < 256KB and $append and any of ($lock, $time, $history, $run_piped, $run_saved)
}
