rule miner_browser {
    meta:
        title = "Page that mines coins in the visitor's browser"
        why = "A script in the page lets each visitor's processor mine for somebody else. If the page's owner did not put it there, the site has been broken into."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        // A miner is made with its owner's key, and started.
        $object = /\b(\w{1,24})\s{0,4}=\s{0,4}new\s{1,4}(CoinHive|CRLT|CryptoLoot|CoinImp|Client|deepMiner|Coinhave|JSEcoin|ppoi|PRJ|perfekt|Miner)\s{0,2}\.\s{0,2}(Anonymous|User|Token)\s{0,4}\(\s{0,4}["'][A-Za-z0-9]{32,64}["']/
        $start = /\.\s{0,2}start\s{0,4}\(/
        // A worker that hashes, and a socket to a pool that wants the wallet.
        $socket = /\bnew\s{1,4}WebSocket\s{0,4}\(\s{0,4}["'`]wss?:/
        $hash = /\b(cryptonight|randomx|cn-lite|cn_lite|cnlite)\b/ nocase
        $job = /\bjob_id\b/
        $nonce = /\bnonce\b/
        $login = /\b(login|user|wallet|site_key)["']?\s{0,4}:\s{0,4}["']([48][1-9AB][1-9A-HJ-NP-Za-km-z]{93}|[A-Za-z0-9]{32}["'])/
    condition:
        filesize < 2MB and ($object and $start or $socket and $hash and $job and $nonce and $login)
}
