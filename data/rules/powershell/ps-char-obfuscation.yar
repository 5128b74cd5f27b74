rule ps_char_obfuscation {
    meta:
        title = "PowerShell command hidden in codes or shuffled pieces"
        why = "The command is spelled in numbers, shuffled pieces or letters of variables and then run: it is written not to be read."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
    strings:
        $casts = /(\[char\]\s{0,2}\(?\s{0,2}(0x[0-9a-f]{2}|[0-9]{2,3})\s{0,2}\)?\s{0,2}\+\s{0,2}){7}/ nocase
        $codes = /([0-9]{2,3}\s{0,2},\s{0,2}){12}[0-9]{2,3}\s{0,2}\)?\s{0,2}\|\s{0,2}(%|foreach(-object)?)\s{0,2}\{\s{0,2}\(?\s{0,2}\[char\]/ nocase
        $shuffled = /["']\{[1-9][0-9]?\}(\{[0-9]{1,2}\}){4,40}["']\s{0,4}-f\s{0,4}\(?["']/ nocase
        $evaluate = /\b(iex|invoke-expression)\b/ nocase
        $evaluate_call = /(&\(|& \(|\.\(|\. \()\s{0,2}(["'(]|gcm\b|get-command\b|gal\b|get-alias\b)/ nocase
        // Letters of a variable spell the evaluator, which is then called.
        $spelled = /[&.]\s{0,2}\(\s{0,2}\(?\s{0,2}\$(pshome|shellid|verbosepreference|env:\w{3,20})\s{0,2}(\.tostring\(\)\s{0,2})?\[\s{0,2}-?[0-9]{1,2}\s{0,2}(\]\s{0,2}\+|,)/ nocase
    condition:
        filesize < 4MB and ($spelled or ($evaluate or $evaluate_call) and ($casts or $codes or $shuffled))
}
