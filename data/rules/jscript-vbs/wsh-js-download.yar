rule wsh_js_download {
    meta:
        title = "Script that downloads a program and runs it (JScript)"
        why = "The script brings a program from the network, stores it and starts it; such files come by mail."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/007/"
    strings:
        $object = /new[ \t]{1,4}ActiveXObject|WScript[.\[]['"]?CreateObject/ nocase
        $javascript = /\bvar[ \t]{1,4}\w|function[ \t]{0,4}\w{0,40}\(|=[ \t]{0,4}new[ \t]{1,4}ActiveXObject/ nocase
        // The request's binary body, stored, is what a page for a browser never has.
        $body = /[.\['"]{1,3}responseBody\b/ nocase
        $save = /[.\['"]{1,3}saveToFile\b/ nocase
        $http = /XMLHTTP|HttpRequest|ttp\.WinH|"XML"\s{0,4}\+|HTTP"/ nocase
        $run = /[.\['"]{1,3}(Run|Exec|ShellExecute)['"\]]{0,2}[ \t]{0,4}\(/ nocase
        $shell = /cript["'+ \t]{0,6}\.["'+ \t]{0,6}Shell|Shell["'+ \t]{0,6}\.["'+ \t]{0,6}Application/ nocase
    condition:
        filesize < 4MB and $object and $javascript and $body and $save and $http and $run and $shell
}
