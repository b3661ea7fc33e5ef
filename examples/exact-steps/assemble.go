package main

import (
	"fmt"
	"strconv"
	"strings"
)

// An instruction has up to three operands. Registers are r0 … r14 and at; at is the assembler's: no instruction but the
// next reads what is put there.
type instruction struct {
	op     string
	rd     int
	rs, rt int
	imm    uint32
	target string // of a jump; of a label, its own name
}

// label is the operation of a line that only names the place of the next instruction.
const label = "label"

const at = 15

// shapes are the operands of every operation: d, s, t registers, i a number, j a label.
var shapes = map[string]string{
	"li": "di", "mov": "ds", "add": "dst", "sub": "dst", "mul": "dst", "and": "dst", "xor": "dst", "shl": "dst", "shr": "dst",
	"addi": "dsi", "subi": "dsi", "muli": "dsi", "andi": "dsi", "xori": "dsi", "shli": "dsi", "shri": "dsi",
	"lw": "ds", "sw": "ts", "beq": "stj", "bne": "stj", "bltu": "stj", "jmp": "j", "out": "s", "halt": "",
}

// assemble reads one instruction or label a line; # begins a comment.
func assemble(text string) ([]instruction, error) {
	var code []instruction
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(strings.ReplaceAll(line, ",", " "))
		if len(words) == 0 {
			continue
		}
		if name, ok := strings.CutSuffix(words[0], ":"); ok && len(words) == 1 {
			code = append(code, instruction{op: label, target: name})
			continue
		}
		in, err := parse(words)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		code = append(code, in)
	}
	return code, nil
}

func parse(words []string) (instruction, error) {
	in := instruction{op: words[0]}
	shape, ok := shapes[in.op]
	if !ok || len(words)-1 != len(shape) {
		return in, fmt.Errorf("no instruction %q with %d operands", in.op, len(words)-1)
	}
	for i, w := range words[1:] {
		var err error
		switch shape[i] {
		case 'd':
			in.rd, err = register(w)
		case 's':
			in.rs, err = register(w)
		case 't':
			in.rt, err = register(w)
		case 'i':
			var v uint64
			v, err = strconv.ParseUint(w, 0, 32)
			in.imm = uint32(v)
		case 'j':
			in.target = w
		}
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

func register(w string) (int, error) {
	if w == "at" {
		return at, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(w, "r"))
	if err != nil || n < 0 || n >= at || !strings.HasPrefix(w, "r") {
		return 0, fmt.Errorf("%q is no register: they are r0 … r14 and at", w)
	}
	return n, nil
}
