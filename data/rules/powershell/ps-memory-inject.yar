rule ps_memory_inject {
    meta:
        title = "PowerShell that runs machine code from memory"
        why = "The script reserves executable memory, fills it with bytes that it brings along and starts them as a thread, here or in another process."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1055/"
    strings:
        $reserve = /\bvirtualalloc(ex)?\b/ nocase
        $thread = /\bcreate(remote)?thread\b|\bqueueuserapc\b|getdelegateforfunctionpointer|\brtlcreateuserthread\b/ nocase
        $import = /\[\s{0,2}dllimport\s{0,2}\(|getdelegateforfunctionpointer|\.\s{0,2}definepinvokemethod/ nocase
        $executable = /(0x3000|0x1000|12288|4096|0x1000\s{0,2}-bor\s{0,2}0x2000\)?)\s{0,4},\s{0,4}(0x40|64)\b/ nocase
        $list = /\[byte\[\]\]\s{0,4}(\$\w{1,30}\s{0,4}=\s{0,4})?[@(]{0,2}\s{0,4}(0x[0-9a-f]{1,2}\s{0,4},\s{0,4}){30}/ nocase
        $list_signed = /\[byte\[\]\]\s{0,4}(\$\w{1,30}\s{0,4}=\s{0,4})?[@(]{0,2}\s{0,4}([0-9]{1,3}\s{0,4},\s{0,4}){40}/ nocase
        $base64 = /\[byte\[\]\]\s{0,4}\$\w{1,30}\s{0,4}=\s{0,4}\[(system\.)?convert\]\s{0,2}::\s{0,2}frombase64string\s{0,2}\(/ nocase
        $fetched = /\.\s{0,2}downloaddata\s{0,2}\(/ nocase
    condition:
        filesize < 8MB and $reserve and $thread and $import and $executable and ($list or $list_signed or $base64 or $fetched)
}
