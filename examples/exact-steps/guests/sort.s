# Bubble-sorts 96 pseudo-random numbers, then prints every eighth.
        li    r0, 0
        li    r1, 96
        li    r2, 12345
fill:
        beq   r0, r1, filled
        li    at, 1103515245
        mul   r2, r2, at
        li    at, 12345
        add   r2, r2, at
        li    at, 16
        shr   r3, r2, at
        sw    r3, r0
        li    at, 1
        add   r0, r0, at
        jmp   fill
filled:
        li    r10, 0
        mov   r4, r1            # length of what is unsorted
outer:
        li    at, 1
        sub   r4, r4, at
        beq   r4, r10, sorted
        li    r0, 0
inner:
        beq   r0, r4, outer
        li    at, 1
        add   r5, r0, at
        lw    r6, r0
        lw    r7, r5
        bltu  r6, r7, keep
        sw    r7, r0
        sw    r6, r5
keep:
        mov   r0, r5
        jmp   inner
sorted:
        li    r0, 0
print:
        beq   r0, r1, done
        lw    r6, r0
        out   r6
        li    at, 8
        add   r0, r0, at
        jmp   print
done:
        halt
