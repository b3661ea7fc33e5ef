package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// What is known of two hypotheses together.
const (
	AddsUp   = "adds up"  // measured together: as good as the parts promise
	Partial  = "partial"  // measured together: better than each, less than the parts promise
	Conflict = "conflict" // measured together: not better than the better one (workflow 4.6)
	Lines    = "same lines"
	Files    = "same files"
	Declared = "declared"
	Untested = "untested"
)

// Pair is what is known of two hypotheses together.
type Pair struct {
	A        string   `json:"a"` // numbers, A before B
	B        string   `json:"b"`
	Kind     string   `json:"kind"`
	Declared bool     `json:"declared"`
	Files    []string `json:"files"`    // both change these
	Lines    []string `json:"lines"`    // both change these: "node.rs:41–58"
	Together string   `json:"together"` // the compound that has measured both and nothing else
	Actual   Number   `json:"actual"`
	Expected Number   `json:"expected"`
	Note     string   `json:"note"`
}

// Compound is a combination, expected against actual (workflow 8.2).
type Compound struct {
	ID       string   `json:"id"`
	Slug     string   `json:"slug"`
	Title    string   `json:"title"`
	Members  []string `json:"members"`
	Expected Number   `json:"expected"`
	Actual   *Effect  `json:"actual"`
	Interim  bool     `json:"interim,omitempty"`
	Status   string   `json:"status"`
	Reason   string   `json:"reason"`

	Class   string `json:"interaction,omitempty"` // "additive", "sub_additive", "synergy", "conflict"; "" while not known
	Extra   Number `json:"extra"`                 // what was measured over what was expected, less one
	ExtraLo Number `json:"extra_low"`             // its 95 % interval
	ExtraHi Number `json:"extra_high"`
	Words   string `json:"words,omitempty"` // the same for people
}

// ExtraText is how much more or less the whole gives than its parts promise: "+0.1 % [−0.6, +0.8]".
func (c *Compound) ExtraText() string {
	if !c.Extra.Known() {
		return "–"
	}
	e := Effect{Change: c.Extra, Lo: c.ExtraLo, Hi: c.ExtraHi}
	return Percent(float64(c.Extra), e.digits()) + " " + e.IntervalText()
}

func (b *builder) compounds(r *Report) []Compound {
	out := []Compound{}
	for _, x := range r.Experiments {
		if !x.Compound {
			continue
		}
		c := Compound{
			ID: x.ID, Slug: x.Slug, Title: x.Title, Members: list(x.Members), Expected: x.Expected,
			Actual: x.Effect, Interim: x.Interim, Status: x.Status, Reason: x.Reason, Extra: None(), ExtraLo: None(), ExtraHi: None(),
		}
		for i := range b.in.Plan.Experiments {
			e := &b.in.Plan.Experiments[i]
			if j := e.Interaction; e.Variant.Number == x.Number && j != nil && j.Known {
				c.Class, c.Words, c.Extra, c.ExtraLo, c.ExtraHi = j.Class, j.Reason, Number(j.Extra), Number(j.Lo), Number(j.Hi)
			}
		}
		out = append(out, c)
	}
	return out
}

// pairsMost bounds the list: beyond it nobody reads on, and it grows with the square of the hypotheses.
const pairsMost = 1000

// conflicts lists the pairs of hypotheses of which something is known and of which both may still be applied, those
// that were declared or measured together, and every pair of kept or promising ones.
func (b *builder) conflicts(r *Report) []Pair {
	out := []Pair{}
	var single []*Experiment
	for i := range r.Experiments {
		if !r.Experiments[i].Compound {
			single = append(single, &r.Experiments[i])
		}
	}
	touched := make([]map[string][]span, len(single))
	for i, x := range single {
		touched[i] = touches(x.Change)
	}
	for i, a := range single {
		for j := i + 1; j < len(single); j++ {
			if p, ok := pair(r, a, single[j], touched[i], touched[j]); ok && len(out) < pairsMost {
				out = append(out, p)
			}
		}
	}
	return out
}

