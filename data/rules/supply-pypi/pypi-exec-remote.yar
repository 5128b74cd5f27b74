rule pypi_exec_remote {
    meta:
        title = "Python that executes what a server answers"
        why = "Whoever controls the address decides what runs on this machine, and can give each visitor something else."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
    strings:
        $direct = /\b(exec|eval)\s{0,2}\([^\n#]{0,100}\b(requests\.get|urlopen|httpx\.get|urllib2\.urlopen|__import__\(['"](requests|httpx)['"]\)\.get)\s{0,2}\([^\n]{1,300}(\.text\b|\.content\b|\.read\s{0,2}\()/
        $next_line = /\b(requests\.get|urlopen|httpx\.get)\s{0,2}\([^\n]{1,200}(\.text|\.content|\.read\s{0,2}\(\s{0,2}\))[^\n]{0,40}\n([^\n]{0,80}\n)?[ \t]{0,16}(exec|eval)\s{0,2}\(/
        $interpreter = /['"]-c['"]\s{0,2},\s{0,2}(urllib\.request\.)?(requests\.get|urlopen|httpx\.get)\s{0,2}\(/
        $shell = /\b(os\.system|os\.popen|subprocess\.\w{2,12})\s{0,2}\(\s{0,2}(urllib\.request\.)?(requests\.get|urlopen|httpx\.get)\s{0,2}\([^\n]{1,200}(\.text|\.content|\.read\s{0,2}\()/
        // What is no act: the same in a comment, and how set-up scripts of former years fetched setuptools.
        $comment = /\n[ \t]{0,40}#[^\n]{0,200}\b(exec|eval)\s{0,2}\([^\n#]{0,100}\b(requests\.get|urlopen|httpx\.get|urllib2\.urlopen|__import__\(['"](requests|httpx)['"]\)\.get)\s{0,2}\([^\n]{1,300}(\.text\b|\.content\b|\.read\s{0,2}\()/
        $bootstrap = /\n[^\n#]{0,60}\bexec\s{0,2}\([^\n#]{0,100}\burlopen\s{0,2}\(\s{0,2}['"]https?:\/\/(bootstrap\.pypa\.io|peak\.telecommunity\.com|python-distribute\.org)\//
    condition:
        filesize < 2MB and (#direct > #bootstrap + #comment or any of ($next_line, $interpreter, $shell))
}
