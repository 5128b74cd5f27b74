rule pypi_setup_exec {
    meta:
        title = "Set-up script that executes decoded text"
        why = "A set-up script runs while the package is installed; this one hides in encoded text what it does."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
    strings:
        $tools = /\b(import|from)\s{1,4}(setuptools|distutils)\b/
        $tools_more = /\bimport\s{1,4}\w{1,20},\s{0,2}(setuptools|distutils)\b/
        $setup = /\bsetup\s{0,2}\(/
        $literal = /\b(exec|eval)\s{0,2}\([^\n]{0,120}\b(b64decode|b32decode|b85decode|a85decode|b16decode|unhexlify|fromhex|decompress)\s{0,2}\(\s{0,2}[bru]{0,2}['"]{1,3}[A-Za-z0-9+\/=]{40}/
        $variable = /\b(exec|eval)\s{0,2}\([^\n]{0,80}\b(b64decode|b32decode|b85decode|a85decode|b16decode|unhexlify|fromhex|decompress)\s{0,2}\(\s{0,2}\w{1,40}\s{0,2}\)/
        $decrypted = /\b(exec|eval)\s{0,2}\([^\n]{0,24}\bFernet\s{0,2}\([^\n]{1,80}\)\.decrypt\s{0,2}\(/
        $written = /\.write\s{0,2}\(\s{0,2}[bfr]{0,2}['"]{1,3}[^\n]{0,120}\burlopen\b[^\n]{0,60}\bexec\s{0,2}\(/
    condition:
        filesize < 1MB and $setup and ($tools or $tools_more) and any of ($literal, $variable, $decrypted, $written)
}
