package main

import (
	"fmt"
	"io"
)

const (
	memory   = 1 << 16 // words
	maxSteps = 1 << 26
)

// machine has sixteen registers and a memory of 32-bit words, all zero.
type machine struct {
	checked       bool
	out           io.Writer // nil: what the guest says is dropped
	reg           [16]uint32
	mem           [memory]uint32
	steps, cycles int
	under         map[string]int // steps by label
}

// run executes code from its first instruction to a halt.
func (m *machine) run(code []instruction) error {
	places, under := map[string]int{}, make([]string, len(code))
	for i, in := range code {
		under[i] = "start"
		if i > 0 {
			under[i] = under[i-1]
		}
		if in.op == label {
			places[in.target], under[i] = i, in.target
		}
	}
	for pc := 0; pc < len(code); {
		in := code[pc]
		if pc++; in.op == label {
			continue
		}
		if m.spend(1, cost(in.op), under[pc-1]); m.steps > maxSteps {
			return fmt.Errorf("more than %d steps: does it end?", maxSteps)
		}
		a, b := m.reg[in.rs], m.reg[in.rt]
		jump := false
		switch in.op {
		case "halt":
			return nil
		case "jmp":
			jump = true
		case "beq":
			jump = a == b
		case "bne":
			jump = a != b
		case "bltu":
			jump = a < b
		case "lw", "sw":
			if m.checked {
				m.spend(2, 2, under[pc-1])
			}
			if err := m.access(in, a); err != nil {
				return err
			}
		case "out":
			if m.out != nil {
				fmt.Fprintln(m.out, a)
			}
		default:
			m.reg[in.rd] = compute(in, a, b)
		}
		if jump {
			to, ok := places[in.target]
			if !ok {
				return fmt.Errorf("no label %q", in.target)
			}
			pc = to
		}
	}
	return fmt.Errorf("the program ends without halt")
}

func (m *machine) spend(steps, cycles int, label string) {
	m.steps += steps
	m.cycles += cycles
	m.under[label] += steps
}

func (m *machine) access(in instruction, address uint32) error {
	if address >= memory {
		return fmt.Errorf("address %d is outside of memory", address)
	}
	if in.op == "lw" {
		m.reg[in.rd] = m.mem[address]
	} else {
		m.mem[address] = m.reg[in.rt]
	}
	return nil
}

func compute(in instruction, a, b uint32) uint32 {
	switch in.op {
	case "li":
		return in.imm
	case "mov":
		return a
	case "addi", "subi", "muli", "andi", "xori", "shli", "shri":
		b = in.imm
	}
	switch in.op {
	case "add", "addi":
		return a + b
	case "sub", "subi":
		return a - b
	case "mul", "muli":
		return a * b
	case "and", "andi":
		return a & b
	case "xor", "xori":
		return a ^ b
	case "shl", "shli":
		return a << (b & 31)
	case "shr", "shri":
		return a >> (b & 31)
	}
	panic("no operation " + in.op) // parse let it through
}

// cost is the number of cycles that an operation takes.
func cost(op string) int {
	switch op {
	case "mul", "muli":
		return 4
	case "lw", "sw":
		return 2
	}
	return 1
}
