rule deep { strings: $a = /((((((((a+)+)+)+)+)+)+)+)+/ condition: ((((((((((((not not not -(-(-1)) == 1)))))))))))) and $a }
