# Multiplies two 16 x 16 matrices at 0 and 256 into 512 and prints the diagonal.
        li    r0, 0
        li    r1, 512
fill:
        beq   r0, r1, filled
        li    at, 7
        mul   r2, r0, at
        li    at, 3
        add   r2, r2, at
        li    at, 63
        and   r2, r2, at
        sw    r2, r0
        li    at, 1
        add   r0, r0, at
        jmp   fill
filled:
        li    r3, 0             # row
        li    r12, 16
row:
        beq   r3, r12, print
        li    r4, 0             # column
column:
        beq   r4, r12, below
        li    r5, 0             # inner
        li    r6, 0             # sum
inner:
        beq   r5, r12, store
        li    at, 16
        mul   r7, r3, at
        add   r7, r7, r5
        lw    r8, r7
        li    at, 16
        mul   r9, r5, at
        add   r9, r9, r4
        li    at, 256
        add   r9, r9, at
        lw    r10, r9
        mul   r11, r8, r10
        add   r6, r6, r11
        li    at, 1
        add   r5, r5, at
        jmp   inner
store:
        li    at, 16
        mul   r7, r3, at
        add   r7, r7, r4
        li    at, 512
        add   r7, r7, at
        sw    r6, r7
        li    at, 1
        add   r4, r4, at
        jmp   column
below:
        li    at, 1
        add   r3, r3, at
        jmp   row
print:
        li    r3, 0
each:
        beq   r3, r12, done
        li    at, 17
        mul   r7, r3, at
        li    at, 512
        add   r7, r7, at
        lw    r8, r7
        out   r8
        li    at, 1
        add   r3, r3, at
        jmp   each
done:
        halt
