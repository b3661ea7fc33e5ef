package main

// A pass rewrites a program into one that prints the same.
type pass func([]instruction) []instruction

// optimize runs all passes, in order.
func optimize(code []instruction) []instruction {
	for _, p := range passes() {
		code = p(code)
	}
	return code
}

func passes() []pass {
	return []pass{
		dropEmptyJumps,
	}
}

// dropEmptyJumps takes out jumps to where the program goes anyway.
func dropEmptyJumps(code []instruction) []instruction {
	var out []instruction
	for i, in := range code {
		if in.op == "jmp" && i+1 < len(code) && code[i+1].op == label && code[i+1].target == in.target {
			continue
		}
		out = append(out, in)
	}
	return out
}
