package html

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/chart"
	"github.com/benchfile/bench/render/markdown"
)

// functions are what templates may call. Those that yield template.HTML hold markup that this package or render/chart
// made, with every text in it escaped; nothing else is let through.
func functions() template.FuncMap {
	return template.FuncMap{
		"trend":    func(r *report.Report) template.HTML { return template.HTML(chart.Trend(r, "")) },
		"baseline": func(r *report.Report) template.HTML { return template.HTML(chart.Baseline(r)) },
		"ladder":   func(r *report.Report) template.HTML { return template.HTML(chart.Ladder(r)) },
		"matrix":   func(r *report.Report) template.HTML { return template.HTML(chart.Matrix(r)) },
		"runs":     func(r *report.Report, x *report.Experiment) template.HTML { return template.HTML(chart.Inputs(r, x)) },
		"order":    order,
		"ecdf": func(r *report.Report, x *report.Experiment) template.HTML {
			return template.HTML(chart.Distributions(r, x))
		},
		"cell":     func(f chart.Forest, x *report.Experiment) template.HTML { return template.HTML(f.Cell(x)) },
		"axis":     func(f chart.Forest) template.HTML { return template.HTML(f.Head()) },
		"sign":     func(x *report.Experiment) template.HTML { return template.HTML(chart.Sign(x)) },
		"class":    chart.Class,
		"diff":     diff,
		"markdown": prose,

		"percent":   func(n report.Number) string { return report.Percent(float64(n), 1) },
		"change":    func(r *report.Report, e *report.Effect) string { return e.ChangeText(r.Criteria.Maybe) },
		"interval":  func(e *report.Effect) string { return e.IntervalText() },
		"effect":    func(r *report.Report, e *report.Effect) string { return e.Text(r.Criteria.Maybe) },
		"p":         report.PText,
		"share":     report.Share,
		"threshold": report.Threshold,
		"quantity":  report.Quantity,
		"span":      report.Span,
		"size":      report.Size,
		"commit":    report.ShortCommit,
		"number":    func(v float64) report.Number { return report.Number(v) },
		"known":     func(n report.Number) bool { return n.Known() },
		"result":    result,
		"value":     func(r *report.Report, x *report.Experiment) string { return sortable(markdown.Value(r, x)) },
		"sortable":  sortable,
		"worst":     worst,
		"worstOf":   worstOf,
		"spread":    spread,
		"of":        samplesOf,
		"others":    func(b *report.Baseline) []report.Sample { return b.Overall[min(1, len(b.Overall)):] },
		"link":      func(r *report.Report, id string) string { return slug(r, id) },
		"by":        func(r *report.Report, id string) *report.Experiment { return r.Experiment(id) },
		"join":      strings.Join,
		"stamp":     stamp,
		"reproduce": func(r *report.Report, x *report.Experiment) string {
			return strings.Join(markdown.Reproduce(r, x), "\n")
		},
		"again":     again,
		"lines":     func(s string) int { return strings.Count(s, "\n") + 1 },
		"short":     func(s string) string { return s[:min(len(s), 12)] },
		"status":    status,
		"count":     count,
		"functions": functionRows,
		"beginning": beginning,
		"upto":      func(rules []report.Rule) []report.Rule { return rules[:decided(rules)] },
		"after":     func(rules []report.Rule) []report.Rule { return rules[decided(rules):] },
	}
}

// order draws the runs of an experiment, or of the baseline when there is none.
func order(r *report.Report, x *report.Experiment) template.HTML {
	if x == nil {
		return template.HTML(chart.Order(r, r.Baseline.Order, ""))
	}
	return template.HTML(chart.Order(r, x.Order, chart.Class(x)))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// sortable is a number for data-sort: "" sorts last.
func sortable(n report.Number) string {
	if !n.Known() {
		return ""
	}
	return fmt.Sprintf("%.9g", float64(n))
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

// functionRow is a function's own share before and after.
type functionRow struct {
	Name          string
	Before, After report.Number
	Points        string
}

// functionRows sets the candidate's profile beside the baseline's; a function that only one of them lists has no value
// in the other, since lists are cut.
func functionRows(r *report.Report, x *report.Experiment) []functionRow {
	var out []functionRow
	at := map[string]int{}
	add := func(p *report.Profile, set func(*functionRow, report.Number)) {
		if p == nil {
			return
		}
		for _, f := range p.Top {
			i, ok := at[f.Name]
			if !ok {
				i = len(out)
				at[f.Name] = i
				out = append(out, functionRow{Name: f.Name, Before: report.None(), After: report.None(), Points: "–"})
			}
			set(&out[i], f.Share)
		}
	}
	add(x.Profile, func(w *functionRow, v report.Number) { w.After = v })
	if b := r.Baseline.Profile; b != nil && x.Profile != nil && b.TopOf == x.Profile.TopOf {
		add(b, func(w *functionRow, v report.Number) { w.Before = v })
	}
	for i := range out {
		if d := out[i].After - out[i].Before; d.Known() {
			out[i].Points = strings.TrimSuffix(report.Percent(float64(d), 1), " %")
		}
	}
	slices.SortStableFunc(out, func(a, b functionRow) int { return cmp.Compare(moved(b), moved(a)) })
	return out
}

func moved(w functionRow) float64 {
	if d := w.After - w.Before; d.Known() {
		return math.Abs(float64(d))
	}
	return 0
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

// status is the study's state in a few words.
func status(r *report.Report) string {
	o := &r.Overview
	switch o.Status {
	case report.Running:
		return fmt.Sprintf("RUNNING %d/%d", o.Done, o.Total)
	case report.Complete:
		return "COMPLETE"
	case report.Stopped:
		return fmt.Sprintf("STOPPED %d/%d", o.Done, o.Total)
	}
	if math.Max(float64(o.Total), float64(o.StepsLeft)) == 0 {
		return "NOT STARTED"
	}
	return fmt.Sprintf("PAUSED %d/%d", o.Done, o.Total)
}
