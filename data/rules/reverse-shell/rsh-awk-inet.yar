rule rsh_awk_inet {
    meta:
        title = "awk runs commands that it reads from the network"
        why = "GNU awk's network file is read line by line, each line runs as a command and the output goes back: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $net = /\/inet[46]?\/(tcp|udp)\/[0-9]{1,5}\//
        // A line from the coprocess goes into a name ...
        $read = /\|&\s{0,4}getline\s{1,4}[A-Za-z_]\w{0,20}\b/
        // ... and a name is run by getline within a loop, and its lines go back.
        $run = /while\s{0,4}\(\s{0,4}\(\s{0,4}[A-Za-z_]\w{0,20}\s{0,4}\|&?\s{0,4}getline\b[^;{}]{0,40}[{)\s]{1,12}print(f)?\s[^|\n;]{1,40}\|&/
    condition:
        filesize < 256KB and $net and $read and $run and for any i in (1..#run) : (for any j in (1..#read) : (@read[j] < @run[i]))
}
