//go:build linux

#include "textflag.h"

// func fork(tape *call) (pid uintptr)
//
// Forks this thread. The parent returns with the child's pid or a negative errno. The child plays the tape for ever: it
// touches no stack, no heap and no Go register, so it does not matter that all of them are gone.
//
// A call is {nr, six arguments, where the result goes}. nr < 0 is a branch: if *args[0] == args[1], go on at args[2].
TEXT ·fork(SB), NOSPLIT, $0-16
	MOVQ tape+0(FP), BX
	MOVQ $56, AX    // clone
	MOVQ $0x411, DI // CLONE_FILES | SIGCHLD
	XORL SI, SI
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	SYSCALL
	TESTQ AX, AX
	JZ   play
	MOVQ AX, pid+8(FP)
	RET

play:
	MOVQ 0(BX), AX
	TESTQ AX, AX
	JLT  branch
	MOVQ 8(BX), DI
	MOVQ 16(BX), SI
	MOVQ 24(BX), DX
	MOVQ 32(BX), R10
	MOVQ 40(BX), R8
	MOVQ 48(BX), R9
	SYSCALL
	MOVQ 56(BX), CX
	MOVQ AX, (CX)

next:
	ADDQ $64, BX
	JMP  play

branch:
	MOVQ 8(BX), CX
	MOVQ (CX), CX
	CMPQ CX, 16(BX)
	JNE  next
	MOVQ 24(BX), BX
	JMP  play
