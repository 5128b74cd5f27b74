rule rsh_php {
    meta:
        title = "PHP gives a network connection to a shell"
        why = "A client socket connects out and a shell gets it as its input and output: whoever is at the other end types on this machine as the web server."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
    strings:
        $socket = /\b(p?fsockopen|stream_socket_client|socket_connect)\s{0,4}\(/ nocase
        // The shell's streams on the socket's descriptor.
        $descriptor = /(exec|shell_exec|system|passthru|popen|proc_open)\s{0,4}\(\s{0,4}["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}0?<&\s?[0-9]\s{1,4}1?>&\s?[0-9]/ nocase
        $backquotes = /`\s{0,4}(\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh(\s{1,4}-[il]{1,2})?\s{1,4}0?<&\s?[0-9]\s{1,4}1?>&\s?[0-9]/
        $proc_socket = /\bproc_open\s{0,4}\(\s{0,4}["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b[^;]{0,40},\s{0,4}(array\s{0,4}\(|\[)\s{0,4}0\s{0,4}=>\s{0,4}\$\w{1,20}\s{0,4},\s{0,4}1\s{0,4}=>\s{0,4}\$\w{1,20}/ nocase
        // Pipes and a copy loop.
        $proc = /\bproc_open\s{0,4}\(\s{0,4}(\$\w{1,20}|["'][^"'\n]{0,60}sh(\s{1,4}-[il]{1,2})?["'])\s{0,4},/ nocase
        $shell = /["'][^"'\n]{0,80}(\/bin\/(ba|z|k|da|a)?sh|cmd\.exe)(\s{1,4}-[il]{1,2})?["']/
        $interactive = /\/bin\/(ba|z|k|da|a)?sh\s{1,4}-i\b/
        $copy = /\bfwrite\s{0,4}\(\s{0,4}\$\w{1,20}\[\s?0\s?\]\s{0,4},\s{0,4}(\$\w{1,20}\s{0,4}\)|fread\s{0,4}\()/ nocase
        $select = /\bstream_select\s{0,4}\(|\bfgets\s{0,4}\(\s{0,4}\$sock/ nocase
    condition:
        filesize < 512KB and $socket and
        ($descriptor or $backquotes or $proc_socket or ($proc and $shell and $interactive and $copy and $select))
}
