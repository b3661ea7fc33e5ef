package benchfile

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Severity says whether a Benchfile can be used all the same.
type Severity string

// The two severities, in the words of the JSON form.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic is one thing that is wrong: where, what, why, and the mend. Its JSON has the shape of Terraform's
// "validate -json", which editors already read, with code and help beside it.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`              // "E012": stable, explained by Explain
	Summary  string   `json:"summary"`           // what
	Detail   string   `json:"detail"`            // why, "" when the summary says it all
	Help     string   `json:"help"`              // the mend, one line
	Range    *Range   `json:"range,omitempty"`   // nil: not in a file (an assignment of the command line)
	Snippet  *Snippet `json:"snippet,omitempty"` // the source around Range
}

// Range is a stretch of a file.
type Range struct {
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	End      Pos    `json:"end"`
}

// Pos is a place in a file: lines and columns count from 1, bytes from 0; a column is a grapheme cluster.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Snippet is the source around a range: the lines of the range and one on each side.
type Snippet struct {
	Context              *string  `json:"context"` // the block: `hypothesis "arena"`; null at the top level
	Code                 string   `json:"code"`
	StartLine            int      `json:"start_line"` // of the first line in Code
	HighlightStartOffset int      `json:"highlight_start_offset"`
	HighlightEndOffset   int      `json:"highlight_end_offset"`
	Values               []string `json:"values"` // always empty: values may be secrets
}

// Diagnostics is everything that is wrong, in the order of the files and of the places in them.
type Diagnostics []Diagnostic

// HasErrors says whether any of them is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count returns how many errors and warnings there are.
func (ds Diagnostics) Count() (errors, warnings int) {
	for _, d := range ds {
		if d.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// found is a diagnostic on its way, before it has a snippet.
type found struct {
	severity              Severity
	code                  string
	rng                   hcl.Range
	where                 string // the block it is in
	summary, detail, help string
	order                 int
}

// generic says whether a diagnostic comes from evaluation, where one mistake shows itself in several ways. Such a one
// is dropped when a better one lies at the same place.
func (f found) generic() bool { return f.code == codeEvaluate }

// collector gathers what is found.
type collector struct {
	files map[string][]byte // text by file name, for snippets
	order map[string]int    // position of a file among the sources
	found []found
	seen  map[string]bool
}

func newCollector() *collector {
	return &collector{files: map[string][]byte{}, order: map[string]int{}, seen: map[string]bool{}}
}

// failed says whether an error was found so far.
func (c *collector) failed() bool {
	return slices.ContainsFunc(c.found, func(f found) bool { return f.severity == Error })
}

func (c *collector) addFile(s Source) {
	c.files[s.Name] = s.Bytes
	c.order[s.Name] = len(c.order)
}

// maxDiagnostics bounds how much is said: nobody mends more than this in one go, and a bomb of mistakes costs time.
const maxDiagnostics = 200

func (c *collector) add(f found) {
	key := f.code + "\x00" + f.rng.String() + "\x00" + f.summary
	if c.seen[key] || len(c.found) >= maxDiagnostics*10 {
		return
	}
	c.seen[key] = true
	f.order = len(c.found)
	c.found = append(c.found, f)
}

func (c *collector) hasErrors() bool {
	return slices.ContainsFunc(c.found, func(f found) bool { return f.severity == Error })
}

// sorted returns what was found by file and place, without the ones that only repeat another.
func (c *collector) sorted() []found {
	list := slices.Clone(c.found)
	slices.SortStableFunc(list, func(a, b found) int {
		return cmp.Or(
			cmp.Compare(c.fileOrder(a.rng.Filename), c.fileOrder(b.rng.Filename)),
			cmp.Compare(a.rng.Start.Byte, b.rng.Start.Byte),
			cmp.Compare(a.order, b.order),
		)
	})
	out := list[:0:0]
	for i, f := range list {
		if f.code == codeSyntax && slices.ContainsFunc(list, func(g found) bool { return g.order < list[i].order && echoes(f, g) }) {
			continue
		}
		if f.generic() && slices.ContainsFunc(list, func(g found) bool { return g.order != list[i].order && covers(g, f) }) {
			continue
		}
		out = append(out, f)
		if len(out) == maxDiagnostics {
			break
		}
	}
	return out
}

// echoes says whether a syntax error is only what the parser made of an earlier one: the rest of its line, or the lines
// that a string took in which is never closed.
func echoes(f, g found) bool {
	if g.code != codeSyntax || f.rng.Filename != g.rng.Filename {
		return false
	}
	return f.rng.Start.Line == g.rng.Start.Line || f.summary == g.summary && g.summary == openString
}

// fileOrder puts what is in no file first.
func (c *collector) fileOrder(name string) int {
	if n, ok := c.order[name]; ok {
		return n
	}
	return -1
}

// covers says whether g makes f superfluous: an error that overlaps it and is either not generic itself or came first.
func covers(g, f found) bool {
	if g.severity != Error || g.rng.Filename != f.rng.Filename || g.rng.Filename == "" || !g.rng.Overlaps(f.rng) {
		return false
	}
	return !g.generic() || g.order < f.order
}

// finish turns what was found into diagnostics with snippets.
func (c *collector) finish() Diagnostics {
	var out Diagnostics
	for _, f := range c.sorted() {
		d := Diagnostic{Severity: f.severity, Code: f.code, Summary: f.summary, Detail: f.detail, Help: f.help}
		if f.rng.Filename != "" {
			d.Range = &Range{f.rng.Filename, pos(f.rng.Start), pos(f.rng.End)}
			d.Snippet = snippet(c.files[f.rng.Filename], f.rng, f.where)
		}
		out = append(out, d)
	}
	return out
}

func pos(p hcl.Pos) Pos { return Pos{Line: p.Line, Column: p.Column, Byte: p.Byte} }
