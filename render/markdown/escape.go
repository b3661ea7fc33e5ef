// Package markdown writes the documents that people read in a pull request: PLAN.md, TRACKER.md, FINAL_REPORT.md and
// the texts of each experiment. Everything that comes from outside (names, titles, units, logs) is escaped, so that no
// text can break a table, a list or a page. It knows nothing of files: a report in, bytes out.
package markdown

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// doc is a document being written.
type doc struct{ strings.Builder }

func (d *doc) line(format string, args ...any) {
	fmt.Fprintf(d, format, args...)
	d.WriteByte('\n')
}

// head is the first line of every document: who wrote it.
func head(r *report.Report, more string) *doc {
	d := &doc{}
	d.line("<!-- %s%s -->", r.Generator, more)
	return d
}

func (d *doc) bytes() []byte { return []byte(d.String()) }

// Text escapes a text for use within a line: it can't begin a list, a heading or a quote there, end a table's cell, or
// become a link, an image, HTML or emphasis. Line ends become spaces.
func Text(s string) string {
	s = strings.Join(strings.Fields(report.Clean(s)), " ")
	var b strings.Builder
	for i, c := range s {
		switch c {
		case '\\', '`', '*', '_', '[', ']', '|', '~', '#', '$':
			b.WriteByte('\\')
			b.WriteRune(c)
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '!':
			if strings.HasPrefix(s[i:], "![") {
				b.WriteByte('\\')
			}
			b.WriteByte('!')
		case ':':
			if strings.HasPrefix(s[i:], "://") { // GFM makes a link of a bare address
				b.WriteByte('\\')
			}
			b.WriteByte(':')
		case '.':
			if strings.HasSuffix(strings.ToLower(s[:i]), "www") {
				b.WriteByte('\\')
			}
			b.WriteByte('.')
		case '@':
			b.WriteString("&#64;")
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Line is Text for the beginning of a line, where a dash, a plus or a number would begin a list.
func Line(s string) string {
	t := Text(s)
	switch {
	case t == "":
		return t
	case strings.ContainsRune("-+=", rune(t[0])):
		return `\` + t
	}
	digits := len(t) - len(strings.TrimLeft(t, "0123456789"))
	if digits > 0 && digits < len(t) && (t[digits] == '.' || t[digits] == ')') {
		return t[:digits] + `\` + t[digits:]
	}
	return t
}

// Code is a code span. Its fence is longer than any run of backticks in it; in a table a pipe needs its backslash even
// there.
func Code(s string) string {
	s = strings.Join(strings.Fields(report.Clean(s)), " ")
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longest(s, '`')+1)
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		pad = " "
	}
	return fence + pad + s + pad + fence
}

// Cell is Code within a table.
func Cell(s string) string {
	if strings.Contains(s, "|") || strings.Contains(s, `\`) {
		return Text(s) // a backslash before an escaped pipe reads differently from parser to parser
	}
	return Code(s)
}

// block is a fenced block of text that is shown as it is.
func (d *doc) block(language, text string) {
	text = strings.TrimRight(report.Clean(text), "\n")
	fence := strings.Repeat("`", max(3, longest(text, '`')+1))
	d.line("%s%s\n%s\n%s", fence, language, text, fence)
}

func longest(s string, c byte) int {
	most, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			most = max(most, run)
		} else {
			run = 0
		}
	}
	return most
}

// table writes a table; cells are escaped already.
func (d *doc) table(head []string, rows [][]string) {
	d.line("| %s |", strings.Join(head, " | "))
	d.line("|%s", strings.Repeat("---|", len(head)))
	for _, r := range rows {
		d.line("| %s |", strings.Join(r, " | "))
	}
}

// Sign is a status with its sign, as the workflow's tables have it.
func Sign(x *report.Experiment) string {
	switch x.Status {
	case "KEEP":
		return "✅ KEEP"
	case "MAYBE":
		return "🟡 MAYBE"
	case "INCONCLUSIVE":
		return "❔ INCONCLUSIVE"
	case report.StatusRunning:
		return "▶️ RUNNING"
	case report.StatusPending:
		return "⏳ PENDING"
	case report.StatusSkipped:
		return "⏭️ SKIPPED"
	}
	return "❌ " + x.Status
}
