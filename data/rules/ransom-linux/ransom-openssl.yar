rule ransom_openssl {
    meta:
        title = "Script that encrypts files with openssl and leaves a ransom note"
        why = "The script walks folders, encrypts each file, removes the original and asks for money. If it ran here, stop the machine and keep its disk for the recovery."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $walk_1 = /\bfind\s[^\n]{0,20}[\/~$%]/
        $walk_2 = /\bfor\s\w{1,20}\sin\s[^\n]{0,60}[*$`]/
        // Of each file, named by a variable; decryption looks alike but for -d.
        $encrypt = /\bopenssl\s{1,4}(enc|smime|cms|aes|des|chacha|rsautl|pkeyutl|camellia)[^\n]{0,80}\s-in\s{1,4}["']?\$/
        $decrypt = /\bopenssl\s{1,4}\w[^\n]{0,80}\s-d(ecrypt)?\s[^\n]{0,80}\s-in\s{1,4}["']?\$/
        $gone_1 = /\b(rm|shred|unlink|wipe|srm)\s{1,4}(-\w{1,8}\s{1,4}){0,3}["']?\$/
        $gone_2 = /\bmv\s[^\n;]{1,60}\s["']?\$/
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
        filesize < 256KB and any of ($walk*) and #encrypt > #decrypt and any of ($gone*) and
        ((any of ($taken*) or $all or $ransom) and (any of ($money*) or $onion) or any of ($taken*) and $mail and any of ($press*)
         or any of ($money*) and ($press_1 or $press_2 or $press_3))
}
