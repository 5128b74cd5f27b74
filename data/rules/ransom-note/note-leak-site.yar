rule note_leak_site {
    meta:
        title = "Ransom note that threatens to publish data"
        why = "Somebody says to have copied data of this machine or its network, and left this note. What left the machine matters as much as what was encrypted."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1657/"
    strings:
        $copied_1 = /\b(downloaded|copied|stolen|stole|taken|exfiltrated|leaked|extracted)\s[^.!?]{0,60}\byour\s[^.!?]{0,60}\b(files|documents|data|databases?|information)\b/ nocase wide ascii
        $copied_2 = /\byour\s[^.!?]{0,60}\b(files|documents|data|databases?|information|network)\b[^.!?]{0,80}\b(downloaded|copied|stolen|exfiltrated|extracted)\b/ nocase wide ascii
        $copied_3 = /\bdata\b[^.!?]{0,60}\bwas\sdownloaded\b/ nocase wide ascii
        $threat_1 = /\b(will|we|or|to)\s[^.!?]{0,30}publish/ nocase wide ascii
        $threat_2 = /\b(will|we|or|to)\s[^.!?]{0,30}\bleak/ nocase wide ascii
        $threat_3 = /\bwill\s[^.!?]{0,30}\bsold\b/ nocase wide ascii
        $threat_4 = /\b(will|we|or|to)\s[^.!?]{0,30}\bdisclose/ nocase wide ascii
        $ransom_1 = /\b(is|are|been|we|and)\s[^.!?]{0,20}\b(encrypted|locked)\b/ nocase wide ascii
        $ransom_2 = /\bif\syou\s[^.!?]{0,20}(\bnot|n't|\brefuse|\bignore)\b[^.!?]{0,30}\b(pay|contact|answer|reply|negotiate)\b/ nocase wide ascii
        $ransom_3 = /\bpay\sor\b/ nocase wide ascii
        $ransom_4 = /\b(breached|hacked|compromised|penetrated)\b/ nocase wide ascii
        $ransom_5 = /(\bnot|n't)\s[^.!?]{0,20}\bcall\s[^.!?]{0,20}\bpolice\b/ nocase wide ascii
        $ransom_6 = /\bbackups\b[^.!?]{0,60}\b(removed|deleted|destroyed|wiped)\b/ nocase wide ascii
        $reach_1 = /[a-z2-7]{16}\.onion\b/ nocase wide ascii
        $reach_2 = /\bTOX\b[^\n]{0,40}[0-9A-F]{76}\b/ nocase wide ascii
        $reach_3 = /\bsession\b[^\n]{0,40}\b05[0-9a-f]{64}\b/ nocase wide ascii
        $reach_4 = /\bwrite\s[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_5 = /\bmail[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $reach_6 = /\bcontact[^\n]{0,60}[\w.\-]{1,40}@[\w\-]{1,40}\./ nocase wide ascii
        $about_1 = /\bvictims?\b/ nocase wide ascii
        $about_2 = /\battackers?\b/ nocase wide ascii
        $about_3 = /\bresearchers?\b/ nocase wide ascii
        $about_4 = /\bransom\snotes?\b/ nocase wide ascii
        $about_5 = /\bcriminals?\b/ nocase wide ascii
        $about_6 = /\b(malware|ransomware)\b/ nocase wide ascii
        $about_7 = "according to" nocase wide ascii
        $about_8 = "privacy policy" nocase wide ascii
        $about_9 = "phishing" nocase wide ascii
        $about_10 = "github.com" nocase wide ascii
        $about_11 = "threat actor" nocase wide ascii
        $about_12 = "wikipedia" nocase wide ascii
    condition:
        filesize < 64KB and any of ($copied*) and any of ($threat*) and any of ($ransom*) and any of ($reach*) and not 2 of ($about*)
}
