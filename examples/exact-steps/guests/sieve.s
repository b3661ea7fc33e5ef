# How many primes there are below 4000, and their sum.
        li    r1, 2             # candidate
        li    r2, 4000
        li    r3, 0             # primes
        li    r4, 0             # their sum
        li    r6, 1
        li    r8, 0
each:
        beq   r1, r2, done
        lw    r5, r1
        bne   r5, r8, skip
        li    at, 1
        add   r3, r3, at
        add   r4, r4, r1
        add   r7, r1, r1        # the first multiple
cross:
        bltu  r7, r2, mark
        jmp   skip
mark:
        sw    r6, r7
        add   r7, r7, r1
        jmp   cross
skip:
        li    at, 1
        add   r1, r1, at
        jmp   each
done:
        out   r3
        out   r4
        halt
