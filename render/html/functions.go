package html

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/chart"
	"github.com/benchfile/bench/render/markdown"
)

// functions are what templates may call. Those that yield template.HTML hold markup that this package or render/chart
// made, with every text in it escaped; nothing else is let through.
func functions() template.FuncMap {
	return template.FuncMap{
		"defs":     func(f chart.Forest) template.HTML { return markup(f.Defs()) },
		"cell":     func(f chart.Forest, x *report.Experiment) template.HTML { return markup(f.Cell(x)) },
		"axis":     func(f chart.Forest) template.HTML { return markup(f.Head()) },
		"bar":      func(moved, most report.Number) template.HTML { return markup(chart.Bar(moved, most)) },
		"sign":     chart.SignID,
		"class":    chart.Class,
		"markdown": prose,

		"percent":    func(n report.Number) string { return report.Percent(float64(n), 1) },
		"points":     func(n report.Number) string { return strings.TrimSuffix(report.Percent(float64(n), 1), " %") },
		"change":     func(r *report.Report, e *report.Effect) string { return e.ChangeText(r.Criteria.Maybe) },
		"interval":   func(e *report.Effect) string { return e.IntervalText() },
		"effect":     func(r *report.Report, e *report.Effect) string { return e.Text(r.Criteria.Maybe) },
		"p":          report.PText,
		"share":      report.Share,
		"threshold":  report.Threshold,
		"quantity":   report.Quantity,
		"span":       report.Span,
		"size":       report.Size,
		"commit":     report.ShortCommit,
		"number":     func(v float64) report.Number { return report.Number(v) },
		"known":      func(n report.Number) bool { return n.Known() },
		"result":     result,
		"value":      func(r *report.Report, x *report.Experiment) string { return sortable(markdown.Value(r, x)) },
		"sortable":   sortable,
		"worst":      worst,
		"worstOf":    worstOf,
		"spread":     spread,
		"of":         samplesOf,
		"link":       slug,
		"by":         func(r *report.Report, id string) *report.Experiment { return r.Experiment(id) },
		"join":       strings.Join,
		"stamp":      stamp,
		"short":      func(s string) string { return s[:min(len(s), 12)] },
		"count":      count,
		"beginning":  beginning,
		"upto":       func(rules []report.Rule) []report.Rule { return rules[:decided(rules)] },
		"after":      func(rules []report.Rule) []report.Rule { return rules[decided(rules):] },
		"pair":       func(r *report.Report, e report.Effect) limited { return limited{&e, limitOf(r, e.Metric)} },
		"pastChange": pastChange,
		"named":      func(name string, past []report.Past) sessions { return sessions{name, past} },
		"drifts":     drifts,
		"machines":   machines,

		"hero":        hero,
		"level":       level,
		"levels":      levels,
		"status":      status,
		"statusClass": statusClass,
		"interrupted": interrupted,
		"kinds":       kinds,
		"chips":       chips,
		"tokens":      tokens,
		"rank":        rank,
		"why":         why,

		"lost":     lost,
		"broken":   broken,
		"crashed":  crashed,
		"outputs":  outputs,
		"copyable": func(id, text string) copyable { return copyable{id, text} },
		"again":    again,
		"reproduce": func(r *report.Report, x *report.Experiment) string {
			return strings.Join(markdown.Reproduce(r, x), "\n")
		},
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// sortable is a number for data-s: "" sorts last.
func sortable(n report.Number) string {
	if !n.Known() {
		return ""
	}
	return fmt.Sprintf("%.6g", float64(n))
}

func result(r *report.Report, x *report.Experiment) string {
	if x.Effect == nil || !x.Effect.Change.Known() {
		return "–"
	}
	v := markdown.Value(r, x)
	ref := v
	if p := r.Baseline.Primary(); p != nil {
		ref = p.Centre // one unit for the whole column
	}
	return report.UnitFor(x.Effect.Unit, ref).Text(v)
}

// worstOf is the input that fared worst; nil when there is none.
func worstOf(x *report.Experiment) *report.Effect {
	var out *report.Effect
	for i := range x.Inputs {
		e := &x.Inputs[i]
		if e.Change.Known() && (out == nil || e.Improvement() < out.Improvement()) {
			out = e
		}
	}
	return out
}

func worst(x *report.Experiment) report.Number {
	if e := worstOf(x); e != nil {
		return e.Change
	}
	return report.None()
}

// spread is "262.1 … 263.9 s" in the unit of the value that it belongs to.
func spread(s report.Sample) string {
	if !s.Lo.Known() || !s.Hi.Known() {
		return "too few runs"
	}
	u := report.UnitFor(s.Unit, s.Centre)
	return u.Plain(s.Lo) + " … " + u.Text(s.Hi)
}

func samplesOf(b *report.Baseline, metric string) []report.Sample {
	var out []report.Sample
	for _, s := range b.Samples {
		if s.Metric == metric {
			out = append(out, s)
		}
	}
	return out
}

func slug(r *report.Report, id string) string {
	if x := r.Experiment(id); x != nil {
		return "experiments/" + x.Slug + ".html"
	}
	return ""
}

// limited is an effect with the worst that is tolerated of its metric.
type limited struct {
	Effect *report.Effect
	Limit  report.Number
}

func limitOf(r *report.Report, metric string) report.Number {
	for _, m := range r.Metrics {
		if m.Name == metric {
			return m.Limit
		}
	}
	return report.None()
}

func pastChange(p report.Past) string {
	if !p.Change.Known() {
		return "–"
	}
	e := report.Effect{Change: p.Change, Lo: p.ChangeLo, Hi: p.ChangeHi}
	return e.Text(0)
}

// sessions are a table of them, with a name of its own for those who don't see it.
type sessions struct {
	Name string
	Past []report.Past
}

// hero is what the overview begins with: what is confirmed, else the best that was kept.
func hero(o report.Overview) *report.Best {
	if o.Confirmed != nil {
		return o.Confirmed
	}
	return o.Best
}

// level says since when the baseline has been at another level than in earlier sessions; nil when it is not.
func level(r *report.Report) *levelChange {
	l := r.Level()
	if l == nil {
		return nil
	}
	m := r.PrimaryMetric()
	return &levelChange{l.Worse, report.LevelText(l, m.Name, m.Unit)}
}

// levelChange is a change of the baseline's level in words.
type levelChange struct {
	Worse bool
	Text  string
}

func levels(r *report.Report) []levelChange {
	var out []levelChange
	m := r.PrimaryMetric()
	for i := range r.Levels {
		out = append(out, levelChange{r.Levels[i].Worse, report.LevelText(&r.Levels[i], m.Name, m.Unit)})
	}
	return out
}

// driftRow is a Drift in one unit.
type driftRow struct {
	report.Drift
	FirstText, SecondText string
}

func drifts(r *report.Report, runs []report.Run, arm string) []driftRow {
	var out []driftRow
	for _, d := range report.Drifts(r, runs, arm) {
		u := report.UnitFor(r.PrimaryMetric().Unit, d.First)
		out = append(out, driftRow{d, u.Text(d.First), u.Text(d.Second)})
	}
	return out
}

// shownLines is how much of a profile a page shows; the whole of it is in profile.txt.
const shownLines = 200

// beginning is the first lines of a text, and how many there are beyond them.
func beginning(s string) string {
	at := 0
	for range shownLines {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			return s
		}
		at += i + 1
	}
	if left := strings.Count(s[at:], "\n"); left > 0 {
		return fmt.Sprintf("%s… %s in profile.txt", s[:at], count(left, "more line"))
	}
	return s
}

// decided is how many rules there are up to the one that decided; all of them when none did.
func decided(rules []report.Rule) int {
	if i := slices.IndexFunc(rules, func(r report.Rule) bool { return r.Decided }); i >= 0 {
		return i + 1
	}
	return len(rules)
}

// count is "1 file", "3 files".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// again are the commands that measure the whole study again.
func again(r *report.Report) string {
	var out []string
	if r.Session.Commit != "" {
		out = append(out, "git checkout "+r.Session.Commit)
	}
	return strings.Join(append(out, "bench plan", "bench apply"), "\n")
}

// interrupted says whether something was done, something is left, and nothing runs.
func interrupted(r *report.Report) bool {
	return r.Overview.Status == report.Paused && r.Plan.StepsDone > 0
}

// status is the study's state in a few words.
func status(r *report.Report) string {
	o := &r.Overview
	text := map[string]string{report.Running: "RUNNING", report.Complete: "COMPLETE", report.Stopped: "STOPPED", report.Paused: "NOT STARTED"}[o.Status]
	if interrupted(r) || r.Live != nil && r.Live.Phase == report.PhaseInterrupted {
		text = "INTERRUPTED"
	}
	if o.Distrust != "" {
		text = "SUSPICIOUS, " + text
	}
	if o.Total > 0 && text != "NOT STARTED" {
		text += fmt.Sprintf(" %d/%d", o.Done, o.Total)
	}
	return text
}

// statusClass gives the status its colour.
func statusClass(r *report.Report) string {
	switch {
	case r.Overview.Distrust != "":
		return "suspicious"
	case interrupted(r):
		return "interrupted"
	}
	return r.Overview.Status
}

// kinds counts what is not kept: "1 maybe, 7 not".
func kinds(r *report.Report) string {
	o := &r.Overview
	maybe, kept := o.Counts[string(pipeline.Maybe)], o.Counts[string(pipeline.Keep)]
	var parts []string
	if maybe > 0 {
		parts = append(parts, fmt.Sprintf("%d maybe", maybe))
	}
	if not := o.Done - kept - maybe; not > 0 {
		parts = append(parts, fmt.Sprintf("%d not", not))
	}
	if len(parts) == 0 {
		return "of what is decided"
	}
	return strings.Join(parts, ", ")
}

// slower is the token of a DISCARD whose whole interval is on the bad side.
const slower = "slower"

// chip is a button that shows experiments of one kind only.
type chip struct {
	Token string
	N     int
}

// chips are the kinds that there are, in the order in which people care about them.
func chips(r *report.Report) []chip {
	var out []chip
	order := []string{}
	for _, k := range pipeline.VerdictKinds() {
		order = append(order, string(k))
	}
	for _, s := range append(order, report.StatusRunning, report.StatusPending, report.StatusSkipped) {
		if n := r.Overview.Counts[s]; n > 0 {
			out = append(out, chip{s, n})
		}
	}
	n := 0
	for i := range r.Experiments {
		if r.Experiments[i].Slower {
			n++
		}
	}
	if n > 0 {
		out = append(out, chip{slower, n})
	}
	return out
}

// tokens are the kinds that an experiment is of.
func tokens(x *report.Experiment) string {
	if x.Slower {
		return x.Status + " " + slower
	}
	return x.Status
}

// rank orders statuses in the table: verdicts as people care about them, then what is not decided.
func rank(x *report.Experiment) int {
	if i := slices.Index(pipeline.VerdictKinds(), pipeline.VerdictKind(x.Status)); i >= 0 {
		return i
	}
	return 9
}

// why is the reason of a verdict that is not KEEP, for the table: of what is kept the numbers beside it say it.
func why(x *report.Experiment) string {
	if x.Status == string(pipeline.Keep) {
		return ""
	}
	return x.Reason
}
