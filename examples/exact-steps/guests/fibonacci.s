# The first 3000 Fibonacci numbers modulo 2^32, folded into one.
        li    r0, 0
        li    r1, 1
        li    r2, 0             # how many
        li    r3, 3000
        li    r4, 0             # the fold
next:
        beq   r2, r3, done
        add   r5, r0, r1
        mov   r0, r1
        mov   r1, r5
        li    at, 5
        shl   r6, r4, at
        add   r4, r6, r4
        xor   r4, r4, r5
        li    at, 1
        add   r2, r2, at
        jmp   next
done:
        out   r4
        halt
