package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
)

// pad fills or cuts a text to n columns. All our signs are one column wide.
func pad(s string, n int) string {
	if l := utf8.RuneCountInString(s); l < n {
		return s + strings.Repeat(" ", n-l)
	} else if l > n && n > 1 {
		return string([]rune(s)[:n-1]) + "…"
	}
	return s
}

// left is pad with the text on the right.
func left(s string, n int) string {
	if l := utf8.RuneCountInString(s); l < n {
		return strings.Repeat(" ", n-l) + s
	}
	return s
}

// columns are those of the verdict table that a terminal has room for. What is left out first is what "bench show" tells
// as well: the worst input, then p, then the interval.
type columns struct {
	name               int // its width
	interval, p, worst bool
}

// The widths of the verdict table's columns, each with the space before it.
const (
	numberWidth   = 7 // "  001  "
	changeWidth   = 11
	intervalWidth = 20
	pWidth        = 8
	worstWidth    = 19
	verdictWidth  = 15
	shortName     = 20 // names are still told apart
	leastName     = 12
)

// fit chooses the columns for a width; longest is the longest name. Names give way first, then columns.
func fit(width, longest int) columns {
	c := columns{interval: true, p: true, worst: true}
	longest = min(32, max(20, longest))
	room := func() int { return width - numberWidth - c.cells() - verdictWidth }
	for _, leave := range []*bool{&c.worst, &c.p, &c.interval} {
		if room() >= shortName {
			break
		}
		*leave = false
	}
	c.name = max(leastName, min(longest, room()))
	return c
}

// cells is the width of what stands between the name and the verdict.
func (c columns) cells() int {
	n := changeWidth
	for _, x := range []struct {
		there bool
		width int
	}{{c.interval, intervalWidth}, {c.p, pWidth}, {c.worst, worstWidth}} {
		if x.there {
			n += x.width
		}
	}
	return n
}

// verdictTable writes one line for each experiment and, below them, what those that failed said last.
func (a *app) verdictTable(w io.Writer, s *pipeline.Study, p *plan.Plan) {
	a.verdictTableOf(w, p, tableWidth(w))
}

func (a *app) verdictTableOf(w io.Writer, p *plan.Plan, width int) {
	if len(p.Experiments) == 0 {
		return
	}
	sg, on := a.signs(), a.colour(w)
	longest := 0
	for i := range p.Experiments {
		longest = max(longest, utf8.RuneCountInString(label(&p.Experiments[i])))
	}
	c := fit(width, longest)
	fmt.Fprintf(w, "  %-4s %s%s verdict\n", "#", pad("experiment", c.name), c.row("change", "interval", "p", "worst input"))
	byNumber := slices.SortedFunc(slices.Values(p.Experiments), func(x, y plan.Experiment) int { return x.Variant.Number - y.Variant.Number })
	for i := range byNumber {
		x := &byNumber[i]
		fmt.Fprintf(w, "  %03d  %s%s\n", x.Variant.Number, pad(label(x), c.name), a.verdictCells(x, c, sg, on))
	}
	fmt.Fprintln(w, "  "+strings.Repeat(sg.rule, min(width, numberWidth+c.name+c.cells()+verdictWidth)-2))
	for i := range byNumber {
		a.lastWords(w, p, &byNumber[i], width)
	}
}

// row puts texts under the columns that are there.
func (c columns) row(change, interval, p, worst string) string {
	out := "  " + left(change, changeWidth-2)
	if c.interval {
		out += "  " + pad(interval, intervalWidth-2)
	}
	if c.p {
		out += " " + pad(p, pWidth-1)
	}
	if c.worst {
		out += " " + pad(worst, worstWidth-1)
	}
	return out
}

// tableWidth is the width of the terminal; what is written to a file is as wide as it gets.
func tableWidth(w io.Writer) int {
	if !terminal(w) {
		return 1 << 10
	}
	return width(w)
}

// mostLastWords is how many lines of a failed program's output stand below the table.
const mostLastWords = 3

// lastWords says why an experiment failed where the table had no room: the whole reason, the end of what the program
// wrote, and the command that shows all of it.
func (a *app) lastWords(w io.Writer, p *plan.Plan, x *plan.Experiment, width int) {
	v := x.Verdict
	if v == nil || v.Kind != pipeline.Failed && v.Kind != pipeline.Reject && v.Kind != pipeline.Kill {
		return
	}
	fmt.Fprintf(w, "  %03d  %s\n", x.Variant.Number, clip(printable(v.Reason), width-numberWidth))
	if s := culprit(p, x); s != nil {
		tailOf(w, s, width)
	}
}

