package benchfile

import (
	"bytes"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// quick reports the tokens of a simple text that matter to nesting, several times as fast as HCL's lexer does, which
// the parser will run once more anyway. Simple is a text whose tokens can be told line by line: no templates, no
// heredocs, no comments over several lines, no broken UTF-8, and every quote closed on its line. ok is false for any
// other text; then nothing that was reported counts.
func quick(src []byte, token func(hclsyntax.Token)) (ok bool) {
	if !utf8.Valid(src) {
		return false // the lexer takes the byte behind a broken character for a part of it, be it a quote
	}
	for _, mark := range []string{"${", "%{", "/*", "<<"} {
		if bytes.Contains(src, []byte(mark)) {
			return false
		}
	}
	for i := 0; i < len(src); {
		kind, n := quickToken(src[i:])
		if n == 0 {
			return false
		}
		if kind != 0 {
			token(hclsyntax.Token{Type: kind, Bytes: src[i : i+n]})
		}
		i += n
	}
	return true
}

// quickToken is the kind and length of the first token; the kind is 0 for what does not matter, the length for what is
// not simple.
func quickToken(src []byte) (hclsyntax.TokenType, int) {
	switch c := src[0]; c {
	case '{', '}', '[', ']', '(', ')', ',', '\n':
		return hclsyntax.TokenType(c), 1
	case '"':
		n := quickString(src)
		return 0, n
	case '#':
		return 0, untilNewline(src)
	case '/':
		if len(src) > 1 && src[1] == '/' {
			return 0, untilNewline(src)
		}
		return hclsyntax.TokenSlash, 1
	case '+', '-', '*', '%', '?', ':', '.':
		return hclsyntax.TokenPlus, 1
	case '!', '&', '|', '<', '>', '=':
		n := 1
		if len(src) > 1 && (src[1] == '=' && c != '&' && c != '|' || src[1] == c && (c == '&' || c == '|') || c == '=' && src[1] == '>') {
			n = 2
		}
		if c == '=' && (n == 1 || src[1] == '>') {
			return 0, n
		}
		return hclsyntax.TokenPlus, n
	default:
		if !wordByte(c) {
			return 0, 1
		}
		if c >= '0' && c <= '9' {
			return hclsyntax.TokenNumberLit, quickNumber(src)
		}
		n := 1
		for n < len(src) && (wordByte(src[n]) || src[n] == '-') {
			n++
		}
		return hclsyntax.TokenIdent, n
	}
}

// quickNumber is the length of digits, with an exponent if there is one. What follows a point counts as another number.
func quickNumber(src []byte) int {
	n := digits(src)
	if n == len(src) || src[n]|0x20 != 'e' {
		return n
	}
	sign := 0
	if n+1 < len(src) && (src[n+1] == '+' || src[n+1] == '-') {
		sign = 1
	}
	if power := digits(src[n+1+sign:]); power > 0 {
		return n + 1 + sign + power
	}
	return n
}

func digits(src []byte) int {
	n := 0
	for n < len(src) && src[n] >= '0' && src[n] <= '9' {
		n++
	}
	return n
}

func wordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// quickString is the length of a quoted string, or 0 when it does not end on its line.
func quickString(src []byte) int {
	for i := 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
			if i < len(src) && src[i] == '\n' {
				return 0
			}
		case '\n':
			return 0
		case '"':
			return i + 1
		}
	}
	return 0
}

// untilNewline is the length of what comes before the end of the line.
func untilNewline(src []byte) int {
	if n := bytes.IndexByte(src, '\n'); n >= 0 {
		return n
	}
	return len(src)
}
