rule miner_command_line {
    meta:
        title = "Command that starts a coin miner with a wallet"
        why = "A script, scheduled job or unit starts a program with a mining pool and a wallet: under whatever name, it mines for the wallet's owner."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        $pool_first = /\s(-o|--url)[= ]\s{0,4}["']?((stratum[12]?\+(tcp|ssl|tls|udp)|daemon\+https?|https?):\/\/)?[A-Za-z0-9.-]{3,100}:[0-9]{2,5}[^\n]{0,160}\s(-u|--user)[= ]\s{0,4}["']?[48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}/
        $wallet_first = /\s(-u|--user)[= ]\s{0,4}["']?[48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}[^\n]{0,160}\s(-o|--url)[= ]\s{0,4}["']?((stratum[12]?\+(tcp|ssl|tls|udp)|daemon\+https?|https?):\/\/)?[A-Za-z0-9.-]{3,100}:[0-9]{2,5}/
        $in_address = /stratum[12]?\+(tcp|ssl|tls|udp):\/\/[48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}[^\n@]{0,80}@/
    condition:
        filesize < 1MB and uint32(0) != 0x464c457f and any of them
}
