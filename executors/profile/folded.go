package profile

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// parseFolded reads folded stacks, as Brendan Gregg's FlameGraph tools, inferno, py-spy and others write them: one
// stack a line, frames from the root to the leaf with ";" between, then a blank and how often it was seen. Frames may
// hold blanks: the count is behind the last one. What is counted differs (samples, nanoseconds, bytes), so that only
// the shares mean something.
func parseFolded(raw []byte) (Profile, error) {
	sums := map[string]*sum{}
	total, stacks, twice := 0.0, 0, 0
	for n, line := range lines(raw) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		stack, count, ok := splitCount(line)
		if !ok {
			return Profile{}, unrecognised(n, line, `"frame;frame;frame COUNT"`)
		}
		if _, _, more := splitCount(stack); more {
			twice++
		}
		stacks++
		total += count
		add(sums, stack, count)
	}
	switch {
	case stacks > 1 && twice == stacks:
		return Profile{}, errors.New("every line ends in two numbers: it is a comparison of two profiles; give one of them")
	case total == 0:
		return Profile{}, errors.New("nothing was counted: there is no stack with a count above zero")
	case math.IsInf(total, 0):
		return Profile{}, errors.New("the counts are too large to be added")
	}
	p := Profile{Total: total, Unit: "count", Complete: true}
	for name, s := range sums {
		p.Functions = append(p.Functions, Function{name, s.self / total, s.inclusive / total})
	}
	return p, nil
}

// sum is what a function was counted.
type sum struct{ self, inclusive float64 }

// splitCount splits a line at its last blank. ok is false when no count is behind it, or no stack before it.
func splitCount(line string) (stack string, count float64, ok bool) {
	line = strings.TrimRight(line, " \t")
	at := strings.LastIndexAny(line, " \t")
	if at <= 0 || strings.Trim(line[at+1:], "0123456789.") != "" {
		return "", 0, false
	}
	count, err := strconv.ParseFloat(line[at+1:], 64)
	stack = strings.TrimSpace(line[:at])
	return stack, count, err == nil && stack != ""
}

// add counts a stack: the leaf by itself, and every function in it once, however often it calls itself.
func add(sums map[string]*sum, stack string, count float64) {
	frames := strings.Split(stack, ";")
	seen := make(map[string]bool, len(frames))
	for i, frame := range frames {
		frame = normal(frame)
		s := sums[frame]
		if s == nil {
			s = &sum{}
			sums[frame] = s
		}
		if !seen[frame] {
			s.inclusive += count
			seen[frame] = true
		}
		if i == len(frames)-1 {
			s.self += count
		}
	}
}

// buildMarks are the parts of a name that change with each build though the function does not: Rust's symbol hashes (old
// mangling "::h" and 16 hex digits; v0 "[hash]" behind a crate).
var buildMarks = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`::h[0-9a-f]{16}$|\[[0-9a-f]{8,16}\]`)
})

// normal is a function's name as it can be found again in the profile of another build. A frame that is a mere address
// is "[unknown]".
func normal(frame string) string {
	frame = strings.TrimSpace(frame)
	if digits, hex := strings.CutPrefix(frame, "0x"); frame == "" || hex && strings.Trim(digits, "0123456789abcdefABCDEF") == "" {
		return "[unknown]"
	}
	if !strings.Contains(frame, "::") {
		return frame
	}
	if name := buildMarks().ReplaceAllString(frame, ""); name != "" {
		return name
	}
	return frame
}
