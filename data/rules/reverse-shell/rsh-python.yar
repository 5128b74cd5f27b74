rule rsh_python {
    meta:
        title = "Python gives a network connection to a shell"
        why = "A socket connects out and a shell gets it as its input and output, or each line received is run: whoever is at the other end types on this machine."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/006/"
    strings:
        $socket = /\bsocket\s{0,4}\(|\bcreate_connection\s{0,4}\(/
        $connect = /\.connect(_ex)?\s{0,4}\(\s{0,4}\(|\bcreate_connection\s{0,4}\(\s{0,4}\(/
        // Three streams onto the socket: by hand, in a loop, in a comprehension.
        $dup_hand = /\.?dup2\s{0,4}\(\s{0,4}\w{1,30}\.fileno\s{0,4}\(\s{0,4}\)\s{0,4},\s{0,4}(0|1|2|pty\.STDIN_FILENO)\s{0,4}\)/
        $dup_loop = /\.?dup2\s{0,4}\(\s{0,4}\w{1,30}\.fileno\s{0,4}\(\s{0,4}\)\s{0,4},\s{0,4}[A-Za-z_]\w{0,12}\s{0,4}\)/
        $shell_spawn = /\b(spawn|call|run|Popen|check_call|check_output|system|popen|exec[lv]p?e?)\s{0,4}\(\s{0,4}[\[(]?\s{0,4}["'](\/usr)?(\/bin\/)?(ba|z|k|da|a)?sh\b/
        $shell_literal = /["'](\/usr)?\/bin\/(ba|z|k|da|a)?sh["']/
        $spawn = /\bpty\.spawn\s{0,4}\(/
        // A loop that runs what it receives and sends the output.
        $receive = /\b(\w{1,20})\s{0,4}=\s{0,4}\w{1,20}\.recv\s{0,4}\(\s{0,4}[0-9]{2,6}\s{0,4}\)/
        $run_received = /\b(Popen|getoutput|check_output|run|popen)\s{0,4}\(\s{0,4}(cmd|command|data|c|d|line|buf|inp|recv|received|msg|x|\w{0,16}cmd|\w{0,16}command)(\.decode\([^)]{0,20}\))?(\[[^\]]{0,12}\])?\s{0,4}(,\s{0,4}shell\s{0,4}=\s{0,4}True|\))/
        $send_back = /\.send(all)?\s{0,4}\(\s{0,4}[^\n]{0,60}(stdout|output|out\b|result|res\b|read\(\)|communicate|proc|stderr)/
        $listening = /\.(listen|accept)\s{0,4}\(/
    condition:
        filesize < 256KB and $socket and $connect and not $listening and
        ((#dup_hand > 1 or $dup_loop) and ($shell_spawn or $shell_literal or $spawn) or ($receive and $run_received and $send_back))
}
