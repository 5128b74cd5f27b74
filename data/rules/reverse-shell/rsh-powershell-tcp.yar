rule rsh_powershell_tcp {
    meta:
        title = "PowerShell evaluates what it reads from a network connection"
        why = "A TCP client's lines are evaluated and the output is written back with a prompt: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
    strings:
        $client = /net\.sockets\.tcpclient['"]?\s{0,4}(\]\s{0,4}::\s{0,4}new\s{0,4})?\(\s{0,4}['"$]/ nocase
        $stream = ".GetStream(" nocase
        $read = /\.(read|readline|readasync)\s{0,4}\(/ nocase
        $write = /\.(write|writeline|writeasync)\s{0,4}\(/ nocase
        // The evaluator gets a variable and its output is made text.
        $evaluate = /(\biex|\binvoke-expression|\.\s?\(\s?\$\w{1,20}\s?\))\s{1,4}(-command\s{1,4})?\(?\s{0,4}\$\w{1,30}[^\n]{0,40}\|\s{0,4}out-string/ nocase
        $evaluate_back = /(\binvoke-command|\[scriptblock\]::create\s?\(\s?\$\w{1,30}\s?\))[^\n]{0,60}\|\s{0,4}out-string/ nocase
        $prompt = /["']\s{0,2}PS ?(["']\s{0,4}\+|\$\(?\s?(pwd|\$pwd|get-location)|>|\$PWD)/ nocase
        $loop = /\b(while|do|for)\s{0,4}[({]/ nocase
    condition:
        filesize < 1MB and $client and $stream and $read and $write and $loop and ($evaluate or ($evaluate_back and $prompt))
}