func pair(r *Report, a, b *Experiment, ta, tb map[string][]span) (Pair, bool) {
	p := Pair{
		A: a.ID, B: b.ID, Kind: Untested, Files: []string{}, Lines: []string{}, Actual: None(), Expected: None(),
		Declared: slices.Contains(a.Conflicts, b.ID) || slices.Contains(b.Conflicts, a.ID),
	}
	for _, f := range a.Change.Files {
		if _, both := tb[f.Path]; !both || slices.Contains(p.Files, f.Path) {
			continue
		}
		p.Files = append(p.Files, f.Path)
		for _, s := range overlap(ta[f.Path], tb[f.Path]) {
			p.Lines = append(p.Lines, f.Path+":"+s.String())
		}
	}
	switch {
	case len(p.Lines) > 0:
		p.Kind, p.Note = Lines, "both change "+first(p.Lines, 2)
	case p.Declared:
		p.Kind, p.Note = Declared, "declared in the Benchfile"
	case len(p.Files) > 0:
		p.Kind, p.Note = Files, "both change "+first(p.Files, 2)
	}
	measured(r, &p, a, b)
	promising := func(x *Experiment) bool {
		return x.Verdict == string(pipeline.Keep) || x.Verdict == string(pipeline.Maybe)
	}
	open := func(x *Experiment) bool {
		return promising(x) || x.Verdict == "" || x.Verdict == string(pipeline.Inconclusive)
	}
	known := p.Declared || p.Together != "" || p.Kind != Untested && open(a) && open(b)
	return p, known || promising(a) && promising(b)
}

// measured takes over what the compound of exactly these two has shown.
func measured(r *Report, p *Pair, a, b *Experiment) {
	for i := range r.Experiments {
		x := &r.Experiments[i]
		if len(x.Members) != 2 || !slices.Contains(x.Members, a.ID) || !slices.Contains(x.Members, b.ID) {
			continue
		}
		p.Together, p.Expected = x.ID, x.Expected
		if x.Verdict != "" && x.Effect == nil && x.Verdict != string(pipeline.Inconclusive) {
			p.Kind, p.Note = Conflict, "together: "+x.Verdict
			return
		}
		if x.Verdict == "" || x.Effect == nil || a.Effect == nil || b.Effect == nil {
			return
		}
		p.Actual = x.Effect.Change
		best := max(a.Effect.Improvement(), b.Effect.Improvement())
		switch got := x.Effect.Improvement(); {
		case got < best:
			p.Kind = Conflict
			p.Note = fmt.Sprintf("together %s, the better one alone %s", Percent(float64(p.Actual), 1), Percent(-best*sign(x.Effect.Better), 1))
		case !p.Expected.Known() || within(x.Effect, float64(p.Expected)):
			p.Kind, p.Note = AddsUp, "together "+Percent(float64(p.Actual), 1)
		default:
			p.Kind = Partial
			p.Note = fmt.Sprintf("together %s, the parts promise %s", Percent(float64(p.Actual), 1), Percent(float64(p.Expected), 1))
		}
		return
	}
}

// within says whether an effect is as good as expected: its interval reaches what was expected.
func within(e *Effect, expected float64) bool {
	if e.Better == pipeline.Higher {
		return float64(e.Hi) >= expected
	}
	return float64(e.Lo) <= expected
}

func sign(better string) float64 {
	if better == pipeline.Higher {
		return -1
	}
	return 1
}

// span is a range of lines of the baseline's file, both ends included.
type span struct{ from, to int }

func (s span) String() string {
	if s.from == s.to {
		return strconv.Itoa(s.from)
	}
	return fmt.Sprintf("%d–%d", s.from, s.to)
}

// touches are the lines of each file that a patch changes, in the baseline's numbering. Lines that are only added count
// as the line before them, since two patches that add at the same place collide.
func touches(c Change) map[string][]span {
	out := map[string][]span{}
	for _, f := range c.Files {
		out[f.Path] = nil
	}
	file, line := "", 0
	for l := range strings.Lines(c.Text) {
		l = strings.TrimRight(l, "\r\n")
		switch {
		case strings.HasPrefix(l, "--- a/"):
			file = strings.TrimPrefix(l, "--- a/")
		case strings.HasPrefix(l, "diff --git "):
			file = ""
		case strings.HasPrefix(l, "@@ -"):
			line = hunkStart(l)
		case file == "" || strings.HasPrefix(l, "+++ "):
		case strings.HasPrefix(l, "-"):
			out[file] = extend(out[file], line)
			line++
		case strings.HasPrefix(l, "+"):
			out[file] = extend(out[file], max(1, line-1))
		case strings.HasPrefix(l, " "), l == "":
			line++
		}
	}
	return out
}

// hunkStart is 41 in "@@ -41,14 +41,19 @@".
func hunkStart(l string) int {
	n, _, _ := strings.Cut(strings.TrimPrefix(l, "@@ -"), " ")
	n, _, _ = strings.Cut(n, ",")
	v, err := strconv.Atoi(n)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

func extend(s []span, line int) []span {
	if n := len(s); n > 0 && line >= s[n-1].from && line <= s[n-1].to+1 {
		s[n-1].to = max(s[n-1].to, line)
		return s
	}
	return append(s, span{line, line})
}

func overlap(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			if s := (span{max(x.from, y.from), min(x.to, y.to)}); s.from <= s.to {
				out = append(out, s)
			}
		}
	}
	return out
}

// first names the first few of a list and counts the rest.
func first(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}
