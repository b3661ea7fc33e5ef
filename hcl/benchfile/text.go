package benchfile

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal colours; only written when asked for.
const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	reset  = "\x1b[0m"
)

// Text writes the diagnostics for people: source with line numbers, carets under the place, one help line each, and
// how many there are at the end. Width is that of the terminal in columns; below 40 it counts as 80.
func (ds Diagnostics) Text(w io.Writer, width int, colour bool) error {
	if len(ds) == 0 {
		return nil
	}
	if width < 40 {
		width = 80
	}
	t := &texter{width: width, colour: colour}
	for _, d := range ds {
		t.diagnostic(d)
	}
	errors, warnings := ds.Count()
	t.line(tally(errors, warnings))
	_, err := io.WriteString(w, t.b.String())
	return err
}

// tally says how many there are.
func tally(errors, warnings int) string {
	switch {
	case warnings == 0:
		return plural(errors, "error") + ". Nothing was run."
	case errors == 0:
		return plural(warnings, "warning") + "."
	}
	return plural(errors, "error") + ", " + plural(warnings, "warning") + ". Nothing was run."
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// texter builds the text.
type texter struct {
	b      strings.Builder
	width  int
	colour bool
}

func (t *texter) line(s string) { t.b.WriteString(strings.TrimRight(s, " ")); t.b.WriteByte('\n') }

func (t *texter) paint(colour, s string) string {
	if !t.colour {
		return s
	}
	return colour + s + reset
}

func (t *texter) diagnostic(d Diagnostic) {
	word, colour := "Error", red
	if d.Severity == Warning {
		word, colour = "Warning", yellow
	}
	t.line(t.paint(colour, fmt.Sprintf("%s[%s]:", word, d.Code)) + " " + t.paint(bold, printable(d.Summary)))
	t.line("")
	detail := printable(d.Detail)
	if d.Range != nil {
		t.line("  " + place(d))
		detail = t.source(d, colour, detail)
		t.line("")
	}
	if detail != "" {
		t.wrapped("  ", detail)
		t.line("")
	}
	if d.Help != "" {
		t.line("  " + t.paint(bold, "help:") + " " + printable(d.Help))
	}
	t.line("  " + t.paint(dim, "more: bench explain "+d.Code))
	t.line("")
}

// place is "benchfile.hcl:17, in hypothesis "x"".
func place(d Diagnostic) string {
	s := fmt.Sprintf("%s:%d", printable(d.Range.Filename), d.Range.Start.Line)
	if d.Snippet != nil && d.Snippet.Context != nil {
		s += ", in " + printable(*d.Snippet.Context)
	}
	return s
}

// source writes the snippet. It puts the detail behind the carets where it fits, and returns it where it does not.
func (t *texter) source(d Diagnostic, colour, detail string) string {
	s := d.Snippet
	if s == nil || strings.TrimSpace(s.Code) == "" {
		return detail
	}
	lines := strings.Split(s.Code, "\n")
	gutter := len(fmt.Sprint(s.StartLine+len(lines)-1)) + 2
	marked, offset := false, 0
	for i, line := range lines {
		t.line(fmt.Sprintf("%*d │ %s", gutter+1, s.StartLine+i, t.cut(visible(line), gutter+4)))
		lo, hi := s.HighlightStartOffset-offset, s.HighlightEndOffset-offset
		offset += len(line) + 1
		if marked || lo < 0 || lo > len(line) {
			continue
		}
		marked = true
		blank := columns(line[:lo])
		carets := max(1, columns(line[lo:min(max(hi, lo), len(line))]))
		carets = max(1, min(carets, t.width-gutter-4-blank))
		text := strings.Repeat(" ", gutter+2) + "│ " + strings.Repeat(" ", blank) + t.paint(colour, strings.Repeat("^", carets))
		if detail != "" && gutter+4+blank+carets+1+utf8.RuneCountInString(detail) <= t.width {
			text += " " + t.paint(colour, detail)
			detail = ""
		}
		t.line(text)
	}
	return detail
}

// cut shortens a line to what is left of the width behind used columns.
func (t *texter) cut(line string, used int) string {
	room := max(20, t.width-used)
	if utf8.RuneCountInString(line) <= room {
		return line
	}
	return string([]rune(line)[:room-1]) + "…"
}

// wrapped writes text in lines no wider than the terminal, each behind the indent.
func (t *texter) wrapped(indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > t.width {
			t.line(line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	t.line(line)
}

// visible makes a line of source safe for a terminal: tabs are two columns, everything else that does not print is
// one question mark. columns counts what visible writes.
func visible(s string) string {
	var b strings.Builder
	for _, r := range strings.TrimSuffix(s, "\r") {
		switch {
		case r == '\t':
			b.WriteString("  ")
		case !unicode.IsPrint(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func columns(s string) int { return utf8.RuneCountInString(visible(s)) }

// printable makes a message safe for a terminal: whatever does not print becomes a space.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
