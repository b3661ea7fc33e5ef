// Package message writes what people are told while they are elsewhere: a few lines of plain text when a baseline or an
// experiment is complete, when something is found or breaks, and at the end (workflow 7.2 and 7.3). A report in, text
// out. It does not know who is told, by which way, or whether: a text that is "" is not to be sent.
package message

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// Bounds on texts from outside, in characters. With them a message stays below the 3,000 that Slack shows, and what
// others wrote cannot push out what bench says.
const (
	maxName  = 120
	maxLine  = 300
	maxError = 1500
	maxLines = 20 // of an error
)

// Significant findings improve the primary metric by more than this (workflow 7.2).
const significant = 0.10

const rule = "━━━━━━━━━━━━━━━━━━━━━━━"

// Messages writes messages about one report. Dashboard is where the report is served, "" where that is not known.
type Messages struct {
	Report    *report.Report
	Dashboard string
}

// Baseline says that the baseline is complete; "" while it is not.
func (m Messages) Baseline() string {
	r, p := m.Report, m.Report.Baseline.Primary()
	if p == nil {
		return ""
	}
	u := report.UnitFor(p.Unit, p.Centre)
	d := &doc{}
	d.head("Baseline Complete")
	d.line("Name: %s", line(r.Project, maxName))
	result := fmt.Sprintf("%s %s", line(p.Metric, maxName), u.Text(p.Centre))
	if p.Lo.Known() && p.Hi.Known() {
		result += fmt.Sprintf(" [%s, %s]", u.Plain(p.Lo), u.Plain(p.Hi))
	}
	d.line("Result: %s", line(result, maxLine))
	if cv := r.Baseline.MaxCV; cv.Known() {
		sign := "✅"
		if r.Criteria.MaxCV.Known() && cv > r.Criteria.MaxCV {
			sign = "⚠️"
		}
		d.line("Noise: CV %s on the worst input, at most %s %s", report.Share(cv, 1), report.Threshold(r.Criteria.MaxCV), sign)
	}
	d.line("Runs: %d on each of %s", r.Baseline.Runs, count(len(r.Inputs), "input"))
	return m.end(d)
}

// Experiment says what came of an experiment; "" while it is not decided.
func (m Messages) Experiment(id string) string {
	x := m.Report.Experiment(id)
	if x == nil || x.Verdict == "" {
		return ""
	}
	return m.experiment(x, fmt.Sprintf("Experiment %s Complete", x.ID))
}

// Significant says that an experiment found more than 10 % (workflow 7.2); "" when it did not. A finding is what is kept
// or may be, and what the whole interval says is an improvement: the change of a wrong or a noisy one is none.
func (m Messages) Significant(id string) string {
	x := m.Report.Experiment(id)
	if x == nil || !Finding(x) {
		return ""
	}
	return m.experiment(x, fmt.Sprintf("Experiment %s: Significant Finding", x.ID))
}

// Finding says whether an experiment is worth a message of its own.
func Finding(x *report.Experiment) bool {
	e := x.Effect
	if e == nil || x.Verdict != string(pipeline.Keep) && x.Verdict != string(pipeline.Maybe) {
		return false
	}
	sure := e.Exact || e.Hi < 0
	if e.Better == pipeline.Higher {
		sure = e.Exact || e.Lo > 0
	}
	return sure && e.Change.Known() && e.Improvement() > significant
}

func (m Messages) experiment(x *report.Experiment, title string) string {
	d := &doc{}
	d.head(title)
	name := line(x.Title, maxName)
	if of := line(strings.Join(x.Members, " + "), maxName); x.Compound && of != "" && of != name {
		name += " (" + of + ")"
	}
	d.line("Name: %s", name)
	if e := x.Effect; e == nil || !e.Change.Known() {
		d.line("Result: none (%s)", or(line(x.Reason, maxLine), "nothing was compared"))
	} else {
		d.effect(e)
		d.line("Improvement: %s %s", e.Text(m.Report.Criteria.Maybe), Sign(x.Verdict))
	}
	status := line(x.Status, maxName)
	if x.Effect != nil && x.Verdict != string(pipeline.Keep) && x.Reason != "" {
		status += " – " + line(x.Reason, maxLine) // without an effect, it stands for the result
	}
	d.line("Status: %s", status)
	return m.end(d)
}