// tailOf is the end of what a step's program wrote, and the command that shows all of it.
func tailOf(w io.Writer, s *plan.Step, width int) {
	lines := strings.Split(strings.TrimSpace(printableLines(s.Record.Outcome.Tail)), "\n")
	for _, line := range lines[max(0, len(lines)-mostLastWords):] {
		if strings.TrimSpace(line) != "" {
			fmt.Fprintf(w, "       | %s\n", clip(line, width-numberWidth-2))
		}
	}
	fmt.Fprintf(w, "       bench log %s\n", s.Address)
}

// printStopped says why nothing more is run. Where the baseline itself failed, its last words are the reason.
func (a *app) printStopped(w io.Writer, p *plan.Plan) {
	fmt.Fprintf(w, "  Stopped: %s.\n", printable(p.Stopped))
	for _, i := range p.Baseline.Steps {
		if s := &p.Steps[i]; s.State == plan.Failed {
			tailOf(w, s, tableWidth(w))
		}
	}
}

// culprit is the step because of which an experiment failed: the last one that did not end well, else the last check,
// whose output was wrong. nil when nothing ran.
func culprit(p *plan.Plan, x *plan.Experiment) *plan.Step {
	var check *plan.Step
	for i := len(x.Steps) - 1; i >= 0; i-- {
		s := &p.Steps[x.Steps[i]]
		if s.Record == nil || s.Kind == pipeline.StepProfile {
			continue
		}
		if s.Record.Outcome.Status != pipeline.StatusOK {
			return s
		}
		if s.Kind == pipeline.StepCheck && check == nil && x.Verdict.Kind == pipeline.Reject {
			check = s
		}
	}
	return check
}

// clip cuts a text to n columns.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) > n {
		return pad(s, max(2, n))
	}
	return s
}

// label is what an experiment is called on the screen.
func label(x *plan.Experiment) string {
	if x.Variant.Title != "" {
		return printable(x.Variant.Title)
	}
	return x.Variant.Name
}

// verdictCells are the columns after the name.
func (a *app) verdictCells(x *plan.Experiment, c columns, sg signs, on bool) string {
	v := x.Verdict
	if v == nil {
		text := "  " + pad(printable(x.Why), c.cells()-2)
		return fmt.Sprintf("%s %s", paint(on, faint, text), paint(on, faint, string(x.State)))
	}
	mark := paint(on, verdictColour(v.Kind), sg.verdict[v.Kind]+" "+string(v.Kind))
	if v.Effect == nil || v.Kind == pipeline.Failed || v.Kind == pipeline.Reject || v.Kind == pipeline.Kill {
		return fmt.Sprintf("  %s %s", pad(printable(v.Reason), c.cells()-2), mark)
	}
	e := v.Effect
	return c.row(judge.Percent(e.Change), judge.Interval(e.Lo, e.Hi), pvalue(e), worst(v)) + " " + mark
}

// pvalue is p as people read it.
func pvalue(e *pipeline.Effect) string {
	switch {
	case e.Exact:
		return "exact"
	case e.P < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", e.P)
}

// worst is the input that fared worst.
func worst(v *pipeline.Verdict) string {
	var w *pipeline.Effect
	for i := range v.Inputs {
		if w == nil || v.Inputs[i].Improvement() < w.Improvement() {
			w = &v.Inputs[i]
		}
	}
	if w == nil {
		return ""
	}
	return judge.Percent(w.Change) + " " + w.Input
}

// duration is a time span as people say it.
func duration(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// printEffects lists comparisons, one a line.
func printEffects(w io.Writer, head string, effects []pipeline.Effect) {
	if len(effects) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", head)
	for _, e := range effects {
		name := e.Input
		if name == "" {
			name = e.Metric
		}
		fmt.Fprintf(w, "  %s %s → %s  %s %s  %d rounds  CV %s %s\n", pad(name, 24), left(judge.Quantity(e.Baseline, e.Unit), 10),
			left(judge.Quantity(e.Candidate, e.Unit), 10), left(judge.Percent(e.Change), 9), pad(judge.Interval(e.Lo, e.Hi), 18), e.Rounds,
			judge.Share(e.CV), printable(e.Note))
	}
}
