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

// verdictTable writes one line for each experiment and, below it, what was reached in all.
func (a *app) verdictTable(w io.Writer, s *pipeline.Study, p *plan.Plan) {
	if len(p.Experiments) == 0 {
		return
	}
	sg, on := a.signs(), a.colour(w)
	name := 20
	for _, x := range p.Experiments {
		name = max(name, min(32, utf8.RuneCountInString(label(&x))))
	}
	fmt.Fprintf(w, "  %-4s %s  %9s  %-18s %-7s %-18s %s\n", "#", pad("experiment", name), "change", "interval", "p", "worst input", "verdict")
	byNumber := slices.SortedFunc(slices.Values(p.Experiments), func(x, y plan.Experiment) int { return x.Variant.Number - y.Variant.Number })
	for i := range byNumber {
		x := &byNumber[i]
		fmt.Fprintf(w, "  %03d  %s  %s\n", x.Variant.Number, pad(label(x), name), a.verdictCells(x, sg, on))
	}
	fmt.Fprintln(w, "  "+strings.Repeat(sg.rule, min(width(w), name+76)-2))
}

// label is what an experiment is called on the screen.
func label(x *plan.Experiment) string {
	if x.Variant.Title != "" {
		return printable(x.Variant.Title)
	}
	return x.Variant.Name
}

// verdictCells are the columns after the name.
func (a *app) verdictCells(x *plan.Experiment, sg signs, on bool) string {
	v := x.Verdict
	if v == nil {
		text := pad(printable(x.Why), 58)
		return fmt.Sprintf("%s %s", paint(on, faint, text), paint(on, faint, string(x.State)))
	}
	mark := paint(on, verdictColour(v.Kind), sg.verdict[v.Kind]+" "+string(v.Kind))
	if v.Effect == nil || v.Kind == pipeline.Failed || v.Kind == pipeline.Reject || v.Kind == pipeline.Kill {
		return fmt.Sprintf("%s %s", pad(printable(v.Reason), 58), mark)
	}
	e := v.Effect
	return fmt.Sprintf("%9s  %-18s %-7s %-18s %s", judge.Percent(e.Change), judge.Interval(e.Lo, e.Hi), pvalue(e), pad(worst(v), 18), mark)
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
