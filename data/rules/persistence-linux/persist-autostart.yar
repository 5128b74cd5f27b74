rule persist_autostart {
    meta:
        title = "Desktop entry that downloads, decodes or starts a hidden program"
        why = "The entry looks like a program or a document and runs text from the network, a decoded command or a file in a temporary folder when the desktop starts or when it is opened."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1547/013/"
    strings:
        $entry = /^(#[^\n]{0,200}\n|\s){0,12}\[Desktop Entry\]/
        $exec_download = /\nExec\s{0,2}=\s{0,2}[^\n]{0,120}\b(curl|wget)\s[^\n]{3,300}[^|\n](\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?(sh|python[0-9.]{0,4}|perl)([\s;&"')]|$)|chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s)/
        $exec_substitution = /\nExec\s{0,2}=\s{0,2}[^\n]{0,80}(sh|eval)\s[^\n]{0,40}(\$\(|`|<\()\s{0,4}(curl|wget)\s/
        $exec_decode = /\nExec\s{0,2}=\s{0,2}[^\n]{0,80}[A-Za-z0-9+\/]{36,4000}={0,2}["']?\s{0,4}\|\s{0,4}base64\s{1,4}-[^\n|]{1,12}\|\s{0,4}(\/usr)?(\/bin\/)?(ba|z|da)?(sh|python[0-9.]{0,4})/
        $exec_hidden = /\nExec\s{0,2}=\s{0,2}["']?((\/usr)?(\/bin\/)?((ba|da)?sh|nohup|setsid|env)\s{1,4}(-c\s{1,4})?["']?)?(\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user\/[0-9]{1,6})\/(\.[A-Za-z0-9_-]|[^\s"'\n]{1,60}\/\.[A-Za-z0-9_-])/
        $exec_network = /\nExec\s{0,2}=\s{0,2}[^\n]{0,160}\/dev\/(tcp|udp)\/[^\s\/]{1,60}\//
    condition:
        filesize < 256KB and $entry and any of ($exec_*)
}
