rule note_payment {
    meta:
        title = "Ransom note that asks for coins"
        why = "Somebody has encrypted files of this machine, or came to do so, and left this note. Look for what was encrypted and for how they came in before you restore."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $taken_1 = /\byour\s[^.!?]{0,60}\b(files?|documents|data|databases?|photos|servers?|network|backups?|machines?|computers?|systems?|websites?)\b[^.!?]{0,80}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $taken_2 = /\b(encrypted|crypted|ciphered|locked|encoded)\s[^.!?]{0,30}\byour\s[^.!?]{0,60}\b(files?|documents|data|databases?|servers?|network|backups?|machines?|computers?|systems?)\b/ nocase wide ascii
        $taken_3 = /\ball\s[^.!?]{0,60}\b(files|documents|data|databases|machines)\b[^.!?]{0,60}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $pay = /\b(send|pay|paying|payment|transfer)\b/ nocase wide ascii
        $wallet_1 = /\bbc1[a-z0-9]{30,70}\b/ nocase wide ascii
        $wallet_2 = /bitcoin[^\n]{0,100}[\s:>"'][13][a-z0-9]{25,34}\b/ nocase wide ascii
        $wallet_3 = /\bBTC\b[^\n]{0,100}[\s:>"'][13][a-z0-9]{25,34}\b/ nocase wide ascii
        $wallet_4 = /address[^\n]{0,100}[\s:>"'][13][a-z0-9]{25,34}\b/ nocase wide ascii
        $wallet_5 = /wallet[^\n]{0,100}[\s:>"'][13][a-z0-9]{25,34}\b/ nocase wide ascii
        $wallet_6 = /transfer[^\n]{0,100}[\s:>"'][48][a-z0-9]{94}\b/ nocase wide ascii
        $wallet_7 = /monero[^\n]{0,100}[\s:>"'][48][a-z0-9]{94}\b/ nocase wide ascii
        $sum_1 = /[0-9]\s{0,2}bitcoins?\b/ nocase wide ascii
        $sum_2 = /[0-9]\s{0,2}BTC\b/ nocase wide ascii
        $sum_3 = /[0-9]\s{0,2}XMR\b/ nocase wide ascii
        $sum_4 = /[0-9]\s{0,2}monero\b/ nocase wide ascii
        $time_1 = /[0-9]\s{0,2}hours\b/ nocase wide ascii
        $time_2 = /[0-9]\s{0,2}days\b/ nocase wide ascii
        $time_3 = "deadline" nocase wide ascii
        $reach_1 = ".onion" nocase wide ascii
        $reach_2 = /mail[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_3 = /write\s[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_4 = /contact[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $back_1 = /\b(decrypt|recover|restor|unlock)/ nocase wide ascii
        $back_2 = /\bget\s[^.!?]{0,30}\b(back|key)\b/ nocase wide ascii
        $back_3 = /\b(lost|deleted)\b/ nocase wide ascii
        $back_4 = "private key" nocase wide ascii
        // Words of those who write about notes.
        $about_1 = /\bvictims?\b/ nocase wide ascii
        $about_2 = /\battackers?\b/ nocase wide ascii
        $about_3 = /\bresearchers?\b/ nocase wide ascii
        $about_4 = /\bransom\snotes?\b/ nocase wide ascii
        $about_5 = /\bcriminals?\b/ nocase wide ascii
        $about_6 = /\b(malware|ransomware)\b/ nocase wide ascii
        $about_7 = "according to" nocase wide ascii
        $about_8 = /(\bnever|\bnot|n't)\spay\sthe\b/ nocase wide ascii
        $about_9 = "phishing" nocase wide ascii
        $about_10 = "github.com" nocase wide ascii
        $about_11 = "threat actor" nocase wide ascii
        $about_12 = "wikipedia" nocase wide ascii
    condition:
        filesize < 64KB and any of ($taken*) and $pay and any of ($back*) and not 2 of ($about*) and
        (any of ($wallet*) and (any of ($sum*) or any of ($time*) or any of ($reach*)) or any of ($sum*) and any of ($reach*))
}
