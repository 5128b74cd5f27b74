rule ransom_elf {
    meta:
        title = "Linux program with a ransom note built in"
        why = "The program encrypts the files of the machine it runs on and leaves the note that is in it. If it ran here, stop the machine and keep its disk for the recovery."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $taken_1 = /\byour\s[^.!?\x00]{0,60}\b(files?|documents|data|databases?|network|servers?|machines?)\b[^.!?\x00]{0,60}\b(encrypted|locked|ciphered)\b/ nocase
        $taken_2 = /\ball\s[^.!?\x00]{0,40}\b(files|documents|data|databases|servers|machines)\b[^.!?\x00]{0,30}\b(been|were|are)\s[^.!?\x00]{0,20}\b(encrypted|locked|ciphered)\b/ nocase
        $onion = /[a-z2-7]{16}\.onion\b/
        $wallet = /\bbc1[a-z0-9]{30,70}\b/
        $coins = /[0-9]\s?(BTC|XMR|bitcoins?)\b/ nocase
        $mail = /\b(mail|write|contact)\b[^\n@\x00]{0,40}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase
        $press_1 = /[0-9]\s(days|hours)\b/ nocase
        $press_2 = /\bnot\s(rename|modify|delete|remove)\b/ nocase
        $press_3 = /\b(pay|payment|purchase)\b/ nocase
        $means_walk = /\b(opendir|readdir(64)?|nftw(64)?|fts_open|walkdir|filepath\.Walk(Dir)?)\b/
        $means_rename = /\b(rename|renameat2?|unlink|os\.Rename)\b/
        $means_cipher = /chacha20|salsa20|sosemanuk|curve25519|AES-?(128|256)|aes_(cbc|ctr|encrypt)|EVP_Encrypt|rabbit|hc-?256/ nocase
        $means_key = "BEGIN PUBLIC KEY"
        $means_note = /(README|READ_ME|RECOVER|RESTORE|DECRYPT|HOW_?TO)[\w\-${}!]{0,40}\.(txt|html)/ nocase
        $about_1 = /\bvictims?\b/ nocase
        $about_2 = /\battackers?\b/ nocase
        $about_3 = /\bransom\snotes?\b/ nocase
        $about_4 = /\b(malware|trojan)/ nocase
        $about_5 = "quarantine" nocase
        $about_6 = "BEGIN CERTIFICATE"
    condition:
        uint32(0) == 0x464C457F and filesize < 16MB and any of ($taken*) and 3 of ($means*) and
        ($onion or $wallet or $coins and $mail or $mail and $means_note and any of ($press*)) and not 2 of ($about*)
}
