rule ransom_python {
    meta:
        title = "Python program that encrypts files and leaves a ransom note"
        why = "The program walks folders, encrypts each file, removes or renames the original and asks for money. If it ran here, look for its key in the file and in what it sent."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $walk_1 = /\bos\.(walk|scandir|listdir)\s{0,2}\(/
        $walk_2 = /\.rglob\s{0,2}\(/
        $walk_3 = /\bglob\.i?glob\s{0,2}\(/
        $cipher_1 = /\bFernet\s{0,2}\(/
        $cipher_2 = /\b(AES|ChaCha20|ChaCha20_Poly1305|Salsa20|Blowfish|DES3|ARC4)\.new\s{0,2}\(/
        $cipher_3 = /\balgorithms\.(AES|ChaCha20|Camellia)\s{0,2}\(/
        $cipher_4 = /\bpyaes\.\w{3}/
        $cipher_5 = /\bSecretBox\s{0,2}\(/
        $cipher_6 = /\bpyAesCrypt\.encrypt/
        $encrypt = /encrypt\w{0,20}\s{0,2}\(|\.update\s{0,2}\(/
        $gone_1 = /\bos\.(rename|remove|unlink|replace)\s{0,2}\(/
        $gone_2 = /\bshutil\.move\s{0,2}\(/
        $gone_3 = /\.rename\s{0,2}\(/
        $gone_4 = /\.unlink\s{0,2}\(/
        $gone_5 = /\bopen\s{0,2}\([^\n]{1,80}["'](wb|wb\+|rb\+|r\+b)["']/
        // What the note says, and where it is put.
        $taken_1 = /\byour\s[^.!?\n]{0,60}\b(encrypted|locked|ciphered|hacked)\b/ nocase
        $taken_2 = /\bsite\s[^.!?\n]{0,20}\b(encrypted|locked|hacked)\b/ nocase
        $all = /\ball\s[^.!?\n]{0,60}\b(encrypted|locked|ciphered)\b/ nocase
        $ransom = /\b(ransom:|hacked)/ nocase
        $money_1 = /\b(pay|send|transfer|price)\s[^\n]{0,20}[0-9][^\n]{0,30}\b(bitcoins?|BTC|monero|XMR)\b/ nocase
        $money_2 = /\b(pay|payment)\s[^\n]{0,40}\bin\s(bitcoins?|BTC|monero|XMR)\b/ nocase
        $money_3 = /[0-9]\s?BTC\b/ nocase
        $money_4 = /[0-9]\s?USD\s[^\n]{0,20}\b(bitcoins?|BTC|monero|XMR)\b/ nocase
        $money_5 = /\bbc1[a-z0-9]{30,70}\b/
        $money_6 = /\b(bitcoins?|BTC|monero|XMR)\sonly\b/ nocase
        $onion = ".onion"
        $mail = /(mail|write|contact)\b[^\n@]{0,40}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase
        $press_1 = "/etc/motd"
        $press_2 = /\bindex\.(html|php)/
        $press_3 = /\b(READ_ME\w{0,20}|HOW_TO_\w{2,20}|README_\w{2,20}|ransom_?note)\.(txt|html)/ nocase
        $press_4 = /[0-9]\s(days|hours)\b/ nocase
        $press_5 = /\bpay\b/ nocase
    condition:
        filesize < 512KB and any of ($walk*) and any of ($cipher*) and $encrypt and any of ($gone*) and
        ((any of ($taken*) or $all or $ransom) and (any of ($money*) or $onion) or any of ($taken*) and $mail and any of ($press*)
         or any of ($money*) and ($press_1 or $press_2 or $press_3))
}
