rule rsh_bash_dev_tcp {
    meta:
        title = "Shell joined to the network through bash's pseudo-device"
        why = "A shell takes its commands from a network connection and sends its output back: whoever listens at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        // Both outputs to the network, input from it.
        $both = /\b(ba|z|k|da|a)?sh\s[^\n|;'"]{0,40}(>&|&>|[12]?>)\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[^\s\/]{1,20}\s{1,4}(0>&1|<&1|0<&1|0<&2|0>&2|2>&1)/
        $input = /\b(ba|z|k|da|a)?sh\s[^\n|;'"]{0,30}<\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[^\s\/]{1,20}\s{1,4}[12]?>&/
        // A numbered descriptor on the network, then a read loop or a shell with the descriptor as its streams.
        $descriptor = /\bexec\s{1,4}(\{\w{1,20}\}|[0-9]{1,3})?<>\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[^\s\/;]{1,20}/
        $loop = /\bwhile\s{1,4}(IFS=\s{0,2})?read\s[^;\n]{0,40}[;\n]\s{0,8}do\s{1,8}(eval\s{1,4}|bash\s{1,4}-c\s{1,4}|sh\s{1,4}-c\s{1,4})?["']?\$\{?\w{1,20}\}?["']?\s{1,4}(2>&1\s{1,4})?[12&]?>{1,2}\s{0,2}&\s{0,2}\$?[0-9A-Za-z{]/
        $streams = /\b(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}[0-9]?<\s{0,2}&\s{0,2}\$?[0-9A-Za-z]{1,20}\s{1,4}[0-9&]?>\s{0,2}&\s{0,2}\$?[0-9A-Za-z]/
    condition:
        filesize < 1MB and ($both or $input or ($descriptor and ($loop or $streams)))
}
