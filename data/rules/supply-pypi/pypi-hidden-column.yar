rule pypi_hidden_column {
    meta:
        title = "Statement hidden far to the right of an honest line"
        why = "A hundred and more blanks push the statement out of the window of every editor and web page; it is executed all the same."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1564/"
    strings:
        $import = /[^\s#][ \t]{100,4000}(;import |; import )[\w., ]{1,60}[;\n]/
        $from = /[^\s#][ \t]{100,4000}(;from |; from )[\w.]{1,40} import /
        $run = /[^\s#][ \t]{100,4000}(;exec|; exec|;eval|; eval|;__import__|; __import__|;require|; require|;new Function|;globalThis|;global)[ (.\[]/
    condition:
        filesize < 4MB and any of them
}
