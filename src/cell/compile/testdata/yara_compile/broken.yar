rule a { strings: $a = "no end
rule b { strings: $a = { 4 } $b = /(/ $c = "x" wide wide condition: $a and $missing or 1 + }
rule c { condition: for all i in (1..2 : (i) }
rule { condition: true }
rule d { meta: x = condition: true } /* no end
