rule miner_kill_others {
    meta:
        title = "Script that stops other coin miners"
        why = "The script kills a long list of other intruders' miners by name, pool port or use of the processor: it makes room for its own."
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1496/"
    strings:
        $name = /\b(pkill|killall|pgrep)\s{1,4}(-[A-Za-z0-9]{1,4}\s{1,4}){0,3}["']?[.\/]{0,2}(xmrig|xmr-stak|xmr|minerd|minergate|cryptonight|stratum|kinsing|kdevtmpfsi|watchbog|watchdogs|sustes|sustse|ddgs|qW3xT|ccminer|cpuminer|sysrv|nanominer|xmrig|kthreaddi|networkservice|wnTKYg|donate|monero)/
        $list = /\bgrep\s{1,4}(-[A-Za-z]{1,3}\s{1,4}){0,2}["']?(xmrig|xmr-stak|minerd|minergate|cryptonight|stratum|kinsing|kdevtmpfsi|watchbog|watchdogs|sustes|ddgs|ccminer|cpuminer|sysrv|monero)[^\n]{0,120}\bkill\s{1,4}-9/
        $port = /\b(netstat|ss|lsof)\s[^\n]{0,60}\bgrep\s{1,4}["']?:?(3333|4444|5555|7777|9999|14433|14444|45700|45560|13531|3347|443|56415)\b[^\n]{0,200}\bkill\s{1,4}-9/
        $usage = /\bps\s[^\n]{0,60}\bawk\s[^\n]{0,40}\$3\s{0,2}>=?\s{0,2}[0-9]{2}[^\n]{0,120}\bkill\b/
        $loop = /\bfor\s{1,4}\w{1,20}\s{1,4}in\s[^\n;]{0,200}\b((xmrig|xmr-stak|minerd|minergate|ccminer|cpuminer|kdevtmpfsi|kinsing|sysrv|watchdogs|watchbog|ddgs|sustes)\s{1,2}){3}[^\n]{0,200}(;|\n)\s{0,4}do\s[^\n]{0,200}\b(pkill|killall|kill\s{1,4}-9|pgrep)\b/
    condition:
        filesize < 1MB and (#name + #list >= 4 or #port >= 3 and ($name or $list or $usage) or $loop)
}
