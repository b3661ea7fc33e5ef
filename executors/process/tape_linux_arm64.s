//go:build linux

#include "textflag.h"

// func fork(tape *call) (pid uintptr)
//
// See tape_linux_amd64.s.
TEXT ·fork(SB), NOSPLIT, $0-16
	MOVD tape+0(FP), R19
	MOVD $220, R8    // clone
	MOVD $0x411, R0  // CLONE_FILES | SIGCHLD
	MOVD ZR, R1
	MOVD ZR, R2
	MOVD ZR, R3
	MOVD ZR, R4
	SVC
	CBZ  R0, play
	MOVD R0, pid+8(FP)
	RET

play:
	MOVD 0(R19), R8
	TBNZ $63, R8, branch
	MOVD 8(R19), R0
	MOVD 16(R19), R1
	MOVD 24(R19), R2
	MOVD 32(R19), R3
	MOVD 40(R19), R4
	MOVD 48(R19), R5
	SVC
	MOVD 56(R19), R20
	MOVD R0, (R20)

next:
	ADD $64, R19
	B   play

branch:
	MOVD 8(R19), R20
	MOVD (R20), R20
	MOVD 16(R19), R21
	CMP  R20, R21
	BNE  next
	MOVD 24(R19), R19
	B    play
