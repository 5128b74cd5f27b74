rule ssh_trojan_elf {
    meta:
        title = "OpenSSH program that records passwords"
        why = "The SSH server or client has been changed: it writes user, password and host in clear into a hidden file, or lets one secret password in without a record."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1556/"
    strings:
        $banner = /OpenSSH_[0-9]{1,2}\.[0-9]/
        $both = /\b(user|username|login|name|usr)\s{0,2}[=:]\s{0,2}['"\[]?%s['"\]]?[^\x00\n%]{0,12}\b(pass|passwd|password|pwd|pw)\s{0,2}[=:]\s{0,2}['"\[]?%s/ nocase
        $pair = /\b(log|login|logged|ssh|sshd)\s?(in|out|from|to)?\s?:\s?%s:%s/ nocase
        $secret = /\x00(\w{1,20}_)?(secret_ok|backdoor(_active|_pass(word)?|_ok)?|magic_?pass(word)?|master_?pass(word)?)\x00/ nocase
        $path = /\x00(\/[A-Za-z0-9_+.-]{1,30}){1,6}\/\.[A-Za-z0-9_-]{1,40}(\.[a-z]{1,5})?\x00/
        $path_tmp = /\x00\/(tmp|var\/tmp|dev\/shm)\/[A-Za-z0-9._-]{1,60}\x00/
        $path_include = /\x00\/usr\/(include|share\/man|lib\/locale)[\/A-Za-z0-9._-]{1,60}\.(h|gz|log|txt|1)\x00/
    condition:
        uint32(0) == 0x464c457f and filesize < 16MB and $banner and
        ($path or $path_tmp or $path_include) and ($both or $pair and $secret)
}
