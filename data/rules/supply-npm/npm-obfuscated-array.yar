rule npm_obfuscated_array {
    meta:
        title = "Obfuscated script that starts programs or reads this machine"
        why = "The script's words lie in a shuffled table so that nobody can read what it does, and it loads parts of Node that a web page does not have."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
    strings:
        $id = /\b_0x[0-9a-f]{4,6}\b/
        $rotate = /\[['"]push['"]\]\(_0x[0-9a-f]{1,8}\[['"]shift['"]\]\(\)\)/
        $rotate_dots = /\.push\(_0x[0-9a-f]{1,8}\.shift\(\)\)/
        $child = /['"](node:)?child_process['"]/
        $child_escaped = "\\x63\\x68\\x69\\x6c\\x64\\x5f\\x70" nocase
        // The name of what is loaded comes out of the table as well.
        $require = /\brequire\(_0x[0-9a-f]{1,8}\(/
        $loot = /(Local Extension Settings|\bLogin Data\b|\bwallet\.dat\b|\.ssh\/id_rsa|Exodus\/exodus\.wallet|\bLocal State\b)/
    condition:
        filesize < 8MB and ($rotate or $rotate_dots) and #id > 10 and any of ($child, $child_escaped, $require, $loot)
}
