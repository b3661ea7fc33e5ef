# CRC-32, bit by bit, of 1024 made-up bytes.
        li    r0, 0
        li    r1, 1024
        li    r2, 4294967295
        li    r10, 0
byte:
        beq   r0, r1, done
        li    at, 37
        mul   r3, r0, at
        li    at, 255
        and   r3, r3, at
        xor   r2, r2, r3
        li    r4, 0
        li    r5, 8
bit:
        beq   r4, r5, next
        li    at, 1
        and   r6, r2, at
        li    at, 1
        shr   r2, r2, at
        beq   r6, r10, zero
        li    at, 3988292384
        xor   r2, r2, at
zero:
        li    at, 1
        add   r4, r4, at
        jmp   bit
next:
        li    at, 1
        add   r0, r0, at
        jmp   byte
done:
        li    at, 4294967295
        xor   r2, r2, at
        out   r2
        halt
