rule loader_disarm {
    meta:
        title = "Loader that switches protection off before it downloads"
        why = "The script turns off several defences at once - firewall, SELinux or AppArmor, agents of the cloud, logs and history - and then fetches and runs a program."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1562/"
    strings:
        $off_selinux = /\bsetenforce\s{1,4}0|SELINUX=disabled/
        $off_firewall = /\biptables\s{1,4}-F\b|\biptables\s{1,4}-P\s{1,4}INPUT\s{1,4}ACCEPT|\bufw\s{1,4}disable|\bstop\s{1,4}(firewalld|ufw|iptables)\b|\bdisable\s{1,4}(--now\s{1,4})?(firewalld|ufw|iptables)\b/
        $off_watchdog = /nmi_watchdog\s{0,4}=\s{0,4}0|\becho\s{1,4}["']?0["']?\s{0,4}>\s{0,4}\/proc\/sys\/kernel\/nmi_watchdog/
        $off_agent = /update\.aegis\.aliyun\.com|uninstall\.sh\s{0,4}\|\s{0,4}(ba)?sh|\/usr\/local\/qcloud\/[\w\/]{1,60}\/uninst|\bstop\s[^\n]{0,20}\b(aliyun|aegis|cloudmonitor|yunsuo)|kill(all)?\s[^\n]{0,20}\b(aliyun|aegis|cloudmonitor|yunsuo|AliYunDun|YDService|bcm-agent)/
        $off_apparmor = /\b(stop|disable)\s{1,4}(--now\s{1,4})?apparmor\b|\bapparmor\s{1,4}stop\b|\baa-teardown\b/
        $off_log = /\brm\s{1,4}-\w{1,3}\s{1,4}\/var\/log\/(syslog|messages|wtmp|secure|auth\.log)|(\becho\s{0,4}(""|'')?|[\n;&]\s{0,4}:?|cat\s{1,4}\/dev\/null)\s{0,4}>\s{0,4}\/var\/log\/(wtmp|btmp|lastlog|secure|messages|auth\.log|syslog)/
        $off_history = /\bunset\s{1,4}HISTFILE|\bHISTFILE=\/dev\/null|\bhistory\s{1,4}-c\b|\brm\s[^\n;]{0,40}\.bash_history/
        $run_piped = /\b(curl|wget)\s[^\n]{3,200}\|\s{0,4}(sudo\s{1,4})?(\/usr)?(\/bin\/)?(ba|da)?sh\b/
        $run_saved = /\b(curl|wget)\s[^\n]{4,200}(;|&&|\n)\s{0,4}chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s{1,4}[^\n;|&]{1,80}(;|&&|\n)\s{0,4}(nohup\s{1,4}|\()?["']?(\.\/|\/(tmp|var\/tmp|dev\/shm|usr\/bin|root|etc)\/|\$)/
    condition:
        filesize < 256KB and 3 of ($off_*) and ($run_piped or $run_saved)
}
