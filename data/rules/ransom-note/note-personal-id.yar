rule note_personal_id {
    meta:
        title = "Ransom note with a personal identifier"
        why = "Somebody has encrypted files of this machine, or came to do so, and left this note. Keep it: its identifier may be needed once a decryptor exists."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1486/"
    strings:
        $taken_1 = /\byour\s[^.!?]{0,60}\b(files?|documents|data|databases?|photos|servers?|network|backups?|machines?|computers?|systems?)\b[^.!?]{0,80}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $taken_2 = /\bI\slocked\syour\b|\bwe\s(have\s)?(encrypted|locked)\s[^.!?]{0,20}\byour\b/ nocase wide ascii
        $taken_3 = /\ball\s[^.!?]{0,60}\b(files|documents|data|databases|machines)\b[^.!?]{0,60}\b(is|are|was|were|been|got)\s(now\s|all\s|currently\s|fully\s|completely\s|stolen\sand\s|<[^>]{1,60}>)?(encrypted|crypted|ciphered|locked|encoded)\b/ nocase wide ascii
        $id_1 = /\b(personal|unique|decryption|client|this|your)\s(decryption\s|personal\s)?id\b[^\n]{0,60}[\s:>][0-9A-Z]{4}/ nocase wide ascii
        $id_2 = /\b(personal|unique|decryption|client)\s(key|code)\b[^\n]{0,60}[\s:>][0-9A-Z]{8}/ nocase wide ascii
        $id_3 = /-{2,8}\s?BEGIN [a-z ]{0,20}(KEY|ID)\s?-{2,8}\s{1,4}[0-9A-Z+\/=]{32}/ nocase wide ascii
        $id_4 = /\bpersonal\sid\b[^\n]{0,20}<[^\n]{1,60}>[0-9A-Z]{8}/ nocase wide ascii
        $warn_1 = /(\bnot|n't)\s[^.!?]{0,10}\b(rename|modify|move)\b/ nocase wide ascii
        $warn_2 = /\bthird[ -]party\b/ nocase wide ascii
        $warn_3 = /(\bnot|n't)\s(delete|turn off|shut\s?down|use)\b/ nocase wide ascii
        $warn_4 = /\bno\ssoftware\savailable\b/ nocase wide ascii
        // Nobody who sells encryption says these.
        $demand_1 = /\bfree\sdecryption\b|\bdecrypt\s[^.!?]{0,30}\b(free|proof|test|guarantee)\b/ nocase wide ascii
        $demand_2 = /\bbefore\spaying\b/ nocase wide ascii
        $demand_3 = /\b(nobody|no one)\sbut\sus\b|\bonly\swe\s(can|have)\b/ nocase wide ascii
        $demand_4 = /\b(breached|hacked|compromised|penetrated)\b/ nocase wide ascii
        $demand_5 = /\buse\s[^.!?]{0,20}\b(antivirus|recovery tools)\b/ nocase wide ascii
        $demand_6 = /\bbitcoins?\b/ nocase wide ascii
        $reach_1 = ".onion" nocase wide ascii
        $reach_2 = /\bmail[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_3 = /\bwrite\s[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_4 = /\bcontact[^@]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_5 = /\btelegram\b[^\n]{0,20}@/ nocase wide ascii
        $reach_6 = /\bTOX\b[^\n]{0,40}[0-9A-F]{76}\b/ nocase wide ascii
        $about_1 = /\bvictims?\b/ nocase wide ascii
        $about_2 = /\battackers?\b/ nocase wide ascii
        $about_3 = /\bresearchers?\b/ nocase wide ascii
        $about_4 = /\bransom\snotes?\b/ nocase wide ascii
        $about_5 = /\bcriminals?\b/ nocase wide ascii
        $about_6 = /\b(malware|ransomware)\b/ nocase wide ascii
        $about_7 = "according to" nocase wide ascii
        $about_8 = /(\bnever|\bnot|n't)\spay\b/ nocase wide ascii
        $about_9 = "phishing" nocase wide ascii
        $about_10 = "github.com" nocase wide ascii
        $about_11 = "threat actor" nocase wide ascii
        $about_12 = "wikipedia" nocase wide ascii
    condition:
        filesize < 64KB and any of ($taken*) and any of ($id*) and any of ($warn*) and any of ($demand*) and any of ($reach*) and
        not 2 of ($about*)
}
