rule pypi_marshal_exec {
    meta:
        title = "Python that unpacks its real code from one long text"
        why = "The code is packed, often in many layers, so that nobody can read what it does before it runs."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        // A decoder in a decoder, all inside of the evaluator.
        $letters = /\b(exec|eval)\s{0,2}\([^\n]{0,160}\b(loads|decompress|b64decode|b32decode|b85decode|a85decode|b16decode|unhexlify|fromhex)\s{0,2}\([^\n]{0,100}\b(decompress|b64decode|b32decode|b85decode|a85decode|b16decode|unhexlify|fromhex)\s{0,2}\(\s{0,2}[bru]{0,2}['"]{1,3}[A-Za-z0-9+\/=]{200}/
        $escapes = /\b(exec|eval)\s{0,2}\([^\n]{0,160}\b(loads|decompress)\s{0,2}\([^\n]{0,40}[bru]{1,2}['"]{1,3}([^\n\\]{0,12}\\x[0-9a-f]{2}){20}/
        $reversed = /=\s{0,2}lambda\s{1,2}\w{1,4}\s{0,2}:\s{0,2}[^\n]{0,60}\b(decompress|b64decode|loads)\s{0,2}\([^\n]{1,80}\[::-1\][^\n]{0,20}exec\s{0,2}\(/
        $codec = /\b(exec|eval)\s{0,2}\([^\n]{0,160}\b(decompress|b64decode|b85decode)\s{0,2}\([^\n]{0,40}\bgetencoder\s{0,2}\([^\n)]{1,12}\)\s{0,2}\(\s{0,2}b?['"][A-Za-z0-9+\/=]{200}/
        $decrypted = /\b(exec|eval)\s{0,2}\([^\n]{0,24}\bFernet\s{0,2}\([^\n]{1,80}\)\.decrypt\s{0,2}\(\s{0,2}b?['"]gAAAAA[A-Za-z0-9_=-]{60}/
        // The text lies in a variable in front of the evaluator.
        $variable = /[A-Za-z0-9+\/=]{200}['"]{1,3}\)?\s{0,2}[;\n]{1,3}[ \t]{0,8}(exec|eval)\s{0,2}\(/
        $nested = /\b(exec|eval)\s{0,2}\(\s{0,2}(compile\s{0,2}\(\s{0,2})?[\w.]{1,24}\s{0,2}\(\s{0,2}[\w.]{1,24}\s{0,2}\(\s{0,2}\w{1,24}\s{0,2}\)/
        $unpacker = /\b(marshal|zlib|lzma|bz2|gzip)\b/
    condition:
        filesize < 16MB and (any of ($letters, $escapes, $reversed, $codec, $decrypted) or ($variable and $nested and $unpacker))
}
