rule note_contact {
    meta:
        title = "Ransom note that tells whom to ask for the key"
        why = "Somebody has encrypted files of this machine, or came to do so, and left this note. Look for what was encrypted and for how they came in before you restore."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $taken_1 = /\byour\s[^.!?]{0,60}\b(files?|documents|data|databases?|photos|servers?|network|backups?|machines?|computers?|systems?|websites?)\b[^.!?]{0,80}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $taken_2 = /\b(encrypted|crypted|ciphered|locked|encoded)\s[^.!?]{0,30}\byour\s[^.!?]{0,60}\b(files?|documents|data|databases?|servers?|network|backups?|machines?|computers?|systems?)\b/ nocase wide ascii
        $taken_3 = /\ball\s[^.!?]{0,60}\b(files|documents|data|databases|machines)\b[^.!?]{0,60}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $only_1 = /\b(buy|purchase)\b[^.!?]{0,60}\b(from us|our\s(software|program|decryptor|decoder|decryption|key))\b/ nocase wide ascii
        $only_2 = /\bkey\sis\sstored\s(on|in|at)\sour\b|\bour\sprivate\skey\b/ nocase wide ascii
        $only_3 = /\b(must|have to|need to)\spay\sus\b/ nocase wide ascii
        $only_4 = /\bto\sdecrypt\s(them|your|the|all)\b[^.!?]{0,30}\b(send|write)\s(us|an?|e-?mail|mail|message)\b/ nocase wide ascii
        $only_5 = /\bdecrypt\s[^.!?]{0,30}\bfiles?\s(completely\s)?(for\s)?free\b/ nocase wide ascii
        $only_6 = /\b(nobody|no one)\s(but|except)\sus\b|\bwithout\scontacting\s(us|our)\b/ nocase wide ascii
        $only_7 = /\bhow\sto\s(unlock|decrypt)\b/ nocase wide ascii
        $onion = /[a-z2-7]{16}\.onion\b/ nocase wide ascii
        $reach_1 = /\bmail\b[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_2 = /\bwrite\s[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_3 = /\bcontact[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_4 = /\btelegram\b[^\n]{0,20}@/ nocase wide ascii
        $reach_5 = /\bTOX\b[^\n]{0,40}[0-9A-F]{76}\b/ nocase wide ascii
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
        filesize < 64KB and any of ($taken*) and not 2 of ($about*) and
        ($onion and any of ($only*) or any of ($reach*) and ($only_4 or 2 of ($only*)))
}
