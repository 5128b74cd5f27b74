rule loader_embedded_base64 {
    meta:
        title = "Shell script that unpacks a hidden program from itself"
        why = "The script carries a program as text, writes it into a temporary place, starts it in the background and deletes it: nothing stays on disk to be examined."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/009/"
    strings:
        $program = /(f0VMRg[EIA]|H4sI[A-Za-z])[A-Za-z0-9+\/\n]{60}/
        $decode = /\b(base64\s{1,4}(-d|-D|-di|--decode)|openssl\s{1,4}(enc|base64)\s[^\n]{0,40}-d)\b/
        $place = /(=|>|\s-o\s)\s{0,4}["']?\/(tmp|var\/tmp|dev\/shm)\/[^\n\s]/
        $mode = /\bchmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s{1,4}["']?(\/(tmp|var\/tmp|dev\/shm)\/|\$)/
        $start = /[\n;&(]\s{0,4}((nohup|setsid|exec)\s{1,4})?["']?\/(tmp|var\/tmp|dev\/shm)\/[^\s;&|)]{1,60}(\s[^\n;|()]{0,80})?\s{0,4}&\s{0,4}[)\n;]/
        $start_variable = /[\n;&(]\s{0,4}(nohup|setsid|exec)\s{1,4}["']?\$\{?[A-Za-z_]\w{0,30}\}?["']?(\s[^\n;|()]{0,80})?\s{0,4}&\s{0,4}[)\n;]/
        $delete = /\brm\s{1,4}(-\w{1,3}\s{1,4})?[^\n;|&]{0,40}["']?(\/(tmp|var\/tmp|dev\/shm)\/|\$)/
    condition:
        filesize < 16MB and $program and $decode and $place and $mode and ($start or $start_variable) and $delete
}
