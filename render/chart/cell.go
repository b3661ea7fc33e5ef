package chart

import (
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// Forest is the scale that all effects of a report share: the cells of the experiments table and the chart of all.
type Forest struct {
	lo, hi      float64 // changes
	keep, maybe float64
	lower       bool
}

// The size of a cell.
const (
	cellWidth  = 220
	cellHeight = 24
)

// NewForest finds a scale for all effects of a report. What is more than 60 % better, or worse by more than a sixth or
// three times what is asked for, is drawn at the edge: a hopeless experiment must not flatten all others.
func NewForest(r *report.Report) Forest {
	f := Forest{keep: threshold(r.Criteria.Keep), maybe: threshold(r.Criteria.Maybe), lower: r.PrimaryMetric().Better != pipeline.Higher}
	f.lo, f.hi = -2*f.keep, f.keep
	if !f.lower {
		f.lo, f.hi = -f.keep, 2*f.keep
	}
	worst := math.Max(1./6, 3*f.keep)
	least, most := -.6, worst
	if !f.lower {
		least, most = -worst, .6
	}
	for i := range r.Experiments {
		e := r.Experiments[i].Effect
		if e == nil {
			continue
		}
		for _, n := range []report.Number{e.Change, e.Lo, e.Hi} {
			if n.Known() {
				f.lo, f.hi = math.Min(f.lo, math.Max(least, float64(n))), math.Max(f.hi, math.Min(most, float64(n)))
			}
		}
	}
	if f.lo == f.hi {
		f.lo, f.hi = -.1, .1
	}
	pad := (f.hi - f.lo) * .04
	f.lo, f.hi = f.lo-pad, f.hi+pad
	return f
}

func (f Forest) scale() scale { return scale{f.lo, f.hi, 2, cellWidth - 2} }

// zones colours what the thresholds make of a change.
func (f Forest) zones(g *svg, x scale, y0, y1 float64) {
	s := 1.0
	good, bad := f.lo, f.hi
	if !f.lower {
		s, good, bad = -1, f.hi, f.lo
	}
	g.rect("z-keep", x.at(good), y0, x.at(-s*f.keep), y1)
	g.rect("z-maybe", x.at(-s*f.keep), y0, x.at(-s*f.maybe), y1)
	g.rect("z-bad", x.at(s*f.maybe), y0, x.at(bad), y1)
}

// Defs is what cells and badges on a page refer to: the zones once, and the mark of each status once. It shows nothing.
func (f Forest) Defs() string {
	g := &svg{}
	g.p(`<svg class="bc defs" width="0" height="0" aria-hidden="true"><defs><g id="zones">`)
	f.zones(g, f.scale(), 0, cellHeight)
	x := f.scale().at(0)
	g.line("zero", x, 0, x, cellHeight)
	g.p(`</g>`)
	for _, x := range signs() {
		g.p(`<symbol id="%s" viewBox="0 0 16 16">%s</symbol>`, SignID(&x), shape(&x, "g", 8, 8, 5.5))
	}
	g.p(`</defs>`)
	return g.end()
}

// signs has one experiment of each look.
func signs() []report.Experiment {
	var out []report.Experiment
	for _, k := range pipeline.VerdictKinds() {
		out = append(out, report.Experiment{Status: string(k)})
	}
	return append(out, report.Experiment{Status: report.StatusPending}, report.Experiment{Status: string(pipeline.Discard), Slower: true})
}

// SignID names the mark of a status in Defs.
func SignID(x *report.Experiment) string {
	switch {
	case x.Slower:
		return "s-slower"
	case slices.Contains(pipeline.VerdictKinds(), pipeline.VerdictKind(x.Status)):
		return "s-" + x.Status
	}
	return "s-" + report.StatusPending
}

// Head is the axis above the column of cells.
func (f Forest) Head() string {
	g := &svg{}
	g.p(`<svg class="bc cell" viewBox="0 0 %d 16" aria-hidden="true">`, cellWidth)
	x := f.scale()
	last := math.Inf(-1)
	for _, v := range ticks(f.lo, f.hi, 6) {
		// Labels need room; zero is worth more than its neighbour.
		if near := x.at(0) - x.at(v); x.at(v)-last < 38 || near > 0 && near < 30 {
			continue
		}
		last = x.at(v)
		anchor := "middle"
		switch px := x.at(v); {
		case px < 18:
			anchor = "start"
		case px > cellWidth-18:
			anchor = "end"
		}
		g.text("tick num", anchor, x.at(v), 12, round(v))
	}
	return g.end()
}

// Cell is the interval of one experiment against the thresholds, to be read down the column. The page has to hold Defs.
func (f Forest) Cell(x *report.Experiment) string {
	g := &svg{}
	g.p(`<svg class="bc cell %s" viewBox="0 0 %d %d" aria-hidden="true"><use href="#zones"/>`, Class(x), cellWidth, cellHeight)
	f.interval(g, x, f.scale(), cellHeight/2, 5)
	return strings.ReplaceAll(g.end(), "\n", "")
}

// interval draws the change of an experiment with its ends. What lies beyond the scale ends in an arrow.
func (f Forest) interval(g *svg, x *report.Experiment, s scale, y, r float64) {
	e := x.Effect
	if e == nil || !e.Change.Known() {
		return
	}
	if e.Lo.Known() && e.Hi.Known() && !e.Exact {
		g.whisker("err", s.at(float64(e.Lo)), y, s.at(float64(e.Hi)), y)
	}
	switch c := float64(e.Change); {
	case c < f.lo:
		g.p(`<path class="g" d="M%s %sl8 -5v10z"/>`, xy(s.r0), xy(y))
	case c > f.hi:
		g.p(`<path class="g" d="M%s %sl-8 -5v10z"/>`, xy(s.r1), xy(y))
	default:
		g.p("%s", shape(x, "g", s.at(c), y, r))
	}
}

// Effects shows every measured effect with its interval, the best first. "" while there is none. links is the way to the
// experiments' pages.
func (f Forest) Effects(r *report.Report, links string) string {
	var rows []*report.Experiment
	for i := range r.Experiments {
		if e := r.Experiments[i].Effect; e != nil && e.Change.Known() {
			rows = append(rows, &r.Experiments[i])
		}
	}
	if len(rows) == 0 {
		return ""
	}
	slices.SortStableFunc(rows, func(a, b *report.Experiment) int {
		switch x, y := a.Effect.Improvement(), b.Effect.Improvement(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	const width, left, right, rh = 1120.0, 310.0, 280.0, 28.0
	h := 62 + rh*float64(len(rows))
	g := open("forest", "Change of "+r.PrimaryMetric().Name+" by experiment, with intervals",
		"The best first. Green: large enough to keep. Yellow: promising. Red: worse.", width, h, true)
	x, y0, y1 := scale{f.lo, f.hi, left, width - right}, 26.0, h-34
	f.zones(g, x, y0, y1)
	for _, v := range ticks(f.lo, f.hi, 8) {
		g.line("grid", x.at(v), y0, x.at(v), y1)
		g.text("tick num", "middle", x.at(v), y1+15, round(v))
	}
	g.line("zero", x.at(0), y0, x.at(0), y1)
	f.words(g, x)
	for i, w := range rows {
		y := y0 + rh*(float64(i)+.5)
		g.p(`<a class="%s" href="%s"><title>%s</title>`, Class(w), esc(links+"experiments/"+w.Slug+".html"), esc(tip(r, w)))
		g.text("lab", "end", left-14, y+4, cut(w.ID+"  "+w.Title, left-24))
		f.interval(g, w, x, y, 6)
		g.text("lab num strong", "end", width-right+76, y+4, percent(float64(w.Effect.Change), report.Digits(w.Effect.Lo, w.Effect.Hi)))
		g.text("tick num", "end", width-right+164, y+4, w.Effect.IntervalText())
		g.text("word", "end", width-4, y+4, w.Status)
		g.p(`<rect class="hit" x="0" y="%s" width="%s" height="%s"/></a>`, xy(y-rh/2+1), xy(width), xy(rh-2))
	}
	g.text("axis", "middle", (x.r0+x.r1)/2, h-3, "change against the baseline")
	return g.end()
}

// words name the zones above them.
func (f Forest) words(g *svg, x scale) {
	s, good, bad := -1.0, x.r0, x.r1
	if !f.lower {
		s, good, bad = 1, x.r1, x.r0
	}
	g.text("tick", "middle", (good+x.at(s*f.keep))/2, 18, "KEEP")
	g.text("tick", "middle", (bad+x.at(-s*f.maybe))/2, 18, "worse")
}

// tip is an experiment in a line.
func tip(r *report.Report, x *report.Experiment) string {
	t := x.ID + " " + x.Title + ": " + x.Status
	if x.Effect != nil && x.Effect.Change.Known() {
		t += ", " + x.Effect.Text(r.Criteria.Maybe)
	}
	return t
}
