rule miner_config {
    meta:
        title = "Configuration of a coin miner with a wallet"
        why = "A filled-in miner's configuration: pool, wallet and pace are set. If nobody here mines on purpose, somebody else earns with this machine."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        $pools = /"pools"\s{0,4}:\s{0,4}\[/
        // An address of Monero, or another long one; a placeholder has signs that an address has not.
        $wallet = /"user"\s{0,4}:\s{0,4}"[48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}/
        $other = /"user"\s{0,4}:\s{0,4}"([a-zA-Z]{2,6}:)?(0x[0-9a-fA-F]{40}|bc1[02-9a-z]{38,62}|[1-9A-HJ-NP-Za-km-z]{96,110})["+.\/:]/
        $donate = /"donate-(level|over-proxy)"\s{0,4}:\s{0,4}[0-9]/
        $algorithm = /"(algo|coin)"\s{0,4}:\s{0,4}("(rx|cn|randomx|cryptonight|argon2|kawpow|ghostrider|monero)\b|null)/
        $pool = /"url"\s{0,4}:\s{0,4}"[^"]{3,100}:[0-9]{2,5}"/
        $nicehash = /"(nicehash|rig-id|keepalive)"\s{0,4}:/
    condition:
        filesize < 64KB and (uint8(0) == 0x7B or uint32(0) == 0x7BBFBBEF) and $pools and $pool and ($wallet or $other) and ($donate or $algorithm) and ($nicehash or $donate)
}
