rule miner_elf_config {
    meta:
        title = "Coin miner with pool and wallet built in"
        why = "A miner is meant to be told for whom it mines; this program brings pool and wallet along, as those of intruders do."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        $wallet = /(\x004|\x008)[1-9AB][1-9A-HJ-NP-Za-km-z]{93}[\x00.+:\/]/
        $wallet_json = /"user"\s{0,4}:\s{0,4}"[48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}/
        $wallet_option = /\s(-u|--user)[= ][48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}/
        $scheme = /stratum[12]?\+(tcp|ssl|tls):\/\//
        $pools = /"pools"\s{0,4}:\s{0,4}\[/
        $donate = "donate-level"
        $algorithm = /\b(rx\/0|cn\/r|cn\/2|cryptonight|randomx)\b/ nocase
    condition:
        uint32(0) == 0x464c457f and filesize < 64MB and
        any of ($wallet*) and ($scheme or $pools) and ($donate or $algorithm)
}
