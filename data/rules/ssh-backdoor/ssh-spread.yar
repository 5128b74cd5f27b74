rule ssh_spread {
    meta:
        title = "Script that spreads to known hosts over SSH"
        why = "The script collects the hosts and keys that this machine knows and runs a download on each of them: one machine's intrusion becomes all machines'."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1021/004/"
    strings:
        $hosts = /\b(cat|grep|egrep|awk|cut|sed|sort|find)\s[^\n]{0,160}(known_hosts|\.bash_history|\.ssh\/config)/
        $loop = /\b(for\s{1,4}\w{1,20}\s{1,4}in|while\s{1,4}(IFS=\S{0,4}\s{1,4})?read|xargs)\b/
        $piped = /\bssh\s[^\n]{0,200}StrictHostKeyChecking[= ]{1,2}no[^\n]{0,300}\b(curl|wget)\s[^\n]{1,200}\|\s{0,4}(sudo\s{1,4})?(ba|da)?sh\b/
        $saved = /\bssh\s[^\n]{0,200}StrictHostKeyChecking[= ]{1,2}no[^\n]{0,300}\b(curl|wget)\s[^\n]{4,200}(;|&&)\s{0,4}((ba|da)?sh\s{1,4}|chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\n]{1,60}(;|&&)\s{0,4})["']?(\.\/|\/(tmp|var\/tmp|dev\/shm)\/)/
    condition:
        filesize < 256KB and $hosts and $loop and ($piped or $saved)
}
