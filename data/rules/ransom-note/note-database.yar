rule note_database {
    meta:
        title = "Ransom note left in a database or web space"
        why = "Somebody reached a database or web space of this machine, emptied it and left this note. It was open to the network or its password is known."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1485/"
    strings:
        // Taken away and asked for, in this order or the other.
        $taken_first = /\b(your|all)\s[^.!?]{0,40}\b(databases?|data|index|indexes|tables|web\s?sites?|files)\b[^.!?]{0,40}\b(backed up|moved|downloaded|dumped|copied|removed|deleted|dropped)\b.{0,300}\b(pay|send|transfer)\b.{0,40}\b[0-9.,]{1,9}\s?(BTC|bitcoins?|XMR)\b/ nocase
        $demand_first = /\bto\s(recover|restore|return|get back)\b[^.!?]{0,30}\byour\b[^.!?]{0,40}\b(databases?|data|tables|indexes)\b.{0,120}\b(pay|send)\b.{0,20}\b[0-9.,]{1,9}\s?(BTC|bitcoins?)\b/ nocase
        $demand_only = /\bsend\s[0-9.,]{1,9}\s?(BTC|bitcoins?)\sto\sthis\b.{0,160}\bto\s(recover|restore|get back)\syour\s(databases?|data)\b/ nocase
        $lines = /\byour\s[^.!?]{0,20}\b(web\s?sites?|databases?|data|files)\b[^.!?]{0,40}\b(downloaded|dumped|copied|removed|deleted|dropped)\b[^@]{0,200}\b(pay|send|transfer)\b[^@]{0,20}\b[0-9.,]{1,9}\s?(BTC|bitcoins?)\b/ nocase
        $threat_1 = /\b(will|and|be|is|or|else|avoid|it)\s[^.!?]{0,20}\b(leak|leaked|leaking|sold|publicly disclosed)\b/ nocase
        $threat_2 = /\bdata\b[^.!?]{0,30}\bdisclosed\sand\sdeleted\b/ nocase
        $threat_3 = /\bproof\sof\spayment\b/ nocase
        $reach_1 = /\b(e-?)?mail\b[^@]{0,300}@/ nocase
        $reach_2 = /\bwrite\sto\b[^@]{0,60}@/ nocase
        $reach_3 = ".onion" nocase
        $reach_4 = /\bcontact\sthis\se-?mail\b/ nocase
        $reach_5 = /\bcontact\sus\b[^@]{0,60}@/ nocase
        $about_1 = /\bvictims?\b/ nocase
        $about_2 = /\battackers?\b/ nocase
        $about_3 = /\bresearchers?\b/ nocase
        $about_4 = /\bransom\snotes?\b/ nocase
        $about_5 = /\bcriminals?\b/ nocase
        $about_6 = "threat actor" nocase
    condition:
        filesize < 64MB and (any of ($taken_first, $demand_first, $lines) and any of ($threat*) or $demand_only) and any of ($reach*) and
        (filesize > 1MB or not 2 of ($about*))
}
