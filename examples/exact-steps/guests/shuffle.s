# Shuffles 1024 numbers five times with a generator of random numbers and folds them while it goes.
        li    r0, 0
        li    r1, 1024
fill:
        beq   r0, r1, filled
        sw    r0, r0
        li    at, 1
        add   r0, r0, at
        jmp   fill
filled:
        li    r10, 0
        li    r11, 5
        li    r2, 2463534242
        li    r9, 0
round:
        beq   r10, r11, done
        li    r0, 0
swap:
        beq   r0, r1, again
        li    at, 13
        shl   r3, r2, at
        xor   r2, r2, r3
        li    at, 17
        shr   r3, r2, at
        xor   r2, r2, r3
        li    at, 5
        shl   r3, r2, at
        xor   r2, r2, r3
        li    at, 1023
        and   r4, r2, at
        lw    r5, r0
        lw    r6, r4
        sw    r6, r0
        sw    r5, r4
        lw    r5, r0            # as compilers do that can't know whether r0 and r4 are the same
        li    at, 31
        mul   r9, r9, at
        add   r9, r9, r5
        li    at, 1
        add   r0, r0, at
        jmp   swap
again:
        li    at, 1
        add   r10, r10, at
        jmp   round
done:
        out   r9
        halt
