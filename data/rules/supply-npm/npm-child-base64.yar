rule npm_child_base64 {
    meta:
        title = "Node script that runs decoded text"
        why = "The script decodes a long text and gives it to a process or the evaluator at once: what it does is hidden from whoever reads the package."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
    strings:
        $buffer = /\b(exec|execSync|eval|Function|runInThisContext|runInNewContext|runInContext)\s{0,2}\(\s{0,4}(['"`]\w{0,20}['"`]\s{0,2},\s{0,2}){0,3}(new\s{1,2})?Buffer(\.from)?\s{0,2}\(\s{0,2}['"`][A-Za-z0-9+\/=_-]{40}/
        $atob = /\b(exec|execSync|eval|Function|runInThisContext|runInNewContext)\s{0,2}\(\s{0,4}(['"`]\w{0,20}['"`]\s{0,2},\s{0,2}){0,3}(window\.|globalThis\.)?atob\s{0,2}\(\s{0,2}['"`][A-Za-z0-9+\/=]{40}/
        // As the program of another interpreter.
        $argument = /['"`](-e|--eval|-c)['"`]\s{0,4},\s{0,4}(new\s{1,2})?Buffer(\.from)?\s{0,2}\(\s{0,2}['"`][A-Za-z0-9+\/=_-]{40}/
        // Decoded into a variable, and a variable run within the next two lines.
        $atob_then = /=\s{0,2}atob\s{0,2}\(\s{0,2}['"`][A-Za-z0-9+\/=]{40,8000}['"`]\s{0,2}\)[^\n]{0,40}\n?[^\n]{0,80}\n?[^\n]{0,40}[^.\w](\w{1,16}\.)?(execSync|spawnSync|eval)\s{0,2}\(\s{0,2}[A-Za-z_$][\w$]{0,30}\s{0,2}[,)]/
        $buffer_then = /=\s{0,2}(new\s{1,2})?Buffer(\.from)?\s{0,2}\(\s{0,2}['"`][A-Za-z0-9+\/=_-]{40,8000}['"`]\s{0,2},\s{0,2}['"`](base64|hex)['"`]\s{0,2}\)[^\n]{0,40}\n?[^\n]{0,80}\n?[^\n]{0,40}[^.\w](\w{1,16}\.)?(execSync|spawnSync|eval)\s{0,2}\(\s{0,2}[A-Za-z_$][\w$]{0,30}\s{0,2}[,)]/
    condition:
        filesize < 10MB and any of them
}