// effect is the seed's line: the result and, for comparison, the baseline.
func (d *doc) effect(e *report.Effect) {
	u := report.UnitFor(e.Unit, e.Baseline)
	d.line("Result: %s", line(fmt.Sprintf("%s (baseline: %s)", u.Text(e.Result()), u.Text(e.Baseline)), maxLine))
}

// Error says that something broke. The text is bench's own; of a long one the first lines are told.
func (m Messages) Error(text string) string {
	d := &doc{}
	d.head("Error")
	d.line("Name: %s", line(m.Report.Project, maxName))
	d.line("Error: %s", or(block(text, maxError), "it says nothing"))
	return m.end(d)
}

// Done says that nothing more will be run, and what was reached; "" while something is left.
func (m Messages) Done() string {
	r := m.Report
	o := &r.Overview
	if !o.Decided() {
		return ""
	}
	d := &doc{}
	if o.Status == report.Stopped {
		d.head("Stopped")
	} else {
		d.head("All Experiments Complete")
	}
	d.line("Name: %s", line(r.Project, maxName))
	m.best(d)
	d.line("Status: %s", or(counts(o.Counts), "nothing was tried"))
	if o.Why != "" {
		d.line("Why: %s", line(o.Why, maxLine))
	}
	d.line("Measured: %s", report.Span(o.SpentS))
	return m.end(d)
}

// best is the best kept state of the code.
func (m Messages) best(d *doc) {
	r, b := m.Report, m.Report.Overview.Best
	x := (*report.Experiment)(nil)
	if b != nil {
		x = r.Experiment(b.ID)
	}
	if x == nil || x.Effect == nil {
		d.line("Result: as the baseline, nothing was kept")
		return
	}
	u := report.UnitFor(b.Unit, b.Baseline)
	d.line("Result: %s", line(fmt.Sprintf("%s (baseline: %s) with %s", u.Text(b.Final), u.Text(b.Baseline), strings.Join(b.Members, " + ")), maxLine))
	d.line("Improvement: %s %s", x.Effect.Text(r.Criteria.Maybe), Sign(x.Verdict))
}

// end is what every message ends with.
func (m Messages) end(d *doc) string {
	r := m.Report
	if why := r.Overview.Distrust; why != "" {
		d.line("⚠️ Not to be trusted: %s", line(why, maxLine))
	}
	d.line("%s", rule)
	d.line("Progress: %d/%d experiments", r.Overview.Done, r.Overview.Total)
	if m.Dashboard != "" {
		d.line("Dashboard: %s", line(m.Dashboard, maxLine))
	}
	return strings.TrimSuffix(d.String(), "\n")
}

// Sign is a verdict's sign behind a change.
func Sign(verdict string) string {
	switch pipeline.VerdictKind(verdict) {
	case pipeline.Keep:
		return "✅"
	case pipeline.Maybe:
		return "🟡"
	case pipeline.Inconclusive:
		return "❔"
	}
	return "❌"
}

// counts is "3 KEEP, 1 MAYBE".
func counts(of map[string]int) string {
	var names, out []string
	for _, k := range pipeline.VerdictKinds() {
		names = append(names, string(k))
	}
	for _, s := range append(names, report.StatusRunning, report.StatusPending, report.StatusSkipped) {
		if n := of[s]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(out, ", ")
}

// doc is a message being written.
type doc struct{ strings.Builder }

func (d *doc) line(format string, args ...any) {
	fmt.Fprintf(d, format, args...)
	d.WriteByte('\n')
}

// head begins every message alike (workflow 7.3), so that people can filter by it.
func (d *doc) head(title string) { d.line("🔬 [Benchmark] %s\n%s", title, rule) }

// line is a text from outside as a part of a line: no name can begin a line of its own and say what bench did not.
func line(s string, most int) string {
	return cut(strings.Join(strings.Fields(report.Clean(s)), " "), most)
}

// block is a text from outside of several lines. They are set in, so that none can be taken for one of bench's.
func block(s string, most int) string {
	lines := strings.Split(cut(strings.TrimSpace(report.Clean(s)), most), "\n")
	if len(lines) > maxLines {
		lines = append(lines[:maxLines], "…")
	}
	return strings.Join(lines, "\n  ")
}

// cut leaves the first characters of a text and says so.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
