rule wipe_disk {
    meta:
        title = "Script that overwrites or formats all disks"
        why = "Whatever block devices this machine has are filled with zeros or noise, or formatted, without a question: everything on them is lost."
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1561/001/"
    strings:
        // All devices in a loop, each to its end: no count of blocks is given.
        $loop_dd = /\b(for|while)\s[^\n]{0,160}(\/dev\/[shv]d|\/dev\/nvme|\blsblk\b|\bfdisk -l|\/proc\/partitions|\/sys\/block)[^\n]{0,200}(\n[^\n]{0,160}){0,4}\bdd\s{1,4}if=\/dev\/(zero|urandom|random)\s{1,3}of=[^\s;&|]{1,40}(\s{1,3}(bs|conv|oflag|status)=[\w,]{1,20}){0,4}\s{0,3}(&|;|\||>|2>|\n)/
        $loop_shred = /\b(for|while)\s[^\n]{0,160}(\/dev\/[shv]d|\/dev\/nvme|\blsblk\b|\/proc\/partitions|\/sys\/block)[^\n]{0,200}(\n[^\n]{0,160}){0,4}\bshred\s[^\n]{0,40}\$/
        $loop_mkfs = /\b(for|while)\s[^\n]{0,120}(\/dev\/[shv]d(\*|\?|\[a-z\])|\/dev\/nvme\*|\blsblk\b|\/proc\/partitions|\/sys\/block\/\*)[^\n]{0,160}(\n[^\n]{0,120}){0,3}\bmkfs(\.\w{2,6})?\s{1,3}(-\w{1,8}\s{1,3}){0,3}["']?[\/$][^\n]{1,60}(&\s|2>|>\s{0,2}\/dev\/null)/
        // One whole disk, in silence and in the background.
        $silent = /\bdd\s{1,4}if=\/dev\/(zero|urandom|random)\s{1,3}of=\/dev\/([shv]d[a-z]|nvme\d{1,2}n\d|mmcblk\d)(\s{1,3}(bs|conv|oflag|status)=[\w,]{1,20}){0,4}\s{1,3}(&>|>|2>)\s{0,2}\/dev\/null[^\n]{0,20}&\s/
        // The boot sector, then a restart that nothing can stop.
        $boot_sector = /\bdd\s{1,4}if=\/dev\/(zero|urandom|random)\s{1,3}of=\/dev\/([shv]d[a-z]|nvme\d{1,2}n\d|\$\w{1,12})\s[^\n]{0,40}\bcount=\d{1,3}\b[^\x00]{0,200}(>\s{0,2}\/proc\/sysrq-trigger|\breboot\s{1,2}-n?f)/
        $python = /\bopen\s{0,2}\(\s{0,2}[rf]{0,2}['"](\/dev\/[shv]d[a-z{]|\/dev\/nvme|\\\\\.\\PhysicalDrive|\\\\\\\\\.\\\\PhysicalDrive)[^\n]{0,24}['"]\s{0,2},\s{0,2}['"](wb|r\+b|rb\+)[^\x00]{1,200}\.write\s{0,2}\(\s{0,2}(os\.urandom|random\.randbytes|bytes\(|b['"]\\x00['"]\s{0,2}\*|bytearray\()/
        $batch = /\bfor\s{1,3}%%?\w\s{1,3}in\s{1,3}\([^)\n]{1,120}\)\s{1,3}do\s[^\n]{0,80}\bformat\s{1,2}%%?\w:?\s[^\n]{0,40}\/y\b/ nocase
    condition:
        filesize < 1MB and any of them
}
