package report

import (
	"bytes"
	"encoding/json"
)

// inline is the longest object or list, in bytes, that stands on one line; lists of numbers always do.
const inline = 240

// Encode writes JSON as every artifact has it: indented by one space, with small values and lists of numbers on a line
// of their own, so that a diff shows what changed and ten runs do not take ten lines.
func Encode(v any) ([]byte, error) {
	compact, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return layout(compact), nil
}

// layout spreads compact JSON over lines.
func layout(in []byte) []byte {
	out := make([]byte, 0, len(in)+len(in)/4)
	depth := 0
	newline := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, ' ')
		}
	}
	for i := 0; i < len(in); {
		switch c := in[i]; c {
		case '"':
			n := stringEnd(in[i:])
			out = append(out, in[i:i+n]...)
			i += n
		case '[', '{':
			if n := flat(in[i:]); n > 0 {
				out = spaced(out, in[i:i+n])
				i += n
				continue
			}
			out = append(out, c)
			depth++
			newline()
			i++
		case ']', '}':
			depth--
			newline()
			out = append(out, c)
			i++
		case ',':
			out = append(out, c)
			newline()
			i++
		case ':':
			out = append(out, ':', ' ')
			i++
		default:
			out = append(out, c)
			i++
		}
	}
	return append(out, '\n')
}

// flat is the length of the list or object at the beginning of s when it fits on a line, else 0.
func flat(s []byte) int {
	numbers := s[0] == '['
	for i := 1; i < len(s); {
		switch c := s[i]; c {
		case '"':
			numbers = false
			i += stringEnd(s[i:])
		case '[', '{':
			return 0
		case ']', '}':
			return i + 1
		default:
			i++
		}
		if !numbers && i > inline {
			return 0
		}
	}
	return 0
}

// spaced puts a space after commas and colons.
func spaced(out, s []byte) []byte {
	for i := 0; i < len(s); {
		if s[i] == '"' {
			n := stringEnd(s[i:])
			out = append(out, s[i:i+n]...)
			i += n
			continue
		}
		out = append(out, s[i])
		if s[i] == ',' || s[i] == ':' {
			out = append(out, ' ')
		}
		i++
	}
	return out
}

// stringEnd is the length of the string at the beginning of s, quotes included.
func stringEnd(s []byte) int {
	for i := 1; ; {
		n := bytes.IndexAny(s[i:], `"\`)
		if n < 0 {
			return len(s)
		}
		i += n
		if s[i] == '"' {
			return i + 1
		}
		i = min(i+2, len(s))
	}
}
