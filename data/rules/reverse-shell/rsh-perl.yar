rule rsh_perl {
    meta:
        title = "Perl gives a network connection to a shell"
        why = "A socket connects out and a shell or a command loop gets it as its input and output: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $inet = /\bsockaddr_in\s{0,4}\(|\bIO::Socket::INET6?\b|\bIO::Socket::IP\b|\bIO::Socket::SSL\b/
        $connect = /\bconnect\s{0,4}\(\s{0,4}\$?\w{1,20}\s{0,4},\s{0,4}(sockaddr_in|\$)|\bPeer(Addr|Host)\b/
        $reopen = /\bopen\s{0,4}\(?\s{0,4}STD(IN|OUT|ERR)\s{0,4},\s{0,4}["'][+<>]{1,2}&=?\s{0,4}["']?\s{0,4}[,.]?\s{0,4}(\$?\w{1,20})/
        $reopen_std = /\bopen\s{0,4}\(?\s{0,4}STD(IN|OUT|ERR)\s{0,4},\s{0,4}["'][+<>]{1,2}&=?\s{0,4}(STD|OLD|SAVE)/
        $fdopen = /(STDIN|\$~|STDOUT)\s{0,4}->\s{0,4}fdopen\s{0,4}\(\s{0,4}\$\w{1,20}\s{0,4},\s{0,4}["']?r?w?/
        $shell = /\b(exec|system)\s{0,4}[({]{0,2}\s{0,4}["'][^"'\n]{0,80}(\/bin\/)(ba|z|k|da|a)?sh\b[^"'\n]{0,20}(-i|["'])/
        $system_line = /\bsystem\s{0,4}\(?\s{0,4}\$_\s{0,4}\)?\s{1,4}while\s{0,4}\(?\s{0,4}<\s{0,4}\$?\w{0,20}>/
        // while (my $l = <$s>) { ... `$l` ... print $s
        $loop = /\bwhile\s{0,4}\(\s{0,4}(my\s{1,4})?\$\w{1,20}\s{0,4}=\s{0,4}<\s{0,2}\$?\w{1,20}\s{0,2}>\s{0,4}\)\s{0,4}\{[^}]{0,200}(`\$\w{1,20}[^`\n]{0,20}`|qx\s{0,2}[{(\/|]\s{0,2}\$\w{1,20}|\bsystem\s{0,4}\(\s{0,4}\$\w{1,20})[^}]{0,80}\bprint\s{1,4}\{?\s{0,2}\$?\w{1,20}\}?\s/
    condition:
        filesize < 512KB and $inet and $connect and
        (#reopen > #reopen_std + 1 and $shell or $fdopen and ($shell or $system_line) or $loop)
}
