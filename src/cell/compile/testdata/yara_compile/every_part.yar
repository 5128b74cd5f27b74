import "pe"
include "other.yar"
private global rule first : tag_a tag_b {
    meta: text = "a\tb" number = -5 truth = true
    strings:
        $a = "abc" nocase wide ascii fullword private
        $b = "abc" xor(1-0x10)
        $c = "abcdef" base64 base64wide("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        $h = { 4D 5A ?? 9? ~00 [2-4] ( 61 | 62 63 | 6? ) [300-] 00 // end
               /* of */ 01 }
        $r = /^a(b|c)+?[^\x00-\x1f\d]{2,5}\bx.*$/is wide
    condition:
        all of them and #a in (0..filesize) > 2 and @a[1] < 1MB and !r[#b] == 3 and $h at 0x10 and $c in (0..100)
        and for any of ($a*, $b) : ($ and # > 1) and for all i in (1..#a) : (uint16be(@a[i]) & 0xff == 3)
        and not defined uint32(ext << 2) and 50% of ($*) and "abc" icontains "B" and "x" matches /y/i or ext \ 2 % 3 == ~1
}
rule second { condition: first or 1 of (first, se*) }
