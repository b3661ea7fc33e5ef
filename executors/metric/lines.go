package metric

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// lineCap is how much of a line is searched. A program that prints a megabyte without a line end prints data, and a
// pattern must not be run over all of it again and again.
const lineCap = 64 << 10

// A scan is what was seen while the lines of an output were searched.
type scan struct {
	lines int // read so far; the number of the current one
	cut   int // of them, longer than lineCap
}

// each calls do with every line, without its end and without colours. What a carriage return separates (progress bars)
// is given one by one under the same line number. It stops at the first error.
func (s *scan) each(r io.Reader, do func(line string) error) error {
	in := bufio.NewReaderSize(r, lineCap)
	for {
		raw, err := in.ReadSlice('\n')
		full := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && err != io.EOF && !full {
			return err
		}
		if len(raw) > 0 {
			s.lines++
			if err := parts(whole(raw, full), do); err != nil {
				return err
			}
		}
		if full {
			s.cut++
			if err := skipLine(in); err != nil {
				return err
			}
		} else if err == io.EOF {
			return nil
		}
	}
}

// whole is a line as it may be searched. Of one that was cut, the last word goes too: half a number is a number as well.
func whole(raw []byte, cut bool) string {
	if !cut {
		return string(raw)
	}
	return strings.TrimRightFunc(string(raw), func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".,_+-\uFFFD", r)
	})
}

// parts gives the pieces of a line one by one.
func parts(line string, do func(string) error) error {
	for part := range strings.SplitSeq(strings.TrimRight(line, "\r\n"), "\r") {
		if err := do(plainText(part)); err != nil {
			return err
		}
	}
	return nil
}

// skipLine reads on to the end of the line.
func skipLine(in *bufio.Reader) error {
	for {
		_, err := in.ReadSlice('\n')
		if err == nil || err == io.EOF {
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// searched says how much was searched, for messages.
func (s *scan) searched() string {
	text := fmt.Sprintf("%d lines searched", s.lines)
	if s.lines == 0 {
		text = "it is empty"
	} else if s.lines == 1 {
		text = "1 line searched"
	}
	if s.cut > 0 {
		text += fmt.Sprintf(", of %d of them only the first 64 KiB", s.cut)
	}
	return text
}

// plainText removes terminal control sequences (ECMA-48: CSI and OSC) from a line.
func plainText(line string) string {
	if strings.IndexByte(line, '\x1b') < 0 {
		return line
	}
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\x1b' {
			i += sequence(line[i:])
			continue
		}
		b.WriteByte(line[i])
		i++
	}
	return b.String()
}

// sequence is the length of the control sequence that s begins with.
func sequence(s string) int {
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[': // parameters and intermediates, then one final byte
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
			if s[i] < 0x20 || s[i] > 0x7e {
				return i
			}
		}
		return len(s)
	case ']': // text up to BEL or ESC \
		for i := 2; i < len(s); i++ {
			if s[i] == '\a' {
				return i + 1
			}
			if s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	return 2
}

// A found value and the line it was on.
type found struct {
	value float64
	line  int
	text  string
	seen  bool
}

// add takes another value. It is an error when it differs from the one before.
func (f *found) add(value float64, line int, text string) error {
	if !f.seen {
		*f = found{value, line, text, true}
		return nil
	}
	if f.value == value {
		return nil
	}
	return fmt.Errorf("different values fit, line %d %s and line %d %s; make it fit only one of them",
		f.line, quote(strings.TrimSpace(f.text)), line, quote(strings.TrimSpace(text)))
}
