rule persist_python_pth {
    meta:
        title = "Python path file that runs code at each start of Python"
        why = "A line of a .pth file that begins with import is executed whenever Python starts. This one decodes, downloads or starts something."
        severity = "high"
        reference = "https://docs.python.org/3/library/site.html"
    strings:
        // The whole on one line that begins with import, parts joined by semicolons.
        $exec_decode = /(^|\n)import[ \t][^\n;]{1,120};[^\n]{0,400}\b(exec|eval)\s{0,4}\([^\n]{0,160}\b(b64decode|b85decode|b32decode|a85decode|unhexlify|fromhex|decompress|marshal|loads)\b/
        $exec_remote = /(^|\n)import[ \t][^\n;]{1,120};[^\n]{0,400}\b(exec|eval)\s{0,4}\([^\n]{0,160}(urlopen|urlretrieve|requests\.get|\.recv\s{0,4}\()/
        $process = /(^|\n)import[ \t][^\n;]{0,60}\b(subprocess|os|pty)\b[^\n;]{0,60};[^\n]{0,200}\b(Popen|call|run|system|popen|check_output|check_call|spawn)\s{0,4}\([^\n]{0,200}(curl|wget|\/bin\/(ba)?sh|\/tmp\/|\/dev\/shm|\/dev\/tcp|base64|https?:)/
        $socket = /(^|\n)import[ \t][^\n;]{0,60}\bsocket\b[^\n;]{0,60};[^\n]{0,200}\.connect\s{0,4}\(/
        // Not a program: no definition, no block.
        $program = /\n(def |class |from |if |for |while |try:|with |"""|print\(|setup\()/
        $program_blank = "\n "
        $program_tab = "\n\t"
        $program_comment = "\n#"
        $program_decorator = "\n@"
        $program_close = /\n(\)|\]|\})/
        $program_assign = /\n[A-Za-z_]\w{0,40}( = |=")/
    condition:
        filesize < 32KB and any of ($exec_decode, $exec_remote, $process, $socket) and not any of ($program*)
}
